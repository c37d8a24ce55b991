"""`kcas evidence`: a folder that a report writer attaches as it stands, and the check that nothing was altered."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.options import (
    AsAt,
    Json,
    Queues,
    StandardFile,
    StoreFolder,
    Until,
    Zone,
    day,
    duration,
    moment,
    the_queues,
    the_rate,
    the_standard,
    the_store,
)
from kcas.cli.printing import print_json, print_sentences, print_table, write_progress
from kcas.desk.standard import DEFAULT_STORE
from kcas.errors import SettingError

if TYPE_CHECKING:
    from kcas.evidence.facts import Facts
    from kcas.evidence.verify import Verified

evidence = typer.Typer(help="Create or verify an evidence pack: a folder that anyone can check.")

_Out = Annotated[Path | None, typer.Option("--out", help="New folder for the pack.", show_default=False)]
Public = Annotated[
    bool, typer.Option("--public/--internal", help="Withhold small counts and calls, or include all of them.")
]
Changed = Annotated[
    str | None,
    typer.Option("--since", help="Day of the change that the evidence is about; default: from the settings."),
]
From = Annotated[str | None, typer.Option("--from", help="First day covered.")]
_Key = Annotated[str | None, typer.Option("--definition", help="Definition of the abandonment rate.")]
Short = Annotated[str | None, typer.Option("--short", help='Short-abandonment threshold, such as "5 s".')]
Level = Annotated[str | None, typer.Option("--service-level", help="Definition of the service level.")]
_Within = Annotated[str | None, typer.Option("--within", help='The service level\'s time, like "20 s".')]
Days = Annotated[int, typer.Option("--days", help="Simulated days per scenario.", min=2, max=10_000)]
Seed = Annotated[
    int, typer.Option("--seed", help="Random seed: the same seed gives the same simulated callers.", min=0)
]
Scenarios = Annotated[
    Path | None, typer.Option("--scenarios", envvar="KCAS_SCENARIOS", help="Folder of the scenario files.")
]
Revises = Annotated[Path | None, typer.Option("--revises", help="Folder of an earlier pack that this one corrects.")]
ProgressFile = Annotated[
    Path | None, typer.Option("--progress", help="Write progress to this file, for other programs.")
]


@evidence.callback(invoke_without_command=True)
def make(
    context: typer.Context,
    out: _Out = None,
    public: Public = True,
    since: Changed = None,
    first: From = None,
    until: Until = None,
    queue: Queues = None,
    definition: _Key = None,
    short: Short = None,
    service_level: Level = None,
    within: _Within = None,
    days: Days = 200,
    seed: Seed = 2010,
    scenarios: Scenarios = None,
    revises: Revises = None,
    as_at: AsAt = None,
    as_json: Json = False,
    progress: ProgressFile = None,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Make the pack: a narrative, tables, charts and their provenance, the same bytes whenever it is made again."""
    if context.invoked_subcommand:
        return
    if out is None:
        raise SettingError("--out: expected a new folder for the pack, like --out evidence-2010.")
    from kcas.evidence.facts import Inputs, PackRequest
    from kcas.evidence.folder import make as made
    from kcas.evidence.folder import refuse_if_taken, write
    from kcas.simulation.scenario.folder import shipped

    desk, kept = the_standard(standard, zone=zone), the_store(store)
    refuse_if_taken(out)
    the_rate(desk, key=definition, short=short, service_level=service_level or desk.service_level)
    asked = PackRequest(
        day(since, option="--since"), public, the_queues(kept, queue), day(first, option="--from"),
        day(until, option="--until"), definition, duration(short, option="--short"),
        service_level, duration(within, option="--within"), zone,
        moment(as_at, option="--as-at", zone=desk.time_zone), days, seed,
    )  # fmt: skip
    if scenarios is not None and not scenarios.is_dir():
        raise SettingError(f"--scenarios {scenarios}: there is no such folder. Expected one with scenario files.")
    inputs = Inputs(standard, scenarios or shipped(), revises)
    with telling(quiet=as_json, file=progress) as told:
        facts, files = made(kept, asked, inputs, standard=desk, told=told)
        told("putting it in its folder")
        write(files, out)
    print_pack(out, facts, files, as_json=as_json)


@contextmanager
def telling(*, quiet: bool, file: Path | None) -> Iterator[Callable[[str], None]]:
    """Tells how far it has got: on the terminal, nowhere where that is piped, in a file where a program asks."""
    if file is not None:
        yield lambda words: write_progress(file, words)
        return
    if quiet or not sys.stderr.isatty():
        yield lambda words: None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status("Beginning") as status:
        yield lambda words: status.update(Text(words[:1].upper() + words[1:]))


def print_pack(out: Path, facts: Facts, files: dict[str, bytes], *, as_json: bool) -> None:
    """What was made."""
    import json

    run, told = json.loads(files["provenance.json"]), json.loads(files["figures.json"])
    if as_json:
        print_json(
            {
                "folder": str(out), "run": run["run"], "public": facts.asked.public,
                "cut_off": facts.cut_off, "sentences": told["sentences"], "again": run["again"],
                "files": [{"file": name, "sha256": each["sha256"], "size": each["size"]}
                          for name, each in run["files"].items()],
            }
        )  # fmt: skip
        return
    kind = "public" if facts.asked.public else "internal"
    print_sentences(
        told["sentences"],
        title=f"{out}: {'an' if kind == 'internal' else 'a'} {kind} pack of {len(files)} files, run {run['run']}.",
    )
    print_sentences((f"Begin with {out / 'report.html'}.", f"Check it: kcas evidence verify {out}"))


@evidence.command("verify")
def check(
    folder: Annotated[Path, typer.Argument(help="The folder of a pack.")],
    as_json: Json = False,
    progress: ProgressFile = None,
    store: StoreFolder = None,
) -> None:
    """Verify a pack: every checksum, and the pack recreated where its calls are available."""
    from kcas.calls.store import Store
    from kcas.evidence.verify import verify

    kept = Store(store or Path(os.environ.get("KCAS_STORE") or DEFAULT_STORE))
    with telling(quiet=as_json, file=progress) as told:
        found = verify(folder, store=kept if kept.exists else None, told=told)
    if as_json:
        print_json(_document(found, folder))
    else:
        _show(found, folder)
    if not found.good:
        raise typer.Exit(1)


def _document(found: Verified, folder: Path) -> dict[str, Any]:
    """What was found, for a program."""
    return {
        "folder": str(folder), "run": found.run, "good": found.good, "files": found.files,
        "findings": [{"file": each.file, "what": each.what, "how": each.how} for each in found.findings],
        "made_again": found.again, "differs": list(found.differs), "why": list(found.why),
    }  # fmt: skip


def _show(found: Verified, folder: Path) -> None:
    """What was found, for a person."""
    from kcas.evidence.verify import sentences

    if found.findings:
        print_table(
            f"{folder}: not as it was made",
            headings=("file", "what", "how"),
            rows=[(each.file, each.what, each.how) for each in found.findings],
            beneath=sentences(found),
        )
    else:
        print_sentences(sentences(found), title=str(folder))
