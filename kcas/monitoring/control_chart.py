"""Control limits of proportions: p and Laney's p′ (Laney 2002).

A plain p chart calls 12-20 % of ordinary days unusual once days differ by more than random variation explains. Laney's
p′ widens its limits by how much they do: sigma_z, the spread of the points in standard errors of the counts alone.

Signals of special-cause variation: the rules of NHS England's Making Data Count, and its icons.

The rules are those of NHS Improvement's guide (2018), of which three go back to Western Electric (1956).
Rules read scores: how many steps a point is from its centre, three steps being the limit. So one set of rules serves
every chart, those whose centre changes with the weekday too. A trend is asked of the distance from the centre as well:
where limits vary, scores may rise with the calls while the rate falls.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kcas.arrays import Floats

Mask = NDArray[np.bool_]

MEAN_RANGE = 1.128  # mean moving range of normal points, in standard deviations (d2 of two)
TOO_WIDE = 3.267  # a moving range beyond so many mean ranges is left out, once (D4 of two)
_ENDLESS = 1000.0  # steps from a centre about which nothing varies
MAKING_DATA_COUNT = 2.66  # NHS tools round 3 / 1.128


@dataclass(frozen=True)
class Chart:
    """Points, where they centre, and one of the three steps from there to a limit."""

    value: Floats
    centre: Floats
    step: Floats
    sigma_z: float | None  # None where the chart has no such thing
    used: Mask  # the points the limits were made from
    least: float = -math.inf
    most: float = math.inf

    @property
    def lower(self) -> Floats:
        """The lower limit, not below what the value can be."""
        return np.maximum(self.centre - 3 * self.step, self.least)

    @property
    def upper(self) -> Floats:
        """The upper limit, not above what the value can be."""
        return np.minimum(self.centre + 3 * self.step, self.most)

    @property
    def score(self) -> Floats:
        """How many steps each point is from its centre."""
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = (self.value - self.centre) / self.step
        return np.nan_to_num(steps, nan=0.0, posinf=_ENDLESS, neginf=-_ENDLESS)


def p_chart(count: Sequence[float], of: Sequence[float], *, used: Mask | None = None) -> Chart:
    """Shares, with limits that allow for random variation only (Montgomery 2019, chapter 7): p̄ ± 3 √(p̄(1 − p̄)/n)."""
    return _rates(count, of, used=used, binomial=True, sigma_z=1.0)


def p_prime(
    count: Sequence[float], of: Sequence[float], *, used: Mask | None = None, screened: bool = True,
    stretch: Sequence[int] | None = None,
) -> Chart:  # fmt: skip
    """Shares, with limits from how far neighbours differ (Laney 2002).

        z = (p − p̄)/s,   s = √(p̄(1 − p̄)/n),   limits p̄ ± 3 s σ_z,   σ_z = mean |z_t − z_{t−1}| / 1.128

    `stretch`: of which stretch of the record each point is; points of two stretches are no neighbours.
    """
    plain = p_chart(count, of, used=used)
    parts = None if stretch is None else np.asarray(stretch)[plain.used]
    spread = moving_range(plain.score[plain.used], screened=screened, stretch=parts)
    return _rates(count, of, used=used, binomial=True, sigma_z=spread)


def u_chart(count: Sequence[float], size: Sequence[float], *, used: Mask | None = None) -> Chart:
    """Events for each unit of exposure, with limits that allow for random variation only: ū ± 3 √(ū/n)."""
    return _rates(count, size, used=used, binomial=False, sigma_z=1.0)


def u_prime(count: Sequence[float], size: Sequence[float], *, used: Mask | None = None, screened: bool = True) -> Chart:
    """Events for each unit of exposure, with limits from how far neighbours differ: ū ± 3 √(ū/n) σ_z (Laney 2002)."""
    plain = u_chart(count, size, used=used)
    sigma_z = moving_range(plain.score[plain.used], screened=screened)
    return _rates(count, size, used=used, binomial=False, sigma_z=sigma_z)


def xmr(values: Sequence[float], *, used: Mask | None = None, screened: bool = True, wide: float = 0.0) -> Chart:
    """Values as they are, with limits from their moving ranges; `wide` 2.66 is Making Data Count's rounding."""
    value = np.asarray(values, dtype=float)
    chosen = np.ones(len(value), dtype=bool) if used is None else used
    spread = moving_range(value[chosen], screened=screened)
    step = np.full(len(value), spread * (wide * MEAN_RANGE / 3 if wide else 1.0))
    return Chart(value, np.full(len(value), value[chosen].mean()), step, None, chosen)


def i_prime(values: Sequence[float], size: Sequence[float]) -> Chart:
    """Values of unequal weight, with limits from neighbours' differences (Taylor 2017)."""
    value, weight = np.asarray(values, dtype=float), np.asarray(size, dtype=float)
    jumps = np.abs(np.diff(value)) / np.sqrt(1 / weight[1:] + 1 / weight[:-1])
    step = math.sqrt(math.pi / 2) * jumps.mean() / np.sqrt(weight)
    every = np.ones(len(value), dtype=bool)
    return Chart(value, np.full(len(value), (value * weight).sum() / weight.sum()), step, None, every)


def moving_range(values: Floats, *, screened: bool, stretch: NDArray[np.int_] | None = None) -> float:
    """A standard deviation from how far neighbours differ, without the widest differences where screened.

    Mean moving range / d₂; ranges of D₄ means or more are left out once, as NHS Improvement's guide does (2018).

    Values of two stretches are no neighbours, unless there are no others.
    """
    ranges = np.abs(np.diff(values))
    if stretch is not None and (np.diff(stretch) == 0).any():
        ranges = ranges[np.diff(stretch) == 0]
    if screened:
        ranges = ranges[ranges < TOO_WIDE * ranges.mean()] if ranges.any() else ranges
    return float(ranges.mean() / MEAN_RANGE)


def _rates(count: Sequence[float], of: Sequence[float], *, used: Mask | None, binomial: bool, sigma_z: float) -> Chart:
    counts, sizes = np.asarray(count, dtype=float), np.asarray(of, dtype=float)
    chosen = np.ones(len(counts), dtype=bool) if used is None else used
    centre = counts[chosen].sum() / sizes[chosen].sum()
    variance = centre * (1 - centre) if binomial else centre
    step = np.sqrt(variance / sizes) * sigma_z
    return Chart(
        counts / sizes, np.full(len(counts), centre), step, sigma_z, chosen, 0.0, 1.0 if binomial else math.inf
    )


Flags = NDArray[np.bool_]
RUN = 7  # points in a shift or a trend

OUTSIDE, TREND, TWO_OF_THREE, SHIFT = (
    "outside the limits",
    "seven rising or falling",
    "two of three beyond two thirds of the limit",
    "seven or more on one side",
)
RULES = (OUTSIDE, TREND, TWO_OF_THREE, SHIFT)
"""In the order in which a point that breaks several is named."""


@dataclass(frozen=True)
class Signal:
    """A point that asks for an explanation: which, by what rule, and on which side of the centre."""

    index: int
    rule: str
    high: bool


def signals(score: ArrayLike, *, distance: ArrayLike | None = None, breaks: Sequence[int] = ()) -> list[Signal]:
    """Each point that breaks a rule, once, by the first rule it breaks; every point of a run is named.

    A trend's points are on the side to which it goes. Distances from the centre go by scores where none are given.
    Breaks are the places at which a new stretch starts: no rule looks from one stretch into another.
    """
    return [
        replace(signal, index=signal.index + here.start)
        for here, scores, distances in _stretches(score, distance, breaks)
        for signal in _signals(scores, distances)
    ]


def _signals(scores: Floats, distance: Floats | None) -> list[Signal]:
    side = np.sign(scores)
    outside = np.abs(scores) > 3
    close = ~outside & (np.abs(scores) > 2)
    way = np.zeros(len(scores), dtype=int)
    for run, rises in trends(scores, distance=distance)[::-1]:  # a turning point belongs to the run that led to it
        way[run] = 1 if rises else -1
    broken = {
        OUTSIDE: outside,
        TREND: way != 0,
        TWO_OF_THREE: two_of_three(close, side) & close,
        SHIFT: whole_run(seven_on_one_side(side)),
    }
    first = {n: next(rule for rule in RULES if broken[rule][n]) for n in np.flatnonzero(np.any([*broken.values()], 0))}
    return [Signal(int(n), rule, bool((way if rule == TREND else scores)[n] > 0)) for n, rule in first.items()]


def signalled_on_the_day(score: ArrayLike, *, distance: ArrayLike | None = None, breaks: Sequence[int] = ()) -> Flags:
    """Whether there was a signal when a point came, of which it is a part: not one that later points found out."""
    parts = [_on_the_day(scores, distances) for _, scores, distances in _stretches(score, distance, breaks)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=bool)


def _on_the_day(scores: Floats, distance: Floats | None) -> Flags:
    side = np.sign(scores)
    close = (np.abs(scores) > 2) & (np.abs(scores) <= 3)
    third = np.zeros(len(scores), dtype=bool)
    for n in range(2, len(scores)):
        last = slice(n - 2, n + 1)
        third[n] = close[last].sum() >= 2 and abs(side[last].sum()) == 3
    for run, _ in trends(scores, distance=distance):
        third[run[RUN - 1 :]] = True
    return np.asarray((np.abs(scores) > 3) | seven_on_one_side(side) | third, dtype=bool)


def _stretches(
    score: ArrayLike, distance: ArrayLike | None, breaks: Sequence[int]
) -> Iterator[tuple[slice, Floats, Floats | None]]:
    """The scores and distances between breaks, and where they lie."""
    scores = np.asarray(score, dtype=float)
    distances = None if distance is None else np.asarray(distance, dtype=float)
    edges = sorted({0, len(scores), *(place for place in breaks if 0 < place < len(scores))})
    for here in (slice(a, b) for a, b in pairwise(edges)):
        yield here, scores[here], None if distances is None else distances[here]


def trends(score: ArrayLike, *, distance: ArrayLike | None = None) -> list[tuple[range, bool]]:
    """The runs of seven points or more that only rise (True) or only fall, in scores and in distance from the centre.

    Scores alone could rise while the rate falls. Rates alone could give more false alarms than one in 5,040, which is
    what chance does with points that are all alike: those of few calls swing more widely. Both together give neither.
    """
    lengths = seven_trend(score)
    if distance is not None:
        lengths = np.where(seven_trend(distance) == lengths, lengths, 0)
    edges = [0, *(np.flatnonzero(np.diff(lengths)) + 1).tolist(), len(lengths)]
    return [(range(a - RUN + 1, b), bool(lengths[a] > 0)) for a, b in pairwise(edges) if a < b and lengths[a]]


def seven_on_one_side(side: ArrayLike) -> Flags:
    """Whether a point is the seventh or later of a run on one side of the centre."""
    sides = np.asarray(side)
    return np.array([_same(sides[max(n - RUN + 1, 0) : n + 1]) for n in range(len(sides))], dtype=bool)


def _same(run: NDArray[np.generic]) -> bool:
    return len(run) == RUN and run[0] != 0 and bool((run == run[0]).all())


def seven_trend(value: ArrayLike) -> NDArray[np.int_]:
    """Plus or minus one where a point is the seventh or later of a run that only rises or only falls."""
    values = np.asarray(value, dtype=float)
    steps = np.sign(np.diff(values))
    lengths = np.zeros(len(values), dtype=int)
    for n in range(RUN - 1, len(lengths)):
        last = steps[n - RUN + 1 : n]
        if last[0] != 0 and (last == last[0]).all():
            lengths[n] = int(last[0])
    return lengths


def whole_run(seventh: Flags) -> Flags:
    """Every point of the runs that end at these: the first six of a run belong to it too."""
    return np.array([bool(seventh[n : n + RUN].any()) for n in range(len(seventh))], dtype=bool)


def two_of_three(close: ArrayLike, side: ArrayLike) -> Flags:
    """Whether a point is among three in a row, all on one side, of which two come close to the limit."""
    near, sides = np.asarray(close, dtype=bool), np.asarray(side)
    flags = np.zeros(len(near), dtype=bool)
    for n in range(len(near) - 2):
        if near[n : n + 3].sum() >= 2 and abs(sides[n : n + 3].sum()) == 3:
            flags[n : n + 3] = True
    return flags


def assurance(*, lower: float, upper: float, target: float, lower_is_better: bool = True) -> str:
    """Whether ordinary variation alone will meet a target: always, never, or now and then."""
    if lower <= target <= upper:
        return "inconsistent"
    return "consistent_pass" if (target > upper) == lower_is_better else "consistent_fail"


def variation(signals_found: Sequence[Signal], *, points: int, lower_is_better: bool = True) -> str:
    """The last point in a word: common cause, or special cause that improves or concerns."""
    if not signals_found or signals_found[-1].index != points - 1:
        return "common_cause"
    return "special_cause_concern" if signals_found[-1].high == lower_is_better else "special_cause_improvement"
