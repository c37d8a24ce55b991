"""What do the commands' options refuse, whichever command they are given to?"""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.call import SCHEMA
from kcas.calls.store import Store
from tests.unit.calls.store.rows import add
from tests.unit.cli.conftest import Run

ASKING = ["measures", "calls", "patience", "chart", "since 2010-04-01", "evidence --out pack"]


@pytest.mark.parametrize("command", ASKING)
def test_a_queue_that_the_store_does_not_know_is_refused_with_the_nearest(
    command: str, kcas: Run, tmp_path: Path
) -> None:
    row = {"leg": "1", "queue": "duty", "wait": 9.0, "outcome": "answered", "entered": datetime(2010, 4, 1, tzinfo=UTC)}
    add(Store(tmp_path / "store"), "day.csv", pl.DataFrame([row], schema=SCHEMA))
    code, out, wrong = kcas(*command.split(), "--queue", "dutty", "--store", str(tmp_path / "store"))
    assert (code, out) == (1, "")
    assert "--queue: 'dutty' is no queue of this store. Did you mean 'duty'?" in wrong


@pytest.fixture
def two_queues(tmp_path: Path) -> Path:
    """A store of one call each in `duty desk`, `Children` and `CHILDREN`, all on 1 April 2010."""
    moment = datetime(2010, 4, 1, 9, tzinfo=UTC)
    rows = [
        {"leg": name, "queue": name, "wait": 9.0, "outcome": "answered", "entered": moment}
        for name in ("duty desk", "Children", "CHILDREN")
    ]
    add(Store(tmp_path / "store"), "day.csv", pl.DataFrame(rows, schema=SCHEMA))
    return tmp_path / "store"


EVERY = [
    *ASKING, "today", "explain --day 2010-04-01", "calibrate --out made.toml", "backtest", "alerts",
    "rebase add 2010-04-01 --name Ann --reason why",
]  # fmt: skip


@pytest.mark.parametrize("command", EVERY)
def test_every_command_names_the_queues_there_are_for_a_misspelt_one(command: str, kcas: Run, two_queues: Path) -> None:
    code, out, wrong = kcas(*command.split(), "--queue", "DutyDesk", "--store", str(two_queues))
    assert (code, out) == (1, "")
    assert wrong.strip() == (
        "--queue: 'DutyDesk' is no queue of this store. Did you mean 'duty desk'? "
        "Queues here: 'CHILDREN', 'Children', 'duty desk'."
    )


def test_letter_case_and_spaces_of_a_queue_are_forgiven_where_that_leaves_one(kcas: Run, two_queues: Path) -> None:
    ask = ("measures", "--json", "--store", str(two_queues), "--queue")
    assert json.loads(kcas(*ask, " Duty  Desk ")[1])["rows"][0]["queue"] == "duty desk"
    assert json.loads(kcas(*ask, "Children")[1])["rows"][0]["offered"] == 1
    code, _, wrong = kcas(*ask, "children")
    assert code == 1
    assert "Did you mean 'CHILDREN' or 'Children'?" in wrong


@pytest.mark.parametrize("command", ["calibrate --out made.toml", "backtest", "calls", "patience", "chart", "measures"])
def test_days_without_calls_are_answered_with_the_days_that_the_log_covers(
    command: str, kcas: Run, two_queues: Path
) -> None:
    days = ("--since", "2011-01-01", "--until", "2011-02-01", "--store", str(two_queues))
    _, out, wrong = kcas(*command.split(), *days, "--queue", "duty desk")
    assert (
        "There are no calls between Saturday 1 January 2011 and Monday 31 January 2011 in the queue 'duty desk'; "
        "the log covers Thursday 1 April 2010."
    ) in " ".join((out + wrong).split())


def test_one_day_without_calls_is_named_once(kcas: Run, two_queues: Path) -> None:
    out = kcas("calls", "--since", "2011-01-01", "--until", "2011-01-02", "--store", str(two_queues))[1]
    assert "There are no calls on Saturday 1 January 2011; the log covers Thursday 1 April 2010." in " ".join(
        out.split()
    )


def test_a_missing_store_is_not_a_missing_queue(kcas: Run, tmp_path: Path) -> None:
    wrong = kcas("today", "--queue", "duty", "--store", str(tmp_path / "none"))[2]
    assert "no calls are kept here yet. Import a log first" in wrong


@pytest.mark.parametrize("command", ["chart", "since 2010-04-01", "today", "explain --day 2010-04-01"])
@pytest.mark.parametrize(
    ("key", "why"), [("after_60s", "bears its own in its name"), ("all_offered", "has no threshold")]
)
def test_a_threshold_that_the_definition_has_no_use_for_is_refused(
    command: str, key: str, why: str, kcas: Run, two_queues: Path
) -> None:
    asked = ("--definition", key, "--short", "9", "--store", str(two_queues))
    code, out, wrong = kcas(*command.split(), *asked)
    assert (code, out) == (1, "")
    assert f"--short 9 changes nothing here: {key} {why}." in wrong


def test_a_pack_refuses_a_threshold_that_neither_its_rate_nor_its_service_level_uses(
    kcas: Run, two_queues: Path, tmp_path: Path
) -> None:
    pack = ("evidence", "--out", str(tmp_path / "pack"), "--short", "9", "--store", str(two_queues))
    assert "--short 9 changes nothing here" in kcas(*pack, "--definition", "after_60s")[2]
    assert "--short 9 changes nothing here" not in kcas(*pack, "--service-level", "sl_short")[2]


def test_the_version_is_that_of_the_project_file(kcas: Run) -> None:
    project = Path(__file__).resolve().parents[3] / "pyproject.toml"
    version = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]
    assert kcas("--version") == (0, f"kcas {version}\n", "")
