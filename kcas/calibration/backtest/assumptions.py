"""Tests of each assumption of a forecast by itself, so that one error cannot hide another.

A miss is counted in its own spread as forecast: calls, handling, staff and availability from the weeks before;
patience given how long each caller really waited, so that it is not blamed for a long queue.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from kcas.arrays import Floats
from kcas.calibration.day_records import DayLog
from kcas.calibration.fitted import Fitted
from kcas.calibration.level import outlook
from kcas.calls.rates import Z95

ASSUMPTIONS = {
    "arrivals": "calls on the day",
    "handling": "mean handling of the day",
    "patience": "hang-ups, given how long each caller waited",
    "staffing": "agent-hours on duty",
    "availability": "share of time on duty that agents could take calls",
}
OUTSIDE, MANY_OUTSIDE = 0.05, 0.10
FAR = 2.0
_Told = tuple[Floats, Floats]
"""Each day's share of availability as a logarithm, and its error."""


@dataclass(frozen=True)
class Miss:
    """Observed against forecast: the logarithm of their ratio, and that in its own spread."""

    ratio: float
    in_spreads: float


@dataclass(frozen=True)
class Verdict:
    """One assumption over all days."""

    name: str
    days: int
    ratio: float  # what came, of the forecast, on the middle day
    outside: int  # days outside their 95% interval
    drifted: bool

    @property
    def fails(self) -> bool:
        """Whether it was out on average, or outside its interval on more than a tenth of the days and not by chance."""
        from scipy.special import bdtrc

        by_chance = float(bdtrc(self.outside - 1, self.days, OUTSIDE)) if self.outside else 1.0
        return self.drifted or (self.outside > MANY_OUTSIDE * self.days and by_chance < OUTSIDE)

    @property
    def words(self) -> str:
        """In a sentence."""
        how = "fails" if self.fails else "holds"
        steadily = ", further off all along than weeks are by chance" if self.drifted else ""
        return (
            f"{self.name} ({how}): {ASSUMPTIONS[self.name]} came out at {self.ratio:.1%} of the forecast on "
            f"the middle day{steadily}, and outside the 95% interval on {self.outside} of {self.days} days."
        )


@dataclass(frozen=True)
class Yardstick:
    """What the days fitted to show of staff and of patience, to hold the days to come against."""

    fitted: Fitted
    hours: Floats  # [weekday] usual agent-hours, as a logarithm
    hours_spread: float
    clustered: float  # factor by which a day's hang-ups vary more than independent calls would, given the waits


def yardstick(fitted: Fitted) -> Yardstick:
    """From the days fitted to, once for all the days that are forecast from them."""
    log, hours = fitted.log, fitted.on_duty.sum(axis=1)
    with np.errstate(divide="ignore"):
        look = outlook(
            np.log(hours),
            numbers=log.numbers,
            weekdays=log.weekdays,
            weights=(hours > 0).astype(np.float64),
            usual=~log.odd,
        )
    expected = expected_lost(fitted, log)
    tells = expected >= 1
    squares = (log.lost[tells] - expected[tells]) ** 2 / expected[tells]
    return Yardstick(fitted, look.usual, look.spread, max(float(squares.mean()), 1.0) if tells.any() else 1.0)


def misses(
    by: Yardstick, log: DayLog, on_duty: Floats, rows: Sequence[int], shares_told: _Told
) -> list[dict[str, Miss]]:
    """Each assumption's miss on these days; one that a day cannot tell of is left out. `told` are their shares."""
    fitted, (shares, errors), expected = by.fitted, shares_told, expected_lost(by.fitted, log)
    return [
        dict(
            of_a_day(
                by, int(log.weekdays[row]), volume=log.volume[row], handling=log.handling[row],
                hours=float(on_duty[row].sum()), lost=log.lost[row], expected=expected[row],
            )
        )
        | availability_miss(fitted, float(shares[row]), float(errors[row]))
        for row in rows
    ]  # fmt: skip


def of_a_day(
    by: Yardstick, weekday: int, *, volume: float, handling: float, hours: float, lost: float, expected: float
) -> Iterator[tuple[str, Miss]]:
    """The misses that a day's own figures tell of."""
    fitted = by.fitted
    yield "arrivals", of(float(np.log(volume)) - fitted.volume.usual[weekday], fitted.volume.spread)
    if np.isfinite(handling):
        yield "handling", of(float(np.log(handling)) - fitted.handling.usual[weekday], fitted.handling.spread)
    if hours > 0:
        yield "staffing", of(float(np.log(hours)) - by.hours[weekday], by.hours_spread)
    if expected > 0:
        away = (lost - expected) / (expected * by.clustered) ** 0.5
        yield "patience", Miss(float(np.log((lost + 0.5) / (expected + 0.5))), float(away))


def availability_miss(fitted: Fitted, share: float, error: float) -> dict[str, Miss]:
    """How far a day's availability was from the days' before."""
    if not np.isfinite(share) or fitted.availability is None:
        return {}
    away = share - float(np.log(fitted.availability.mean))
    return {"availability": of(away, float(np.hypot(fitted.availability.spread, error)))}


def of(ratio: float, spread: float) -> Miss:
    """A miss and how many spreads it is."""
    return Miss(float(ratio), float(ratio / max(spread, 1e-6)))


def expected_lost(fitted: Fitted, log: DayLog) -> Floats:
    """Each day's hang-ups to expect, by the fitted hazard, of callers who waited as these did."""
    known = log.calls.filter("known")
    met = fitted.hazard.cumulative_hazard(known["wait"].to_numpy())
    by_day = known.select("day").with_columns(met=pl.Series(met)).group_by("day").agg(pl.col("met").sum())
    sums = dict(by_day.iter_rows())
    return np.array([sums.get(day, 0.0) for day in log.dates])


def verdicts(days: Sequence[dict[str, Miss]]) -> list[Verdict]:
    """Each assumption over the days that can tell of it."""
    tested = []
    for name in ASSUMPTIONS:
        mine = [day[name] for day in days if name in day]
        if not mine:
            continue
        ratios = np.array([miss.ratio for miss in mine])
        middle = float(np.median(ratios))
        # a median's error, from the days' own median distance (Rousseeuw and Croux 1993: 1.4826 MAD is a standard
        # deviation); days of one week go together, so weeks are counted
        away = 1.4826 * float(np.median(np.abs(ratios - middle)))
        error = 1.2533 * away / max(len(mine) / 7, 1.0) ** 0.5
        outside = sum(abs(miss.in_spreads) > Z95 for miss in mine)
        tested.append(Verdict(name, len(mine), float(np.exp(middle)), outside, abs(middle) > FAR * error))
    return tested
