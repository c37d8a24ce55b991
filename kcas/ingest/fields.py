"""Fields of a delimited line.

One physical line is one record, so that a quotation mark left open costs its own line and no other. The strict
cutter is the contract; stretches a byte scan proves plain go through pyarrow, which cuts them the same way.
"""

import itertools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from kcas.errors import LogError
from kcas.ingest.columns import Array
from kcas.ingest.log_format import Refusal
from kcas.ingest.mapping import Layout
from kcas.ingest.reading import Block, Log, lines_of, text_of

Gap = tuple[int, int, int]
WITHIN = re.compile("(?<=[^ ]) +(?=[^ ])")
MOST_CUTS, MOST_GAPS = 3, 12
"""Delimiters that may have become spaces in a row, and runs of spaces in it: beyond these nothing is certain."""
CODED = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class Rows:
    """The rows of one stretch of a file: their line numbers, the columns asked for, and the lines that are no rows."""

    lines: Array
    columns: dict[str, Any]
    refusals: list[Refusal] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    parted: int = 0  # rows in which columns ran together and were told apart by their codes

    def only(self, keep: Array) -> "Rows":
        """The rows marked, with the same lines left out."""
        mask = pa.array(keep)
        columns = {name: texts.filter(mask) for name, texts in self.columns.items()}
        return Rows(self.lines[keep], columns, self.refusals, self.ignored)


@dataclass(frozen=True)
class Cutting:
    """What is needed to cut a line: how it is written, its columns' places, and which to read as they stand."""

    layout: Layout
    header: tuple[str, ...]
    wanted: dict[str, int]  # column -> place
    as_it_stands: Collection[str]  # columns of mostly distinct texts; the others are read once for each distinct one
    codes: dict[int, frozenset[str]]  # place -> every text that it may hold


def rows_of(log: Log, *, layout: Layout, used: Collection[str], as_it_stands: Collection[str]) -> Iterator[Rows]:
    """A log's rows, block by block. Raises LogError where its header lacks a column that is used."""
    cutting = None if layout.header is None else cutting_of(layout.header, layout, used, as_it_stands, log.name)
    for block in log.blocks(encoding=layout.encoding):
        if cutting:
            yield split_block(block, cutting=cutting)
            continue
        before, rest = without_beginning(block, lines=layout.before_header)
        if rest is None or rest.too_long:
            raise LogError(f"{log.name}: holds no header. Expected the columns {', '.join(used)}.")
        header = next(iter(lines_of(rest)))
        if header.fault:
            raise LogError(f"{log.name}, line {header.number}: {header.fault}. Expected a header in {layout.encoding}.")
        cutting = cutting_of(names_in(header.text, layout), layout, used, as_it_stands, log.name)
        _, body = without_beginning(rest, lines=1)
        rows = split_block(body, cutting=cutting) if body else Rows(np.empty(0, np.int64), empty_columns(cutting))
        yield replace(rows, ignored=rows.ignored | before | header_lines(rows.ignored))


def header_lines(ignored: dict[str, int]) -> dict[str, int]:
    """The first header, counted with any further ones."""
    return {"header": ignored.get("header", 0) + 1}


def without_beginning(block: Block, *, lines: int) -> tuple[dict[str, int], Block | None]:
    """A block without its first lines, and what those are called."""
    at = 0
    for _ in range(lines):
        at = block.data.find(b"\n", at) + 1
        if not at:
            return {}, None
    if at == len(block.data) and not block.too_long:
        return {}, None
    rest = Block(block.first_line + lines, block.data[at:], block.lines - lines, block.plain, block.too_long)
    return ({"before the header": lines} if lines else {}), rest


def cutting_of(
    header: tuple[str, ...], layout: Layout, used: Collection[str], as_it_stands: Collection[str], name: str
) -> Cutting:
    """How to cut a file of that header."""
    for column in (*used, *layout.codes):
        if header.count(column) != 1:
            raise LogError(f"{name}: {_lacking(column, header, used)}")
    codes = {header.index(column): texts for column, texts in layout.codes.items()}
    return Cutting(layout, header, {column: header.index(column) for column in used}, as_it_stands, codes)


def _lacking(column: str, header: tuple[str, ...], used: Collection[str]) -> str:
    """What is wrong with a header. None of its own words: where a file has no header they are a caller's."""
    if column in header:
        return f"has more than one column {column!r}. Expected each column that is used once."
    there = [f'"{each}"' for each in used if each in header]
    of_them = f"Of the columns expected it has {', '.join(there)}." if there else "It has none of the columns expected."
    return f"has no column {column!r} among its {len(header)}. {of_them} Is its first line a header?"


def names_in(line: str, layout: Layout) -> tuple[str, ...]:
    """The columns' names in a header line, none where it cannot be cut."""
    fields = fields_of(line, layout)
    return tuple(name.strip() for name in fields) if isinstance(fields, list) else ()


def fields_of(line: str, layout: Layout) -> list[str] | str:
    """A line's fields, or why it cannot be cut into them."""
    if not layout.quote or layout.quote not in line:
        return line.split(layout.delimiter)
    fields, at, end = [], 0, len(line)
    while at <= end:
        if line[at : at + 1] != layout.quote:
            stop = line.find(layout.delimiter, at)
            stop = end if stop < 0 else stop
            fields.append(line[at:stop])
        else:
            stop = closing(line, at + 1, layout.quote)
            if stop < 0:
                return "a quotation mark is not closed"
            if stop < end and line[stop] != layout.delimiter:
                return "text follows a closing quotation mark"
            fields.append(line[at + 1 : stop - 1].replace(layout.quote * 2, layout.quote))
        at = stop + 1
    return fields


def closing(line: str, at: int, quote: str) -> int:
    """The place after the mark that closes a quoted field, or -1; a doubled mark is part of the text."""
    while (at := line.find(quote, at)) >= 0:
        if line[at + 1 : at + 2] != quote:
            return at + 1
        at += 2
    return -1


def split_block(block: Block, *, cutting: Cutting) -> Rows:
    """A block's rows, the fast way where it is plain."""
    if block.plain and is_regular(block, cutting):
        try:
            return at_once(block, cutting=cutting)
        except pa.ArrowInvalid:  # the scan was wrong about it: the strict way decides
            pass
    return one_by_one(block, cutting=cutting)


def is_regular(block: Block, cutting: Cutting) -> bool:
    """Whether the lines hold as many delimiters as that number of rows must, no other header and no odd quotes."""
    layout, width = cutting.layout, len(cutting.header)
    letters = np.frombuffer(block.data, np.uint8)
    delimiters = int(np.count_nonzero(letters == ord(layout.delimiter)))
    if width < 2 or delimiters != (width - 1) * block.lines or (layout.quote and layout.quote.encode() in block.data):
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


def one_by_one(block: Block, *, cutting: Cutting) -> Rows:
    """A block's rows line by line, every other line with its reason."""
    layout, width = cutting.layout, len(cutting.header)
    again, places = layout.delimiter.join(cutting.header), list(cutting.wanted.values())
    lines: list[int] = []
    cut_lines: list[list[str]] = []
    refusals: list[Refusal] = []
    ignored, parted = {"blank line": 0, "header": 0}, 0
    for number, line, fault in lines_of(block):
        if not fault and not (line.strip(" ") if layout.delimiter != " " else line):
            ignored["blank line"] += 1
            continue
        fields = fault or fields_of(line, layout)
        if cutting.codes and isinstance(fields, list) and len(fields) < width:
            fields, before = told_apart(fields, cutting), fields
            parted += fields is not before
        if isinstance(fields, str):
            refusals.append(Refusal(number, None, fields))
        elif line == again or tuple(fields) == cutting.header:
            ignored["header"] += 1
        elif len(fields) != width:
            refusals.append(Refusal(number, None, f"has {len(fields)} fields where {width} were expected"))
        else:
            lines.append(number)
            cut_lines.append([fields[place] for place in places])
    columns = {name: read([row[at] for row in cut_lines], name, cutting) for at, name in enumerate(cutting.wanted)}
    told = {rule: n for rule, n in ignored.items() if n}
    return Rows(np.array(lines, dtype=np.int64), columns, refusals, told, parted)


def told_apart(fields: list[str], cutting: Cutting) -> list[str]:
    """A row with too few fields, cut where spaces stand for a delimiter; as it is where that is a guess.

    It is certain where there is one way to cut it into as many fields as there are columns, so that every column of
    codes holds one of its own, and of two columns that ran together one has codes, of more all have.
    """
    lacking, gaps = len(cutting.header) - len(fields), gaps_in(fields)
    if not 0 < lacking <= MOST_CUTS or len(gaps) > MOST_GAPS:
        return fields
    ways = (cut_at(fields, cuts, cutting) for cuts in itertools.combinations(gaps, lacking))
    certain = list(itertools.islice(filter(None, ways), 2))
    return certain[0] if len(certain) == 1 else fields


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


def empty_columns(cutting: Cutting) -> dict[str, Any]:
    """The columns of no rows."""
    return {name: read([], name, cutting) for name in cutting.wanted}


def claims(first: tuple[bytes, ...], *, layout: Layout, used: Collection[str], marked: bool) -> bool:
    """Whether a log's first lines hold the header this layout is recognised by."""
    if layout.header is not None or len(first) <= layout.before_header:
        return False
    raw = first[layout.before_header]
    line, fault = text_of(raw) if marked else text_of(raw.decode(layout.encoding, "replace").encode())
    return not fault and set(layout.recognise or used) <= set(names_in(line, layout))
