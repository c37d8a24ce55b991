"""Patience of callers: survival curve (Kaplan and Meier 1958; Greenwood 1926) and hazard of abandonment.

After Brown and others (2005). Giving up is the event; an answer and every other way out only say that the caller was
prepared to wait so long.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from kcas.calls.call import LOST, OFFERED
from kcas.calls.waits import Survival, survival
from kcas.distributions.fitting import Fit, Waits, by_bin
from kcas.distributions.laws import Exponential, LogLogistic, Lognormal, Weibull
from kcas.distributions.measured import PiecewiseExponential

EDGES = (0, 5, 10, 15, 20, 30, 40, 45, 50, 60, 75, 90, 120, 180, 240, 300, 600, 1200, 1800)
"""Seconds; close together about 45 to 60 s, where announcements make callers give up."""


@dataclass(frozen=True)
class Hazard:
    """Between two waits: how many gave up, in how many seconds of waiting, and so at what pace a second."""

    start: float
    end: float | None
    abandoned: int
    exposure: float
    rate: float


@dataclass(frozen=True)
class Patience:
    """The curve of who would still be waiting, the laws fitted to it, and the hazard in bins."""

    calls: int
    abandoned: int
    wait_not_known: int
    curve: Survival
    fits: tuple[Fit, ...]
    hazard: tuple[Hazard, ...]

    @property
    def median(self) -> float | None:
        """The wait at which half would have given up; None where the curve does not fall so far."""
        return self.curve.quantile(0.5)

    @property
    def best_fit(self) -> Fit | None:
        """The law with the least AIC."""
        return min(self.fits, key=lambda fit: fit.aic) if self.fits else None


def patience(calls: pl.LazyFrame) -> Patience:
    """The patience of the callers of these calls."""
    counted = counted_waits(calls)
    waits = informative_waits(counted)
    curve = survival(
        np.repeat(waits.at, 2),
        np.tile([True, False], waits.at.size),
        counts=np.column_stack([waits.gave_up, waits.cut_short]).ravel().astype(np.int64),
    )
    everyone = counted.select("gave_up", "cut_short").sum_horizontal()
    return Patience(
        calls=int(everyone.sum()),
        abandoned=int(counted["gave_up"].sum()),
        wait_not_known=int(everyone.filter(counted["wait"].is_null()).sum()),
        curve=curve,
        fits=fitted_law(waits),
        hazard=hazard(waits),
    )


def informative_waits(counted: pl.DataFrame) -> Waits:
    """The waits that tell of patience."""
    known = counted.filter(pl.col("wait").is_not_null())
    # a caller answered at once had no wait to be impatient in
    tell = known.filter((pl.col("wait") > 0) | (pl.col("gave_up") > 0))
    at = tell["wait"].to_numpy().astype(float)
    cut_short = np.where(at > 0, tell["cut_short"].to_numpy().astype(float), 0.0)
    return Waits(at, tell["gave_up"].to_numpy().astype(float), cut_short)


def counted_waits(calls: pl.LazyFrame) -> pl.DataFrame:
    """For each wait, how many gave up and how many were cut short; in order of wait."""
    gave_up = pl.col("outcome").is_in(LOST)
    return (
        calls.filter(pl.col("outcome").is_in(OFFERED))
        .group_by("wait")
        .agg(gave_up.sum().cast(pl.Int64).alias("gave_up"), (~gave_up).sum().cast(pl.Int64).alias("cut_short"))
        .sort("wait")
        .collect(engine="streaming")
    )


def fitted_law(waits: Waits) -> tuple[Fit, ...]:
    """Every law that can be fitted to these waits."""
    edges = [edge for edge in EDGES if not waits.at.size or edge < waits.at.max()] or [0]
    fits = (
        Exponential.fit(waits),
        Weibull.fit(waits),
        Lognormal.fit(waits),
        LogLogistic.fit(waits),
        PiecewiseExponential.fit(waits, edges=edges),
    )
    return tuple(fit for fit in fits if fit is not None)


def hazard(waits: Waits) -> tuple[Hazard, ...]:
    """How many gave up in each bin of waiting, and at what pace."""
    events, exposure = by_bin(waits, edges=EDGES)
    ends = (*EDGES[1:], None)
    return tuple(
        Hazard(start, end, int(count), float(seconds), float(count / seconds))
        for start, end, count, seconds in zip(EDGES, ends, events, exposure, strict=True)
        if seconds > 0
    )
