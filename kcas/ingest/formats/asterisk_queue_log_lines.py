"""What does each line of an Asterisk queue_log say, and which lines are of no concern to callers?

Two readers give the very same rows: one for blocks that are plain text, in vectors, and a strict one, line by line.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from kcas.ingest.formats.asterisk_queue_log_legs import ENDS, EVENTS, MIDDLES, REFUSED, RESTART, SECOND, START
from kcas.ingest.log_format import ReadSettings, Refusal
from kcas.ingest.reading import Block, is_text, lines_of

FIELDS = ("time", "callid", "queue", "agent", "event")
ARGUMENTS = ("a1", "a2", "a3", "a4", "a5", "a6")
ROWS = pl.Schema({"line": pl.Int64(), **dict.fromkeys(FIELDS + ARGUMENTS, pl.String())})

CALLERS = (START, *MIDDLES, *ENDS, *REFUSED)
STAFF = (
    "RINGNOANSWER", "AGENTDUMP", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL", "PAUSEREASON", "ADDMEMBER",
    "REMOVEMEMBER", "PENALTY", "RINGINUSE", "AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF",
    "CONFIGRELOAD",
)  # fmt: skip
"""About agents and settings. After AGENTDUMP the caller goes back to waiting, so it ends nothing."""
TRANSFERS = ("BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER")
NOBODY = ("NONE", "REALTIME", "MANAGER", "CLI", "UNKNOWN")
"""What stands for a call id, queue or agent where there is none."""
OLDEST = 915_148_800
"""1999: Asterisk's own first year. An earlier moment is a switch whose clock was not set."""
LONGEST = 10_000_000.0
"""A wait or talk of more seconds than this (115 days) is a counter gone wrong: left out, and said."""
LONGEST_NAME = 256
"""Bytes of a call id or a queue's name, as in the switch's own table."""
NUMBER = r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"
TOO_FEW = "too few fields, expected time|callid|queue|agent|EVENT|…"
OUT_OF_RANGE = "a wait or talk below nought or above 115 days left out"
KINDS_SHOWN = 60
"""Rules kept apart in one stretch of a log: a hostile log has as many events as lines."""


@dataclass(frozen=True)
class Sorted:
    """The lines of a block: events about callers, lines ignored by which rule, lines refused and why."""

    events: pl.DataFrame
    ignored: dict[str, int]
    refusals: list[Refusal]
    warnings: dict[str, int]


Clock = Callable[[pl.DataFrame, ReadSettings], pl.DataFrame]
"""Puts `moment` (microseconds UTC, null where the time is none) and `clock` beside the rows."""


def rows_of(block: Block) -> tuple[pl.DataFrame, list[Refusal]]:
    """A block's rows, and the lines that are no text."""
    plain = block.plain or (not block.too_long and b"\0" not in block.data and is_text(block.data))
    return (fast_rows(block), []) if plain else strict_rows(block)


def fast_rows(block: Block) -> pl.DataFrame:
    """Every line split at its bars, in vectors. Quotation marks mean nothing here."""
    lines = pl.read_lines(io.BytesIO(block.data), name="text")
    fields = pl.col("text").str.splitn("|", len(ROWS)).struct.rename_fields([*FIELDS, *ARGUMENTS, "more"])
    rows = lines.select(fields).unnest("text").with_row_index("line", offset=block.first_line).select(*ROWS)
    text = pl.col(pl.String)
    return rows.with_columns(pl.col("line").cast(pl.Int64), pl.when(text != "").then(text).name.keep())


def strict_rows(block: Block) -> tuple[pl.DataFrame, list[Refusal]]:
    """Every line split at its bars, one by one; those that are no text are refused."""
    rows, refusals = [], []
    for number, text, fault in lines_of(block):
        if fault:
            refusals.append(Refusal(number, None, fault))
            continue
        fields = text.split("|")[: len(ROWS) - 1]
        rows.append((number, *(field or None for field in fields), *[None] * (len(ROWS) - 1 - len(fields))))
    return pl.DataFrame(rows, schema=ROWS, orient="row"), refusals


def sort_out(rows: pl.DataFrame, *, clock: Clock, settings: ReadSettings) -> Sorted:
    """Events about callers with their times and tokens; every other line ignored by rule or refused."""
    judged = clock(picked(rows), settings).with_columns(fault=fault(), rule=rule())
    refused = judged.filter(pl.col("fault").is_not_null())
    sound = judged.filter(pl.col("fault").is_null())
    ignored = sound.filter(pl.col("rule").is_not_null())["rule"].value_counts(sort=True)
    names, counts = ignored["rule"].to_list(), ignored["count"].to_list()
    shown = dict(zip(names[:KINDS_SHOWN], counts[:KINDS_SHOWN], strict=True))
    if len(names) > KINDS_SHOWN:
        shown["unknown events of many other names"] = sum(counts[KINDS_SHOWN:])
    events, warnings = as_events(sound.filter(pl.col("rule").is_null()), settings=settings)
    return Sorted(events, shown, refusals_of(refused), warnings)


def picked(rows: pl.DataFrame) -> pl.DataFrame:
    """Beside each row, the arguments that are its wait, talk and ring.

    A transfer ends in hold | talk | position, after two arguments (BRIDGE, APP, a dialled extension) or after three
    (LINK with both its channels; some makers put the number dialled in front).
    """
    event, fourth = pl.col("event"), pl.col("a6").is_not_null()
    return rows.with_columns(
        wait=pl.when(event.is_in(["CONNECT", "COMPLETECALLER", "COMPLETEAGENT"])).then("a1")
        .when(event.is_in(["ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY", "WITHDRAW"])).then("a3")
        .when(event == "EXITWITHKEY").then("a4")
        .when(event.is_in(TRANSFERS)).then(pl.when(fourth).then("a4").otherwise("a3")),
        talk=pl.when(event.is_in(["COMPLETECALLER", "COMPLETEAGENT"])).then("a2")
        .when(event.is_in(TRANSFERS)).then(pl.when(fourth).then("a5").otherwise("a4")),
        ring=pl.when(event == "CONNECT").then("a3"),
    )  # fmt: skip


def fault() -> pl.Expr:
    """COLUMN, a tab and the reason, of a line that cannot be taken. No field that may hold a number is repeated."""
    event = pl.col("event")
    concerns = event.is_in(list(CALLERS))
    said = pl.when(empty_line()).then(None).when(event.is_null()).then(pl.lit(TOO_FEW))
    said = said.when(pl.col("moment").is_null()).then(pl.lit("time\t") + pl.col("not_a_moment"))
    for column in ("callid", "queue"):
        nobody = concerns & (pl.col(column).is_null() | pl.col(column).is_in(list(NOBODY)))
        said = said.when(nobody).then(
            pl.format("{}\t{} without it: whose stay it is cannot be told", pl.lit(column), event)
        )
        too_long = concerns & (pl.col(column).str.len_bytes() > LONGEST_NAME)
        said = said.when(too_long).then(pl.lit(f"{column}\tlonger than {LONGEST_NAME} bytes"))
    for column in ("wait", "talk", "ring"):
        bad = concerns & ~pl.col(column).str.contains(NUMBER)
        said = said.when(bad).then(
            pl.format("{}\tnot a number of seconds in {}, expected one like 42", pl.lit(column), event)
        )
    return said.otherwise(None)


def rule() -> pl.Expr:
    """Why a sound line is of no concern to callers."""
    event = pl.col("event")
    name = event.str.replace_all(r"[^A-Za-z_ -]+", "#").str.slice(0, 32)
    return (
        pl.when(empty_line()).then(pl.lit("blank line"))
        .when(event.is_in([*CALLERS, RESTART])).then(None)
        .when(event.is_in(list(STAFF))).then(pl.format("{}: about agents or settings", event))
        .when(event.str.starts_with("OUT")).then(pl.format("{}: outbound", name))
        .otherwise(pl.format("unknown event {}", name))
    )  # fmt: skip


def empty_line() -> pl.Expr:
    """Nothing but blanks and bars."""
    return pl.all_horizontal(
        pl.col("time").str.strip_chars().fill_null("") == "", pl.col(*FIELDS[1:], *ARGUMENTS).is_null()
    )


def refusals_of(refused: pl.DataFrame) -> list[Refusal]:
    """The lines refused, with column and reason."""
    said = ((line, *fault.partition("\t")) for line, fault in refused.select("line", "fault").iter_rows())
    return [Refusal(line, column, why) if tab else Refusal(line, None, column) for line, column, tab, why in said]


def as_events(rows: pl.DataFrame, *, settings: ReadSettings) -> tuple[pl.DataFrame, dict[str, int]]:
    """Rows as events: numbers as numbers, agents and callers as tokens."""
    numbers = pl.col("wait", "talk", "ring").cast(pl.Float64)
    seconds = rows.with_columns(numbers)
    strange = pl.any_horizontal(~pl.col("wait", "talk", "ring").is_between(0, LONGEST, closed="left"))
    warned = seconds.filter(strange).height
    sane = pl.when(pl.col("wait", "talk", "ring").is_between(0, LONGEST, closed="left"))
    agents = pl.when(~pl.col("agent").is_in(list(NOBODY))).then("agent")
    events = seconds.with_columns(
        sane.then(pl.col("wait", "talk", "ring")).name.keep(),
        time=pl.col("moment"),
        agent=agents.map_batches(settings.redactor.agents, return_dtype=pl.String),
        caller=pl.when(pl.col("event") == START)
        .then("a2")
        .map_batches(settings.redactor.callers, return_dtype=pl.String),
        file=pl.lit(0, pl.Int64),
        here=pl.lit(True),
    )
    return events.select(*EVENTS), {OUT_OF_RANGE: warned} if warned else {}


def epoch(rows: pl.DataFrame, settings: ReadSettings) -> pl.DataFrame:
    """Moments of a log that counts seconds since 1970: no zone, and no hour that comes twice."""
    written = pl.col("time").str.contains(r"^[0-9]{1,12}(\.[0-9]{1,9})?$")
    moment = (pl.col("time").cast(pl.Float64, strict=False) * SECOND).round().cast(pl.Int64, strict=False)
    latest = int(settings.latest.timestamp()) * SECOND
    sane = moment.is_between(OLDEST * SECOND, latest)
    return rows.with_columns(
        moment=pl.when(written & sane).then(moment),
        clock=pl.lit(None, pl.String),
        not_a_moment=pl.when(written).then(pl.lit("before 1999 or in the future: the switch's clock was not set"))
        .otherwise(pl.lit("not a moment, expected seconds since 1970 like 1717397259")),
    )  # fmt: skip
