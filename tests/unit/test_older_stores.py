"""A store that an older version wrote is brought up to date by the next reading: digests, masked names, no doubling.

`tests/golden/older_store` was written by the code before the digests, from the logs beside it.
"""

import shutil
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.measures import measure
from kcas.calls.store import Store
from kcas.desk.standard import Standard
from kcas.errors import SettingError, StoreError
from kcas.importing.run import ImportRequest, import_files
from kcas.ingest.report import FileReport
from tests.plants import found_in, texts_of_store

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "older_store"
NUMBERS = [f"0163296{number:04d}" for number in (1, 2, 3, 4, 900, 901, 902, 903, 905, 999)]
NAMES = ["Zoe Plant", "Jane Plant", "Joan Plant", "JANE PLANT"]


@pytest.fixture
def older(tmp_path: Path) -> Store:
    shutil.copytree(GOLDEN, tmp_path, dirs_exist_ok=True)
    (tmp_path / "token.key").chmod(0o600)
    return Store(tmp_path / "store")


def read(store: Store, name: str, **asked: object) -> FileReport:
    folder = store.folder.parent
    more = {"mapping": folder / "desk.toml"} if name.endswith(".csv") else {}
    asked = {"key_file": folder / "token.key", **more, **asked}
    (report,) = import_files([folder / "logs" / name], store=store, standard=Standard(), asked=ImportRequest(**asked))  # type: ignore[arg-type]
    return report


def figures(store: Store) -> pl.DataFrame:
    return measure(store.calls(), intervals=store.intervals(), standard=Standard(), by="queue").drop(
        "group", "queue", strict=False
    )


def test_what_stood_in_clear_is_gone_after_the_next_reading(older: Store) -> None:
    assert found_in(texts_of_store(older.folder), [*NUMBERS, *NAMES])
    read(older, "queue_log")
    assert found_in(texts_of_store(older.folder), [*NUMBERS, *NAMES]) == []


def test_the_figures_stay_as_they_were(older: Store) -> None:
    before = figures(older)
    read(older, "queue_log")
    assert sorted(map(str, figures(older).rows())) == sorted(map(str, before.rows()))


def test_the_same_files_are_known_and_longer_ones_bring_only_what_is_new(older: Store) -> None:
    folder = older.folder.parent
    assert read(older, "queue_log").already_held == 2
    assert read(older, "calls-01632960999.csv").already_held == 3
    with (folder / "logs" / "queue_log").open("a") as log:
        log.write("1772442200|1772442190.1|Duty 01632960902|NONE|ENTERQUEUE||01632960007|1\n")
        log.write("1772442130|01632960903|Duty 01632960902|NONE|ABANDON|1|1|20\n")
    with (folder / "logs" / "calls-01632960999.csv").open("a") as log:
        log.write("R9,A,Children,Public,01632960009,,2026-03-02 10:00:00,0:05,hung up\n")
    again = read(older, "queue_log")
    assert (again.new, again.already_held, again.superseded) == (1, 1, 1)  # the open call has ended
    again = read(older, "calls-01632960999.csv")
    assert (again.new, again.already_held, again.superseded) == (1, 3, 0)  # a reference with a stroke in it, too
    assert older.calls().collect().height == 7


def test_an_event_kept_for_an_earlier_log_still_finds_its_beginning(older: Store) -> None:
    (older.folder.parent / "logs" / "queue_log.2").write_text(
        "1772441000|1772441000.1|Duty|NONE|ENTERQUEUE||01632960009|1\n"
        "1772442106|1772442000.9|Duty 01632960902|NONE|ENTERQUEUE||01632960008|1\n"
    )
    read(older, "queue_log.2")
    ended = older.calls().filter(pl.col("entered").dt.epoch("s") == 1772442106).collect()
    assert ended.select("outcome", "wait").rows() == [("abandoned", 14.0)]


def test_a_contact_that_was_a_number_still_ties_its_calls(older: Store) -> None:
    read(older, "queue_log")
    calls = older.calls().filter(pl.col("queue") == "Children").collect()
    others = older.calls().filter(pl.col("queue").str.starts_with("Adults")).sort("entered").collect()
    assert calls["contact"].item() == others["contact"][0] != others["contact"][1]


def test_another_key_and_no_key_are_refused_in_words(older: Store) -> None:
    with pytest.raises(SettingError, match="no key here"):
        read(older, "queue_log", key_file=older.folder.parent / "none")
    assert not (older.folder.parent / "none").exists()
    read(older, "queue_log")
    other = older.folder.parent / "other"
    other.write_text("ab" * 32)
    other.chmod(0o600)
    with pytest.raises(SettingError, match="every caller would become two"):
        read(older, "queue_log", key_file=other)


def test_an_older_version_writes_no_more_where_references_are_digests(older: Store) -> None:
    assert '"layout": 1' in (older.folder / "kcas-store.json").read_text()
    read(older, "queue_log")
    assert '"layout": 2' in (older.folder / "kcas-store.json").read_text()


def test_a_store_brought_up_to_date_is_whole_and_readable_by_another_process(older: Store) -> None:
    read(older, "queue_log")
    checked = Store(older.folder).check()
    assert checked.damaged == ()
    assert checked.tallies_equal
    assert Store(older.folder).calls().collect().height == 5


def test_a_run_that_dies_while_the_log_is_rewritten_is_finished_by_the_next(
    older: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kcas.calls.store import rewriting

    monkeypatch.setattr(rewriting, "finish_rewriting", lambda table: (_ for _ in ()).throw(StoreError("killed")))
    with pytest.raises(StoreError, match="killed"):
        read(older, "queue_log")
    monkeypatch.undo()
    assert Store(older.folder).calls().collect().height == 5  # a reader is not disturbed
    read(older, "queue_log")
    assert found_in(texts_of_store(older.folder), [*NUMBERS, *NAMES]) == []
    assert Store(older.folder).check().damaged == ()
