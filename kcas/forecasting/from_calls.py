"""Nowcast from the calls of the store: how a day will end, as it could be forecast at a given time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from kcas.attribution.fitted import Fitted, fit
from kcas.attribution.observed_days import A_DAY, EPOCH, NEEDED, Observed, observed
from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.grouping import select
from kcas.desk.opening_hours import A_DAY as MINUTES
from kcas.desk.standard import Standard
from kcas.errors import ScenarioError
from kcas.forecasting.current_state import SoFar, so_far, timed
from kcas.forecasting.nowcast import REPLICATIONS, SEED, Desks, Ending, ending
from kcas.forecasting.past_days import past_of
from kcas.forecasting.rest_of_day import RestOfToday, rest_of_today

FITTED_TO = 42  # days before: what the log hides of agents' time drifts


@dataclass(frozen=True)
class Log:
    """Calls ready to be asked about any day and moment."""

    calls: pl.DataFrame  # as `timed` gives them
    days: Observed
    standard: Standard


@dataclass(frozen=True)
class NowcastResult:
    """The day so far, what is expected of the rest, and how it will end."""

    today: SoFar
    expected: RestOfToday
    ending: Ending
    fitted: Fitted


def log_of(
    calls: pl.LazyFrame, *, standard: Standard, queues: Sequence[str] = (), until: date | None = None,
    since: date | None = None,
) -> Log:  # fmt: skip
    """The calls of these queues, by day and call by call."""
    chosen = select(calls, standard=standard, queues=queues, since=since, until=until).select(*NEEDED).collect()
    if not chosen.height:
        raise ScenarioError("no calls are kept, so there is no day to forecast. Read a log in first.")
    zone = standard.time_zone
    return Log(timed(chosen, zone=zone), observed(chosen, zone=zone), standard)


def nowcast(
    log: Log,
    *,
    day: date,
    now: float,
    definition: Definition,
    service_level: ServiceLevel,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    fitted: Fitted | None = None,
) -> NowcastResult:
    """The day as it could be forecast at that time of day; calls that came later are not looked at.

    Raises ScenarioError where the log tells of too few days before it.
    """
    today, past = so_far(log.calls, day=day, now=now), past_of(log.calls, day=day, now=now)
    fitted = fitted or fitted_before(log, day)
    expected = rest_of_today(past, today)
    end = ending(
        today, past, expected, Desks(fitted.patience, fitted.availability),
        definition=definition, service_level=service_level, replications=replications, seed=seed,
    )  # fmt: skip
    return NowcastResult(today, expected, end, fitted)


def fitted_before(log: Log, day: date) -> Fitted:
    """What the six weeks before the day show of patience and availability."""
    before = [number for number, each in enumerate(log.days.dates) if 0 < (day - each).days <= FITTED_TO]
    if not before:
        raise ScenarioError(f"{day}: the log tells of no day before it. Expected six weeks, to fit the model to.")
    return fit(log.days.of(before))


def last_moment(log: Log) -> tuple[date, float]:
    """The day and time of day at which the log ends: its last caller's arrival."""
    last = float(log.calls["at"].max())  # type: ignore[arg-type]
    return EPOCH + timedelta(days=int(last // A_DAY)), last % A_DAY


def closes(log: Log, day: date) -> float:
    """When the day ends, in seconds after midnight: by the standard's hours, else by its weekday's last calls."""
    span = log.standard.opening.span(day, holidays=log.standard.holidays)
    if log.standard.opening.stated:
        return 60.0 * min(span[1], MINUTES) if span else 0.0
    number = (day - EPOCH).days
    same = (pl.col("at") // A_DAY).cast(pl.Int64) % 7 == number % 7
    earlier = log.calls.filter(same, pl.col("at") < number * A_DAY)
    last = earlier.group_by(day=pl.col("at") // A_DAY).agg((pl.col("at") % A_DAY).quantile(0.99))["at"].median()
    return float(last) if isinstance(last, float) else A_DAY


def moment_of(now: datetime, *, standard: Standard) -> tuple[date, float]:
    """The day and time of day of a moment on the desk's clock."""
    from zoneinfo import ZoneInfo

    local = now.astimezone(ZoneInfo(standard.time_zone))
    return local.date(), local.hour * 3600.0 + local.minute * 60.0 + local.second
