"""Numbers in names are masked, dates stay readable, and a message shows the shape of a text and nothing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcas.ingest.masking import masked, shape


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Desk 01632 960 123", "Desk ######"),
        ("Desk +44 1632 960123 (day)", "Desk ###### (day)"),
        ("(01632) 960-123", "######"),
        ("020 7946 0123", "######"),
        ("020 2010 2020", "######"),  # groups that look like years, in a number that is none
        ("VDN 5551234", "VDN ######"),
        ("960123", "######"),
        ("260301.csv", "######.csv"),  # a day without its century may be a local number
        ("calls_01632_960123.csv", "calls_######.csv"),
        ("20260301T960123", "######"),  # no such time of day
        ("20261301", "######"),  # no such month
        ("20260231", "######"),  # no such day
        ("Desk ٠١٦٣٢٩٦٠١٢٣", "Desk ######"),
        ("Desk ０１６３２９６０１２３", "Desk ######"),
        ("01632–960–123", "######"),
        ("a01632960123b", "a######b"),
        ("07700900123 and 07700900124", "###### and ######"),
        ("[01632] 960 123", "######"),
        ("01632 [960] 123", "######"),
        ("01632  -  960  -  123", "######"),
        ("01632\u200b960\u200b123", "######"),  # spaces without width
        ("01632·960·123", "######"),
        ("01632,960,123", "######"),
        ("01632;960;123", "######"),
        ("01632*960*123", "######"),
        ("01632:960:123", "######"),
        ("07:12:34:56:78", "######"),
        ("calls%2001632%20960%20123.csv", "calls%######.csv"),
    ],
)
def test_a_number_of_six_digits_or_more_is_masked_however_it_is_spaced(name: str, expected: str) -> None:
    assert masked(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "calls-20260301.csv", "queue_log.1", "queue_log-20260301.gz", "calls-20260301-093000.csv", "2026-03-01 09:30",
        "20260301T093000Z.csv", "20260301-20260331.csv", "2010-04-01/2010-04-02", "01-03-2026.csv", "01.03.2026",
        "Ward 12 2024-05-01", "2015-16", "2024-2025", "2026-03", "Team 12345", "Opening 08:00-20:00", "a1b2c3d4e5f6",
        "calls-20260301-2.csv", "", "Adults", "Monday 9:00-17:00", "Team 12 08:30 - 20:00",
        "calls 2026-03-01 09:30:00.csv", "Wards 101, 102 and 103",
    ],
)  # fmt: skip
def test_dates_times_and_short_numbers_stay_readable(name: str) -> None:
    assert masked(name) == name


@given(st.integers(0, 10**11), st.sampled_from(["", " ", "-", "."]))
def test_no_telephone_number_gets_through_whole(number: int, between: str) -> None:
    digits = f"0{number:011d}"
    text = between.join([digits[:5], digits[5:8], digits[8:]])
    assert digits not in masked(f"Desk {text} x").replace(between, "") if between else digits not in masked(text)


def test_a_shape_tells_length_and_kinds_of_letters() -> None:
    assert shape("Jane Smith") == 'text of the form "Aaaa Aaaaa" (10 characters)'
    assert shape(" 3:7o ") == 'text of the form "9:9a" (4 characters)'
    assert shape("x") == 'text of the form "a" (1 character)'
    assert shape("  ") == "an empty field"
    assert shape("y" * 90) == f'text of the form "{"a" * 40}…" (90 characters)'
    assert shape("a\x1b[31m") == 'text of the form "a?[99a" (6 characters)'


@given(st.text(max_size=60))
def test_no_letter_or_digit_of_a_text_is_in_its_shape(text: str) -> None:
    shown = shape(text).partition('"')[2].rpartition('"')[0]
    assert not set(shown) - set("aA9?…") - set(" .,:;/-+_'()[]<>@&*#%=\"|")


def test_an_uploaded_file_is_laid_down_without_the_number_in_its_name() -> None:
    from kcas.dashboard.job_requests import safe_name

    assert safe_name("C:\\calls\\desk 01632 960123 of 2026-03-01.csv") == "desk ###### of 2026-03-01.csv"
    assert safe_name("mapping-07700900123.toml") == "mapping-######.toml"
