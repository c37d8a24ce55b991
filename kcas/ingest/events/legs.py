"""Callers' stays in a queue from the events of an Asterisk queue, and calls renamed by a transfer."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from kcas.calls.call import SCHEMA, Moment

KEYS = pl.Schema({"at": pl.Int64(), "callid": pl.String(), "queue": pl.String(), "leg": pl.Int64()})
CONTACTS = pl.Schema(
    {
        "leg": pl.Int64(),
        "contact": pl.String(),
        "contact_caller": pl.String(),
        "contact_leg": pl.Int64(),
    }
)


@dataclass(frozen=True)
class Swaps:
    """From `at` on, events of this call id and queue are the stay's; and whose contact a stay became.

    `unresolved`: stays of callers transferred to a call whose own entry into a queue has not been seen.
    """

    keys: pl.DataFrame = field(default_factory=KEYS.to_frame)
    contacts: pl.DataFrame = field(default_factory=CONTACTS.to_frame)
    unresolved: tuple[int, ...] = ()


def swaps_among(joined: pl.DataFrame, *, ends: Collection[str]) -> Swaps:
    """The swaps told of by transfers under a call id that never entered that queue."""
    strays = joined.filter(pl.col("leg").is_null() & (pl.col("event") == "ATTENDEDTRANSFER"))
    if not strays.height:
        return Swaps()
    begun = joined.filter(pl.col("event") == "ENTERQUEUE")
    ended = joined.filter(pl.col("event").is_in(list(ends)) & pl.col("leg").is_not_null())
    begun = begun.join(ended.group_by("leg").agg(end=pl.col("at").min()), on="leg", how="left")
    talked = latest_talks(strays, connects=joined.filter(pl.col("event") == "CONNECT"), begun=begun)
    return as_keys(waiting_for(talked, begun=begun))


def latest_talks(strays: pl.DataFrame, *, connects: pl.DataFrame, begun: pl.DataFrame) -> pl.DataFrame:
    """Each stray transfer with the stay its agent was last connected to in its queue, if after that very wait."""
    connects = connects.select("at", "queue", "agent", "leg", hold="wait")
    last = strays.drop("leg").join_asof(connects, on="at", by=["queue", "agent"], check_sortedness=False)
    stay = begun.select("leg", "end", whose="callid", whose_caller="caller")
    last = last.filter(pl.col("hold") == pl.col("wait")).join(stay, on="leg")
    return last.filter(pl.col("end").is_null() | (pl.col("end") > pl.col("at"))).sort("at")


def waiting_for(talked: pl.DataFrame, *, begun: pl.DataFrame) -> pl.DataFrame:
    """Each transfer with the stay its own call id began last, if that has no end yet."""
    stays = begun.select("at", "callid", stay="at", stay_queue="queue", stay_end="end")
    last = talked.join_asof(stays, on="at", by="callid", check_sortedness=False)
    over = pl.col("stay_end").is_not_null() & (pl.col("stay_end") < pl.col("at"))
    return last.with_columns(pl.when(~over).then("stay"))


def as_keys(transfers: pl.DataFrame) -> Swaps:
    """The transfer belongs to the caller's stay, and the stay its call id had begun elsewhere belongs to the caller."""
    keys: list[tuple[int, str, str, int]] = []
    owner: dict[int, tuple[str, str | None, int]] = {}
    unresolved = []
    for transfer in transfers.iter_rows(named=True):
        at, leg, stay = transfer["at"], transfer["leg"], transfer["stay"]
        keys.append((at, transfer["callid"], transfer["queue"], leg))
        if stay is None:
            unresolved.append(leg)
            continue
        keys.append((at, transfer["whose"], transfer["stay_queue"], stay))
        whose, number = owner[leg][:2] if leg in owner else (transfer["whose"], transfer["whose_caller"])
        owner[stay] = (whose, number, leg)
    return Swaps(
        pl.DataFrame(keys, schema=KEYS, orient="row"),
        pl.DataFrame([(stay, *whose) for stay, whose in owner.items()], schema=CONTACTS, orient="row"),
        tuple(unresolved),
    )


SECOND = 1_000_000
EVENTS = pl.Schema(
    {
        "file": pl.Int64(),  # the first moment of the file it came from: files of one log follow each other
        "line": pl.Int64(),  # below zero where a table has its latest row first
        "time": pl.Int64(),  # microseconds since 1970, UTC
        "callid": pl.String(),
        "queue": pl.String(),
        "event": pl.String(),
        "agent": pl.String(),  # token
        "wait": pl.Float64(),
        "talk": pl.Float64(),
        "ring": pl.Float64(),
        "caller": pl.String(),  # token
        "clock": pl.String(),
        "here": pl.Boolean(),  # it stands in the file being read
    }
)
START, RESTART = "ENTERQUEUE", "QUEUESTART"
MIDDLES = ("CONNECT", "SYSCOMPAT", "RINGCANCELED")
ENDS = {
    "COMPLETECALLER": "answered", "COMPLETEAGENT": "answered", "BLINDTRANSFER": "answered",
    "ATTENDEDTRANSFER": "answered", "TRANSFER": "answered", "ABANDON": "abandoned", "EXITWITHTIMEOUT": "timed_out",
    "EXITWITHKEY": "exit_key", "EXITEMPTY": "no_agents", "LEAVEEMPTY": "no_agents",
    "LEAVEUNAVAIL": "no_agents", "WITHDRAW": "overflowed",
}  # fmt: skip
"""WITHDRAW: an application took the caller out to send them on, so `overflowed` (docs/decisions.md)."""
REFUSED = ("FULL", "CLOSED", "JOINEMPTY", "JOINUNAVAIL", "DIVERT_CA_RATIO", "DIVERT_HOLDTIME")
"""Entry refused: no one queued. Written by the dial plan of some systems (as QUEUESTATUS) and by Wazo, whose diversions
turn a caller away before the queue; by no stock Asterisk."""
SLACK = 2 * SECOND
"""Waits are differences of whole seconds, so a wait and its two moments may disagree by this much."""


@dataclass(frozen=True)
class Assembled:
    """Stays, and every event with the stay it belongs to (null: its beginning has not been seen)."""

    legs: pl.DataFrame  # SCHEMA, with `at` (its beginning), `finished`, and whether it ended in ABANDON once connected
    events: pl.DataFrame  # EVENTS, with `leg`
    swaps: Swaps


def assemble(events: pl.DataFrame) -> Assembled:
    """The stays told of by events that stand in their order."""
    events = events.with_row_index("at").with_columns(pl.col("at").cast(pl.Int64))
    starts = events.filter(pl.col("event") == START).select("at", "callid", "queue", leg="at")
    joined = events.join_asof(starts, on="at", by=["callid", "queue"], check_sortedness=False)
    swaps = swaps_among(joined, ends=ENDS)
    if swaps.keys.height:
        keys = pl.concat([starts, swaps.keys]).sort("at")
        joined = events.join_asof(keys, on="at", by=["callid", "queue"], check_sortedness=False)
    refused = pl.when(~pl.col("event").is_in(REFUSED)).then("leg")
    joined = only_plausible(joined.with_columns(leg=refused))
    return Assembled(stays(joined, swaps=swaps), joined, swaps)


def only_plausible(joined: pl.DataFrame) -> pl.DataFrame:
    """Leave out of a stay what another file says of a later one of the same call in the same queue.

    With the file between them not read yet, only the wait an event tells of can show that it is not ours.
    """
    if joined["file"].n_unique() < 2:
        return joined
    since = pl.col("time") - pl.col("time").gather(pl.col("leg"))
    told = pl.col("wait") + pl.when(pl.col("event") != "CONNECT").then(pl.col("talk").fill_null(0)).otherwise(0)
    elsewhere = pl.col("file") != pl.col("file").gather(pl.col("leg"))
    strange = (elsewhere & ((since - told * SECOND).abs() > SLACK)).fill_null(False)
    return joined.with_columns(pl.when(strange).then(None).otherwise("leg").alias("leg"))


def stays(joined: pl.DataFrame, *, swaps: Swaps) -> pl.DataFrame:
    """One row a stay."""
    own = pl.col("leg").is_not_null()
    connect = first_of(joined.filter(own & (pl.col("event") == "CONNECT")), prefix="connect_")
    broken = first_of(joined.filter(own & (pl.col("event") == "SYSCOMPAT")), prefix="broken_")
    end = first_of(joined.filter(own & pl.col("event").is_in(list(ENDS))), prefix="end_")
    rang = joined.filter(own & (pl.col("event") == "RINGCANCELED")).group_by("leg").agg(rang_time=pl.col("time").max())
    begun = joined.filter((pl.col("event") == START) | pl.col("event").is_in(REFUSED))
    legs = begun.with_columns(leg=pl.col("at")).join(swaps.contacts, on="leg", how="left")
    for more in (connect, broken, end, rang):
        legs = legs.join(more, on="leg", how="left")
    return as_calls(closed(legs, joined), columns=("at", "finished", "torn"))


def first_of(events: pl.DataFrame, *, prefix: str) -> pl.DataFrame:
    """The first of the events of each stay, its columns under a prefix."""
    first = events.unique("leg", keep="first", maintain_order=True)
    return first.select("leg", pl.col("time", "event", "agent", "wait", "talk", "ring").name.prefix(prefix))


def closed(legs: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Which stays are whole; which without an end are over all the same, since the switch restarted."""
    restarts = joined.filter(pl.col("event") == RESTART)
    start = pl.col("event") == START
    whole = pl.col("end_event").is_not_null() & (pl.col("connect_event").is_not_null() | ~answered_end())
    return legs.join(entered_again(legs), on="at", how="left").with_columns(
        finished=whole.fill_null(False) | ~start,
        torn=(pl.col("connect_event").is_not_null() & (pl.col("end_event") == "ABANDON")).fill_null(False),
        closed=start & (pl.col("at") < (restarts["at"].item(-1) if restarts.height else -1)),
    )


def entered_again(legs: pl.DataFrame) -> pl.DataFrame:
    """Of calls that entered one queue several times: which entry in its second."""
    same = ["callid", "queue", "event"]
    several = legs.filter(pl.concat_str(*same, separator="|").hash().is_duplicated())
    return several.select("at", nth=pl.int_range(1, pl.len() + 1).over(*same, pl.col("time") // SECOND))


def as_calls(legs: pl.DataFrame, *, columns: tuple[str, ...]) -> pl.DataFrame:
    """Rows of the calls table, and the columns named."""
    return legs.select(*values_of_a_call(), *columns)


@cache
def values_of_a_call() -> tuple[pl.Expr, ...]:
    """The columns of the calls table, of a stay and its events; put together once, for many small files."""
    second = pl.col("time") // SECOND
    kind = pl.when(pl.col("event") == START).then(pl.lit("")).otherwise("/" + pl.col("event"))
    nth = pl.when(pl.col("nth") > 1).then(pl.format("/{}", "nth")).otherwise(pl.lit(""))
    computed = {
        "leg": pl.format("{}/{}/{}{}{}", "callid", "queue", second, kind, nth),
        "contact": pl.coalesce("contact", "callid"),
        "entered": (second * SECOND).cast(Moment),
        "outcome": outcome(),
        "wait": wait(),
        "ring": pl.col("connect_ring"),
        "talk": talk(),
        "agent": pl.coalesce("connect_agent", "end_agent"),
        "caller": pl.when(pl.col("contact").is_null()).then("caller").otherwise("contact_caller"),
        "queue": pl.col("queue"),
        "clock": pl.col("clock"),
        "line": pl.col("line").abs(),
    }
    return tuple(computed.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in SCHEMA.items())


@cache
def outcome() -> pl.Expr:
    """How a stay ended. A phone that stopped ringing within a second of the hang-up was ringing when it came."""
    ringing = pl.col("end_agent").is_not_null() | (pl.col("rang_time") >= pl.col("end_time") - SECOND).fill_null(False)
    return (
        pl.when(pl.col("event") != START).then(pl.lit("blocked"))
        .when(pl.col("connect_event").is_not_null()).then(pl.lit("answered"))
        .when(pl.col("broken_event").is_not_null()).then(pl.lit("failed"))
        .when((pl.col("end_event") == "ABANDON") & ringing).then(pl.lit("abandoned_ringing"))
        .when(pl.col("end_event").is_not_null()).then(pl.col("end_event").replace_strict(ENDS, default=None))
        .when("closed").then(pl.lit("failed"))
        .otherwise(pl.lit("open"))
    )  # fmt: skip


@cache
def wait() -> pl.Expr:
    """The wait the switch tells of; from the moments where it tells of none (an empty field, an old version)."""
    answered = pl.coalesce("connect_wait", "end_wait", _since("connect_time"))
    other = pl.coalesce("end_wait", _since("end_time"))
    return (
        pl.when(pl.col("connect_event").is_not_null()).then(answered)
        .when(pl.col("broken_event").is_not_null()).then(_since("broken_time"))
        .when(answered_end()).then(pl.coalesce("end_wait", not_below_nought(_since("end_time") - pl.col("end_talk"))))
        .otherwise(other)
    )  # fmt: skip


@cache
def talk() -> pl.Expr:
    """The talk the end tells of, or the time from the connection to the end.

    An end without a talk in the very second of the connection is a script's that wrote both at once: it is not known.
    """
    between = (pl.col("end_time") - pl.col("connect_time")) // SECOND
    return pl.when(answered_end()).then(pl.coalesce("end_talk", pl.when(between > 0).then(between)))


@cache
def answered_end() -> pl.Expr:
    """Whether the end is one of an answered call."""
    return pl.col("end_event").is_in([event for event, meaning in ENDS.items() if meaning == "answered"])


def _since(moment: str) -> pl.Expr:
    """Seconds from entering the queue, unknown where the switch's clock was put back between."""
    return not_below_nought(pl.col(moment) // SECOND - pl.col("time") // SECOND)


def not_below_nought(seconds: pl.Expr) -> pl.Expr:
    """Unknown where negative."""
    return pl.when(seconds >= 0).then(seconds)
