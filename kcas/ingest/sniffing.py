"""Layout of a file that no one has described, guessed from its content, with what the guess is unsure of."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from kcas.errors import LogError
from kcas.ingest.file_rows import (
    BEFORE,
    BLANK,
    HEADER_WITHIN,
    Layout,
    Row,
    kind_of,
    names_in,
    numbered,
    records_of,
    rows_of,
    text_of_cell,
    unmarked_rows,
)
from kcas.ingest.json_rows import records_path
from kcas.ingest.printed_rows import FRAME_LINE, edges_of
from kcas.ingest.reading import Line, Log

DELIMITERS = ",;\t|"
SCANNED = 16 << 20
"""Bytes looked through for letters beyond ASCII."""
ROWS_SNIFFED = 200
_TOTALS = ("total", "totals", "grand total", "subtotal", "sum", "average", "mean", "overall", "summary", "all queues")
_NUMBER = re.compile(r"[-+]?[\d.,:/ %]+")
_NOT_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


@dataclass(frozen=True)
class Doubt:
    """Something about a file's form that its content does not settle: the setting, the likeliest answer first."""

    setting: str
    options: tuple[str, ...]
    evidence: str


@dataclass(frozen=True)
class Sniffed:
    """A guessed layout and its doubts."""

    layout: Layout
    unsure: tuple[Doubt, ...] = ()


def sniff(log: Log, *, sheet: str = "") -> Sniffed:
    """How a file is written; of a workbook, how its best sheet or the one named is.

    Raises LogError where it is no table at all, or has no such sheet.
    """
    if sheet and sheet not in (names := [name for name, _ in log.head.sheets]):
        raise LogError(
            f"{log.name}: has no sheet {sheet!r}. Expected one of {', '.join(names) or 'none: no workbook'}."
        )
    encoding, unsure = encoding_of(log)
    layout = Layout(kind=kind_of(log.head, Layout()), encoding=encoding)
    if layout.kind == "json":
        layout, doubts = _json(log, layout)
        return Sniffed(layout, unsure + doubts)
    if layout.kind == "delimited" and _is_fixed(log, layout):
        layout = replace(layout, kind="fixed")
    if layout.kind == "workbook":
        layout, doubts = _sheet(log, layout, named=sheet)
    else:
        layout, doubts = (_delimited if layout.kind == "delimited" else _other)(log, layout)
    return Sniffed(replace(layout, footer=footers(log, layout)), unsure + doubts)


def _json(log: Log, layout: Layout) -> tuple[Layout, tuple[Doubt, ...]]:
    """Under which keys the records are."""
    path = records_path("\n".join([*log.head.text(layout.encoding), ""]))
    doubts = (Doubt("records", (path, ""), "one object holds an array of objects"),) if path and "." not in path else ()
    return replace(layout, records=path), doubts


def _is_fixed(log: Log, layout: Layout) -> bool:
    """Whether lines are columns of characters: more columns by their gaps than any delimiter makes."""
    texts = log.head.text(layout.encoding)
    cut = [_cut(texts, replace(layout, delimiter=delimiter)) for delimiter in DELIMITERS]
    widths = [Counter(len(row.cells) for row in rows).most_common(1)[0][0] for rows in cut if _evenness(rows) > 0.8]
    return len(edges_of(texts)) > max(2, *widths, 0)


def _cut(texts: Sequence[str], layout: Layout) -> list[Row]:
    return list(records_of([Line(number, text, "") for number, text in enumerate(texts, 1)], layout))


def _other(log: Log, layout: Layout) -> tuple[Layout, tuple[Doubt, ...]]:
    """Where the header of a printed table is."""
    rows = list(islice(unmarked_rows(log, layout), ROWS_SNIFFED))
    if layout.kind == "fixed" and (over := rows_over_rule(rows)):
        return replace(layout, before_header=over[0], header_rows=len(over)), ()
    at, doubts = header_row(rows)
    return replace(layout, before_header=at), doubts


def rows_over_rule(rows: Sequence[Row]) -> range:
    """The rows of headings that stand over a rule of dashes, down from a blank line; none where there is no rule."""
    rule = next((at for at, row in enumerate(rows) if row.left_out == FRAME_LINE), 0)
    above = next((at for at in range(rule - 1, -1, -1) if rows[at].left_out or rows[at].fault), -1)
    return range(above + 1, rule)


def encoding_of(log: Log) -> tuple[str, tuple[Doubt, ...]]:
    """The encoding of a file's text: a mark's word, else UTF-8 where it is that, else Windows' with a doubt."""
    if log.head.sheets or log.head.encoding:
        return "utf-8", ()
    found = b"".join(islice(log.chunks(), SCANNED >> 20))
    if found.count(b"\0") > len(found) // 4:
        return ("utf-16-le" if found[1:2] == b"\0" else "utf-16-be"), ()
    try:
        found[: found.rfind(b"\n") + 1 or len(found)].decode("utf-8")
        return "utf-8", ()
    except UnicodeDecodeError as error:
        words = f"byte {found[error.start]:#04x} is no UTF-8 text"
    likely = ("cp850", "latin-1", "cp1252") if _NOT_CP1252 & set(found) else ("cp1252", "iso8859-15", "cp850")
    return likely[0], (Doubt("encoding", likely, words),)


def _delimited(log: Log, layout: Layout) -> tuple[Layout, tuple[Doubt, ...]]:
    """The delimiter by which most rows have the same number of fields, and where the header is."""
    texts = log.head.text(layout.encoding)
    cut = {d: _cut(texts, replace(layout, delimiter=d)) for d in DELIMITERS}
    scores = {d: _evenness(rows) for d, rows in cut.items()}
    best = max(DELIMITERS, key=lambda d: scores[d])
    close = tuple(d for d in DELIMITERS if d != best and scores[d] > 0.9 * scores[best] and scores[d] > 0)
    doubts = (Doubt("delimiter", (best, *close), "each cuts the rows evenly"),) if close else ()
    at, header_doubts = header_row(cut[best])
    return replace(layout, delimiter=best, before_header=at), doubts + header_doubts


def _evenness(rows: Sequence[Row]) -> float:
    """How well a delimiter cuts rows: the share of those with the commonest width, more for more columns; 0 for one."""
    widths = Counter(len(row.cells) for row in rows if row.left_out == "")
    width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
    return count / max(1, widths.total()) + min(width, 50) / 1000 if width > 1 else 0.0


def _sheet(log: Log, layout: Layout, *, named: str = "") -> tuple[Layout, tuple[Doubt, ...]]:
    """The sheet with the most rows of a table, unless one is named, and where its header is."""
    tables = {name: numbered(rows) for name, rows in log.head.sheets if any(rows) and named in ("", name)}
    sizes = {name: sum(_filled(row) > 1 for row in rows) for name, rows in tables.items()}
    best = max(sizes, key=lambda name: sizes[name], default="")
    others = tuple(name for name in sizes if name != best and sizes[name] > 1)
    doubts = (Doubt("sheet", (best, *others), "more than one sheet holds a table"),) if others else ()
    at, header_doubts = header_row(tables.get(best, []))
    names = names_in(tables[best][at].cells) if tables.get(best) and not header_doubts else ()
    alike = tuple(name for name in others if any(names_in(row.cells) == names for row in tables[name][:HEADER_WITHIN]))
    if names and alike:
        doubts = (*doubts, Doubt("sheets", (best, *alike), "they have the same columns"))
    return replace(
        layout, sheet=named or (best if len(tables) > 1 else ""), before_header=at, recognise=names
    ), doubts + header_doubts


def header_row(rows: Sequence[Row]) -> tuple[int, tuple[Doubt, ...]]:
    """Which row is the header: the first that is as wide as most and holds names, not values."""
    widths = Counter(_filled(row) for row in rows[1:] if _filled(row) > 1)
    usual = max(widths, key=lambda width: (widths[width], width), default=2)
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        if _filled(row) >= max(2, usual * 0.6) and _is_header(row):
            return at, ()
    first = next((at for at, row in enumerate(rows) if _filled(row) >= 2), 0)
    return first, (Doubt("columns", ("none", "first row"), "no row looks like a header"),)


def _filled(row: Row) -> int:
    return sum(bool(text_of_cell(cell).strip()) for cell in row.cells)


def _is_header(row: Row) -> bool:
    """Whether cells look like names of columns: texts, no two the same, none a number or a moment."""
    texts = [text_of_cell(cell).strip() for cell in row.cells if text_of_cell(cell).strip()]
    plain = all(isinstance(cell, str) or cell is None for cell in row.cells)
    named = [text for text in texts if not _NUMBER.fullmatch(text)]
    return plain and len(set(texts)) == len(texts) and len(named) == len(texts)


def footers(log: Log, layout: Layout) -> tuple[str, ...]:
    """With which texts the lines of totals begin that the file has."""
    found: dict[str, None] = {}
    for row in rows_of(log, layout):
        if row.left_out in (BEFORE, BLANK) or not row.cells:
            continue
        first = next((text for cell in row.cells if (text := text_of_cell(cell).strip())), "")
        if first.casefold().rstrip(":") in _TOTALS:
            found[first] = None
    return tuple(found)
