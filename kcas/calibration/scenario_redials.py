"""Redials in the fitted scenario, with first calls lowered so that the total matches the log."""

from kcas.arrays import Floats
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kcas.calibration.outside_queue import (FEWEST, WINDOW, RedialsSeen, comment)
from kcas.calibration.patience import duration_text
from kcas.calibration.scenario import MATCHING_DAYS, rounded
from kcas.calibration.simulated_days import simulated_days
from kcas.distributions.patience_table import read_law
from kcas.queueing.retrials import Again, comes_back
from kcas.queueing.scenario_day import exact_day
from kcas.simulation.scenario.arrival_profile import lengths
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import Scenario

FEWER = "less those who call again, which [redials] adds: as many are offered in all as the log leads one to expect"
Tables = Mapping[str, Any]
NODES = 4  # days from quiet to busy
BUSIER = 1.2  # far enough that chance in as many days does not blur what more calls bring


def with_redials(supposed: Tables, seen: RedialsSeen) -> dict[str, Any]:
    """The tables with redials, and so many first calls fewer that as many are offered in each interval as before.

    Raises ScenarioError where theory has no day for them.
    """
    before = scenario_of(supposed, where="the fitted desk")
    menu = before.telephone.menu
    reach = 1 - menu.hang_up if menu else 1.0
    expected = exact_day(before, nodes=NODES)
    offered, lost = (
        np.array([getattr(part, name) for part in expected.intervals]) for name in ("arrivals", "abandoned")
    )
    first = np.maximum(1 - back(before, seen, lost) / np.maximum(offered, 1e-9), 0.0)
    calls = supposed["demand"]["calls_per_day"] * float(first @ offered / offered.sum())
    demand = supposed["demand"] | {"shape": thinned(supposed["demand"]["shape"], first)}
    if "shapes" in demand:
        demand["shapes"] = {weekday: thinned(own, first) for weekday, own in demand["shapes"].items()}
    redials = {
        "after_abandoning": f"{min(seen.share / reach, 1):.2%}", "delay": delay(seen), "times": seen.times,
    }  # fmt: skip
    found = {**supposed, "demand": demand, "redials": redials}
    now, busier = (offered_with(found, calls * factor) for factor in (1.0, BUSIER))
    growth = float(np.log(busier / now) / np.log(BUSIER))
    found |= differing(before, growth=growth, again=1 - float(first @ offered / offered.sum()), tables=found)
    found["demand"]["calls_per_day"] = round(calls, 1)
    more = simulated(found) / simulated(supposed)  # theory, whose staff do not differ, knows of too few redials
    found["demand"]["calls_per_day"] = round(calls * more ** (-1 / growth), 1)
    return found


def thinned(shape: Sequence[float], kept: Floats) -> list[float]:
    """The weights of first calls alone."""
    return rounded(np.array(shape) * kept)


def simulated(tables: Tables) -> float:
    """Calls offered on an average day of a simulation, the same days for every table."""
    days = simulated_days(scenario_of(tables, where="the fitted desk"), days=MATCHING_DAYS)
    return float(days.offered.mean())


def differing(before: Scenario, *, growth: float, again: float, tables: Tables) -> dict[str, Any]:
    """Days that differ less in first calls and in staff, so that redials make them differ as the log's days did.

    A tenth more first calls is `growth` tenths more calls; a tenth more of any load is more by what redials add to it.
    """
    follows = max(each.follows_demand for each in before.teams.values())
    calls = before.demand.day_variation / (1 + (growth - 1) * (1 - follows))
    steep = growth / (1 - again)
    slow = before.demand.handling_variation * (1 - follows)
    teams = {
        name: each | {"day_variation": f"{100 * strength(before.teams[name].day_variation, slow, steep):.2f}%"}
        for name, each in tables["teams"].items()
    }
    return {"demand": tables["demand"] | {"day_variation": f"{calls:.2%}"}, "teams": teams}


def strength(variation: float, slow: float, steep: float) -> float:
    """How much staff differ, where days come out as different as before though redials add to both causes."""
    return float(np.sqrt(max((variation**2 + slow**2) / steep**2 - slow**2, 0.0)))


def offered_with(tables: Tables, calls: float) -> float:
    """Calls offered on an average simulated day with so many first calls."""
    scenario = scenario_of(tables, where="the fitted desk")
    asked = replace(scenario, demand=replace(scenario.demand, calls_per_day=calls))
    return float(simulated_days(asked, days=MATCHING_DAYS).offered.mean())


def back(scenario: Scenario, seen: RedialsSeen, lost: Floats) -> Floats:
    """How many of those who hung up in each interval call again in each, before closing."""
    hours = scenario.day
    law = read_law(delay(seen), where="redials, delay")
    again = Again(seen.share, 0.0, seen.times, delay=law, closes=hours.closes - hours.opens)
    return np.asarray(seen.share * lost @ comes_back(again, lengths(hours).tolist()))


def delay(seen: RedialsSeen) -> dict[str, Any]:
    """The delays that were seen, as a law."""
    return {
        "law": "empirical",
        "at": [duration_text(moment) for moment, _ in seen.delays],
        "still_waiting": [f"{longer:.0%}" for _, longer in seen.delays],
    }


def redial_notes(seen: RedialsSeen) -> dict[tuple[str, str], list[str]]:
    """Comment lines for the keys of the table."""
    return {
        ("redials", "after_abandoning"): [redial_words(seen)],
        ("redials", "delay"): ["when they called again, what callers who had been answered did taken off"],
        ("redials", "times"): ["all but a hundredth of the redials seen are within so many in a row"],
    }


def redial_words(seen: RedialsSeen) -> str:
    """The estimate with its interval, its counts and what it assumes."""
    return (
        f"{seen.gave_up:.1%} of {seen.of_gave_up:,} calls given up by known callers were followed by another of theirs "
        f"within {duration_text(WINDOW)} on the same day, and {seen.answered:.1%} of {seen.of_answered:,} answered "
        "calls were. "
        f"So of those who would not have rung anyway {seen.share:.1%} ({seen.low:.1%} to {seen.high:.1%}) rang because "
        "they had given up; closing time is allowed for, the next day not counted. "
        f"{seen.known:,} of {seen.offered:,} calls have a token of their caller; the others are assumed to call again "
        "as these do, and a caller known by one call and not by the next is missed"
    )


def unused(seen: RedialsSeen | None, *, why: str = "") -> list[str]:
    """Comment lines that say why redials are not in use."""
    if seen is None:
        return comment("Redials: the log keeps no tokens of callers, so who called again cannot be told.")
    if not why:
        few = seen.of_gave_up < FEWEST
        why = f"Fewer than {FEWEST} are too few to go by" if few else "That is not more than chance may do"
    return [
        *comment(
            f"Redials, not in use: {redial_words(seen)}. {why}. They are counted among the calls above. To simulate "
            "them all the same, lower calls_per_day by as many and take the marks away:"
        ),
        "# [redials]",
        f'# after_abandoning = "{max(seen.share, 0.0):.2%}"',
        f'# delay = {{ law = "exponential", mean = "{duration_text(middle(seen))}" }}',
    ]


def middle(seen: RedialsSeen) -> float:
    """The middle delay; a quarter of an hour where none is told."""
    return next((moment for moment, longer in seen.delays if longer <= 0.5), WINDOW / 8)
