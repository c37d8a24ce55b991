"""The dashboard as a process of its own, on the invented year."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0
"""Seconds for the server to open its port, on a busy machine."""


@dataclass
class Server:
    """A dashboard that runs."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def answers(self) -> bool:
        """Whether it answers within ten seconds that it is well."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_stcore/health", timeout=10) as told:
                return bool(told.status == 200)
        except OSError:
            return False

    def end(self) -> int:
        """End it as Ctrl-C does; its exit code. Raises TimeoutExpired where it pays no heed."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@pytest.fixture(scope="session")
def year(demo: Path) -> Path:
    """The demo's invented year, read in."""
    return demo / "store"


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@pytest.fixture
def served(year: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a dashboard, by its own command or another, with two threads for Polars; ended with the test."""
    started: list[Server] = []

    def start(command: Sequence[str] = (), *, settings: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Server:
        port = free_port()
        words = command or ("-m", "kcas", "dashboard", "--no-browser", "--port", "{port}", "--store", str(year))
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "POLARS_MAX_THREADS": "2", **(settings or {})}
        for name in ("KCAS_STANDARD", "KCAS_ZONE", "KCAS_HOSTS"):
            if name not in (settings or {}):
                environment.pop(name, None)
        log = tmp_path / f"server-{port}.log"
        with log.open("wb") as told:
            child = subprocess.Popen(
                [sys.executable, *(word.format(port=port) for word in words)], cwd=cwd, env=environment, stdout=told,
                stderr=told, start_new_session=True,
            )  # fmt: skip
        server = Server(port, child, log)
        started.append(server)
        until = time.monotonic() + PATIENCE
        while not server.answers():
            assert child.poll() is None, log.read_text(errors="replace")[-3000:]
            assert time.monotonic() < until, log.read_text(errors="replace")[-3000:]
            time.sleep(0.1)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait(timeout=30)
