"""Past days from the same time of day on: calls, handling time and agents."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.arrays import Floats
from kcas.attribution.comparators import how_many
from kcas.attribution.observed_days import A_DAY, EPOCH
from kcas.calibration.day_records import INTERVAL
from kcas.calibration.staff_on_duty import spans_of, stays
from kcas.errors import ScenarioError
from kcas.forecasting.current_state import GONE_QUIET

FEWEST, MOST = 3, 12
"""Earlier days of the same weekday."""


@dataclass(frozen=True)
class Past:
    """Earlier days, [day], [day, cell]: cells of time from now to the end of the day."""

    dates: tuple[date, ...]
    edges: Floats  # seconds after midnight
    before: Floats  # calls until now
    calls: Floats  # [day, cell]
    handle_before: Floats
    handle_after: Floats
    handled_before: Floats
    handled_after: Floats
    agents_now: Floats  # counted as `so_far` counts them, with nothing known of what came after
    agents: Floats  # [day, cell]
    talks: Floats  # of the calls of those days, to draw from
    spread: float  # coefficient of variation of one call's handling


def past_of(calls: pl.DataFrame, *, day: date, now: float) -> Past:
    """The twelve weeks before the day. Raises ScenarioError where they hold too few days of its weekday."""
    number = (day - EPOCH).days
    earlier = calls.filter((pl.col("at") // A_DAY).is_between(number - 7 * MOST, number - 1))
    days = (earlier["at"] // A_DAY).unique().sort().to_numpy().astype(int)
    dates = tuple(date.fromordinal(EPOCH.toordinal() + int(each)) for each in days)
    same = np.array([each.weekday() == day.weekday() for each in dates], bool)
    if same.sum() < FEWEST:
        raise ScenarioError(
            f"{day}: the log tells of {how_many(int(same.sum()))} of its weekday in the twelve weeks before it. "
            f"Expected {FEWEST} at least, to say how such a day goes on."
        )
    clock = earlier["at"].to_numpy() % A_DAY
    last = float(np.ceil((np.quantile(clock, 0.999) + 1) / INTERVAL) * INTERVAL) if len(clock) else A_DAY
    first = (np.floor(now / INTERVAL) + 1) * INTERVAL
    edges = np.concatenate([[now], np.arange(first, max(last, first) + 1, INTERVAL)])
    row = np.searchsorted(days, (earlier["at"].to_numpy() // A_DAY).astype(int))
    counts = np.zeros((len(days), len(edges) - 1))
    cell = np.searchsorted(edges, clock, side="right") - 1
    within = (cell >= 0) & (cell < len(edges) - 1)
    np.add.at(counts, (row[within], cell[within]), 1.0)
    before = np.bincount(row[clock <= now], minlength=len(days)).astype(float)
    agents = agents_of(earlier, days, edges=edges)
    handling = handling_of(earlier, days, row=row, now=now)
    talks = earlier.filter(pl.col("ended").is_finite())["busy"].drop_nulls().to_numpy()
    if not agents.any() or not talks.any():
        raise ScenarioError("the log does not say which agent took a call, so no one can tell how many are there.")
    return Past(
        dates, edges, before, counts, *handling, here_then(earlier, days, now=now), agents, talks,
        float(talks.std() / talks.mean()),
    )  # fmt: skip


def agents_of(calls: pl.DataFrame, days: NDArray[np.int64], *, edges: Floats) -> Floats:
    """Mean agents on the phones in each cell of each day, inferred as `calibrate` infers them."""
    agents = np.zeros((len(days), len(edges) - 1))
    parts = calls.with_columns(day=(pl.col("at") // A_DAY).cast(pl.Int64)).partition_by("day", as_dict=True)
    for row, day in enumerate(days.tolist()):
        mine, midnight = parts[(day,)], day * A_DAY
        waited = mine.filter(pl.col("left") > pl.col("at"), pl.col("left").is_finite())
        queue = spans_of(waited["at"].to_numpy() - midnight, waited["left"].to_numpy() - midnight)
        taken = mine.filter(pl.col("agent").is_not_null(), pl.col("ended").is_finite()).sort("left")
        for agent in taken.partition_by("agent"):
            begins, ends = agent["left"].to_numpy() - midnight, agent["ended"].to_numpy() - midnight
            for begin, end in stays(begins, ends, queue=queue):
                agents[row] += np.clip(np.minimum(end, edges[1:]) - np.maximum(begin, edges[:-1]), 0, None)
    return agents / np.maximum(np.diff(edges), 1e-9)


def here_then(calls: pl.DataFrame, days: NDArray[np.int64], *, now: float) -> Floats:
    """How many agents each day had a call in hand at that time, or had had one recently."""
    midnight = (pl.col("at") // A_DAY) * A_DAY
    there = calls.filter(
        pl.col("left") - midnight <= now, pl.col("ended") - midnight > now - GONE_QUIET, pl.col("agent").is_not_null()
    )
    counts = there.group_by(day=(pl.col("at") // A_DAY).cast(pl.Int64)).agg(pl.col("agent").n_unique())
    present = dict(counts.iter_rows())
    return np.array([float(present.get(int(day), 0)) for day in days])


def handling_of(
    calls: pl.DataFrame, days: NDArray[np.int64], *, row: NDArray[np.int64], now: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean handling of the calls of each day that ended before now, of those answered after, and how many they are."""
    busy = calls["busy"].fill_null(0.0).to_numpy()
    left = calls["left"].to_numpy() - days[row] * A_DAY
    answered = np.isfinite(calls["ended"].fill_null(float("inf")).to_numpy()) & calls["busy"].is_not_null().to_numpy()
    before, after = left + busy <= now, left > now
    rows = []
    for part in (answered & before, answered & after):
        many = np.bincount(row[part], minlength=len(days)).astype(float)
        total = np.bincount(row[part], weights=busy[part], minlength=len(days))
        rows.append((total / np.maximum(many, 1), many))
    return rows[0][0], rows[1][0], rows[0][1], rows[1][1]
