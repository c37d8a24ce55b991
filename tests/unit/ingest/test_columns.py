"""A field says a duration, a moment, an amount or a name by a pattern, or says why not."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcas.errors import SettingError
from kcas.ingest.columns import MISSING, Unreadable, amount, duration, matching, name
from kcas.ingest.mapping_values import text_test
from kcas.ingest.moment_forms import form, month_names
from kcas.ingest.moments import moments

EPOCH = datetime.fromisoformat("1970-01-01")


@pytest.mark.parametrize(
    ("written", "text", "seconds"),
    [
        ("s", "187", 187), ("s", "3.5", 3.5), ("s", " 12 ", 12), ("s", "0", 0), ("s", "-0", 0),
        ("ms", "187250", 187.25), ("min", "1.5", 90),
        ("m:ss", "3:07", 187), ("m:ss", "03:07", 187), ("m:ss", "125:00", 7500),
        ("h:mm:ss", "0:03:07", 187), ("h:mm:ss", "17:03:57", 61437),
        ("m:ss", ":05", 5), ("m:ss", "1: 5", 65), ("[h:]mm:ss", "3:07", 187), ("[h:]mm:ss", "1:03:07", 3787),
        ("h:mm", "1:07", 4020), ("h:mm:ss", "1.02:03:04", 93784), ("h:mm:ss", "1 day, 2:03:04", 93784),
        ("h:mm:ss", "0:01:05,5", 65.5), ("s", "65,0", 65), ("s", "1,234.5", 1234.5), ("s", "1\u202f234", 1234),
        ("s", "PT1M5S", 65), ("s", "P1DT2H", 93600), ("m:ss", "1m 5s", 65), ("s", "1d 2h", 93600),
        ("s", "2 hours 5 minutes", 7500), ("ms", "250 ms", 0.25),
        ("day", "0.000752314814814815", 65), ("day", "5.78703703703704E-05", 5), ("h", "1.5", 5400),
    ],
)  # fmt: skip
def test_a_duration_is_seconds_whatever_its_form(written: str, text: str, seconds: float) -> None:
    assert duration(text, form=written) == seconds


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("m:ss", "3:7o"), ("m:ss", "3:60"), ("m:ss", "3"), ("m:ss", "1:02:03"), ("s", "nan"), ("s", "inf"),
        ("s", "1_000"), ("s", "１２"), ("s", "1e3"), ("s", "+5"), ("s", "0x10"), ("s", ""), ("s", "1,087"),
        ("s", "1 2"), ("h:mm:ss", "24"), ("h:mm:ss", "0:60:00"),
    ],
)  # fmt: skip
def test_what_is_no_duration_is_said_with_its_text_and_what_was_expected(written: str, text: str) -> None:
    with pytest.raises(Unreadable, match=r"is not a duration. Expected"):
        duration(text, form=written)


@pytest.mark.parametrize(
    ("text", "decimal", "whole", "expected"),
    [
        ("1,087", None, True, 1087), ("1,087", "point", False, 1087), ("1,087", "comma", False, 1.087),
        ("1.087", "comma", False, 1087), ("1.087", "point", False, 1.087), ("1 087", None, False, 1087),
        ("1\u202f087", None, False, 1087), ("1'087", None, False, 1087), ("1,234,567", None, False, 1234567),
        ("1.234.567", None, False, 1234567), ("1,234.5", None, False, 1234.5), ("1.234,5", None, False, 1234.5),
        ("12,5", None, False, 12.5), ("12.5", None, False, 12.5),
    ],
)  # fmt: skip
def test_thousands_and_decimals_are_told_apart(text: str, decimal: str | None, whole: bool, expected: float) -> None:
    assert amount(text, decimal=decimal, whole=whole) == expected


@pytest.mark.parametrize(("text", "whole"), [("1,087", False), ("1.087", False), ("1.087", True), ("240.500", False)])
def test_a_number_that_may_be_thousands_or_a_fraction_is_refused(text: str, whole: bool) -> None:
    with pytest.raises(Unreadable, match=r"may be thousands or a fraction\. Say decimal"):
        amount(text, whole=whole)


@pytest.mark.parametrize("text", ["020 794 600", "1.2.3", "1,08.7,1", ".5", "1,087,", "9,99,999", "12 34"])
def test_digits_that_are_grouped_as_no_number_is_are_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="not an amount"):
        amount(text, whole=True)


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


@pytest.mark.parametrize("text", ["-1", "nan", "1,08,7", "", "1e5", "９", "9999999999999"])
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
        ("epoch us", "1717397259250000", "2024-06-03 06:47:39.25"),
        ("YYYYMMDD-hhmm", "20260301-0930", "2026-03-01 09:30"),
        ("YYYY-MM-DD-hh:mm:ss", "2026-03-01-09:30:05", "2026-03-01 09:30:05"),
        ("Hmm", "0", "1970-01-01 00:00"), ("Hmm", "30", "1970-01-01 00:30"), ("Hmm", "900", "1970-01-01 09:00"),
        ("Hmm", "1330", "1970-01-01 13:30"), ("Mon YYYY", "April 2026", "2026-04-01"),
        ("D. Mon YYYY", "3. März 2026", "2026-03-03"), ("D Mon YYYY", "8 août 2026", "2026-08-08"),
        ("D-Mon-YYYY", "1-Sept.-2026", "2026-09-01"), ("D Mon YYYY", "2 PAŹDZIERNIKA 2026", "2026-10-02"),
        ("M/D/YYYY, h:mm:ss AM", "5/4/2026, 9:00:12\u202fAM", "2026-05-04 09:00:12"),
        ("D/M/YYYY h:mm AM", "5/4/2026 9:00\xa0p.\xa0m.", "2026-04-05 21:00"),
        ("YYYY-MM-DDThh:mm:ss+hh:mm", "2026-10-25T01:15:00+01:00", "2026-10-25 00:15"),
        ("YYYY-MM-DDThh:mm:ss+hh:mm", "2026-10-25T01:15:00-0330", "2026-10-25 04:45"),
        ("YYYY-MM-DDThh:mm:ss+hh:mm", "2026-10-25T01:15:00Z", "2026-10-25 01:15"),
        ("YYYY-MM-DDThh:mm:ss+02:00", "2026-10-25T01:15:00+02:00", "2026-10-24 23:15"),
        ("YYYY-MM-DD hh:mm:ss.fff UTC", "2026-06-01 09:00:00.250 UTC", "2026-06-01 09:00:00.25"),
        ("YYYY-MM-DD hh:mm ZZZ", "2026-06-01 09:00 BST", "2026-06-01 08:00"),
        ("YYYY-MM-DDThh:mm:ss[.f]Z", "2026-06-01T09:00:00.1234567Z", "2026-06-01 09:00:00.123456"),
        ("YYYY-MM-DDThh:mm:ss[.f]Z", "2026-06-01T09:00:00Z", "2026-06-01 09:00:00"),
        ("DD/MM/YYYY[ hh:mm]", "05/04/2026", "2026-04-05"),
        ("[DD/Mon/YYYY:hh:mm]", "[05/Apr/2026:09:00]", "2026-04-05 09:00"),
        ("Day, D Mon YYYY hh:mm", "Mon, 8 Jun 2026 09:00", "2026-06-08 09:00"),
        ("Day Mon D YYYY", "Mon Jun  8 2026", "2026-06-08"),
        ("'Week' ww YYYY", "Week 10 2026", "2026-03-02"), ("YYYY-'W'ww", "2020-W53", "2020-12-28"),
        ("excel", "46083.375", "2026-03-02 09:00"), ("excel 1904", "44621.375", "2026-03-02 09:00"),
        ("excel time", "0.375", "1970-01-01 09:00"),
    ],
)  # fmt: skip
def test_a_moment_is_read_by_its_form(written: str, text: str, expected: str) -> None:
    assert EPOCH + timedelta(microseconds=form(written, where="x")(text)) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("YYYY-MM-DD", "2026-02-30"), ("YYYY-MM-DD", "2026-13-01"), ("YYYY-MM-DD", "26-01-01"),
        ("hh:mm:ss", "24:00:00"), ("hh:mm:ss", "9:00:00"), ("YYMMDD", "９９0402"), ("epoch s", "1e9"),
        ("epoch s", "-5"),
        ("YYYY-MM-DD hh:mm AM", "2026-01-01 13:00 PM"), ("Mon-YY", "Foo-15"), ("YYYY-MM-DD", "0000-01-01"),
        ("D Mon YYYY", "1 jui 2026"), ("YYYY-MM-DD hh:mm+hh:mm", "2026-01-01 09:00"), ("Hmm", "960"), ("Hmm", "24000"),
        ("YYYY-MM-DD hh:mm+01:00", "2026-01-01 09:00+00:00"), ("YYYY-MM-DD hh:mm ZZZ", "2026-01-01 09:00 IST"),
        ("YYYY-'W'ww", "2026-W54"), ("excel", "2026-03-02"), ("excel time", "1.5"),
    ],
)  # fmt: skip
def test_a_day_there_never_was_is_not_read(written: str, text: str) -> None:
    with pytest.raises(Unreadable):
        form(written, where="x")(text)


@pytest.mark.parametrize("written", ["", "hello", "YYYY-YYYY-MM", "DD hh:mm", "MM-DD", "YYYY-ww-DD", "YYYY-MM[-DD"])
def test_a_form_that_tells_no_moment_is_refused_when_it_is_declared(written: str) -> None:
    with pytest.raises(SettingError, match="not a form for moments"):
        form(written, where="x.toml, format")


def test_a_form_that_names_a_zone_of_several_meanings_is_refused() -> None:
    with pytest.raises(SettingError, match="a zone that is not known here"):
        form("YYYY-MM-DD hh:mm IST", where="x")


def test_months_are_named_as_the_unicode_consortium_names_them() -> None:
    babel = pytest.importorskip("babel")
    known = month_names()
    for language in ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "pl"):
        for width in ("abbreviated", "wide"):
            for number, text in babel.Locale(language).months["format"][width].items():
                assert known[text.casefold().rstrip(".")] == number, (language, text)


LETTERS = st.text("0123456789-: /xé", max_size=20)


@settings(deadline=None)
@given(
    st.sampled_from(["YYYY-MM-DD hh:mm:ss", "YYYY-MM-DD' 'hh:mm:ss", "YYYY-MM-DD hh:mm:ss-05:00"]),
    st.lists(st.one_of(LETTERS, st.datetimes(EPOCH, EPOCH.replace(year=2099)).map(lambda d: f"{d:%Y-%m-%d %H:%M:%S}"),
                       st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", fullmatch=True)))
)  # fmt: skip
def test_reading_many_moments_at_once_says_what_the_parser_says_of_each(declared: str, texts: list[str]) -> None:
    written = form(declared, where="x")
    found, faults = moments(pa.array(texts, pa.string()), written)
    for row, text in enumerate(texts):
        try:
            assert (written(text), None) == (found[row], faults.get(row))
        except Unreadable as reason:
            assert (MISSING, str(reason)) == (found[row], faults[row])  # noqa: PT017  (both outcomes are compared)


def test_a_column_matches_texts_without_their_surrounding_spaces() -> None:
    texts = pa.array([" TT", "PS", "", "  "])
    assert matching(texts, text_test(["TT"], where="x")).tolist() == [True, False, False, False]
    assert matching(texts, text_test("*", where="x")).tolist() == [True, True, False, False]
    assert matching(texts, text_test("", where="x")).tolist() == [False, False, True, True]
    coded = matching(texts.dictionary_encode(), text_test("PS", where="x"))
    assert np.array_equal(coded, matching(texts, text_test("PS", where="x")))
