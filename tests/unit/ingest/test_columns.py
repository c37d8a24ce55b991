"""A field says a duration, a moment, an amount or a name by a pattern, or says why not."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcas.errors import SettingError
from kcas.ingest.columns import Unreadable, amount, duration, matching, name
from kcas.ingest.moments import MISSING, form, moments

EPOCH = datetime.fromisoformat("1970-01-01")


@pytest.mark.parametrize(
    ("written", "text", "seconds"),
    [
        ("s", "187", 187), ("s", "3.5", 3.5), ("s", " 12 ", 12), ("s", "0", 0), ("s", "-0", 0),
        ("ms", "187250", 187.25), ("min", "1.5", 90),
        ("m:ss", "3:07", 187), ("m:ss", "03:07", 187), ("m:ss", "125:00", 7500),
        ("h:mm:ss", "0:03:07", 187), ("h:mm:ss", "17:03:57", 61437),
    ],
)  # fmt: skip
def test_a_duration_is_seconds_whatever_its_form(written: str, text: str, seconds: float) -> None:
    assert duration(text, form=written) == seconds


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("m:ss", "3:7o"), ("m:ss", "3:60"), ("m:ss", "3"), ("m:ss", "1:02:03"), ("s", "nan"), ("s", "inf"),
        ("s", "1_000"), ("s", "１２"), ("s", "1e3"), ("s", "+5"), ("s", "0x10"), ("s", ""), ("s", "1,5"), ("s", "1 2"),
        ("h:mm:ss", "24"), ("h:mm:ss", "0:60:00"),
    ],
)  # fmt: skip
def test_what_is_no_duration_is_said_with_its_text_and_what_was_expected(written: str, text: str) -> None:
    with pytest.raises(Unreadable, match=r"is not a duration. Expected"):
        duration(text, form=written)


def test_the_message_is_the_one_promised() -> None:
    with pytest.raises(Unreadable) as raised:
        duration("3:7o", form="m:ss")
    assert str(raised.value) == (
        'text of the form "9:9a" (4 characters) is not a duration. Expected minutes and seconds, like "3:07".'
    )


def test_a_negative_duration_and_one_of_months_are_refused() -> None:
    for text, words in [("-5", "negative"), ("99999999", "longer than 31 days"), ("1479859200", "longer than 31 days")]:
        with pytest.raises(Unreadable, match=words):
            duration(text, form="s")


@pytest.mark.parametrize("text", ["-1", "nan", "1,087", "", "1e5", "９", "9999999999999"])
def test_an_amount_is_a_plain_number(text: str) -> None:
    assert amount(" 1087 ") == 1087
    with pytest.raises(Unreadable, match="not an amount"):
        amount(text)


@pytest.mark.parametrize("text", ["", "   ", "x" * 101, "a\x07b", "\u202eevil", "a\u200bb", "tab\tbed", "\x1b[31m"])
def test_a_name_that_cannot_be_seen_is_refused(text: str) -> None:
    assert name(" Adults & children\xa0(day) ") == "Adults & children (day)"
    with pytest.raises(Unreadable):
        name(text)


@pytest.mark.parametrize("text", ["07700 900123", "+44 7700 900123", "01622123456", "(01622) 123-456"])
def test_a_message_never_shows_what_may_be_a_callers_number(text: str) -> None:
    with pytest.raises(Unreadable) as raised:
        duration(text, form="m:ss")
    assert text not in str(raised.value)
    assert f"({len(text)} characters) is not a duration" in str(raised.value)


@pytest.mark.parametrize(
    ("written", "text", "expected"),
    [
        ("YYYY-MM-DD hh:mm:ss", "2026-11-23 09:08:07", "2026-11-23 09:08:07"),
        ("YYYY-MM-DDTHH:MM:SS.fffZ", "2026-11-23T09:08:07.250Z", "2026-11-23 09:08:07.25"),
        ("DD/MM/YYYY HH:MM", "05/04/2026 23:59", "2026-04-05 23:59"),
        ("D/M/YYYY H:mm", "5/4/2026 9:05", "2026-04-05 09:05"),
        ("YYMMDD", "990402", "1999-04-02"),
        ("YYMMDD", "260402", "2026-04-02"),
        ("DD-Mon-YY", "02-APR-99", "1999-04-02"),
        ("Mon-YY", "Apr-15", "2015-04-01"),
        ("h:mm:ss", "9:08:07", "1970-01-01 09:08:07"),
        ("MM/DD/YYYY hh:mm:ss AM", "04/05/2026 12:30:00 AM", "2026-04-05 00:30"),
        ("MM/DD/YYYY hh:mm:ss AM", "04/05/2026 01:30:00 pm", "2026-04-05 13:30"),
        ("epoch s", "1717397259", "2024-06-03 06:47:39"),
        ("epoch s", "1717397259.5", "2024-06-03 06:47:39.5"),
        ("epoch ms", "1717397259250", "2024-06-03 06:47:39.25"),
    ],
)
def test_a_moment_is_read_by_its_form(written: str, text: str, expected: str) -> None:
    assert EPOCH + timedelta(microseconds=form(written, where="x")(text)) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("YYYY-MM-DD", "2026-02-30"), ("YYYY-MM-DD", "2026-13-01"), ("YYYY-MM-DD", "26-01-01"),
        ("hh:mm:ss", "24:00:00"), ("hh:mm:ss", "9:00:00"), ("YYMMDD", "９９0402"), ("epoch s", "1e9"),
        ("epoch s", "-5"),
        ("YYYY-MM-DD hh:mm AM", "2026-01-01 13:00 PM"), ("Mon-YY", "Foo-15"), ("YYYY-MM-DD", "0000-01-01"),
    ],
)  # fmt: skip
def test_a_day_there_never_was_is_not_read(written: str, text: str) -> None:
    with pytest.raises(Unreadable):
        form(written, where="x")(text)


@pytest.mark.parametrize("written", ["", "hello", "YYYY-YYYY-MM", "DD hh:mm", "MM-DD"])
def test_a_form_that_tells_no_moment_is_refused_when_it_is_declared(written: str) -> None:
    with pytest.raises(SettingError, match="not a form for moments"):
        form(written, where="x.toml, format")


LETTERS = st.text("0123456789-: /xé", max_size=20)


@settings(deadline=None)
@given(
    st.lists(st.one_of(LETTERS, st.datetimes(EPOCH, EPOCH.replace(year=2099)).map(lambda d: f"{d:%Y-%m-%d %H:%M:%S}"),
                       st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", fullmatch=True)))
)  # fmt: skip
def test_reading_many_moments_at_once_says_what_the_parser_says_of_each(texts: list[str]) -> None:
    written = form("YYYY-MM-DD hh:mm:ss", where="x")
    found, faults = moments(pa.array(texts, pa.string()), written)
    for row, text in enumerate(texts):
        try:
            assert (written(text), None) == (found[row], faults.get(row))
        except Unreadable as reason:
            assert (MISSING, str(reason)) == (found[row], faults[row])  # noqa: PT017  (both outcomes are compared)


def test_a_column_matches_texts_without_their_surrounding_spaces() -> None:
    texts = pa.array([" TT", "PS", "", "  "])
    assert matching(texts, ["TT"]).tolist() == [True, False, False, False]
    assert matching(texts, ["*"]).tolist() == [True, True, False, False]
    assert matching(texts, [""]).tolist() == [False, False, True, True]
    assert np.array_equal(matching(texts.dictionary_encode(), ["PS"]), matching(texts, ["PS"]))
