"""Whom the dashboard answers, however it is started: this machine's names, with headers that keep a browser here."""

import http.client
import shutil
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.server.conftest import ROOT, Server

RUN = ("-m", "streamlit", "run")
QUIET = ("--server.port", "{port}", "--server.headless", "true")
STARTS = {
    "kcas dashboard": (),
    "streamlit run app.py": (*RUN, "app.py", *QUIET),
    "streamlit run kcas/dashboard/app.py": (*RUN, "kcas/dashboard/app.py", *QUIET),
}


def asked(server: Server, host: str, *, path: str = "/") -> tuple[int, dict[str, str]]:
    """The status and headers of an answer to this name."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest("GET", path, skip_host=True)
    connection.putheader("Host", host)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def websocket(server: Server, host: str, *, origin: str) -> int:
    """The status with which a websocket is opened, or refused, to this name from a page of this origin."""
    lines = (
        "GET /_stcore/stream HTTP/1.1", f"Host: {host}", f"Origin: {origin}", "Upgrade: websocket",
        "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol: streamlit",
    )  # fmt: skip
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall("\r\n".join((*lines, "", "")).encode())
        return int(line.recv(4096).split()[1])


def refuses_strangers(server: Server) -> None:
    """Our names are answered, with the headers; any other is not, nor is a page of another address."""
    own = f"localhost:{server.port}"
    for path in ("/", "/_stcore/health", "/_stcore/host-config", "/moved"):
        status, headers = asked(server, own, path=path)
        assert status == 200
        assert "connect-src 'self';" in headers["content-security-policy"]
        assert (headers["referrer-policy"], headers["x-content-type-options"]) == ("no-referrer", "nosniff")
        for host in ("evil.example", f"evil.example:{server.port}", f"127.0.0.1.nip.io:{server.port}"):
            assert asked(server, host, path=path)[0] == 421
    for host in (f"127.0.0.1:{server.port}", f"[::1]:{server.port}"):
        assert asked(server, host)[0] == 200
        assert websocket(server, host, origin=f"http://{host}") == 101
    assert websocket(server, "evil.example", origin="http://evil.example") == 403
    assert websocket(server, own, origin="http://evil.example") == 403
    assert websocket(server, own, origin="http://localhost:3000") == 403


@pytest.mark.parametrize("start", STARTS)
def test_strangers_are_refused_however_it_is_started(served: Callable[..., Server], year: Path, start: str) -> None:
    command: Sequence[str] = STARTS[start]
    refuses_strangers(served(command, settings={"KCAS_STORE": str(year)}))


@pytest.mark.slow
def test_strangers_are_refused_by_the_demo(served: Callable[..., Server], demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo / "store", tmp_path / "demo")
    shutil.copytree(demo / "store-logs", tmp_path / "demo-logs")
    command = ("-m", "kcas", "demo", "--no-browser", "--port", "{port}", "--store", str(tmp_path / "demo"))
    refuses_strangers(served(command, cwd=tmp_path))


def test_a_name_that_is_given_is_answered_too(served: Callable[..., Server], year: Path) -> None:
    command = ("-m", "kcas", "dashboard", "--no-browser", "--port", "{port}", "--store", str(year),
               "--allowed-host", "desk.example")  # fmt: skip
    server = served(command, cwd=ROOT)
    assert asked(server, "desk.example")[0] == 200
    assert websocket(server, "desk.example", origin="https://desk.example") == 101
    assert asked(server, "other.example")[0] == 421
