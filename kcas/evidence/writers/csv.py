"""CSV writer: a heading, then one row a record, with notes in columns of their own.

A CSV travels alone, so each row says whether it is observed or a model's, and by what definition it was counted.
"""

import csv
import io

from kcas.evidence.document import Table
from kcas.evidence.writers.cells import CSV_UNITS, headings, showable, tag, value
from kcas.reporting.tables import as_text


def write(table: Table) -> bytes:
    """The table in UTF-8: texts quoted, numbers bare, and no text that a spreadsheet would run."""
    basis = table.basis
    beside = {
        "Observed or model": tag(basis),
        "Definition": basis.definition,
        "Period": basis.period,
        "Data as at": basis.cut_off,
        "Version": basis.version,
        "Run": basis.run,
    }
    named = headings(table.columns, units=CSV_UNITS)
    beside = {name: text for name, text in beside.items() if name not in named}
    kinds = [column.kind for column in table.columns]
    sheet = io.StringIO(newline="")
    out = csv.writer(sheet, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    out.writerow([as_text(name) for name in (*named, *beside)])
    rest = [as_text(showable(text)) for text in beside.values()]
    for row in table.rows:
        cells = [value(cell, kind) for cell, kind in zip(row, kinds, strict=True)]
        out.writerow([*(as_text(cell) if isinstance(cell, str) else cell for cell in cells), *rest])
    return sheet.getvalue().encode("utf-8")
