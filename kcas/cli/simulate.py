"""`kcas simulate` and `kcas scenario check`: a scenario over many days, and what it assumes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import kcas
from kcas.cli.context import store_if_any
from kcas.cli.options import Json, StandardFile, Zone, percentage_points, scenario_file
from kcas.cli.printing import in_seconds, percent, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kcas.simulation.estimate import Estimate
    from kcas.simulation.projection import Projection


File = Annotated[
    Path,
    typer.Argument(
        parser=scenario_file, metavar="FILE", show_default=False,
        help="Scenario: a TOML file, or the name of one that came with kcas, such as today.",
    ),
]  # fmt: skip
Replications = Annotated[int | None, typer.Option("--replications", help="Simulated days.", min=1)]
Seed = Annotated[
    int | None, typer.Option("--seed", help="Random seed: the same seed gives the same simulated callers.", min=0)
]
Engine = Annotated[str | None, typer.Option("--engine", help="compiled or simpy; default: the faster one.")]
Jobs = Annotated[int, typer.Option("--jobs", help="Number of processes.", min=1)]
Backend = Annotated[str | None, typer.Option("--backend", help="Dask scheduler to run on: dask://HOST:PORT.")]
Precision = Annotated[
    str | None, typer.Option("--precision", help="Simulate until the rate's interval is this narrow, such as 0.5pp.")
]
CallsFile = Annotated[Path | None, typer.Option("--calls", help="Write every simulated call to this Parquet file.")]

_SHOWN = (
    "offered", "answered", "abandoned", "callback", "voicemail", "overflowed", "timed_out", "no_agents", "failed",
    "open", "left_ivr", "blocked", "self_served", "redials", "callbacks_reached", "callbacks_not_reached",
    "people", "people_never_answered",
)  # fmt: skip
ALWAYS = ("offered", "answered", "abandoned", "people", "people_never_answered")
_SHARES = ("rate", "rate_with_unreached_callbacks", "rate_per_person", "service_level", "occupancy")
_TIMES = ("average_speed_of_answer", "wait_all", "average_handle_time")
_COUNTED = {"left_ivr": "Hung up in the menu", "blocked": "Met a busy tone", "self_served": "Helped by the menu"}
_WORDS = {
    "rate": "Abandoned, per call", "rate_with_unreached_callbacks": "… with callbacks that reached no one added",
    "rate_per_person": "Never answered, per person", "service_level": "Service level",
    "occupancy": "Agents' time on calls", "average_speed_of_answer": "Average speed of answer (answered calls)",
    "wait_all": "Mean time in queue (all who joined)", "average_handle_time": "Average handling time",
}  # fmt: skip

scenario = typer.Typer(no_args_is_help=True, help="Check scenario files.")


def simulate(
    file: File,
    replications: Replications = None,
    seed: Seed = None,
    engine: Engine = None,
    jobs: Jobs = 1,
    backend: Backend = None,
    precision: Precision = None,
    calls: CallsFile = None,
    standard: StandardFile = None,
    zone: Zone = None,
    as_json: Json = False,
) -> None:
    """Simulate a scenario over many days and report the results with intervals."""
    points = percentage_points(precision, option="--precision")
    with bar(file.stem, quiet=as_json) as progress:
        run = kcas.simulate(
            kcas.Scenario.load(file, name=str(file)),
            replications=replications,
            seed=seed,
            engine=engine,
            jobs=jobs,
            backend=backend,
            precision=points,
            observed=store_if_any(standard=standard, zone=zone),
            calls=calls,
            progress=progress,
        )
    if as_json:
        print_json(run.to_dict())
    else:
        print_simulation(run.projection, [*definitions(run.projection), *run.notes])


@scenario.command("check")
def check(file: File, as_json: Json = False) -> None:
    """List the assumptions of a scenario file in words, or what is wrong with it."""
    from kcas.simulation.scenario.assumptions import assumptions, explained

    checked = kcas.Scenario.load(file).checked
    if as_json:
        print_json({"scenario": str(file), "question": checked.question, "says": explained(checked),
                    "notes": assumptions(checked)})  # fmt: skip
        return
    for line in (checked.question, "", *explained(checked), "", *assumptions(checked)):
        print(line)


@contextmanager
def bar(
    name: str, *, quiet: bool, of: str = "days", done: str = "simulated"
) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on the terminal; nothing where the output is piped or is for a program."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(f"{name}: {of} {done}")
        yield lambda so_far, of: shown.update(task, completed=so_far, total=of)


def print_simulation(run: Projection, notes: list[str]) -> None:
    """The run for a person: counts a day, then rates, with their intervals."""
    measures = run.measures()
    rows = [
        (
            _COUNTED.get(name, name.replace("_", " ").capitalize()) + ", a day",
            number(each.mean),
            interval_words(each, number),
        )
        for name in _SHOWN
        if (each := measures[name]).mean or name in ALWAYS
    ]
    rows += [
        (_WORDS[name], share_words(measures[name].mean), interval_words(measures[name], share_words))
        for name in _SHARES
    ]
    rows += [(_WORDS[name], duration(measures[name].mean), interval_words(measures[name], duration)) for name in _TIMES]
    beneath = [
        f"MODEL, not observed. {run.replications} days simulated on the {run.engine} engine, seed {run.seed}, in "
        f"{run.seconds:.1f} s. Intervals hold the long-run mean with 95% confidence.",
        *notes,
    ]
    print_table(run.scenario.question, headings=("", "Mean", "95% interval"), rows=rows, beneath=beneath)


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"


def share_words(value: float | None) -> str:
    return percent(value, none="–")


def signed_points(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.1f} points"


def duration(value: float | None) -> str:
    return in_seconds(value, none="–")


def interval_words(each: Estimate, words: Callable[[float | None], str]) -> str:
    return "" if each.low is None else f"{words(each.low)} to {words(each.high)}"


def definitions(run: Projection) -> list[str]:
    """What the rate and the service level are made of, and both halves of each, a day."""
    from kcas.calls.definitions import the_definition, the_service_level

    definition, level = the_definition(run.standard), the_service_level(run.standard)
    lost, of = (run.measure(name).mean or 0.0 for name in ("numerator", "denominator"))
    in_time, out_of = (run.measure(f"service_level_{name}").mean or 0.0 for name in ("numerator", "denominator"))
    return [
        f"Abandoned: {definition.words} ({definition.rate.key}); {lost:,.1f} of {of:,.1f} a day.",
        f"Service level: {level.words} ({level.key}); {in_time:,.1f} of {out_of:,.1f} a day.",
    ]
