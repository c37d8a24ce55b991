"""Wilson's confidence interval of a proportion (Wilson 1927)."""

import math

import polars as pl

Z95 = 1.959963984540054  # the normal quantile that leaves 2.5 % on either side


def wilson(count: float, of: float, *, quantile: float = Z95) -> tuple[float, float]:
    """The 95 % interval of a proportion, from its two counts (Wilson 1927; Newcombe 1998, method 3)."""
    share, spread = count / of, quantile**2 / of
    centre = (share + spread / 2) / (1 + spread)
    half = quantile * math.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def wilson_of(count: pl.Expr, *, of: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The same interval for columns; null where either count is."""
    share, spread = count / of, Z95**2 / of
    centre = (share + spread / 2) / (1 + spread)
    half = Z95 * (share * (1 - share) / of + spread / (4 * of)).sqrt() / (1 + spread)
    return (centre - half).clip(0.0, 1.0), (centre + half).clip(0.0, 1.0)
