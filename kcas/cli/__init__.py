"""The command line: reads well for a person, and gives one JSON document to a program.

Each command's module imports its libraries inside the command, so that `kcas --help` answers at once.
"""

import os
import sys
import warnings
from collections.abc import Callable
from functools import cache
from typing import Annotated, TextIO

import typer

from kcas import __version__
from kcas.cli import (
    alerts,
    calibrate,
    chart,
    compare,
    dashboard,
    doctor,
    evidence,
    exact,
    explain,
    forecast,
    ingest,
    key,
    mapping,
    measures,
    rebase,
    simulate,
    staff,
    store,
    today,
)
from kcas.cli.options import StandardFile, StoreFolder, Zone
from kcas.cli.printing import say_beside
from kcas.cli.watch import watch
from kcas.errors import KcasError, OldSpelling
from kcas.systems import one_thread_for_matrices, use_utf_8

STOPPED = 130
"""The exit of a command that Ctrl-C has ended, as shells know it."""

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def tell_version(asked: bool) -> None:
    """Show the version and exit."""
    if asked:
        print(f"kcas {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=tell_version, is_eager=True, help="Show the version and exit.")
]


@app.callback()
def kcas(store: StoreFolder = None, standard: StandardFile = None, zone: Zone = None, version: Version = False) -> None:
    """Abandoned calls at a contact centre: measure the rate, monitor it, and model what would reduce it."""
    say_beside(())
    for name, value in (("KCAS_STORE", store), ("KCAS_STANDARD", standard), ("KCAS_ZONE", zone)):
        if value is not None:  # given before the command's name: the command, and any child of it, finds it here
            os.environ[name] = str(value)


app.command("demo")(dashboard.demo)
app.command("ingest")(ingest.ingest)
app.command("watch")(watch)
app.add_typer(mapping.mapping, name="mapping")
app.command("measures")(measures.measures)
app.command("calls")(measures.calls)
app.command("patience")(measures.patience)
app.command("chart")(chart.chart)
app.command("since")(chart.since_when)
app.add_typer(rebase.rebase, name="rebase")
app.command("alerts")(alerts.alerts)
app.command("store")(store.store)
app.command("forget")(store.forget)
app.add_typer(key.key, name="key")
app.command("doctor")(doctor.doctor)
app.command("dashboard")(dashboard.dashboard)
app.add_typer(exact.exact, name="exact")
app.command("simulate")(simulate.simulate)
app.command("compare")(compare.compare)
app.command("sweep")(compare.sweep)
app.command("explain")(explain.explain)
app.command("staff")(staff.staff)
app.command("calibrate")(calibrate.calibrate)
app.command("forecast")(forecast.forecast)
app.command("today")(today.today)
app.command("backtest")(calibrate.backtest)
app.add_typer(simulate.scenario, name="scenario")
app.add_typer(evidence.evidence, name="evidence")


@cache
def every_command() -> Callable[..., object]:
    """The commands as they are parsed, put together once: a process that rehearses one need not do so again."""
    return typer.main.get_command(app)


def show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning about a person's file as a sentence, and any other as Python does."""
    if issubclass(category, OldSpelling):
        print(message, file=sys.stderr)
    else:
        print(warnings.formatwarning(message, category, filename, lineno, line), end="", file=file or sys.stderr)


def main() -> None:
    """Run the command line; a person's mistake is said in a line or two, never with a traceback."""
    use_utf_8()
    one_thread_for_matrices()
    try:
        try:
            with warnings.catch_warnings():
                warnings.showwarning = show_warning
                every_command()(prog_name="kcas")
        finally:
            sys.stdout.flush()  # here, where a full disk is told in words
    except KcasError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if error.filename is not None:  # no stream's, but a file's: the code that opened it should have reported it
            raise
        print(f"The output cannot be written: {error.strerror}.", file=sys.stderr)
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (what is left is not tried again)
        sys.exit(1)
    except SystemExit as end:
        if end.code == STOPPED:
            print("Stopped.", file=sys.stderr)
        raise
