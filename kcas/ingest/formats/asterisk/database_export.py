"""Asterisk's queue_log as a database table (realtime), exported.

The same events, but in columns, in any order of rows, and with the time as local text: the zone is a setting, and the
hour that comes twice in autumn is flagged.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from kcas.errors import LogError
from kcas.ingest.events.legs import SECOND
from kcas.ingest.events.stream import Stays, from_text, last_piece, piece
from kcas.ingest.formats.asterisk.lines import ARGUMENTS, MORE, OLDEST, ROWS, Copies, epoch, sort_out
from kcas.ingest.log_format import Carried, Piece, ReadSettings, Refusal
from kcas.ingest.moments import Order, to_utc
from kcas.ingest.reading import Block, Head, Log, lines_of

_COLUMNS = {"time": "time", "created": "time", "callid": "callid", "queuename": "queue", "queue": "queue",
           "agent": "agent", "event": "event"}  # fmt: skip
DATA = ("data1", "data2", "data3", "data4", "data5")
_NOTHING = ("", "NULL", r"\N")
LOCAL = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?$"


@dataclass
class _Table:
    """The heading of an export, and what its rows so far have told of their order."""

    separator: str
    heading: list[str]
    zone: str
    order: Order = field(default_factory=Order)
    descending: bool | None = None

    @property
    def width(self) -> int:
        """How many columns it has."""
        return len(self.heading)


class AsteriskQueueLogExport:
    """The table queue_log, as CSV with a heading."""

    key = "asterisk_queue_log_database"
    words = "Asterisk queue_log, exported from its database as CSV"
    encoding = "utf-8"

    def claims(self, head: Head) -> bool:
        """Whether the first line that says anything names the columns of the table."""
        return heading_of(head.lines) is not None

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The stays in queues, block by block."""
        stays = Stays(from_text(carried.loose), by_time=True)
        heading = heading_of(log.head.lines)
        if heading is None:
            raise LogError(
                f"{log.name}: its first line is no heading. Expected time,callid,queuename,agent,event,data1…"
            )
        table = _Table(*heading, zone=settings.zone or settings.default_zone)
        rules, copies = set[str](), Copies(in_order=False)
        for block in log.blocks(encoding=self.encoding):
            rows, refusals = _rows_of(block, table)
            rows, headings = without_headings(rows)
            rows, again = copies.without(rows)
            told = sort_out(rows, clock=lambda rows, to: moments(rows, to, table=table), settings=settings, rules=rules)
            told.ignored.update(again | ({"header": headings} if headings else {}))
            yield piece(told, stays.take(in_time(told.events, table)), refusals=refusals)
        yield last_piece(stays)


def heading_of(lines: tuple[str, ...]) -> tuple[str, list[str]] | None:
    """The separator and our names of the columns, from the first line that says anything."""
    first = next((line for line in lines if line.strip()), "")
    for separator in ",;\t":
        names = [name.strip().strip('"`').casefold() for name in first.split(separator)]
        ours = [_COLUMNS.get(name, name) for name in names]
        if set(_COLUMNS.values()) <= set(ours):
            return separator, told_apart(names, ours)
    return None


def told_apart(names: list[str], ours: list[str]) -> list[str]:
    """Our names, each once: of `time` and `created`, as FreePBX has both, the one that is spelt as ours."""
    first = {our: names.index(our) if our in names else ours.index(our) for our in ours}
    return [our if first[our] == place else f"{names[place]} {place}" for place, our in enumerate(ours)]


def _rows_of(block: Block, table: _Table) -> tuple[pl.DataFrame, list[Refusal]]:
    """A block's rows as the file would have them, and the lines that are no rows of this table."""
    cells = fast_cells(block, table) if block.plain else None
    if cells is not None:
        return in_fields(cells, table), []
    cells, refusals = strict_cells(block, table)
    return in_fields(cells, table), refusals


def fast_cells(block: Block, table: _Table) -> pl.DataFrame | None:
    """Every line split at its separators in vectors; nothing where a line has more or fewer than the heading."""
    lines = pl.read_lines(io.BytesIO(block.data), name="text")
    counts = lines["text"].str.count_matches(table.separator, literal=True)
    if not ((counts == table.width - 1) | (lines["text"] == "")).all():
        return None
    cells = pl.col("text").str.splitn(table.separator, table.width).struct.rename_fields(table.heading)
    split = lines.select(cells).unnest("text")
    return split.with_row_index("line", offset=block.first_line).with_columns(pl.col("line").cast(pl.Int64))


def strict_cells(block: Block, table: _Table) -> tuple[pl.DataFrame, list[Refusal]]:
    """Every line split as CSV, one by one: a quotation mark left open spoils its own line and no other."""
    rows: list[tuple[int | str | None, ...]] = []
    refusals = []
    for number, text, fault in lines_of(block):
        try:
            cells = next(csv.reader([text], delimiter=table.separator, strict=True), [])
        except csv.Error:
            cells, fault = [], fault or "a quotation mark is open or out of place"
        if fault or (cells and len(cells) != table.width):
            refusals.append(Refusal(number, None, fault or f"{len(cells)} columns, the heading has {table.width}"))
        else:
            rows.append((number, *(cells or (None,) * table.width)))
    return pl.DataFrame(
        rows, schema={"line": pl.Int64(), **dict.fromkeys(table.heading, pl.String())}, orient="row"
    ), refusals


def in_fields(cells: pl.DataFrame, table: _Table) -> pl.DataFrame:
    """The cells under the names the file's fields have. Old tables hold all arguments in one column, with bars."""
    text = pl.col(pl.String)
    cells = cells.with_columns(pl.when(~text.is_in(_NOTHING)).then(text).name.keep())
    one = "data" in table.heading and "data1" not in table.heading
    data = [pl.col(name).fill_null("") for name in DATA if name in table.heading] or [pl.lit("")]
    joined = pl.col("data") if one else pl.concat_str(data, separator="|")
    arguments = joined.fill_null("").str.splitn("|", len(ARGUMENTS) + 1).struct.rename_fields([*ARGUMENTS, MORE])
    rows = cells.with_columns(arguments.alias("arguments")).unnest("arguments").select(*ROWS)
    return rows.with_columns(pl.when(text != "").then(text).name.keep())


def without_headings(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The rows but the heading, which comes again where exports were joined."""
    heading = (pl.col("event").str.to_lowercase() == "event") & (pl.col("callid").str.to_lowercase() == "callid")
    body = rows.filter(~heading.fill_null(False))
    return body, rows.height - body.height


def moments(rows: pl.DataFrame, settings: ReadSettings, *, table: _Table) -> pl.DataFrame:
    """Moments of local text, or of seconds since 1970 as the oldest tables have them."""
    counted = epoch(rows, settings)
    written = pl.col("time").str.contains(LOCAL)
    wall = pl.col("time").str.slice(0, 19).str.replace("T", " ").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    fraction = ("0" + pl.col("time").str.slice(19).str.replace("^$", ".0")).cast(pl.Float64, strict=False)
    told = counted.with_columns(
        wall=pl.when(written).then(wall.dt.epoch("us") + (fraction * SECOND).round().cast(pl.Int64))
    )
    earliest, latest = (OLDEST - 86_400) * SECOND, int(settings.latest.timestamp() + 86_400) * SECOND
    known = told["wall"].is_between(earliest, latest).fill_null(False)
    local = told["wall"].filter(known).to_numpy()
    if table.descending is None and len(local):
        table.descending = bool(local[0] > local[-1])
    utc, flags = to_utc(local, zone=table.zone, order=table.order)
    found = pl.DataFrame({"row": known.arg_true(), "utc": utc, "flag": flags})
    told = told.with_row_index("row").join(found, on="row", how="left", maintain_order="left")
    sane = pl.col("utc").is_between(OLDEST * SECOND, int(settings.latest.timestamp()) * SECOND)
    return told.with_columns(
        moment=pl.coalesce("moment", pl.when(sane).then("utc")),
        clock=pl.when(pl.col("flag") != "").then("flag"),
        not_a_moment=pl.when(written).then(pl.lit("no moment there is, before 1999, or in the future"))
        .otherwise(pl.lit("not a moment, expected one like 2026-01-02 15:04:05")),
    ).drop("row", "wall", "utc", "flag")  # fmt: skip


def in_time(events: pl.DataFrame, table: _Table) -> pl.DataFrame:
    """The events in the order they happened. Of a table with the latest row first, lines count backwards."""
    if table.descending:
        events = events.with_columns(-pl.col("line"))
    return events.sort("time", "line")
