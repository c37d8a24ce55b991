"""Agents rostered at each time, before absence."""

from kcas.simulation.scenario.one_weekday import on_weekday, weekdays_differ
from kcas.simulation.scenario.roster import begins, ends, presences, work_edges
from kcas.simulation.scenario.schema import Scenario


def on_the_phones(scenario: Scenario, name: str) -> list[tuple[float, int]]:
    """A team's rostered agents less those at other work, from each moment on while the desk is open."""
    opens, closes, team = scenario.day.opens, scenario.day.closes, scenario.teams[name]
    there = presences(team, opens=opens, closes=closes, interval=scenario.day.interval)
    work = [each for each in scenario.other_work.values() if each.team == name and each.kept]
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
