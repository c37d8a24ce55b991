"""What every test may ask for, and what each of them costs (`--cost`)."""

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from kcas.systems import one_thread_for_matrices, try_lock, unlock
from tests.commands import end_server, time_of_server

one_thread_for_matrices()  # as every command does; workers side by side would wait for each other's threads

SHARED = Path(__file__).resolve().parents[2] / "shared"
COST = "processor seconds"
LISTED = 60
"""Files and tests listed by `--cost`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--cost`."""
    parser.addoption("--cost", action="store_true", help="list the files and tests that take most processor time")


def processor_seconds() -> float:
    """Processor time of this process and of all it started and that have ended: unlike time on a clock, the same on
    a busy machine."""
    return sum(os.times()[:4]) + time_of_server()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real logs and reference numbers beside the project; tests that want it skip where it is not."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here: real logs and reference numbers were not tried")
    return SHARED


def made_once(name: str, make: Callable[[Path], None], factory: pytest.TempPathFactory) -> Path:
    """A folder that the first of the processes that run these tests has filled; for all to read and none to change."""
    own = factory.getbasetemp()
    base = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with (base / f"{name}.lock").open("a+", encoding="utf-8") as lock:
        while not try_lock(lock):
            time.sleep(0.1)
        if not (base / name).exists():
            unfinished = base / f"{name}.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(base / name)
        unlock(lock)
    return base / name


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's folder: `store` with the invented year, `store-logs`, and in `said.txt` what it says on the way."""

    def make(folder: Path) -> None:
        from kcas.demo.prepare import STANDARD, prepare
        from kcas.desk.standard import read_standard

        with (folder / "said.txt").open("w", encoding="utf-8") as said:
            prepare(folder / "store", standard=read_standard(STANDARD), say=lambda sentence: print(sentence, file=said))

    return made_once("demo", make, tmp_path_factory)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On the build machine (KCAS_BROWSER=required) a browser test that was skipped has failed."""
    report = yield
    if report.skipped and item.get_closest_marker("browser") and os.environ.get("KCAS_BROWSER") == "required":
        report.outcome, report.longrepr = "failed", f"no browser, but one is required: {report.longrepr}"
    return report


class Clock:
    """Processor time of every phase of every test, added up by file where the reports come together."""

    def __init__(self) -> None:
        self.before = processor_seconds()
        self.by_test: Counter[str] = Counter()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note what has passed since the phase before."""
        report = yield
        now = processor_seconds()
        report.user_properties.append((COST, now - self.before))
        self.before = now
        return report

    def pytest_collection_finish(self) -> None:
        """Collection is no test's cost."""
        self.before = processor_seconds()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a phase to its test."""
        self.by_test[report.nodeid] += sum(float(str(value)) for name, value in report.user_properties if name == COST)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List the dearest."""
        by_file: Counter[str] = Counter()
        for test, seconds in self.by_test.items():
            by_file[test.partition("::")[0]] += seconds
        terminalreporter.section(f"{COST}: {self.by_test.total():.0f} in all, collection and starting aside")
        for costs in (by_file, self.by_test):
            for name, seconds in costs.most_common(LISTED):
                if seconds < 0.1:
                    break
                terminalreporter.write_line(f"{seconds:8.1f}  {name}")
            terminalreporter.write_line("")


def pytest_sessionfinish() -> None:
    """No process outlives the tests."""
    end_server()


def pytest_configure(config: pytest.Config) -> None:
    """Start the clock where it is asked for."""
    if config.getoption("--cost"):
        config.pluginmanager.register(Clock())
