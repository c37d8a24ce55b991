"""Whatever is killed, whoever else writes or reads: nothing lost, nothing doubled, no half state ever seen."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kcas.calls.store import Store
from tests.commands import process, processes
from tests.house.store_forgetter import DAYS, FIRST, forget
from tests.house.store_writer import START, entered, sequentially, write
from tests.unit.calls.store.rows import NINE, add, call, calls

LONGEST_LIFE = 0.45
"""Seconds of writing before the kill: a file takes some 0.05, so every step of several is hit."""


def begun(act: Callable[..., None], *values: object) -> BaseProcess:
    """A process that is about to act. It says so in a pipe: one killed within a lock would hold us up for ever."""
    said, ready = processes().Pipe(duplex=False)
    child = process(when_ready, ready, act, *values)
    assert said.poll(60)
    return child


def when_ready(ready: Any, act: Callable[..., None], *values: object) -> None:
    ready.send("ready")
    act(*values)


def ended(child: BaseProcess) -> int | None:
    """The exit of a process that comes to its own end."""
    child.join(60)
    return child.exitcode


def killed_at_random(child: BaseProcess, dice: random.Random) -> bool:
    """Kill it within its life; whether it was alive."""
    time.sleep(dice.uniform(0, LONGEST_LIFE))
    alive = child.exitcode is None
    child.kill()
    child.join()
    return alive


def assert_stands_as_after(store: Store, files: int) -> None:
    expected, intervals = sequentially(files)
    rows = store.calls().select("leg", "outcome", "talk", "entered").collect().rows()
    assert len(rows) == len(expected)
    assert {leg: (outcome, talk) for leg, outcome, talk, _ in rows} == expected
    assert all(moment == entered(leg) for leg, *_, moment in rows)
    halves = store.intervals().select("start", "amount").collect().rows()
    assert sorted((int((start - START).total_seconds() // 1800), amount) for start, amount in halves) == sorted(
        intervals.items()
    )


def files_in(store: Store) -> int:
    """How many files the ledger holds, which are always the first so many, once each."""
    names = [batch.record.name for batch in store.batches()]
    assert names == [f"file {number}" for number in range(len(names))]
    return len(names)


def kill_many_times(folder: Path, *, kills: int, files: int, seed: int) -> tuple[int, int]:
    dice = random.Random(seed)
    store, killed, states = Store(folder), 0, set()
    while killed < kills:
        killed += killed_at_random(begun(write, folder, files), dice)
        states.add(files_in(store))
        assert_stands_as_after(store, files_in(store))
        files = max(files, files_in(store) + 10)
    assert ended(begun(write, folder, files)) == 0
    assert files_in(store) == files
    assert_stands_as_after(store, files)
    return killed, len(states)


def test_a_writer_killed_at_a_few_random_moments_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert kill_many_times(tmp_path / "store", kills=5, files=12, seed=5)[0] == 5


@pytest.mark.slow
def test_a_writer_killed_at_64_random_moments_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        chains = pool.map(
            lambda seed: kill_many_times(tmp_path / f"store {seed}", kills=32, files=12, seed=seed), (1, 2)
        )
    assert sum(killed for killed, _ in chains) == 64


def offered_by_day(store: Store) -> dict[date, float]:
    """What calls and tallies say together."""
    calls = store.calls().select(day=pl.col("entered").dt.date(), amount=pl.lit(1.0))
    tallies = store.intervals().filter(pl.col("measure") == "offered")
    both = pl.concat([calls, tallies.select(day=pl.col("start").dt.date(), amount=pl.col("amount"))])
    return dict(both.group_by("day").agg(pl.col("amount").sum()).collect().rows())


@pytest.mark.slow
def test_a_forgetter_killed_at_20_random_moments_moves_no_figure(tmp_path: Path) -> None:
    store, dice, killed = Store(tmp_path / "store"), random.Random(3), 0
    rows = [call(f"leg {n}", at=NINE + timedelta(days=n % DAYS, seconds=n)) for n in range(900)]
    add(store, "march.csv", calls(*rows))
    assert offered_by_day(store) == {FIRST + timedelta(days=day): 30.0 for day in range(DAYS)}
    while killed < 20:
        killed += killed_at_random(begun(forget, store.folder), dice)
        assert offered_by_day(store) == {FIRST + timedelta(days=day): 30.0 for day in range(DAYS)}
        if store.calls().collect().is_empty():
            break
    assert ended(begun(forget, store.folder)) == 0
    assert store.calls().collect().is_empty()
    assert offered_by_day(store) == {FIRST + timedelta(days=day): 30.0 for day in range(DAYS)}
    assert killed > 5


def test_two_writers_by_accident_end_with_each_file_once(tmp_path: Path) -> None:
    first, second = begun(write, tmp_path / "store", 12), begun(write, tmp_path / "store", 12)
    assert [ended(child) for child in (first, second)] == [0, 0]
    store = Store(tmp_path / "store")
    assert sorted(batch.record.name for batch in store.batches()) == sorted(f"file {number}" for number in range(12))
    assert_stands_as_after(store, 12)


def test_readers_never_see_an_error_or_half_a_file_while_another_process_writes(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    child = begun(write, tmp_path / "store", 20)
    seen: set[int] = set()
    while child.exitcode is None:
        version = store.version()
        rows = store.calls().select("leg", "outcome", "talk").collect().rows()
        files = len(store.batches())
        if store.version() == version:
            assert {leg: (outcome, talk) for leg, outcome, talk in rows} == sequentially(files)[0]
            seen.add(files)
    assert child.exitcode == 0
    assert len(seen) > 5
