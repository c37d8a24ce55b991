"""The invented year as a calls table from a seed: demand, one queue, thirteen agents, redials."""

import bisect
import heapq
from datetime import date, datetime, time, timedelta
from typing import Any

import holidays
import numpy as np
import polars as pl

from kcas.demo import desk

_Numbers = np.ndarray[Any, np.dtype[Any]]

SEED = 2010
ARRIVAL = ("at", "type", "caller", "patience", "handling", "redials", "redial_after")


def invent_year(*, seed: int = SEED) -> pl.DataFrame:
    """Every call of the year in order: the columns of a logged call, with names and numbers still in clear."""
    demand_dice, caller_dice, detail_dice = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    opening, closed = _moments_of_calls(demand_dice)
    callers = _callers(opening, dice=caller_dice)
    in_menu = caller_dice.random(len(callers)) < desk.HANG_UP_IN_MENU
    queued = _one_queue(callers.filter(~pl.Series(in_menu)), dice=detail_dice)
    hung_up = _never_queued(callers.filter(pl.Series(in_menu)), outcome="left_ivr")
    turned_away = _never_queued(_callers(closed, dice=caller_dice), outcome="blocked")
    calls = pl.concat([queued, hung_up, turned_away], how="diagonal").sort("at", "caller")
    return _finish(calls, dice=detail_dice)


def open_days() -> list[date]:
    """Weekdays of the year that are not bank holidays."""
    return [day for day in _days() if _is_open(day)]


def _days() -> list[date]:
    return [desk.FIRST_DAY + timedelta(n) for n in range((desk.LAST_DAY - desk.FIRST_DAY).days + 1)]


def _bank_holidays() -> set[date]:
    years = range(desk.FIRST_DAY.year, desk.LAST_DAY.year + 1)
    return set(holidays.country_holidays("GB", subdiv="ENG", years=years))


def _is_open(day: date, *, closed: frozenset[date] = frozenset()) -> bool:
    return day.weekday() < 5 and day not in (closed or _bank_holidays())


def _at(day: date, *, clock: time) -> float:
    return datetime.combine(day, clock, desk.CLOCK).timestamp()


def _moments_of_calls(dice: np.random.Generator) -> tuple[_Numbers, _Numbers]:
    """When people ring while the desk is open, and when it is shut."""
    days_off = frozenset(_bank_holidays())
    shape = np.array(desk.BY_HALF_HOUR) / sum(desk.BY_HALF_HOUR)
    opening: list[_Numbers] = []
    closed: list[_Numbers] = []
    for day in _days():
        midnight = _at(day, clock=time())
        if not _is_open(day, closed=days_off):
            count = dice.poisson(desk.CLOSED_CALLS["closed day"])
            closed.append(midnight + dice.triangular(0, 13 * 3600, 86_400, count))
            continue
        mean = desk.FIRST_TRIES_A_WEEKDAY * desk.BY_WEEKDAY[day.weekday()] * desk.BY_MONTH.get(day.month, 1.0)
        mean *= desk.AFTER_A_HOLIDAY if day - timedelta(1) in days_off else 1.0
        counts = dice.poisson(mean * dice.gamma(desk.DAY_SHAPE, 1 / desk.DAY_SHAPE) * shape)
        opens = _at(day, clock=desk.OPENS)
        half_hours = np.repeat(np.arange(len(shape)), counts)
        opening.append(opens + (half_hours + dice.random(len(half_hours))) * 1800)
        evening = _at(day, clock=desk.CLOSES) + dice.exponential(5400, dice.poisson(desk.CLOSED_CALLS["open day"]))
        closed.append(evening[evening < midnight + 82_800])
    closed.append(_at(desk.CLOCKS_BACK, clock=time(0, 40)) + np.array([0.0, 3600.0, 5400.0]))
    return np.sort(np.concatenate(opening)), np.sort(np.concatenate(closed))


def _callers(moments: _Numbers, *, dice: np.random.Generator) -> pl.DataFrame:
    """Who each caller is, and every random number of theirs, drawn before the day begins."""
    size = len(moments)
    kind = (dice.random(size) < desk.SHARE[1]).astype(np.int64)
    spread = 0.8  # of the logarithm of handling
    handling = np.array(desk.HANDLING)[kind] * np.exp(dice.normal(-(spread**2) / 2, spread, size))
    patience = dice.exponential(np.array(desk.PATIENCE)[kind])
    patience = np.where(dice.random(size) < desk.AT_ONCE, dice.uniform(1, 5, size), patience)
    known = np.array(desk.KNOWN_CALLERS)[kind]
    return pl.DataFrame(
        {
            "at": moments,
            "type": kind,
            "caller": (dice.random(size) * known).astype(np.int64) + kind * desk.KNOWN_CALLERS[0],
            "patience": np.minimum(patience * _hurry(moments), desk.LONGEST_WAIT),
            "handling": np.maximum(handling, 20.0),
            "redials": dice.geometric(1 - desk.REDIALS, size) - 1,
            "redial_after": 30 + dice.exponential(desk.REDIAL_AFTER, size),
        }
    )


def _hurry(moments: _Numbers) -> _Numbers:
    """What share of their patience people have at this time of day."""
    clock = pl.from_epoch(pl.Series(moments.astype(np.int64)), time_unit="s").dt.replace_time_zone("UTC")
    hurried = clock.dt.convert_time_zone(desk.TIME_ZONE).dt.time().is_between(*desk.HURRIED, closed="left")
    return np.where(hurried.to_numpy(), desk.HURRY, 1.0)


def _handling_share(day: date) -> float:
    """Handling against what it was: one until the changes begin, a step down, then falling until they are done."""
    if day < desk.CHANGES_BEGIN:
        return 1.0
    done = min((day - desk.CHANGES_BEGIN) / (desk.CHANGES_DONE - desk.CHANGES_BEGIN), 1.0)
    return 1 - desk.HANDLING_FALLS_AT_ONCE - (desk.HANDLING_FALLS_BY - desk.HANDLING_FALLS_AT_ONCE) * done


def _one_queue(callers: pl.DataFrame, *, dice: np.random.Generator) -> pl.DataFrame:
    """First come, first served: the agent who is free first takes the next caller still there."""
    waiting = [(*row, 1) for row in callers.select(ARRIVAL).rows()]
    closes = {day: (_at(day, clock=desk.CLOSES), _handling_share(day)) for day in open_days()}
    staff = dice.permuted(np.tile(np.arange(len(desk.AGENTS)), (len(closes), 1)), axis=1)[:, : desk.ON_THE_PHONES]
    rows: list[tuple[Any, ...]] = []
    for (day, (closing, share)), on_duty in zip(closes.items(), staff.tolist(), strict=True):
        free = [(_at(day, clock=desk.OPENS), agent) for agent in on_duty]
        heapq.heapify(free)
        today = _taken_until(waiting, closing)
        while today:
            at, kind, caller, patience, handling, redials, redial_after, attempt = heapq.heappop(today)
            offered = max(0.0, free[0][0] - at)
            if offered > patience:
                rows.append((at, kind, caller, "abandoned", patience, None, None))
                again = at + patience + redial_after
                if attempt <= min(redials, desk.TRIES - 1) and again < closing:
                    call = (again, kind, caller, patience, handling, redials, redial_after, attempt + 1)
                    heapq.heappush(today, call)
                continue
            agent = free[0][1]
            heapq.heapreplace(free, (at + offered + handling * share, agent))
            rows.append((at, kind, caller, "answered", offered, handling * share, agent))
    names = ["at", "type", "caller", "outcome", "wait", "handling", "agent"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def _taken_until(waiting: list[tuple[Any, ...]], closing: float) -> list[tuple[Any, ...]]:
    """Take the calls before this closing time off the front of the list."""
    count = bisect.bisect_left(waiting, closing, key=lambda call: call[0])
    today, waiting[:count] = waiting[:count], []
    return today


def _never_queued(callers: pl.DataFrame, *, outcome: str) -> pl.DataFrame:
    return callers.select("at", "type", "caller", outcome=pl.lit(outcome))


def _finish(calls: pl.DataFrame, *, dice: np.random.Generator) -> pl.DataFrame:
    """Whole seconds, names, numbers, and the rarer ways of leaving."""
    size = len(calls)
    way_out, withheld, menu, ring = (pl.Series(dice.random(size)) for _ in range(4))
    entered = pl.from_epoch(pl.col("at").cast(pl.Int64), time_unit="s").dt.replace_time_zone("UTC")
    whole = {"wait": pl.col("wait"), "talk": pl.col("handling") * desk.TALK, "hold": pl.col("handling") * desk.HOLD}
    on_new_telephones = pl.col("at") >= _at(desk.NEW_TELEPHONES, clock=time())
    gave_up, answered = pl.col("outcome") == "abandoned", pl.col("outcome") == "answered"
    handling = pl.col("handling").round().cast(pl.Int64)
    names = dict(enumerate(desk.AGENTS))
    numbers = np.array(desk.drama_numbers())
    return (
        calls.with_columns(entered=entered, **{k: v.round().cast(pl.Int64) for k, v in whole.items()})
        .with_columns(
            queue=pl.col("type").replace_strict(dict(enumerate(desk.QUEUES)), return_dtype=pl.String),
            type=pl.col("type").replace_strict(dict(enumerate(desk.TYPES)), return_dtype=pl.String),
            agent=pl.col("agent").replace_strict(names, return_dtype=pl.String),
            caller=pl.when(withheld >= desk.WITHHELD).then(pl.Series(numbers[calls["caller"].to_numpy()])),
            wrap=handling - pl.col("talk") - pl.col("hold"),
            menu=(12 + 30 * menu).cast(pl.Int64),
            ring=pl.when(answered).then(pl.min_horizontal((2 + 6 * ring).cast(pl.Int64), "wait")),
            outcome=pl.when(gave_up & (pl.col("wait") >= desk.LONGEST_WAIT))
            .then(pl.lit("timed_out"))
            .when(gave_up & (way_out < desk.LEAVE_WHILE_RINGING))
            .then(pl.lit("abandoned_ringing"))
            .when(gave_up & on_new_telephones & (way_out > 1 - desk.LEAVE_BY_KEY))
            .then(pl.lit("exit_key"))
            .otherwise("outcome"),
        )
        .with_columns(contact=pl.format("{}.{}", pl.col("entered").dt.epoch("s") - pl.col("menu"), pl.int_range(size)))
        .select(
            "contact", "queue", "entered", "outcome", "wait", "menu", "ring", "talk", "hold", "wrap", "agent",
            "caller", "type", position=_position(pl.col("wait").is_not_null()),
        )
    )  # fmt: skip


def _position(queued: pl.Expr) -> pl.Expr:
    """The caller's place in their queue: one more than those who had come and not yet gone."""
    leaves = pl.when(queued).then(pl.col("entered") + pl.duration(seconds="wait"))
    gone = leaves.drop_nulls().sort().search_sorted(pl.col("entered"), side="right")
    return pl.when(queued).then((queued.cum_sum().cast(pl.Int64) - gone.cast(pl.Int64)).clip(lower_bound=1))
