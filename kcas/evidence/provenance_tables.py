"""Tables of provenance: files, settings, holidays, targets, actions, words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kcas.calls.standard_words import standard_in_words
from kcas.calls.store.record import Batch
from kcas.evidence import cells
from kcas.evidence.disclosure import rounded
from kcas.evidence.document import Basis, Cell, Column, Kind, Table
from kcas.evidence.facts import Facts
from kcas.evidence.points import actions_table
from kcas.reporting import glossary

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
    told = LINES if facts.asked.public else (*LINES, *OF_LINES)
    columns = (
        Column("File"), Column("Read in"), Column("Format"), *(Column(name, Kind.COUNT) for name in told),
        Column("SHA-256"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            batch.record.name, batch.committed.isoformat(timespec="seconds"), batch.record.format,
            *list(of_lines(batch, public=facts.asked.public).values())[: len(told)], batch.record.sha256,
        )
        for batch in facts.batches
    ]  # fmt: skip
    note = PUBLIC_LINES if facts.asked.public else INTERNAL_LINES
    return Table("files-read", "Every file read", columns, tuple(rows), basis, (note,), inline=False)


def of_lines(batch: Batch, *, public: bool) -> dict[str, int]:
    """What became of a file's lines, and what its calls brought; of a public pack only how many, to five."""
    record, added = batch.record, batch.added
    found = {
        "lines": rounded(record.lines) if public else record.lines,
        "refused": record.refused,
        "call_lines": record.call_lines,
        "used": record.used,
        "ignored": sum(record.ignored.values()),
        "new": added.new,
        "already_held": added.already_held,
        "superseded": added.superseded,
    }
    return {name: found[name] for name in ("lines", "refused")} if public else found


def refusals_table(facts: Facts, *, basis: Basis) -> Iterator[Table]:
    """The lines that could not be taken, and why."""
    rows: list[tuple[Cell, ...]] = [
        (batch.record.name, int(refusal["line"]), cells.text(refusal["column"]), reason)
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
    said = standard_in_words(facts.standard, definition=facts.definition, service_level=facts.level)
    rows: list[tuple[Cell, ...]] = [(part, rest or line) for line in said for part, _, rest in (line.partition(": "),)]
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
            cells.share(target.at_most if target.at_most is not None else target.at_least), target.source,
        )
        for target in facts.standard.targets
    ]  # fmt: skip
    none = ("none set", *(cells.NOT_APPLICABLE,) * 4)
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
