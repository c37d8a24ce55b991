"""Calls go for good; the figures they gave stay."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.call import OUTCOMES
from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.measures import measure, measured, query_of
from kcas.calls.store import Store
from kcas.desk.standard import Standard
from kcas.importing.run import ImportRequest, import_files
from kcas.reporting.coverage import what_is_gone
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


@pytest.mark.parametrize("key", ["short_excluded", "cisco_short", "nhs_direct"])
def test_rates_in_which_the_threshold_itself_is_not_short_stay_as_they_were(store: Store, key: str) -> None:
    definition, level = Definition(key, 5.0, equal_is_short=False), ServiceLevel("sl_short", 20.0, 5.0, False)
    before = figures(store, by="day", definition=definition, service_level=level)
    other = figures(store, by="day", definition=replace(definition, equal_is_short=True), service_level=level)
    assert before["numerator"].to_list() != other["numerator"].to_list()
    store.forget(BEFORE, zone=LONDON)
    after = figures(store, by="day", definition=definition, service_level=level)
    for name in ("numerator", "denominator", "service_level_numerator", "service_level_denominator"):
        assert after[name].to_list() == before[name].to_list(), name


def test_the_figures_kept_are_not_called_a_switchs_own_table(store: Store) -> None:
    def notes(by: str) -> tuple[str, ...]:
        return measured(store.calls(), query_of(Standard(), by=by), intervals=store.intervals()).notes

    groupings = ("total", "day", "queue")
    before = [notes(by) for by in groupings]
    store.forget(BEFORE, zone=LONDON)
    assert [notes(by) for by in groupings] == before


def test_a_callback_is_reached_by_a_later_answer_alone_in_what_is_kept_too(tmp_path: Path) -> None:
    nine, store = datetime(2026, 10, 25, 9, tzinfo=UTC), Store(tmp_path / "store")
    legs = [("c1", "answered", 0), ("c1", "callback", 10), ("c2", "callback", 0), ("c2", "answered", 60 * 24 * 10)]
    add(store, "one.csv", calls(*(
        call(f"{contact}/{minutes}", outcome, at=nine + timedelta(minutes=minutes)) | {"contact": contact}
        for contact, outcome, minutes in legs
    )))  # fmt: skip
    for _ in range(2):  # c1 was answered before it asked, c2 ten days after
        assert figures(store, until=BEFORE)["callback_unreached"].to_list() == [1]
        store.forget(BEFORE, zone=LONDON)


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


def in_one_hour(monkeypatch: pytest.MonkeyPatch, folder: Path, *minutes: int) -> Store:
    """A store of some calls a batch, the batches committed at these minutes after ten on 20 November 2026."""
    store, ten = Store(folder), datetime(2026, 11, 20, 10, tzinfo=UTC)
    for number, minute in enumerate(minutes):
        monkeypatch.setattr("kcas.calls.store.write.now", lambda minute=minute: ten + timedelta(minutes=minute))
        add(store, f"{number}.csv", some_calls(number, of=200).with_columns(leg=pl.lit(f"{number} ") + pl.col("leg")))
    return store


def test_a_moment_within_an_hour_of_batches_gives_the_kept_figures_of_its_end_and_says_of_when(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = in_one_hour(monkeypatch, tmp_path / "store", 2, 5, 130)
    first, second, third = (batch.committed for batch in store.batches())
    then = {moment: figures(store, moment)["offered"].item() for moment in (first, second, third)}
    assert then[first] < then[second] < then[third]
    assert store.figures_stand_at(first) is None, "nothing is forgotten yet"
    store.forget(BEFORE, zone=LONDON)
    assert [store.figures_stand_at(moment) for moment in (first, second, third)] == [second, None, None]
    assert figures(store, second)["offered"].item() == then[second]
    assert figures(store, third)["offered"].item() == then[third]
    # of the first batch's moment only the days that are kept are exact; those forgotten are as at the second's
    kept_days = figures(store, first, since=BEFORE)["offered"].item()
    forgotten_days = figures(store, second, until=BEFORE)["offered"].item()
    assert figures(store, first)["offered"].item() == kept_days + forgotten_days
    assert what_is_gone(store, zone=LONDON, then=first)[1].endswith(
        "here they stand as at Friday 20 November 2026, 10:05:00, the end of its hour."
    )
    assert len(what_is_gone(store, zone=LONDON, then=second)) == 1
    assert what_is_gone(store, zone=LONDON, then=first, since=BEFORE) == []


def test_a_moment_before_the_first_batch_of_its_hour_has_none_of_that_hours_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = in_one_hour(monkeypatch, tmp_path / "store", 2, 5)
    store.forget(BEFORE, zone=LONDON)
    before = datetime(2026, 11, 20, 10, 1, tzinfo=UTC)
    assert figures(store, before)["offered"].item() == 0
    assert store.figures_stand_at(before) is None


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


def test_a_store_compacted_just_before_with_a_call_not_yet_ended_forgets_as_any_other(tmp_path: Path) -> None:
    log = "1790847120|1|desk|NONE|ENTERQUEUE||0\n1790847180|1|desk|NONE|ABANDON|1|1|60\n"
    (tmp_path / "queue.log").write_text(log + "1790847240|2|desk|NONE|ENTERQUEUE||0\n", encoding="utf-8")
    store = Store(tmp_path / "store")
    asked = ImportRequest(key_file=tmp_path / "key", zone="UTC")
    [report] = import_files([tmp_path / "queue.log"], store=store, standard=Standard(), asked=asked)
    assert (report.error, report.new) == (None, 2)
    store.compact()
    assert store.forget(date(2009, 1, 1), zone="UTC").calls == 0
    assert ("abandoned", 60.0) in content(store, "outcome", "wait")
