"""Two rates compared from their counts alone: difference, ratio, and the trend of several.

All of these ignore that days differ by more than dice do, so that none of them gives a verdict here.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kcas.calls.proportion import Z95, wilson
from kcas.errors import SettingError


def newcombe(count: float, of: float, *, less: tuple[float, float]) -> tuple[float, float]:
    """The 95 % interval of the first rate less the second (Newcombe 1998, method 10)."""
    other, among = less
    if of <= 0 or among <= 0:
        raise SettingError("a rate of no calls at all cannot be compared.")
    first, second = count / of, other / among
    low, high = wilson(count, of)
    least, most = wilson(other, among)
    difference = first - second
    return (
        difference - math.hypot(first - low, most - second),
        difference + math.hypot(high - first, second - least),
    )


@dataclass(frozen=True)
class RiskRatio:
    """The first rate divided by the second, with its 95 % interval; the upper end can be infinite."""

    ratio: float
    low: float
    high: float


def risk_ratio(count: float, of: float, *, over: tuple[float, float]) -> RiskRatio:
    """The ratio of two rates with the interval of its logarithm (Katz, Baptista, Azen and Pike 1978)."""
    other, among = _both(count, of, over)
    if count == 0 or other == 0:
        raise SettingError("a ratio of rates has no such interval where nothing was counted: use the score interval.")
    ratio = (count / of) / (other / among)
    half = Z95 * math.sqrt(1 / count - 1 / of + 1 / other - 1 / among)
    return RiskRatio(ratio, ratio * math.exp(-half), ratio * math.exp(half))


def risk_ratio_score(count: float, of: float, *, over: tuple[float, float]) -> RiskRatio:
    """The ratio of two rates with its asymptotic score interval (Koopman 1984), good for small counts too."""
    other, among = _both(count, of, over)
    ratio = (count / of) / (other / among) if other else math.inf

    def unlike(log_ratio: float) -> float:
        """How many standard errors the counts are from what a ratio would have, above where it is too small."""
        return _koopman(count, of, other, among, math.exp(log_ratio))

    middle = math.log(ratio) if 0 < ratio < math.inf else 0.0
    low = math.exp(_where(unlike, Z95, middle - FURTHEST, middle)) if count else 0.0
    high = math.exp(_where(unlike, -Z95, middle, middle + FURTHEST)) if other else math.inf
    if other == 0 and count:
        low = math.exp(_where(unlike, Z95, -FURTHEST, FURTHEST))
    if count == 0 and other:
        high = math.exp(_where(unlike, -Z95, -FURTHEST, FURTHEST))
    return RiskRatio(ratio if count or other else math.nan, low, high)


FURTHEST = 30.0  # logarithms: no ratio of counts is further off
HALVINGS = 200


def _both(count: float, of: float, over: tuple[float, float]) -> tuple[float, float]:
    other, among = over
    if of <= 0 or among <= 0:
        raise SettingError("a rate of no calls at all cannot be compared.")
    return other, among


def _koopman(count: float, of: float, other: float, among: float, ratio: float) -> float:
    """The signed root of Koopman's statistic: both rates fitted under the ratio by maximum likelihood."""
    total = of + among
    middle = ratio * (of + other) + count + among
    second = (middle - math.sqrt(max(middle**2 - 4 * total * ratio * (count + other), 0.0))) / (2 * total * ratio)
    first = min(second * ratio, 1.0)
    off = count - of * first
    spread = of * first * (1 - first)
    if spread <= 0:
        return 0.0 if off == 0 else math.copysign(math.inf, off)
    return off / math.sqrt(spread) * math.sqrt(1 + of * max(ratio - first, 0.0) / (among * (1 - first)))


def _where(falls: Callable[[float], float], level: float, low: float, high: float) -> float:
    """Where a falling function passes a level."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falls(middle) > level else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True)
class Trend:
    """Chi-squared with one degree of freedom, its probability were there no trend, and the way the rates go."""

    statistic: float
    chance: float
    rises: bool


def trend_in_proportions(count: Sequence[float], of: Sequence[float], *, score: Sequence[float] | None = None) -> Trend:
    """Whether rates rise or fall with a score (Cochran 1954, Armitage 1955): their place in order, unless given."""
    from scipy.special import chdtrc

    scores = list(score) if score is not None else list(range(1, len(count) + 1))
    if not len(count) == len(of) == len(scores) or len(set(scores)) < 2 or min(of, default=0) <= 0:
        raise SettingError("a trend needs two rates or more, each of some calls and with a score of its own.")
    total, share = sum(of), sum(count) / sum(of)
    if not 0 < share < 1:
        raise SettingError("a trend cannot be tested where no call was counted, or every call.")
    mean = sum(n * at for n, at in zip(of, scores, strict=True)) / total
    slope = sum(x * (at - mean) for x, at in zip(count, scores, strict=True))
    spread = share * (1 - share) * sum(n * (at - mean) ** 2 for n, at in zip(of, scores, strict=True))
    return Trend(slope**2 / spread, float(chdtrc(1, slope**2 / spread)), slope > 0)
