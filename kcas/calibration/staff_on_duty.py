"""Staff on duty: read from a roster, or inferred from who took calls when, with breaks estimated.

A log shows an agent only while there is a call in hand. Between two calls an agent is taken to have been there,
unless callers waited for minutes together meanwhile (a free agent would have been given one of them), or the gap was
longer than an hour.

Loss of a day by a Markov chain, for fractional agents and patience with any hazard; many days at once.

A birth-and-death chain carried through the day in steps (backward Euler: Reibman and Trivedi 1988). It differs from the
exact day in two things a fit needs: the number of agents need not be whole, so that availability can be turned
smoothly; and of k callers waiting the j-th from the end is taken to have waited j / arrivals, so that hang-ups follow a
measured hazard (Whitt 2005).
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from scipy.linalg.lapack import dgttrf, dgttrs

from kcas.arrays import Floats
from kcas.calibration.day_records import INTERVAL, INTERVALS, DayLog
from kcas.desk.toml_file import read_text, value_text
from kcas.desk.units import read_day, read_time_of_day
from kcas.distributions.measured import PiecewiseExponential
from kcas.errors import LogError, SettingError
from kcas.simulation.scenario.schema import WEEKDAYS

CALLERS_LEFT_WAITING = 300.0
"""Seconds in which callers waited, within one gap between two calls, from which the agent is taken to be away."""
LONGEST_GAP = 3600.0
EDGES = INTERVAL * np.arange(INTERVALS + 1)
_COLUMNS = ("day", "from", "to", "agents")
_AGENTS = re.compile(r"\d{1,6}(\.\d{0,6})?|\.\d{1,6}", re.ASCII)


def inferred(log: DayLog) -> Floats:
    """Agents on duty in each half-hour of each day, as a mean: 6.5 is six and, half of the time, a seventh."""
    staff = np.zeros((len(log.dates), INTERVALS))
    parts = log.calls.partition_by("day", as_dict=True)
    for number, day in enumerate(log.dates):
        staff[number] = on_one_day(parts[(day,)])
    return staff


def on_one_day(calls: pl.DataFrame) -> Floats:
    """Agents on duty in each half-hour of one day."""
    taken = calls.filter(pl.col("answered"))
    if taken["agent"].null_count() == taken.height:
        return most_at_once(taken)
    waited = calls.filter(pl.col("wait") > 0)
    queue = spans_of(waited["at"].to_numpy(), waited["gone"].to_numpy())
    minutes = np.zeros(INTERVALS)
    for group in taken.filter(pl.col("agent").is_not_null()).sort("gone").partition_by("agent"):
        for begin, end in stays(group["gone"].to_numpy(), group["end"].to_numpy(), queue=queue):
            minutes += np.clip(np.minimum(end, EDGES[1:]) - np.maximum(begin, EDGES[:-1]), 0, None)
    return np.asarray(minutes / INTERVAL)


def stays(begins: Floats, ends: Floats, *, queue: tuple[Floats, Floats]) -> Iterator[tuple[float, float]]:
    """One agent's stretches on duty."""
    ends = np.maximum.accumulate(ends)
    from_, to = ends[:-1], begins[1:]
    left_waiting = covered(queue, to) - covered(queue, from_)
    away = (to > from_) & ((left_waiting > CALLERS_LEFT_WAITING) | (to - from_ > LONGEST_GAP))
    starts, stops = np.concatenate([begins[:1], to[away]]), np.concatenate([from_[away], ends[-1:]])
    yield from zip(starts.tolist(), stops.tolist(), strict=True)


def spans_of(begins: Floats, ends: Floats) -> tuple[Floats, Floats]:
    """Overlapping stretches put together: when at least one of them was under way."""
    order = np.argsort(begins, kind="stable")
    begins, ends = begins[order], np.maximum.accumulate(ends[order]) if len(ends) else ends
    fresh = np.concatenate([[True], begins[1:] > ends[:-1]])[: len(begins)]
    last = np.concatenate([fresh[1:], [True]])[: len(begins)]
    return begins[fresh], ends[last]


def covered(spans: tuple[Floats, Floats], at: Floats) -> Floats:
    """How much of the time before each moment lies within the spans."""
    begins, ends = spans
    if not len(begins):
        return np.zeros(len(at))
    whole = np.concatenate([[0.0], np.cumsum(ends - begins)])
    place = np.searchsorted(begins, at, side="right")
    beyond = np.where(place > 0, np.maximum(ends[np.maximum(place - 1, 0)] - at, 0.0), 0.0)
    return np.asarray(whole[place] - beyond)


def most_at_once(taken: pl.DataFrame) -> Floats:
    """Without names: the most calls in hand at once in each half-hour."""
    begins, ends = taken["gone"].to_numpy(), taken["end"].to_numpy()
    moments = np.concatenate([begins, ends])
    change = np.concatenate([np.ones(len(begins)), -np.ones(len(ends))])
    order = np.lexsort((change, moments))
    at, now = moments[order], np.cumsum(change[order])
    staff = np.zeros(INTERVALS)
    place = np.clip((at // INTERVAL).astype(np.int64), 0, INTERVALS - 1)
    np.maximum.at(staff, place, now)
    carried = np.searchsorted(at, EDGES[:-1], side="right") - 1  # who was at work as the half-hour began
    return np.maximum(staff, np.where(carried >= 0, now[np.maximum(carried, 0)], 0.0)) if len(at) else staff


def rostered(path: Path, log: DayLog) -> Floats:
    """Agents on duty by a roster file: a CSV with day (a date, or a weekday), from, to and agents.

    Raises SettingError with the line, and LogError where a day of the log is not in it.
    """
    staff = np.zeros((len(log.dates), INTERVALS))
    content, dated = np.zeros((2, len(log.dates)), bool)
    for mine, begin, end, agents in roster_rows(path):
        rows = np.array([day == mine or day.weekday() == mine for day in log.dates], bool)
        if isinstance(mine, date):  # the weekday's roster gives way to that of the date
            staff[rows & ~dated] = 0.0
            dated |= rows
        staff[rows] += agents * np.clip(np.minimum(end, EDGES[1:]) - np.maximum(begin, EDGES[:-1]), 0, None) / INTERVAL
        content |= rows
    if not content.all():
        missing = log.dates[int(np.flatnonzero(~content)[0])]
        raise LogError(f"{path}: no one is rostered on {missing}, on which there are calls. Expected a row for it.")
    return staff


def roster_rows(path: Path) -> Iterator[tuple[date | int, float, float, float]]:
    """Each row's day (or weekday's number), span and agents; rows of weekdays before rows of dates."""
    import csv

    content = read_text(path, what="a roster, a CSV file")
    try:
        lines = list(csv.DictReader(content.splitlines()))
    except csv.Error:
        raise SettingError(f"{path}: cannot be read as CSV. Expected a roster as a spreadsheet saves it.") from None
    if not lines or set(_COLUMNS) - set(lines[0]):
        raise SettingError(f"{path}: a roster is a CSV file with the columns {', '.join(_COLUMNS)}.")
    rows = []
    for number, line in enumerate(lines, start=2):
        where = f"{path}, line {number}"
        agents = (line["agents"] or "").strip()
        if not _AGENTS.fullmatch(agents):
            raise SettingError(f"{where}, agents: {value_text(agents)} is not a number of agents. Expected one like 7.")
        begin, end = (read_time_of_day(line[name], where=f"{where}, {name}") for name in ("from", "to"))
        if end <= begin:
            raise SettingError(f"{where}: it ends at {line['to']}, not after it begins at {line['from']}.")
        rows.append((the_day(line["day"], where=f"{where}, day"), begin, end, float(agents)))
    yield from sorted(rows, key=lambda row: isinstance(row[0], date))


def the_day(text: str | None, *, where: str) -> date | int:
    """A date, or a weekday's number."""
    content = (text or "").strip().lower()
    if content in WEEKDAYS:
        return WEEKDAYS.index(content)
    return read_day(content, where=where)


_STEP = 60.0  # seconds; backward Euler, which stays a chance however long the step
_ROOM = 100  # callers in the system at most; a queue of so many on a desk this would be fitted to is lost anyway


def lost_calls(arrivals: Floats, agents: Floats, handling: Floats, hazard: PiecewiseExponential) -> Floats:
    """Calls given up in each interval; rows are days, `arrivals` calls an interval, `handling` one mean a day."""
    rows, intervals = arrivals.shape
    room = _ROOM + int(np.ceil(agents.max(initial=0.0)))
    chance = np.zeros((rows, room + 1))
    chance[:, 0] = 1.0
    staff = np.zeros(arrivals.shape)
    used = np.flatnonzero(arrivals.sum(axis=0) > 0)
    for number in range(used[0] if len(used) else 0, (used[-1] + 2) if len(used) else 0):
        if number >= intervals:
            break
        chance, staff[:, number] = one_interval(
            chance, arrivals[:, number] / INTERVAL, agents[:, number], handling, hazard
        )
    return staff


def one_interval(
    chance: Floats, pace: Floats, agents: Floats, handling: Floats, hazard: PiecewiseExponential
) -> tuple[Floats, Floats]:
    """The chances at the end of an interval, and the calls given up within it."""
    callers = np.arange(chance.shape[1], dtype=float)[None, :]
    busy = np.minimum(callers, agents[:, None])
    apart = np.maximum(pace, 1e-4)[:, None]  # so that the queue of a quiet hour is not taken to be endlessly old
    leave = apart * hazard.cumulative_hazard((callers - busy) / apart)  # θ_k = λ H(k/λ)
    down = busy / handling[:, None] + leave
    up = np.repeat(pace[:, None], chance.shape[1], axis=1)
    up[:, -1] = 0.0
    # (I − hQᵀ) p(t + h) = p(t); all days are one tridiagonal system, their first and last states not joined
    below, above = -_STEP * up.ravel()[:-1], -_STEP * down.ravel()[1:]
    *factors, failed = dgttrf(below, 1 + _STEP * (up + down).ravel(), above)
    if failed:
        raise ArithmeticError("the queue's equations cannot be solved")
    state, spent = chance.ravel(), np.zeros(chance.size)
    for _ in range(round(INTERVAL / _STEP)):
        state, _ = dgttrs(*factors, state)
        spent += state
    return state.reshape(chance.shape), np.asarray((spent.reshape(chance.shape) * leave).sum(axis=1) * _STEP)
