"""`kcas evidence`: a folder that a report writer attaches as it stands, and the check that nothing was altered."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from kcas.cli.context import open_calls, store_if_any
from kcas.cli.options import AsAt, Json, Queues, StandardFile, StoreFolder, Until, Zone, day, duration
from kcas.cli.printing import print_json, print_sentences, print_table, write_progress
from kcas.errors import SettingError

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
    chosen = open_calls(store, standard, zone, queue=queue, until=until, as_at=as_at)
    with telling(quiet=as_json, file=progress) as shown:
        pack = chosen.store.evidence(
            out,
            public=public,
            changed=day(since, option="--since"),
            since=day(first, option="--from"),
            until=chosen.until,
            definition=definition,
            short=duration(short, option="--short"),
            service_level=service_level,
            within=duration(within, option="--within"),
            days=days,
            seed=seed,
            scenarios=scenarios,
            revises=revises,
            progress=shown,
            **chosen.whole,
        )
    if as_json:
        print_json(pack.to_dict())
        return
    kind = "public" if public else "internal"
    print_sentences(
        pack.sentences,
        title=f"{out}: {'a' if public else 'an'} {kind} pack of {len(pack.files)} files, run {pack.run}.",
    )
    print_sentences((f"Begin with {out / 'report.html'}.", f"Check it: kcas evidence verify {out}"))


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


@evidence.command("verify")
def check(
    folder: Annotated[Path, typer.Argument(help="The folder of a pack.")],
    as_json: Json = False,
    progress: ProgressFile = None,
    store: StoreFolder = None,
) -> None:
    """Verify a pack: every checksum, and the pack recreated where its calls are available."""
    from kcas.api.evidence import verify_evidence

    with telling(quiet=as_json, file=progress) as shown:
        verified = verify_evidence(folder, store=store_if_any(store), progress=shown)
    if as_json:
        print_json(verified.to_dict())
    elif verified.found.findings:
        print_table(
            f"{folder}: not as it was made",
            headings=("file", "what", "how"),
            rows=list(verified.to_frame().iter_rows()),
            beneath=verified.sentences,
        )
    else:
        print_sentences(verified.sentences, title=str(folder))
    if not verified.good:
        raise typer.Exit(1)
