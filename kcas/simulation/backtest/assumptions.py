"""Which assumption fails? Each is held on its own against what came, so that one miss cannot hide another.

A miss is counted in its own spread as foretold: calls, handling, staff and availability from the weeks before;
patience given how long each caller really waited, so that it is not blamed for a long queue.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kcas.calls.proportion import Z95
from kcas.simulation.calibrate.day_log import DayLog, Floats
from kcas.simulation.calibrate.fitted import Fitted
from kcas.simulation.calibrate.outlook import outlook

ASSUMPTIONS = {
    "arrivals": "calls on the day",
    "handling": "mean handling of the day",
    "patience": "hang-ups, given how long each caller waited",
    "staffing": "agent-hours on duty",
    "availability": "share of time on duty that agents could take calls",
}
MANY_OUTSIDE = 0.10
FAR = 2.0


@dataclass(frozen=True)
class Miss:
    """What came against what was foretold: the logarithm of their ratio, and that in its own spread."""

    ratio: float
    in_spreads: float


@dataclass(frozen=True)
class Verdict:
    """One assumption over all days."""

    name: str
    days: int
    ratio: float  # what came, of what was foretold, on the average day
    outside: int  # days outside their 95 % interval
    drifted: bool

    @property
    def fails(self) -> bool:
        """Whether it was out on average, or outside its interval on more than a tenth of the days."""
        return self.drifted or (self.days > 0 and self.outside / self.days > MANY_OUTSIDE)

    @property
    def words(self) -> str:
        """In a sentence."""
        how = "fails" if self.fails else "holds"
        return (
            f"{self.name} {how}: {ASSUMPTIONS[self.name]} came out at {self.ratio:.1%} of what was foretold on "
            f"average, and outside the 95 % interval on {self.outside} of {self.days} days."
        )


def misses(found: Fitted, log: DayLog, on_duty: Floats, row: int, *, share: float, error: float) -> dict[str, Miss]:
    """Each assumption's miss on one day; one that the day cannot tell of is left out."""
    weekday = int(log.weekdays[row])
    told: dict[str, Miss] = {
        "arrivals": of(float(np.log(log.volume[row])) - found.volume.usual[weekday], found.volume.spread)
    }
    if np.isfinite(log.handling[row]):
        told["handling"] = of(float(np.log(log.handling[row])) - found.handling.usual[weekday], found.handling.spread)
    hours = float(on_duty[row].sum())
    usual, spread = usual_hours(found)
    if hours > 0:
        told["staffing"] = of(float(np.log(hours)) - usual[weekday], spread)
    if np.isfinite(share) and found.availability is not None:
        away = share - float(np.log(found.availability.mean))
        told["availability"] = of(away, float(np.hypot(found.availability.spread, error)))
    expected = expected_lost(found, log, row)
    if expected > 0:
        told["patience"] = Miss(
            float(np.log((log.lost[row] + 0.5) / (expected + 0.5))), float((log.lost[row] - expected) / expected**0.5)
        )
    return told


def of(ratio: float, spread: float) -> Miss:
    """A miss and how many spreads it is."""
    return Miss(float(ratio), float(ratio / max(spread, 1e-6)))


def usual_hours(found: Fitted) -> tuple[Floats, float]:
    """Each weekday's agent-hours as a logarithm, and how far days come out from them."""
    hours = found.on_duty.sum(axis=1)
    with np.errstate(divide="ignore"):
        look = outlook(
            np.log(hours),
            numbers=found.log.numbers,
            weekdays=found.log.weekdays,
            weights=(hours > 0).astype(float),
            usual=~found.log.odd,
        )
    return look.usual, look.spread


def expected_lost(found: Fitted, log: DayLog, row: int) -> float:
    """Hang-ups to expect by the fitted hazard of callers who waited as these did."""
    import polars as pl

    waits = log.calls.filter((pl.col("day") == log.dates[row]) & pl.col("known"))["wait"].to_numpy()
    return float(found.hazard.until(waits[waits > 0]).sum())


def verdicts(days: Sequence[dict[str, Miss]]) -> list[Verdict]:
    """Each assumption over the days that can tell of it."""
    found = []
    for name in ASSUMPTIONS:
        mine = [day[name] for day in days if name in day]
        if not mine:
            continue
        ratios = np.array([miss.ratio for miss in mine])
        middle = float(np.median(ratios))
        # a median's error, from the days' own median distance; days of one week go together, so weeks are counted
        away = 1.4826 * float(np.median(np.abs(ratios - middle)))
        error = 1.2533 * away / max(len(mine) / 7, 1.0) ** 0.5
        outside = sum(abs(miss.in_spreads) > Z95 for miss in mine)
        found.append(Verdict(name, len(mine), float(np.exp(middle)), outside, abs(middle) > FAR * error))
    return found
