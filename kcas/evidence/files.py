"""Files of a pack: the report in each format, its tables, its charts and its sources."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kcas.calls.drill_down import Slice
from kcas.calls.store import Store
from kcas.evidence.document import Basis, Document, Table
from kcas.evidence.facts import Facts
from kcas.evidence.gather import Source
from kcas.reporting import call_list, tables

Told = Callable[[str], None]
EVERY_CALL = 2**31 - 1
READ_ME = """{title}
{desk}. {subtitle}.

Begin with report.html, which opens in any browser; report.docx may be edited, report.pdf printed. tables.xlsx and
tables.ods hold every table, tables/ each as CSV, charts/ the charts as pictures. provenance.json says what all of it
was made from; SHA256SUMS holds the fingerprint of every file.

To check that nothing was altered:   kcas evidence verify FOLDER
(or, without kcas:                   sha256sum --check SHA256SUMS)
"""


def reports(document: Document, *, told: Told) -> Iterator[tuple[str, bytes]]:
    """The report as every kind of file."""
    from kcas.evidence.writers import csv, docx, html, ods, pdf, still, xlsx

    whole = (("report.html", html.write), ("report.docx", docx.write), ("report.pdf", pdf.write),
             ("tables.xlsx", xlsx.write),
             ("tables.ods", ods.write))  # fmt: skip
    for name, write in whole:
        told(f"writing {name}")
        yield name, write(document)
    for table in document.tables:
        yield f"tables/{table.key}.csv", csv.write(table)
    for figure in document.figures:
        told(f"drawing {figure.title.lower()}")
        yield f"charts/{figure.key}.svg", still.svg(figure)
        yield f"charts/{figure.key}.png", still.png(figure)
    yield "figures.json", as_json(figures(document))
    read_me = READ_ME.format(title=document.title, desk=document.desk, subtitle=document.subtitle)
    yield "README.txt", read_me.encode()


def figures(document: Document) -> dict[str, Any]:
    """Every table for a program: shares as fractions of one, times in seconds, shorthand as text."""
    return {
        "title": document.title, "desk": document.desk, "made": document.made, "public": document.public,
        "sentences": list(document.sentences),
        "shorthands": {str(mark): said for mark, said in document.shorthands},
        "tables": {table.key: table_document(table) for table in document.tables},
    }  # fmt: skip


def table_document(table: Table) -> dict[str, Any]:
    """A table for a program."""
    return {
        "title": table.title,
        "columns": [{"heading": column.heading, "kind": str(column.kind)} for column in table.columns],
        "rows": [list(row) for row in table.rows],
        "notes": list(table.notes),
        "basis": basis_document(table.basis),
    }


def basis_document(basis: Basis) -> dict[str, Any]:
    """What a table rests on."""
    return {
        "mark": basis.mark, "definition": basis.definition, "words": basis.words, "period": basis.period,
        "hours": basis.hours, "cut_off": basis.cut_off, "version": basis.version, "run": basis.run,
        "source": basis.source,
    }  # fmt: skip


def calls(store: Store, facts: Facts) -> bytes:
    """The calls behind the figures, for an internal pack: no caller, no agent."""
    source = Source(store, facts.asked, standard=facts.standard, cut_off=facts.cut_off)
    zone = facts.standard.time_zone
    names = {batch.number: batch.record.name for batch in facts.batches}
    marked = call_list.marked(
        source.chosen(),
        Slice(),
        definition=facts.definition,
        zone=zone,
        begins=facts.standard.day_begins,
        everyone=source.calls,
    )
    listed = call_list.listed(marked, show=call_list.EVERY_CALL, zone=zone, files=names, most=EVERY_CALL).collect()
    return tables.csv(listed.sort(listed.columns, nulls_last=True)).encode()


def as_json(document: Mapping[str, Any]) -> bytes:
    """One document for programs, readable by a person too."""
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
