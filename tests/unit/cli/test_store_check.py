"""`kcas store --check` and `--repair` as a person and a program see them, and what is said beside older figures."""

import json
import shutil
from pathlib import Path

import pytest

from kcas.calls.store import Store
from kcas.calls.store.files import CALLS
from kcas.calls.store.table import Table
from kcas.monitoring.rebasing import FILE, Rebasings
from tests.unit.calls.store.test_damage import fill, flip
from tests.unit.cli.conftest import Run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checked") / "store"
    fill(Store(folder))
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "store")


def damage(store: Path) -> str:
    """Flip a bit of the data file of the first log; its name."""
    file = next(file for file in Table(store, CALLS).files if file.first_batch == 1 and file.rows > 100)
    flip(store / "calls" / file.path, 4000)
    return f"calls/{file.path}"


def test_a_whole_store_is_checked_with_exit_0(kcas: Run, store: Path) -> None:
    code, out, _ = kcas("store", "--check", "--json", "--store", str(store))
    found = json.loads(out)
    assert (code, found["damaged"], found["tallies_equal"], found["not_verifiable"]) == (0, [], True, [])
    data = [path for path in store.rglob("*.parquet") if path.parent.name.startswith(("month", "loose"))]
    assert found["files"] > len(data)
    assert found["bytes"] > sum(path.stat().st_size for path in data)
    code, out, _ = kcas("store", "--check", "--store", str(store))
    assert code == 0
    assert "Damaged: 0." in out


def test_a_damaged_file_is_named_with_its_log_and_exit_1(kcas: Run, store: Path) -> None:
    name = damage(store)
    code, out, _ = kcas("store", "--check", "--json", "--store", str(store))
    (found,) = json.loads(out)["damaged"]
    assert (code, found["file"], found["read_again"]) == (1, name, ["month 0.csv"])
    assert json.loads(out)["tallies_equal"] is False, "rows of a damaged file cannot be counted"
    code, out, _ = kcas("store", "--check", "--store", str(store))
    assert code == 1
    assert name in out
    assert "month 0.csv" in out


def test_no_command_answers_from_a_damaged_file(kcas: Run, store: Path) -> None:
    damage(store)
    for words in (["measures"], ["calls"], ["patience"], ["chart"], ["store", "--compact"]):
        code, out, err = kcas(*words, "--json", "--store", str(store))
        assert (code, out) == (1, ""), words
        assert "damaged" in err
        assert "month 0.csv" in err


def test_a_repair_says_which_logs_to_read_again(kcas: Run, store: Path) -> None:
    name = damage(store)
    code, out, _ = kcas("store", "--repair", "--json", "--store", str(store))
    assert (code, json.loads(out)) == (0, {"files": [name], "read_again": ["month 0.csv"]})
    code, out, _ = kcas("store", "--check", "--json", "--store", str(store))
    assert (code, json.loads(out)["damaged"]) == (1, [])
    assert json.loads(out)["differing"] == ["month 0.csv: not read again since its damaged data file was taken out."]


def tear(store: Path) -> None:
    newest = max(store.glob("calls/_delta_log/*.json"))
    newest.write_bytes(newest.read_bytes()[:-20])


def test_figures_of_the_commit_before_a_torn_one_are_told_as_such(kcas: Run, store: Path) -> None:
    code, out, err = kcas("measures", "--json", "--store", str(store))
    assert (code, "torn" in out + err) == (0, False)
    tear(store)
    for words in (["measures"], ["chart"], ["patience"], ["calls"], ["store"]):
        code, out, err = kcas(*words, "--json", "--store", str(store))
        assert code == 0, err
        assert any("without last.csv" in note for note in json.loads(out)["notes"]), words
        assert "without last.csv" in err
    code, out, _ = kcas("measures", "--store", str(store))
    assert (code, "without last.csv" in out) == (0, True)


def test_a_flipped_bit_in_the_record_of_re_basings_is_found_anywhere(kcas: Run, store: Path) -> None:
    from datetime import date, timedelta

    points = [date(2026, 1, 5) + timedelta(days=n) for n in range(200)]
    record = Rebasings(store)
    for day in (60, 120):
        record.add(points[day], name="A. Smith", reason="new roster", points=points, by="day")
    right = (store / FILE).read_bytes()
    for bit in range(0, len(right) * 8, 37):
        flip(store / FILE, bit)
        code, out, _ = kcas("store", "--check", "--json", "--store", str(store))
        assert (code, [each["file"] for each in json.loads(out)["damaged"]]) == (1, [FILE]), f"bit {bit}"
        (store / FILE).write_bytes(right)
    assert len(record.acts()) == 2


def test_the_library_says_it_too(store: Path) -> None:
    import kcas

    tear(store)
    assert sum("without last.csv" in note for note in kcas.open_store(store).measures().notes) == 1
