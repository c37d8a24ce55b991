"""What is stored of a call: digests of its references, and names without numbers, whatever the format."""

import hashlib
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.store import Store
from kcas.desk.standard import Standard
from kcas.importing.run import ImportRequest, import_files
from kcas.ingest.redact import Redactor

MAPPING = """
key = "desk"
words = "An invented desk"
leg = {leg}
contact = {contact}
queue = {{ column = "Queue" }}
type = {{ column = "Kind" }}
caller = {{ column = "From" }}
[[entered]]
column = "Started"
format = "YYYY-MM-DD hh:mm:ss"
[[outcome]]
when = {{ Kind = "*" }}
gives = "abandoned"
"""
HEADER = "Ref,Part,Queue,Kind,From,Started"


def kept(folder: Path, *rows: str, leg: str = '["Ref", "Part"]', contact: str = '["From"]') -> pl.DataFrame:
    (folder / "desk.toml").write_text(MAPPING.format(leg=leg, contact=contact))
    log = folder / "a.csv"
    log.write_text("\n".join([HEADER, *rows]) + "\n")
    asked = ImportRequest(mapping=folder / "desk.toml", key_file=folder / "key")
    (report,) = import_files([log], store=Store(folder / "store"), standard=Standard(), asked=asked)
    assert report.error is None
    return Store(folder / "store").calls().sort("line").collect()


def row(number: str, *, part: str = "A", queue: str = "Adults", kind: str = "GP", caller: str = "01632960123") -> str:
    return f"{number},{part},{queue},{kind},{caller},2026-03-02 09:00:00"


def test_a_contact_of_a_callers_number_is_a_digest_and_ties_the_callers_calls(tmp_path: Path) -> None:
    calls = kept(tmp_path, row("1"), row("2"), row("3", caller="01632960124"))
    first, second, third = calls["contact"]
    assert first == second != third
    assert "01632960123" not in calls.write_csv()


def test_the_digest_is_the_keyed_hash_of_the_escaped_parts(tmp_path: Path) -> None:
    (leg,) = kept(tmp_path, row("2026/1", part="7\\A"))["leg"]
    key = bytes.fromhex((tmp_path / "key").read_text())
    text = rb"desk/2026\/1/7\\A"
    assert leg == hashlib.blake2b(text, key=key, person=b"leg", digest_size=12).hexdigest()


@pytest.mark.parametrize(("one", "other"), [(("2026/1", "7/A"), ("2026", "1/7/A")), (("a\\", "/b"), ("a\\/", "b"))])
def test_parts_that_hold_strokes_never_make_one_call_of_two(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str]
) -> None:
    calls = kept(tmp_path, row(one[0], part=one[1]), row(other[0], part=other[1]), contact='["Ref", "Part"]')
    assert calls["leg"].n_unique() == calls["contact"].n_unique() == 2


def test_a_row_whose_contact_is_empty_is_tied_to_no_other(tmp_path: Path) -> None:
    assert kept(tmp_path, row("1", caller=""), row("2", caller=""))["contact"].to_list() == [None, None]


def test_numbers_in_queues_and_types_become_marks_that_tell_them_apart(tmp_path: Path) -> None:
    calls = kept(
        tmp_path,
        row("1", queue="Desk 01632 960123", kind="Ward +44 1632 960123"),
        row("2", queue="Desk 01632 960124"),
        row("3", queue="Desk (01632) 960123"),
        row("4", queue="Ward 12 2024-05-01"),
    )
    first, second, third, fourth = calls["queue"]
    assert first == third != second
    assert fourth == "Ward 12 2024-05-01"
    assert first.startswith("Desk number-")
    assert not any(letter.isdigit() for letter in first)
    assert calls["type"][0].removeprefix("Ward ") == first.removeprefix("Desk ")


def test_the_account_of_the_file_says_how_many_names_held_a_number(tmp_path: Path) -> None:
    kept(tmp_path, row("1", queue="Desk 01632 960123"), row("2", queue="Desk 01632 960124"), row("3"))
    ((batch),) = Store(tmp_path / "store").batches()
    assert batch.record.warnings == (
        "queue: a number of six digits or more in its name, kept as a keyed mark (2 times)",
    )


def test_a_masked_name_is_masked_no_further(tmp_path: Path) -> None:
    redactor = Redactor(tmp_path / "key")
    once = redactor.name("Desk 01632 960123, 07700900123")
    assert redactor.name(once) == once


def test_a_switchs_own_reference_stays_readable_only_where_it_can_hold_no_number(tmp_path: Path) -> None:
    redactor = Redactor(tmp_path / "key")
    given = ["77.5", "1267434000.17", "01632.96012", "123456.1", "Jane.Smith", "12345", None]
    found = redactor.references(pl.Series("callid", given)).to_list()
    assert found[0] == "77.5"
    assert found[-1] is None
    assert all(len(digest) == 24 for digest in found[1:-1])
    assert len(set(found[:-1])) == 6
