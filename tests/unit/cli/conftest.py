"""Run commands as a person would."""

from collections.abc import Callable

import pytest

from kcas.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def kcas(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command: its exit, its answer, what it said was wrong."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["kcas", *words])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run
