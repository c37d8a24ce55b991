"""A writer to be killed: takes in invented files one after the other, until all of them are there."""

import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA, SCHEMA
from kcas.calls.store import Record, Store

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LEGS_A_FILE = 40
COMPACT_EVERY = 7


def calls_of(number: int) -> list[tuple[str, str, float | None]]:
    """What file `number` tells: new calls, some of which the last file left open, and some told again."""
    dice = random.Random(number)
    old = range(max(0, (number - 2) * LEGS_A_FILE), number * LEGS_A_FILE)
    told = [f"leg {leg}" for leg in dice.sample(old, min(15, len(old)))]
    told += [f"leg {leg}" for leg in range(number * LEGS_A_FILE, (number + 1) * LEGS_A_FILE)]
    outcomes = [dice.choice(["answered", "answered", "abandoned", "open"]) for _ in told]
    return [
        (leg, outcome, float(dice.randint(1, 9)) if outcome == "answered" else None)
        for leg, outcome in zip(told, outcomes, strict=True)
    ]


def interval_of(number: int) -> tuple[int, float]:
    """The one interval row of file `number`: which half-hour, and how many calls. Each is told of twice."""
    return number // 2, float(number)


def sequentially(files: int) -> tuple[dict[str, tuple[str, float | None]], dict[int, float]]:
    """The naive truth: what stands once so many files have been taken in."""
    calls: dict[str, tuple[str, float | None]] = {}
    for number in range(files):
        for leg, outcome, talk in calls_of(number):
            if outcome != "open" or calls.get(leg, ("open",))[0] == "open":
                calls[leg] = (outcome, talk)
    return calls, dict(interval_of(number) for number in range(files))


def entered(leg: str) -> datetime:
    """Spread over some months."""
    return START + timedelta(hours=int(leg.split()[1]))


def frames(number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """File `number` as a reader would give it."""
    calls = [
        {"leg": leg, "queue": "duty", "entered": entered(leg), "outcome": outcome, "talk": talk}
        for leg, outcome, talk in calls_of(number)
    ]
    half_hour, amount = interval_of(number)
    start = START + timedelta(minutes=30 * half_hour)
    row = {"start": start, "end": start + timedelta(minutes=30), "queue": "duty", "measure": "offered"}
    return pl.DataFrame(calls, schema=SCHEMA), pl.DataFrame([{**row, "amount": amount}], schema=INTERVAL_SCHEMA)


def record(number: int) -> Record:
    """The record of file `number`."""
    name = f"file {number}"
    return Record(name, hashlib.sha256(name.encode()).hexdigest(), number, "invented")


def take_in(store: Store, files: int) -> None:
    """Take in every file that is not there yet."""
    for number in range(files):
        told = record(number)
        if not store.has(told.sha256):
            store.add(frames(number), record=lambda told=told: told)  # type: ignore[misc]
            if number % COMPACT_EVERY == COMPACT_EVERY - 1:
                store.compact()


def write(folder: Path, files: int) -> None:
    """The same, in a process of its own."""
    take_in(Store(folder), files)
