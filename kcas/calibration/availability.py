"""Availability: the share of time on duty in which agents could take calls, estimated from the calls lost.

For each day the share of the agents on duty is sought with which the queue loses as many callers as it did, the day's
own calls, handling and staff being given. What a log leaves out (wrap-up, short absences, agents no call was given to)
is all in it. What it will be on days to come is then looked ahead to from the days, less what chance alone moved.
"""

from kcas.arrays import Floats
from dataclasses import dataclass

import numpy as np

from kcas.calibration.day_records import (DayLog)
from kcas.calibration.level import WEEK, outlook
from kcas.calibration.loss_chain import Hazard, lost_calls
from kcas.calls.proportion import Z95

SHARES = np.array([0.55, 0.65, 0.75, 0.85, 0.95, 1.05, 1.2])
LEAST_SPREAD = 0.01
SLOW = 14  # days: a day's share is hard to read and moves little, so its level is taken over a fortnight at least
CLUSTERED = 1.3
"""Factor by which a day's rate varies more than independent calls would, with calls and handling given."""
FEWEST_CALLS = 100


@dataclass(frozen=True)
class Availability:
    """The share of time on duty that agents could take calls, over the days as they are now."""

    mean: float
    low: float
    high: float
    spread: float  # of a day to come, beyond chance: standard deviation of the logarithm
    days: int
    calls: int


def matched(log: DayLog, on_duty: Floats, hazard: Hazard) -> tuple[Floats, Floats]:
    """Each day's share as a logarithm, and the error that chance gives it; not a number where a day cannot tell."""
    usable = (log.volume >= FEWEST_CALLS) & (on_duty.sum(axis=1) > 0) & np.isfinite(log.handling)
    shares, errors = np.full(len(log.dates), np.nan), np.full(len(log.dates), np.nan)
    rows = np.flatnonzero(usable)
    if not len(rows):
        return shares, errors
    arrivals = np.tile(log.offered[rows], (len(SHARES), 1))
    agents = np.concatenate([on_duty[rows] * share for share in SHARES])
    lost = lost_calls(arrivals, agents, np.tile(log.handling[rows], len(SHARES)), hazard).sum(axis=1)
    curves = lost.reshape(len(SHARES), len(rows))
    logs = np.log(SHARES)
    for place, row in enumerate(rows):
        curve, volume = curves[::-1, place], log.volume[row]
        found = float(np.interp(log.lost[row], np.maximum.accumulate(curve), logs[::-1]))
        steep = abs(
            np.interp(found + 0.05, logs, curves[:, place]) - np.interp(found - 0.05, logs, curves[:, place])
        ) / (0.1 * volume)
        rate = (log.lost[row] + 0.5) / (volume + 1)
        shares[row] = found
        errors[row] = np.sqrt(CLUSTERED * rate * (1 - rate) / volume) / max(float(steep), 0.02)
    return shares, errors


def pooled(log: DayLog, shares: Floats, errors: Floats, *, ahead: int = WEEK) -> Availability | None:
    """What to expect of a day to come, looked ahead to as calls and handling are, but alike for every weekday."""
    known = np.isfinite(shares)
    if known.sum() < 2:
        return None
    weight = np.where(known, 1 / (errors**2 + np.nanmedian(errors) ** 2), 0.0)
    look = outlook(
        shares, numbers=log.numbers, weekdays=np.zeros(len(shares), np.int64), weights=weight, usual=known & ~log.odd,
        ahead=max(ahead, SLOW),
    )  # fmt: skip
    chance = float(weight[known] @ errors[known] ** 2 / weight.sum())
    mean, give = float(look.usual[0]), Z95 * look.level_error
    return Availability(
        float(np.exp(mean)), float(np.exp(mean - give)), float(np.exp(mean + give)),
        max(look.spread**2 - chance, LEAST_SPREAD**2) ** 0.5, int(known.sum()), int(log.volume[known].sum()),
    )  # fmt: skip
