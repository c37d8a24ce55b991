"""Schema of a scenario: demand, callers, teams and telephone system."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kcas.desk.toml_fields import (
    CLOCK,
    TEXT,
    Kind,
    amount,
    count,
    listed,
    named_tables,
    one_of,
    percent,
    setting,
    table,
    time,
)
from kcas.distributions.sampling import LAW, Law
from kcas.simulation.scenario.options import TYPES, Redials, Telephone
from kcas.simulation.scenario.roster import OtherWork, Team

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CALLS_AT_MOST = 1_000_000
DAYS_AT_MOST = 1_000_000
WEIGHTS = listed(amount(above=-1e-12, high=1e9))
FACTORS = listed(percent(low=10, high=1000))


@dataclass(frozen=True)
class Day:
    """The desk's hours."""

    opens: float = setting(CLOCK, "opening time")
    closes: float = setting(CLOCK, "closing time; no call arrives later")
    interval: float = setting(time(low=60, high=86_400), "length of the intervals that demand and rosters are given by",
                              default=1800.0)  # fmt: skip
    weekdays: tuple[str, ...] = setting(
        listed(one_of(*WEEKDAYS)), "days that are simulated, in turn", default=WEEKDAYS[:5]
    )
    at_close: str = setting(
        one_of("wait on", "cut off", "stay"),
        "callers in the queue at closing: keep waiting for agents rostered, are disconnected, or are served by agents "
        "who stay",
        default="stay",
    )

    @property
    def intervals(self) -> int:
        """How many intervals the day has, the last perhaps cut short."""
        return math.ceil((self.closes - self.opens) / self.interval)


@dataclass(frozen=True)
class Weekdays:
    """Each weekday's calls, of the average day's."""

    monday: float = setting(percent(high=1000), "calls on a Monday", default=1.0)
    tuesday: float = setting(percent(high=1000), "calls on a Tuesday", default=1.0)
    wednesday: float = setting(percent(high=1000), "calls on a Wednesday", default=1.0)
    thursday: float = setting(percent(high=1000), "calls on a Thursday", default=1.0)
    friday: float = setting(percent(high=1000), "calls on a Friday", default=1.0)
    saturday: float = setting(percent(high=1000), "calls on a Saturday", default=1.0)
    sunday: float = setting(percent(high=1000), "calls on a Sunday", default=1.0)


@dataclass(frozen=True)
class Shapes:
    """How the calls of a weekday spread over its intervals, where in a way of its own."""

    monday: tuple[float, ...] = setting(WEIGHTS, "the spread of a Monday's calls", default=())
    tuesday: tuple[float, ...] = setting(WEIGHTS, "the spread of a Tuesday's calls", default=())
    wednesday: tuple[float, ...] = setting(WEIGHTS, "the spread of a Wednesday's calls", default=())
    thursday: tuple[float, ...] = setting(WEIGHTS, "the spread of a Thursday's calls", default=())
    friday: tuple[float, ...] = setting(WEIGHTS, "the spread of a Friday's calls", default=())
    saturday: tuple[float, ...] = setting(WEIGHTS, "the spread of a Saturday's calls", default=())
    sunday: tuple[float, ...] = setting(WEIGHTS, "the spread of a Sunday's calls", default=())


@dataclass(frozen=True)
class Demand:
    """How many callers there are."""

    calls_per_day: float = setting(amount(above=0, high=CALLS_AT_MOST), "callers on an average day")
    shape: tuple[float, ...] = setting(
        WEIGHTS, "how they spread over the intervals of the day, as weights; evenly unless given", default=()
    )
    weekdays: Weekdays = setting(table(Weekdays), "how weekdays differ", default=Weekdays())
    shapes: Shapes = setting(
        table(Shapes), "weekdays whose calls spread over the day in their own way, in place of shape", default=Shapes()
    )
    handling_by_interval: tuple[float, ...] = setting(
        FACTORS, "how long calls take that arrive in each interval of the day, of what their type says", default=()
    )
    patience_by_interval: tuple[float, ...] = setting(
        FACTORS, "how long callers wait who arrive in each interval of the day, of what their type says", default=()
    )
    day_variation: float = setting(
        percent(high=200),
        "how much days differ beyond chance: the standard deviation of a gamma factor on the whole day",
        default=0.0,
    )
    handling_variation: float = setting(
        percent(high=100),
        "how much days differ in how long calls take: the standard deviation of a gamma factor on all of a day's calls",
        default=0.0,
    )


@dataclass(frozen=True)
class CallType:
    """One kind of caller: how many, how long a call takes, how long they wait, and who may serve them."""

    share: float = setting(percent(), "share of the callers")
    talk: Law = setting(LAW, "talking time")
    patience: Law = setting(LAW, "how long they wait before hanging up")
    hold: Law | None = setting(LAW, "time on hold within the call", default=None)
    wrap: Law | None = setting(LAW, "the agent's time after the call", default=None)
    priority: int = setting(count(low=1, high=100), "1 is taken first; equal priorities by longest wait", default=1)
    teams: tuple[str, ...] = setting(
        listed(TEXT), "teams that may take the call, first choice first; all unless given", default=()
    )
    overflow_to: tuple[str, ...] = setting(listed(TEXT), "further teams that help out", default=())
    overflow_after: float = setting(time(), "wait before those teams are in reach", default=0.0)
    keep_idle: int = setting(
        count(high=20_000), "those teams take a call only while more than so many of them are idle", default=0
    )
    shape: tuple[float, ...] = setting(WEIGHTS, "its own spread over the day, as weights", default=())
    handling_by_interval: tuple[float, ...] = setting(
        FACTORS, "its own change of handling over the day, in place of demand's", default=()
    )
    patience_by_interval: tuple[float, ...] = setting(
        FACTORS, "its own change of patience over the day, in place of demand's", default=()
    )


@dataclass(frozen=True)
class Training:
    """What training changes. The callers stay the same callers, so that differences are not chance."""

    handling: float = setting(percent(low=10, high=300), "talk, hold and wrap-up, of what they were", default=1.0)
    inappropriate: float = setting(percent(), "share of calls that are no longer made", default=0.0)
    types: tuple[str, ...] = setting(TYPES, "types of call it changes; all unless given", default=())


@dataclass(frozen=True)
class Run:
    """How much is simulated unless the command says otherwise."""

    replications: int = setting(count(low=1, high=DAYS_AT_MOST), "simulated days", default=200)
    seed: int = setting(count(high=2**63 - 1), "random seed: the same seed gives the same simulated callers", default=1)


@dataclass(frozen=True)
class Scenario:
    """A desk as a planner assumes it."""

    question: str = setting(TEXT, "what the file is for")
    day: Day = setting(table(Day), "the desk's hours")
    demand: Demand = setting(table(Demand), "how many callers")
    types: dict[str, CallType] = setting(named_tables(CallType, at_most=20, what="types of call"), "kinds of caller")
    teams: dict[str, Team] = setting(named_tables(Team, at_most=20, what="teams"), "agents")
    telephone: Telephone = setting(table(Telephone), "the telephone system", default=Telephone())
    redials: Redials | None = setting(table(Redials), "callers who call again", default=None)
    training: Training = setting(table(Training), "what training changes", default=Training())
    other_work: dict[str, OtherWork] = setting(
        named_tables(OtherWork, at_most=50, what="kinds of other work"), "work off the phones", default=None
    )
    run: Run = setting(table(Run), "how much is simulated", default=Run())
    invented: tuple[str, ...] = setting(
        listed(TEXT), 'keys whose figures are invented, like "demand", or "everything"', default=()
    )

    @property
    def attempts(self) -> int:
        """How often one caller may ring in a day."""
        return 1 + (self.redials.times if self.redials else 0)

    def number(self, type_name: str) -> int:
        """The engines' number of a type."""
        return list(self.types).index(type_name)


SCENARIO = Kind("a scenario", "", lambda value, where: value, Scenario)
Tables = Mapping[str, Any]
