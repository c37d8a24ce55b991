"""What other programs print of rates from their counts alone: second opinions, which the product does not offer."""

import math

from kcas.calls.rates import Z95


def pooled_z(count: float, of: float, *, less: tuple[float, float]) -> float:
    """The difference of two rates in standard errors, were the rates the same."""
    other, among = less
    share = (count + other) / (of + among)
    return (count / of - other / among) / math.sqrt(share * (1 - share) * (1 / of + 1 / among))


def chi_squared(count: float, of: float, *, less: tuple[float, float], corrected: bool = False) -> tuple[float, float]:
    """How unlike two rates are (Pearson's X² of their table, with Yates's correction where asked), and its chance."""
    from scipy.special import chdtrc

    other, among = less
    share, gap = (count + other) / (of + among), abs(count / of - other / among)
    if corrected:
        gap = max(gap - _half(of, among), 0.0)
    found = gap**2 / (share * (1 - share) * (1 / of + 1 / among))
    return found, float(chdtrc(1, found))


def wald(count: float, of: float, *, less: tuple[float, float], corrected: bool = False) -> tuple[float, float]:
    """The 95 % interval of the first rate less the second that R's prop.test prints; Newcombe's is the better one."""
    other, among = less
    first, second = count / of, other / among
    half = Z95 * math.sqrt(first * (1 - first) / of + second * (1 - second) / among)
    if corrected:
        half += min(_half(of, among), abs(first - second))
    return max(first - second - half, -1.0), min(first - second + half, 1.0)


def _half(of: float, among: float) -> float:
    """Yates's half a call on either side, as a difference of rates."""
    return (1 / of + 1 / among) / 2


def exact(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of one rate by the binomial law itself (Clopper and Pearson 1934): never too narrow."""
    from scipy.special import betaincinv

    low = float(betaincinv(count, of - count + 1, 0.025)) if count else 0.0
    high = float(betaincinv(count + 1, of - count, 0.975)) if count < of else 1.0
    return low, high


def variance_ratio(counts: list[float], *, of: float | None = None) -> tuple[float, float]:
    """How much counts vary to what dice would do (out of `of` each, or Poisson), and the chance of as much or more."""
    from scipy.special import chdtrc

    mean = sum(counts) / len(counts)
    dice = mean * (1 - mean / of) if of else mean
    ratio = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1) / dice
    return ratio, float(chdtrc(len(counts) - 1, ratio * (len(counts) - 1)))
