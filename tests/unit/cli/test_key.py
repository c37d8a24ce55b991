"""The key is backed up, restored, held against a store, and changed; and a caller is found under every spelling."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.commands import kcas_says

ROOT = Path(__file__).resolve().parents[3]
LOG = (
    "1772442000|1772441990.1|Duty|NONE|ENTERQUEUE||01632960004|1\n1772442009|1772441990.1|Duty|NONE|ABANDON|1|1|9\n"
    '1772443000|1772442990.1|Duty|NONE|ENTERQUEUE||"Jane Plant" <sip:+441632960004@desk.example>|1\n'
    "1772443009|1772442990.1|Duty|NONE|ABANDON|1|1|9\n"
    "1772444000|1772443990.1|Duty|NONE|ENTERQUEUE||01632960005|1\n1772444009|1772443990.1|Duty|NONE|ABANDON|1|1|9\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queue_log").write_text(LOG)
    assert kcas(tmp_path, "ingest", "queue_log").returncode == 0
    return tmp_path


def kcas(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    settings = {"KCAS_KEY": str(folder / "token.key"), "KCAS_STORE": str(folder / "store"), "COLUMNS": "300"}
    return kcas_says(folder, *arguments, settings=os.environ | settings, given=given.encode())


def answer(folder: Path, *arguments: str, given: str = "") -> dict[str, object]:
    done = kcas(folder, *arguments, "--json", given=given)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_copy_of_the_key_brings_a_store_back_to_life(folder: Path) -> None:
    told = answer(folder, "key", "backup", "copy.key")
    assert stat.S_IMODE((folder / "copy.key").stat().st_mode) == 0o600
    (folder / "token.key").unlink()
    lost = kcas(folder, "ingest", "queue_log")
    assert lost.returncode == 1
    assert "there is no key here" in lost.stderr
    assert not (folder / "token.key").exists()
    assert answer(folder, "key", "restore", "copy.key")["fingerprint"] == told["fingerprint"]
    assert answer(folder, "key", "check")["same"] is True
    assert kcas(folder, "ingest", "queue_log").returncode == 0


def test_a_copy_never_takes_the_place_of_a_file_or_of_another_key(folder: Path) -> None:
    (folder / "copy.key").write_text("mine")
    assert "there is a file of this name already" in kcas(folder, "key", "backup", "copy.key").stderr
    (folder / "other.key").write_text("ab" * 32)
    (folder / "other.key").chmod(0o600)
    before = (folder / "token.key").read_text()
    assert "another key is here already" in kcas(folder, "key", "restore", "other.key").stderr
    assert (folder / "token.key").read_text() == before


def test_a_changed_key_is_refused_by_the_store_and_kept_beside(folder: Path) -> None:
    before = (folder / "token.key").read_text()
    assert "Nothing has been changed" in kcas(folder, "key", "change").stdout
    assert (folder / "token.key").read_text() == before
    told = answer(folder, "key", "change", "--yes")
    assert Path(str(told["old_key_kept_as"])).read_text() == before
    assert (folder / "token.key").read_text() != before
    checked = kcas(folder, "key", "check", "--json")
    assert (checked.returncode, json.loads(checked.stdout)["same"]) == (1, False)
    (folder / "queue_log").write_text(LOG + LOG.replace("177244", "177254"))
    for refused in (kcas(folder, "ingest", "queue_log"), kcas(folder, "calls", "--caller", "01632960004")):
        assert refused.returncode == 1
        assert str(told["old"]) in refused.stderr
        assert str(told["new"]) in refused.stderr
    assert answer(folder, "calls")["calls"].__len__() == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "spelt",
    [
        "01632960004", "01632 960 004", "+44 1632 960004", "0044 1632 960004", "SIP/01632960004-0000001a",
        '"Somebody" <sip:01632960004@elsewhere>', "tel:+441632960004;ext=7", "(01632) 960-004",
    ],
)  # fmt: skip
def test_a_caller_is_found_and_erased_under_every_spelling(folder: Path, spelt: str) -> None:
    found = answer(folder, "calls", "--caller", spelt)["calls"]
    assert [call["line"] for call in found] == [1, 3]  # type: ignore[attr-defined]
    assert answer(folder, "calls", "--caller", "-", given=spelt + "\n")["calls"] == found
    before = answer(folder, "measures")
    assert answer(folder, "forget", "--caller", spelt, "--now")["calls"] == 2
    assert answer(folder, "measures") == before
    assert answer(folder, "calls", "--caller", spelt)["calls"] == []
    assert len(answer(folder, "calls")["calls"]) == 3  # type: ignore[arg-type]


def test_what_is_no_number_and_what_is_both_or_neither_are_said(folder: Path) -> None:
    for text in ("withheld", "", "Private Number"):
        assert "not a number anybody rings from" in kcas(folder, "calls", "--caller", text).stderr
    assert "either --before" in kcas(folder, "forget").stderr
    assert "either --before" in kcas(folder, "forget", "--before", "2026-01-01", "--caller", "1").stderr
