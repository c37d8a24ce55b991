"""How long did the callers of each group wait, and how soon did they give up?

The wait offered is Kaplan and Meier's: an answer ends it, and a caller who left first had waited at least so long.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from kcas.calls.call import LOST, OFFERED

WAITS = {"wait_p50": 0.5, "wait_p90": 0.9, "wait_p95": 0.95}
TIMES_TO_ABANDON = {"time_to_abandon_p50": 0.5, "time_to_abandon_p90": 0.9}
ROUNDING = 1e-12  # a curve that falls to exactly one half may end a rounding above it


def wait_quantiles(
    counted: pl.DataFrame, *, keys: Sequence[str], quantiles: Mapping[str, float] = WAITS
) -> pl.DataFrame:
    """For each group of a histogram, the wait by which so many would have been answered; null where too few were."""
    total, answered = pl.col("calls").sum(), pl.col("calls").filter(pl.col("outcome") == "answered").sum()
    waits = (
        counted.filter(pl.col("outcome").is_in(OFFERED) & pl.col("wait").is_not_null())
        .group_by(*keys, "wait")
        .agg(total.alias("ends"), answered.alias("answers"))
        .sort(*keys, "wait")
    )
    over = pl.col("ends").sum().over(keys) - pl.col("ends").cum_sum().over(keys) + pl.col("ends")
    curve = waits.with_columns(factor=1 - pl.col("answers") / over).with_columns(
        waiting=pl.col("factor").cum_prod().over(keys)
    )
    return curve.group_by(*keys).agg(
        pl.col("wait").filter(pl.col("waiting") <= 1 - share + ROUNDING).min().alias(name)
        for name, share in quantiles.items()
    )


def abandon_quantiles(
    counted: pl.DataFrame, *, keys: Sequence[str], quantiles: Mapping[str, float] = TIMES_TO_ABANDON
) -> pl.DataFrame:
    """For each group of a histogram, plain quantiles of its abandoned waits, interpolated between neighbours."""
    waits = (
        counted.filter(pl.col("outcome").is_in(LOST) & pl.col("wait").is_not_null())
        .group_by(*keys, "wait")
        .agg(pl.col("calls").sum())
        .sort(*keys, "wait")
        .with_columns(before=pl.col("calls").cum_sum().over(keys) - pl.col("calls"))
    )
    return waits.group_by(*keys).agg(interpolated(share).alias(name) for name, share in quantiles.items())


def interpolated(share: float) -> pl.Expr:
    """A quantile of waits counted in order: the value at (n − 1) × share, between the two nearest calls."""
    place = (pl.col("calls").sum() - 1) * share
    lower = pl.col("wait").filter(pl.col("before") <= place.floor()).max()
    upper = pl.col("wait").filter(pl.col("before") <= place.ceil()).max()
    return lower + (place - place.floor()) * (upper - lower)
