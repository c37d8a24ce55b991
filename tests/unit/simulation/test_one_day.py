"""Is a watched day what its calls were? Against a count by hand, and against the projection of that very day."""

import polars as pl
import pytest

from kcas.desk.standard import Standard
from kcas.errors import ScenarioError
from kcas.simulation.day_trace import LivedDay, course, course_words, now, simulated_day
from kcas.simulation.projection import simulate
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import Scenario

NINE = 9 * 3600.0


@pytest.fixture
def drawn() -> LivedDay:
    """One agent. The first caller is answered at once, the second waits 60 s and is answered, the third gives up."""
    return LivedDay(
        stays=pl.DataFrame(
            {"type": ["public"] * 3, "joined": [NINE, NINE + 60, NINE + 70], "left": [NINE, NINE + 120, NINE + 100],
             "abandoned": [False, False, True], "answered": [True, True, False]}
        ),
        work=pl.DataFrame({"begin": [NINE, NINE + 120], "end": [NINE + 120, NINE + 240]}),
        staff=pl.DataFrame({"at": [NINE], "agents": [1]}),
        opens=NINE,
        ends=NINE + 240,
    )  # fmt: skip


def test_the_moment_is_told_in_words(drawn: LivedDay) -> None:
    assert now(drawn, NINE + 90).words == (
        "09:01. 2 waiting, the longest for 30 s. 1 of 1 agents on a call or its wrap-up. "
        "So far 1 answered and 0 hung up."
    )
    later = now(drawn, NINE + 130)
    assert (later.waiting.height, later.busy, later.answered, later.hung_up) == (0, 1, 2, 1)
    assert later.recent_hang_ups.rows() == [("public", NINE + 100, 30.0)]
    assert "No one is waiting" in later.words


def test_the_course_has_a_row_a_minute(drawn: LivedDay) -> None:
    minutes = course(drawn)
    assert minutes["clock"].to_list()[:4] == ["09:00", "09:01", "09:02", "09:03"]
    assert minutes["waiting"].to_list()[:4] == [0, 1, 0, 0]
    assert minutes["busy"].to_list()[:5] == [1, 1, 1, 1, 0]
    assert minutes["hung_up"].to_list()[:4] == [0, 0, 1, 0]
    assert course_words(minutes) == "Most waiting at once: 1. Hung up over the day: 1."


def desk(calls: float) -> Scenario:
    return scenario_of(
        {
            "question": "?", "day": {"opens": "09:00", "closes": "11:00"}, "demand": {"calls_per_day": calls},
            "types": {"public": {"share": "100%", "talk": {"distribution": "exponential", "mean": "5 min"},
                                 "patience": {"distribution": "exponential", "mean": "2 min"}}},
            "teams": {"desk": {"agents": 3}},
        },
        where="",
    )  # fmt: skip


def test_the_watched_day_is_the_day_of_that_number_in_the_projection() -> None:
    scenario = desk(80)
    run = simulate(scenario, standard=Standard(), replications=3, engine="simpy")
    for number in (1, 3):
        day = simulated_day(scenario, day=number)
        last = now(day, day.ends + 60)
        assert last.answered == run.days("answered")[number - 1]
        assert last.hung_up == run.days("abandoned")[number - 1]
        assert (last.waiting.height, last.busy) == (0, 0)


def test_nobody_is_busier_than_there_are_agents() -> None:
    minutes = course(simulated_day(desk(150), day=1))
    assert max(minutes["busy"].to_list()) <= 3


def test_a_day_of_more_callers_than_could_be_watched_is_refused() -> None:
    with pytest.raises(ScenarioError, match="can be watched"):
        simulated_day(desk(30_000), day=1)
