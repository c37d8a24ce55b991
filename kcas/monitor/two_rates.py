"""How far apart are two rates, from their counts alone? Ignores that days differ by more than dice do."""

import math

from kcas.calls.proportion import wilson
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


def pooled_z(count: float, of: float, *, less: tuple[float, float]) -> float:
    """The difference of two rates in standard errors, were the rates the same."""
    other, among = less
    share = (count + other) / (of + among)
    return (count / of - other / among) / math.sqrt(share * (1 - share) * (1 / of + 1 / among))


def variance_ratio(counts: list[float], *, of: float | None = None) -> tuple[float, float]:
    """How much counts vary to what dice would do (out of `of` each, or Poisson), and the chance of as much or more."""
    from scipy.special import chdtrc

    mean = sum(counts) / len(counts)
    dice = mean * (1 - mean / of) if of else mean
    ratio = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1) / dice
    return ratio, float(chdtrc(len(counts) - 1, ratio * (len(counts) - 1)))
