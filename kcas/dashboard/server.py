"""How does the dashboard reach a browser? On this machine only, with nothing fetched from anywhere else."""

import os
import socket
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kcas.dashboard import simulation_job
from kcas.errors import SettingError

HERE = Path(__file__).resolve().parent
APP = HERE / "app.py"
ROOT = HERE.parents[1]
CONFIGS = (HERE / "streamlit.toml", ROOT / ".streamlit" / "config.toml")
"""In an installation it lies in the package; beside the source, where `streamlit run app.py` looks for it."""
OURS = "'self'"
POLICY = "; ".join(
    f"{what} {where}"
    for what, where in {
        "default-src": OURS,
        "script-src": f"{OURS} 'unsafe-inline' 'unsafe-eval'",  # Vega compiles its expressions
        "style-src": f"{OURS} 'unsafe-inline'",
        "img-src": f"{OURS} data: blob:",
        "font-src": f"{OURS} data:",
        "connect-src": f"{OURS} ws: wss: data:",
        "worker-src": f"{OURS} blob:",
        "object-src": "'none'",
        "base-uri": OURS,
        "form-action": OURS,
        "frame-ancestors": OURS,
    }.items()
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}


class Guarded:
    """An ASGI application that sends these headers with everything, so that a browser asks nobody else."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass on a request, adding the headers to its answer."""

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *HEADERS.items()]
            await send(message)

        await self.app(scope, receive, guarded)


def serve(store: Path, *, port: int, browser: bool) -> None:
    """Show the calls of a store until stopped. Raises SettingError where the port is taken."""
    if taken(port):
        raise SettingError(f"--port {port}: something listens there already. Choose another, like --port {port + 1}.")
    os.environ["KCAS_STORE"] = str(store.resolve())
    import scipy.stats  # noqa: F401  (a second that the first reader of Waits would wait for)

    simulation_job.get_ready()  # compiles the engine meanwhile, where that was never done
    import streamlit as st
    from starlette.middleware import Middleware

    import kcas.evidence.wait_charts  # noqa: F401  (Altair and Polars, likewise)

    sys.argv = [str(ROOT / "app.py")]  # Streamlit puts this folder first among those that Python imports from
    app = st.App(APP, middleware=[Middleware(Guarded)])
    app.run(config={**settings(), "server.port": port, "server.headless": not browser})


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


def taken(port: int) -> bool:
    """Whether something listens on the port."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
