"""Provenance of a pack: its inputs, versions and the command that recreates it.

Tables of provenance: files, settings, holidays, targets, actions, words.
"""

import hashlib
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import kcas
from kcas.calls.definitions import standard_in_words
from kcas.calls.store.files import Batch
from kcas.evidence import document
from kcas.evidence.disclosure import rounded
from kcas.evidence.document import Basis, Cell, Column, Kind, Table
from kcas.evidence.facts import Facts, PackRequest
from kcas.evidence.observed_tables import actions_table
from kcas.reporting import words as glossary

LINES = ("Lines", "Lines refused")
OF_LINES = ("Lines of calls", "Lines used otherwise", "Lines ignored by rule", "Calls new", "Calls held already",
            "Calls corrected")  # fmt: skip
INTERNAL_LINES = (
    "Lines are calls, used otherwise, ignored by rule or refused, and nothing else. Calls are counted once."
)
PUBLIC_LINES = (
    "Lines are to the nearest five, and what each file brought is not told: with it, counts that are not shown could "
    "be worked out."
)
QUOTED = re.compile(r"""(["'“‘`])(?:(?!\1).)*["'”’`]""", re.DOTALL)
"""What a reason for refusing a line quotes of that line, which a public pack does not repeat."""


def tables(*, facts: Facts, basis: Basis) -> Iterator[Table]:
    """Every table of what lies behind the figures."""
    basis = basis.on_record("the desk's standard, and the store's ledger of the files read")
    yield files_table(facts, basis=basis)
    yield from refusals_table(facts, basis=basis)
    yield settings_table(facts, basis=basis)
    yield from holidays_table(facts, basis=basis)
    yield targets_table(facts, basis=basis)
    if facts.standard.actions:
        title = "Everything the desk recorded that it did"
        yield actions_table("actions", title, list(facts.standard.actions), basis=basis, with_point=True)
    rows: list[tuple[Cell, ...]] = [(word, meaning, part) for part, word, meaning in glossary.words()]
    columns = (Column("Word"), Column("What it means here"), Column("Part"))
    yield Table("words-used", "Glossary", columns, tuple(rows), basis, inline=False)


def files_table(facts: Facts, *, basis: Basis) -> Table:
    """Every file read, with its fingerprint and what became of each of its lines."""
    headings = LINES if facts.asked.public else (*LINES, *OF_LINES)
    columns = (
        Column("File"), Column("Read in"), Column("Format"), *(Column(name, Kind.COUNT) for name in headings),
        Column("SHA-256"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            batch.record.name, batch.committed.isoformat(timespec="seconds"), batch.record.format,
            *list(of_lines(batch, public=facts.asked.public).values())[: len(headings)], batch.record.sha256,
        )
        for batch in facts.batches
    ]  # fmt: skip
    note = PUBLIC_LINES if facts.asked.public else INTERNAL_LINES
    return Table("files-read", "Every file read", columns, tuple(rows), basis, (note,), inline=False)


def of_lines(batch: Batch, *, public: bool) -> dict[str, int]:
    """What became of a file's lines, and what its calls brought; of a public pack only how many, to five."""
    record, added = batch.record, batch.added
    totals = {
        "lines": rounded(record.lines) if public else record.lines,
        "refused": record.refused,
        "call_lines": record.call_lines,
        "used": record.used,
        "ignored": sum(record.ignored.values()),
        "new": added.new,
        "already_held": added.already_held,
        "superseded": added.superseded,
    }
    return {name: totals[name] for name in ("lines", "refused")} if public else totals


def refusals_table(facts: Facts, *, basis: Basis) -> Iterator[Table]:
    """The lines that could not be taken, and why."""
    rows: list[tuple[Cell, ...]] = [
        (batch.record.name, int(refusal["line"]), document.text(refusal["column"]), reason)
        for batch in facts.batches
        for refusal, reason in refused(batch, public=facts.asked.public)
    ]
    if not rows:
        return
    columns = (Column("File"), Column("Line", Kind.COUNT), Column("Column"), Column("Why"))
    note = "Nothing was made of these lines."
    if facts.asked.public:
        note += " What a line held is not repeated in a public pack: “…” stands for it."
    yield Table("lines-refused", "Lines refused, and why", columns, tuple(rows), basis, (note,), inline=False)


def refused(batch: Batch, *, public: bool) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each refused line of a file with its reason, as it may be told."""
    for refusal in batch.record.refusals:
        reason = str(refusal["reason"])
        yield refusal, (QUOTED.sub("“…”", reason) if public else reason)


def settings_table(facts: Facts, *, basis: Basis) -> Table:
    """What counts, in words."""
    sentences = standard_in_words(facts.standard, definition=facts.definition, service_level=facts.level)
    rows: list[tuple[Cell, ...]] = [
        (part, rest or line) for line in sentences for part, _, rest in (line.partition(": "),)
    ]
    rows += [
        ("Days told of", basis.period),
        ("Queues", ", ".join(facts.asked.queues) or "all"),
        ("Day of change", facts.asked.changed.isoformat() if facts.asked.changed else "none"),
        ("Small counts", small_counts(facts)),
    ]
    return Table("settings", "How this is counted: the desk's standard", (Column("Setting"), Column("As it is set")),
                 tuple(rows), basis, ("The file itself is inputs/standard.toml here.",), inline=False)  # fmt: skip


def small_counts(facts: Facts) -> str:
    """What was done with small counts."""
    if not facts.asked.public:
        return "Shown as they are: this is an internal pack."
    if facts.standard.small_counts != "suppressed":
        return "Every count is rounded to the nearest five, and shares are made from the rounded counts."
    return "Counts of 1 to 4 are not shown, nor others from which they could be worked out; [c] stands for them."


def holidays_table(facts: Facts, *, basis: Basis) -> Iterator[Table]:
    """The holidays within the days told of."""
    named = facts.standard.holidays.named(years=range(facts.first.year, facts.last.year + 1))
    rows: list[tuple[Cell, ...]] = [
        (day.isoformat(), name) for day, name in named.items() if facts.first <= day <= facts.last
    ]
    if rows:
        yield Table("holidays", "Holidays in these days", (Column("Day", Kind.DAY), Column("Holiday")), tuple(rows),
                    basis, inline=False)  # fmt: skip


def targets_table(facts: Facts, *, basis: Basis) -> Table:
    """Targets with their sources."""
    rows: list[tuple[Cell, ...]] = [
        (
            target.measure.replace("_", " "), target.definition or "the desk's own",
            "at most" if target.at_most is not None else "at least",
            document.share(target.at_most if target.at_most is not None else target.at_least), target.source,
        )
        for target in facts.standard.targets
    ]  # fmt: skip
    none = ("none set", *(document.NOT_APPLICABLE,) * 4)
    columns = (Column("Measure"), Column("Definition"), Column("Side"), Column("Share", Kind.SHARE), Column("Source"))
    return Table("targets", "Targets", columns, tuple(rows or [none]), basis, inline=False)


def said_of_files(facts: Facts) -> str:
    """The reading in a sentence."""
    lines = sum(of_lines(batch, public=facts.asked.public)["lines"] for batch in facts.batches)
    refused_lines = sum(batch.record.refused for batch in facts.batches)
    warned = sum(len(batch.record.warnings) for batch in facts.batches)
    one = len(facts.batches) == 1
    return (
        f"{len(facts.batches):,} file{'' if one else 's'} of {lines:,} lines {'was' if one else 'were'} read by the "
        f"cut-off. Lines refused, each with its reason: {refused_lines:,}; warnings given: {warned:,}."
    )


VERSION = kcas.__version__
SHAPE = 1
"""Of the document; a later program may read an earlier shape."""
ROOT = Path(kcas.__file__).resolve().parents[1]
MADE_BY = (
    "deltalake", "holidays", "lxml", "numba", "numpy", "odfdo", "pillow",
    "polars", "pyarrow", "python-docx", "scipy", "simpy", "typst", "tzdata", "vl-convert-python", "xlsxwriter",
)  # fmt: skip
"""Packages that have a hand in the bytes of a pack."""


def sha256(content: bytes) -> str:
    """A file's fingerprint."""
    return hashlib.sha256(content).hexdigest()


def asked_document(asked: PackRequest) -> dict[str, Any]:
    """What was asked for, for a program."""
    return {
        "since": asked.changed and asked.changed.isoformat(), "public": asked.public, "queues": list(asked.queues),
        "from": asked.first and asked.first.isoformat(), "until": asked.until and asked.until.isoformat(),
        "definition": asked.definition, "short": asked.short,
        "service_level": asked.service_level, "within": asked.within, "zone": asked.zone,
        "days": asked.days, "seed": asked.seed,
    }  # fmt: skip


def asked_again(record: Mapping[str, Any], *, as_at: str) -> PackRequest:
    """The same, read back, as at the pack's cut-off."""
    return PackRequest(
        changed=date.fromisoformat(record["since"]) if record["since"] else None,
        public=bool(record["public"]),
        queues=tuple(record["queues"]),
        first=date.fromisoformat(record["from"]) if record["from"] else None,
        until=date.fromisoformat(record["until"]) if record["until"] else None,
        definition=record["definition"],
        short=record["short"],
        service_level=record["service_level"],
        within=record["within"],
        zone=record["zone"],
        as_at=datetime.fromisoformat(as_at),
        days=int(record["days"]),
        seed=int(record["seed"]),
    )


def run_of(facts: Facts, *, inputs: Mapping[str, bytes]) -> str:
    """The name of the making: a fingerprint of all that goes into it, so that the same making has the same name."""
    made_of = {
        "asked": asked_document(facts.asked),
        "cut_off": facts.cut_off.isoformat(),
        "read": [[batch.number, batch.record.identity] for batch in facts.batches],
        "inputs": {name: sha256(content) for name, content in sorted(inputs.items())},
        "version": VERSION,
    }
    return sha256(json.dumps(made_of, sort_keys=True).encode())[:12]


def provenance(
    facts: Facts, *, run: str, inputs: Mapping[str, bytes], files: Mapping[str, bytes], earlier: str | None
) -> dict[str, Any]:
    """The whole document."""
    years = range(facts.first.year, facts.last.year + 1)
    return {
        "shape": SHAPE,
        "desk": facts.standard.name,
        "run": run,
        "made": facts.cut_off.isoformat(),
        "cut_off": {"moment": facts.cut_off.isoformat(), "batch": facts.batches[-1].number},
        "asked": asked_document(facts.asked),
        "period": {"first": facts.first.isoformat(), "last": facts.last.isoformat()},
        "again": command(facts, earlier=earlier is not None),
        "read": [file_read(batch, public=facts.asked.public) for batch in facts.batches],
        "settings": {
            "words": standard_in_words(facts.standard, definition=facts.definition, service_level=facts.level),
            "small_counts": facts.standard.small_counts,
            "file": "inputs/standard.toml",
            "text": inputs["inputs/standard.toml"].decode("utf-8"),
        },
        "holidays": [{"day": day.isoformat(), "name": name} for day, name in
                     facts.standard.holidays.named(years=years).items()],
        "scenarios": [
            {"file": name, "sha256": sha256(content), "text": content.decode("utf-8")}
            for name, content in inputs.items()
            if name.startswith("inputs/scenarios/")
        ],
        "scenarios_missing": list(facts.model.missing),
        "model": {"days": facts.asked.days, "seed": facts.asked.seed},
        "revises": earlier,
        "environment": environment(),
        "files": {name: {"sha256": sha256(content), "size": len(content)} for name, content in sorted(files.items())},
    }  # fmt: skip


def file_read(batch: Batch, *, public: bool) -> dict[str, Any]:
    """A file read: its fingerprint, and what became of its rows."""
    record = batch.record
    rules = {} if public else {"ignored_by": dict(record.ignored), "forgotten": batch.added.forgotten}
    return {
        "batch": batch.number, "read_in": batch.committed.isoformat(), "name": record.name, "sha256": record.sha256,
        "reading": record.reading, "size": record.size, "format": record.format, **of_lines(batch, public=public),
        **rules,
        "refusals": [
            {"line": refusal["line"], "column": refusal["column"], "reason": reason}
            for refusal, reason in refused(batch, public=public)
        ],
    }  # fmt: skip


def command(facts: Facts, *, earlier: bool) -> str:
    """What makes the pack again, from within its own folder; only the store is to be named."""
    asked = facts.asked
    words = ["kcas", "evidence", "--out", "../again", "--public" if asked.public else "--internal",
             *(["--since", asked.changed.isoformat()] if asked.changed else []),
             "--as-at", facts.cut_off.isoformat()]  # fmt: skip
    for option, value in (
        ("--from", asked.first), ("--until", asked.until),
        ("--definition", asked.definition),
        ("--short", None if asked.short is None else f"{asked.short:g} s"), ("--service-level", asked.service_level),
        ("--within", None if asked.within is None else f"{asked.within:g} s"), ("--zone", asked.zone),
    ):  # fmt: skip
        words += [option, str(value)] if value is not None else []
    for queue in asked.queues:
        words += ["--queue", queue]
    words += ["--days", str(asked.days), "--seed", str(asked.seed), "--standard", "inputs/standard.toml",
              "--scenarios", "inputs/scenarios"]  # fmt: skip
    words += ["--revises", "inputs/earlier"] if earlier else []
    return " ".join(shlex.quote(word) for word in [*words, "--store", "STORE"])


def environment() -> dict[str, Any]:
    """What made the bytes: the program, its commit where it is run from a checkout, Python, and the packages."""
    held = {each.metadata["Name"].lower(): each.version for each in distributions() if each.metadata["Name"]}
    return {
        "kcas": kcas.__version__,
        "commit": commit() or "not run from a checkout",
        "python": ".".join(map(str, sys.version_info[:3])),
        "packages": {name: held[name] for name in MADE_BY if name in held},
    }


def commit() -> str | None:
    """The commit of the checkout that the program is run from, marked where files differ from it; None elsewhere."""
    if not (ROOT / ".git").exists():
        return None
    try:
        commit_id, changed = (
            subprocess.run(
                ["git", "-C", str(ROOT), *words], capture_output=True, encoding="utf-8", check=True, timeout=20
            )
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return commit_id.stdout.strip() + (" and changes not committed" if changed.stdout.strip() else "")
