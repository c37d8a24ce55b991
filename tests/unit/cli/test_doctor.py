"""What `kcas doctor` finds: an installation in order, and each thing that may be wrong with one."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kcas.calls.store import Store
from kcas.cli.watch import heartbeat
from tests.unit.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[3]
LOG = "1772442000|1772441990.1|Duty|NONE|ENTERQUEUE||01632960004|1\n1772442009|1772441990.1|Duty|NONE|ABANDON|1|1|9\n"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kcas: Run) -> Path:
    """A store of one call, and its key next to it."""
    monkeypatch.setenv("KCAS_KEY", str(tmp_path / "token.key"))
    (tmp_path / "queue_log").write_text(LOG, encoding="utf-8")
    assert kcas("ingest", str(tmp_path / "queue_log"), "--store", str(tmp_path / "store"), "--json")[0] == 0
    return tmp_path / "store"


@pytest.fixture
def free() -> int:
    """A port that no program has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def looked(kcas: Run, store: Path, port: int, *more: str) -> tuple[int, dict[str, tuple[bool | None, str]]]:
    code, out, _ = kcas("doctor", "--store", str(store), "--port", str(port), "--json", *more)
    answer = json.loads(out)
    assert answer["ok"] is (code == 0)
    return code, {each["name"]: (each["ok"], each["words"]) for each in answer["checks"]}


def test_a_store_in_order_has_nothing_to_attend_to(kcas: Run, store: Path, free: int) -> None:
    code, checks = looked(kcas, store, free)
    assert code == 0
    assert checks["store"][0] is True
    assert ": 1 calls from 1 files" in checks["store"][1]
    assert checks["key"][0] is True
    assert checks["watch"] == (None, "none is at work on this store.")
    assert checks["port"] == (None, f"{free}: free; no dashboard runs there.")


def test_where_nothing_was_imported_yet_nothing_is_wrong(kcas: Run, tmp_path: Path, free: int) -> None:
    code, checks = looked(kcas, tmp_path / "none", free)
    assert (code, checks["store"][0], checks["newest import"][0]) == (0, None, None)


def test_another_key_than_the_stores_is_found(kcas: Run, store: Path, free: int) -> None:
    (store.parent / "token.key").write_text("ab" * 32, encoding="utf-8")
    (store.parent / "token.key").chmod(0o600)
    code, checks = looked(kcas, store, free)
    assert (code, checks["key"][0]) == (1, False)
    assert "but the store was written with" in checks["key"][1]


def test_a_lost_key_and_one_that_others_can_read_are_found(kcas: Run, store: Path, free: int) -> None:
    (store.parent / "token.key").chmod(0o644)
    assert "others can read this key" in looked(kcas, store, free)[1]["key"][1]
    (store.parent / "token.key").unlink()
    code, checks = looked(kcas, store, free)
    assert (code, checks["key"][0]) == (1, False)
    assert "there is none, but the store was written with" in checks["key"][1]


def test_settings_that_cannot_be_read_are_said_and_the_rest_is_looked_at(kcas: Run, store: Path, free: int) -> None:
    code, checks = looked(kcas, store, free, "--standard", "nowhere.toml")
    assert (code, checks["settings"]) == (1, (False, "nowhere.toml: there is no such file."))
    assert checks["store"][0] is True


def test_another_program_at_the_dashboards_port_is_found(kcas: Run, store: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = int(other.getsockname()[1])
        code, checks = looked(kcas, store, port)
    assert (code, checks["port"]) == (1, (False, f"{port}: another program has it. Choose another with --port."))


def test_a_recorded_error_of_the_program_is_found(kcas: Run, store: Path, free: int) -> None:
    store.with_name("store-faults.log").write_text("…\n", encoding="utf-8")
    assert looked(kcas, store, free)[1]["program errors"][0] is False


def test_a_watch_that_fell_silent_is_found(kcas: Run, store: Path, free: int) -> None:
    beat = heartbeat(Store(store))
    beat.touch()
    assert looked(kcas, store, free)[1]["watch"][0] is True
    an_hour_ago = time.time() - 3600
    os.utime(beat, (an_hour_ago, an_hour_ago))
    code, checks = looked(kcas, store, free)
    assert (code, checks["watch"][0]) == (1, False)
    assert checks["watch"][1].startswith("it last looked 60 minutes ago.")


def test_a_watch_at_work_beats_and_leaves_nothing_when_it_is_stopped(store: Path, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    words = [sys.executable, "-m", "kcas", "watch", str(tmp_path / "logs"), "--store", str(store)]
    beat = heartbeat(Store(store))
    with subprocess.Popen(words, env=os.environ | {"PYTHONPATH": str(ROOT)}) as watching:
        ends = time.monotonic() + 60
        while not beat.exists() and time.monotonic() < ends:
            time.sleep(0.1)
        seen = beat.exists()
        watching.send_signal(2)  # as Ctrl-C does
        watching.wait(60)
    assert seen
    assert not beat.exists()
