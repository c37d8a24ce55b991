"""Mappings kept next to a store: read without a word, before the formats kcas brings, with every version on record."""

import tomllib
from pathlib import Path

import pytest

from kcas.calls.store import Store
from kcas.errors import SettingError
from kcas.importing.kept_mappings import (
    ColumnChanges,
    changed_log,
    changes_of,
    history_of,
    keep_mapping,
    kept_mappings,
    with_columns,
)
from kcas.ingest.mapping import mapping_of
from kcas.ingest.reading import Log, head_of
from kcas.ingest.suggestion import toml_of
from kcas.ingest.unpacking import Source

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


KNOWN = MAPPING.replace(
    "[[entered]]", '[file]\nknown_columns = ["When", "Line", "Waited", "How", "Note"]\n\n[[entered]]', 1
)
ROW = {"When": "2026-03-16 09:00:00", "Line": "Front", "Waited": "12", "How": "taken", "Note": "a"}


def changes(*columns: str, mapping: str = KNOWN) -> ColumnChanges:
    """What is different in a file with these columns."""
    head = head_of((",".join(columns) + "\n" + ",".join(ROW.get(name, "x") for name in columns) + "\n").encode())
    return changes_of(head, mapping_of(tomllib.loads(mapping), where="here"))


def test_columns_in_another_order_and_new_ones_without_a_part_are_read_and_said() -> None:
    found = changes("Line", "When", "Waited", "How", "Remark")
    assert (found.gone, found.doubtful) == ((), ())
    assert found.note == (
        'other columns than when it was described: "Remark" is new and not used, "Note" is gone and was not used, '
        "the columns are in another order"
    )
    assert changes("When", "Line", "Waited", "How", "Note").note == ""


def test_a_renamed_column_is_known_by_its_role_or_its_letters() -> None:
    assert changes("When", "Line", "Time in queue", "How", "Note").renamed == {"Waited": "Time in queue"}
    assert changes("When", "Queue", "Waited", "How", "Note").renamed == {"Line": "Queue"}  # the only one of each
    assert changes("When", "Line", "Waited (s)", "Remark", "How", "Note").renamed == {"Waited": "Waited (s)"}
    assert changes("When", "Line", "Colour", "Size", "How", "Note").renamed == {}


def test_a_new_column_that_may_change_what_is_counted_is_not_passed_over() -> None:
    found = changes("When", "Line", "Waited", "How", "Note", "Direction")
    assert found.doubtful == ("Direction",)
    assert changes("When", "Line", "Waited", "How", "Direction", mapping=MAPPING).doubtful == ()  # not known before


def test_a_number_in_a_heading_is_never_repeated() -> None:
    assert "01632" not in changes("When", "Line", "Waited", "How", "Note", "01632 960001").note


def test_the_choices_before_are_kept_and_only_the_columns_change(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    agents = KNOWN.replace("wait =", 'agent = { column = "Note", unknown = ["-"] }\nwait =')
    keep_mapping(store, agents, name="front_report", by="A")
    log = tmp_path / "april.csv"
    log.write_text("When,Line,Wait time,How,Extra\n2026-04-16 09:00:00,Front,12,taken,x\n", encoding="utf-8")
    changed = changed_log(Log(Source(log)), store)
    assert changed is not None
    assert changed.sentence.startswith('april.csv: nearly the columns of the kept format "front_report", but not')
    asked = {question.topic: question.options for question in changed.questions()}
    assert asked == {
        "renamed:Waited": ("Wait time", "Extra", "describe the file again"),
        "renamed:Note": ("Extra", "Wait time", "no longer in the file", "describe the file again"),
    }
    answers = {"renamed:Waited": "Wait time", "renamed:Note": "no longer in the file"}
    found = changed.suggestion(answers)
    assert found.questions == []
    table = tomllib.loads(toml_of(found))
    before = tomllib.loads(agents)
    assert table.pop("wait") == {"column": "Wait time", "format": "s"}
    assert table.pop("file") == {"known_columns": ["When", "Line", "Wait time", "How", "Extra"]}
    assert table == {key: value for key, value in before.items() if key not in ("wait", "file", "agent")}
    with pytest.raises(SettingError, match="expected one of"):
        changed.suggestion({"renamed:Waited": "Another"})


def test_only_names_of_columns_are_replaced_in_a_mapping() -> None:
    table = {
        "queue": {"column": "Line", "otherwise": "Line"}, "wait": [{"until": ["Line"], "when": {"Line": "Line"}}],
        "leg": ["Line"], "outcome": [{"when": {"Line": ["Line"], "How": {"not": "Line"}}, "gives": "answered"}],
    }  # fmt: skip
    assert with_columns(table, {"Line": "Queue"}) == {
        "queue": {"column": "Queue", "otherwise": "Line"}, "wait": [{"until": ["Queue"], "when": {"Queue": "Line"}}],
        "leg": ["Queue"], "outcome": [{"when": {"Queue": ["Line"], "How": {"not": "Line"}}, "gives": "answered"}],
    }  # fmt: skip
