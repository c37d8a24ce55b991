"""`kcas dashboard`: the calls of a store on the screen of this machine."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from kcas.cli.options import StandardFile, StoreFolder, Zone
from kcas.desk.standard import DEFAULT_STORE

PORT = 8501

Port = Annotated[int, typer.Option("--port", min=1024, max=65535, help="Port on this machine.")]
AllowedHosts = Annotated[
    list[str] | None,
    typer.Option("--allowed-host", help="Also answer to this host name, for use behind a proxy; may be repeated."),
]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Start the server without opening a browser.")]


def dashboard(
    port: Port = PORT,
    no_browser: NoBrowser = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
    allowed_host: AllowedHosts = None,
) -> None:
    """Open the dashboard on the store. It serves this machine only; stop it with Ctrl-C."""
    for name, value in (("KCAS_STANDARD", standard.resolve() if standard else None), ("KCAS_ZONE", zone)):
        if value is not None:
            os.environ[name] = str(value)
    from kcas.dashboard.server import serve

    serve(store or DEFAULT_STORE, port=port, browser=not no_browser, hosts=allowed_host or ())
