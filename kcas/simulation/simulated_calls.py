"""Simulated calls as a calls table, in memory or written to a file while the run goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.calls.call import SCHEMA, Moment, Outcome
from kcas.errors import SettingError
from kcas.simulation.engines.tables import (
    ANSWERED,
    BLOCKED,
    LEFT_IVR,
    NOT_USED,
    OPEN,
    OUTCOME_NAMES,
    SELF_SERVED,
    Rows,
    Workload,
)
from kcas.simulation.scenario.schema import WEEKDAYS, Scenario
from kcas.systems import replace


@contextmanager
def calls_file(path: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Writes each frame handed to it as a row group of one Parquet file, which stands there only when all is written.

    Raises SettingError where the file cannot be written, if possible before anything is simulated.
    """
    import pyarrow.parquet as parquet

    unfinished = path.with_name(f"{path.name}.part")
    writers: list[Any] = []

    def write(calls: pl.DataFrame) -> None:
        table = calls.to_arrow()
        with write_error_words(path):
            if not writers:
                writers.append(parquet.ParquetWriter(unfinished, table.schema, compression="zstd"))
            writers[0].write_table(table)

    with write_error_words(path):
        unfinished.touch()
    try:
        yield write
        with write_error_words(path):
            while writers:
                writers.pop().close()
            replace(unfinished, path)
    finally:
        for writer in writers:
            writer.close()
        unfinished.unlink(missing_ok=True)


@contextmanager
def write_error_words(path: Path) -> Iterator[None]:
    """What the system has against the file, said in a line."""
    try:
        yield
    except OSError as error:
        raise SettingError(f"--calls {path}: {error.strerror or error}.") from None


FIRST_DAY = date(2010, 1, 4)
"""Simulated days are given dates from this Monday on, so that every one is a day of its own."""

EXTRA = {
    "replication": pl.Int64(),
    "attempt": pl.Int64(),  # 1 the first, 2 the first redial
    "team": pl.String(),  # who answered, or rang back last
    "rung_back": pl.Boolean(),  # a promised callback that reached the caller; null where none was promised
    "callback_wait": pl.Float64(),  # from the promise to that moment
    "callback_tries": pl.Int64(),
}
"""What a simulated call bears beyond a logged one."""


def short_calls(scenario: Scenario, load: Workload, rows: Rows, *, first_day: int) -> pl.DataFrame:
    """What the measures need and no more: no identities, no moments; and the groups a projection counts by."""
    used = np.flatnonzero(rows.outcome != NOT_USED)
    call = used % len(load.arrival)
    code = rows.outcome[used]
    answered, waited = code == ANSWERED, joined(code) & (code != OPEN)
    entered = entry(load, rows, used)
    day = np.searchsorted(load.first, call, side="right") - 1
    slot = (entered - round(scenario.day.opens * 1000)) // round(scenario.day.interval * 1000)
    hold = load.hold[call] if load.hold.size else np.zeros(len(call), np.int64)
    return pl.DataFrame(
        {
            "replication": (first_day + day).astype(np.int32),
            "slot": slot.astype(np.int32),
            "type_number": load.call_type[call].astype(np.int16),
            "team_number": rows.team[used],
            "outcome": outcome_names(code),
            "wait": _seconds(rows.left[used] - entered, where=waited),
            "talk": _seconds(load.talk[call] - hold, where=answered),
            "hold": _seconds(hold, where=answered),
            "wrap": _seconds(load.wrap[call], where=answered),
        }
    )


def simulated_calls(
    scenario: Scenario, load: Workload, rows: Rows, *, first_day: int, time_zone: str = "Europe/London"
) -> pl.DataFrame:
    """Every call with the columns of a logged one, and EXTRA."""
    short = short_calls(scenario, load, rows, first_day=first_day)
    used = np.flatnonzero(rows.outcome != NOT_USED)
    call, attempt = used % len(load.arrival), used // len(load.arrival) + 1
    number = call - load.first[short["replication"].to_numpy() - first_day]
    midnights = np.array(
        [midnight(scenario, day, time_zone=time_zone) for day in range(first_day, first_day + _days(load))]
    )
    entered = midnights[short["replication"].to_numpy() - first_day] + entry(load, rows, used) * 1000
    promised = rows.rung_back.size > 0
    back = rows.rung_back[used] if promised else np.full(len(used), -1)
    team = np.where(rows.team[used] >= 0, rows.team[used], rows.rung_by[used] if promised else -1)
    contact = pl.concat_str(pl.lit("simulated/"), pl.col("replication") + 1, pl.lit("/"), pl.col("number") + 1)
    return (
        short.with_columns(
            number=pl.Series(number),
            attempt=pl.Series(attempt, dtype=pl.Int64),
            entered=pl.Series(entered).cast(Moment),
            menu=_seconds(
                load.menu[call] if load.menu.size else np.zeros(len(call), np.int64), where=short_menu(rows, used)
            ),
            type=_words(short["type_number"].to_numpy(), list(scenario.types)),
            team=_words(team, list(scenario.teams)),
            callback_wait=_seconds(back - rows.left[used], where=back >= 0),
            callback_tries=pl.Series(rows.tries[used] if promised else np.zeros(len(used)), dtype=pl.Int64),
        )
        .with_columns(contact=contact)
        .with_columns(
            leg=pl.concat_str(pl.col("contact"), pl.lit("/"), pl.col("attempt")),
            queue=pl.col("type"),
            ring=pl.lit(None, dtype=pl.Float64),
            agent=pl.lit(None, dtype=pl.String),
            caller=pl.col("contact"),
            clock=pl.lit(None, dtype=pl.String),
            line=pl.lit(None, dtype=pl.Int64),
            replication=pl.col("replication").cast(pl.Int64) + 1,
            rung_back=pl.when(pl.col("outcome") == "callback").then(pl.col("callback_wait").is_not_null()),
        )
        .select(*SCHEMA, *EXTRA)
        .cast(dict(SCHEMA) | EXTRA)  # type: ignore[arg-type]
    )


def _days(load: Workload) -> int:
    """How many days a workload has."""
    return len(load.first) - 1


def joined(code: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Whether the caller got as far as the queue."""
    return ~np.isin(code, (BLOCKED, LEFT_IVR, SELF_SERVED))


def short_menu(rows: Rows, used: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray(rows.outcome[used] != BLOCKED)


def entry(load: Workload, rows: Rows, used: NDArray[np.int64]) -> NDArray[np.int64]:
    """When the caller joined the queue, or was lost before it."""
    menu = load.menu[used % len(load.arrival)] if load.menu.size else 0
    arrived = rows.arrived[used].astype(np.int64)
    return np.where(rows.outcome[used] == BLOCKED, arrived, arrived + menu)


def outcome_names(code: NDArray[np.int8]) -> pl.Series:
    """Outcome codes as the outcomes of a calls frame."""
    places = np.array([0, *(Outcome.categories.to_list().index(name) for name in OUTCOME_NAMES[1:])], np.uint8)  # type: ignore[attr-defined]
    return pl.Series(places[code]).cat.to(Outcome)


def _seconds(times: NDArray[np.int64], *, where: NDArray[np.bool_]) -> pl.Series:
    """Milliseconds as seconds, null elsewhere."""
    return pl.Series(np.where(where, times / 1000, np.nan)).fill_nan(None)


def _words(numbers: NDArray[np.int64], names: list[str]) -> pl.Series:
    """Numbers as names; null for -1."""
    return pl.Series(numbers, dtype=pl.Int64).replace_strict(
        dict(enumerate(names)), default=None, return_dtype=pl.String
    )


def midnight(scenario: Scenario, day: int, *, time_zone: str) -> int:
    """The beginning of a simulated day, in microseconds since 1970: the next date with the right weekday."""
    weeks, place = divmod(day, len(scenario.day.weekdays))
    date = FIRST_DAY + timedelta(weeks=weeks, days=WEEKDAYS.index(scenario.day.weekdays[place]))
    local = datetime(date.year, date.month, date.day, 12, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
    return round((local - timedelta(hours=12)).timestamp() * 1_000_000)
