"""Stays that are complete after the lines read so far, and those that need more.

Events of stays without an end go from block to block, and from file to file, by one and the same way:

    earlier files ─▶ unfinished ─┐                 ┌─▶ calls, as soon as they are whole
    this file, block by block ───┴─▶ assemble ─────┼─▶ unfinished ─▶ the next block, or the next file
    read before, yet later ─▶ loose ─ at the end ──┘      loose ─▶ the file that has their beginning
"""

import json
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from kcas.calls.call import SCHEMA, empty
from kcas.ingest.events.legs import EVENTS, REFUSED, RESTART, SECOND, START, Assembled, assemble
from kcas.ingest.log_format import Carried, Piece, Refusal

_KEPT = 20_000
"""Events kept for other files. A switch has some hundred calls at once; what crashes leave adds up slowly."""
WAITING = 200_000
"""Events of unfinished stays kept from block to block, beyond which the oldest are told as they are."""
ACROSS = 300
"""Stays told of by several files that are kept although they have an end: a file read later may lie between them."""
TRANSFERS = 20
"""Queues one caller is passed on to by agents before we no longer hold their first stay for the last one's sake."""
_ALIKE = ("callid", "queue", "event", "agent", "wait", "talk")
"""Two lines of different files of one second alike in all these are one event, told twice."""

_BEFORE = "its caller entered before this log began (kept until the log before it is read)"
_TORN = "ABANDON after CONNECT: the caller hung up as an agent was connected; counted as answered, talk not known"


@dataclass
class StretchResult:
    """What a stretch of events came to: stays, and of what kind its lines were."""

    calls: pl.DataFrame = field(default_factory=empty)
    call_lines: int = 0
    used: int = 0
    loose: int = 0  # lines of stays whose beginning has not been seen


class Stays:
    """The stays a log tells of, while its events go by in order."""

    def __init__(self, carried: pl.DataFrame, *, by_time: bool = False, began: int | None = None):
        self.order = ["time", "file", "line"] if by_time else ["file", "line"]
        known = assemble(carried.sort(self.order)) if carried.height else nothing_known()
        self.active = known.events.filter(pl.col("leg").is_not_null()).select(*EVENTS)
        self.loose = known.events.filter(pl.col("leg").is_null()).select(*EVENTS)
        self.told = known.legs.select(*SCHEMA)  # as earlier files told them
        self.began: int | None = None
        self.said_to_begin = began
        self.latest = 0
        self.deferred = 0  # loose lines of this file, accounted for at its end
        self.torn = 0  # stays that ended in ABANDON although an agent had been connected

    def take(self, events: pl.DataFrame) -> StretchResult:
        """The next events of the log."""
        if not events.height:
            return StretchResult()
        if self.began is None:
            self.begin(events["time"].item(0) if self.said_to_begin is None else self.said_to_begin)
        self.latest = max(self.latest, whole_second(events["time"].max()))
        fresh = events.with_columns(file=pl.lit(self.began, pl.Int64))
        self.active, self.loose = (not_told_again(kept, fresh) for kept in (self.active, self.loose))
        made = assemble(pl.concat([self.active, fresh]).pipe(self.in_order))
        calls = self.settle(made, last=False)
        call_lines = fresh.filter(pl.col("event").is_in([START, *REFUSED])).height
        astray = without_beginning(made.events).height
        self.deferred += astray
        return StretchResult(calls, call_lines, fresh.height - call_lines - astray, loose=self.set_aside(made.events))

    def begin(self, moment: int) -> None:
        """The file begins here: what later files told of before stays aside until its end."""
        self.began = moment
        if self.order[0] == "file":
            later = pl.col("file") > moment
            self.loose = pl.concat([self.loose, self.active.filter(later)])
            self.active = self.active.filter(~later)

    def finish(self) -> tuple[StretchResult, pl.DataFrame]:
        """The end of the log: stays as far as they are known, and the events that other files may add to."""
        if not self.active.height and not self.loose.height:
            return StretchResult(used=self.deferred), self.active
        made = assemble(pl.concat([self.active, self.loose]).sort(self.order))
        calls = self.settle(made, last=True)
        left = without_beginning(made.events).filter("here").height
        self.loose = made.events.clear().select(*EVENTS)
        self.set_aside(made.events)
        carried = pl.concat([self.active, self.loose]).sort("time").tail(_KEPT)
        return StretchResult(calls, used=self.deferred - left, loose=left), carried

    def settle(self, made: Assembled, *, last: bool) -> pl.DataFrame:
        """The stays that can be told; the events of those that may have more to come stay active."""
        recent = pl.col("entered").dt.epoch("s") >= self.latest
        waiting = made.legs.filter(~pl.col("finished") | recent)["at"].tail(WAITING)
        oldest = waiting.item(0) if waiting.len() == WAITING else -1
        due = made.legs.filter(pl.col("finished") | pl.lit(last) | (pl.col("at") < oldest))
        calls = news(due.select(*SCHEMA), told=self.told)
        self.torn += due.filter("torn").join(calls, on="leg", how="semi").height
        stays = with_callers(pl.concat([waiting, across(made.events)]), made)
        kept = pl.concat([stays, entered_later(stays, made.events)]).unique().rename("leg").to_frame()
        self.active = made.events.join(kept, on="leg", how="semi", maintain_order="left").select(*EVENTS)
        self.told = pl.concat([self.told.join(calls, on="leg", how="anti"), calls]).join(
            made.legs.join(kept, left_on="at", right_on="leg", how="semi"), on="leg", how="semi"
        )
        return calls

    def set_aside(self, events: pl.DataFrame) -> int:
        """Keep the events without a beginning, and the last restart. How many were too many to keep."""
        restart = events.filter(pl.col("event") == RESTART)
        loose = pl.concat([self.loose, without_beginning(events).select(*EVENTS), restart.select(*EVENTS)])
        restarts = loose.filter(pl.col("event") == RESTART).sort(self.order).tail(1)
        loose = loose.filter(pl.col("event") != RESTART)
        dropped = loose.head(max(0, loose.height - 2 * _KEPT)).filter("here").height
        self.loose = pl.concat([loose.tail(2 * _KEPT), restarts])
        self.deferred -= dropped
        return dropped

    def in_order(self, events: pl.DataFrame) -> pl.DataFrame:
        """A log is in order as it stands; a table's rows are put in the order of their times."""
        return events if self.order[0] == "file" else events.sort(self.order)


@cache
def nothing_known() -> Assembled:
    """What no events come to: most files begin with none, and small ones are read by the thousand."""
    return assemble(pl.DataFrame(schema=EVENTS))


def news(calls: pl.DataFrame, *, told: pl.DataFrame) -> pl.DataFrame:
    """The stays that have not been told before as they are now."""
    again = calls.join(told.select("leg"), on="leg", how="semi")
    same = again.join(told, on=list(SCHEMA), how="semi", nulls_equal=True)
    return calls.join(same, on="leg", how="anti", maintain_order="left") if same.height else calls


def without_beginning(events: pl.DataFrame) -> pl.DataFrame:
    """Events of stays whose entry into the queue has not been seen."""
    return events.filter(pl.col("leg").is_null() & ~pl.col("event").is_in([RESTART, *REFUSED]))


def across(events: pl.DataFrame) -> pl.Series:
    """The latest stays told of by several files."""
    elsewhere = pl.col("file") != pl.col("file").gather(pl.col("leg"))
    return events.filter(elsewhere)["leg"].unique().sort().tail(ACROSS).alias("at")


def with_callers(legs: pl.Series, made: Assembled) -> pl.Series:
    """The stays, and those from which they have their caller (a transfer that swapped call ids)."""
    contacts = made.swaps.contacts
    legs = pl.concat([legs, pl.Series(made.swaps.unresolved, dtype=pl.Int64)]).unique()
    for _ in range(min(contacts.height, TRANSFERS)):
        more = contacts.filter(pl.col("leg").is_in(legs.implode()) & ~pl.col("contact_leg").is_in(legs.implode()))
        if not more.height:
            break
        legs = pl.concat([legs, more["contact_leg"]])
    return legs


def entered_later(kept: pl.Series, events: pl.DataFrame) -> pl.Series:
    """Later entries of the same calls into the same queues: they bound what may still be told of the stays kept."""
    starts = events.filter(pl.col("event") == START).select("callid", "queue", "leg")
    earliest = starts.join(kept.rename("leg").to_frame(), on="leg", how="semi").group_by("callid", "queue")
    later = starts.join(earliest.agg(since=pl.col("leg").min()), on=["callid", "queue"])
    return later.filter(pl.col("leg") > pl.col("since"))["leg"].sort().tail(ACROSS).alias("at")


def not_told_again(kept: pl.DataFrame, fresh: pl.DataFrame) -> pl.DataFrame:
    """The events of other files but those this file tells as well: files may overlap, and a log may be sent again."""
    known = kept.filter(~pl.col("here"))
    if not known.height:
        return kept
    same: list[str | pl.Expr] = [pl.col("time") // SECOND, *_ALIKE]
    twice = known.join(fresh, left_on=same, right_on=same, how="semi", nulls_equal=True)
    return kept.join(twice.select("file", "line"), on=["file", "line"], how="anti", maintain_order="left")


def whole_second(moment: object) -> int:
    """The second of a moment."""
    return int(str(moment)) // SECOND


def as_text(events: pl.DataFrame) -> tuple[str, ...]:
    """Events to keep beside the calls: tokens and numbers of seconds, no caller's number."""
    return tuple(json.dumps(row[:-1]) for row in events.select(*EVENTS).iter_rows())


def from_text(kept: tuple[str, ...]) -> pl.DataFrame:
    """The events kept."""
    rows = [(*json.loads(text), False) for text in kept]
    return pl.DataFrame(rows, schema=EVENTS, orient="row")


@dataclass(frozen=True)
class Sorted:
    """The lines of a block: events about callers, lines ignored by which rule, lines refused and why."""

    events: pl.DataFrame
    ignored: dict[str, int]
    refusals: list[Refusal]
    warnings: dict[str, int]


def piece(told: Sorted, came_to: StretchResult, *, refusals: list[Refusal]) -> Piece:
    """A block's account: its own lines, less the loose ones whose beginning the end of the file may yet show."""
    refused = (*refusals, *told.refusals)
    ignored = told.ignored | ({_BEFORE: came_to.loose} if came_to.loose else {})
    return Piece(
        lines=came_to.call_lines + came_to.used + sum(ignored.values()) + len(refused),
        calls=came_to.calls,
        call_lines=came_to.call_lines,
        used=came_to.used,
        ignored=ignored,
        refusals=tuple(sorted(refused, key=lambda refusal: refusal.line)),
        warnings=told.warnings,
    )


def last_piece(stays: Stays) -> Piece:
    """What only the end of a log can tell."""
    came_to, carried = stays.finish()
    return Piece(
        lines=came_to.used + came_to.loose,
        calls=came_to.calls,
        used=came_to.used,
        ignored={_BEFORE: came_to.loose} if came_to.loose else {},
        warnings={_TORN: stays.torn} if stays.torn else {},
        carried=Carried(loose=as_text(carried)),
    )
