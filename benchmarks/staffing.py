"""How many paid hours does `kcas staff` ask for, beside pyworkforce: for the same requirement, and for the same target?

Like with like. pyworkforce 0.5.1 finds agents by Erlang C, half-hour by half-hour, for a steady half-hour in which
no one hangs up; what it calls `asa` is the time within which a call is to be answered, not an average speed of answer.
It has no breaks, so each way of placing them is given to it as a shift of its own. So:

1. the same requirement and the same shifts, breaks fixed, and then breaks that may move;
2. the same target, a service level in every half-hour, of callers who never hang up, as it assumes, and then of
   callers who do; and whatever service level over the day its roster keeps. One simulation judges both rosters.

It prints ratios of hours, ours to theirs, and stops with an error where ours are more for a target that theirs keep.

    python benchmarks/staffing.py
"""

import itertools
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyworkforce.queuing import ErlangC
from pyworkforce.scheduling import MinRequiredResources

from kcas.desk.standard import Standard
from kcas.distributions.law_table import LAW
from kcas.simulation.scenario.file import read_scenario
from kcas.simulation.scenario.schema import Scenario
from kcas.staffing.cover import covered, kinds_of, stretches_of
from kcas.staffing.evaluation import Roster, RosterEvaluation
from kcas.staffing.initial_guess import InitialGuess
from kcas.staffing.requirement import agent_time, required
from kcas.staffing.shift_file import ShiftRules, rules_of
from kcas.staffing.target import StaffingTarget, met

ROOT = Path(__file__).resolve().parents[1]
TODAY = read_scenario(ROOT / "scenarios" / "today.toml")
NEEDED: Roster = {"desk": (16, 19, 20, 21, 21, 21, 20, 18, 18, 18, 20, 21, 20, 19, 18, 16, 13)}
"""What `kcas staff scenarios/today.toml --target 5%` found on 26 November 2026: a requirement like any other here."""
LIMIT = 30.0  # seconds for each solver
DAYS = 300
LEVELS = (0.8, 0.9)
STEADY = replace(TODAY, demand=replace(TODAY.demand, day_to_day_sd=0.0), other_work={},
                 day=replace(TODAY.day, weekdays=("wednesday",)))  # fmt: skip
HANDLE = 9.5  # minutes


def told(_words: str) -> None:
    """No one is told."""


def shifts(*, breaks_move: bool) -> ShiftRules:
    """The example's shifts on five days, with breaks that move or that all begin at their earliest."""
    tables: dict[str, Any] = tomllib.loads((ROOT / "scenarios" / "shifts" / "example.toml").read_text(encoding="utf-8"))
    for pattern in tables["shifts"].values():
        for key in ("days", "least_hours", "most_hours"):
            pattern.pop(key, None)
        for each in pattern["breaks"]:
            each["latest"] = each["latest"] if breaks_move else each["earliest"]
    return rules_of(tables, scenario=TODAY, where="the example")


def columns(rules: ShiftRules) -> tuple[dict[str, list[int]], dict[str, int], list[int]]:
    """Every shift with every way of placing its breaks, as pyworkforce wants it; paid minutes; and what is needed."""
    kinds = kinds_of(rules, TODAY)
    stretches = stretches_of(kinds, rules, TODAY)
    cover, cost = {}, {}
    for kind in kinds:
        pattern = rules.shifts[kind.pattern]
        for placed in itertools.product(*(each.begins() for each in pattern.breaks)):
            name = f"{kind.pattern} {kind.begin:g} {kind.length:g} {placed}"
            off = [(kind.begin + at, kind.begin + at + each.length) for at, each in
                   zip(placed, pattern.breaks, strict=True)]  # fmt: skip
            cover[name] = [
                int(kind.begin <= begin and kind.end >= end and all(b >= end or e <= begin for b, e in off))
                for begin, end in stretches
            ]
            cost[name] = round(pattern.paid(kind.length) / 60)
    day = TODAY.day
    needed = [NEEDED["desk"][int((begin - day.opens) // day.interval)] for begin, _ in stretches]
    return cover, cost, needed


def same_requirement(*, breaks_move: bool) -> None:
    """Paid hours of both for the same requirement and the same shifts."""
    rules = shifts(breaks_move=breaks_move)
    began = time.perf_counter()
    ours = covered(NEEDED, rules=rules, scenario=TODAY, limit=LIMIT)
    our_time, our_hours = time.perf_counter() - began, ours.paid_time / 3600 / len(TODAY.day.weekdays)
    cover, cost, needed = columns(rules)
    began = time.perf_counter()
    theirs = MinRequiredResources(
        num_days=1, periods=len(needed), shifts_coverage=cover, required_resources=[needed], cost_dict=cost,
        max_period_concurrency=1000, max_shift_concurrency=100, max_search_time=LIMIT, num_search_workers=2,
    ).solve()  # fmt: skip
    their_time, their_hours = time.perf_counter() - began, theirs["cost"] / 60
    print(
        f"  breaks {'that move' if breaks_move else 'fixed':9}: ours {our_hours:6.1f} paid hours "
        f"({'none cheaper' if ours.at_best else f'gap {ours.gap:.2%}'}, {our_time:5.1f} s), pyworkforce "
        f"{their_hours:6.1f} ({theirs['status'].lower()}, {len(cover):,} shifts, {their_time:5.1f} s): "
        f"ratio of hours {our_hours / their_hours:.3f}, of time {our_time / their_time:.3f}"
    )
    assert theirs["cost"] < 0 or our_hours <= their_hours + 1e-6, "more paid hours than pyworkforce"


def desk(patience: dict[str, Any]) -> Scenario:
    """Today's calls, all alike: exponential handling, and this patience."""
    talk = LAW.read({"distribution": "exponential", "mean": f"{HANDLE} min"}, "talk")
    one = replace(TODAY.types["public"], share=1.0, talk=talk, hold=None, wrap=None,
                  patience=LAW.read(patience, "patience"))  # fmt: skip
    return replace(STEADY, types={"public": one})


def by_erlang_c(scenario: Scenario, level: float) -> Roster:
    """What pyworkforce says, half-hour by half-hour."""
    weights = scenario.demand.arrival_profile
    calls = [scenario.demand.calls_per_day * weight / sum(weights) for weight in weights]
    found = [
        ErlangC(transactions=each, aht=HANDLE, asa=20 / 60, interval=30).required_positions(level)["positions"]
        for each in calls
    ]
    return {"desk": tuple(found)}


def same_target(scenario: Scenario, level: float, *, words: str) -> None:
    """Agent-hours of both for the same service level in every half-hour, and whether either keeps to it."""
    standard = Standard(service_level="sl_offered")
    aim = StaffingTarget(service_level=level, each="half-hour")
    trial = RosterEvaluation(scenario, standard=standard, days=DAYS, seed=1)
    began = time.perf_counter()
    ours = required(trial, aim, teams=["desk"], progress=told)
    took = time.perf_counter() - began
    theirs = by_erlang_c(scenario, level)
    guide = InitialGuess(scenario, ["desk"], within=20.0, lost=False, soon=True)
    hours, their_hours = ours.agent_time / 3600, agent_time(theirs, guide) / 3600
    fared = trial.with_roster(theirs)
    keeps = met(fared, aim)
    worst = min(fared.part(number).service_level.mean or 0.0 for number in range(fared.intervals))
    print(
        f"  {level:.0%} in 20 s, {words}: ours {hours:6.1f} agent-hours ({took:4.1f} s), pyworkforce "
        f"{their_hours:6.1f}: ratio {hours / their_hours:.3f}; simulated, ours keep to it and theirs "
        f"{'do' if keeps else 'do not'} (worst half-hour {worst:.1%})"
    )
    assert met(trial.with_roster(ours.roster), aim), "ours do not keep to the target"
    assert not keeps or hours <= their_hours + 1e-6, "more hours than pyworkforce for a target that theirs keep"
    as_well(trial, theirs, guide, words=words)


def as_well(trial: RosterEvaluation, theirs: Roster, guide: InitialGuess, *, words: str) -> None:
    """Agent-hours of both for what theirs do keep to, whatever they were asked: their service level over the day."""
    kept = trial.with_roster(theirs).service_level.low
    assert kept is not None
    ours = required(trial, StaffingTarget(service_level=kept), teams=["desk"], progress=told)
    hours, their_hours = ours.agent_time / 3600, agent_time(theirs, guide) / 3600
    print(
        f"  {kept:.1%} over the day, as theirs keep, {words}: ours {hours:6.1f}, pyworkforce {their_hours:6.1f}: "
        f"ratio {hours / their_hours:.3f}"
    )
    assert hours <= their_hours + 1e-6, "more hours than pyworkforce for what theirs keep"


def main() -> None:
    """Every comparison."""
    print("The same requirement, the same shifts (paid hours a day):")
    same_requirement(breaks_move=False)
    same_requirement(breaks_move=True)
    print("The same target (agent-hours a day, no shifts):")
    for level in LEVELS:
        same_target(desk({"distribution": "endless"}), level, words="no one hangs up")
    for level in LEVELS:
        same_target(desk({"distribution": "exponential", "mean": "3 min"}), level, words="callers hang up")


if __name__ == "__main__":
    main()
