"""Web server of the dashboard: this machine only, nothing fetched from elsewhere.

Guard of the dashboard's server: it answers to this machine's names only, and keeps a browser here.

A page on the web can have its own name point at 127.0.0.1 (DNS rebinding); its requests then bear that name in `Host`.
A page of another server on this machine can ask here too, by a websocket or a fetch; its requests then bear its
address in `Origin`.
"""

import ipaddress
import os
import re
import socket
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kcas.dashboard import libraries
from kcas.dashboard.job_requests import IMPORTS, SIMULATIONS
from kcas.errors import SettingError

HOSTS = "KCAS_HOSTS"
"""Further names that are answered, separated by commas: what a proxy before the dashboard passes on."""
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
HOST = re.compile(r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?")
MISDIRECTED = 421
"""HTTP's status for a request that came to a server of another name (RFC 9110, 15.5.20)."""
NOT_OURS = b"This dashboard does not answer to that name. Open it by the address that it printed when it was started.\n"
ELSEWHERE = b"This request comes from a page of another address, which may not read or change anything here.\n"

_OURS = "'self'"
POLICY = "; ".join(
    f"{what} {where}"
    for what, where in {
        "default-src": _OURS,
        "script-src": f"{_OURS} 'unsafe-inline' 'unsafe-eval'",  # Vega compiles its expressions
        "style-src": f"{_OURS} 'unsafe-inline'",
        "img-src": f"{_OURS} data: blob:",
        "font-src": f"{_OURS} data:",
        "connect-src": _OURS,  # its websocket included: CSP 3 lets ws: and wss: of the same host be 'self'
        "worker-src": f"{_OURS} blob:",
        "object-src": "'none'",
        "base-uri": _OURS,
        "form-action": _OURS,
        "frame-ancestors": _OURS,
    }.items()
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}


class Guarded:
    """An ASGI application that refuses foreign requests and sends the headers with everything it answers."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass on a request to one of our names, or refuse it."""

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in HEADERS]
                message = {**message, "headers": [*kept, *HEADERS.items()]}
            await send(message)

        kind = scope["type"]
        if kind not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif (host := _only(scope, b"host")) is None or not is_ours(host, names=allowed_names()):
            await _refuse(kind, guarded, status=MISDIRECTED, words=NOT_OURS)
        elif not _from_our_page(scope, host):
            await _refuse(kind, guarded, status=403, words=ELSEWHERE)
        else:
            await self.app(scope, receive, guarded)


async def _refuse(kind: str, send: Any, *, status: int, words: bytes) -> None:
    if kind == "websocket":  # closed before it is accepted: the server answers 403
        await send({"type": "websocket.close", "code": 1008, "reason": "not answered"})
        return
    length = str(len(words)).encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})


def _only(scope: Any, name: bytes) -> str | None:
    """A header that must be there once."""
    found = [value for key, value in scope["headers"] if key.lower() == name]
    return found[0].decode("latin-1").strip() if len(found) == 1 else None


def _from_our_page(scope: Any, host: str) -> bool:
    """Whether a request comes from our own page, or from no page: a browser always says from which."""
    if all(key.lower() != b"origin" for key, _ in scope["headers"]):
        return True
    origin = _only(scope, b"origin")
    if origin is None:
        return False
    try:
        page = urlsplit(origin)
    except ValueError:
        return False
    return page.scheme in ("http", "https") and page.netloc.lower() == host.lower()


def is_ours(host: str, *, names: Iterable[str] = OWN_NAMES) -> bool:
    """Whether a Host header names this server, whatever the port."""
    read = HOST.fullmatch(host)
    if read is None or int(read["port"] or 0) > 65_535:
        return False
    return plain_name(read["name"]) in names


def plain_name(name: str) -> str:
    """A host's name as it is compared: in small letters, without its last dot; an IPv6 address in its short form."""
    name = name.lower().removesuffix(".").strip("[]")
    try:
        return str(ipaddress.IPv6Address(name))
    except ValueError:
        return name


def allowed_names() -> frozenset[str]:
    """This machine's own names, and those that were given."""
    given = os.environ.get(HOSTS, "")
    return OWN_NAMES | {plain_name(name) for name in given.split(",") if name}


def allow(names: Sequence[str]) -> None:
    """Answer to these names too. Raises SettingError for what is no host's name."""
    for name in names:
        read = HOST.fullmatch(name)
        if read is None or read["port"]:
            raise SettingError(f"--allowed-host {name}: not the name of a host. Expected one like desk.example.")
    if names:
        os.environ[HOSTS] = ",".join(names)


_HERE = Path(__file__).resolve().parent
APP = _HERE / "app.py"
ROOT = _HERE.parents[1]
CONFIGS = (_HERE / "streamlit.toml", ROOT / ".streamlit" / "config.toml")
"""In an installation it lies in the package; beside the source, where `streamlit run app.py` looks for it."""


def serve(store: Path, *, port: int, browser: bool, hosts: Sequence[str] = ()) -> None:
    """Show the calls of a store until stopped, to requests by this machine's names and those of `hosts`.

    Raises SettingError where the port is taken, or a host's name is none.
    """
    allow(hosts)
    if port_in_use(port):
        raise SettingError(f"--port {port}: something listens there already. Choose another, like --port {port + 1}.")
    os.environ["KCAS_STORE"] = str(store.resolve())
    SIMULATIONS.get_ready()  # compiles the engine meanwhile, where that was never done
    import streamlit as st

    sys.argv = [str(ROOT / "app.py")]  # Streamlit puts this folder first among those that Python imports from
    app = st.App(APP, middleware=middleware())
    app.run(config={**settings(), "server.port": port, "server.headless": not browser})


def middleware() -> list[Any]:
    """What stands before the pages, once every library has been read: no port may open sooner."""
    from starlette.middleware import Middleware

    libraries.read_all()
    IMPORTS.forget_after_a_crash()
    return [Middleware(Guarded)]


def settings() -> dict[str, Any]:
    """The settings of .streamlit/config.toml, whatever folder one starts from, each by its whole name."""
    return dict(flat(tomllib.loads(next(path for path in CONFIGS if path.is_file()).read_text(encoding="utf-8"))))


def flat(table: Mapping[str, Any], *, within: str = "") -> Iterator[tuple[str, Any]]:
    """What a table of tables holds, by names like `theme.light.linkColor`."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from flat(value, within=f"{within}{name}.")
        else:
            yield f"{within}{name}", value


def port_in_use(port: int) -> bool:
    """Whether something listens on the port."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
