"""Import summary: files, what became of each line, and why rows were rejected."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kcas.calls.store.files import Batch
from kcas.ingest.report import of_forgotten_days, zone_words
from kcas.reporting import words

UNHEADED = ("header", "blank line", "before the header")


def ledger(batches: Sequence[Batch], *, zone: str) -> pl.DataFrame:
    """Every file taken in, the latest first: its lines in four counts that add up, and what its calls brought."""
    rows = [
        {
            "File": batch.record.name,
            "Read in": batch.committed,
            "Format": batch.record.format,
            "Lines": batch.record.lines,
            "= calls": batch.record.call_lines,
            "+ used": batch.record.used,
            "+ ignored": sum(batch.record.ignored.values()),
            "+ refused": batch.record.refused,
            "New": batch.added.new,
            "Held already": batch.added.already_held,
            "Corrected": batch.added.superseded,
            "Forgotten": batch.added.forgotten,
            "From": batch.added.first,
            "To": batch.added.last,
            "Fingerprint": batch.record.sha256[:12],
        }
        for batch in reversed(batches)
    ]
    moments = ("Read in", "From", "To")
    frame = pl.DataFrame(rows, schema_overrides=dict.fromkeys(moments, pl.Datetime("us", "UTC")))
    return frame.with_columns(pl.col(moments).dt.convert_time_zone(zone).dt.strftime("%Y-%m-%d %H:%M"))


def report(files: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """What became of the files just handed in: lines in four counts that add up, and what the calls brought."""
    return pl.DataFrame(
        [
            {
                "File": file["file"],
                "Format": file["format"] or "not known",
                "Lines": file["lines"],
                "= calls": file["call_lines"],
                "+ used": file["used"],
                "+ ignored": sum(file["ignored"].values()),
                "+ refused": file["refused"],
                "New": file["new"],
                "Held already": file["already_held"],
                "Corrected": file["superseded"],
                "Forgotten": file["forgotten"],
                "What happened": what_happened(file),
            }
            for file in files
        ]
    )


def what_happened(file: Mapping[str, Any]) -> str:
    """A file's fate in a few words."""
    if file["error"]:
        return "not kept: see below"
    if not file["new"] and not file["superseded"] and file["forgotten"]:
        return "nothing new: its days have been forgotten"
    if not file["new"] and not file["superseded"]:
        return "nothing new: all of it is held already"
    return "read and kept"


def refusals(files: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The refused lines a report holds: where, and what would have been right."""
    rows = [
        {"File": file["file"], "Line": line["line"], "Column": line["column"] or "", "Why": line["reason"]}
        for file in files
        for line in file["refusals"]
    ]
    return pl.DataFrame(rows, schema={"File": pl.String, "Line": pl.Int64, "Column": pl.String, "Why": pl.String})


def refused_of(batches: Sequence[Batch]) -> pl.DataFrame:
    """The refused lines the ledger holds of every file."""
    return refusals([{"file": batch.record.name, "refusals": batch.record.refusals} for batch in reversed(batches)])


def file_notes(files: Sequence[Mapping[str, Any]]) -> list[str]:
    """What must be said of files beside the table: errors, warnings, and what was ignored by which rule."""
    lines = []
    for file in files:
        lines += [file["error"]] if file["error"] else []
        lines += [f"{file['file']}: {of_forgotten_days(file['forgotten'])}."] if file["forgotten"] else []
        lines += [f"{file['file']}: {zone_words(file['zone'])}."] if file.get("zone") else []
        lines += [f"{file['file']}: {warning}." for warning in file["warnings"]]
        ignored = [f"{words.count(number)} {rule}" for rule, number in file["ignored"].items() if rule not in UNHEADED]
        lines += [f"{file['file']}: ignored {words.listed(ignored)}."] if ignored else []
    return lines


def totals(files: Sequence[Mapping[str, Any]]) -> str:
    """The reading in one sentence."""
    new, refused = sum(file["new"] for file in files), sum(file["refused"] for file in files)
    held = sum(file["already_held"] for file in files)
    kept = sum(1 for file in files if not file["error"])
    files_read = f"{words.count(kept)} of {words.count(len(files))} {'file' if len(files) == 1 else 'files'} read"
    return (
        f"{files_read}: {words.count(new)} new calls, {words.count(held)} held already, "
        f"{words.count(refused)} lines refused."
    )
