"""A scenario on one weekday, with that weekday's profile and roster."""

from dataclasses import replace

from kcas.simulation.scenario.roster import MoreOn, Team
from kcas.simulation.scenario.schema import Scenario, Shapes


def weekdays_differ(scenario: Scenario) -> bool:
    """Whether any weekday has a shape or a roster of its own."""
    return scenario.demand.shapes != Shapes() or any(team.more_on != MoreOn() for team in scenario.teams.values())


def on_weekday(scenario: Scenario, weekday: str) -> Scenario:
    """The scenario of that weekday alone; how many calls it has of the average day's stays as it is."""
    demand = replace(
        scenario.demand, shape=getattr(scenario.demand.shapes, weekday) or scenario.demand.shape, shapes=Shapes()
    )
    teams = {name: replace(team, by_interval=roster_on(team, weekday), more_on=MoreOn())
             for name, team in scenario.teams.items()}  # fmt: skip
    return replace(scenario, day=replace(scenario.day, weekdays=(weekday,)), demand=demand, teams=teams)


def roster_on(team: Team, weekday: str) -> tuple[int, ...]:
    """A team's agents by interval on a weekday; never fewer than none."""
    more = getattr(team.more_on, weekday) or (0,) * len(team.by_interval)
    return tuple(max(usual + by, 0) for usual, by in zip(team.by_interval, more, strict=True))
