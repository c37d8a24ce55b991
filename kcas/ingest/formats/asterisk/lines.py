"""Lines of an Asterisk queue_log: their events, and those that concern no caller.

Two readers give the very same rows: one for blocks that are plain text, in vectors, and a strict one, line by line.
"""

import io
from collections.abc import Callable
from functools import cache

import numpy as np
import polars as pl

from kcas.ingest.columns import Array
from kcas.ingest.copies import Seen, hashes_of
from kcas.ingest.events.legs import ENDS, EVENTS, MIDDLES, REFUSED, RESTART, SECOND, START
from kcas.ingest.events.stream import Sorted
from kcas.ingest.log_format import ReadSettings, Refusal
from kcas.ingest.masking import masked, shape
from kcas.ingest.reading import Block, is_text, lines_of
from kcas.ingest.redact import IN_NAMES

FIELDS = ("time", "callid", "queue", "agent", "event")
ARGUMENTS = ("a1", "a2", "a3", "a4", "a5", "a6")
MORE = "more"  # whatever a line holds beyond its arguments, bars and all
ROWS = pl.Schema({"line": pl.Int64(), **dict.fromkeys((*FIELDS, *ARGUMENTS, MORE), pl.String())})

CALLERS = (START, *MIDDLES, *ENDS, *REFUSED)
CONCERN = [*CALLERS, RESTART]
STAFF = (
    "RINGNOANSWER", "AGENTDUMP", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL", "PAUSEREASON", "ADDMEMBER",
    "REMOVEMEMBER", "PENALTY", "RINGINUSE", "AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF",
    "CONFIGRELOAD",
)  # fmt: skip
"""About agents and settings. After AGENTDUMP the caller goes back to waiting, so it ends nothing."""
OUTBOUND = (
    "OUTDIAL", "OUTANSWER", "OUTBUSY", "OUTNOANSWER", "OUTFAILED", "OUTABANDON", "OUTCOMPLETE", "OUTRINGING",
    "OUTCANCEL", "OUTCHANUNAVAIL", "OUTCONGESTION", "OUTTRANSFER", "OUTCALL", "OUTHANGUP", "CALLOUTBOUND",
)  # fmt: skip
ELSEWHERE = (
    "DID", "INFO", "URL", "VARIABLE", "CALLSTATUS", "CALLENTRY", "CALLTAG", "HOTDESK", "QUALITY", "FEATURE", "TAG",
    "IVR", "MENU", "AGENTATTEMPT", "CALLERID", "MUSICONHOLD", "HOLD", "UNHOLD", "RECORDING", "SURVEY", "SKILL",
)  # fmt: skip
"""What makers of other programs write into the log. A name not listed may be a person's, in a line that has slipped."""
TRANSFERS = ("BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER")
NOBODY = ("NONE", "REALTIME", "MANAGER", "CLI", "UNKNOWN")
"""What stands for a call id, queue or agent where there is none."""
OLDEST = 915_148_800
"""1999: Asterisk's own first year. An earlier moment is a switch whose clock was not set."""
_LONGEST = 10_000_000.0
"""A wait or talk of more seconds than this (115 days) is a counter gone wrong: left out, and said."""
_LONGEST_NAME = 256
"""Bytes of a call id or a queue's name, as in the switch's own table."""
_NUMBER = r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"
_MANY = "unknown events of many other names"
RUN_TOGETHER = rf"(^|\|)({'|'.join((START, *MIDDLES, *ENDS, *REFUSED))})(\||$)"
"""Where a second event about callers stands in a line: its beginning is at the end of an argument of the first."""
TOO_FEW = "too few fields, expected time|callid|queue|agent|EVENT|…"
OUT_OF_RANGE = "a wait or talk below zero or above 115 days left out"
HUNG_UP = ("ABANDON", "COMPLETECALLER")
"""Ends after which the caller is gone for certain."""
_DIGITS = 10
"""Of a time in seconds since 1970."""
COPY = "a line that stands in the log before"
RULES = 60
"""Rules kept apart in one log: a hostile one has as many events as lines."""


Clock = Callable[[pl.DataFrame, ReadSettings], pl.DataFrame]
"""Puts `moment` (microseconds UTC, null where the time is none) and `clock` beside the rows."""


def rows_of(block: Block) -> tuple[pl.DataFrame, list[Refusal]]:
    """A block's rows, and the lines that are no text."""
    plain = block.plain or (not block.too_long and b"\0" not in block.data and is_text(block.data))
    return (fast_rows(block), []) if plain else strict_rows(block)


def fast_rows(block: Block) -> pl.DataFrame:
    """Every line split at its bars, in vectors. Quotation marks mean nothing here."""
    lines = pl.read_lines(io.BytesIO(block.data), name="text")
    fields = pl.col("text").str.splitn("|", len(ROWS) - 1).struct.rename_fields([*FIELDS, *ARGUMENTS, MORE])
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
        fields = text.split("|", len(ROWS) - 2)
        rows.append((number, *(field or None for field in fields), *[None] * (len(ROWS) - 1 - len(fields))))
    return pl.DataFrame(rows, schema=ROWS, orient="row"), refusals


class Copies:
    """Lines about callers that stand in a log again, where the log itself proves that they are copies.

    A switch restarts once in a second. A call enters a queue again only after it has left it, and a caller who hung up
    never does. So a line that stands there twice, of one second in every field, is a copy, unless its call came and
    went within that second. Even then it is one where a log that is written `in_order` has had another second between
    the two.
    """

    def __init__(self, *, in_order: bool) -> None:
        self._seen = Seen()
        self._in_order = in_order
        self._second = ""  # the second that the log has come to, and the lines of it since it came to it
        self._of_second: set[int] = set()

    def without(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
        """The rows that are no copies, and how many lines were."""
        named = pl.col("callid").is_not_null() & ~pl.col("callid").is_in(list(NOBODY))
        events = (named & pl.col("event").is_in(CALLERS)) | (pl.col("event") == RESTART)
        concern = rows.select(events.fill_null(value=False)).to_series()
        hashes = hashes_of(rows, "line")[concern.to_numpy()]
        if not len(hashes):
            return rows, {}
        in_order = np.sort(hashes)
        twice = (in_order[1:] == in_order[:-1]).any() or self._seen.times(in_order).any()
        seconds = rows["time"].filter(concern).str.head(_DIGITS)
        copies = self._copies(rows.filter(concern), hashes, seconds) if twice else rows["line"].clear()
        self._seen.add(in_order)
        self._come_to(hashes, seconds)
        if not copies.len():
            return rows, {}
        return rows.filter(~pl.col("line").is_in(copies.implode())), {COPY: copies.len()}

    def _copies(self, rows: pl.DataFrame, hashes: Array, seconds: pl.Series) -> pl.Series:
        """The lines of these rows that are copies."""
        within = pl.DataFrame({"hash": hashes}).select(pl.int_range(pl.len()).over("hash") > 0).to_series()
        again = within | pl.Series(self._seen.times(hashes) > 0)
        return rows["line"].filter(again & (~at_once(rows, seconds) | self._in_another_run(hashes, seconds)))

    def _in_another_run(self, hashes: Array, seconds: pl.Series) -> pl.Series:
        """Which lines have not been met since the log came to their second."""
        second, run, found = self._second, set(self._of_second), []
        for text, number in zip(seconds.to_list(), hashes.tolist(), strict=True):
            second, run = (second, run) if text == second else (text, set())
            found.append(self._in_order and number not in run)
            run.add(number)
        return pl.Series(found, dtype=pl.Boolean)

    def _come_to(self, hashes: Array, seconds: pl.Series) -> None:
        """Remember the second at the end of these lines, and its lines."""
        others = (seconds != seconds[-1]).arg_true()
        if others.len() or seconds[-1] != self._second:
            self._of_second = set()
        first = int(others[-1]) + 1 if others.len() else 0
        self._second = seconds[-1]
        self._of_second.update(hashes[first:].tolist())


def at_once(rows: pl.DataFrame, seconds: pl.Series) -> pl.Series:
    """Which lines are of a call that came and went in one second, and do not say that its caller hung up."""
    moment = [pl.col("callid"), pl.col("queue"), pl.col("second")]
    came, went = (pl.col("event") == START).any(), pl.col("event").is_in(list(ENDS)).any()
    both = came.over(moment) & went.over(moment) & ~pl.col("event").is_in(HUNG_UP)
    return rows.with_columns(second=seconds).select(both).to_series()


def sort_out(rows: pl.DataFrame, *, clock: Clock, settings: ReadSettings, rules: set[str]) -> Sorted:
    """Events about callers with their times and tokens; every other line ignored by rule or refused."""
    timed = clock(rows, settings).with_columns(fault=fault_of_line(), concerns=pl.col("event").is_in(CONCERN))
    sound = pl.col("fault").is_null()
    concerned = picked(timed.filter(sound & pl.col("concerns"))).with_columns(fault=fault_of_event())
    refused = pl.concat(
        [timed.filter(~sound).select("line", "fault"), concerned.filter(~sound).select("line", "fault")]
    )
    events, warnings = as_events(concerned.filter(sound), settings=settings)
    rest = timed.filter(sound & ~pl.col("concerns").fill_null(False))
    return Sorted(events, ignored_by_rule(rest, rules=rules), refusals_of(refused), warnings)


def ignored_by_rule(rows: pl.DataFrame, *, rules: set[str]) -> dict[str, int]:
    """How many lines each rule leaves out; `rules` are those the log has needed so far."""
    tally: dict[str, int] = {}
    if not rows.height:
        return tally
    for event, count in rows.group_by("event").len().sort("len", descending=True).iter_rows():
        rule = rule_for(event)
        rule = rule if rule in rules or len(rules) < RULES else _MANY
        rules.add(rule)
        tally[rule] = tally.get(rule, 0) + count
    return tally


def rule_for(event: str | None) -> str:
    """Why a sound line is of no concern to callers."""
    if event is None:
        return "blank line"
    if event in STAFF:
        return f"{event}: about agents or settings"
    if event in OUTBOUND:
        return f"{event}: outbound"
    if event in ELSEWHERE:
        return f"unknown event {event}"
    return f"{shape(event)}: outbound" if event.startswith("OUT") else f"unknown event: {shape(event)}"


def known_rule(rule: str) -> str:
    """A rule as an older version named it, without the name of an event that no one knows."""
    event = rule.removeprefix("unknown event ").removesuffix(": outbound")
    named = rule != event and not rule.startswith(("unknown event: ", "text of "))
    return rule_for(event) if named else masked(rule)


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


@cache
def fault_of_line() -> pl.Expr:
    """COLUMN, a tab and the reason, of a line that says no event or no moment."""
    blank = pl.col("time").str.strip_chars().fill_null("") == ""
    nothing = blank & pl.all_horizontal(pl.col(*FIELDS[1:], *ARGUMENTS).is_null())
    return (
        pl.when(pl.col("event").is_null()).then(pl.when(~nothing).then(pl.lit(TOO_FEW)))
        .when(pl.col("moment").is_null()).then(pl.lit("time\t") + pl.col("not_a_moment"))
        .when(pl.any_horizontal(pl.col("a5", "a6", MORE).str.contains(RUN_TOGETHER)))
        .then(pl.lit("two lines run together: a second event stands at its end"))
    )  # fmt: skip


@cache
def fault_of_event() -> pl.Expr:
    """The same, of an event about callers that does not say whose stay or how long. No field's text is repeated."""
    event, checks = pl.col("event"), []
    for column in ("callid", "queue"):
        nobody = pl.col(column).is_null() | pl.col(column).is_in(list(NOBODY))
        whose = pl.format("{}\t{} without it: whose stay it is cannot be told", pl.lit(column), event)
        checks.append(pl.when(nobody & (event != RESTART)).then(whose))
        too_long = pl.col(column).str.len_bytes() > _LONGEST_NAME
        unseen = pl.col(column).str.contains(r"\p{C}")
        checks.append(pl.when(unseen).then(pl.lit(f"{column}\tholds characters that cannot be seen")))
        checks.append(pl.when(too_long).then(pl.lit(f"{column}\tlonger than {_LONGEST_NAME} bytes")))
    for column in ("wait", "talk", "ring"):
        bad = ~pl.col(column).str.contains(_NUMBER)
        reason = pl.format("{}\tnot a number of seconds in {}, expected one like 42", pl.lit(column), event)
        checks.append(pl.when(bad).then(reason))
    return pl.coalesce(*checks)


def refusals_of(refused: pl.DataFrame) -> list[Refusal]:
    """The lines refused, with column and reason."""
    said = ((line, *fault.partition("\t")) for line, fault in refused.select("line", "fault").iter_rows())
    return [Refusal(line, column, why) if tab else Refusal(line, None, column) for line, column, tab, why in said]


def as_events(rows: pl.DataFrame, *, settings: ReadSettings) -> tuple[pl.DataFrame, dict[str, int]]:
    """Rows as events: numbers as numbers, agents and callers as tokens."""
    numbers = pl.col("wait", "talk", "ring").cast(pl.Float64)
    seconds = rows.with_columns(numbers)
    strange = pl.any_horizontal(~pl.col("wait", "talk", "ring").is_between(0, _LONGEST, closed="left"))
    warned = seconds.filter(strange).height
    sane = pl.when(pl.col("wait", "talk", "ring").is_between(0, _LONGEST, closed="left"))
    agents = pl.when(~pl.col("agent").is_in(list(NOBODY))).then("agent").alias("agent")
    callers = pl.when(pl.col("event") == START).then("a2").alias("caller")
    queues, marked = settings.redactor.names(seconds["queue"])
    events = seconds.with_columns(
        queues,
        settings.redactor.references(seconds["callid"]),
        sane.then(pl.col("wait", "talk", "ring")).name.keep(),
        time=pl.col("moment"),
        agent=settings.redactor.agents(rows.select(agents).to_series()),
        caller=settings.redactor.callers(rows.select(callers).to_series()),
        file=pl.lit(0, pl.Int64),
        here=pl.lit(True),
    )
    warnings = {OUT_OF_RANGE: warned, IN_NAMES.format("queue"): marked}
    return events.select(*EVENTS), {words: times for words, times in warnings.items() if times}


def epoch(rows: pl.DataFrame, settings: ReadSettings) -> pl.DataFrame:
    """Moments of a log that counts seconds since 1970: no zone, and no hour that comes twice."""
    written = pl.col("time").str.contains(r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,9})?$")  # 01632… is a telephone number
    moment = (pl.col("time").cast(pl.Float64, strict=False) * SECOND).round().cast(pl.Int64, strict=False)
    latest = int(settings.latest.timestamp()) * SECOND
    sane = moment.is_between(OLDEST * SECOND, latest)
    return rows.with_columns(
        moment=pl.when(written & sane).then(moment),
        clock=pl.lit(None, pl.String),
        not_a_moment=pl.when(written).then(pl.lit("before 1999 or in the future: the switch's clock was not set"))
        .otherwise(pl.lit("not a moment, expected seconds since 1970 like 1717397259")),
    )  # fmt: skip
