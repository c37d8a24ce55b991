"""The sample logs, made once for all of this folder."""

from pathlib import Path

import pytest

from kcas.demo.prepare import SampleLogs, write_logs


@pytest.fixture(scope="package")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleLogs:
    """The whole invented year, as written by the demo."""
    folder: Path = tmp_path_factory.mktemp("demo")
    return write_logs(folder)
