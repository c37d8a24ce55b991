"""A desk's day may begin at another time than midnight, and its hours run over it."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from kcas.calls.call import INTERVAL_SCHEMA, SCHEMA
from kcas.calls.coverage import coverage
from kcas.calls.definitions import Definition
from kcas.calls.desk_day import date_of, day_of, day_start
from kcas.calls.grouping import is_open
from kcas.calls.measures import measure
from kcas.calls.store import Store
from kcas.desk.opening_hours import read_holidays, read_opening
from kcas.desk.standard import Standard
from tests.calls_drawn import drawn
from tests.unit.calls.store.rows import add

LONDON = ZoneInfo("Europe/London")
SIX = Standard(day_begins=6 * 60)
NIGHTS = (datetime(2010, 3, 26, tzinfo=UTC), datetime(2010, 10, 29, tzinfo=UTC))  # four days about a clock change each


def calls_at(moments: list[datetime], **columns: object) -> pl.LazyFrame:
    rows = [
        {"leg": str(number), "queue": "duty", "entered": moment, "outcome": "answered", "wait": 1.0, **columns}
        for number, moment in enumerate(moments)
    ]
    return pl.DataFrame(rows, schema=SCHEMA).lazy()


def spread_out(first: datetime, *, days: int = 4, every: int = 15) -> list[datetime]:
    return [first + timedelta(minutes=minute) for minute in range(0, days * 24 * 60, every)]


def by_hand(moment: datetime) -> date:
    """The day by a watch: before six by the wall clock it is still yesterday."""
    wall = moment.astimezone(LONDON)
    return wall.date() if wall.hour >= 6 else wall.date() - timedelta(days=1)


@pytest.mark.parametrize("first", NIGHTS)
def test_a_call_before_six_is_of_the_day_before_also_where_the_clock_changes(first: datetime) -> None:
    moments = spread_out(first)
    found = measure(calls_at(moments), standard=SIX, by="day")
    counted = dict(zip(found["start"].dt.date(), found["offered"], strict=True))
    assert counted == Counter(map(by_hand, moments))
    assert {start.hour for start in found["start"]} == {6}
    whole = sorted(counted.values())[1:-1]
    assert any(calls != 96 for calls in whole)  # the day with the change has 23 or 25 hours: 92 or 100 quarters


@pytest.mark.parametrize(("by", "of"), [
    ("week", lambda day: day - timedelta(days=day.weekday())),
    ("month", lambda day: day.replace(day=1)),
])  # fmt: skip
def test_weeks_and_months_begin_with_their_first_day(by: str, of: object) -> None:
    moments = spread_out(datetime(2010, 1, 28, tzinfo=UTC), days=80, every=60)
    found = measure(calls_at(moments), standard=SIX, by=by)
    expected = Counter(of(by_hand(moment)) for moment in moments)  # type: ignore[operator]
    assert dict(zip(found["start"].dt.date(), found["offered"], strict=True)) == expected


def test_weekdays_follow_the_desks_day_and_times_of_day_begin_with_it() -> None:
    friday_night = ["2010-04-16T23:30:00+01:00", "2010-04-17T02:10:00+01:00", "2010-04-17T06:10:00+01:00"]
    calls = calls_at([datetime.fromisoformat(each).astimezone(UTC) for each in friday_night])
    weekdays = measure(calls, standard=SIX, by="weekday")
    assert weekdays.select("group", "offered").rows() == [("Friday", 2), ("Saturday", 1)]
    times = measure(calls, standard=SIX, by="time-of-day")
    assert times["group"].to_list() == ["06:00", "23:30", "02:00"]
    days = {"since": date(2010, 4, 16), "until": date(2010, 4, 17)}
    assert measure(calls, standard=SIX, **days)["offered"].item() == 2
    assert measure(calls, standard=Standard(), **days)["offered"].item() == 1


def test_a_caller_of_the_evening_answered_after_midnight_is_not_lost() -> None:
    evening, night = "2010-04-12T23:50:00+01:00", "2010-04-13T00:20:00+01:00"
    calls = drawn(f"entered outcome wait caller\n{evening} abandoned 60 Ann\n{night} answered 5 Ann")
    rate = Definition("lost_callers")
    for desk, halves in ((SIX, [(0, 1)]), (Standard(), [(1, 1), (0, 1)])):
        rows = measure(calls, standard=desk, by="day", definition=rate)
        assert rows.select("numerator", "denominator").rows() == halves


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Jerusalem", "America/New_York", "UTC"])
@pytest.mark.parametrize("begins", [30, 90, 120, 150, 360, 720])
def test_every_moment_lies_between_the_beginnings_of_its_day_and_of_the_next(zone: str, begins: int) -> None:
    dice = random.Random(begins)
    moments = [
        datetime(2009, 12, 20, tzinfo=UTC) + timedelta(minutes=dice.randrange(400 * 24 * 60)) for _ in range(2000)
    ]
    found = pl.DataFrame({"at": moments}).select(day=day_of(pl.col("at"), zone=zone, begins=begins))["day"]
    for moment, day in zip(moments, found, strict=True):
        assert day == date_of(moment, zone=zone, begins=begins)
        after = day + timedelta(days=1)
        assert day_start(day, zone=zone, begins=begins) <= moment < day_start(after, zone=zone, begins=begins)


def desk(**opening: str) -> Standard:
    return replace(
        Standard(), opening=read_opening(opening, where="here"), holidays=read_holidays({"of": "England"}, where="here")
    )


def open_at(standard: Standard, *moments: str) -> list[bool]:
    entered = [datetime.fromisoformat(each).replace(tzinfo=LONDON).astimezone(UTC) for each in moments]
    frame = pl.DataFrame({"entered": entered}, schema={"entered": pl.Datetime("us", "UTC")})
    return frame.select(is_open("entered", standard=standard)).to_series().to_list()


def test_hours_over_midnight_are_of_the_day_on_which_they_begin() -> None:
    friday = desk(friday="22:00-06:00", monday="08:00-20:00")  # 16 April 2010 was a Friday
    assert open_at(friday, "2010-04-16T21:59", "2010-04-16T22:00", "2010-04-17T05:59", "2010-04-17T06:00") == [
        False, True, True, False,
    ]  # fmt: skip
    assert open_at(friday, "2010-04-16T02:00", "2010-04-18T02:00", "2010-04-12T08:00") == [False, False, True]


def test_a_night_that_begins_on_a_holiday_has_the_holidays_hours() -> None:
    nights = dict.fromkeys(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), "22:00-06:00"
    )
    # Good Friday was 2 April 2010: the night before it runs on into it, its own does not begin
    closed = desk(**nights, holiday="closed")
    assert open_at(closed, "2010-04-01T23:00", "2010-04-02T05:00", "2010-04-02T23:00", "2010-04-03T05:00") == [
        True, True, False, False,
    ]  # fmt: skip
    shorter = desk(**nights, holiday="23:00-01:00")
    assert open_at(shorter, "2010-04-02T22:30", "2010-04-02T23:30", "2010-04-03T00:30", "2010-04-03T01:30") == [
        False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("first", NIGHTS)
def test_a_night_of_a_clock_change_is_open_by_the_clock_on_the_wall(first: datetime) -> None:
    nights = desk(**dict.fromkeys(("friday", "saturday", "sunday", "monday"), "22:00-06:00"))
    for moment in spread_out(first + timedelta(days=1), days=2):
        wall = moment.astimezone(LONDON)
        frame = pl.DataFrame({"entered": [moment]}, schema={"entered": pl.Datetime("us", "UTC")})
        assert frame.select(is_open("entered", standard=nights)).item() == (wall.hour >= 22 or wall.hour < 6), wall


def test_figures_of_forgotten_days_are_kept_by_the_desks_own_day(tmp_path: Path) -> None:
    dice, store = random.Random(6), Store(tmp_path / "store")
    first = datetime(2010, 10, 29, tzinfo=UTC)  # the clock goes back on the 31st
    moments = [first + timedelta(seconds=dice.randrange(6 * 86_400)) for _ in range(400)]
    rows = calls_at(moments).collect().with_columns(
        caller=pl.Series([dice.choice("abcdefgh") for _ in moments]),
        outcome=pl.Series([dice.choice(["answered", "abandoned"]) for _ in moments], dtype=SCHEMA["outcome"]),
    )  # fmt: skip
    add(store, "one.csv", rows)
    rate = Definition("lost_callers")

    def figures() -> list[tuple[object, ...]]:
        found = measure(store.calls(), intervals=store.intervals(), standard=SIX, by="day", definition=rate)
        return found.select("start", "offered", "abandoned", "numerator", "denominator").rows()

    before = figures()
    store.forget(date(2010, 11, 2), zone="Europe/London", begins=SIX.day_begins)
    assert figures() == before
    kept = store.calls().select(pl.col("entered").min()).collect().item()
    assert kept >= datetime(2010, 11, 2, 6, tzinfo=UTC)


def test_what_a_log_lacks_is_told_by_the_desks_own_days(tmp_path: Path) -> None:
    nights = [
        datetime(2010, 5, 3, 22, tzinfo=LONDON) + timedelta(days=day, minutes=minute)
        for day in range(42)
        for minute in range(0, 8 * 60, 10)  # from ten at night until six
        if day not in (30, 31) and not (day == 36 and minute >= 4 * 60)  # two nights missing, one until two o'clock
    ]
    calls = calls_at([moment.astimezone(UTC) for moment in nights])
    tables = pl.LazyFrame(schema=INTERVAL_SCHEMA)
    found = coverage(calls, intervals=tables, standard=SIX)
    assert (found.first, found.last) == (date(2010, 5, 3), date(2010, 6, 13))
    assert found.missing == (date(2010, 6, 2), date(2010, 6, 3))
    assert [(part.day, part.begins, part.ends) for part in found.partial] == [(date(2010, 6, 8), None, time(2, 0))]
