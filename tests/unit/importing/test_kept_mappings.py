"""Mappings kept next to a store: read without a word, before the formats kcas brings, with every version on record."""

from pathlib import Path

import pytest

from kcas.calls.store import Store
from kcas.errors import SettingError
from kcas.importing.kept_mappings import history_of, keep_mapping, kept_mappings

MAPPING = """key = "front_report"
words = "Our weekly report"
queue = { column = "Line" }
wait = { column = "Waited", format = "s" }

[[entered]]
column = "When"
format = "YYYY-MM-DD hh:mm:ss"

[[outcome]]
when = { How = ["taken"] }
gives = "answered"

[[outcome]]
when = { How = ["left"] }
gives = "abandoned"
"""


def test_each_version_is_on_record_and_the_last_one_reads(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    keep_mapping(store, MAPPING, name="front_report", by="A")
    keep_mapping(store, MAPPING.replace("taken", "accepted"), name="front_report", by="B")
    assert [line["by"] for line in history_of(store)] == ["A", "B"]
    assert "taken" in history_of(store)[0]["mapping"]
    (kept,) = kept_mappings(store)
    assert kept.key == "front_report"
    assert store.owns(tmp_path / "store-mappings" / "front_report.toml")


@pytest.mark.parametrize(
    ("name", "by", "words"),
    [
        ("front_report", "  ", "Say who"),
        ("../front", "A", "is no name for a format"),
        ("asterisk_queue_log", "A", "kcas brings a format of this name"),
        ("other", "A", "has another key"),
    ],
)
def test_what_cannot_be_kept_is_said_and_leaves_nothing(tmp_path: Path, name: str, by: str, words: str) -> None:
    store = Store(tmp_path / "store")
    with pytest.raises(SettingError, match=words):
        keep_mapping(store, MAPPING, name=name, by=by)
    assert kept_mappings(store) == ()
    assert history_of(store) == []


def test_a_kept_mapping_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    keep_mapping(store, MAPPING, name="front_report", by="A")
    (tmp_path / "store-mappings" / "front_report.toml").write_text("key = 3", encoding="utf-8")
    with pytest.raises(SettingError, match=r"front_report\.toml"):
        kept_mappings(store)
