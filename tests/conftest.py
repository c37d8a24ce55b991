"""What every test may ask for."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from kcas.systems import one_thread_for_matrices

one_thread_for_matrices()  # as every command does; workers side by side would wait for each other's threads

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real logs and reference numbers beside the project; tests that want it skip where it is not."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here: real logs and reference numbers were not tried")
    return SHARED


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On the build machine (KCAS_BROWSER=required) a browser test that was skipped has failed."""
    report = yield
    if report.skipped and item.get_closest_marker("browser") and os.environ.get("KCAS_BROWSER") == "required":
        report.outcome, report.longrepr = "failed", f"no browser, but one is required: {report.longrepr}"
    return report
