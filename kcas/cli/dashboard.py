"""`kcas dashboard` and `kcas demo`: the dashboard on a store, and on an invented year of calls."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from kcas.cli.options import StandardFile, StoreFolder, Zone
from kcas.desk.standard import DEFAULT_STORE, read_standard
from kcas.systems import shell_words

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
    if store is None and (shown := _demo_store()):
        from kcas.demo.prepare import STANDARD, key_file

        print_now(f"No calls are stored in {DEFAULT_STORE}. This opens the demo's invented calls, in {shown}.")
        store, standard = shown, standard or STANDARD
        os.environ.setdefault("KCAS_KEY", str(key_file(shown).resolve()))
    for name, value in (("KCAS_STANDARD", standard.resolve() if standard else None), ("KCAS_ZONE", zone)):
        if value is not None:
            os.environ[name] = str(value)
    from kcas.dashboard.server import serve

    serve(store or DEFAULT_STORE, port=port, browser=not no_browser, hosts=allowed_host or ())


def _demo_store() -> Path | None:
    """The demo's store in this folder, where there is one and no other store."""
    from kcas.calls.store import Store
    from kcas.demo.prepare import DEFAULT_STORE as DEMO_STORE

    return DEMO_STORE if Store(DEMO_STORE).exists and not Store(DEFAULT_STORE).exists else None


def demo(
    port: Port = PORT,
    no_browser: NoBrowser = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
    allowed_host: AllowedHosts = None,
) -> None:
    """Make sample logs (invented, and they say so), read them in and open the dashboard."""
    from kcas.demo.prepare import DEFAULT_STORE, STANDARD, key_file, prepare

    standard = standard or STANDARD
    desk = read_standard(standard, zone=zone)
    folder = store or DEFAULT_STORE
    prepare(folder, standard=desk, say=print_now)
    called = os.environ.get("KCAS_CALLED") or "kcas"
    of_it = shell_words("--store", folder)
    print_now(f"Has the rate moved? {called} since 2010-04-01 {of_it}")
    print_now(f"Week by week:       {called} measures --by week {of_it}")
    asked = shell_words("--standard", standard, "--out", f"{folder}-evidence")
    print_now(f"The evidence:       {called} evidence {of_it} {asked}")
    os.environ["KCAS_KEY"] = str(key_file(folder).resolve())  # a log uploaded there is read with the demo's own key
    print_now(f"The key of its callers is {key_file(folder)}: name it in KCAS_KEY to read another log into {folder}.")
    print_now(f"The dashboard is at http://127.0.0.1:{port} (Ctrl-C ends it).")
    dashboard(port=port, no_browser=no_browser, store=folder, standard=standard, zone=zone,
              allowed_host=allowed_host)  # fmt: skip


def print_now(sentence: str) -> None:
    """Tell at once, piped or not."""
    print(sentence, flush=True)
