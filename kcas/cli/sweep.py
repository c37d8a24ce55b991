"""`kcas sweep`: two inputs changed together, each by several amounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from kcas.cli.compare import ProgressFile, progress_written
from kcas.cli.options import Json, StandardFile, Zone, the_standard
from kcas.cli.printing import print_json, print_table
from kcas.cli.simulate import Backend, Engine, File, Jobs, Replications, Seed, bar, number, share_words

if TYPE_CHECKING:
    from kcas.simulation.estimate import Estimate

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
    from kcas.cli.simulate import stored_range
    from kcas.simulation import sweep as library
    from kcas.simulation.projection import estimates
    from kcas.simulation.scenario.assumptions import assumptions
    from kcas.simulation.scenario.file import layers_of, merged, scenario_of

    tables = merged(layers_of(file), path=file)
    scenario = scenario_of(tables, where=str(file))
    x, y = library.axis(across), library.axis(down)
    desk = the_standard(standard, zone=zone)
    with bar(file.stem, quiet=as_json, of="pairs") as shown:
        found = library.sweep(
            tables, across=x, down=y, standard=desk, replications=replications, seed=seed, engine=engine, jobs=jobs,
            backend=backend, progress=progress_written(progress, number=0, of=1) or shown,
        )  # fmt: skip
    kept = None if progress else stored_range(scenario, standard=desk)
    outside = library.outside_data(tables, found, across=x, down=y, seen=kept)
    days = replications or scenario.run.replications
    if as_json:
        cells = [
            {"across": cell.across, "down": cell.down, "beyond": list(cell.beyond)} | estimates(dict(cell.measures))
            for cell in found
        ]
        print_json({"scenario": str(file), "across": x.key, "down": y.key, "replications": days,
                    "definition": desk.definition, "service_level_definition": desk.service_level,
                    "within": desk.within, "seed": scenario.run.seed if seed is None else seed, "cells": cells,
                    "notes": [*assumptions(scenario), *outside], "beyond": outside})  # fmt: skip
        return
    rows = [
        (f"{amount:g}", *(abandoned_words(cell.measures) for cell in found if cell.down == amount))
        for amount in y.amounts
    ]
    definition = the_definition(desk)
    beneath = [
        f"MODEL, not observed. Abandoned: {definition.words} ({definition.rate.key}), {days} days of each. Across: "
        f"{library.INPUTS[x.key]}. Beneath each share the calls a day it is made of; intervals: --json.",
        *assumptions(scenario),
        *outside,
    ]
    headings = (library.INPUTS[y.key], *(f"{amount:g}" for amount in x.amounts))
    print_table(scenario.question, headings=headings, rows=rows, beneath=beneath)


def abandoned_words(measures: Mapping[str, Estimate]) -> str:
    """The share abandoned, and beneath it the calls a day that it is made of."""
    above, below = measures["numerator"].mean, measures["denominator"].mean
    return f"{share_words(measures['rate'].mean)}\n{number(above)} of {number(below)}"
