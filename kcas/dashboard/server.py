"""Web server of the dashboard: this machine only, nothing fetched from elsewhere."""

import os
import socket
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kcas.dashboard import guard, import_job, libraries, simulation_job
from kcas.errors import SettingError

HERE = Path(__file__).resolve().parent
APP = HERE / "app.py"
ROOT = HERE.parents[1]
CONFIGS = (HERE / "streamlit.toml", ROOT / ".streamlit" / "config.toml")
"""In an installation it lies in the package; beside the source, where `streamlit run app.py` looks for it."""


def serve(store: Path, *, port: int, browser: bool, hosts: Sequence[str] = ()) -> None:
    """Show the calls of a store until stopped, to requests by this machine's names and those of `hosts`.

    Raises SettingError where the port is taken, or a host's name is none.
    """
    guard.allow(hosts)
    if port_in_use(port):
        raise SettingError(f"--port {port}: something listens there already. Choose another, like --port {port + 1}.")
    os.environ["KCAS_STORE"] = str(store.resolve())
    simulation_job.get_ready()  # compiles the engine meanwhile, where that was never done
    import streamlit as st

    sys.argv = [str(ROOT / "app.py")]  # Streamlit puts this folder first among those that Python imports from
    app = st.App(APP, middleware=middleware())
    app.run(config={**settings(), "server.port": port, "server.headless": not browser})


def middleware() -> list[Any]:
    """What stands before the pages, once every library has been read: no port may open sooner."""
    from starlette.middleware import Middleware

    libraries.read_all()
    import_job.forget_after_a_crash()
    return [Middleware(guard.Guarded)]


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
