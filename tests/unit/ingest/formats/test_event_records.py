"""Suppliers' event streams: every form of an event, any order, delivered twice, and split anywhere."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from kcas.ingest.formats.freeswitch import CallCenterEvents
from kcas.ingest.formats.twilio import TaskRouterEvents
from kcas.ingest.log_format import Carried, LogFormat
from kcas.ingest.reading import Log
from kcas.ingest.unpacking import Source
from tests.unit.ingest.formats.read_back import ReadBack, latest, read_back, settings_in

TWILIO, SWITCH = TaskRouterEvents(), CallCenterEvents()
SAMPLES = Path(__file__).resolve().parents[3] / "golden" / "suppliers"
COLUMNS = ("queue", "entered", "outcome", "wait", "talk")


def read(
    folder: Path, text: str, *, form: LogFormat = TWILIO, carried: Carried | None = None, size: int = 1 << 24
) -> ReadBack:
    path = folder / "events.jsonl"
    path.write_text(text)
    return read_back(form, path, settings=settings_in(folder), carried=carried, size=size, by_line=False)


def streamed(kind: str, at: str, task: str, **said: Any) -> str:
    """An event as Event Streams delivers it."""
    payload = {"eventtype": kind, "timestamp": f"2026-06-01T08:{at}.000Z", "task_sid": task, **said}
    return json.dumps({"type": f"com.twilio.taskrouter.{kind}", "data": {"payload": payload}})


def entered(at: str, task: str, queue: str = "Adults") -> str:
    return streamed("task-queue.entered", at, task, task_queue_name=queue)


@pytest.mark.parametrize("name", ["twilio_task_router", "freeswitch_callcenter"])
@pytest.mark.parametrize("size", [1, 700, 5_000])
def test_a_stream_in_blocks_of_any_size_and_in_two_files_comes_to_the_same(
    tmp_path: Path, name: str, size: int
) -> None:
    form: LogFormat = TWILIO if name.startswith("twilio") else SWITCH
    lines = (SAMPLES / f"{name}.jsonl").read_text().splitlines(keepends=True)
    whole = read(tmp_path, "".join(lines), form=form)
    blocks = read(tmp_path, "".join(lines), form=form, size=size)
    wanted = of(latest([whole.calls]))
    assert of(latest([blocks.calls])) == wanted
    for cut in (1, 5, 9, 12):
        first = read(tmp_path, "".join(lines[:cut]), form=form)
        second = read(tmp_path, "".join(lines[cut:]), form=form, carried=first.carried)
        assert of(latest([first.calls, second.calls])) == wanted


def of(calls: dict[str, dict[str, object]]) -> list[tuple[object, ...]]:
    return sorted(tuple(call[name] for name in COLUMNS) for call in calls.values())


def test_events_in_any_order_and_delivered_twice_are_the_same_calls(tmp_path: Path) -> None:
    there = {"task_queue_name": "Adults"}
    lines = [
        entered("00:00", "WT1"), streamed("reservation.accepted", "00:12", "WT1", **there),
        streamed("task.completed", "01:12", "WT1", **there), entered("02:00", "WT2"),
        streamed("task.canceled", "02:33", "WT2", task_canceled_reason="hangup", **there),
    ]  # fmt: skip
    lines = [line.replace('{"type"', f'{{"id": "EV{n}", "type"') for n, line in enumerate(lines)] * 2
    for seed in range(20):
        random.Random(seed).shuffle(lines)
        told = read(tmp_path, "\n".join(lines))
        assert told.calls.select("outcome", "wait", "talk").sort("wait").rows() == [
            ("answered", 12.0, 60.0), ("abandoned", 33.0, None),
        ]  # fmt: skip


def test_the_callback_and_the_rest_interface_write_the_same_events(tmp_path: Path) -> None:
    callback = [
        {"EventType": kind, "Timestamp": f"2026-06-01T08:00:{at}Z", "WorkspaceSid": "WS1", "TaskSid": "WT1",
         "TaskQueueName": "Adults", "TaskCanceledReason": "caller hung up"}
        for kind, at in (("task-queue.entered", "00"), ("task.canceled", "33"))
    ]  # fmt: skip
    rest = [
        {"event_type": event["EventType"], "event_date": event["Timestamp"], "sid": f"EV{n}",
         "event_data": {"task_sid": "WT1", "task_queue_name": "Adults", "workspace_sid": "WS1",
                        "task_canceled_reason": "caller hung up"}}
        for n, event in enumerate(callback)
    ]  # fmt: skip
    for form in (callback, rest):
        told = read(tmp_path, "\n".join(map(json.dumps, form)))
        assert TWILIO.claims(Log(Source(tmp_path / "events.jsonl")).head)
        assert told.calls.select("outcome", "wait").rows() == [("abandoned", 33.0)]


def test_a_task_created_in_a_queue_enters_it_once(tmp_path: Path) -> None:
    created = streamed("task.created", "00:00", "WT1", task_queue_name="Adults")
    told = read(tmp_path, "\n".join([created, entered("00:01", "WT1"), streamed("task.canceled", "00:34", "WT1")]))
    assert told.calls.select("outcome", "wait").rows() == [("overflowed", 34.0)]


def test_a_task_that_enters_another_queue_has_left_the_first(tmp_path: Path) -> None:
    told = read(tmp_path, "\n".join([entered("00:00", "WT1"), entered("01:00", "WT1", "Duty")]))
    assert told.calls.select("queue", "outcome", "wait").rows() == [
        ("Adults", "overflowed", 60.0),
        ("Duty", "open", None),
    ]
    assert told.calls["contact"].n_unique() == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("soon", "is no JSON object"),
        ("[1, 2]", "is JSON, but no object"),
        ("{}", "is no event of TaskRouter"),
        (streamed("task-queue.entered", "99:00", "WT1", task_queue_name="A"), "no day or time"),
        (streamed("task-queue.entered", "00:00", "", task_queue_name="A"), "name of its call is missing"),
        (entered("00:00", "WT1").replace("2026", "2126"), "in the future"),
        (entered("00:00", "WT1", "a\u202eb"), "name of its queue"),
    ],
)
def test_a_record_that_does_not_say_what_it_should_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    told = read(tmp_path, "\n".join([entered("00:00", "WT9"), line]))
    assert told.refused == [(2, None)]
    assert reason in told.reasons[0]
    assert told.calls.height == 1


def test_an_unknown_reason_to_cancel_a_member_is_refused_and_times_that_run_backwards_too(tmp_path: Path) -> None:
    end = {"Event-Subclass": "callcenter::info", "CC-Action": "member-queue-end", "CC-Queue": "a", "CC-Cause": "Cancel",
           "CC-Member-Session-UUID": "s", "CC-Member-Joined-Time": "1780300800"}  # fmt: skip
    lines = [{**end, "CC-Cancel-Reason": "BORED", "CC-Member-Leaving-Time": "1780300801"},
             {**end, "CC-Cancel-Reason": "NONE", "CC-Member-Leaving-Time": "1780300700"}]  # fmt: skip
    told = read(tmp_path, "\n".join(map(json.dumps, lines)), form=SWITCH)
    assert [reason.split(" ")[0] for reason in told.reasons] == ["CC-Cancel-Reason", "its"]
