"""No caller's number and no person's name is kept, shown or exported, in whatever field of whatever log it stood.

Over five hundred marked numbers and names are planted in logs of every format, the commands, pages and exports are run,
and everything they leave is searched: before calls are forgotten and after.
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kcas.cli import every_command
from kcas.errors import KcasError
from kcas.simulation.engines import kernel_folder
from tests.house.planted_logs import Plants, write_logs
from tests.plants import found_in, texts_under

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    "store", "store --json", "store --check", "store --compact", "measures", "measures --by queue",
    "measures --by day --json", "measures --by half-hour --format csv", "calls", "calls --format csv", "calls --json",
    "patience", "patience --json", "chart", "chart --json", "since 2026-03-02", "since 2026-03-02 --json", "alerts",
    "alerts --json", "rebase list", "key show-place", "key check", "exact --help",
)  # fmt: skip
MORE_COMMANDS = (
    "explain --day 2026-03-02", "explain --day 2026-03-02 --json", "today", "today --json",
    "calibrate --out out/model.toml",
    "backtest", "backtest --json", "chart --by week", "measures --by weekday --queue Table",
    "evidence --out out/pack --days 2 --json",
    "evidence --out out/public --public --days 2", "evidence verify out/pack",
)  # fmt: skip
PAGES = ("overview", "data", "calls")
MORE_PAGES = ("trend", "waiting", "what_if", "staffing", "model", "evidence", "glossary")


@dataclass
class Desk:
    """Planted logs, a place for all that is left, and what was shown."""

    folder: Path
    plants: Plants
    shown: list[tuple[str, str]]

    def kcas(self, *arguments: str) -> str:
        """Run a command here and note what it shows; a mistake of a person's is shown, too."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                every_command()(list(arguments), prog_name="kcas", standalone_mode=False)
            except (KcasError, SystemExit) as error:
                err.write(str(error))
            except Exception as error:  # usage, and exits
                err.write(f"{type(error).__name__}")
        self.shown.append((f"kcas {arguments[0]}", out.getvalue() + err.getvalue()))
        return out.getvalue()

    def everything(self) -> Iterator[tuple[str, str]]:
        """All that was shown, and all files but the logs themselves."""
        yield from self.shown
        for name in ("store", "out", "tmp", "copy", "home"):
            if (self.folder / name).exists():
                yield from ((f"{name}/{where}", text) for where, text in texts_under(self.folder / name))
        for path in self.folder.glob("store-*"):
            yield path.name, path.read_text(encoding="utf-8")


def at_home(settings: pytest.MonkeyPatch, folder: Path) -> None:
    """Let all that the program leaves lie in this folder."""
    for name, value in {
        "TMPDIR": folder / "tmp", "HOME": folder / "home", "XDG_CONFIG_HOME": folder / "home",
        "KCAS_STORE": folder / "store", "KCAS_KEY": folder / "home" / "token.key",
        "XDG_CACHE_HOME": kernel_folder.kernel_folder().parent.parent,  # machine code alone, which is not made again
    }.items():  # fmt: skip
        settings.setenv(name, str(value))
    settings.setattr("tempfile.tempdir", str(folder / "tmp"))
    settings.chdir(folder)


@pytest.fixture(scope="module")
def read_in(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The logs, read in by every door, with as much as can be told of each."""
    made = Desk(tmp_path_factory.mktemp("planted"), Plants(), [])
    for name in ("out", "tmp", "home"):
        (made.folder / name).mkdir()
    with pytest.MonkeyPatch.context() as settings:
        at_home(settings, made.folder)
        for number, (log, how) in enumerate(write_logs(made.folder / "logs", made.plants)):
            written = ["--refusals", f"out/refusals-{number}.csv", "--progress", f"out/progress-{number}.json"]
            made.kcas("ingest", str(log), *how, *written)
            made.kcas("ingest", str(log), *how, "--json")
            made.kcas("ingest", str(log), *how, "--strict", "--store", str(made.folder / "out" / f"strict-{number}"))
        made.kcas("watch", str(made.folder / "logs"), "--once")
    return made


@pytest.fixture
def desk(read_in: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A copy of it all, with all that was shown on the way."""
    folder = Path(shutil.copytree(read_in.folder, tmp_path / "desk"))
    at_home(monkeypatch, folder)
    return Desk(folder, read_in.plants, list(read_in.shown))


def look_for_plants(desk: Desk) -> None:
    found = found_in(desk.everything(), desk.plants.all)
    assert found == [], f"{len({plant for _, plant in found})} of {len(desk.plants.all)}: {found[:12]}"


def run_commands(desk: Desk, commands: tuple[str, ...]) -> None:
    for command in commands:
        desk.kcas(*command.split())


def open_pages(desk: Desk, pages: tuple[str, ...]) -> None:
    from streamlit.testing.v1 import AppTest

    for title in pages:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        if title != "overview":
            app.switch_page(f"kcas/dashboard/{title}.py").run()
        parts = [str(element.proto) for element in app.main] + [str(app.main), str(app.sidebar)]
        frames = [element.value.to_csv() for element in app.dataframe]
        desk.shown.append((f"page {title}", "\n".join([*parts, *frames, *(str(e.message) for e in app.exception)])))


def test_the_logs_plant_enough_and_are_read(desk: Desk) -> None:
    assert len(desk.plants.numbers) >= 500
    assert len(desk.plants.names) >= 300
    read = json.loads(desk.kcas("store", "--json"))["files"]
    assert {each["format"] for each in read} >= {
        "desk", "table", "asterisk_queue_log", "asterisk_queue_log_database", "avaya_ech", "avaya_ech_printed",
        "twilio_task_router", "freeswitch_callcenter",
    }  # fmt: skip
    assert sum(each["refused"] for each in read) > 100
    assert all(each["new"] or each["already_held"] for each in read)


def test_the_search_finds_a_number_or_name_that_was_left(desk: Desk) -> None:
    number, name = desk.plants.numbers[7], desk.plants.names[7]
    spaced = f"{number[:5]} {number[5:8]}-{number[8:]}"
    (desk.folder / "out" / "left.txt").write_text(f"by {name.upper()} on {spaced}")
    assert {plant for _, plant in found_in(desk.everything(), desk.plants.all)} == {number, name}


def test_none_is_found_before_and_after_forgetting(desk: Desk) -> None:
    run_commands(desk, COMMANDS)
    desk.kcas("store", "--publish", f"file://{desk.folder / 'copy'}")
    open_pages(desk, PAGES)
    look_for_plants(desk)
    caller = ask_for_a_caller(desk)
    desk.kcas("forget", "--before", "2026-03-03", "--now")
    desk.kcas("store", "--publish", f"file://{desk.folder / 'copy'}")
    run_commands(desk, COMMANDS)
    look_for_plants(desk)
    assert caller == 1


def ask_for_a_caller(desk: Desk) -> int:
    """Ask for a caller's calls, and erase the caller, in processes of their own; how many calls there were."""
    number = planted_rows(desk)[0][4]
    watched: list[str] = []
    stop = threading.Event()
    watcher = threading.Thread(target=watch_processes, args=(watched, stop))
    watcher.start()
    calls = -1
    for command in (["calls", "--json"], ["forget", "--json", "--now"], ["calls", "--json"]):
        done = subprocess.run(
            [sys.executable, "-m", "kcas", *command, "--caller", "-"], input=number + "\n", capture_output=True,
            text=True, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        desk.shown.append((" ".join(command), done.stdout + done.stderr))
        if command[0] == "calls":
            before, calls = calls, len(json.loads(done.stdout)["calls"])
    stop.set()
    watcher.join()
    desk.shown.append(("the arguments of processes", "\n".join(watched)))
    assert calls == 0
    return before


def planted_rows(desk: Desk) -> list[list[str]]:
    """The rows of the planted table of calls."""
    import csv

    (log,) = desk.folder.glob("logs/*.csv")
    with log.open(encoding="utf-8") as file:
        return [row for row in csv.reader(file) if len(row) == 11 and row[0] != "Ref"]


def watch_processes(seen: list[str], stop: threading.Event) -> None:
    """Note the arguments of every process there is, again and again; nothing where the system has no /proc."""
    while not stop.wait(0.02):
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                text = path.read_bytes().replace(b"\0", b" ").decode("utf-8", errors="replace")
                if "kcas" in text and text not in seen:
                    seen.append(text)


@pytest.mark.slow
def test_none_is_found_by_every_command_page_and_export(desk: Desk) -> None:
    for forgotten in (False, True):
        if forgotten:
            desk.kcas("forget", "--before", "2026-03-03", "--now")
            shutil.rmtree(desk.folder / "out")
            (desk.folder / "out").mkdir()
        run_commands(desk, (*COMMANDS, *MORE_COMMANDS))
        assert any('"files"' in text for command, text in desk.shown if command == "kcas evidence")
        open_pages(desk, (*PAGES, *MORE_PAGES))
        look_for_plants(desk)
