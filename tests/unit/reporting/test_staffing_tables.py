"""Does a plan of staff read as a planner would say it, each rate with its halves and interval?"""

from typing import Any

import pytest

from kcas.reporting import staffing
from kcas.reporting.palettes import DARK, LIGHT


def figure(mean: float | None, low: float | None = None, high: float | None = None) -> dict[str, float | None]:
    return {"mean": mean, "low": low, "high": high, "sd": None}


def total(rate: float) -> dict[str, Any]:
    return {
        "rate": figure(rate, rate - 0.001, rate + 0.001), "numerator": figure(100 * rate), "denominator": figure(100.0),
        "service_level": figure(0.8, 0.79, 0.81), "service_level_numerator": figure(80.0),
        "service_level_denominator": figure(100.0),
    }  # fmt: skip


KEPT = {"days": 90, "of": 100, "mean": 0.9, "low": 0.826, "high": 0.945}


HALVES = {"numerator": 1.0, "denominator": 20.0, "service_level_numerator": 0.5, "service_level_denominator": 10.0}


def row(start: str, today: int, agents: int, least: int) -> dict[str, Any]:
    rates = {f"{which}{name}": figure(0.05, 0.04, 0.06) for which in ("", "today_", "rostered_")
             for name in ("rate", "service_level")}  # fmt: skip
    halves = {f"{which}{name}": calls for which in ("", "today_", "rostered_") for name, calls in HALVES.items()}
    return {"start": start, "today": today, "agents": agents, "rostered": least + 1, "rostered_least": least,
            "by_team": {"desk": agents}, "on_the_phones": agents - 1.0, "offered": 20.0, **rates, **halves}  # fmt: skip


REPORT: dict[str, Any] = {
    "question": "Enough?", "aim": {"words": "at most 5% abandoned over the day, in the long run", "confidence": None,
                                   "within": 20.0},
    "definition": "all_offered", "service_level_definition": "sl_ignored", "engine": "compiled", "replications": 100,
    "seed": 1, "teams": ["desk"], "agent_hours": 4.5, "intervals": [row("09:00", 3, 4, 4), row("09:30", 3, 5, 6)],
    "total": total(0.048), "kept": KEPT, "met": True,
    "today": {"agent_hours": 3.0, "total": total(0.164), "kept": KEPT | {"days": 5, "mean": 0.05}, "met": False},
    "roster": {
        "shifts": [{"pattern": "full_time", "team": "desk", "from": "09:00", "to": "10:00", "agents": 6,
                    "breaks": [{"from": "09:15", "to": "09:30"}]}],
        "weeks": [{"pattern": "full_time", "team": "desk", "from": "09:00", "to": "10:00", "heads": 6,
                   "days": ["monday", "friday"]}],
        "heads": 6, "paid_hours_a_week": 30.0, "paid_hours_a_day": 6.0, "cost_a_week": None, "cheapest": True,
        "gap": 0.0, "time_limit": 20.0, "invented": [], "total": total(0.04), "kept": KEPT, "met": True,
    },
    "bought": {"hours_a_day": 17.0, "rate_before": figure(0.164), "rate_after": figure(0.098),
               "before": {"numerator": 115.1, "denominator": 702.0}, "after": {"numerator": 68.8, "denominator": 702.0},
               "rate_difference": figure(-0.066, -0.067, -0.065), "saved": figure(46.3, 45.5, 47.0),
               "hours_per_call_saved": figure(0.37, 0.36, 0.374), "cost_per_call_saved": figure(None)},
}  # fmt: skip


def test_the_answer_is_a_sentence_with_today_beside_it() -> None:
    assert staffing.requirement_headline(REPORT) == (
        "4 to 5 agents, 4.5 agent-hours a day, keep to at most 5% abandoned over the day, in the long run; as it is "
        "there are 3."
    )


def test_each_proof_has_its_halves_its_interval_and_its_days() -> None:
    today, needed, roster = staffing.proofs(REPORT)
    assert needed == (
        "As needed: 4.8% (4.7% to 4.9%) abandoned, 4.8 of 100.0 calls a day; service level 80.0% (79.0% to 81.0%), "
        "80.0 of 100.0. 90 of 100 days kept to it by themselves (90.0%, 82.6% to 94.5%). The aim is shown to be kept."
    )
    assert today.endswith("The aim is not kept.")
    assert roster.startswith("With the shifts: 4.0%")


def test_no_share_of_a_half_hour_or_of_further_agents_stands_without_its_calls() -> None:
    shown = staffing.required_half_hours(REPORT).row(0, named=True)
    assert shown["Abandoned, as it is"] == shown["Abandoned"] == "5.0%, 1.0 of 20.0"
    assert shown["Service level"] == "5.0%, 0.5 of 10.0"
    none = {"agents": 0, "rate": figure(0.05, 0.04, 0.06), "service_level": figure(0.05)} | HALVES
    told = staffing.marginal_values({"further": {"today": [none]}}, start="today").row(0, named=True)
    assert (told["Abandoned"], told["Service level"]) == ("5.0%, 1.0 of 20.0", "5.0%, 0.5 of 10.0")
    assert set(staffing.requirement_points(REPORT)["rate_text"]) == {"5.0%, 1.0 of 20.0"}


def test_a_roster_says_whether_it_may_be_beaten() -> None:
    assert "No roster by these rules covers what is needed for less." in staffing.roster_words(REPORT)
    late = {**REPORT, "roster": REPORT["roster"] | {"cheapest": False, "gap": 0.021, "cost_a_week": 450.0}}
    said = staffing.roster_words(late)
    assert "Stopped after 20 s: a roster might be up to 2.1% cheaper." in said
    assert "costing 450.00 a week" in said


def test_shifts_and_weeks_are_tables_that_read() -> None:
    assert staffing.shifts(REPORT).row(0, named=True) == {
        "Shift": "full time", "Team": "desk", "From": "09:00", "To": "10:00", "Agents": 6, "Breaks": "09:15–09:30",
    }  # fmt: skip
    assert staffing.roster_weeks(REPORT).row(0, named=True)["Days"] == "Mon, Fri"


def test_money_has_a_price_only_where_somebody_has_said_one() -> None:
    said = " ".join(staffing.bought_words(REPORT))
    assert "17 more rostered hours a day bring abandonment from 16.4% (115.1 of 702.0 calls a day) to 9.8% " in said
    assert "9.8% (68.8 of 702.0): −6.6 points" in said
    assert "+46.3 calls a day saved (+45.5 to +47.0)" in said
    assert "not said: give --cost-per-hour" in said
    priced = {**REPORT, "bought": REPORT["bought"] | {"cost_per_call_saved": figure(7.4, 7.2, 7.48)}}
    assert "7.40 for each call saved (7.20 to 7.48)" in " ".join(staffing.bought_words(priced))
    none = {**REPORT, "bought": REPORT["bought"] | {"hours_per_call_saved": figure(None)}}
    assert staffing.bought_words(none)[-1] == "No call is saved, so that none has a price."


def test_the_chart_draws_needed_rostered_and_today_and_says_so_in_words() -> None:
    points = staffing.requirement_points(REPORT)
    assert points.filter(which="Needed")["agents"].to_list() == [4, 5]
    assert staffing.points_words(points) == (
        "As it is: 3 agents, most at 09:00; Needed: 4 to 5 agents, most at 09:30; Rostered, fewest at any moment: 4 to "
        "6 agents, most at 09:30."
    )
    without = staffing.requirement_points({**REPORT, "roster": None})
    assert without["which"].unique().sort().to_list() == ["As it is", "Needed"]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("roster", [True, False])
def test_every_series_has_a_shape_and_a_colour_of_its_own(palette: Any, roster: bool) -> None:
    report = REPORT if roster else {**REPORT, "roster": None}
    drawn = staffing.agents(staffing.requirement_points(report), palette=palette).to_dict()
    marks = drawn["layer"][-1]["encoding"]
    for channel in ("color", "shape"):
        scale = marks[channel]["scale"]
        assert len(scale["domain"]) == len(set(scale["range"])) == (3 if roster else 2)
