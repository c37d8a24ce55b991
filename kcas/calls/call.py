"""The calls table: one row a caller's stay in one queue, with its columns and outcomes.

One row is one caller's stay in one queue (a *leg*). Logged and simulated calls share these columns, so a
projection can never be counted differently from an observation. Times are seconds, moments are UTC.
"""

import polars as pl

from kcas.errors import LogError

OUTCOMES = {
    "answered": "an agent took it",
    "abandoned": "the caller hung up while queueing",
    "abandoned_ringing": "hung up while an agent's phone rang or the pre-connect announcement played",
    "callback": "left the queue by asking to be rung back",
    "voicemail": "left the queue to leave a message",
    "overflowed": "sent on to another queue or desk unanswered",
    "timed_out": "the switch gave up after its maximum wait",
    "exit_key": "left by pressing a key, destination unknown",
    "no_agents": "put out because no one was logged in",
    "failed": "cut off by the system (crash, restart, closing time)",
    "open": "still waiting when the log ends",
    "left_ivr": "hung up in the menu or welcome message, before any queue",
    "blocked": "busy tone, no free line, refused entry",
    "self_served": "helped by the menu itself, before any queue",
}
BEFORE_THE_QUEUE = ("left_ivr", "blocked", "self_served")
OFFERED = tuple(o for o in OUTCOMES if o not in BEFORE_THE_QUEUE)
LOST = ("abandoned", "abandoned_ringing")

_CLOCK = ("repeated hour", "skipped hour")
"""Why a local wall-clock moment was not certain; null where it was."""

Outcome: pl.DataType = pl.Enum(list(OUTCOMES))
Moment: pl.DataType = pl.Datetime("us", "UTC")

SCHEMA = pl.Schema(
    {
        "leg": pl.String(),  # what makes this stay itself in any file that tells of it, e.g. callid/queue/2
        "contact": pl.String(),  # ties together the legs of one caller's call
        "queue": pl.String(),
        "entered": Moment,  # queue entry; for a call that never queued, when it was lost
        "outcome": Outcome,
        "wait": pl.Float64(),  # from queue entry to leaving it; null where it never queued or is not known
        "menu": pl.Float64(),  # in the menu before the queue
        "ring": pl.Float64(),
        "talk": pl.Float64(),
        "hold": pl.Float64(),
        "wrap": pl.Float64(),
        "agent": pl.String(),  # keyed token, or null
        "caller": pl.String(),  # keyed token, or null
        "type": pl.String(),  # the kind of caller or enquiry, as the desk names it
        "clock": pl.String(),  # one of CLOCK, or null
        "line": pl.Int64(),  # the line of the log on which the leg began, as an editor counts
    }
)
"""Columns of every calls frame; `leg`, `queue`, `entered` and `outcome` are never null."""

REQUIRED = ("leg", "queue", "entered", "outcome")

INTERVAL_SCHEMA: pl.Schema = pl.Schema(
    {
        "start": Moment,
        "end": Moment,
        "queue": pl.String(),
        "measure": pl.String(),  # an outcome, or one of INTERVAL_MEASURES
        "threshold": pl.Float64(),  # seconds, for measures that have one; else null
        "amount": pl.Float64(),  # a count, or a total of seconds
    }
)
"""A switch's interval table, long: what it does not tell has no row, which is not the same as zero."""

INTERVAL_MEASURES = {
    "offered": "calls offered to the queue, as the table itself counts them",
    "abandoned_total": "abandoned, ringing included, where the table does not tell them apart",
    "abandoned_over": "abandoned after waiting more than the threshold",
    "abandoned_within": "abandoned after waiting the threshold or less",
    "abandoned_below": "abandoned after waiting less than the threshold",
    "answered_within": "answered within the threshold",
    "wait_answered": "total wait of answered calls, seconds",
    "wait_abandoned": "total wait of abandoned calls, seconds",
    "talk": "total talk of answered calls, seconds",
    "hold": "total hold of answered calls, seconds",
    "wrap": "total wrap-up of answered calls, seconds",
    "answered_timed": "answered calls whose wait is known, where that is not all of them",
    "abandoned_timed": "abandoned calls whose wait is known, where that is not all of them",
    "handled": "answered calls whose talk is known, where that is not all of them",
    "callback_unreached": "callbacks whose caller was answered by no later leg of the same contact",
    "longest_wait": "the longest wait, seconds",
    "callers": "distinct callers that day",
    "callers_lost": "distinct callers with no answered call that day",
}

ALL_QUEUES = "*"
"""Stands for every queue together, in rows of measures that do not add up over queues: a day's distinct callers."""


EMPTY = pl.DataFrame(schema=SCHEMA)


def empty() -> pl.DataFrame:
    """A calls frame with no rows."""
    return EMPTY.clone()


def check(calls: pl.DataFrame) -> pl.DataFrame:
    """The frame itself, once its columns, types and required values are as declared.

    Raises LogError naming the first column that is not.
    """
    for name, dtype in SCHEMA.items():
        if name not in calls.columns:
            raise LogError(f"calls: column {name!r} is missing.")
        if calls.schema[name] != dtype:
            raise LogError(f"calls: column {name!r} is {calls.schema[name]}, expected {dtype}.")
    for name in REQUIRED:
        if calls[name].null_count():
            raise LogError(f"calls: column {name!r} has empty values.")
    return calls
