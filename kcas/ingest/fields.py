"""Fields of a delimited line.

The strict cutter is the contract; stretches a byte scan proves plain go through pyarrow, which cuts them the same way.
"""

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv

from kcas.errors import LogError
from kcas.ingest import file_rows
from kcas.ingest.above import SaidAbove, beginning_of_text, has_columns, tables_at
from kcas.ingest.columns import Array
from kcas.ingest.file_rows import (
    BEFORE,
    BLANK,
    CONTINUES,
    HEADER,
    HEADER_WITHIN,
    OPEN,
    Layout,
    Row,
    header_at,
    header_of,
    in_table,
    records_of,
    text_of_cell,
)
from kcas.ingest.log_format import Refusal
from kcas.ingest.reading import Block, Head, Log, lines_of

Gap = tuple[int, int, int]
WITHIN = re.compile("(?<=[^ ]) +(?=[^ ])")
MOST_CUTS, MOST_GAPS = 3, 12
"""Delimiters that may have become spaces in a row, and runs of spaces in it: beyond these nothing is certain."""
ROWS_AT_ONCE = 50_000
"""Rows to a stretch of a file that is read cell by cell."""
TIMED = (date, time, timedelta)
CODED = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class Rows:
    """The rows of one stretch of a file: their line numbers, the columns asked for, and the lines that are no rows."""

    lines: Array
    columns: dict[str, Any]
    refusals: list[Refusal] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    parted: int = 0  # rows in which columns ran together and were told apart by their codes
    typed: dict[str, Array] = field(default_factory=dict)  # cells of the columns in which the file has moments as such

    def only(self, keep: Array) -> "Rows":
        """The rows marked, with the same lines left out."""
        mask = pa.array(keep)
        columns = {name: texts.filter(mask) for name, texts in self.columns.items()}
        typed = {name: cells[keep] for name, cells in self.typed.items()}
        return Rows(self.lines[keep], columns, self.refusals, self.ignored, typed=typed)

    def texts(self, column: str) -> list[str]:
        """A column's texts, row by row."""
        found: list[str] = self.columns[column].to_pylist()
        return found

    def texts_among_dates(self, column: str) -> int:
        """How many cells of a column are texts where others are dates."""
        cells = self.typed.get(column, ())
        dated = any(isinstance(cell, date) for cell in cells)
        return sum(isinstance(cell, str) and bool(cell.strip()) for cell in cells) if dated else 0


@dataclass(frozen=True)
class Cutting:
    """What is needed to cut a line: how it is written, its columns' places, and which to read as they stand."""

    layout: Layout
    header: tuple[str, ...]
    wanted: dict[str, int]  # column -> place
    as_it_stands: Collection[str]  # columns of mostly distinct texts; the others are read once for each distinct one
    codes: dict[int, frozenset[str]]  # place -> every text that it may hold


def stretches_of(log: Log, *, layout: Layout, used: Collection[str], as_it_stands: Collection[str]) -> Iterator[Rows]:
    """A file's rows, stretch by stretch. Raises LogError where its header lacks a column that is used."""
    plain = file_rows.kind_of(log.head, layout) == "delimited" and not layout.above
    reader = _delimited if plain else _gathered
    filled = FilledDown(layout.fill_down)
    for rows in reader(log, layout=layout, used=used, as_it_stands=as_it_stands):
        whole = filled(rows, as_it_stands) if layout.fill_down else rows
        lacking = {name: [""] * len(rows.lines) for name in layout.optional if name in used}
        yield replace(whole, columns=_as_columns(lacking, as_it_stands) | whole.columns) if lacking else whole


class FilledDown:
    """Columns whose empty cell says what the last cell above it said, from stretch to stretch of a file.

    Below a line that was refused nothing is filled in: it may have said something else.
    """

    def __init__(self, columns: Collection[str]) -> None:
        self.columns = columns
        self.above: dict[str, tuple[int, str, Any]] = {}  # column -> line, text and cell of the last one that says it
        self.refused = 0  # the last line refused

    def __call__(self, rows: Rows, as_it_stands: Collection[str]) -> Rows:
        """The rows with these columns filled."""
        refused = np.array(sorted([self.refused, *(refusal.line for refusal in rows.refusals)]))
        columns, typed = dict(rows.columns), dict(rows.typed)
        for name in filter(columns.__contains__, self.columns):
            texts = np.array(rows.columns[name].to_pylist(), dtype=object)
            cells = typed.get(name, texts)
            line, text, cell = self.above.get(name, (0, "", None))
            lines = np.concatenate([[line], rows.lines])
            source = np.maximum.accumulate([0, *(at if text.strip() else 0 for at, text in enumerate(texts, 1))])[1:]
            same = np.searchsorted(refused, lines[source]) == np.searchsorted(refused, rows.lines)
            places = np.where(same, source, np.arange(1, len(lines)))
            whole, whole_cells = (
                np.array([first, *rest], dtype=object) for first, rest in ((text, texts), (cell, cells))
            )
            columns |= _as_columns({name: whole[places].tolist()}, as_it_stands)
            if name in typed or isinstance(cell, TIMED):
                typed[name] = whole_cells[places]
            last = int(source[-1]) if len(source) else 0
            self.above[name] = (int(lines[last]), whole[last], whole_cells[last])
        self.refused = int(refused[-1])
        return replace(rows, columns=columns, typed=typed)


def _as_columns(found: Mapping[str, list[str]], as_it_stands: Collection[str]) -> dict[str, Any]:
    """Columns of texts in the form their readers expect."""
    columns = {name: pa.array(texts, pa.string()) for name, texts in found.items()}
    return {name: texts if name in as_it_stands else texts.dictionary_encode() for name, texts in columns.items()}


def _delimited(log: Log, *, layout: Layout, used: Collection[str], as_it_stands: Collection[str]) -> Iterator[Rows]:
    """The rows of delimited text, block by block."""
    blocks = log.blocks(encoding=layout.encoding)
    opening = opening_of(blocks, layout, layout.needed(used), name=log.name)
    if opening is None:
        return
    cutting = cutting_of(opening.header, layout, used, as_it_stands, log.name)
    held, around = None, opening.around
    if opening.rest is None:
        yield replace(no_rows(cutting), ignored=around)
    for block, last in with_last(chain(filter(None, [opening.rest]), blocks)):
        if held and block.too_long:
            yield one_by_one(held, cutting=cutting, last=True)[0]
            held = None
        rows, held = split_block(joined(held, block), cutting=cutting, last=last)
        yield replace(rows, ignored=both(rows.ignored, around)) if block is opening.rest else rows


def with_last(blocks: Iterator[Block]) -> Iterator[tuple[Block, bool]]:
    """The blocks, each with whether it is the last."""
    block = next(blocks, None)
    while block:
        after = next(blocks, None)
        yield block, after is None
        block = after


class Opening(NamedTuple):
    """How a delimited file begins: its header, the lines up to there by what they are, and the rest of its block."""

    header: tuple[str, ...]
    around: dict[str, int]
    rest: Block | None


def opening_of(blocks: Iterator[Block], layout: Layout, used: Collection[str], *, name: str) -> Opening | None:
    """How a file begins; None where it is empty. Raises LogError where a line is wrong that must be the header."""
    if layout.header is not None:
        return Opening(layout.header, {}, block) if (block := next(blocks, None)) else None
    begun, at, rows = None, None, list[Row]()
    needed = HEADER_WITHIN + (layout.before_header or 0) + layout.header_rows
    while at is None and (begun is None or begun.lines < needed) and (block := next(blocks, None)):
        begun = block if block.too_long else joined(begun, block)
        rows = list(records_of(islice(lines_of(begun), needed), layout))
        at = header_at(rows, layout, used)
    if begun is None:
        return None
    if at is None and layout.before_header:
        raise LogError(f"{name}: holds no header. Expected the columns {', '.join(used)}.")
    return _opening_at(rows, at or 0, begun, layout, name=name)


def _opening_at(rows: list[Row], at: int, block: Block, layout: Layout, *, name: str) -> Opening:
    """The beginning of a file whose header is on that row of its first block."""
    until = at + layout.header_rows
    header = rows[at:until]
    if wrong := next((row for row in header if row.fault), None):
        raise LogError(f"{name}, line {wrong.line}: {wrong.fault}. Expected a header in {layout.encoding}.")
    while until < len(rows) and rows[until].left_out == CONTINUES:
        until += 1
    around = {BEFORE: at, HEADER: len(header), CONTINUES: until - at - len(header)}
    counted = {rule: count for rule, count in around.items() if count}
    return Opening(header_of(header), counted, _without_lines(block, until))


def _without_lines(block: Block, lines: int) -> Block | None:
    """A block without its first lines; None where no line is left."""
    at = 0
    for _ in range(lines):
        at = block.data.find(b"\n", at) + 1
    if block.lines <= lines:
        return None
    return Block(block.first_line + lines, block.data[at:], block.lines - lines, block.plain)


def joined(first: Block | None, second: Block) -> Block:
    """Two stretches of lines as one."""
    if first is None:
        return second
    lines = first.lines + second.lines
    return Block(first.first_line, first.data + second.data, lines, first.plain and second.plain)


def both(some: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    """Two counts by rule as one."""
    return some | {rule: some.get(rule, 0) + count for rule, count in more.items()}


def _gathered(log: Log, *, layout: Layout, used: Collection[str], as_it_stands: Collection[str]) -> Iterator[Rows]:
    """The rows of a file of another kind, gathered into stretches of columns."""
    in_rows = [column for column in used if column not in layout.above]
    by_path = file_rows.kind_of(log.head, layout) == "json"
    rows = file_rows.rows_of(log, layout, used=in_rows if by_path else layout.needed(used))
    above = SaidAbove(log, layout, used) if layout.above else None
    cutting = None if layout.header is None else cutting_of(layout.header, layout, in_rows, as_it_stands, log.name)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        if cutting is None:
            header = [row for row in some if row.left_out == HEADER][: layout.header_rows]
            cutting = cutting_of(header_of(header), layout, in_rows, as_it_stands, log.name)
        found = _columns_of(some, cutting=cutting)
        said = _as_columns(above.of_rows(some), as_it_stands) if above else {}
        yield replace(found, columns=found.columns | said)


def _columns_of(rows: list[Row], *, cutting: Cutting) -> Rows:
    """A stretch of rows as columns."""
    whole = [row for row in rows if not row.left_out and not row.fault]
    refusals = [Refusal(row.line, None, row.fault) for row in rows if row.fault and not row.left_out]
    ignored = Counter(row.left_out for row in rows if row.left_out and row.line)
    columns, typed = {}, {}
    for name, place in cutting.wanted.items():
        cells = [row.cells[place] for row in whole]
        columns[name] = read([text_of_cell(cell) for cell in cells], name, cutting)
        if any(isinstance(cell, TIMED) for cell in cells):
            typed[name] = np.array(cells, dtype=object)
    return Rows(np.array([row.line for row in whole], dtype=np.int64), columns, refusals, dict(ignored), typed=typed)


def cutting_of(
    header: tuple[str, ...], layout: Layout, used: Collection[str], as_it_stands: Collection[str], name: str
) -> Cutting:
    """How to cut a file of that header."""
    there = [column for column in used if column in header or column not in layout.optional]
    for column in (*there, *layout.codes):
        if header.count(column) != 1:
            raise LogError(f"{name}: {_lacking(column, header, used)}")
    codes = {header.index(column): texts for column, texts in layout.codes.items()}
    return Cutting(layout, header, {column: header.index(column) for column in there}, as_it_stands, codes)


def _lacking(column: str, header: tuple[str, ...], used: Collection[str]) -> str:
    """What is wrong with a header. None of its own words: where a file has no header they are a caller's."""
    if column in header:
        return f"has more than one column {column!r}. Expected each column that is used once."
    there = [f'"{each}"' for each in used if each in header]
    of_them = f"Of the columns expected it has {', '.join(there)}." if there else "It has none of the columns expected."
    return f"has no column {column!r} among its {len(header)}. {of_them} Is its first line a header?"


def split_block(block: Block, *, cutting: Cutting, last: bool) -> tuple[Rows, Block | None]:
    """A block's rows, the fast way where it is plain; and the lines at its end of a record that goes on after it."""
    if block.plain and is_regular(block, cutting):
        try:
            return at_once(block, cutting=cutting), None
        except pa.ArrowInvalid:  # the scan was wrong about it: the strict way decides
            pass
    return one_by_one(block, cutting=cutting, last=last)


def is_regular(block: Block, cutting: Cutting) -> bool:
    """Whether the lines hold as many delimiters as that number of rows must, no other header and no odd quotes."""
    layout, width = cutting.layout, len(cutting.header)
    letters = np.frombuffer(block.data, np.uint8)
    delimiters = int(np.count_nonzero(letters == ord(layout.delimiter)))
    if width < 2 or delimiters != (width - 1) * block.lines or (layout.quote and layout.quote.encode() in block.data):
        return False
    if layout.footer and any(text.casefold().encode() in block.data.lower() for text in layout.footer):
        return False
    again = layout.delimiter.join(cutting.header).encode() + b"\n"
    return not block.data.startswith(again) and b"\n" + again not in block.data


def at_once(block: Block, *, cutting: Cutting) -> Rows:
    """A plain block's rows. Raises ArrowInvalid where a line has not as many fields as the header."""
    names = [str(place) for place in range(len(cutting.header))]
    kinds = {str(p): pa.string() if name in cutting.as_it_stands else CODED for name, p in cutting.wanted.items()}
    table = pa.csv.read_csv(
        pa.BufferReader(block.data),
        pa.csv.ReadOptions(column_names=names, block_size=1 << 20),
        pa.csv.ParseOptions(
            delimiter=cutting.layout.delimiter, quote_char=False, double_quote=False, escape_char=False,
            newlines_in_values=False, ignore_empty_lines=False,
        ),
        pa.csv.ConvertOptions(
            column_types=kinds, include_columns=list(kinds), strings_can_be_null=False, null_values=[], check_utf8=True
        ),
    )  # fmt: skip
    if table.num_rows != block.lines:
        raise pa.ArrowInvalid("not as many rows as lines")
    table = table.unify_dictionaries().combine_chunks()
    columns = {name: single_array(table.column(str(place))) for name, place in cutting.wanted.items()}
    return Rows(np.arange(block.first_line, block.first_line + block.lines, dtype=np.int64), columns)


def single_array(column: Any) -> Any:
    """A column as one array."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def one_by_one(block: Block, *, cutting: Cutting, last: bool = False) -> tuple[Rows, Block | None]:
    """A block's rows line by line, every other line with its reason; and the lines of a record left open at its end,
    unless it is the `last` block."""
    width, places = len(cutting.header), list(cutting.wanted.values())
    lines: list[int] = []
    cut_lines: list[list[str]] = []
    refusals: list[Refusal] = []
    ignored, parted, held = Counter({BLANK: 0, HEADER: 0}), 0, None
    for record in records_of(lines_of(block), cutting.layout, width=width, last=last or block.too_long):
        if record.left_out == OPEN:
            held = _without_lines(block, record.line - block.first_line)
            break
        apart = told_apart(record, cutting) if cutting.codes and len(record.cells) < width else record
        parted += apart is not record
        row = apart if apart.left_out or apart.fault else in_table(apart, cutting.header, cutting.layout, padded=False)
        if row.left_out:
            ignored[row.left_out] += 1
        elif row.fault:
            refusals.append(Refusal(row.line, None, row.fault))
        else:
            lines.append(row.line)
            cut_lines.append([str(row.cells[place]) for place in places])
    columns = {name: read([row[at] for row in cut_lines], name, cutting) for at, name in enumerate(cutting.wanted)}
    return Rows(np.array(lines, dtype=np.int64), columns, refusals, dict(+ignored), parted), held


def told_apart(row: Row, cutting: Cutting) -> Row:
    """A row with too few fields, cut where spaces stand for a delimiter; as it is where that is a guess.

    It is certain where there is one way to cut it into as many fields as there are columns, so that every column of
    codes holds one of its own, and of two columns that ran together one has codes, of more all have.
    """
    fields = [text_of_cell(cell) for cell in row.cells]
    lacking, gaps = len(cutting.header) - len(fields), gaps_in(fields)
    if not fields or not 0 < lacking <= MOST_CUTS or len(gaps) > MOST_GAPS:
        return row
    ways = (cut_at(fields, cuts, cutting) for cuts in itertools.combinations(gaps, lacking))
    certain = list(itertools.islice(filter(None, ways), 2))
    return row._replace(cells=certain[0]) if len(certain) == 1 else row


def gaps_in(fields: list[str]) -> list[Gap]:
    """The runs of spaces within fields, none at their ends: which field, from where until where."""
    return [(at, *gap.span()) for at, field in enumerate(fields) for gap in WITHIN.finditer(field)]


def cut_at(fields: list[str], cuts: tuple[Gap, ...], cutting: Cutting) -> list[str] | None:
    """The row cut at these gaps; None where the columns of codes do not bear that out."""
    whole: list[str] = []
    for at, text in enumerate(fields):
        edges = [0, *(edge for one, *gap in cuts if one == at for edge in gap), len(text)]
        parts = [text[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True)]
        others = sum(place not in cutting.codes for place in range(len(whole), len(whole) + len(parts)))
        if len(parts) > 1 and others > (1 if len(parts) == 2 else 0):
            return None
        whole += parts
    return whole if all(whole[place].strip(" ") in codes for place, codes in cutting.codes.items()) else None


def read(texts: list[str], name: str, cutting: Cutting) -> Any:
    """A column of texts in the form its reader expects."""
    column = pa.array(texts, pa.string())
    return column if name in cutting.as_it_stands else column.dictionary_encode()


def no_rows(cutting: Cutting) -> Rows:
    """The columns of no rows."""
    return Rows(np.empty(0, np.int64), {name: read([], name, cutting) for name in cutting.wanted})


def claims(head: Head, *, layout: Layout, used: Collection[str]) -> bool:
    """Whether a file's beginning holds the header this layout is recognised by."""
    if layout.header is not None:
        return False
    wanted = layout.recognise or layout.needed(used)
    kind = file_rows.kind_of(head, layout)
    if kind != "delimited":
        return has_columns(head, kind, layout, wanted)
    return header_at(beginning_of_text(head, layout), layout, wanted) is not None


def header_near(head: Head, *, layout: Layout, used: Collection[str]) -> tuple[str, ...]:
    """The header at a file's beginning that has most of the columns used; empty where none of its rows has any."""
    kind = file_rows.kind_of(head, layout)
    if layout.header is not None or kind == "json" or bool(head.sheets) != (kind == "workbook"):
        return ()
    tables = [beginning_of_text(head, layout)] if kind == "delimited" else tables_at(head, kind, layout)
    rows = [table[at : at + layout.header_rows] for table in tables for at in range(min(len(table), HEADER_WITHIN))]
    headers = [header_of(some) for some in rows if not any(row.fault for row in some)]
    best = max(headers, key=lambda names: len({*names} & {*used}), default=())
    return best if {*best} & {*used} else ()
