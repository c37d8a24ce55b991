"""How does the dashboard reach a browser? On this machine only, with nothing fetched from anywhere else."""

import os
import socket
import sys
import tomllib
from pathlib import Path
from typing import Any

from kcas.dashboard import simulation_job
from kcas.errors import SettingError

APP = Path(__file__).resolve().parents[2] / "app.py"
CONFIG = APP.parent / ".streamlit" / "config.toml"
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

    sys.argv = [str(APP)]  # Streamlit looks for its settings beside what was started
    app = st.App(APP, middleware=[Middleware(Guarded)])
    app.run(config={**settings(), "server.port": port, "server.headless": not browser})


def settings() -> dict[str, Any]:
    """The settings of .streamlit/config.toml that are not the theme's, whatever folder one starts from."""
    table = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    return {f"{part}.{key}": value for part in ("server", "browser", "client") for key, value in table[part].items()}


def taken(port: int) -> bool:
    """Whether something listens on the port."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
