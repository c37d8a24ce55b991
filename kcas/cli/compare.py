"""`kcas compare`: what does each scenario change against the first, day by day on the same dice?"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.options import Json, StandardFile, Zone
from kcas.cli.printing import print_json, print_table
from kcas.cli.simulate import (
    Backend,
    Engine,
    Jobs,
    Precision,
    Replications,
    Seed,
    between,
    document,
    plainly,
    points,
    projection,
    share,
)
from kcas.errors import SettingError

if TYPE_CHECKING:
    from kcas.simulation.estimate import Estimate
    from kcas.simulation.projection import Projection

PROGRESS_EVERY = 0.1  # seconds

Files = Annotated[list[Path], typer.Argument(help="Scenarios; the first is what the others are compared with.")]
ProgressFile = Annotated[
    Path | None, typer.Option("--progress", help="Keep writing to this file how far it has got, for a program.")
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
    """What each scenario changes against the first, day by day on the same dice."""
    from kcas.simulation.projection import compared
    from kcas.simulation.scenario_file import read_scenario

    if len(files) < 2:
        raise SettingError("compare: expected two scenarios or more; the first is what the others are compared with.")
    for file in files:  # all of them first: nobody should wait for one to hear that another is wrong
        read_scenario(file)
    first = projection(
        files[0], replications, seed, engine, jobs, backend, precision, standard=standard, zone=zone, quiet=as_json,
        told=progress_written(progress, number=0, of=len(files)),
    )  # fmt: skip
    found = []
    for number, file in enumerate(files[1:], start=1):
        run = projection(
            file, first.replications, first.seed, engine, jobs, backend, None, standard=standard, zone=zone,
            quiet=as_json, told=progress_written(progress, number=number, of=len(files)),
        )  # fmt: skip
        found.append((file, run, compared(first, run)))
    if as_json:
        print_json(
            {
                "from": document(first, files[0]),
                "scenarios": [changed_document(first, run, file, change) for file, run, change in found],
            }
        )
        return
    say_differences(first, found)


def changed_document(first: Projection, run: Projection, file: Path, change: dict[str, Estimate]) -> dict[str, Any]:
    """One scenario's document with what it changes, of the whole and by type and half-hour where both have them."""
    from kcas.simulation.projection import compared

    def each(grouping: str) -> dict[str, dict[str, Any]]:
        names = {first.name(grouping, group): group for group in first.groups(grouping)}
        return {
            name: plainly(compared(first, run, grouping=grouping, group=group))
            for group in run.groups(grouping)
            if names.get(name := run.name(grouping, group)) == group
        }

    return document(run, file) | {
        "difference": plainly(change),
        "difference_by_type": each("by_type"),
        "difference_intervals": [{"start": start} | found for start, found in each("intervals").items()],
    }


def progress_written(path: Path | None, *, number: int, of: int) -> Callable[[int, int], None] | None:
    """Keeps a file that says which share of all the days of all the scenarios is simulated."""
    if path is None:
        return None
    last = 0.0

    def told(done: int, days: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_EVERY:
            last = time.monotonic()
            new = path.with_suffix(".new")
            new.write_text(json.dumps({"done": number * days + done, "of": of * days}), encoding="utf-8")
            new.replace(path)

    return told


def say_differences(first: Projection, found: list[tuple[Path, Projection, dict[str, Estimate]]]) -> None:
    """Each scenario's rate and what it changes."""
    rows = [(first.scenario.question, share(first.measure("rate").mean), "", "")]
    for _, run, change in found:
        moved = change["rate"]
        rows.append(
            (run.scenario.question, share(run.measure("rate").mean), points(moved.mean), between(moved, points))
        )
    beneath = [
        f"MODEL, not observed. {first.replications} days each, seed {first.seed}: the same callers on the same days, "
        "so that the differences are not chance.",
    ]
    headings = ("", "Abandoned", "Difference", "95 % interval")
    print_table("Against the first scenario", headings=headings, rows=rows, beneath=beneath)
