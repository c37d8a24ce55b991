"""Twilio TaskRouter events: tasks that enter queues, are reserved for workers, and end.

Three forms of one event: of Event Streams (`type`, `data.payload`), of the event callback (`EventType`, `TaskSid`) and
of the REST interface (`event_type`, `event_data`). A caller is a task; a queue that the task enters is a stay.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kcas.ingest.columns import Unreadable
from kcas.ingest.events.legs import SECOND
from kcas.ingest.events.records import Event, EventRecord, Left, first_object, moment, read_records, text_in
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.reading import Head, Log

PREFIX = "com.twilio.taskrouter."
ENTRIES = ("task.created", "task-queue.entered")
MOVES = ("task-queue.moved", "task-queue.timeout")
"""The task leaves its queue for another step of its workflow, and waits on."""
_OVER = ("task.completed", "task.wrapup", "reservation.wrapup", "reservation.completed")
SAME = 5 * SECOND
"""task.created and task-queue.entered of one queue tell one entry; they are a moment apart."""
REMEMBERED = 100_000
"""Tasks and events remembered while a file is read; of a busy centre, some hours."""
OTHERS = ("task.updated", "task.deleted", "task.system-deleted", "task.transfer-initiated", "task.transfer-failed",
          "task.transfer-completed", "task.transfer-canceled", "task.transfer-attempt-failed", "reservation.created",
          "reservation.rejected", "reservation.timeout", "reservation.rescinded", "task-queue.created",
          "task-queue.deleted", "task-queue.expression.updated")  # fmt: skip
TAKEN = {"task.canceled": "", "reservation.accepted": "CONNECT", "reservation.canceled": "RINGCANCELED",
         **dict.fromkeys(_OVER, "COMPLETEAGENT")}  # fmt: skip
"""Events of a task in a queue, and the engine's word; the end of a canceled one hangs on its reason."""
CALLS = ("voice", "")
REASONS = (
    (re.compile("hang|hung|abandon|disconnect|left", re.IGNORECASE), "ABANDON"),
    (re.compile(r"ttl|time.?out|timed out|exceeded", re.IGNORECASE), "EXITWITHTIMEOUT"),
)
"""A task's reason to be canceled is free text, set by the person who built the flow; any other is another way out."""
_ELSEWHERE = "WITHDRAW"


class TaskRouterEvents:
    """A stream of TaskRouter's events."""

    key = "twilio_task_router"
    words = "Twilio TaskRouter events, one JSON object an event"
    encoding = "utf-8"

    def claims(self, head: Head) -> bool:
        """Whether the first object is an event of TaskRouter."""
        record = first_object(head)
        of_twilio = text_in(record, "type").startswith(PREFIX) or text_in(flattened(record), "workspace_sid")
        return bool(kind_of(record) and of_twilio)

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The stays in queues, block by block."""
        return read_records(log, Tasks().events_of, settings=settings, carried=carried)


@dataclass
class Tasks:
    """State that lives while a stream is read: where each task queues, and which events have been seen."""

    queues: dict[str, tuple[str, int]] = field(default_factory=dict)  # task -> its queue, and when it entered
    seen: dict[str, None] = field(default_factory=dict)

    def events_of(self, record: EventRecord) -> tuple[Event, ...] | Left:
        """What one record tells of a call."""
        kind, said = kind_of(record), flattened(record)
        if not kind:
            raise Unreadable("is no event of TaskRouter: it has no type.")
        if kind not in (*ENTRIES, *MOVES, *TAKEN):
            return Left(f"{kind}: about agents or settings" if kind in OTHERS else "another event")
        if text_in(said, "task_channel_unique_name") not in CALLS or outbound(said):
            return Left("a task that is no incoming call")
        if self.again(text_in(record, "id", "sid", "Sid") or text_in(said, "sid")):
            return Left()
        return self.of_task(kind, said, time=moment(time_in(record, said), of="the event's timestamp"))

    def of_task(self, kind: str, said: EventRecord, *, time: int) -> tuple[Event, ...] | Left:
        """What an event about a call's task tells."""
        task, queue = text_in(said, "task_sid"), text_in(said, "task_queue_name", "task_queue_sid")
        if kind in ENTRIES:
            return self.entry(task, queue, said, time=time)
        here, _ = self.queues.get(task, (queue, 0))
        if kind in MOVES:
            return (Event(_ELSEWHERE, time, task, here),) if here else Left("left a queue that it had not entered")
        if not here:
            return Left("its task entered before this log began")
        return (Event(ending(kind, said), time, task, here, agent=worker(kind, said)),)

    def entry(self, task: str, queue: str, said: EventRecord, *, time: int) -> tuple[Event, ...] | Left:
        """A task in a queue, once; it leaves the queue before, if that is another."""
        if not queue:
            return Left("task.created: in no queue yet")
        before, since = self.queues.get(task, ("", 0))
        if before == queue and abs(time - since) <= SAME:
            return Left()
        remember(self.queues, task, (queue, time))
        start = Event("ENTERQUEUE", time, task, queue, caller=caller(said))
        return (
            (start, Event(_ELSEWHERE, time, task, before)) if before not in ("", queue) and since < time else (start,)
        )

    def again(self, event: str) -> bool:
        """Whether an event has been seen before: it may be delivered more than once."""
        if not event or event not in self.seen:
            if event:
                remember(self.seen, event, None)
            return False
        return True


def remember(known: dict[str, Any], name: str, value: object) -> None:
    """Add to what is remembered; the oldest is forgotten where that is too much."""
    known.pop(name, None)
    known[name] = value
    if len(known) > REMEMBERED:
        known.pop(next(iter(known)))


def kind_of(record: EventRecord) -> str:
    """The type of an event without its prefix; empty where it is none."""
    kind = text_in(record, "type", "EventType", "event_type", "eventtype")
    return kind.removeprefix(PREFIX) if "." in kind else ""


def flattened(record: EventRecord) -> dict[str, Any]:
    """What an event says, by Event Streams' names, however deep it stands."""
    data = record.get("data", record.get("event_data", record))
    data = data if isinstance(data, dict) else {}
    payload = data.get("payload")
    said = payload if isinstance(payload, dict) else data
    return {snake(name): value for name, value in said.items()}


def snake(name: str) -> str:
    """`TaskQueueName` as `task_queue_name`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def time_in(record: EventRecord, said: EventRecord) -> str:
    """The text of the event's moment."""
    return text_in(said, "timestamp") or text_in(record, "Timestamp", "event_date", "time")


def attributes(said: EventRecord) -> EventRecord:
    """A task's attributes, which are JSON within a text."""
    told = said.get("task_attributes")
    try:
        value = json.loads(told) if isinstance(told, str) else told
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def outbound(said: EventRecord) -> bool:
    """Whether the task is a call that an agent made."""
    return text_in(attributes(said), "direction").lower().startswith("outbound")


def caller(said: EventRecord) -> str | None:
    """The caller's number."""
    return text_in(attributes(said), "from", "caller", "customerAddress") or None


def worker(kind: str, said: EventRecord) -> str | None:
    """Who took the call."""
    return text_in(said, "worker_sid", "worker_name") or None if kind == "reservation.accepted" else None


def ending(kind: str, said: EventRecord) -> str:
    """The engine's word for what became of a task."""
    if kind == "task.canceled":
        reason = text_in(said, "task_canceled_reason", "reason")
        return next((word for pattern, word in REASONS if pattern.search(reason)), _ELSEWHERE)
    return TAKEN[kind]


FORMATS = (TaskRouterEvents(),)
