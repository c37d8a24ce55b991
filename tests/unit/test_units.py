"""What the formatters of files write, their parsers read; one mistake has one sentence wherever it is made."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kcas.desk import units
from kcas.desk.toml_fields import CLOCK, Kind, percent, time
from kcas.errors import KcasError, SettingError

MILLISECONDS_OF_A_CENTURY = 100 * 365 * 86_400_000


@given(some.integers(0, MILLISECONDS_OF_A_CENTURY))
def test_a_duration_as_a_file_writes_it_is_read_to_the_millisecond(milliseconds: int) -> None:
    written = units.duration_text(milliseconds / 1000)
    assert round(1000 * units.read_duration(written, where="here")) == milliseconds


@given(some.floats(0, 86_400))
def test_a_duration_never_has_sixty_of_a_unit_that_has_a_larger_one(seconds: float) -> None:
    assert not {"60 s", "60 min"} & {" ".join(pair) for pair in _pairs(units.duration_text(seconds).split())}


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    return list(zip(words[::2], words[1::2], strict=True))


@given(some.integers(0, 24 * 60))
def test_a_time_of_day_is_read_as_it_is_written(minute: int) -> None:
    assert units.read_time_of_day(units.clock(60 * minute), where="here") == 60 * minute


@given(some.integers(0, 100_000_000))
def test_a_percentage_is_read_to_six_digits_however_small(millionths: int) -> None:
    share = millionths / 1e8
    read = units.read_percentage(units.percentage_text(share), where="here")
    assert read == pytest.approx(share, rel=5e-6, abs=5e-9)


@given(some.dates())
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    assert units.read_day(day.isoformat(), where="here") == day


@given(some.datetimes(), some.integers(-14 * 60, 14 * 60))
def test_a_date_and_time_keeps_the_offset_it_names(at: datetime, minutes: int) -> None:
    there = at.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert units.read_date_and_time(there.isoformat(), where="here", zone="Europe/London") == there


def test_a_date_and_time_without_an_offset_is_of_the_zone() -> None:
    read = units.read_date_and_time("2010-07-01T09:30", where="--now", zone="Europe/London")
    assert read.isoformat() == "2010-07-01T09:30:00+01:00"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.4, "0 s"), (59.6, "1 min"), (93, "1 min 33 s"), (119.9999, "2 min"), (3599.6, "1 h"),
     (5400, "1 h 30 min"), (7230, "2 h"), (None, "not available")],
)  # fmt: skip
def test_a_duration_for_people_is_rounded_to_the_second_and_above_an_hour_to_the_minute(
    seconds: float | None, words: str
) -> None:
    assert units.duration(seconds) == words


def test_a_threshold_below_two_minutes_is_named_in_seconds() -> None:
    assert [units.threshold(each) for each in (5, 60, 90, 120, 150)] == ["5 s", "60 s", "90 s", "2 min", "2 min 30 s"]


@pytest.mark.parametrize(
    ("read", "wrong", "sentence"),
    [
        (units.read_duration, "90", "here: '90' is not a duration. Expected a number and a unit, like \"7 min 20 s\"."),
        (units.read_duration, "-5 s", "here: '-5 s' is not a duration. Expected a number and a unit"),
        (units.read_duration, "5 fortnights", "here: '5 fortnights' is not a duration."),
        (units.read_seconds, "soon", "here: 'soon' is not a duration. Expected seconds, like \"20\""),
        (units.read_time_of_day, "24:01", "here: '24:01' is not a time of day. Expected one like \"08:30\""),
        (units.read_time_of_day, 8.5, "here: 8.5 is not a time of day."),
        (units.read_percentage, "28", "here: '28' is not a percentage. Expected one like \"28%\", from 0% to 100%."),
        (units.read_percentage, "101%", "here: '101%' is not a percentage."),
        (units.read_percentage_points, "5%", "here: '5%' is not valid. Expected percentage points, like \"0.5pp\"."),
        (units.read_percentage_points, "nanpp", "here: 'nanpp' is not valid."),
        (units.read_day, "1 April", "here: '1 April' is not a day. Expected year-month-day, like 2010-04-01."),
        (units.read_day, "20100401", "here: '20100401' is not a day."),
        (units.read_day, "2010-02-30", "here: '2010-02-30' is not a day."),
    ],
)
def test_what_is_wrong_is_said_with_the_place_the_value_and_what_would_be_right(
    read: Callable[..., object], wrong: object, sentence: str
) -> None:
    with pytest.raises(SettingError) as raised:
        read(wrong, where="here")
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("field", "option", "wrong"),
    [
        (CLOCK, units.read_time_of_day, "9 am"),
        (percent(), units.read_percentage, "5"),
        (time(), units.read_duration, "x"),
    ],
    ids=["a time of day", "a percentage", "a duration"],
)
def test_a_scenario_and_an_option_refuse_the_same_text_in_the_same_sentence(
    field: Kind, option: Callable[..., object], wrong: str
) -> None:
    said = []
    for read in (lambda: field.read(wrong, "here"), lambda: option(wrong, where="here")):
        with pytest.raises(KcasError) as raised:
            read()
        said.append(str(raised.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("read", [units.read_duration, units.read_time_of_day, units.read_percentage, units.read_day])
def test_a_value_of_a_million_characters_is_refused_at_once_and_not_repeated(read: Callable[..., object]) -> None:
    with pytest.raises(SettingError) as raised:
        read("5" * 1_000_000, where="here")
    assert len(str(raised.value)) < 300
