"""Fitted model of the contact centre: everything a scenario needs, at the level of the most recent days.

Availability: the share of time on duty in which agents could take calls, estimated from the calls lost.

For each day the share of the agents on duty is sought with which the queue loses as many callers as it did, the day's
own calls, handling and staff being given. What a log leaves out (wrap-up, short absences, agents no call was given to)
is all in it. What it will be on days to come is then looked ahead to from the days, less what chance alone moved.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcas.arrays import Floats
from kcas.calibration.day_records import DayLog
from kcas.calibration.handling_time import TypeSeen, types_of
from kcas.calibration.level import WEEK, Outlook, Profile, elasticities, outlook, profiles
from kcas.calibration.patience import PatienceSeen, hazard_of, patience_of
from kcas.calibration.staff_on_duty import lost_calls
from kcas.calibration.time_of_day import OverTheDay, handling_over_the_day, patience_over_the_day
from kcas.calls.rates import Z95
from kcas.distributions.measured import PiecewiseExponential
from kcas.errors import LogError

_SHARES = np.array([0.55, 0.65, 0.75, 0.85, 0.95, 1.05, 1.2])
LEAST_AVAILABILITY_SPREAD = 0.01
SLOW = 14  # days: a day's share is hard to read and moves little, so its level is taken over a fortnight at least
AVAILABILITY_CLUSTERED = 1.3
"""Factor by which a day's rate varies more than independent calls would, with calls and handling given."""
FEWEST_CALLS_OF_A_DAY = 100


@dataclass(frozen=True)
class Availability:
    """The share of time on duty that agents could take calls, over the days as they are now."""

    mean: float
    low: float
    high: float
    spread: float  # of a day to come, beyond chance: standard deviation of the logarithm
    days: int
    calls: int


def matched(log: DayLog, on_duty: Floats, hazard: PiecewiseExponential) -> tuple[Floats, Floats]:
    """Each day's share as a logarithm, and the error that chance gives it; not a number where a day cannot tell."""
    usable = (log.volume >= FEWEST_CALLS_OF_A_DAY) & (on_duty.sum(axis=1) > 0) & np.isfinite(log.handling)
    shares, errors = np.full(len(log.dates), np.nan), np.full(len(log.dates), np.nan)
    rows = np.flatnonzero(usable)
    if not len(rows):
        return shares, errors
    arrivals = np.tile(log.offered[rows], (len(_SHARES), 1))
    agents = np.concatenate([on_duty[rows] * share for share in _SHARES])
    lost = lost_calls(arrivals, agents, np.tile(log.handling[rows], len(_SHARES)), hazard).sum(axis=1)
    curves = lost.reshape(len(_SHARES), len(rows))
    logs = np.log(_SHARES)
    for place, row in enumerate(rows):
        curve, volume = curves[::-1, place], log.volume[row]
        logarithm = float(np.interp(log.lost[row], np.maximum.accumulate(curve), logs[::-1]))
        steep = abs(
            np.interp(logarithm + 0.05, logs, curves[:, place]) - np.interp(logarithm - 0.05, logs, curves[:, place])
        ) / (0.1 * volume)
        rate = (log.lost[row] + 0.5) / (volume + 1)
        shares[row] = logarithm
        # se(log share) = √(1.3 r(1 − r)/n) / |dr/d log share|
        errors[row] = np.sqrt(AVAILABILITY_CLUSTERED * rate * (1 - rate) / volume) / max(float(steep), 0.02)
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
        max(look.spread**2 - chance, LEAST_AVAILABILITY_SPREAD**2) ** 0.5,
        int(known.sum()), int(log.volume[known].sum()),
    )  # fmt: skip


Marks = NDArray[np.bool_]
FEWEST_DAYS, FEWEST_CALLS, FEWEST_LOST = 10, 1000, 50
LEAST_SPREAD = 0.02
LEAST_TOLD = 20  # calls of a day, before it tells anything
MANY_HANDLED = 300.0  # calls beyond which a day knows its mean well enough to count as one day
CLUSTERED = 5.0
"""Factor by which a day's rate varies more than independent calls would, where calls and handling vary too."""


@dataclass(frozen=True)
class Spread:
    """How much days differ beyond chance: standard deviations of the logarithm."""

    volume: float
    handling: float
    strength: float  # of the staff, beyond what follows demand
    follows: float  # how far the staff follow a day that differs in calls or handling
    load: float  # of all together


@dataclass(frozen=True)
class Fitted:
    """The desk as the days up to the last led one to expect it."""

    log: DayLog
    on_duty: Floats
    inferred: bool  # false where a roster was read
    hazard: PiecewiseExponential
    patience: PatienceSeen
    types: dict[str, TypeSeen]
    profiles: dict[int, Profile]
    volume: Outlook
    handling: Outlook
    load: Outlook
    spread: Spread  # of days to come, with what is not known of their level
    between: Spread  # of days about their level
    availability: Availability | None
    shares: Floats  # [day] logarithm of the share of time on duty that agents could take calls

    @cached_property
    def handling_over_the_day(self) -> OverTheDay:
        """By half-hour; a day forecast has no use for it, so it is worked out for who asks."""
        return handling_over_the_day(self.log)

    @cached_property
    def patience_over_the_day(self) -> OverTheDay:
        """The same of patience."""
        return patience_over_the_day(self.log)

    @property
    def weekdays(self) -> list[int]:
        """The weekdays on which the desk works, Monday 0."""
        return sorted(self.profiles)

    @property
    def until(self) -> date:
        """The last day that was fitted to."""
        return self.log.dates[-1]


def fitted(
    log: DayLog,
    on_duty: Floats,
    *,
    inferred: bool = True,
    ahead: int = WEEK,
    known: tuple[Floats, Floats] | None = None,
) -> Fitted:
    """The desk from its days. `known` are the days' shares of availability where they have been worked out before.

    Raises LogError where the days are too few, or no one gave up.
    """
    patience = enough(log)
    hazard = hazard_of(log.calls)
    shapes = profiles(log, on_duty, hazard)
    usable = (log.volume >= LEAST_TOLD) & np.isin(log.weekdays, list(shapes)) & np.isfinite(log.handling)
    usual = usable & ~log.odd
    days: dict[str, Any] = {"numbers": log.numbers, "weekdays": log.weekdays, "usual": usual, "ahead": ahead}
    with np.errstate(divide="ignore"):
        volume = outlook(np.log(log.volume), weights=usable.astype(np.float64), **days)
        handling = outlook(
            np.log(log.handling), weights=np.where(usable, np.minimum(log.handled, MANY_HANDLED), 0.0), **days
        )
    loads, errors = loads_of(log, shapes, usable)
    typical = np.median(errors[usual])
    load = outlook(loads, weights=np.where(usable, 1 / (errors**2 + typical**2), 0.0), **days)
    steep = elasticities(shapes, hazard, loads=load)
    shares, share_errors = known or matched(log, on_duty, hazard)
    return Fitted(
        log, on_duty, inferred, hazard, patience, types_of(log), shapes, volume, handling, load,
        spread_of(log, (volume, handling, load), errors, usual, steep=steep),
        spread_of(log, (volume, handling, load), errors, usual, steep=steep, about_level=True),
        pooled(log, shares, share_errors, ahead=ahead), shares,
    )  # fmt: skip


def enough(log: DayLog) -> PatienceSeen:
    """Everybody's patience. Raises LogError where there is too little to fit a model to."""
    patience = patience_of(log.calls)
    if len(log.dates) < FEWEST_DAYS or log.volume.sum() < FEWEST_CALLS or patience is None:
        raise LogError(
            f"{len(log.dates)} days with {log.volume.sum():,.0f} offered calls, of which {log.lost.sum():,.0f} were "
            f"given up, are too few to fit a model to. Expected at least {FEWEST_DAYS} days, {FEWEST_CALLS:,} calls "
            f"and {FEWEST_LOST} given up."
        )
    return patience


def loads_of(log: DayLog, shapes: dict[int, Profile], usable: Marks) -> tuple[Floats, Floats]:
    """The load that each day's rate amounts to, as a logarithm, and the error that chance gives it."""
    loads, errors = np.full(len(log.dates), np.nan), np.full(len(log.dates), 1.0)
    for row in np.flatnonzero(usable):
        shape, volume = shapes[int(log.weekdays[row])], log.volume[row]
        rate = (log.lost[row] + 0.5) / (volume + 1)
        load = shape.load(rate)
        loads[row] = np.log(load)
        errors[row] = np.sqrt(CLUSTERED * rate * (1 - rate) / volume) / shape.slope(load)
    return loads, errors


def spread_of(
    log: DayLog,
    looks: tuple[Outlook, Outlook, Outlook],
    errors: Floats,
    usual: Marks,
    *,
    steep: tuple[float, float],
    about_level: bool = False,
) -> Spread:
    """How much days differ beyond chance, in calls, handling and load; and so in the staff's strength.

    `steep`: by how much load rises with calls, and with handling, the staff being the same.
    """
    volume, handling, load = looks
    weight = np.where(usual, 1 / (errors**2 + np.nanmedian(errors) ** 2), 0.0)
    weight = weight / weight.sum()
    far = [each.day_spread if about_level else each.spread for each in looks]
    calls = max(far[0] ** 2 - float(weight @ (1 / np.maximum(log.volume, 1))), 0.0)
    times = max(far[1] ** 2 - float(weight @ (1 / np.maximum(log.handled, 1))), 0.0)
    every = max(far[2] ** 2 - float(weight @ np.where(usual, errors, 0.0) ** 2), LEAST_SPREAD**2)
    demand = volume.misses + handling.misses
    strength = steep[0] * volume.misses + steep[1] * handling.misses - load.misses
    both = np.isfinite(demand) & np.isfinite(strength)
    follows = 0.0
    if both.sum() >= FEWEST_DAYS and calls + times > 0:
        away = demand[both] - demand[both].mean()
        follows = float(np.clip(away @ (strength[both] - strength[both].mean()) / max(away @ away, 1e-9), 0, 1))
    # load² = (s_c − f)² calls² + (s_h − f)² handling² + strength²
    left = every - (steep[0] - follows) ** 2 * calls - (steep[1] - follows) ** 2 * times
    if left < 0:  # then the staff follow as far as makes the days differ by no more than they do
        follows, left = min(steep) - np.sqrt(every / (calls + times)), 0.0
    return Spread(calls**0.5, times**0.5, left**0.5, float(np.clip(follows, 0, 1)), every**0.5)
