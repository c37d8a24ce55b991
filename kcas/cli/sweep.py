"""`kcas sweep`: what if two things changed at once, each by several amounts?"""

from __future__ import annotations

from typing import Annotated

import typer

from kcas.cli.compare import ProgressFile, progress_written
from kcas.cli.options import Json, StandardFile, Zone, the_standard
from kcas.cli.printing import print_json, print_table
from kcas.cli.simulate import Engine, File, Replications, Seed, plainly, share

AcrossOption = Annotated[str, typer.Option("--across", help="What changes from column to column, like agents=-2,0,2.")]
DownOption = Annotated[str, typer.Option("--down", help="What changes from row to row, like calls=0.9,1,1.1.")]


def sweep(
    file: File,
    across: AcrossOption = "agents=-2,-1,0,1,2",
    down: DownOption = "calls=0.9,1,1.1",
    replications: Replications = None,
    seed: Seed = None,
    engine: Engine = None,
    progress: ProgressFile = None,
    standard: StandardFile = None,
    zone: Zone = None,
    as_json: Json = False,
) -> None:
    """What every pair of two changes would lead to, on the same dice."""
    from kcas.simulation import sweep as library
    from kcas.simulation.scenario_file import layers_of, merged, scenario_of

    tables = merged(layers_of(file), path=file)
    scenario = scenario_of(tables, where=str(file))
    x, y = library.axis(across), library.axis(down)
    found = library.sweep(
        tables, across=x, down=y, standard=the_standard(standard, zone=zone), replications=replications, seed=seed,
        engine=engine, progress=progress_written(progress, number=0, of=1),
    )  # fmt: skip
    days = replications or scenario.run.replications
    if as_json:
        cells = [{"across": cell.across, "down": cell.down} | plainly(dict(cell.measures)) for cell in found]
        print_json({"scenario": str(file), "across": x.key, "down": y.key, "replications": days,
                    "seed": scenario.run.seed if seed is None else seed, "cells": cells})  # fmt: skip
        return
    rows = [
        (f"{amount:g}", *(share(cell.measures["rate"].mean) for cell in found if cell.down == amount))
        for amount in y.amounts
    ]
    beneath = [f"MODEL, not observed. Share abandoned, {days} days of each. Across: {library.INPUTS[x.key]}."]
    headings = (library.INPUTS[y.key], *(f"{amount:g}" for amount in x.amounts))
    print_table(scenario.question, headings=headings, rows=rows, beneath=beneath)
