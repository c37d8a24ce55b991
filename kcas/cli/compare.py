"""`kcas compare`: each scenario against the first, day by day with common random numbers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.options import Json, StandardFile, Zone, scenario_file
from kcas.cli.printing import print_json, print_table, write_progress
from kcas.cli.simulate import (
    Backend,
    Engine,
    Jobs,
    Precision,
    Replications,
    Seed,
    duration,
    interval_words,
    points_words,
    projection,
    share_words,
)
from kcas.errors import SettingError

if TYPE_CHECKING:
    from kcas.simulation.estimate import Estimate
    from kcas.simulation.projection import Projection

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
    from kcas.cli.simulate import data_range_notes
    from kcas.simulation.projection import compared, difference_document, projection_document
    from kcas.simulation.scenario.file import read_scenario

    if len(files) < 2:
        raise SettingError("compare: expected two scenarios or more; the first is what the others are compared with.")
    for file in files:  # all of them first: no one should wait for one to hear that another is wrong
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
    look = progress is None  # the page that asks for progress looks at the store itself, and waits for the answer
    outside = {
        run.scenario.question: data_range_notes(run, baseline=first.scenario, look=look)
        for run in (first, *(r for _, r, _ in found))
    }
    if as_json:
        print_json(
            {
                "from": with_notes(projection_document(first, str(files[0])), first, outside),
                "scenarios": [
                    with_notes(difference_document(first, run, str(file)), run, outside) for file, run, _ in found
                ],
            }
        )
        return
    say_differences(first, found, outside)


def with_notes(said: dict[str, Any], run: Projection, outside: Mapping[str, list[str]]) -> dict[str, Any]:
    """A document with what it assumes, and where it goes beyond what data support."""
    from kcas.simulation.scenario.assumptions import assumptions

    found = outside[run.scenario.question]
    return said | {"notes": [*assumptions(run.scenario), *found], "beyond": found}


def progress_written(path: Path | None, *, number: int, of: int) -> Callable[[int, int], None] | None:
    """Keeps a file that says which share of all the days of all the scenarios is simulated."""
    if path is None:
        return None
    last = 0.0

    def told(done: int, days: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_EVERY:
            last = time.monotonic()
            write_progress(path, json.dumps({"done": number * days + done, "of": of * days}))

    return told


def say_differences(
    first: Projection, found: list[tuple[Path, Projection, dict[str, Estimate]]], outside: Mapping[str, list[str]]
) -> None:
    """Each scenario's rate and what it changes, per call and per person, and what stands behind it."""
    from kcas.cli.simulate import definitions
    from kcas.simulation.scenario.assumptions import assumptions

    runs = [(first, None), *((run, change["rate"]) for _, run, change in found)]
    vain = any(run.measure("callback").mean for run, _ in runs)
    rows = []
    for run, moved in runs:
        rate, level, waited = (run.measure(name).mean for name in ("rate", "service_level", "wait_all"))
        against = ("", "") if moved is None else (points_words(moved.mean), interval_words(moved, points_words))
        added = (share_words(run.measure("rate_with_unreached_callbacks").mean),) if vain else ()
        person = share_words(run.measure("rate_per_person").mean)
        rows.append(
            (run.scenario.question, share_words(rate), *against, *added, person, share_words(level), duration(waited))
        )
    added_heading = ("… with callbacks in vain",) if vain else ()
    headings = ("", "Abandoned", "Difference", "95% interval", *added_heading, "Never answered, per person",
                "Service level", "Mean time in queue")  # fmt: skip
    notes = list(dict.fromkeys(note for run, _ in runs for note in assumptions(run.scenario)))
    beneath = [
        f"MODEL, not observed. {first.replications} days each, seed {first.seed}: the same callers on the same days, "
        "so that little of a difference is chance; its 95% interval says how little.",
        *(f"{line[:-1]} in the first." for line in definitions(first)),
        *notes,
        *(f"{question} {line}" for question, lines in outside.items() for line in lines),
    ]
    print_table("Against the first scenario", headings=headings, rows=rows, beneath=beneath)
