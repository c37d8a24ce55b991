"""Composition of the report: summary, the four points, the figures, methods and provenance."""

import re
from dataclasses import replace

from kcas.calls.definitions import opening_in_words
from kcas.calls.rates import reconciliation
from kcas.evidence import document as cells
from kcas.evidence import observed_tables, provenance, sentences
from kcas.evidence.disclosure import Guard
from kcas.evidence.document import Basis, Block, Bullets, Document, Paragraph, Section, Shorthand
from kcas.evidence.facts import Facts
from kcas.evidence.gather import local
from kcas.evidence.observed_tables import patience_table
from kcas.reporting import words

SHORTHANDS = {
    Shorthand.CONFIDENTIAL: "confidential: so few calls that someone might be known by them, or a count from which "
    "such a one could be worked out",
    Shorthand.NOT_AVAILABLE: "not available: the log does not tell it, or the calls are too few for a share",
    Shorthand.NOT_APPLICABLE: "not applicable",
    Shorthand.REVISED: "revised since an earlier pack",
    Shorthand.PROVISIONAL: "provisional",
}
_COUNTED = re.compile(r"^[\d,]+ ")
"""How many calls a note is about, which a public pack does not say: they may be few."""
BETWEEN_DAYS = (
    "The counts of a period are complete. The interval between days, on the first page and in the tables of before and "
    "after, says within what the rate of such days lies, from how far the period's days differ (quasi-binomial, "
    "Student's t; from fifty days on also how alike neighbours are). The intervals in other tables are Wilson's: they "
    "allow for chance alone, as if every call were an independent draw with one probability, and for a period of real "
    "days are several "
    "times too narrow."
)
_INVENTED = "Invented sample data. No figure here says anything about a real desk."


def basis_of(facts: Facts, *, run: str, version: str) -> Basis:
    """What stands beneath every observed figure."""
    used = [time for time in facts.times if time.row["offered"]]
    hours = f"calls entered the queue from {used[0].name} to the half-hour from {used[-1].name}" if used else "none"
    then = local(facts.cut_off, standard=facts.standard)
    queues = f"; queues {', '.join(facts.asked.queues)}" if facts.asked.queues else ""
    return Basis(
        definition=facts.definition.key,
        words=facts.definition.words,
        period=f"{words.days(facts.first, facts.last)}{queues}",
        hours=f"{opening_in_words(facts.standard)} In these days {hours}.",
        cut_off=f"{words.day(then)} at {then:%H:%M:%S} ({then.tzname()})",
        version=version,
        run=run,
        source=f"telephone logs, {len(facts.batches):,} files, their SHA-256 in provenance.json"
        + (" (invented)" if facts.invented else ""),
    )


def model_basis(seen: Basis, *, facts: Facts) -> Basis:
    """What stands beneath every figure of the model's."""
    day = next(iter(facts.model.runs.values()), None)
    invented = ", ".join(day.invented) if day else ""
    by = facts.model.definition or facts.definition
    return replace(
        seen,
        definition=by.key,
        words=by.words,
        period=f"{facts.asked.days:,} simulated days",
        hours="the hours of the scenario files",
        source=f"scenario files {', '.join(facts.model.files)}" + (f"; invented: {invented}" if invented else ""),
        model=True,
    )


def compose(facts: Facts, *, guard: Guard, run: str, version: str, revised: Section | None = None) -> Document:
    """The whole report."""
    seen = basis_of(facts, run=run, version=version)
    parts = [
        *observed_tables.sections(facts=facts, guard=guard, seen=seen, model=model_basis(seen, facts=facts)),
        Section("The figures in full", tuple(in_full(facts=facts, guard=guard, basis=seen))),
        Section("What lies behind the figures", tuple(provenance_section(facts=facts, basis=seen))),
        *([revised] if revised else []),
    ]
    kind = "Public pack" if facts.asked.public else "Internal pack: not for publication"
    document = Document(
        title="Abandoned calls: evidence for recommendation 10",
        subtitle=f"{kind}. {words.days(facts.first, facts.last)}",
        desk=facts.standard.name,
        made=facts.cut_off.isoformat(timespec="seconds"),
        public=facts.asked.public,
        sentences=sentences.five(facts, guard),
        sections=tuple(parts),
        notes=_notes(facts),
        shorthands=(),
        invented=facts.invented,
    )
    used = {mark for table in document.tables for mark in cells.in_use(table.rows)}
    return replace(
        document, shorthands=tuple((mark, words_of) for mark, words_of in SHORTHANDS.items() if mark in used)
    )


def _notes(facts: Facts) -> tuple[str, ...]:
    """What holds for every table."""
    notes = [
        "Counts add and rates follow: every share is made last, from the two counts that stand beside it, and no rate "
        "is an average of rates.",
        BETWEEN_DAYS,
        provenance.small_counts(facts),
        "Observed figures and the model's never stand in one table.",
        "Times are in seconds.",
        *(_COUNTED.sub("Some ", note) if facts.asked.public else note for note in facts.notes),
    ]
    if facts.forgotten_before:
        day = local(facts.forgotten_before, standard=facts.standard).date()
        notes.append(f"Calls before {words.day(day)} have been permanently deleted; their counts are kept.")
    return (_INVENTED, *notes) if facts.invented else tuple(notes)


def in_full(*, facts: Facts, guard: Guard, basis: Basis) -> list[Block]:
    """The figures by every grouping."""
    blocks: list[Block] = [Paragraph("Each of these tables is in the spreadsheets and, as CSV, in the folder tables.")]
    for grouping, groups in facts.groupings.items():
        key = grouping.replace(" ", "-")
        heading = {"month": "Month", "week": "Week from"}.get(grouping, grouping.capitalize())
        shown = observed_tables.counts_table(
            f"by-{key}", f"Calls by {grouping}", grouping, groups, facts=facts, guard=guard, basis=basis,
            heading=heading, inline=grouping in ("month", "queue"),
        )  # fmt: skip
        blocks.append(shown)
        if grouping == "week" and facts.asked.public:
            continue  # so many more counts to keep from telling of few, for waits that the months tell
        blocks.append(
            observed_tables.waits_table(
                f"waits-by-{key}", f"Waits by {grouping}", grouping, groups, facts=facts, guard=guard, basis=basis,
                heading=heading,
            )
        )  # fmt: skip
    blocks.append(observed_tables.definitions_table(facts=facts, guard=guard, basis=basis))
    blocks.append(observed_tables.outcomes_table(facts=facts, guard=guard, basis=basis))
    blocks.append(patience_table(facts=facts, guard=guard, basis=basis))
    return blocks


def provenance_section(*, facts: Facts, basis: Basis) -> list[Block]:
    """Files, settings, holidays, targets, words."""
    blocks: list[Block] = [Paragraph(provenance.said_of_files(facts))]
    if not facts.asked.public:
        import polars as pl

        blocks.append(Paragraph(reconciliation(pl.DataFrame([facts.whole.row], infer_schema_length=None))))
    blocks.append(
        Bullets(
            (
                "provenance.json names every file read, every setting, every scenario and every file of this pack, "
                "with fingerprints, and the command that makes the pack again.",
                "“kcas evidence verify FOLDER” says whether anything was altered, and makes the pack again where the "
                "calls are at hand.",
            )
        )
    )
    return [*blocks, *provenance.tables(facts=facts, basis=basis)]
