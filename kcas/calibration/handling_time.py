"""Handling time, by type of call and time of day, from recent days."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from kcas.arrays import Floats
from kcas.calibration.day_records import INTERVAL, DayLog
from kcas.calibration.patience import BANDS, PatienceSeen, patience_of
from kcas.calls.rates import Z95

HALF_LIFE = 28.0  # days; how much types differ moves slowly; recent handling time is forecast separately
_FEWEST_CALLS = 200
SMALLEST_SHARE = 0.01
REST, EVERYBODY = "others", "callers"


@dataclass(frozen=True)
class HandlingSeen:
    """Mean handling with its interval, its coefficient of variation, and the calls behind it."""

    mean: float
    low: float
    high: float
    cv: float
    calls: int


@dataclass(frozen=True)
class TypeSeen:
    """One type of call."""

    share: float
    offered: int
    handling: HandlingSeen
    patience: PatienceSeen | None  # None: too few gave up, so everybody's is taken


def handling_of(calls: pl.DataFrame, *, now: int) -> HandlingSeen | None:
    """Mean and spread of the calls that have a handling time, recent days counting more."""
    known = calls.filter(pl.col("handle").is_not_null())
    if known.height < 2:
        return None
    weight = recent(known, now=now)
    at = known["handle"].to_numpy()
    total = weight.sum()
    mean = float(weight @ at / total)
    variance = float(weight @ (at - mean) ** 2 / total)
    error = float(np.sqrt(weight**2 @ (at - mean) ** 2) / total)
    return HandlingSeen(mean, mean - Z95 * error, mean + Z95 * error, max(variance**0.5 / mean, 0.05), known.height)


def recent(calls: pl.DataFrame, *, now: int, half_life: float = HALF_LIFE) -> Floats:
    """Each call's weight."""
    ordinal = calls["day"].cast(pl.Int32).to_numpy() + UNIX_EPOCH
    return np.asarray(0.5 ** ((now - ordinal) / half_life))


UNIX_EPOCH = 719_163  # the ordinal of 1 January 1970, from which Polars counts days


def types_of(log: DayLog) -> dict[str, TypeSeen]:
    """Each type with enough calls; what is too rare, or bears no type, is together."""
    now = int(log.numbers[-1]) + 1
    kinds, names = labelled(log.calls)
    every = handling_of(log.calls, now=now) or HandlingSeen(180.0, 0.0, np.inf, 1.0, 0)
    total = recent(kinds, now=now).sum()
    by_group = {}
    for name in names:
        mine = kinds.filter(pl.col("kind") == name)
        if mine.height:
            share = float(recent(mine, now=now).sum() / total)
            by_group[_plain(name)] = TypeSeen(
                share, mine.height, handling_of(mine, now=now) or every, patience_of(mine)
            )
    return by_group


def labelled(calls: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Calls with the kind each is taken to be, and the kinds."""
    counts = calls["type"].value_counts().drop_nulls().sort("count", descending=True)
    enough = max(_FEWEST_CALLS, SMALLEST_SHARE * calls.height)
    named = counts.filter(pl.col("count") >= enough)["type"].to_list()[:19]
    if len(named) < 2:
        return calls.with_columns(kind=pl.lit(EVERYBODY)), [EVERYBODY]
    kind = pl.when(pl.col("type").is_in(named)).then("type").otherwise(pl.lit(REST))
    return calls.with_columns(kind=kind), [*named, REST]


def _plain(name: str) -> str:
    """A type's name as a key: what a scenario calls it."""
    return name.strip()[:60] or REST


def by_time_of_day(log: DayLog) -> dict[str, tuple[HandlingSeen | None, PatienceSeen | None]]:
    """Handling and patience in each part of the day."""
    now = int(log.numbers[-1]) + 1
    by_group = {}
    for words, (first, last) in BANDS.items():
        mine = log.calls.filter(pl.col("at").is_between(first * INTERVAL, last * INTERVAL, closed="left"))
        by_group[words] = (handling_of(mine, now=now), patience_of(mine)) if mine.height else (None, None)
    return by_group
