"""Warnings where a projection leaves the range of the data.

Two ways: callers are made to wait longer than any patience is known for, or the desk is moved further than any day
that is kept has shown (without such days, further than a stated reach from the baseline).

Agents rostered at each time, before absence.
"""

import math

import numpy as np
import polars as pl

from kcas.calls.coverage import DaysSeen
from kcas.desk.units import clock, duration_text
from kcas.distributions.law_table import Law
from kcas.simulation.scenario.handling_time import mean_handling, trained
from kcas.simulation.scenario.roster import begins, ends, presences, work_edges
from kcas.simulation.scenario.schema import WEEKDAYS, Scenario, on_weekday, weekdays_differ


def on_the_phones(scenario: Scenario, name: str) -> list[tuple[float, int]]:
    """A team's rostered agents less those at other work, from each moment on while the desk is open."""
    opens, closes, team = scenario.day.opens, scenario.day.closes, scenario.teams[name]
    there = presences(team, opens=opens, closes=closes, interval=scenario.day.interval)
    work = [each for each in scenario.other_work.values() if each.team == name and not each.stopped]
    edges = {opens} | {edge for each in there for edge in (each.begin, each.end)} | work_edges(work, opens, closes)
    return [
        (at, max(0, sum(each.agents for each in there if each.begin <= at < each.end)
                 - sum(each.agents for each in work if begins(each, opens) <= at < ends(each, closes))))
        for at in sorted(edges) if opens <= at < closes
    ]  # fmt: skip


def most_on_the_phones(scenario: Scenario) -> int:
    """The most agents of all teams that are on the phones at one moment, of any weekday."""
    if weekdays_differ(scenario):
        return max(most_on_the_phones(on_weekday(scenario, weekday)) for weekday in scenario.day.weekdays)
    teams = [on_the_phones(scenario, name) for name in scenario.teams]
    return max(sum(agents_at(steps, at) for steps in teams) for at in {at for steps in teams for at, _ in steps})


def agents_at(steps: list[tuple[float, int]], moment: float) -> int:
    """How many there are at a moment."""
    return next((agents for at, agents in reversed(steps) if at <= moment), 0)


_REACH = 0.25
"""How far from a baseline an input may go where no day is kept: a quarter is more than most desks see in a year."""
_LAST = 0.01
"""Of a law with no stated end, the last hundredth of callers is beyond what a curve of some hundred callers shows."""
_FEW = 0.001
"""Fewer callers than this beyond a law's last hundredth do not move a rate."""
HALF = 0.5  # what the words round away


def longest_known(law: Law) -> float:
    """How long a wait the patience is known for: the stated or measured end, else the law's 99th percentile."""
    if law.supported_to is not None:
        return law.supported_to
    if math.isinf(law.mean) and law.table["distribution"] == "endless":
        return math.inf
    still = law.distribution.survival
    low, high = 0.0, 1.0
    while float(still(np.array([high]))[0]) > _LAST and high < 1e9:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if float(still(np.array([middle]))[0]) > _LAST else (low, middle)
    return high


def waits_beyond(scenario: Scenario, by_type: pl.DataFrame) -> list[str]:
    """Callers who waited longer than any patience is known for; `by_type` are the tallies of simulated days."""
    sentences = []
    for number, (name, each) in enumerate(scenario.types.items()):
        known = longest_known(each.patience)
        if math.isinf(known):
            sentences.append(f"{_callers(name)} are assumed never to hang up, and no data show that of anybody.")
            continue
        mine = by_type.filter(pl.col("type_number") == number)
        beyond, joined = (float(mine[column].sum()) for column in ("waited_beyond", "joined"))
        stated = each.patience.supported_to is not None
        if not beyond or (not stated and beyond < _FEW * joined):
            continue
        whose = "than any patience that was measured" if stated else "than 99 in 100 of them are assumed to"
        longest = duration_text(round(float(mine["longest"].max() or 0.0)))  # type: ignore[arg-type]
        sentences.append(
            f"{_callers(name)} wait longer {whose} ({duration_text(round(known))}) in {_share(beyond / joined)} of "
            f"cases, {longest} at most: no data say what they would do."
        )
    return sentences


def inputs_beyond(scenario: Scenario, *, seen: DaysSeen | None, baseline: Scenario | None = None) -> list[str]:
    """Calls, handling and agents outside what the days kept have shown, or too far from the baseline."""
    if seen is not None:
        return _beyond_days(scenario, seen)
    return _beyond_reach(scenario, baseline) if baseline is not None else []


def _calls_of(scenario: Scenario) -> float:
    """Callers on an average day, less those whose calls training saves."""
    saved = sum(it.share for name, it in scenario.types.items() if trained(scenario, name))
    return scenario.demand.calls_per_day * (1 - saved * scenario.training.inappropriate)


def weekday_numbers(scenario: Scenario) -> list[int]:
    """The weekdays that are simulated, Monday being 1."""
    return [WEEKDAYS.index(name) + 1 for name in scenario.day.weekdays]


def _beyond_days(scenario: Scenario, seen: DaysSeen) -> list[str]:
    of_day = {name: _calls_of(scenario) * getattr(scenario.demand.weekdays, name) for name in scenario.day.weekdays}
    busiest, quietest = max(of_day, key=of_day.__getitem__), min(of_day, key=of_day.__getitem__)
    days = f"on {seen.days:,} days kept here" if seen.days > 1 else "on the one day kept here"
    sentences = []
    if of_day[busiest] > seen.calls[1] + HALF:
        sentences.append(_calls_beyond(of_day[busiest], busiest, "more", seen, f"at most {seen.calls[1]:,.0f}"))
    if of_day[quietest] < seen.calls[0] - HALF:
        sentences.append(_calls_beyond(of_day[quietest], quietest, "fewer", seen, f"at least {seen.calls[0]:,.0f}"))
    took, most = mean_handling(scenario), most_on_the_phones(scenario)
    if seen.handling and not seen.handling[0] - HALF <= took <= seen.handling[1] + HALF:
        low, high = (duration_text(round(each)) for each in seen.handling)
        sentences.append(f"{duration_text(round(took))} a call is outside the daily means {days} ({low} to {high}).")
    if seen.agents and not seen.agents[0] <= most <= seen.agents[1]:
        low, high = (f"{each:,.0f}" for each in seen.agents)
        shown = f"{low} to {high}" if low != high else f"always {low}"
        sentences.append(
            f"{most:,} agents on the phones at once are outside what the busiest half-hours {days} have shown "
            f"({shown})."
        )
    return sentences


def _calls_beyond(calls: float, weekday: str, which: str, seen: DaysSeen, end: str) -> str:
    days = f"any of the {seen.days:,} days" if seen.days > 1 else "the one day"
    return f"{calls:,.0f} calls on a {weekday.capitalize()} are {which} than {days} kept here has shown ({end})."


def _beyond_reach(scenario: Scenario, baseline: Scenario) -> list[str]:
    moved = {
        "calls": (_calls_of(scenario), _calls_of(baseline)),
        "handling time": (mean_handling(scenario), mean_handling(baseline)),
    }
    ratios = {name: now / was - 1 for name, (now, was) in moved.items() if was}
    far, when = _staff_moved(scenario, baseline)
    if far is not None:
        ratios[f"agents on the phones at {when}"] = far
    sentences = [
        f"{name} {abs(ratio):.0%} {'above' if ratio > 0 else 'below'}"
        for name, ratio in ratios.items()
        if abs(ratio) > _REACH + 1e-9
    ]
    if not sentences:
        return []
    what = " and ".join(sentences)
    return [
        f"{what[0].upper()}{what[1:]} the baseline: no calls are kept here to support more than {_REACH:.0%} "
        "either way."
    ]


def _staff_moved(scenario: Scenario, baseline: Scenario) -> tuple[float | None, str]:
    """By how much the agents on the phones differ at most, as a share of the baseline's, and when."""

    def at(which: Scenario, moment: float) -> int:
        return sum(agents_at(on_the_phones(which, name), moment) for name in which.teams)

    hours = baseline.day
    moments = [hours.opens + number * hours.interval for number in range(hours.intervals)]
    moved = {moment: at(scenario, moment) / was - 1 for moment in moments if (was := at(baseline, moment))}
    if not moved:
        return None, ""
    moment = max(moved, key=lambda each: abs(moved[each]))
    return moved[moment], clock(moment)


def _callers(name: str) -> str:
    callers = name.replace("_", " ")
    return f"{callers[0].upper()}{callers[1:]} callers"


def _share(share: float) -> str:
    return f"{share:.1%}" if share >= _FEW else "fewer than 0.1%"
