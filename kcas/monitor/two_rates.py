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
