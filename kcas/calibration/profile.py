"""Profile of a weekday: its arrivals, its staff, and the rate that follows from its load.

The *load* of a day is its calls times their handling, against the agents on duty, as a multiple of what is usual for
its weekday. The curve from load to abandonment is the queue's own; read backwards, it says what load a day's rate
amounts to, whatever the log leaves out.
"""

from kcas.arrays import Floats
from dataclasses import dataclass

import numpy as np

from kcas.calibration.day_records import (DayLog)
from kcas.calibration.level import PATTERN_HALF_LIFE, WEEK, Outlook
from kcas.calibration.loss_chain import Hazard, lost_calls

LOADS = np.exp(np.linspace(np.log(0.35), np.log(2.6), 18))
MOVED = 1.1  # by so much calls and handling are raised, to see by how much load rises
QUIET = 0.02  # of the busiest half-hour: before the first and after the last that is busier, the desk is closed


@dataclass(frozen=True)
class Profile:
    """A weekday's usual run, and the curve from load to the share given up."""

    offered: Floats  # [interval] calls
    on_duty: Floats  # [interval] agents
    handling: float
    first: int  # interval of opening
    last: int  # interval of closing, not within
    rates: Floats  # at LOADS
    days: int

    def rate(self, load: float) -> float:
        """Given up of offered at a load."""
        return float(np.interp(np.log(load), np.log(LOADS), self.rates))

    def load(self, rate: float) -> float:
        """The load at which that share is given up; the least or the largest that was looked at, beyond."""
        rising = np.maximum.accumulate(self.rates) + 1e-12 * np.arange(len(LOADS))
        return float(np.exp(np.interp(rate, rising, np.log(LOADS))))

    def slope(self, load: float) -> float:
        """How much the rate rises with the logarithm of load."""
        return float(max((self.rate(load * 1.05) - self.rate(load / 1.05)) / (2 * np.log(1.05)), 0.02))


def profiles(log: DayLog, on_duty: Floats, hazard: Hazard) -> dict[int, Profile]:
    """Each weekday that the log has, by its number."""
    now, numbers, weekdays = int(log.numbers[-1]) + 1, log.numbers, log.weekdays
    weight = 0.5 ** ((now - numbers) / PATTERN_HALF_LIFE)
    handling = float(np.nansum(weight * log.handled * log.handling) / np.nansum(weight * log.handled))
    shapes, odd = {}, log.odd
    for weekday in range(WEEK):
        mine = (weekdays == weekday) & (log.volume > 0) & ~odd
        if mine.any() and on_duty[mine].sum() > 0:
            share = weight[mine] / weight[mine].sum()
            offered, staff = share @ log.offered[mine], share @ on_duty[mine]
            first, last = hours(offered)
            inside = np.zeros(len(offered))
            inside[first:last] = 1.0
            shapes[weekday] = (offered * inside, staff, first, last, int(mine.sum()))
    arrivals = np.concatenate([np.repeat(offered[None, :], len(LOADS), axis=0) for offered, *_ in shapes.values()])
    agents = np.concatenate([staff[None, :] / LOADS[:, None] for _, staff, *_ in shapes.values()])
    lost = lost_calls(arrivals, agents, np.full(len(arrivals), handling), hazard).sum(axis=1)
    rates = (lost / arrivals.sum(axis=1)).reshape(-1, len(LOADS))
    return {
        weekday: Profile(offered, staff, handling, first, last, curve, days)
        for (weekday, (offered, staff, first, last, days)), curve in zip(shapes.items(), rates, strict=True)
    }


def elasticities(shapes: dict[int, Profile], hazard: Hazard, *, loads: Outlook) -> tuple[float, float]:
    """By what power of calls, and of handling, a day's load rises: beneath one, for a larger queue runs smoother."""
    offered = np.array([shape.offered for shape in shapes.values()])
    usual = np.array([loads.expected(weekday) for weekday in shapes])
    agents = np.array([shape.on_duty for shape in shapes.values()]) / usual[:, None]
    handling = np.array([shape.handling for shape in shapes.values()])
    found = []
    for calls, slower in ((MOVED, 1.0), (1.0, MOVED), (1.0, 1.0)):
        lost = lost_calls(offered * calls, agents, handling * slower, hazard).sum(axis=1)
        rates = lost / (offered.sum(axis=1) * calls)
        found.append([np.log(shape.load(rate)) for shape, rate in zip(shapes.values(), rates, strict=True)])
    steep = (np.array(found[:2]) - np.array(found[2])) / np.log(MOVED)
    each = steep @ offered.sum(axis=1) / offered.sum()
    return float(each[0]), float(each[1])


def hours(offered: Floats) -> tuple[int, int]:
    """The half-hours of opening and closing."""
    busy = np.flatnonzero(offered > QUIET * offered.max())
    return int(busy[0]), int(busy[-1]) + 1
