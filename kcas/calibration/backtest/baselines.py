"""Baseline forecasts: three simple methods that the model must better."""

from dataclasses import dataclass

import numpy as np

from kcas.arrays import Floats
from kcas.calibration.backtest.forecast import LEVELS, Facts
from kcas.calibration.day_records import DayLog
from kcas.calibration.fitted import Fitted
from kcas.queueing.steady_state import steady

RIVALS = {
    "same weekday": "the same weekday's share given up, over all days fitted to",
    "erlang a": "Erlang A hour by hour, with the weekday's mean calls and staff and the mean handling and patience",
    "regression": "a straight line from the day's number of calls, through the days fitted to",
}
HOUR = 3600.0


@dataclass(frozen=True)
class BaselineForecast:
    """A baseline's forecast rate for a day, and its quantiles at LEVELS from its errors on the days fitted to."""

    rate: float
    at_levels: tuple[float, ...]


def with_misses(rate: float, misses: Floats) -> BaselineForecast:
    """The rate with quantiles, where the rule knows its own misses; without any, all are the rate itself."""
    known = misses[np.isfinite(misses)]
    away = np.quantile(known, LEVELS) if len(known) else np.zeros(len(LEVELS))
    return BaselineForecast(rate, tuple(np.clip(rate + away, 0, 1).tolist()))


def baseline_forecasts(
    fitted: Fitted, weekday: int, *, facts: Facts, given: frozenset[str]
) -> dict[str, BaselineForecast]:
    """Each baseline forecast's word on a day, with the same facts given as the model has."""
    volume = float(facts.offered.sum()) if "volume" in given else None
    return {
        "same weekday": same_weekday(fitted.log, weekday),
        "erlang a": with_misses(erlang_a(fitted, weekday, facts=facts, given=given), np.empty(0)),
        "regression": regression(fitted.log, weekday, volume=volume),
    }


def same_weekday(log: DayLog, weekday: int) -> BaselineForecast:
    """The weekday's calls given up, of those offered."""
    mine = (log.weekdays == weekday) & (log.volume > 0)
    mine = mine if mine.any() else log.volume > 0
    rate = float(log.lost[mine].sum() / log.volume[mine].sum())
    return with_misses(rate, log.rate[mine] - rate)


def regression(log: DayLog, weekday: int, *, volume: float | None) -> BaselineForecast:
    """By least squares; where the day's number of calls is not given, it is the weekday's mean."""
    known = log.volume > 0
    mine = known & (log.weekdays == weekday)
    calls = volume if volume is not None else float(log.volume[mine if mine.any() else known].mean())
    flat = known.sum() < 3 or np.ptp(log.volume[known]) == 0
    steep, level = (0.0, log.rate[known].mean()) if flat else np.polyfit(log.volume[known], log.rate[known], 1)
    rate = float(np.clip(level + steep * calls, 0, 1))
    return with_misses(rate, log.rate[known] - np.clip(level + steep * log.volume[known], 0, 1))


def erlang_a(fitted: Fitted, weekday: int, *, facts: Facts, given: frozenset[str]) -> float:
    """Each hour as if it had settled: no hour hands its queue to the next, and no capacity is lost to other work.

    Erlang A (Palm 1957), stationary independent period by period (Green and others 2001).
    """
    log = fitted.log
    mine = log.weekdays == weekday
    offered = facts.offered if "volume" in given else log.offered[mine].mean(axis=0)
    on_duty = facts.on_duty if "staff" in given else fitted.on_duty[mine].mean(axis=0)
    handling = facts.handling if "handling" in given else fitted.profiles[weekday].handling
    calls, agents = offered.reshape(-1, 2).sum(axis=1), on_duty.reshape(-1, 2).mean(axis=1)
    lost = sum(
        called * share_lost(called / HOUR, there, handling=handling, patience=fitted.patience.mean)
        for called, there in zip(calls.tolist(), agents.tolist(), strict=True)
        if called > 0
    )
    return float(lost / calls.sum())


def share_lost(arrivals: float, agents: float, *, handling: float, patience: float) -> float:
    """Erlang A between the whole numbers of agents about this one; where no one works, everybody gives up."""
    below = int(agents)
    shares = [
        steady(arrivals, handle=handling, agents=whole, patience=patience).p_abandon if whole else 1.0
        for whole in (below, below + 1)
    ]
    return float(shares[0] + (agents - below) * (shares[1] - shares[0]))
