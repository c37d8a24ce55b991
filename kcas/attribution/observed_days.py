"""What happened on each day, as the model needs it: calls by interval, agents on the phones, and time a call.

Days, data faults and who was on duty are read as `calibrate` reads them. Short absences and work after a call that the
log does not show are made up for by one share, `availability`, fitted later.

Counts of a day by a rate's definition, observed or expected, and the definitions that the model can express.

The model knows callers who are answered and callers who hang up, and how long these had waited. A definition that
needs no more than that is counted by its own formula, of the log and of the model alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.arrays import Floats
from kcas.calibration.day_records import INTERVAL, DayLog, day_log
from kcas.calibration.staff_on_duty import inferred
from kcas.calls.definitions import RATES, Definition
from kcas.calls.grouping import select
from kcas.desk.opening_hours import Holidays
from kcas.desk.standard import Standard
from kcas.errors import SettingError

KNOWN = ("offered", "answered", "abandoned_all", "abandoned_over", "abandoned_short")
LEFT_OTHERWISE = 0.01
"""Of those offered: where more left in other ways, a definition that is about the answered is refused."""
ALL_OFFERED = Definition("all_offered")


@dataclass(frozen=True)
class RateCounts:
    """The definition's numerator and denominator, of whatever days."""

    numerator: Floats
    denominator: Floats


def supported_definitions() -> list[str]:
    """The definitions that the model can tell."""
    return [key for key, rate in RATES.items() if set(rate.needs) <= set(KNOWN)]


def refuse_untold(definition: Definition) -> None:
    """Raises SettingError for a definition that needs what the model does not know."""
    if definition.key not in supported_definitions():
        raise SettingError(
            f"--definition: the model knows only who is answered, who hangs up in the queue and when, so it cannot "
            f"tell {definition.key} ({definition.rate.words}). Expected one of {', '.join(supported_definitions())}."
        )


def refuse_left_otherwise(definition: Definition, *, offered: float, answered: float, lost: float) -> None:
    """Raises SettingError where a definition is about the answered, and many left neither answered nor hung up."""
    others = offered - answered - lost
    if "answered" in definition.rate.needs and others > LEFT_OTHERWISE * offered:
        raise SettingError(
            f"--definition: {others:,.0f} of {offered:,.0f} callers left the queue neither answered nor hung up, which "
            f"the model does not know, so it cannot tell {definition.key}. Expected one that is not about answered "
            "calls, like all_offered."
        )


def rate_counts(definition: Definition, *, offered: Floats, answered: Floats, lost: Floats, over: Floats) -> RateCounts:
    """Both halves by the definition's own formula; `over` are those of the lost who had waited beyond the threshold."""
    columns = (offered, answered, lost, over, lost - over)
    tally = pl.DataFrame({name: each.ravel() for name, each in zip(KNOWN, columns, strict=True)} | {"open": 0.0})
    counted = tally.select(above=definition.rate.numerator, below=definition.rate.denominator)
    return RateCounts(*(counted[name].to_numpy().reshape(offered.shape) for name in ("above", "below")))


LONGEST = 3600.0  # one call keeps an agent no longer; what a log says beyond is an outlier
NEEDED = ("entered", "outcome", "wait", "talk", "hold", "wrap", "agent", "type")
A_DAY = 86_400.0
NONE = Holidays(of_england=False)
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Observed:
    """Days in order, each with its counts; calls and agents are [day, interval], everything else [day]."""

    dates: tuple[date, ...]
    calls: Floats  # offered, those still open left out
    agents: Floats  # mean number on the phones; zero throughout where the log names none
    lost: Floats  # hung up in the queue
    over: Floats  # of these, after a wait beyond the definition's threshold; all of them where it has none
    answered: Floats
    queue_time: Floats  # of all who were offered
    handled: Floats
    handle: Floats  # an agent's time a call, mean of the day
    opens: float  # seconds after midnight at which the first interval begins
    interval: float
    holidays: Mapping[date, str] = field(default_factory=dict)  # those of these days, and what they are called
    definition: Definition = ALL_OFFERED

    @property
    def offered(self) -> Floats:
        """Calls of each day."""
        return np.asarray(self.calls.sum(axis=1))

    @property
    def halves(self) -> RateCounts:
        """Numerator and denominator of each day's rate, by the definition."""
        return rate_counts(
            self.definition, offered=self.offered, answered=self.answered, lost=self.lost, over=self.over
        )  # fmt: skip

    def of(self, wanted: NDArray[np.bool_] | list[int]) -> "Observed":
        """Some of the days."""
        index = np.flatnonzero(wanted) if isinstance(wanted, np.ndarray) else np.array(wanted, int)
        names = ("calls", "agents", "lost", "over", "answered", "queue_time", "handled", "handle")
        dates = tuple(self.dates[number] for number in index)
        return replace(
            self,
            dates=dates,
            holidays={day: name for day, name in self.holidays.items() if day in dates},
            **{name: getattr(self, name)[index] for name in names},
        )


def observed_days(
    calls: pl.LazyFrame, *, standard: Standard, queues: Sequence[str] = (), definition: Definition = ALL_OFFERED
) -> Observed:
    """The days of these queues' calls on the standard's clock, hours that it leaves out left out.

    Raises SettingError for a definition that the model cannot tell.
    """
    refuse_untold(definition)
    return observed(
        select(calls, standard=standard, queues=queues), zone=standard.time_zone, holidays=standard.holidays,
        definition=definition,
    )  # fmt: skip


def observed(
    calls: pl.LazyFrame | pl.DataFrame, *, zone: str, holidays: Holidays = NONE, definition: Definition = ALL_OFFERED
) -> Observed:
    """The days of these calls, between the first and the last interval in which any day has calls or agents.

    Raises LogError where there are none.
    """
    log = day_log(calls.lazy().select(*NEEDED), zone=zone, holidays=holidays)
    named = holidays.named(years=range(log.dates[0].year, log.dates[-1].year + 1))
    agents = inferred(log) if log.calls["agent"].count() else np.zeros(log.offered.shape)
    used = np.flatnonzero((log.offered + agents).sum(axis=0) > 0)
    within = slice(used[0], used[-1] + 1)
    return Observed(
        dates=log.dates,
        calls=log.offered[:, within],
        agents=agents[:, within],
        lost=log.lost,
        over=each_day(log, pl.col("lost") & ~short(definition)),
        answered=each_day(log, pl.col("answered")),
        definition=definition,
        queue_time=queue_time(log),
        handled=log.handled,
        handle=np.nan_to_num(log.handling),
        opens=float(used[0] * INTERVAL),
        interval=INTERVAL,
        holidays={day: named[day] for day in sorted(log.holidays)},
    )


def queue_time(log: DayLog) -> Floats:
    """The time that each day's callers spent in the queue."""
    return log.calls.group_by("day").agg(pl.col("wait").sum()).sort("day")["wait"].to_numpy()


def each_day(log: DayLog, which: pl.Expr) -> Floats:
    """How many calls of each day are so."""
    return log.calls.group_by("day").agg(which.sum()).sort("day").to_series(1).to_numpy().astype(float)


def short(definition: Definition) -> pl.Expr:
    """Whether a wait is short by the definition; one that is not known is not."""
    if definition.short is None:
        return pl.lit(False)
    wait = pl.col("wait")
    within = wait <= definition.short if definition.equal_is_short else wait < definition.short
    return within.fill_null(value=False)
