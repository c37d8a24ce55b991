"""Schema of a scenario: demand, callers, teams and telephone system.

Telephone options: callback, menu, overflow, announcement, line limit; none in use unless stated.
"""

import math
from dataclasses import dataclass, replace

from kcas.desk.opening_hours import WEEKDAYS as WEEKDAYS
from kcas.desk.toml_fields import (
    CLOCK,
    TEXT,
    Former,
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
from kcas.distributions.law_table import LAW, Law
from kcas.simulation.scenario.roster import ExtraAgents, OtherWork, Team

LINES_AT_MOST = 1_000_000
TYPES = listed(TEXT)


@dataclass(frozen=True)
class Menu:
    """Recorded choices before the queue; the caller holds a line meanwhile."""

    length: Law = setting(LAW, "time in the menu")
    self_service_share: float = setting(
        percent(), "share of callers whom the menu itself serves", default=0.0, formerly=Former("serves")
    )
    hang_up: float = setting(percent(), "share who hang up in the menu", default=0.0)
    types: tuple[str, ...] = setting(TYPES, "types of call it serves or loses; all unless given", default=())


@dataclass(frozen=True)
class Announcement:
    """What callers are told as they join the queue."""

    announces: str = setting(
        one_of("wait", "position"),
        "what is announced: the estimated wait, or the place in the queue",
        formerly=Former("tells"),
    )
    balk_share: float = setting(
        percent(),
        "share who hang up at once (balk) when the announced wait is longer than their patience",
        default=0.0,
        formerly=Former("leave"),
    )
    patience: float = setting(
        percent(low=10, high=500), "patience of those who stay, of what it was before", default=1.0
    )
    types: tuple[str, ...] = setting(TYPES, "types of call that hear it; all unless given", default=())


@dataclass(frozen=True)
class Callback:
    """Leaving the queue on a promise to be rung back; counted as a callback, never as answered."""

    accepts: float = setting(percent(), "share of callers who take a callback when offered")
    offered_after: float | None = setting(time(low=1), "offered to callers who have waited this long", default=None)
    offered_above: float | None = setting(
        time(), "offered on joining the queue when the expected wait is at least this", default=None
    )
    offered_when_waiting: int | None = setting(
        count(high=10_000), "offered on joining the queue when so many of the type wait already", default=None
    )
    deadline: float | None = setting(
        time(low=60), "after this a promise goes before every caller; until then it waits until no one else does",
        default=None,
    )  # fmt: skip
    reached: float = setting(percent(), "share of attempts on which the caller picks up", default=1.0)
    max_attempts: int = setting(
        count(low=1, high=10), "attempts before a callback is dropped", default=1, formerly=Former("tries")
    )
    try_length: float = setting(time(), "agent's time for an attempt that no one answers", default=30.0)
    try_again_after: float = setting(time(), "pause before the next attempt", default=1800.0)
    types: tuple[str, ...] = setting(TYPES, "types of call it is offered to; all unless given", default=())


@dataclass(frozen=True)
class Voicemail:
    """Leaving the queue to leave a message."""

    offered_after: float = setting(time(low=1), "offered to callers who have waited this long")
    accepts: float = setting(percent(), "share who leave a message then")
    types: tuple[str, ...] = setting(TYPES, "types of call it is offered to; all unless given", default=())


@dataclass(frozen=True)
class LongestWait:
    """The switch gives up on callers who have waited this long."""

    after: float = setting(time(low=1), "the longest a caller is left in the queue")
    then: str = setting(
        one_of("timed_out", "voicemail", "overflowed"),
        "what becomes of the caller: put out, asked for a message, or sent on to another desk",
    )
    types: tuple[str, ...] = setting(TYPES, "types of call it applies to; all unless given", default=())


@dataclass(frozen=True)
class Telephone:
    """The telephone system."""

    lines: int | None = setting(
        count(low=1, high=LINES_AT_MOST), "telephone lines; callers beyond them meet a busy tone", default=None
    )
    agent_choice: str = setting(
        one_of("in order", "by chance"),
        "which free agent takes a call: of the first team named, or any free agent of its teams",
        default="in order",
    )
    nobody_working: str = setting(
        one_of("wait", "turn away"), "a caller who rings while no one of the teams works", default="wait"
    )
    menu: Menu | None = setting(table(Menu), "a menu before the queue", default=None)
    announcement: Announcement | None = setting(table(Announcement), "what callers are told", default=None)
    callback: Callback | None = setting(table(Callback), "an offer to be rung back", default=None)
    voicemail: Voicemail | None = setting(table(Voicemail), "an offer to leave a message", default=None)
    longest_wait: LongestWait | None = setting(table(LongestWait), "when the switch gives up", default=None)


@dataclass(frozen=True)
class Redials:
    """Callers who did not get through and call again the same day."""

    delay: Law = setting(LAW, "time until they call again")
    after_abandoning: float = setting(percent(), "share who call again after hanging up", default=0.0)
    after_busy_tone: float = setting(percent(), "share who call again after a busy tone", default=0.0)
    max_redials: int = setting(
        count(low=1, high=20), "how often they call again at most", default=3, formerly=Former("times")
    )
    patience: str = setting(
        one_of("fresh", "same"), "their patience the next time: drawn again, or the same", default="fresh"
    )


CALLS_AT_MOST = 1_000_000
DAYS_AT_MOST = 1_000_000
WEIGHTS = listed(amount(above=-1e-12, high=1e9))
_FACTORS = listed(percent(low=10, high=1000))


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
    after_closing: str = setting(
        one_of("keep waiting", "disconnect", "serve queue"),
        "callers in the queue at closing: keep waiting for agents rostered, are disconnected, or are served by agents "
        "who stay",
        default="serve queue",
        formerly=Former("at_close", (("wait on", "keep waiting"), ("cut off", "disconnect"), ("stay", "serve queue"))),
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
class ArrivalProfiles:
    """The arrival profile of a weekday: how its calls spread over its intervals, where they do so in their own way."""

    monday: tuple[float, ...] = setting(WEIGHTS, "the arrival profile of a Monday's calls", default=())
    tuesday: tuple[float, ...] = setting(WEIGHTS, "the arrival profile of a Tuesday's calls", default=())
    wednesday: tuple[float, ...] = setting(WEIGHTS, "the arrival profile of a Wednesday's calls", default=())
    thursday: tuple[float, ...] = setting(WEIGHTS, "the arrival profile of a Thursday's calls", default=())
    friday: tuple[float, ...] = setting(WEIGHTS, "the arrival profile of a Friday's calls", default=())
    saturday: tuple[float, ...] = setting(WEIGHTS, "the arrival profile of a Saturday's calls", default=())
    sunday: tuple[float, ...] = setting(WEIGHTS, "the arrival profile of a Sunday's calls", default=())


@dataclass(frozen=True)
class Demand:
    """How many callers there are."""

    calls_per_day: float = setting(amount(above=0, high=CALLS_AT_MOST), "callers on an average day")
    arrival_profile: tuple[float, ...] = setting(
        WEIGHTS,
        "how they spread over the intervals of the day, as weights; evenly unless given",
        default=(),
        formerly=Former("shape"),
    )
    weekdays: Weekdays = setting(table(Weekdays), "how weekdays differ", default=Weekdays())
    arrival_profile_by_weekday: ArrivalProfiles = setting(
        table(ArrivalProfiles),
        "weekdays whose calls spread over the day in their own way, in place of arrival_profile",
        default=ArrivalProfiles(),
        formerly=Former("shapes"),
    )
    handling_by_interval: tuple[float, ...] = setting(
        _FACTORS, "how long calls take that arrive in each interval of the day, of what their type says", default=()
    )
    patience_by_interval: tuple[float, ...] = setting(
        _FACTORS, "how long callers wait who arrive in each interval of the day, of what their type says", default=()
    )
    day_to_day_sd: float = setting(
        percent(high=200),
        "day-to-day variation (overdispersion): the standard deviation of a gamma factor on the whole day",
        default=0.0,
        formerly=Former("day_variation"),
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
    arrival_profile: tuple[float, ...] = setting(
        WEIGHTS, "its own arrival profile over the day, as weights", default=(), formerly=Former("shape")
    )
    handling_by_interval: tuple[float, ...] = setting(
        _FACTORS, "its own change of handling over the day, in place of demand's", default=()
    )
    patience_by_interval: tuple[float, ...] = setting(
        _FACTORS, "its own change of patience over the day, in place of demand's", default=()
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
        return 1 + (self.redials.max_redials if self.redials else 0)

    def number(self, type_name: str) -> int:
        """The engines' number of a type."""
        return list(self.types).index(type_name)


def weekdays_differ(scenario: Scenario) -> bool:
    """Whether any weekday has an arrival profile or a roster of its own."""
    return scenario.demand.arrival_profile_by_weekday != ArrivalProfiles() or any(
        team.extra_agents_by_weekday != ExtraAgents() for team in scenario.teams.values()
    )


def on_weekday(scenario: Scenario, weekday: str) -> Scenario:
    """The scenario of that weekday alone; how many calls it has of the average day's stays as it is."""
    own = getattr(scenario.demand.arrival_profile_by_weekday, weekday)
    demand = replace(
        scenario.demand,
        arrival_profile=own or scenario.demand.arrival_profile,
        arrival_profile_by_weekday=ArrivalProfiles(),
    )
    teams = {name: replace(team, by_interval=roster_on(team, weekday), extra_agents_by_weekday=ExtraAgents())
             for name, team in scenario.teams.items()}  # fmt: skip
    return replace(scenario, day=replace(scenario.day, weekdays=(weekday,)), demand=demand, teams=teams)


def roster_on(team: Team, weekday: str) -> tuple[int, ...]:
    """A team's agents by interval on a weekday; never fewer than none."""
    more = getattr(team.extra_agents_by_weekday, weekday) or (0,) * len(team.by_interval)
    return tuple(max(usual + by, 0) for usual, by in zip(team.by_interval, more, strict=True))
