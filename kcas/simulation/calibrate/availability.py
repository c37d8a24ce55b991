"""How much of the time on duty could agents take calls? The log does not show it; the callers it lost do.

For each day the share of the agents on duty is sought with which the queue loses as many callers as it did, the day's
own calls, handling and staff being given. What a log leaves out (wrap-up, short absences, agents no call was given to)
is all in it. Days are then pooled: each leans towards the others as far as chance alone could have moved it.
"""

from dataclasses import dataclass

import numpy as np

from kcas.calls.proportion import Z95
from kcas.simulation.calibrate.day_log import DayLog, Floats
from kcas.simulation.calibrate.queue_chain import Hazard, lost_calls

SHARES = np.array([0.55, 0.65, 0.75, 0.85, 0.95, 1.05, 1.2])
HALF_LIFE = 28.0
CLUSTERED = 1.3
"""Hang-ups come together, so a day's rate varies more than as many dice: by so much, calls and handling being given."""
FEWEST_CALLS = 100


@dataclass(frozen=True)
class Availability:
    """The share of time on duty that agents could take calls, over the days as they are now."""

    mean: float
    low: float
    high: float
    spread: float  # between days beyond chance: standard deviation of the logarithm
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


def pooled(log: DayLog, shares: Floats, errors: Floats) -> Availability | None:
    """The days as one: a random-effects mean (DerSimonian and Laird 1986), recent days counting more."""
    known = np.isfinite(shares)
    if known.sum() < 2:
        return None
    at, error = shares[known], errors[known]
    recent = 0.5 ** ((log.numbers[-1] + 1 - log.numbers[known]) / HALF_LIFE)
    spread = between(at, error)
    weight = recent / (error**2 + spread**2)
    mean = float(weight @ at / weight.sum())
    give = Z95 * float(np.sqrt((weight**2 @ (error**2 + spread**2)) / weight.sum() ** 2))
    return Availability(
        float(np.exp(mean)), float(np.exp(mean - give)), float(np.exp(mean + give)), spread,
        int(known.sum()), int(log.volume[known].sum()),
    )  # fmt: skip


def between(values: Floats, errors: Floats) -> float:
    """How much values differ beyond their errors: the standard deviation between them."""
    weight = 1 / errors**2
    mean = weight @ values / weight.sum()
    beyond = weight @ (values - mean) ** 2 - (len(values) - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return float(np.sqrt(max(beyond / scale, 0.0))) if scale > 0 else 0.0
