"""Quantiles of the wait offered (Kaplan–Meier) and of the time to abandon, by group.

The wait offered is Kaplan and Meier's: an answer ends it, and a caller who left first had waited at least so long.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from kcas.calls.call import LOST, OFFERED

WAITS = {"wait_p50": 0.5, "wait_p90": 0.9, "wait_p95": 0.95}
TIMES_TO_ABANDON = {"time_to_abandon_p50": 0.5, "time_to_abandon_p90": 0.9}
ROUNDING = 1e-12  # a curve that falls to exactly one half may end a rounding above it


def in_order(counted: pl.DataFrame, *, keys: Sequence[str]) -> pl.DataFrame:
    """A histogram's known waits, group by group, shortest first; of equal waits the answered come first."""
    offered = pl.col("outcome").is_in(OFFERED) & pl.col("wait").is_not_null()
    return counted.filter(offered).sort(*keys, "wait", pl.col("outcome").to_physical())


def wait_quantiles(
    ordered: pl.DataFrame, *, keys: Sequence[str], quantiles: Mapping[str, float] = WAITS
) -> pl.DataFrame:
    """For each group, the wait by which so many would have been answered; null where too few were."""
    calls = pl.col("calls")
    at_risk = calls.sum().over(keys) - calls.cum_sum().over(keys) + calls
    answers = ordered.with_columns(factor=1 - calls / at_risk).filter(pl.col("outcome") == "answered")
    curve = answers.with_columns(waiting=pl.col("factor").cum_prod().over(keys))
    return curve.group_by(*keys).agg(
        pl.col("wait").filter(pl.col("waiting") <= 1 - share + ROUNDING).min().alias(name)
        for name, share in quantiles.items()
    )


def abandon_quantiles(
    ordered: pl.DataFrame, *, keys: Sequence[str], quantiles: Mapping[str, float] = TIMES_TO_ABANDON
) -> pl.DataFrame:
    """For each group, plain quantiles of its abandoned waits, interpolated between neighbours."""
    lost = ordered.filter(pl.col("outcome").is_in(LOST))
    waits = lost.with_columns(before=pl.col("calls").cum_sum().over(keys) - pl.col("calls"))
    return waits.group_by(*keys).agg(interpolated(share).alias(name) for name, share in quantiles.items())


def interpolated(share: float) -> pl.Expr:
    """A quantile of waits counted in order: the value at (n − 1) × share, between the two nearest calls."""
    place = (pl.col("calls").sum() - 1) * share
    lower = pl.col("wait").filter(pl.col("before") <= place.floor()).max()
    upper = pl.col("wait").filter(pl.col("before") <= place.ceil()).max()
    return lower + (place - place.floor()) * (upper - lower)
