"""Callers of the SimPy engine, and the rules for their type."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kcas.simulation.engines.tables import Desk
from kcas.simulation.engines.workload import Workload

if TYPE_CHECKING:
    from kcas.simulation.engines.entities import Queue, Team

Handlers = tuple[Callable[[Any], None]]
"""The method that acts on an event, in the tuple that SimPy goes through."""


class Caller:
    """One attempt of one caller to reach the desk.

    What happens to a caller happens in turn (the call arrives, the menu ends, the agent is free again), so the caller
    is also what SimPy keeps in its diary; `callbacks` is who then acts. A clock that runs meanwhile is a `Moment`.
    """

    __slots__ = ("callbacks", "choices", "handling", "leaves_as", "left", "menu", "queue", "reached_on", "row",
                 "since", "talk", "team", "tries", "type", "waits_until")  # fmt: skip
    _ok = True
    queue: "Queue | None"
    since: int  # joined that queue
    waits_until: int  # when the clock runs out
    leaves_as: int  # and the outcome then
    team: "Team"  # whose agent talks or rings
    left: int  # left the queue on a promise to be rung back
    tries: int  # of ringing back

    def __init__(
        self, callbacks: "Handlers", row: int, call_type: int, choices: int, menu: int, talk: int, handling: int,
        reached_on: int,
    ) -> None:  # fmt: skip
        self.callbacks = callbacks
        self.row = row
        self.type = call_type
        self.choices = choices
        self.menu = menu
        self.talk = talk
        self.handling = handling  # talk and wrap-up
        self.reached_on = reached_on  # the try of ringing back that reaches the caller
        self.queue = None

    def again(self, callbacks: "Handlers", row: int, choices: int) -> "Caller":
        """The caller's next attempt."""
        return Caller(callbacks, row, self.type, choices, self.menu, self.talk, self.handling, self.reached_on)

    def came_before(self, other: "Caller") -> bool:
        return (self.since, self.row) < (other.since, other.row)


class Moment:
    """Something that will happen to somebody: all that SimPy asks of an event, and nothing more."""

    __slots__ = ("callbacks", "who")
    _ok = True

    def __init__(self, callbacks: "Handlers", who: Any) -> None:
        self.callbacks = callbacks
        self.who = who


def first_attempts(load: Workload, day: int) -> Iterator[tuple[int, ...]]:
    """When each caller of the day first rings, and what is known of the caller, in the order that `Caller` takes it."""
    today = slice(*load.first[day : day + 2].tolist())
    nothing = [0] * (today.stop - today.start)
    return zip(
        load.arrival[today].tolist(),
        range(today.start, today.stop),
        load.call_type[today].tolist(),
        load.choices[today].tolist() or nothing,
        load.menu[today].tolist() or nothing,
        load.talk[today].tolist(),
        (load.talk[today] + load.wrap[today]).tolist(),
        load.reached_on[today].tolist() or nothing,
        strict=True,
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """What the desk rules for one type of call, each as `Desk` says it."""

    overflow_after: int
    longest_wait: int
    longest_wait_as: int
    voicemail_after: int
    callback_after: int
    callback_waiting: int
    callback_above: int
    callback_due: int
    announces: int
    stretch: int
    mean_handling: int


def rules_by_type(desk: Desk) -> list[Rules]:
    """The rules of each type."""
    return [Rules(*(int(getattr(desk, name)[kind]) for name in Rules.__slots__)) for kind in range(desk.types)]
