"""Records of a supplier's event stream, one JSON object an event, as events of calls.

However many objects stand on a line, or between the brackets of an array that fills one, each is accounted for as a
line, under the line where it stands. Events may come in any order, and twice: delivery is at least once.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from kcas.ingest.columns import Unreadable
from kcas.ingest.events.legs import EVENTS, SECOND
from kcas.ingest.events.stream import Sorted, Stays, StretchResult, from_text, last_piece, piece
from kcas.ingest.log_format import OLDEST, Carried, Piece, ReadSettings, Refusal
from kcas.ingest.reading import Block, Head, Log, lines_of
from kcas.ingest.redact import IN_NAMES

EventRecord = Mapping[str, Any]
DECODER = json.JSONDecoder()
_BETWEEN = re.compile(r"[\s,\x1e\[\]]*")
"""What may stand between two objects: nothing (as delivery streams join them), commas, an array's brackets."""
_BLOCK = 4 << 20
LONGEST_NAME = 200
ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)", re.ASCII | re.IGNORECASE
)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True)
class Event:
    """One event of a call in the engine's words; `time` is microseconds since 1970, durations are seconds."""

    event: str
    time: int
    callid: str
    queue: str
    agent: str | None = None
    caller: str | None = None
    wait: float | None = None
    talk: float | None = None


@dataclass(frozen=True)
class Left:
    """A record that tells nothing of a call: by which rule it is left out, or that another record told the same."""

    rule: str = ""


Translator = Callable[[EventRecord], tuple[Event, ...] | Left]
"""One record's events, the first of which accounts for it. Raises Unreadable where it does not say what it should."""


@dataclass
class _Stretch:
    """What the records of one block come to, before they are stays."""

    latest: int
    events: list[tuple[int, Event]] = field(default_factory=list)  # with its line
    more: int = 0  # events beyond the first of their record
    again: int = 0  # records that tell what another has told
    ignored: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)

    def take(self, line: int, record: EventRecord, translate: Translator) -> None:
        """Add one record."""
        try:
            told = translate(record)
            if not isinstance(told, Left):
                for one in told:
                    _check(one, latest=self.latest)
        except Unreadable as reason:
            self.refusals.append(Refusal(line, None, str(reason)))
            return
        if isinstance(told, Left):
            self.again += not told.rule
            self.ignored.update([told.rule] if told.rule else [])
            return
        self.events += [(line, one) for one in told]
        self.more += len(told) - 1


def read_records(log: Log, translate: Translator, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
    """A log of JSON objects as stays in queues, block by block."""
    stays = Stays(from_text(carried.loose), by_time=True)
    latest = int(settings.latest.timestamp()) * SECOND
    for block in log.blocks(size=_BLOCK):
        stretch = stretch_of(block, translate, latest=latest)
        events, warnings = as_events(stretch.events, settings=settings)
        came_to = stays.take(events)
        of_records = StretchResult(
            came_to.calls, came_to.call_lines, came_to.used - stretch.more + stretch.again, came_to.loose
        )
        told = Sorted(events, dict(stretch.ignored), stretch.refusals, warnings)
        yield piece(told, of_records, refusals=[])
    yield last_piece(stays)


def stretch_of(block: Block, translate: Translator, *, latest: int) -> _Stretch:
    """The records of a block."""
    stretch = _Stretch(latest)
    for line in lines_of(block):
        if line.fault:
            stretch.refusals.append(Refusal(line.number, None, line.fault))
            continue
        empty = True
        try:
            for record in objects_on(line.text):
                stretch.take(line.number, record, translate)
                empty = False
        except Unreadable as reason:
            stretch.refusals.append(Refusal(line.number, None, str(reason)))
            empty = False
        if empty:
            stretch.ignored["blank line" if not line.text.strip() else "brackets of the list"] += 1
    return stretch


def objects_on(text: str) -> Iterator[EventRecord]:
    """The objects on one line. Raises Unreadable where it is no JSON."""
    at = skipped(text, 0)
    while at < len(text):
        try:
            value, at = DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            raise Unreadable("is no JSON object. Expected one object for each event.") from None
        if not isinstance(value, dict):
            raise Unreadable("is JSON, but no object. Expected one object for each event.")
        yield value
        at = skipped(text, at)


def skipped(text: str, at: int) -> int:
    """Where the next object begins."""
    between = _BETWEEN.match(text, at)
    return between.end() if between else at


def first_object(head: Head) -> EventRecord:
    """The first object of a log; empty where its first line that says anything holds none."""
    for text in head.lines:
        if skipped(text, 0) < len(text):
            try:
                return next(objects_on(text), {})
            except Unreadable:
                return {}
    return {}


def moment(value: object, *, of: str) -> int:
    """Microseconds since 1970 of a moment with its offset. Raises Unreadable where it is none."""
    found = ISO.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise Unreadable(f'{of} is no moment. Expected one like "2026-03-02T09:00:00.000Z".')
    day, clock, fraction, offset = found.groups()
    try:
        whole = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if offset in 'Zz' else offset}")
    except ValueError:
        raise Unreadable(f"{of} is no day or time there is.") from None
    return (whole - _EPOCH) // timedelta(seconds=1) * SECOND + int((fraction or "").ljust(6, "0")[:6])


def text_in(record: EventRecord, *names: str) -> str:
    """The first of a record's texts that says anything; empty where none does."""
    found = (record.get(name) for name in names)
    texts = (str(value).strip() for value in found if isinstance(value, str | int))
    return next(filter(None, texts), "").encode("utf-8", "ignore").decode()  # half a character is none


def _check(event: Event, *, latest: int) -> None:
    """Raise Unreadable where an event cannot be of a call: no moment of the past, no call, no queue."""
    if not int(OLDEST.timestamp()) * SECOND < event.time <= latest:
        raise Unreadable("the moment is before 1970 or in the future.")
    for what, text in (("call", event.callid), ("queue", event.queue)):
        if not text or len(text) > LONGEST_NAME or not text.isprintable():
            raise Unreadable(f"the name of its {what} is missing, too long, or holds characters that cannot be seen.")


def as_events(told: list[tuple[int, Event]], *, settings: ReadSettings) -> tuple[pl.DataFrame, dict[str, int]]:
    """Events as rows of the engine: agents, callers and references as tokens; and what was marked in names."""
    rows = pl.DataFrame([(line, *values_of(one)) for line, one in told], schema=_ROWS, orient="row")
    queues, marked = settings.redactor.names(rows["queue"])
    events = rows.with_columns(
        queues,
        settings.redactor.references(rows["callid"]),
        agent=settings.redactor.agents(rows["agent"]),
        caller=settings.redactor.callers(rows["caller"]),
        file=pl.lit(0, pl.Int64),
        ring=pl.lit(None, pl.Float64),
        clock=pl.lit(None, pl.String),
        here=pl.lit(True),
    )
    return events.select(*EVENTS), {IN_NAMES.format("queue"): marked} if marked else {}


_ROWS = pl.Schema({"line": pl.Int64(), **{name: EVENTS[name] for name in EVENTS if name in Event.__annotations__}})


def values_of(event: Event) -> tuple[object, ...]:
    """An event's values in the order of the rows."""
    return tuple(getattr(event, name) for name in _ROWS if name != "line")
