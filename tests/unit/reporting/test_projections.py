"""Are projections said and laid out as they are? Figures worked out by hand."""

import polars as pl
import pytest

from kcas.queueing.scenario_day import ExactDay
from kcas.queueing.transient import Expected
from kcas.reporting import projection, what_if
from kcas.reporting.palettes import LIGHT
from kcas.simulation.estimate import Estimate
from kcas.simulation.projection import Estimates
from kcas.simulation.sweep import Cell

TWO_MORE = ["two more agents from 10:00 to 12:00"]


def figure(mean: float | None, low: float | None = None, high: float | None = None) -> Estimate:
    return Estimate(mean, low, high, None)


def test_the_sentence_a_manager_reads_out() -> None:
    said = projection.headline(
        TWO_MORE, before=figure(0.162, 0.157, 0.167), after=figure(0.129, 0.125, 0.133),
        difference=figure(-0.033, -0.036, -0.030),
    )  # fmt: skip
    assert said == (
        "Two more agents from 10:00 to 12:00 would bring abandonment from 16.2% to 12.9% (12.5% to 13.3%): "
        "3.3 points lower (between 3.0 and 3.6)."
    )


def test_a_difference_that_may_be_none_is_not_called_one() -> None:
    said = projection.headline(
        ["5% fewer calls", "a menu"], before=figure(0.10), after=figure(0.098, 0.09, 0.106),
        difference=figure(-0.002, -0.006, 0.002),
    )  # fmt: skip
    assert said == (
        "5% fewer calls and a menu would leave abandonment about where it is, as far as these days can tell: 10.0% and "
        "9.8% (9.0% to 10.6%); the difference is between −0.6 and +0.2 points."
    )


def test_a_change_for_the_worse_is_called_higher() -> None:
    said = projection.headline(
        ["one fewer agent"], before=figure(0.1), after=figure(0.11, 0.1, 0.12), difference=figure(0.01, 0.008, 0.012)
    )
    assert said.endswith("1.0 point higher (between 0.8 and 1.2).")


def test_no_change_says_so() -> None:
    same = figure(0.1, 0.09, 0.11)
    said = projection.headline([], before=same, after=same, difference=figure(0.0, 0.0, 0.0))
    assert said == "Nothing is changed: abandonment stays 10.0% (9.0% to 11.0%)."


def test_a_day_without_calls_has_no_rate_to_say() -> None:
    said = projection.headline(TWO_MORE, before=figure(None), after=figure(0.1), difference=figure(None))
    assert "there is no rate to say" in said


def test_theory_says_it_without_an_interval() -> None:
    said = projection.exact_sentence(TWO_MORE, before=0.162, after=0.129)
    assert said.endswith("from 16.2% to 12.9%: 3.3 points lower.")


def measures(rate: float, offered: float) -> dict[str, Estimate]:
    return {
        "rate": figure(rate, rate - 0.01, rate + 0.01), "service_level": figure(0.8, 0.78, 0.82),
        "average_speed_of_answer": figure(20.0, 19.0, 21.0), "wait_all": figure(93.0, 91.0, 95.0),
        "occupancy": figure(0.85), "rate_per_person": figure(rate), "offered": figure(offered),
        "answered": figure(offered * (1 - rate)), "abandoned": figure(offered * rate),
        "numerator": figure(offered * rate), "denominator": figure(offered),
        "service_level_numerator": figure(80.0), "service_level_denominator": figure(100.0),
        "callback": figure(0.0), "blocked": figure(0.0),
    }  # fmt: skip


def alike(part: dict[str, Estimate]) -> Estimates:
    """Estimates of one half-hour and one kind of caller."""
    return Estimates(part, {"09:00": part}, {"public": part})


BEFORE, AFTER = alike(measures(0.15, 100.0)), alike(measures(0.10, 100.0))
MOVED = alike({name: figure(-0.05, -0.06, -0.04) for name in measures(0.1, 100)})


def test_both_stand_side_by_side_with_their_intervals() -> None:
    top = projection.side_by_side(BEFORE, AFTER, moved=MOVED).row(0)
    assert top == ("Abandoned", "15.0%", "14.0% to 16.0%", "10.0%", "9.0% to 11.0%", "−5.0 points",
                   "−6.0 to −4.0 points")  # fmt: skip


def test_what_neither_scenario_has_is_left_out() -> None:
    said = projection.side_by_side(BEFORE, AFTER, moved=MOVED)[""].to_list()
    assert "Callbacks a day" not in said
    with_some = alike({**AFTER.total, "callback": figure(3.0)})
    moved = alike({**MOVED.total, "callback": figure(3.0, 2.0, 4.0)})
    row = projection.side_by_side(BEFORE, with_some, moved=moved).filter(pl.col("") == "Callbacks a day").row(0)
    assert row == ("Callbacks a day", "0.0", "not available", "3.0", "not available", "+3.0", "+2.0 to +4.0")


def test_each_kind_of_caller_has_both_halves() -> None:
    row = projection.by_type(BEFORE, AFTER, moved=MOVED).row(0, named=True)
    assert (row["Callers"], row["What if"], row["Calls a day, as it is"]) == (
        "public",
        "10.0% (9.0% to 11.0%)",
        "15.0 of 100.0",
    )


def test_a_half_hour_carries_its_halves() -> None:
    points = projection.by_half_hour(BEFORE, AFTER, measure="rate")
    assert points["which"].to_list() == ["As it is", "What if"]
    assert points["halves"].to_list() == ["15.0 of 100.0", "10.0 of 100.0"]
    assert projection.points_words(points) == ("As it is: highest at 09:00, 15.0%; What if: highest at 09:00, 10.0%.")


def test_several_scenarios_are_set_against_the_first() -> None:
    table = projection.several({"today": BEFORE, "more-agents": AFTER}, moved=[MOVED])
    assert table["Scenario"].to_list() == ["today", "more agents"]
    assert table["Against the first"].to_list() == ["", "−5.0 points"]
    assert table["Calls a day"].to_list() == ["15.0 of 100.0", "10.0 of 100.0"]


def test_theory_is_drawn_by_half_hour() -> None:
    part = Expected(arrivals=40, answered=30, abandoned=8, blocked=2, delayed=20, answered_within=20, queue_time=100,
                    busy_time=900, rostered_time=1000, end_queue=0)  # fmt: skip
    points = projection.exact_rates({"As it is": ExactDay(("09:00",), (part,), 0.0, ())})
    assert points["value"].to_list() == [pytest.approx(8 / 38)]  # of those who found a line
    assert points["halves"].to_list() == ["8.0 of 38.0"]


def test_a_cell_of_a_sweep_has_its_shade_by_its_rate() -> None:
    def cell(across: float, down: float, rate: float) -> Cell:
        measures = {"rate": figure(rate), "numerator": figure(5.0), "denominator": figure(100.0)}
        return Cell(across, down, measures)

    found = [cell(-1, 0.9, 0.05), cell(2, 1.1, 0.019)]
    cells = what_if.cells(found, across="agents", down="calls", palette=LIGHT)
    assert cells["across"].to_list() == ["−1", "+2"]
    assert cells["down"].to_list() == ["90%", "110%"]
    assert cells["step"].to_list() == [2, 0]  # from 5 % up; under 2 %
    assert what_if.sweep_sentence(cells) == (
        "Lowest: 1.9% at +2 across and 110% down. Highest: 5.0% at −1 across and 90% down."
    )
