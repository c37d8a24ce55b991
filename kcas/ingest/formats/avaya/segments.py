"""Outcome of one segment of an Avaya external call history record.

A segment is one caller's way through vectors, at most one queue (its first split), and at most one agent. A call
with transfers and conferences is several segments under one UCID.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from kcas.calls.call import SCHEMA, Moment
from kcas.ingest.log_format import ReadSettings, Refusal

CONNECTED, ANSWERED, ABANDONED, INTERFLOWED, BUSY, DISCONNECTED, OTHER = "1234567"
_NUMBERS = ("callid", "acwtime", "onholdtime", "disptime", "talktime", "ringtime", "split1", "segment", "call_disp")
TEXTS = ("segstart", "ucid", "ans_logid", "calling_party", "firstvdn", "dispvdn")
FIELDS = (*_NUMBERS, *TEXTS)
"""Of the record's eighty fields, those we count by. Its own words, as Avaya's printout spells them."""
RECORDS = pl.Schema({"line": pl.Int64(), **dict.fromkeys(FIELDS, pl.String())})

_LARGEST = 999_999_999
"""As large as a call's number may be; no time of a segment comes near."""
NO_UCID = "0"
_ENDS = {
    ANSWERED: "answered",
    ABANDONED: "abandoned",
    INTERFLOWED: "overflowed",
    BUSY: "blocked",
    DISCONNECTED: "failed",
    CONNECTED: "overflowed",  # had queued, and was then taken to an extension outside any split
    OTHER: "failed",  # had queued, and none of the other six is known of its end
}
_OUTSIDE = {
    CONNECTED: "connected outside any split (disposition CONN)",
    OTHER: "never queued to a split (disposition OTHER: outbound, internal, announcements)",
}
"""Never queued, and no one's attempt to reach the desk: no call of ours."""

Moments = Callable[[pl.DataFrame], pl.DataFrame]
"""Puts `moment` (microseconds UTC, null where the time is none) and `clock` beside the records."""


@dataclass
class Sorted:
    """Records as calls; those ignored, with their rule, and those refused, with field and reason, by their line."""

    calls: pl.DataFrame
    ignored: Mapping[int, str]
    refused: Mapping[int, tuple[str, str]]


@dataclass
class Records:
    """Records gathered until there are enough to be looked at together."""

    rows: list[tuple[int | str | None, ...]] = field(default_factory=list)

    def add(self, line: int, fields: Mapping[str, str]) -> None:
        """One record, told by its fields' texts."""
        self.rows.append((line, *(fields.get(name) for name in FIELDS)))

    def frame(self) -> pl.DataFrame:
        """The records, which are then no longer gathered here."""
        rows, self.rows = self.rows, []
        return pl.DataFrame(rows, schema=RECORDS, orient="row")


def sort_out(records: pl.DataFrame, *, moments: Moments, settings: ReadSettings) -> Sorted:
    """Each record as a call, as ignored by rule, or as refused."""
    judged = moments(records).with_columns(fault=fault(), rule=rule())
    sound = pl.col("fault").is_null()
    refused = judged.filter(~sound).select("line", "fault").iter_rows()
    ignored = judged.filter(sound & pl.col("rule").is_not_null()).select("line", "rule").iter_rows()
    calls = as_calls(judged.filter(sound & pl.col("rule").is_null()), settings=settings)
    parts = {line: text.partition("\t") for line, text in refused}
    return Sorted(calls, dict(ignored), {line: (column, reason) for line, (column, _, reason) in parts.items()})


def fault() -> pl.Expr:
    """FIELD, a tab and the reason, of a record that cannot be taken. No field's text is repeated."""
    checks = []
    for name in _NUMBERS:
        number = pl.col(name).str.contains(r"^-?[0-9]{1,9}$").fill_null(False)
        least = -1 if name == "split1" else 0
        within = pl.col(name).cast(pl.Int64, strict=False).is_between(least, _LARGEST)
        checks.append(pl.when(~number).then(pl.lit(f"{name}\tmissing, or not a whole number")))
        checks.append(pl.when(number & ~within).then(pl.lit(f"{name}\tout of range")))
    known = pl.col("call_disp").is_in(list(_ENDS))
    checks.append(pl.when(~known).then(pl.lit("call_disp\tnot one of the dispositions 1 to 7")))
    checks.append(pl.when(pl.col("moment").is_null()).then(pl.lit("segstart\t") + pl.col("not_a_moment")))
    return pl.coalesce(*checks)


def queued() -> pl.Expr:
    """Whether the caller was put into a split's queue at all."""
    return ~pl.col("split1").is_in(["-1", "0"])


def rule() -> pl.Expr:
    """Why a record is no call of ours."""
    outside = ~queued() & pl.col("call_disp").is_in(list(_OUTSIDE))
    return pl.when(outside).then(pl.col("call_disp").replace_strict(_OUTSIDE, default=None))


def outcome() -> pl.Expr:
    """Our word for the disposition. Abandoned without ever queueing is a caller lost in the announcements."""
    gave_up = pl.col("call_disp") == ABANDONED
    rang = pl.col("ringtime") != "0"
    return (
        pl.when(gave_up & ~queued()).then(pl.lit("left_ivr"))
        .when(gave_up & rang).then(pl.lit("abandoned_ringing"))
        .otherwise(pl.col("call_disp").replace_strict(_ENDS, default=None))
    )  # fmt: skip


def as_calls(records: pl.DataFrame, *, settings: ReadSettings) -> pl.DataFrame:
    """Rows of the calls table.

    DISPTIME is the wait in vector, queue and ringing until the disposition. QUEUETIME is zero on nearly every
    answered segment of real records, however long the caller waited, so it cannot be the wait.
    """
    answered, never = pl.col("call_disp") == ANSWERED, ~queued() & (pl.col("call_disp") != ANSWERED)
    unknown = pl.col("ucid").fill_null("").str.strip_chars(NO_UCID) == ""
    whose = pl.when(unknown).then((pl.col("moment") // 1_000_000).cast(pl.String)).otherwise("ucid")
    number = pl.when(pl.col("calling_party").str.contains(r"^\+?[0-9]{3,}$")).then("calling_party")
    agent = pl.when(pl.col("ans_logid") != "").then("ans_logid")
    vdn = pl.coalesce(pl.when(pl.col("firstvdn") != "").then(pl.format("VDN {}", "firstvdn")), pl.lit("no split"))
    waited = pl.col("disptime").cast(pl.Float64)
    computed: dict[str, pl.Expr | pl.Series] = {
        "leg": pl.format("{}/{}/{}", whose, "callid", "segment"),
        "contact": pl.when(~unknown).then("ucid"),
        "queue": pl.when(queued()).then(pl.format("split {}", "split1")).otherwise(vdn),
        "entered": pl.col("moment").cast(Moment),
        "outcome": outcome(),
        "wait": pl.when(~never).then(waited),
        "menu": pl.when(never).then(waited),
        "ring": pl.when(answered).then("ringtime"),
        "talk": pl.when(answered).then("talktime"),
        "hold": pl.when(answered).then("onholdtime"),
        "wrap": pl.when(answered).then("acwtime"),
        "agent": settings.redactor.agents(records.select(agent).to_series()),
        "caller": settings.redactor.callers(records.select(number).to_series()),
        "clock": pl.col("clock"),
        "line": pl.col("line"),
    }
    return records.select(computed.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in SCHEMA.items())


def refusals_of(told: Sorted, *, places: Mapping[tuple[int, str], int] | None = None) -> list[Refusal]:
    """The records refused, at the line of the field at fault where that has a line of its own."""
    return [
        Refusal((places or {}).get((line, column), line), column, reason)
        for line, (column, reason) in told.refused.items()
    ]
