"""Back-test of the nowcast at a time of day, over many days, against two baselines."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from kcas.attribution.fitted import Fitted
from kcas.attribution.observed_days import A_DAY, EPOCH
from kcas.calls.call import LOST
from kcas.calls.definitions import Definition, ServiceLevel
from kcas.errors import ScenarioError
from kcas.forecasting.nowcast import Log, NowcastResult, fitted_before, nowcast, replication_counts

_FEWEST_CALLS = 100  # a day of fewer is not worth forecasting
REPLICATIONS = 200


@dataclass(frozen=True)
class NowcastTrial:
    """One day, forecast at one time of day; rates as shares of one."""

    day: date
    now: float
    actual: float
    offered: int
    foreseen: float
    within_80: tuple[float, float]
    within_95: tuple[float, float]
    so_far: float  # baseline forecast: the rate so far continues
    usual: float  # baseline forecast: the rest goes as the same weekday's rest did, on average


@dataclass(frozen=True)
class LeftOut:
    """One day that could not be forecast, at which times of day, and why."""

    day: date
    times: tuple[float, ...]
    reason: str


@dataclass(frozen=True)
class Score:
    """All days of one time of day: mean absolute errors, and the share of days within the intervals."""

    now: float
    days: int
    error: float
    error_so_far: float
    error_usual: float
    coverage_80: float
    coverage_95: float
    width_95: float
    bias: float


def nowcast_trials(
    log: Log, *, days: list[date], times: list[float], definition: Definition, service_level: ServiceLevel,
    replications: int = REPLICATIONS,
) -> tuple[list[NowcastTrial], list[LeftOut]]:  # fmt: skip
    """Every day at every time, each fitted to the days before its week; and the days that cannot be forecast."""
    by: dict[str, Any] = {"definition": definition, "service_level": service_level}
    trials: list[NowcastTrial] = []
    out: list[LeftOut] = []
    fits: dict[date, Fitted] = {}
    for day in days:
        actual = actual_of(log, day, **by)
        if actual[1] < _FEWEST_CALLS:
            out.append(LeftOut(day, tuple(times), f"only {actual[1]:.0f} calls; {_FEWEST_CALLS} are needed"))
            continue
        monday = day - timedelta(days=day.weekday())
        missed: dict[str, list[float]] = {}
        for now in times:
            try:
                if monday not in fits:
                    fits[monday] = fitted_before(log, monday)
                seen = nowcast(log, day=day, now=now, replications=replications, fitted=fits[monday], **by)
            except ScenarioError as error:
                reason = re.sub(r"^\d{4}-\d\d-\d\d: ", "", str(error)).rstrip(".")
                missed.setdefault(reason, []).append(now)
            else:
                trials.append(held_against(log, seen, actual=actual))
        out += [LeftOut(day, tuple(at), reason) for reason, at in missed.items()]
    return trials, out


def held_against(log: Log, seen: NowcastResult, *, actual: tuple[float, float]) -> NowcastTrial:
    """Forecast and observed rates, with the two baseline forecasts."""
    end, day, now = seen.ending, seen.today.day, seen.today.now
    so_far = end.numerator_so_far / max(end.denominator_so_far, 1)
    usual = usual_end(log, day, now, end.numerator_so_far, end.denominator_so_far)
    return NowcastTrial(
        day, now, actual[0] / actual[1], round(actual[1]), end.likely, end.within(0.8), end.within(0.95), so_far, usual
    )


def actual_of(
    log: Log, day: date, *, definition: Definition, service_level: ServiceLevel
) -> tuple[float, float]:  # fmt: skip
    """Both halves of the day's final rate."""
    midnight = (day - EPOCH).days * A_DAY
    calls = log.calls.filter(pl.col("at").is_between(midnight, midnight + A_DAY, closed="left"))
    above, below = replication_counts(
        calls.select("outcome", "wait", replication=pl.lit(0)), replications=1, definition=definition,
        service_level=service_level,
    )  # fmt: skip
    return float(above[0]), float(below[0])


def usual_end(log: Log, day: date, now: float, numerator: float, denominator: float) -> float:
    """The day's rate if the rest goes as its weekday's rests have gone: counts added, not rates averaged."""
    midnight = (day - EPOCH).days * A_DAY
    weekday = ((pl.col("at") // A_DAY).cast(pl.Int64) + EPOCH.weekday()) % 7
    rests = log.calls.filter(
        pl.col("at") < midnight, pl.col("at") >= midnight - 84 * A_DAY, pl.col("at") % A_DAY > now,
        weekday == day.weekday(),
    )  # fmt: skip
    days = max((rests["at"] // A_DAY).n_unique(), 1)
    lost = rests.filter(pl.col("outcome").is_in(LOST)).height / days
    return (numerator + lost) / max(denominator + rests.height / days, 1)


def scores(trials: list[NowcastTrial]) -> list[Score]:
    """A score for each time of day."""
    made = []
    for now in sorted({each.now for each in trials}):
        mine = [each for each in trials if each.now == now]
        actual = np.array([each.actual for each in mine])

        def error(name: str, mine: list[NowcastTrial] = mine, actual: np.ndarray = actual) -> float:
            return float(np.abs(np.array([getattr(each, name) for each in mine]) - actual).mean())

        within = {
            name: np.mean([getattr(each, name)[0] <= each.actual <= getattr(each, name)[1] for each in mine])
            for name in ("within_80", "within_95")
        }
        made.append(
            Score(
                now=now,
                days=len(mine),
                error=error("foreseen"),
                error_so_far=error("so_far"),
                error_usual=error("usual"),
                coverage_80=float(within["within_80"]),
                coverage_95=float(within["within_95"]),
                width_95=float(np.mean([each.within_95[1] - each.within_95[0] for each in mine])),
                bias=float(np.mean([each.foreseen - each.actual for each in mine])),
            )
        )
    return made
