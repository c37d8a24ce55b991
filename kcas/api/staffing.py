"""Staffing plans: the minimum agents that meet a target, with the proof by simulation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcas.api.result import Result, plain_values
from kcas.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

    from kcas.api.scenario import Scenario
    from kcas.desk.standard import Standard
    from kcas.simulation.scenario.schema import Scenario as Checked
    from kcas.staffing.plan import Bought, EvaluatedRoster, MarginalValue, Plan
    from kcas.staffing.shift_file import ShiftRules

OF_TOTAL = (
    "offered", "answered", "abandoned", "rate", "service_level", "occupancy", "wait_all", "average_speed_of_answer",
    "numerator", "denominator", "service_level_numerator", "service_level_denominator",
)  # fmt: skip
"""The measures of a whole day that a planner asks for."""


@dataclass(frozen=True)
class StaffingPlan(Result):
    """The minimum agents of each interval, shifts where patterns were given, and how they fare. Modelled."""

    plan: Plan
    name: str
    within: float
    seconds: float
    weekday: str | None = None
    bought: str | None = None
    out: Path | None = None
    """The scenario file to which the roster was saved."""

    @cached_property
    def report(self) -> dict[str, Any]:
        """Everything that was found, in seconds, hours and fractions of one."""
        plan, ask, run = self.plan, self.plan.ask, self.plan.last.projection
        return {
            "scenario": self.name,
            "question": plan.scenario.question,
            "invented": list(plan.scenario.invented),
            "aim": asdict(ask.aim) | {"within": self.within, "words": ask.aim.words},
            "definition": run.standard.definition,
            "service_level_definition": run.standard.service_level,
            "engine": run.engine,
            "replications": run.replications,
            "seed": run.seed,
            "teams": list(plan.teams),
            "agent_hours": self.agent_hours,
            "intervals": _intervals(plan),
            "total": _measures(plan.lean),
            "kept": dict(plan.lean.days_met),
            "met": plan.lean.met,
            "today": _current(plan),
            "theory": _theory(plan),
            "roster": _roster(plan),
            "further": {"team": plan.teams[0], "today": [_more(each) for each in plan.more_than_today],
                        "roster": [_more(each) for each in plan.more_than_needed]},
            "bought": _bought(plan.bought) if plan.bought else None,
            "notes": _notes(plan),
            "weekday": self.weekday,
            "bought_scenario": self.bought,
            "out": str(self.out) if self.out else None,
            "seconds": self.seconds,
        }  # fmt: skip

    @property
    def agent_hours(self) -> float:
        """Agent hours of the requirement, a day."""
        return self.plan.required.agent_time / 3600

    def save(self, path: str | Path) -> StaffingPlan:
        """Write the roster as a scenario file; a copy of the plan that names it. Raises SettingError if it exists."""
        from kcas.staffing.roster_file import write

        write(Path(path), self.text(f"Does this roster keep to {self.plan.ask.aim.words}?"))
        return replace(self, out=Path(path))

    def text(self, question: str) -> str:
        """The roster as the text of a scenario file that asks this question."""
        from kcas.staffing import roster_file

        plan, ask = self.plan, self.plan.ask
        shifts = ask.rules.invented if ask.rules else ()
        return roster_file.roster_text(
            plan.last.tables, question=question, words=f"the fewest agents for {ask.aim.words}",
            invented=roster_file.all_invented(plan.scenario.invented, shifts, teams=plan.teams),
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """What `kcas staff --json` prints."""
        return plain_values(self.report)

    def to_frame(self) -> pl.DataFrame:
        """One row an interval: agents needed, rostered and current, with the rate and service level of each."""
        import polars as pl

        return pl.DataFrame(self.report["intervals"], infer_schema_length=None)

    def plot(self) -> Any:
        """Agents needed, rostered and current, by interval."""
        from kcas.reporting.palettes import LIGHT
        from kcas.reporting.staffing import agents, requirement_points

        return agents(requirement_points(self.report), palette=LIGHT).to_altair()


def plan_staff(
    scenario: Scenario,
    *,
    target: float | None = None,
    service_level: float | None = None,
    within: float | None = None,
    confidence: float | None = None,
    each: str = "day",
    teams: tuple[str, ...] = (),
    weekday: str | None = None,
    shifts: str | Path | ShiftRules | None = None,
    most_heads: int | None = None,
    cost_per_hour: float | None = None,
    time_limit: float = 20.0,
    further: int = 5,
    bought: Scenario | None = None,
    replications: int | None = None,
    seed: int | None = None,
    standard: Standard | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> StaffingPlan:
    """The minimum agents that meet a target.

    `target` is the highest share abandoned and `service_level` the lowest share answered `within` so many seconds,
    fractions of one; either or both. `confidence` is the share of days that must meet it (in the long run unless
    given); `each` is "day" or "half-hour". `weekday` plans for that day alone. `shifts` is a TOML file of shift
    patterns, or what it reads to, with at most `most_heads` people; `time_limit` is in seconds. `further` agents are
    evaluated one by one; `bought` is a scenario with more agents, of which the effect of the extra spending is shown.
    `progress` is given the share done and what is done. Raises SettingError or ScenarioError for what cannot be met.
    """
    import time

    from kcas.desk.standard import Standard
    from kcas.staffing.plan import PlanRequest, plan
    from kcas.staffing.target import StaffingTarget

    began = time.perf_counter()
    aim = StaffingTarget(target, service_level, confidence, each)
    scenario = scenario.on_weekday(weekday) if weekday else scenario
    desk = standard or Standard()
    desk = desk if within is None else replace(desk, within=within)
    rules = _shift_rules(shifts, scenario.checked, most_heads=most_heads, cost=cost_per_hour)
    ask = PlanRequest(
        aim, teams, rules, replications, seed, further, time_limit, bought.checked if bought else None, cost_per_hour
    )
    found = plan(scenario.tables, ask=ask, standard=desk, progress=progress or (lambda _share, _words: None))
    seconds = time.perf_counter() - began
    return StaffingPlan(found, scenario.name, desk.within, seconds, weekday, bought.name if bought else None)


def _shift_rules(
    shifts: str | Path | ShiftRules | None, scenario: Checked, *, most_heads: int | None, cost: float | None
) -> ShiftRules | None:
    """The patterns of shifts, with the limits asked for over their own."""
    from kcas.staffing.shift_file import ShiftRules, read_shifts

    if most_heads is not None and most_heads < 1:
        raise SettingError(f"--most-heads: {most_heads} people cover nothing. Expected 1 at least.")
    if cost is not None and not 0 < cost <= 1_000_000:
        raise SettingError(f"--cost-per-hour: {cost:g} is not valid. Expected an amount above 0.")
    if shifts is None:
        if most_heads is not None:
            raise SettingError("--most-heads binds a roster of shifts. Give their patterns too: --shifts FILE.toml.")
        return None
    rules = shifts if isinstance(shifts, ShiftRules) else read_shifts(Path(shifts), scenario=scenario)
    if most_heads is not None:
        rules = replace(rules, most_heads=min(most_heads, rules.most_heads or most_heads))
    if cost is not None and rules.cost_per_hour is None:
        rules = replace(rules, cost_per_hour=cost)
    return rules


def _current(plan: Plan) -> dict[str, Any]:
    """The roster of the scenario as it is."""
    from kcas.staffing.plan import agent_hours

    return {"agent_hours": agent_hours(plan.scenario), "total": _measures(plan.today),
            "kept": dict(plan.today.days_met), "met": plan.today.met}  # fmt: skip


def _measures(shown: EvaluatedRoster) -> dict[str, Any]:
    """The measures of a whole day that a planner asks for."""
    return {name: asdict(shown.projection.measure(name)) for name in OF_TOTAL}


def _intervals(plan: Plan) -> list[dict[str, Any]]:
    """Each interval: agents needed, rostered and as today, in all and by team; and how its callers would fare."""
    from kcas.desk.units import clock
    from kcas.simulation.scenario.changes import agents_by_interval
    from kcas.staffing.initial_guess import Cell, on_the_phones

    day, lean = plan.scenario.day, plan.lean
    rosters = {"agents": lean, "today": plan.today} | ({"rostered": plan.roster} if plan.roster else {})
    by_team = {
        which: {team: agents_by_interval(shown.projection.scenario, team) for team in plan.teams}
        for which, shown in rosters.items()
    }
    found = []
    for number in range(day.intervals):
        row: dict[str, Any] = {"start": clock(day.opens + number * day.interval)}
        for which, teams in by_team.items():
            row[which] = sum(agents[number] for agents in teams.values())
        if plan.roster:
            row["rostered_least"] = _least(plan, number)
        row["by_team"] = {team: agents[number] for team, agents in by_team["agents"].items()}
        row["on_the_phones"] = sum(
            on_the_phones(plan.scenario, Cell(team, number), agents[number])
            for team, agents in by_team["agents"].items()
        )
        row["offered"] = float(lean.fared.part(number).of.sum(axis=1).mean())
        for which, shown in rosters.items():
            part = shown.fared.part(number)
            prefix = "" if which == "agents" else f"{which}_"
            row |= {f"{prefix}rate": asdict(part.rate), f"{prefix}service_level": asdict(part.service_level)}
            row |= part.halves(prefix=prefix)
        found.append(row)
    return found


def _least(plan: Plan, number: int) -> int:
    """The fewest at work at any moment of an interval: breaks may begin within it."""
    from kcas.simulation.scenario.roster import presences

    if plan.roster is None:
        return 0
    scenario, day = plan.roster.projection.scenario, plan.scenario.day
    begin = day.opens + number * day.interval
    end = min(begin + day.interval, day.closes)
    there = [
        each
        for team in plan.teams
        for each in presences(scenario.teams[team], opens=day.opens, closes=day.closes, interval=day.interval)
    ]
    moments = {begin} | {edge for each in there for edge in (each.begin, each.end) if begin <= edge < end}
    return min(sum(each.agents for each in there if each.begin <= at < each.end) for at in moments)


def _theory(plan: Plan) -> dict[str, Any]:
    """What the exact day alone would have rostered, or why it has no say."""
    if plan.required.by_theory is None:
        return {"by_team": None, "why": plan.required.why_no_theory}
    return {"by_team": {team: list(agents) for team, agents in plan.required.by_theory.items()}, "why": None}


def _roster(plan: Plan) -> dict[str, Any] | None:
    """The shifts, the weeks that people work, what they cost, and what they lead to."""
    from kcas.desk.units import clock

    if plan.cover is None or plan.roster is None or plan.ask.rules is None:
        return None
    open_days = len(plan.scenario.day.weekdays)
    return {
        "shifts": [
            {"pattern": each.kind.pattern, "team": each.kind.team, "from": clock(each.kind.begin),
             "to": clock(each.kind.end), "agents": each.agents,
             "breaks": [{"from": clock(begin), "to": clock(end)} for begin, end in each.breaks]}
            for each in plan.cover.duties
        ],
        "weeks": [
            {"pattern": each.kind.pattern, "team": each.kind.team, "from": clock(each.kind.begin),
             "to": clock(each.kind.end), "days": list(each.days), "heads": each.heads}
            for each in plan.cover.weeks
        ],
        "heads": plan.cover.heads,
        "paid_hours_a_week": plan.cover.paid_time / 3600,
        "paid_hours_a_day": plan.cover.paid_time / 3600 / open_days,
        "cost_a_week": plan.cover.cost,
        "cheapest": plan.cover.at_best,
        "gap": plan.cover.gap,
        "time_limit": plan.cover.limit,
        "seconds": plan.cover.seconds,
        "invented": list(plan.ask.rules.invented),
        "total": _measures(plan.roster),
        "kept": dict(plan.roster.days_met),
        "met": plan.roster.met,
    }  # fmt: skip


def _more(each: MarginalValue) -> dict[str, Any]:
    """So many agents more, and what they change."""
    figures = {
        "rate": each.fared.rate, "service_level": each.fared.service_level,
        "rate_difference": each.rate_moved, "service_level_difference": each.service_level_moved,
        "saved": each.saved, "last_rate_difference": each.last_rate_moved, "last_saved": each.last_saved,
    }  # fmt: skip
    return {"agents": each.agents} | {name: asdict(figure) for name, figure in figures.items()} | each.fared.halves()


def _bought(found: Bought) -> dict[str, Any]:
    """What the money has bought; costs only where someone has said what an hour costs."""
    return {
        "hours_a_day": found.hours,
        "cost_a_day": found.cost,
        "saved": asdict(found.saved),
        "rate_before": asdict(found.before.rate),
        "rate_after": asdict(found.after.rate),
        "before": found.before.halves(),
        "after": found.after.halves(),
        "rate_difference": asdict(found.rate_moved),
        "hours_per_call_saved": asdict(found.hours_per_call),
        "cost_per_call_saved": asdict(found.cost_per_call),
    }


def _notes(plan: Plan) -> list[str]:
    """What the plan rests on."""
    from kcas.simulation.scenario.assumptions import assumptions

    found = ["Agents are counted as rostered: absence, shrinkage and other work of the scenario come off them."]
    if len(plan.scenario.day.weekdays) > 1:
        found.append(
            "Every open day has the same roster; days that differ in calls are all simulated with it. One weekday can "
            "be asked for alone."
        )
    else:
        found.append(f"Every simulated day is a {plan.scenario.day.weekdays[0].capitalize()}.")
    if plan.ask.aim.each == "day":
        found.append("A target over the day lets some half-hours do worse than others; --each half-hour does not.")
    if plan.ask.rules and plan.ask.rules.invented:
        found.append(f"Invented, not the desk's own, in the file of shifts: {', '.join(plan.ask.rules.invented)}.")
    return [*found, *assumptions(plan.scenario)]
