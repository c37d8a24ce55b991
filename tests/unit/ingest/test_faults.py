"""A fault of ours is told with a reference, and what is written down of it holds no word of the file."""

import stat
from pathlib import Path

from kcas.ingest.report import FaultRecord

PRIVATE = "Jane Smith 01632 960123"


def fault(text: str) -> Exception:
    try:
        int(text)
    except ValueError as error:
        return error
    raise AssertionError


def test_the_reference_leads_to_the_exception_the_module_and_the_line(tmp_path: Path) -> None:
    record = FaultRecord(tmp_path / "store")
    words = record.words(fault(PRIVATE), name="a.csv")
    assert words.startswith("a.csv: a fault in kcas, not in the file. Nothing of it was kept.")
    (entry,) = record.path.read_text().split("\n\n")
    first, kind, place = entry.splitlines()[:3]
    assert first.split()[0] in words
    assert kind.strip() == "builtins.ValueError"
    assert place.strip() == f"{__name__}:13 fault"
    assert str(record.path.name) in words


def test_neither_the_record_nor_the_words_hold_a_word_of_the_file_or_a_path(tmp_path: Path) -> None:
    record = FaultRecord(tmp_path / "store")
    words = record.words(fault(PRIVATE), name="a.csv")
    for text in (words, record.path.read_text()):
        assert "Jane" not in text
        assert "960123" not in text
        assert str(tmp_path) not in text
        assert "/" not in text.replace("T", "")


def test_one_fault_has_one_reference_and_one_entry_however_often_it_is_met(tmp_path: Path) -> None:
    record = FaultRecord(tmp_path / "store")
    references = {record.write(fault(text)) for text in ("x", "y", PRIVATE)}
    assert len(references) == 1
    assert record.path.read_text().count("builtins.ValueError") == 1
    assert record.write(KeyError("x")) not in references


def test_only_its_owner_may_read_the_record(tmp_path: Path) -> None:
    record = FaultRecord(tmp_path / "store")
    record.write(fault("x"))
    assert stat.S_IMODE(record.path.stat().st_mode) == 0o600


def test_a_record_that_cannot_be_written_does_not_hide_the_fault(tmp_path: Path) -> None:
    words = FaultRecord(tmp_path / "gone" / "store").words(fault("x"), name="a.csv")
    assert "with the reference" in words
    assert "could not be noted" in words


def test_too_little_memory_is_said_to_be_that(tmp_path: Path) -> None:
    assert "needs more memory than there is" in FaultRecord(tmp_path / "store").words(MemoryError(), name="a.csv")
