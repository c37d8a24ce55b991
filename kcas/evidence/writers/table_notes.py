"""What stands beside each table and figure, in every kind of file alike: its number, its mark and its basis."""

from datetime import datetime

from kcas.evidence.document import Basis, Document, Figure, Table
from kcas.reporting import words

MODEL, OBSERVED, RECORDED = "Model", "Observed", "On record"
MODEL_SENTENCE = "From a model, not observed: what the queue model says, never what happened."
RECORDED_SENTENCE = "On record: written down, and counted from no call."
INVENTED = "These figures are invented for a demonstration. They say nothing about any real desk."
SUITED = {True: "Public edition: small counts are protected.", False: "Internal edition: not for publication."}


def tag(basis: Basis) -> str:
    """The one word that is set before a title."""
    return MODEL if basis.model else RECORDED if basis.recorded else OBSERVED


def creation_words(document: Document) -> str:
    """When the document is of, in words: "28 June 2010, 06:00 (UTC+01:00)"."""
    moment = datetime.fromisoformat(document.made)
    zone = "" if moment.tzinfo is None else " UTC" if not moment.utcoffset() else f" {moment.tzinfo}"
    return f"{words.days(moment.date(), moment.date()).split(' ', 1)[1]}, {words.clock(moment)}{zone}"


def basis_lines(basis: Basis) -> tuple[tuple[str, str], ...]:
    """What is beneath the figures, as names and words, in the order in which a checker asks."""
    if basis.recorded:
        return (
            ("Kind", RECORDED_SENTENCE),
            ("Data as at", basis.cut_off),
            ("Source", basis.source),
            ("Made by", f"kcas {basis.version}, run {basis.run}"),
        )
    return (
        ("Kind", MODEL_SENTENCE if basis.model else "Observed: counted from the logs."),
        ("Definition", f"{basis.definition}: {basis.words}"),
        ("Period", basis.period),
        ("Hours covered", basis.hours),
        ("Data as at", basis.cut_off),
        ("Source", basis.source),
        ("Made by", f"kcas {basis.version}, run {basis.run}"),
    )


def table_numbers(document: Document) -> dict[str, int]:
    """Each table's number, by its key: the same in every file."""
    return {table.key: number for number, table in enumerate(document.tables, 1)}


def figure_numbers(document: Document) -> dict[str, int]:
    """Each figure's number, by its key."""
    return {figure.key: number for number, figure in enumerate(document.figures, 1)}


def where_kept(table: Table) -> str:
    """Where a table is found that is too long for the narrative."""
    rows = "1 row" if len(table.rows) == 1 else f"{len(table.rows):,} rows"
    return f"{rows}, in the spreadsheets and in {table.key}.csv."


def numbers_of(figure: Figure, document: Document) -> str:
    """Where a figure's numbers are."""
    numbers = table_numbers(document)
    found = next((table for table in document.tables if table.key == figure.table), None)
    if found is None:
        return f"Its numbers are in {figure.table}.csv."
    return f"Its numbers are in table {numbers[found.key]}: {found.title}"
