"""Calls go for good; the figures they gave stay."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.call import OUTCOMES
from kcas.calls.definitions import Definition
from kcas.calls.measures import measure
from kcas.calls.store import Store
from kcas.standard import Standard
from tests.unit.calls.store.rows import add, call, calls, content, counts

LONDON = "Europe/London"
BEFORE = date(2026, 11, 1)
QUANTILES = ("wait_p50", "wait_p90", "wait_p95", "time_to_abandon_p50", "time_to_abandon_p90")
"""Of a period's calls, and not to be had from its tallies."""


def some_calls(seed: int, *, of: int = 400) -> pl.DataFrame:
    """Calls around the October change of the clock, of every outcome, some without wait or talk."""
    dice = random.Random(seed)
    first = datetime(2026, 10, 24, 12, tzinfo=UTC)
    rows = [
        call(
            f"{number}",
            dice.choice(list(OUTCOMES)),
            at=first + timedelta(seconds=dice.randrange(10 * 86400)),
            talk=dice.choice([None, 60.0, 61.5]),
            wait=dice.choice([None, 0.0, 5.0, 5.5, 20.0, 21.0, float(dice.randrange(400))]),
            hold=dice.choice([None, 3.0]),
            wrap=dice.choice([None, 7.0]),
            caller=dice.choice([None, *"abcdefgh"]),
        )
        | {"queue": dice.choice(["duty", "children"])}
        for number in range(of)
    ]
    for row in rows:  # a contact's legs follow each other; none spans the midnight in question
        side = "before" if row["entered"] < datetime(2026, 11, 1, tzinfo=UTC) else "after"
        row["contact"] = dice.choice([None, f"{side} {dice.randrange(200)}"])
    return calls(*rows)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two files, the second of which corrects some of the first."""
    store = Store(tmp_path / "store")
    add(store, "one.csv", some_calls(1))
    add(store, "two.csv", some_calls(2, of=100))
    return store


def figures(store: Store, as_at: datetime | None = None, **more: object) -> pl.DataFrame:
    rows = measure(store.calls(as_at), intervals=store.intervals(as_at), standard=Standard(), **more)  # type: ignore[arg-type]
    return rows.select(pl.exclude(QUANTILES, "not_available").cast(pl.Float64, strict=False))


@pytest.mark.parametrize(
    "by", ["total", "month", "week", "day", "hour", "half-hour", "time-of-day", "weekday", "queue"]
)
def test_every_count_and_rate_stays_as_it_was(store: Store, by: str) -> None:
    before = figures(store, by=by)
    assert store.forget(BEFORE, zone=LONDON).calls > 300
    after = figures(store, by=by)
    assert after.columns == before.columns
    for name in before.columns:
        assert after[name].to_list() == pytest.approx(before[name].to_list(), nan_ok=True), name


@pytest.mark.parametrize("by", ["total", "month", "week", "day", "weekday", "queue"])
def test_the_callers_never_answered_stay_as_they_were(store: Store, by: str) -> None:
    definition = Definition("lost_callers", None, True)
    before = figures(store, by=by, definition=definition)
    store.forget(BEFORE, zone=LONDON)
    after = figures(store, by=by, definition=definition)
    for name in ("numerator", "denominator", "rate", "low", "high"):
        assert after[name].null_count() == 0
        assert after[name].to_list() == pytest.approx(before[name].to_list()), name


def test_callers_of_a_forgotten_hour_cannot_be_told(store: Store) -> None:
    definition = Definition("lost_callers", None, True)
    store.forget(BEFORE, zone=LONDON)
    rows = figures(store, by="half-hour", definition=definition, until=BEFORE)
    assert rows.height > 100
    assert rows["rate"].null_count() == rows.height


def test_the_calls_themselves_are_gone_from_before_that_local_day_and_no_other(store: Store) -> None:
    midnight = datetime(2026, 11, 1, tzinfo=UTC)
    kept = sorted(store.calls().filter(pl.col("entered") >= midnight).collect()["leg"])
    store.forget(BEFORE, zone=LONDON)
    assert sorted(store.calls().collect()["leg"]) == kept
    assert 0 < len(kept) < 400


def test_no_caller_is_left_on_the_disk(store: Store) -> None:
    token = "0123456789abcdef" * 2
    add(store, "three.csv", calls(call("x", at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC), caller=token)))
    held = [path for path in store.folder.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
    assert len(held) == 1
    done = store.forget(BEFORE, zone=LONDON)
    assert held[0].exists(), "a reader may still have it open"
    assert (done.files_deleted, done.files_waiting > 0) == (0, True)
    assert store.forget(BEFORE, zone=LONDON, at_once=True).files_deleted > 0
    left = [path for path in store.folder.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
    assert left == []


def test_a_past_moment_still_gives_the_figures_as_they_stood(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    add(store, "one.csv", some_calls(1))
    first = store.batches()[0].committed
    before = figures(store, first, by="day")
    store.forget(BEFORE, zone=LONDON)
    add(store, "two.csv", calls(call("later", at=datetime(2026, 11, 20, tzinfo=UTC))))
    hour_is_over = store.batches()[0].committed
    after = figures(store, hour_is_over, by="day")
    for name in before.columns:
        assert after[name].to_list() == pytest.approx(before[name].to_list(), nan_ok=True), name


def test_a_late_call_of_a_forgotten_day_is_left_out_and_counted_as_such(store: Store) -> None:
    store.forget(BEFORE, zone=LONDON)
    before = figures(store)
    late = call("late", at=datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC))
    new = call("new", at=datetime(2026, 11, 1, tzinfo=UTC))
    added = add(store, "late.csv", calls(late, new))
    assert (counts(added), added.forgotten) == ((1, 0, 0), 1)
    assert figures(store)["offered"].item() == before["offered"].item() + 1


def test_forgetting_again_or_nothing_changes_nothing(store: Store) -> None:
    store.forget(BEFORE, zone=LONDON)
    before = figures(store, by="day")
    again = store.forget(BEFORE, zone=LONDON)
    assert (again.calls, again.tallies) == (0, 0)
    assert store.forget(date(2020, 1, 1), zone=LONDON).calls == 0
    assert figures(store, by="day").equals(before)


def test_daily_callers_are_kept_by_queue_and_over_all_queues(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    day = datetime(2026, 10, 25, 9, tzinfo=UTC)
    add(
        store,
        "one.csv",
        calls(
            call("1", "abandoned", at=day, caller="anne"),
            call("2", "answered", at=day, caller="anne") | {"queue": "children"},
            call("3", "abandoned", at=day, caller="bert"),
            call("4", "abandoned", at=day + timedelta(hours=1), caller="bert"),
            call("5", "abandoned", at=day, caller=None),
        ),
    )
    store.forget(BEFORE, zone=LONDON)
    kept = store.intervals().filter(pl.col("measure").str.starts_with("callers")).collect()
    midnight = datetime(2026, 10, 24, 23, tzinfo=UTC)
    assert kept["start"].unique().to_list() == [midnight]
    assert kept["end"].unique().to_list() == [midnight + timedelta(hours=25)]
    assert sorted(kept.select("queue", "measure", "amount").rows()) == [
        ("*", "callers", 2.0), ("*", "callers_lost", 1.0),
        ("children", "callers", 1.0), ("children", "callers_lost", 0.0),
        ("duty", "callers", 2.0), ("duty", "callers_lost", 1.0),  # anne was answered that day
    ]  # fmt: skip


def test_what_is_kept_says_nothing_of_the_rest_of_the_store(store: Store) -> None:
    legs = content(store, "leg")
    store.forget(date(2026, 10, 20), zone=LONDON)
    assert content(store, "leg") == legs
    assert store.intervals().collect().is_empty()
