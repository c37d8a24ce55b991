"""One flipped bit, wherever it is: a check finds it, and no reading gives other rows in silence."""

import hashlib
import json
import os
import random
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.store import Store
from kcas.calls.store import files as checksums
from kcas.calls.store.files import CALLS, INTERVALS
from kcas.calls.store.table import Table
from kcas.errors import StoreError
from tests.unit.calls.store.rows import NINE, add, call, calls, content, interval, intervals, ledger_names

MONTH = timedelta(days=31)


def flip(path: Path, bit: int) -> None:
    """Flip one bit of a file."""
    changed = bytearray(path.read_bytes())
    changed[bit // 8] ^= 1 << bit % 8
    path.write_bytes(changed)


def fill(store: Store) -> None:
    """Three months of logs with a correction, an interval table, loose events, a checkpoint, and commits after it."""
    for month in range(3):
        at = NINE + MONTH * month
        made = [call(f"{month} {number}", at=at + timedelta(minutes=number), talk=number) for number in range(300)]
        add(store, f"month {month}.csv", calls(*made), intervals(interval("offered", month, at=at)), loose=("event",))
    store.compact()
    add(store, "correction.csv", calls(call("1 5", at=NINE + MONTH + timedelta(minutes=5), talk=77)))
    add(store, "last.csv", calls(call("late", at=NINE + MONTH * 2)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "store"
    fill(Store(folder))
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Store:
    return Store(shutil.copytree(made, tmp_path / "store"))


def truth(store: Store) -> tuple[list, list, list]:
    """Everything that a reader can be given."""
    moments = [batch.committed for batch in store.batches()]
    pasts = [sorted(store.calls(as_at=moment).collect().rows(), key=repr) for moment in moments]
    return (
        sorted(store.calls().collect().rows(), key=repr),
        sorted(store.intervals().collect().rows(), key=repr),
        [pasts, ledger_names(store.batches())],
    )


def counting_files(store: Store) -> list[Path]:
    """Every file that a figure depends on."""
    data = [table.folder / file.path for table in (Table(store.folder, CALLS), Table(store.folder, INTERVALS))
            for file in table.files]  # fmt: skip
    logs = [path for path in store.folder.glob("*/_delta_log/*") if path.is_file()]
    return sorted([*data, *logs, *store.folder.glob("*.sealed"), *store.folder.glob("loose/*")])


def places(store: Store, *, each: int) -> Iterator[tuple[Path, int]]:
    """Seeded bits to flip: so many of every file that counts."""
    for path in counting_files(store):
        chosen = random.Random(path.name.split("-")[0] + str(path.stat().st_size))
        for _ in range(each):
            yield path, chosen.randrange(path.stat().st_size * 8)


def assert_every_flip_is_found(store: Store, *, each: int) -> int:
    right, flips = truth(store), 0
    for path, bit in places(store, each=each):
        was = path.read_bytes()
        flip(path, bit)
        found = store.check()
        name = path.relative_to(store.folder).as_posix()
        assert name in [damage.file for damage in found.damaged], f"{name}, bit {bit}"
        try:
            given = truth(Store(store.folder))
        except StoreError:
            pass
        else:
            assert given == right or Store(store.folder).warnings(), f"{name}, bit {bit}: other rows in silence"
        path.write_bytes(was)
        flips += 1
    assert store.check().damaged == ()
    return flips


def test_a_flipped_bit_in_any_file_is_found_by_the_check_and_gives_no_other_rows_in_silence(store: Store) -> None:
    assert assert_every_flip_is_found(store, each=2) >= 50


@pytest.mark.slow
def test_eighty_and_more_flipped_bits_are_all_found(store: Store) -> None:
    # Every kind of file is there five times or more: a tenth of it that no check covers is missed once in sixty runs.
    assert assert_every_flip_is_found(store, each=8) >= 200


def test_a_store_without_damage_is_found_whole_and_its_counts_are_recounted(store: Store) -> None:
    found = store.check()
    assert (found.damaged, found.not_verifiable, found.tallies_equal) == ((), (), True)
    assert found.files >= len(counting_files(store))
    sizes = sum(path.stat().st_size for path in counting_files(store))
    assert found.size == sizes + (store.folder / "kcas-store.json").stat().st_size


def test_every_data_file_has_its_sha256_in_the_commit_that_adds_it(store: Store) -> None:
    added = 0
    for entry in store.folder.glob("*/_delta_log/*.json"):
        for line in entry.read_text().splitlines():
            action = json.loads(line)
            if "add" in action:
                data = (entry.parents[1] / action["add"]["path"]).read_bytes()
                assert hashlib.sha256(data).hexdigest() in line
                added += 1
    assert added == 5 + 1 + 3, "five files of calls, one written again with its correction, three of intervals"


@pytest.mark.parametrize(("month", "again"), [(0, ["month 0.csv"]), (1, ["month 1.csv", "correction.csv"])])
def test_a_damaged_data_file_is_named_with_the_logs_to_read_again(store: Store, month: int, again: list[str]) -> None:
    at = NINE + MONTH * month
    (file,) = [file for file in Table(store.folder, CALLS).files if file.first <= at + timedelta(minutes=9) <= file.last
               and file.first_batch == month + 1]  # fmt: skip
    flip(store.folder / "calls" / file.path, 4000)
    (found,) = store.check().damaged
    assert (found.file, list(found.read_again)) == (f"calls/{file.path}", again)
    with pytest.raises(StoreError, match=rf"{re.escape(file.path)}: damaged.*{re.escape(', '.join(again))}"):
        store.calls()


def test_a_repaired_store_is_whole_again_once_the_logs_it_names_have_been_read(store: Store) -> None:
    right = content(store)
    file = next(file for file in Table(store.folder, CALLS).files if file.first_batch == 2 and file.rows > 100)
    flip(store.folder / "calls" / file.path, 4000)
    done = store.repair()
    assert done.read_again == ("month 1.csv", "correction.csv")
    assert store.check().damaged == ()
    assert len(content(store)) < len(right)
    at = NINE + MONTH
    made = [call(f"1 {number}", at=at + timedelta(minutes=number), talk=number) for number in range(300)]
    add(store, "month 1.csv", calls(*made), intervals(interval("offered", 1, at=at)))
    add(store, "correction.csv", calls(call("1 5", at=NINE + MONTH + timedelta(minutes=5), talk=77)))
    assert content(store) == right
    assert store.check().tallies_equal
    assert store.repair().files == ()


def test_a_compaction_and_forgetting_stop_at_a_damaged_file_and_change_nothing(store: Store) -> None:
    add(store, "small.csv", calls(call("small", at=NINE)))
    file = next(file for file in Table(store.folder, CALLS).files if file.first_batch == 1 and file.rows > 100)
    path = store.folder / "calls" / file.path
    content(store)  # compared once in this process: a rewriting compares it again
    stat = path.stat()
    flip(path, 4000)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    before = store.version()
    with pytest.raises(StoreError, match=r"month 0\.csv"):
        store.compact()
    with pytest.raises(StoreError, match="damaged"):
        Store(store.folder).forget(date(2026, 3, 3), zone="Pacific/Auckland")
    assert store.version() == before


def test_a_missing_entry_in_the_middle_of_the_log_is_found(store: Store) -> None:
    (store.folder / "calls" / "_delta_log" / f"{2:020d}.json").unlink()
    (found,) = store.check().damaged
    assert (found.file, found.why) == (f"calls/_delta_log/{2:020d}.json", "this entry of the log is missing")
    with pytest.raises(StoreError, match="damaged"):
        Store(store.folder).calls()


def test_a_changed_record_of_a_log_is_found_though_it_still_parses(store: Store) -> None:
    entry = store.folder / "calls" / "_delta_log" / f"{1:020d}.json"
    entry.write_text(entry.read_text().replace('"size":11', '"size":12'))
    (found,) = store.check().damaged
    assert (found.file, found.read_again) == (f"calls/_delta_log/{1:020d}.json", ("month 0.csv",))


def test_figures_without_the_last_commit_are_said_to_be_without_it(store: Store) -> None:
    assert store.warnings() == ()
    newest = max(store.folder.glob("calls/_delta_log/*.json"))
    newest.write_bytes(newest.read_bytes()[:-20])
    again = Store(store.folder)
    assert "late" not in [leg for (leg,) in content(again, "leg")]
    (words,) = again.warnings()
    assert newest.name in words
    assert "without last.csv" in words
    again.recover()
    assert again.warnings() == ()


def without_checksums(store: Store) -> None:
    """Make the store one of an older kcas: no checksum in any name, entry or mark."""
    for table in ("calls", "intervals"):
        log = store.folder / table / "_delta_log"
        for path in [*log.glob("*.checkpoint*"), log / "_last_checkpoint"]:
            path.unlink(missing_ok=True)
        for entry in log.glob("*.json"):
            text = re.sub(r"-[0-9a-f]{64}\.parquet", ".parquet", entry.read_text())
            entry.write_text(re.sub(r'"chain":\{[^}]*\},?', "", text).replace(",}", "}"))
        for path in (store.folder / table).glob("month=*/*.parquet"):
            path.rename(path.with_name(re.sub(r"-[0-9a-f]{64}", "", path.name)))
        mark = store.folder / f"{table}.sealed"
        mark.write_text(mark.read_text().split("\n")[0])
    for path in (store.folder / "loose").iterdir():
        path.rename(path.with_name(re.sub(r"\.[0-9a-f]{64}", "", path.name)))
    mark = store.folder / "kcas-store.json"
    mark.write_text(json.dumps({"layout": 1, "made_by": "kcas 0.1.0"}) + "\n")


def test_a_store_of_an_older_kcas_is_read_and_a_compaction_gives_it_checksums(store: Store) -> None:
    right = truth(store)
    without_checksums(store)
    old = Store(store.folder)
    assert truth(old) == right
    found = old.check()
    assert (found.damaged, found.tallies_equal) == ((), True)
    files = len(Table(store.folder, CALLS).files) + len(Table(store.folder, INTERVALS).files)
    assert len([name for name in found.not_verifiable if "month=" in name]) == files
    old.compact()
    assert truth(old) == right
    assert [name for name in old.check().not_verifiable if not name.startswith("loose/")] == []


def test_an_unreadable_file_of_an_older_kcas_is_the_stores_own_error(store: Store) -> None:
    without_checksums(store)
    file = Table(store.folder, CALLS).files[0]
    path = store.folder / "calls" / file.path
    was, errors = path.read_bytes(), 0
    for start in range(8, len(was) - 200, max((len(was) - 200) // 25, 1)):
        path.write_bytes(was[:start] + bytes(100) + was[start + 100 :])
        checksums._known.clear()
        try:
            Store(store.folder).calls().collect()
        except StoreError:
            errors += 1
    assert errors >= 10
    path.write_bytes(was)
    assert Store(store.folder).calls().collect().height == 901


def test_a_published_copy_never_takes_over_a_damaged_file(store: Store, tmp_path: Path) -> None:
    file = Table(store.folder, CALLS).files[0]
    flip(store.folder / "calls" / file.path, 4000)
    with pytest.raises(StoreError, match="damaged"):
        store.publish((tmp_path / "copy").as_uri())
    assert pl.Series([path.name for path in (tmp_path / "copy").rglob("*.parquet")]).is_in([file.path]).sum() == 0
