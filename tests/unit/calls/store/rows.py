"""Invented rows and records, for the tests of the store."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA, SCHEMA
from kcas.calls.store import Added, Record, Store

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def call(leg: str, outcome: str = "answered", *, at: datetime = NINE, talk: float | None = 60.0, **more: Any) -> dict:
    """One invented call."""
    talk = talk if outcome == "answered" else None
    return {"leg": leg, "queue": "duty", "entered": at, "outcome": outcome, "wait": 5.0, "talk": talk, **more}


def calls(*rows: dict) -> pl.DataFrame:
    """A calls frame of invented rows."""
    return pl.DataFrame(list(rows), schema=SCHEMA)


def interval(measure: str, amount: float, *, at: datetime = NINE, threshold: float | None = None) -> dict:
    """One invented row of an interval table."""
    end = at + timedelta(minutes=30)
    return {"start": at, "end": end, "queue": "duty", "measure": measure, "threshold": threshold, "amount": amount}


def intervals(*rows: dict) -> pl.DataFrame:
    """An interval frame of invented rows."""
    return pl.DataFrame(list(rows), schema=INTERVAL_SCHEMA)


def record(name: str = "march.csv", **more: Any) -> Callable[[], Record]:
    """The record of an invented file: its name stands for its content."""
    return lambda: Record(
        name, hashlib.sha256(name.encode()).hexdigest(), len(name), more.pop("format", "made"), **more
    )


def add(store: Store, name: str, *frames: pl.DataFrame, **more: Any) -> Added:
    """Take in an invented file."""
    return store.add(frames, record=record(name, **more))


def content(store: Store, *columns: str) -> list[tuple]:
    """The current calls' columns, sorted."""
    return sorted(store.calls().select(columns or ("leg", "outcome", "talk")).collect().rows(), key=repr)


def counts(added: Added) -> tuple[int, int, int]:
    """New, already held, superseded."""
    return added.new, added.already_held, added.superseded


def ledger_names(batches: Iterable[Any]) -> list[str]:
    """The names of the files taken in, in order."""
    return [batch.record.name for batch in batches]
