"""Who is taken to have been on duty, and is a roster read as it is written?"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kcas.calibration.day_records import DayLog, day_log
from kcas.calibration.staff_on_duty import inferred, rostered
from kcas.calls.call import SCHEMA, empty
from kcas.errors import LogError, SettingError

MORNING = datetime(2010, 3, 1, 9, 0, tzinfo=UTC)  # a Monday


def a_log(*rows: tuple[float, float, float, str | None]) -> DayLog:
    """Calls by minutes after nine: entered, waited, talked, agent; without an agent, given up."""
    calls = pl.DataFrame(
        {
            "leg": [str(number) for number in range(len(rows))],
            "queue": ["desk"] * len(rows),
            "entered": [MORNING + timedelta(minutes=entered) for entered, *_ in rows],
            "outcome": ["answered" if agent else "abandoned" for *_, agent in rows],
            "wait": [60.0 * wait for _, wait, _, _ in rows],
            "talk": [60.0 * talk if agent else None for _, _, talk, agent in rows],
            "agent": [agent for *_, agent in rows],
        }
    )
    return day_log(pl.concat([empty(), calls], how="diagonal_relaxed").cast(dict(SCHEMA)).lazy(), zone="UTC")  # type: ignore[arg-type]


def test_an_agent_between_two_calls_with_nobody_waiting_was_there() -> None:
    log = a_log((0, 0, 5, "ann"), (25, 0, 5, "ann"))
    assert inferred(log)[0, 18] == pytest.approx(1.0)  # 09:00 to 09:30


def test_a_gap_in_which_callers_waited_for_more_than_five_minutes_was_a_break() -> None:
    log = a_log((0, 0, 5, "ann"), (6, 6, 0, None), (25, 0, 5, "ann"))
    assert inferred(log)[0, 18] == pytest.approx(10 / 30)


def test_four_minutes_of_waiting_callers_are_no_break() -> None:
    log = a_log((0, 0, 5, "ann"), (6, 4, 0, None), (25, 0, 5, "ann"))
    assert inferred(log)[0, 18] == pytest.approx(1.0)


def test_a_gap_of_over_an_hour_was_an_absence_even_if_nobody_waited() -> None:
    log = a_log((0, 0, 5, "ann"), (70, 0, 5, "ann"))
    assert inferred(log)[0, 18:21] == pytest.approx([5 / 30, 0, 5 / 30])


def test_without_names_the_most_calls_at_once_stand_for_the_staff() -> None:
    log = a_log((0, 0, 10, "ann"), (5, 0, 10, "bob"), (20, 0, 50, "ann"))
    without = DayLog(**{**vars(log), "calls": log.calls.with_columns(agent=pl.lit(None, dtype=pl.String))})
    assert inferred(without)[0, 18:21].tolist() == [2, 1, 1]


def test_a_roster_by_weekday_gives_way_to_one_for_the_date(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "day,from,to,agents\nmonday,09:00,10:00,4\nmonday,09:30,10:00,2\n2010-03-08,09:00,09:15,6\n", encoding="utf-8"
    )
    log = a_log((0, 0, 5, "ann"), (7 * 24 * 60, 0, 5, "ann"))
    assert rostered(roster, log)[:, 18:20].tolist() == [[4, 6], [3, 0]]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("monday,09:00,10:00,four", "line 2, agents: 'four' is not a number"),
        ("someday,09:00,10:00,4", "line 2, day: 'someday' is not a day"),
        ("monday,9 am,10:00,4", "line 2, from: '9 am' is not a time of day"),
        ("monday,10:00,09:00,4", "line 2: it ends at 09:00"),
    ],
)
def test_a_mistake_in_a_roster_is_told_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(f"day,from,to,agents\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingError, match=said):
        rostered(roster, a_log((0, 0, 5, "ann")))


def test_a_day_of_the_log_that_the_roster_leaves_out_is_named(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("day,from,to,agents\ntuesday,09:00,10:00,4\n", encoding="utf-8")
    with pytest.raises(LogError, match="no one is rostered on 2010-03-01"):
        rostered(roster, a_log((0, 0, 5, "ann")))


def test_blemishes_are_counted_and_keep_their_calls_but_not_their_handling() -> None:
    log = a_log((0, 0, 0, "ann"), (10, 0, 90, "ann"), (20, 70, 0, None), (30, 0, 4, "bob"))
    assert (log.blemishes["no talk"], log.blemishes["endless handling"], log.blemishes["endless wait"]) == (1, 1, 1)
    assert log.volume.tolist() == [4]
    assert log.handling.tolist() == [240.0]


def test_a_day_with_less_than_half_its_weekdays_calls_is_odd() -> None:
    week = 7 * 24 * 60
    rows = [
        (week * monday + minute, 0, 2, "ann") for monday in range(4) for minute in range(0, 100 if monday else 40, 5)
    ]
    assert np.flatnonzero(a_log(*rows).odd).tolist() == [0]
