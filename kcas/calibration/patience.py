"""Patience from the log, by type and time of day, with the peaks of its hazard.

The laws and the curve are those of `kcas patience`, answered calls being cut short. The law with the least AIC is used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from kcas.calibration.day_records import DayLog
from kcas.calls.call import Outcome
from kcas.calls.patience import EDGES, Patience, counted_waits, hazard, patience
from kcas.calls.patience import informative_waits as told_waits
from kcas.calls.rates import Z95
from kcas.desk.units import duration_text
from kcas.distributions.measured import PiecewiseExponential

_FEWEST = 50  # hang-ups, before a type or a part of the day has a law of its own
SEEN_BY = 20  # callers still waiting, beneath whom a curve says nothing
SPIKE = 1.5  # times the pace before and after

BANDS = {"before 10:00": (0, 20), "10:00 to 13:00": (20, 26), "13:00 to 17:00": (26, 34), "after 17:00": (34, 48)}
"""Parts of the day, in half-hours."""


@dataclass(frozen=True)
class PatienceSeen:
    """One group's patience: the law as a scenario has it, the mean were it exponential, and how many stand behind."""

    law: dict[str, Any]
    mean: float  # were it exponential: all the time waited, shared among those who gave up
    low: float
    high: float
    calls: int
    abandoned: int
    chosen: str


def with_waits(calls: pl.DataFrame) -> pl.LazyFrame:
    """The calls whose wait is believed, as the log's own measure of patience wants them."""
    outcome = pl.when("lost").then(pl.lit("abandoned")).otherwise(pl.lit("answered")).cast(Outcome)
    return calls.lazy().filter("known").select(outcome=outcome, wait="wait")


def waits_of(calls: pl.DataFrame) -> Patience:
    """The calls' patience, as the log's own measure has it."""
    return patience(with_waits(calls))


def patience_of(calls: pl.DataFrame) -> PatienceSeen | None:
    """The patience of these calls; None where too few gave up."""
    measured = waits_of(calls)
    best = measured.best_fit
    if measured.abandoned < _FEWEST or best is None:
        return None
    mean = next(fit.parameters["mean"] for fit in measured.fits if fit.law == "exponential")
    give = float(np.exp(Z95 / np.sqrt(measured.abandoned)))
    law = best.distribution.table(time=to_the_tenth, number=_three_decimals)
    if best.law == "empirical hazard":
        law = curve_of(measured)
    return PatienceSeen(law, mean, mean / give, mean * give, measured.calls, measured.abandoned, best.law)


def curve_of(measured: Patience) -> dict[str, Any]:
    """The measured curve as a scenario writes it, as far as enough callers are left to tell, and a tail beyond."""
    curve = measured.curve
    last = curve.at[curve.at_risk >= SEEN_BY].max(initial=EDGES[1])
    at = [float(edge) for edge in EDGES[1:] if edge <= last]
    place = np.searchsorted(curve.at, at, side="right") - 1
    still = np.where(place >= 0, curve.remaining[np.maximum(place, 0)], 1.0)
    table: dict[str, Any] = {
        "distribution": "empirical",
        "at": [to_the_tenth(edge) for edge in at],
        "still_waiting": [f"{share:.2%}" for share in np.minimum.accumulate(still)],
    }
    pace = tail_pace(measured, beyond=at[-2] if len(at) > 1 else 0.0)
    return table | {"tail": to_the_tenth(1 / pace)}


def tail_pace(measured: Patience, *, beyond: float) -> float:
    """At what pace callers give up beyond a wait; that of all waits where no one does."""
    late = [each for each in measured.hazard if each.start >= beyond]
    gone, waited = sum(each.abandoned for each in late), sum(each.exposure for each in late)
    every = sum(each.abandoned for each in measured.hazard) / sum(each.exposure for each in measured.hazard)
    return gone / waited if gone >= 5 else every


def hazard_of(calls: pl.DataFrame) -> PiecewiseExponential:
    """The pace at which these callers give up, bin by bin; a bin in which no one waits goes on as the one before."""
    bins = hazard(told_waits(counted_waits(with_waits(calls))))
    starts = np.array([each.start for each in bins] or [0.0])
    pace = np.array([each.rate for each in bins] or [1e-6])
    return PiecewiseExponential(starts, np.maximum(pace, 1e-6))


def spikes(log: DayLog) -> Iterator[tuple[float, float, float]]:
    """Where callers give up much faster than just before and after: from, to, and how many times as fast."""
    bins = [
        each
        for each in hazard(told_waits(counted_waits(with_waits(log.calls))))
        if each.end is not None and each.abandoned >= _FEWEST
    ]
    for before, now, after in zip(bins, bins[1:], bins[2:], strict=False):
        beside = (before.abandoned + after.abandoned) / (before.exposure + after.exposure)
        if now.rate > SPIKE * beside and now.end is not None:
            yield now.start, now.end, now.rate / beside


def to_the_tenth(seconds: float) -> str:
    """A duration as a scenario writes it, to the tenth of a second."""
    return duration_text(round(float(seconds), 1))


def _three_decimals(number: float) -> float:
    return round(number, 3)
