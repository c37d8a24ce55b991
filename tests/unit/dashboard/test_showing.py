"""Is text shown as text, whatever a log wrote?"""

import pytest

from kcas.dashboard.display import plain


@pytest.mark.parametrize(
    ("log", "shown"),
    [
        ("![x](http://x.invalid/a.png)", "\\!\\[x\\]\\(http:\u2060//x\\.invalid/a\\.png\\)"),
        (":material/home:", ":\u2060material/home:\u2060"),
        (":100:", ":\u2060100:\u2060"),
        (":red[x]", ":\u2060red\\[x\\]"),
        ("$x$ `y` **z**", "\\$x\\$ \\`y\\` \\*\\*z\\*\\*"),
        ("www.x.invalid", "www\\.x\\.invalid"),
        ("a\n# b", "a \\# b"),
        ("Mon 1 Mar 1999, 10:30", "Mon 1 Mar 1999, 10:30"),
    ],
)
def test_nothing_in_a_text_means_anything_to_markdown(log: str, shown: str) -> None:
    assert plain(log) == shown
