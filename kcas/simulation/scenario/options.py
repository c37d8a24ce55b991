"""Telephone options: callback, menu, overflow, announcement, line limit; none in use unless stated."""

from dataclasses import dataclass

from kcas.desk.toml_fields import TEXT, count, listed, one_of, percent, setting, table, time
from kcas.distributions.sampling import LAW, Law

LINES_AT_MOST = 1_000_000
TYPES = listed(TEXT)


@dataclass(frozen=True)
class Menu:
    """Recorded choices before the queue; the caller holds a line meanwhile."""

    length: Law = setting(LAW, "time in the menu")
    serves: float = setting(percent(), "share of callers whom the menu itself helps", default=0.0)
    hang_up: float = setting(percent(), "share who hang up in the menu", default=0.0)
    types: tuple[str, ...] = setting(TYPES, "types of call it serves or loses; all unless given", default=())


@dataclass(frozen=True)
class Announcement:
    """What callers are told as they join the queue."""

    tells: str = setting(one_of("wait", "position"), "what is announced: the expected wait, or the place in the queue")
    leave: float = setting(
        percent(), "share who hang up at once when the wait announced is longer than their patience", default=0.0
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
    reached: float = setting(percent(), "share of tries on which the caller picks up", default=1.0)
    tries: int = setting(count(low=1, high=10), "tries before a promise is given up", default=1)
    try_length: float = setting(time(), "agent's time for a try that no one answers", default=30.0)
    try_again_after: float = setting(time(), "pause before the next try", default=1800.0)
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
    times: int = setting(count(low=1, high=20), "how often they call again at most", default=3)
    patience: str = setting(
        one_of("fresh", "same"), "their patience the next time: drawn again, or the same", default="fresh"
    )
