"""What have the days that are kept shown: calls, handling, and agents in the busiest half-hour?"""

from datetime import UTC, datetime

import polars as pl

from kcas.calls.call import SCHEMA
from kcas.calls.coverage import days_seen
from kcas.desk.standard import Standard


def call(day: int, hour: int, minute: int, *, agent: str | None = None, talk: float | None = None) -> dict[str, object]:
    """A call of March 2010 (the 1st is a Monday, clocks are at UTC), answered where an agent is named."""
    return {
        "leg": f"{day}/{hour}/{minute}/{agent}", "contact": f"{day}/{hour}/{minute}/{agent}", "queue": "public",
        "outcome": "answered" if agent else "abandoned", "entered": datetime(2010, 3, day, hour, minute, tzinfo=UTC),
        "wait": 5.0, "talk": talk, "wrap": 10.0 if talk else None, "agent": agent, "line": 1,
    }  # fmt: skip


def frame(rows: list[dict[str, object]]) -> pl.LazyFrame:
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA).lazy()


def test_the_least_and_the_most_of_days_of_these_weekdays() -> None:
    monday = [call(1, 9, n, agent=f"a{n % 3}", talk=100.0) for n in range(20)]
    monday += [call(1, 11, 0), call(1, 11, 40, agent="a9", talk=100.0)]
    tuesday = [call(2, 9, n, agent=f"a{n % 4}", talk=200.0) for n in range(25)]
    tuesday += [call(2, 9, 29, agent="a7", talk=200.0), call(2, 9, 30, agent="a8", talk=200.0)]
    sunday = [call(7, 9, 0)]
    found = days_seen(frame([*monday, *tuesday, *sunday]), standard=Standard(), weekdays=range(1, 6))
    assert found is not None
    assert found.days == 2
    assert found.calls == (22.0, 27.0)
    assert found.handling == (110.0, 210.0)
    assert found.agents == (3.0, 5.0)  # the one at half past is in another half-hour


def test_what_a_log_does_not_tell_is_not_guessed() -> None:
    found = days_seen(frame([call(1, 9, 0)]), standard=Standard(), weekdays=[1])
    assert found is not None
    assert (found.calls, found.handling, found.agents) == ((1.0, 1.0), None, None)


def test_without_a_day_of_these_weekdays_there_is_nothing_to_go_by() -> None:
    assert days_seen(frame([call(1, 9, 0)]), standard=Standard(), weekdays=[2]) is None
