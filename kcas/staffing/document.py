"""A staffing plan as plain values, for JSON and the page."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from kcas.desk.toml_fields import clock
from kcas.simulation.estimate import Estimate
from kcas.simulation.scenario.assumptions import assumptions
from kcas.simulation.scenario.changes import agents_by_interval
from kcas.staffing.initial_guess import Cell, on_the_phones
from kcas.staffing.plan import Bought, EvaluatedRoster, MarginalValue, Plan, agent_hours

OF_TOTAL = (
    "offered", "answered", "abandoned", "rate", "service_level", "occupancy", "wait_all", "average_speed_of_answer",
    "numerator", "denominator", "service_level_numerator", "service_level_denominator",
)  # fmt: skip


def document(plan: Plan, *, name: str, within: float) -> dict[str, Any]:
    """Everything that was found, in seconds, hours and fractions of one."""
    ask, run = plan.ask, plan.last.projection
    return {
        "scenario": name,
        "question": plan.scenario.question,
        "invented": list(plan.scenario.invented),
        "aim": asdict(ask.aim) | {"within": within, "words": ask.aim.words},
        "definition": run.standard.definition,
        "service_level_definition": run.standard.service_level,
        "engine": run.engine,
        "replications": run.replications,
        "seed": run.seed,
        "teams": list(plan.teams),
        "agent_hours": plan.required.agent_time / 3600,
        "intervals": intervals(plan),
        "total": measures(plan.lean),
        "kept": dict(plan.lean.kept),
        "met": plan.lean.met,
        "today": {"agent_hours": agent_hours(plan.scenario), "total": measures(plan.today),
                  "kept": dict(plan.today.kept), "met": plan.today.met},
        "theory": theory(plan),
        "roster": roster(plan),
        "further": {"team": plan.teams[0], "today": [more(each) for each in plan.more_than_today],
                    "roster": [more(each) for each in plan.more_than_needed]},
        "bought": bought(plan.bought) if plan.bought else None,
        "notes": _notes(plan),
    }  # fmt: skip


def measures(shown: EvaluatedRoster) -> dict[str, Any]:
    """The measures of a whole day that a planner asks for."""
    return {name: asdict(shown.projection.measure(name)) for name in OF_TOTAL}


def intervals(plan: Plan) -> list[dict[str, Any]]:
    """Each interval: agents needed, rostered and as today, in all and by team; and how its callers would fare."""
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
            row["rostered_least"] = least(plan, number)
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


def least(plan: Plan, number: int) -> int:
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


def theory(plan: Plan) -> dict[str, Any]:
    """What the exact day alone would have rostered, or why it has no say."""
    if plan.required.by_theory is None:
        return {"by_team": None, "why": plan.required.why_no_theory}
    return {"by_team": {team: list(agents) for team, agents in plan.required.by_theory.items()}, "why": None}


def roster(plan: Plan) -> dict[str, Any] | None:
    """The shifts, the weeks that people work, what they cost, and what they lead to."""
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
        "total": measures(plan.roster),
        "kept": dict(plan.roster.kept),
        "met": plan.roster.met,
    }  # fmt: skip


def more(each: MarginalValue) -> dict[str, Any]:
    """So many agents more, and what they change."""
    figures: Mapping[str, Estimate] = {
        "rate": each.fared.rate, "service_level": each.fared.service_level,
        "rate_difference": each.rate_moved, "service_level_difference": each.service_level_moved,
        "saved": each.saved, "last_rate_difference": each.last_rate_moved, "last_saved": each.last_saved,
    }  # fmt: skip
    return {"agents": each.agents} | {name: asdict(figure) for name, figure in figures.items()} | each.fared.halves()


def bought(found: Bought) -> dict[str, Any]:
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
