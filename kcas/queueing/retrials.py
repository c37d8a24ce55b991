"""Mean redials over a day, for the transient queue.

Who hangs up in a stretch comes back in it and in later ones by the law of the delay. What comes back into the stretch
itself is a fixed point, sought until it no longer moves. Redials are taken as further Poisson arrivals: that they come
just when the queue was long is left out, so short delays have somewhat more callers hang up than is said here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from kcas.arrays import Floats
from kcas.distributions.distribution import Distribution
from kcas.errors import SettingError

SETTLED = 1e-9  # calls
PASSES = 60


@dataclass(frozen=True)
class Again:
    """Who calls again: shares that reach the queue a further time, at most how often, and how long until."""

    after_abandoning: float
    after_busy_tone: float
    times: int
    delay: Distribution  # only its curves are asked
    closes: float  # seconds from the beginning of the day; no one rings later


class Counts(Protocol):
    """What a stretch must tell."""

    @property
    def arrivals(self) -> float: ...
    @property
    def abandoned(self) -> float: ...
    @property
    def blocked(self) -> float: ...
    @property
    def end_queue(self) -> float: ...


Lived = TypeVar("Lived", bound=Counts)


class Returning:
    """One day's callers by how often they rang before; stretches must be settled in order."""

    def __init__(self, again: Again, durations: Sequence[float]) -> None:
        self.again, self.durations = again, durations
        self.when = comes_back(again, durations)
        self.coming = np.zeros((len(durations), again.times + 1))  # [stretch, attempt] who rang before, and will then
        self.queue = np.zeros(again.times + 1)  # [attempt] left waiting by the stretch before

    def settle(self, stretch: int, lived: Callable[[float], tuple[Lived, Floats]]) -> tuple[Lived, Floats, float]:
        """The stretch with its redials, as it was lived, and how many those are; `lived` takes more arrivals a second.

        Raises SettingError where no number of redials agrees with itself.
        """
        known = float(self.coming[stretch].sum())
        duration = self.durations[stretch]
        guess = 0.0
        tried: tuple[float, float] | None = None  # the guess before, and what came of it: a secant's other end
        for _ in range(PASSES):
            counts, chances = lived((known + guess) / duration)
            there, giving_up = self._there(stretch, counts, guess)
            # R = P(back in the same stretch) × γ × callers with an attempt left, all at R
            back = float(self.when[stretch, stretch] * giving_up * there[:-1].sum())
            if abs(back - guess) < SETTLED:
                self._carry_on(stretch, counts, there, giving_up)
                return counts, chances, known + guess
            slope = (back - tried[1]) / (guess - tried[0]) if tried else 0.0
            tried = guess, back
            guess += (back - guess) / (1 - slope)
        raise SettingError(
            f"redials: {known + guess:,.0f} callers would call again in one stretch of the day, and more with every "
            "look. Expected fewer who call again, or more agents."
        )

    def _there(self, stretch: int, counts: Counts, guess: float) -> tuple[Floats, float]:
        """Who is in the queue or rings, by attempt, and the share of them who will call again."""
        there = self.coming[stretch] + self.queue
        there[0] += counts.arrivals - float(self.coming[stretch].sum()) - guess
        every = counts.arrivals + float(self.queue.sum())
        wishing = self.again.after_abandoning * counts.abandoned + self.again.after_busy_tone * counts.blocked
        giving_up = wishing / every if every > 0 else 0.0
        for attempt in range(1, len(there)):
            there[attempt] += self.when[stretch, stretch] * giving_up * there[attempt - 1]
        return there, giving_up

    def _carry_on(self, stretch: int, counts: Counts, there: Floats, giving_up: float) -> None:
        later = self.when[stretch, stretch + 1 :, None]
        self.coming[stretch + 1 :, 1:] += later * giving_up * there[None, :-1]
        self.queue = there * (counts.end_queue / there.sum() if there.sum() > 0 else 0.0)


def comes_back(again: Again, durations: Sequence[float]) -> Floats:
    """[from, to] the chance that who hangs up in one stretch, at any moment alike, and calls again, does so in another.

    The chance of a delay below x, averaged over the stretch, is a difference of its integral over the stretch's length.
    """
    edges = np.concatenate([[0.0], np.cumsum(durations)])

    def integral(x: Floats) -> Floats:
        x = np.maximum(x, 0.0)
        return np.asarray(x - again.delay.restricted_mean(x))

    open_edges = np.minimum(edges, again.closes)[None]
    begin, end = edges[:-1, None], edges[1:, None]
    by_then = (integral(open_edges - begin) - integral(open_edges - end)) / (end - begin)
    return np.asarray(np.maximum(np.diff(by_then, axis=1), 0.0))
