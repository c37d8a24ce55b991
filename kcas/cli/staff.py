"""`kcas staff`: the fewest agents that keep to a target, the cheapest shifts that cover them, and the proof."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import kcas
from kcas.cli.compare import ProgressFile, progress_written
from kcas.cli.options import Json, StandardFile, Zone, duration, percentage, scenario_file
from kcas.cli.printing import print_json, print_sentences, print_table
from kcas.cli.simulate import File, Replications, Seed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

Target = Annotated[str | None, typer.Option("--target", help="Highest share abandoned, such as 5%.")]
Level = Annotated[str | None, typer.Option("--service-level", help="Lowest share answered in time, such as 80%.")]
_Within = Annotated[
    str | None, typer.Option("--within", help="Service-level time, such as 20 s; default: from the settings.")
]
Confidence = Annotated[
    str | None,
    typer.Option(
        "--confidence", help="Share of days that must meet the target, such as 90%; default: in the long run."
    ),
]
Each = Annotated[str, typer.Option("--each", help="day, or half-hour: then every interval must meet the target.")]
Teams = Annotated[list[str] | None, typer.Option("--team", help="Only this team's agents; may be repeated.")]
Shifts = Annotated[
    Path | None, typer.Option("--shifts", parser=scenario_file, metavar="FILE", help="Shift patterns, a TOML file.")
]
Heads = Annotated[int | None, typer.Option("--most-heads", help="Largest number of people.")]
Cost = Annotated[float | None, typer.Option("--cost-per-hour", help="Cost of a paid hour.")]
Limit = Annotated[
    float, typer.Option("--time-limit", help="Time limit for choosing shifts, in seconds.", min=1, max=600)
]
More = Annotated[int, typer.Option("--further", help="Number of further agents to evaluate.", min=0, max=20)]
Bought = Annotated[
    Path | None,
    typer.Option("--bought", parser=scenario_file, metavar="FILE",
                 help="Scenario with more agents, to show the effect of its extra spending."),
]  # fmt: skip
Weekday = Annotated[
    str | None,
    typer.Option("--weekday", help="Only this weekday, with its own calls and roster; default: one roster for all."),
]
_Out = Annotated[Path | None, typer.Option("--out", help="Write the roster as a scenario to this file.")]


def staff(
    file: File,
    target: Target = None,
    service_level: Level = None,
    within: _Within = None,
    confidence: Confidence = None,
    each: Each = "day",
    team: Teams = None,
    weekday: Weekday = None,
    shifts: Shifts = None,
    most_heads: Heads = None,
    cost_per_hour: Cost = None,
    time_limit: Limit = 20.0,
    further: More = 5,
    bought: Bought = None,
    replications: Replications = None,
    seed: Seed = None,
    out: _Out = None,
    progress: ProgressFile = None,
    standard: StandardFile = None,
    zone: Zone = None,
    as_json: Json = False,
) -> None:
    """Find the minimum agents needed to meet a target and the cheapest shifts, tested by simulation."""
    from kcas.desk.standard import read_standard
    from kcas.staffing.roster_file import refuse_to_overwrite

    if out is not None:
        refuse_to_overwrite(out)
    with progress_reporter(progress, quiet=as_json) as shown:
        plan = kcas.plan_staff(
            kcas.Scenario.load(file, name=str(file)),
            target=percentage(target, option="--target"),
            service_level=percentage(service_level, option="--service-level"),
            within=duration(within, option="--within"),
            confidence=percentage(confidence, option="--confidence"),
            each=each,
            teams=tuple(team or ()),
            weekday=weekday.strip().lower() if weekday else None,
            shifts=shifts,
            most_heads=most_heads,
            cost_per_hour=cost_per_hour,
            time_limit=time_limit,
            further=further,
            bought=kcas.Scenario.load(bought, name=str(bought)) if bought else None,
            replications=replications,
            seed=seed,
            standard=read_standard(standard, zone=zone),
            progress=shown,
        )
    if out is not None:
        plan = plan.save(out)
    if as_json:
        print_json(plan.to_dict())
    else:
        print_plan(plan.report)


@contextmanager
def progress_reporter(path: Path | None, *, quiet: bool) -> Iterator[Callable[[float, str], None]]:
    """A progress bar on the terminal, or a file for a program; nothing where the output is piped."""
    to_file = progress_written(path)
    if to_file is not None:
        yield lambda share, _words: to_file(round(share * 1000), 1000)
        return
    if quiet or not sys.stderr.isatty():
        yield lambda _share, _words: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("staff", total=1.0)
        yield lambda share, words: shown.update(task, completed=share, description=words)


def print_plan(report: Mapping[str, Any]) -> None:
    """The plan for a person."""
    from kcas.reporting import staffing

    beneath = [*staffing.proofs(report), "", staffing.staffing_provenance(report), *report["notes"]]
    if report["theory"]["why"]:
        beneath.append(f"Found by simulation alone: {report['theory']['why']}")
    print_frame(staffing.requirement_headline(report), staffing.required_half_hours(report), beneath)
    if report["roster"]:
        print_frame(staffing.roster_words(report), staffing.shifts(report), [])
        print_frame("Who works on which days", staffing.roster_weeks(report), [])
    if len(report["further"]["today"]) > 1:
        team = report["further"]["team"]
        print_frame(
            f"Further agents in team {team}, all day, from today's",
            staffing.marginal_values(report, start="today"),
            [],
        )
        print_frame("… and from the plan's", staffing.marginal_values(report, start="roster"), [])
    if report["bought"]:
        print_sentences(staffing.bought_words(report), title=f"What {report['bought_scenario']} buys")
    if report["out"]:
        print_sentences([f"Written to {report['out']}. Check it with: kcas simulate {report['out']}"])


def print_frame(title: str, frame: pl.DataFrame, beneath: list[str]) -> None:
    """A frame as a table for a person."""
    rows = [[str(cell) for cell in row] for row in frame.iter_rows()]
    print_table(title, headings=frame.columns, rows=rows, beneath=beneath)
