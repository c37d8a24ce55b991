"""The check of a store and its repair: `kcas store --check` and `kcas store --repair`."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from kcas.cli.options import DEFAULT_STORE
from kcas.cli.printing import print_json, print_sentences, print_table
from kcas.errors import StoreError

if TYPE_CHECKING:
    from kcas.calls.store import Checked, Store

DAMAGED = 1
"""The exit of a check that found damage."""


def checked(folder: Path | None, *, as_json: bool) -> None:
    """Check everything, say what is damaged, and end with exit 1 where anything is."""
    from kcas.calls.store import Damage
    from kcas.monitoring.rebasing_record import FILE, Rebasings

    kept = _store(folder)
    found = kept.check()
    record = kept.folder / FILE
    if record.exists():
        why = Rebasings(kept.folder).damage()
        more = (Damage(FILE, why),) if why else ()
        found = replace(
            found, files=found.files + 1, size=found.size + record.stat().st_size, damaged=(*found.damaged, *more)
        )
    if as_json:
        print_json(
            {
                "files": found.files,
                "bytes": found.size,
                "damaged": [asdict(each) for each in found.damaged],
                "not_verifiable": list(found.not_verifiable),
                "tallies_equal": found.tallies_equal,
                "differing": list(found.differing),
            }
        )
    else:
        _show(found, kept.folder)
    if found.damaged or not found.tallies_equal:
        raise typer.Exit(DAMAGED)


def repaired(folder: Path | None, *, as_json: bool) -> None:
    """Take damaged data files out and say which logs to read again."""
    done = _store(folder).repair()
    if as_json:
        print_json(asdict(done))
    elif not done.files:
        print_sentences(("No data file is damaged; nothing was changed.",))
    else:
        print_sentences(
            (
                f"Damaged data files taken out, and kept in set-aside: {len(done.files):,}.",
                "Until their logs are read again, figures are without these rows. Read again, in this order:",
                *(f"  {name}" for name in done.read_again),
            )
        )


def _store(folder: Path | None) -> Store:
    from kcas.calls.store import Store

    kept = Store(folder or DEFAULT_STORE)
    if not kept.folder.is_dir() or not any(kept.folder.iterdir()):
        raise StoreError(f"{kept.folder}: no calls are kept here yet. Read a log in first: kcas ingest LOG")
    return kept


def _show(found: Checked, folder: Path) -> None:
    sentences = [f"Files checked: {found.files:,}, of {found.size:,} bytes. Damaged: {len(found.damaged):,}."]
    if found.not_verifiable:
        sentences.append(
            f"Not verifiable, as they were written without a checksum: {len(found.not_verifiable):,}. They could be "
            "read. `kcas store --compact` gives them one."
        )
    if found.tallies_equal:
        sentences.append("Every log's counts are the numbers of rows that the data files hold.")
    sentences += found.differing
    if not found.damaged:
        print_sentences(sentences, title=str(folder))
        return
    print_table(
        str(folder),
        headings=("damaged", "why", "read again"),
        rows=[(each.file, each.why, ", ".join(each.read_again) or "restore from a copy") for each in found.damaged],
        beneath=(*sentences, "Restore these files from a copy, or: kcas store --repair, and read the logs again."),
    )
