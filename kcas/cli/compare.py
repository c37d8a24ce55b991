"""`kcas compare` and `kcas sweep`: scenarios side by side, with common random numbers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import kcas
from kcas.cli.context import store_if_any
from kcas.cli.options import Json, StandardFile, Zone, percentage_points, scenario_file
from kcas.cli.printing import print_json, print_table, write_progress
from kcas.cli.simulate import (
    Backend,
    Engine,
    File,
    Jobs,
    Precision,
    Replications,
    Seed,
    bar,
    duration,
    interval_words,
    number,
    share_words,
    signed_points,
)

if TYPE_CHECKING:
    from kcas.api.simulation import Comparison
    from kcas.simulation.estimate import Estimate

PROGRESS_EVERY = 0.1  # seconds

Files = Annotated[
    list[Path],
    typer.Argument(parser=scenario_file, metavar="FILES...", help="Scenarios; the others are compared with the first."),
]
ProgressFile = Annotated[
    Path | None, typer.Option("--progress", help="Write progress to this file, for other programs.")
]


def compare(
    files: Files,
    replications: Replications = None,
    seed: Seed = None,
    engine: Engine = None,
    jobs: Jobs = 1,
    backend: Backend = None,
    precision: Precision = None,
    standard: StandardFile = None,
    zone: Zone = None,
    progress: ProgressFile = None,
    as_json: Json = False,
) -> None:
    """Compare scenarios with the first, day by day with the same simulated callers."""
    with bar("compare", quiet=as_json) as shown:
        comparison = kcas.compare(
            [kcas.Scenario.load(file, name=str(file)) for file in files],
            replications=replications,
            seed=seed,
            engine=engine,
            jobs=jobs,
            backend=backend,
            precision=percentage_points(precision, option="--precision"),
            observed=store_if_any(standard=standard, zone=zone),
            progress=progress_written(progress) or shown,
        )
    if as_json:
        print_json(comparison.to_dict())
    else:
        print_differences(comparison)


def progress_written(path: Path | None) -> Callable[[int, int], None] | None:
    """Keeps a file that says how much of the work is done."""
    if path is None:
        return None
    last = 0.0

    def step(done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_EVERY:
            last = time.monotonic()
            write_progress(path, json.dumps({"done": done, "of": of}))

    return step


def print_differences(comparison: Comparison) -> None:
    """Each scenario's rate and what it changes, per call and per person, and what it rests on."""
    from kcas.cli.simulate import definitions
    from kcas.simulation.scenario.assumptions import assumptions

    first, others = comparison.first.projection, comparison.others
    runs = [(comparison.first, None), *zip(others, (each["rate"] for each in comparison.differences()), strict=True)]
    vain = any(run.measure("callback").mean for run, _ in runs)
    rows = []
    for run, moved in runs:
        rate, level, waited = (run.measure(name).mean for name in ("rate", "service_level", "wait_all"))
        against = ("", "") if moved is None else (signed_points(moved.mean), interval_words(moved, signed_points))
        added = (share_words(run.measure("rate_with_unreached_callbacks").mean),) if vain else ()
        person = share_words(run.measure("rate_per_person").mean)
        question = run.projection.scenario.question
        rows.append((question, share_words(rate), *against, *added, person, share_words(level), duration(waited)))
    added_heading = ("… with callbacks in vain",) if vain else ()
    headings = ("", "Abandoned", "Difference", "95% interval", *added_heading, "Never answered, per person",
                "Service level", "Mean time in queue")  # fmt: skip
    notes = list(dict.fromkeys(note for run, _ in runs for note in assumptions(run.projection.scenario)))
    beneath = [
        f"MODEL, not observed. {first.replications} days each, seed {first.seed}: the same callers on the same days, "
        "so that little of a difference is chance; its 95% interval says how little.",
        *(f"{line[:-1]} in the first." for line in definitions(first)),
        *notes,
        *(f"{run.projection.scenario.question} {line}" for run, _ in runs for line in run.beyond),
    ]
    print_table("Against the first scenario", headings=headings, rows=rows, beneath=beneath)


AcrossOption = Annotated[str, typer.Option("--across", help="Change from column to column, such as agents=-2,0,2.")]
DownOption = Annotated[str, typer.Option("--down", help="Change from row to row, such as calls=0.9,1,1.1.")]


def sweep(
    file: File,
    across: AcrossOption = "agents=-2,-1,0,1,2",
    down: DownOption = "calls=0.9,1,1.1",
    replications: Replications = None,
    seed: Seed = None,
    engine: Engine = None,
    jobs: Jobs = 1,
    backend: Backend = None,
    progress: ProgressFile = None,
    standard: StandardFile = None,
    zone: Zone = None,
    as_json: Json = False,
) -> None:
    """Compare two changes in a grid, with the same simulated callers."""
    from kcas.calls.definitions import the_definition
    from kcas.simulation.sweep import INPUTS

    observed = store_if_any(standard=standard, zone=zone)
    with bar(file.stem, quiet=as_json, of="pairs") as shown:
        grid = kcas.sweep(
            kcas.Scenario.load(file, name=str(file)),
            across=across,
            down=down,
            replications=replications,
            seed=seed,
            engine=engine,
            jobs=jobs,
            backend=backend,
            observed=observed,
            progress=progress_written(progress) or shown,
        )
    if as_json:
        print_json(grid.to_dict())
        return
    x, y = grid.across, grid.down
    rows = [
        (f"{amount:g}", *(abandoned_words(cell.measures) for cell in grid.cells if cell.down == amount))
        for amount in y.amounts
    ]
    definition = the_definition(grid.standard)
    beneath = [
        f"MODEL, not observed. Abandoned: {definition.words} ({definition.rate.key}), {grid.replications} days of "
        f"each. Across: {INPUTS[x.key]}. Beneath each share the calls a day it is made of; intervals: --json.",
        *grid.notes,
    ]
    headings = (INPUTS[y.key], *(f"{amount:g}" for amount in x.amounts))
    print_table(grid.scenario.question, headings=headings, rows=rows, beneath=beneath)


def abandoned_words(measures: Mapping[str, Estimate]) -> str:
    """The share abandoned, and beneath it the calls a day that it is made of."""
    above, below = measures["numerator"].mean, measures["denominator"].mean
    return f"{share_words(measures['rate'].mean)}\n{number(above)} of {number(below)}"
