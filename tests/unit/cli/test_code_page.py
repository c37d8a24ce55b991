"""Every command with its streams in a Windows code page: UTF-8 comes out, JSON parses, nothing ends in a traceback."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer

from kcas.calls.call import SCHEMA
from kcas.calls.store import Store
from kcas.cli import app
from tests.commands import kcas_in
from tests.unit.attribution.desk_log import log_of
from tests.unit.calls.store.rows import add

ROOT = Path(__file__).resolve().parents[3]
QUEUE = "Größe σ − ‘Zoë’"
"""A queue whose name no code page of Windows can write whole."""
WEEKS = 12
LOG = "".join(
    f"{1262606400 + 90 * number}|{number}|Größe σ|NONE|ENTERQUEUE||0\n"
    f"{1262606460 + 90 * number}|{number}|Größe σ|NONE|ABANDON|1|1|60\n"
    for number in range(6)
) + "1262606900|σ−7|Größe σ|NONE|EXITWITHTIMEOUT|−|1|sixty\n"  # fmt: skip
TABLE = "Time,Queue,Outcome,Wait\n" + "".join(
    f"2010-01-{day:02} 09:00:00,Größe σ,{'abandoned' if day % 2 else 'answered'},0:4{day % 10}\n"
    for day in range(4, 30)
)
MAPPING = """key = "front"
words = "Größe σ − ‘Zoë’"
queue = { column = "Queue" }
wait = { column = "Wait", format = "m:ss" }

[[entered]]
column = "Time"
format = "YYYY-MM-DD hh:mm:ss"

[[outcome]]
when = { Outcome = ["answered"] }
gives = "answered"

[[outcome]]
when = { Outcome = ["abandoned"] }
gives = "abandoned"
"""
CHANGE = "2010-02-15"
DESK = "--arrivals-per-hour 60 --handle 300 --agents 6"

CASES: dict[str, list[tuple[int, str]]] = {
    "demo": [(1, "--store desk --no-browser")],  # refuses a store of real calls; the build runs the whole of it
    "dashboard": [(2, "--store desk --no-browser --port 80x")],  # that its page comes is tried further down
    "ingest": [(0, "σ-log.log --store new --refusals refused.csv"), (0, "σ-log.log --store other --json"),
               (1, "nowhere-σ.log --store new")],
    "key show-place": [(0, ""), (0, "--json")],
    "key backup": [(0, "σ.key"), (0, "σ-too.key --json")],
    "key restore": [(0, "σ.key"), (0, "σ.key --json")],
    "key check": [(0, ""), (0, "--json")],
    "key change": [(0, ""), (0, "--yes --json")],
    "watch": [(0, "folder --once --store watched"), (0, "folder --once --store other-watched --json")],
    "measures": [(0, "--by day"), (0, "--by queue --format csv"), (0, "--json"), (1, "--queue Größe")],
    "calls": [(0, "--outcome abandoned"), (0, "--outcome abandoned --format csv"), (0, "--json")],
    "patience": [(0, ""), (0, "--format csv"), (0, "--json")],
    "chart": [(0, "--by week"), (0, "--by day --ewma"), (0, "--json")],
    "since": [(0, CHANGE), (0, f"{CHANGE} --json"), (1, "σ")],
    "alerts": [(0, "--by week"), (0, "--by week --json")],
    "explain": [(0, f"--day {CHANGE}"), (0, f"--day {CHANGE} --json")],
    "calibrate": [(0, "--out fitted-σ.toml"), (0, "--out other.toml --json")],
    "forecast": [(0, "--days 3"), (0, "--days 2 --by half-hour --json"), (0, "--days 3 --format csv")],
    "today": [(0, f"--now {CHANGE}T12:00 --replications 50"), (0, f"--now {CHANGE}T12:00 --replications 50 --json")],
    "backtest": [(0, f"--fit-until {CHANGE}"), (0, f"--fit-until {CHANGE} --json")],
    "rebase add": [(0, f"{CHANGE} --name Zoë --reason σ−2 --by day"),
                   (0, "2010-03-10 --name Zoë --reason σ−2 --by day --json")],
    "rebase list": [(0, ""), (0, "--json")],
    "rebase undo": [(0, "1 --name Zoë --reason σ−3"), (0, "2 --name Zoë --reason σ−3 --json")],
    "evidence": [(0, f"--out pack-σ --since {CHANGE} --days 5 --internal"),
                 (0, f"--out other-σ --since {CHANGE} --days 5 --json")],
    "evidence verify": [(0, "pack-σ"), (0, "other-σ --json")],
    "store": [(0, ""), (0, "--compact"), (0, "--json")],
    "forget": [(0, "--before 2010-01-05"), (0, "--before 2010-01-06 --json")],
    "simulate": [(0, "today --replications 3"), (0, "today --replications 3 --json"), (1, "σ.toml")],
    "compare": [(0, "today more-agents --replications 3"), (0, "today more-agents --replications 3 --json")],
    "sweep": [(0, "today --across agents=0,1 --down calls=1 --replications 2"),
              (0, "today --across agents=0,1 --down calls=1 --replications 2 --json")],
    "staff": [(0, "today --target 20% --replications 20 --out roster-σ.toml"),
              (0, "today --target 20% --replications 20 --json")],
    "exact erlang-b": [(0, f"{DESK}"), (0, f"{DESK} --json")],
    "exact erlang-c": [(0, f"{DESK}"), (0, f"{DESK} --json")],
    "exact erlang-a": [(0, f"{DESK} --patience 120"), (0, f"{DESK} --patience 120 --json")],
    "exact day": [(0, "today"), (0, "today --json")],
    "scenario check": [(0, "today"), (0, "today --json")],
    "doctor": [(0, ""), (0, "--json")],
    "mapping suggest": [(0, "σ-table.csv --key front"), (0, "σ-table.csv --json")],
    "mapping check": [(0, "σ-table.csv --mapping σ-front.toml"), (0, "σ-table.csv --mapping σ-front.toml --json")],
    "mapping keep": [(0, "σ-front.toml --by Zoë")],
    "mapping list": [(0, ""), (0, "--json")],
}  # fmt: skip
"""The exit that is expected of each command, and its words; in this order, for some need what one before has made."""


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Every command there is, by its words, with its options."""
    below = getattr(command, "commands", {})
    if not below or (path and command.invoke_without_command):
        yield " ".join(path), [option for param in command.params for option in param.opts]
    for name, inner in below.items():
        yield from commands(inner, (*path, name))


OPTIONS = dict(commands(typer.main.get_command(app)))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of twelve weeks, a log with a line that cannot be read, and a folder of logs."""
    folder = tmp_path_factory.mktemp("σ − desk")
    calls = log_of(days=5 * WEEKS, seed=1, variation="5%").select(*SCHEMA).with_columns(queue=pl.lit(QUEUE))
    add(Store(folder / "desk"), "σ.csv", calls.with_columns(leg=pl.col("leg") + pl.col("entered").cast(pl.String)))
    (folder / "σ-log.log").write_text(LOG, encoding="utf-8")
    (folder / "σ-table.csv").write_text(TABLE, encoding="utf-8")
    (folder / "σ-front.toml").write_text(MAPPING, encoding="utf-8")
    (folder / "folder").mkdir()
    shutil.copy(folder / "σ-log.log", folder / "folder" / "σ.log")
    return folder


def environment(folder: Path) -> dict[str, str]:
    """As a person's on Windows whose output goes into a pipe."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KCAS_"))}
    ours = {"KCAS_KEY": str(folder / "key"), "KCAS_STORE": str(folder / "desk"), "KCAS_ZONE": "UTC"}
    return kept | ours | {"PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(ROOT)}


def test_every_command_and_its_json_have_a_case() -> None:
    assert set(CASES) == set(OPTIONS)
    with_json = {name for name, cases in CASES.items() if any("--json" in words for _, words in cases)}
    assert with_json == {name for name, options in OPTIONS.items() if "--json" in options}


@pytest.mark.slow
@pytest.mark.parametrize(("command", "code", "words"), [(name, *case) for name in CASES for case in CASES[name]])
def test_a_command_writes_utf_8_and_no_traceback_in_a_windows_code_page(
    command: str, code: int, words: str, desk: Path
) -> None:
    done = kcas_in(desk, *command.split(), *words.split(), settings=environment(desk))
    out, wrong = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    assert "Traceback" not in out + wrong
    assert done.returncode == code, wrong
    if "--json" in words:
        assert [json.loads(line) for line in out.splitlines()], wrong
    for path in desk.rglob("*σ*.toml"):
        path.read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [["--version"], ["exact", "day", "today"], ["exact", "day", "today", "--json"]])
def test_an_output_that_cannot_be_written_is_told_in_a_line(words: list[str], tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        asked = [sys.executable, "-m", "kcas", *words]
        done = subprocess.run(asked, stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, env=environment(tmp_path))
    assert done.returncode == 1
    assert done.stderr.decode("utf-8") == "The output cannot be written: No space left on device.\n"
