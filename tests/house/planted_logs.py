"""Logs of every format with a marked number or name in every field that can hold one, for the test that finds none."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

from tests.unit.ingest.formats.test_avaya_ech import commas, printed

SPELT = (
    "01632 {0} {1}", "01632{0}{1}", "+44 1632 {0}{1}", "0044 1632 {0} {1}", "(01632) {0}-{1}", "+441632{0}{1}",
    "SIP/01632{0}{1}-0000001a", '"A B" <sip:+441632{0}{1}@desk.example>', "tel:01632{0}{1};ext=12", "01632.{0}.{1}",
)  # fmt: skip
LETTERS = "bcdfghjklm"
START = datetime.fromisoformat("2026-03-02T09:00:00")


@dataclass
class Plants:
    """The marked numbers and names that have been planted so far: none stands in two places."""

    numbers: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    spelt: cycle = field(default_factory=lambda: cycle(SPELT))  # type: ignore[type-arg]

    def number(self, *, plain: bool = False) -> str:
        """A number in the next usual spelling, or in digits alone."""
        whole = 100_000 + 37 * len(self.numbers)
        self.numbers.append(f"01632{whole}")
        return f"01632{whole}" if plain else str(next(self.spelt)).format(str(whole)[:3], str(whole)[3:])

    def name(self) -> str:
        """A person's name that no text holds by chance."""
        digits = f"{len(self.names):04d}"
        self.names.append(f"Xq{''.join(LETTERS[int(digit)] for digit in digits)} Vwz")
        return self.names[-1]

    @property
    def all(self) -> list[str]:
        """Every one of them."""
        return [*self.numbers, *self.names]


def write_logs(folder: Path, plants: Plants, *, rows: int = 12) -> list[tuple[Path, list[str]]]:
    """The logs, with what must be said to read each of them."""
    folder.mkdir()
    calls, intervals = folder / "calls.toml", folder / "intervals.toml"
    calls.write_text(CALLS)
    intervals.write_text(INTERVALS)
    made = [
        (named(folder, plants, "csv", mapped_calls(plants, rows)), ["--mapping", str(calls)]),
        (named(folder, plants, "txt", mapped_intervals(plants, rows)), ["--mapping", str(intervals)]),
        (named(folder, plants, "log", queue_log(plants, rows)), []),
        (named(folder, plants, "table", exported(plants, rows)), []),
        (named(folder, plants, "ech", ech(plants, rows)), []),
        (named(folder, plants, "printed", ech_printed(plants, rows)), []),
        (named(folder, plants, "tasks", task_router(plants, rows)), []),
        (named(folder, plants, "events", callcenter(plants, rows)), []),
        (
            named(folder, plants, "none", "\n".join(mapped_row(plants, n) for n in range(rows))),
            ["--mapping", str(calls)],
        ),
        (named(folder, plants, "other", f"{plants.name()};{plants.number()}\n" * 3), []),
    ]
    packed = folder / f"packed {plants.number(plain=True)}.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(f"of {plants.number(plain=True)}/calls {plants.number(plain=True)}.log", queue_log(plants, rows))
    return [*made, (packed, []), (folder / f"missing {plants.number(plain=True)}.csv", [])]


def named(folder: Path, plants: Plants, end: str, text: str) -> Path:
    """A file with a number in its name."""
    path = folder / f"desk {plants.number(plain=True)} of 2026-03-02.{end}"
    path.write_text(text, encoding="utf-8")
    return path


CALLS = """
key = "desk"
words = "Planted calls"
leg = ["Ref", "Part"]
contact = ["From"]
queue = { column = "Queue" }
type = { column = "Kind" }
agent = { column = "Agent" }
caller = { column = "From" }
wait = { column = "Wait", format = "m:ss" }
talk = { column = "Talk", format = "m:ss" }
[[entered]]
column = "Started"
format = "YYYY-MM-DD hh:mm:ss"
[[ignore]]
when = { Kind = "Test" }
rule = "a test call"
[[outcome]]
when = { Left = "answered" }
gives = "answered"
[[outcome]]
when = { Left = ["hung up"] }
gives = "abandoned"
"""
HEADER = "Ref,Part,Queue,Kind,From,Agent,Started,Wait,Talk,Left,Note"


def mapped_row(plants: Plants, n: int, **changed: str) -> str:
    """A row with a number or name in every field that may have one."""
    cells = {
        "Ref": plants.number(), "Part": plants.name(), "Queue": f"Adults {plants.number()}",
        "Kind": f"GP {plants.number()}", "From": plants.number(), "Agent": plants.name(),
        "Started": str(START + timedelta(minutes=7 * n)), "Wait": f"0:{n % 60:02d}", "Talk": "3:07",
        "Left": "answered" if n % 3 else "hung up", "Note": f"{plants.name()} {plants.number()}",
    }  # fmt: skip
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow({**cells, **changed}.values())
    return out.getvalue()


def mapped_calls(plants: Plants, rows: int) -> str:
    """A table of calls, a comment before its rows, bad fields of every kind, and a footer."""
    lines = [HEADER, f"# made by {plants.name()}, {plants.number()}"]
    lines += [mapped_row(plants, n) for n in range(rows)]
    for column in ("Started", "Wait", "Talk", "Left", "Queue", "Kind"):
        long = "\u202e" if column in ("Queue", "Kind") else ""
        lines += [mapped_row(plants, n, **{column: long + plants.number()}) for n in range(2)]
        lines += [mapped_row(plants, n, **{column: long + plants.name()}) for n in range(2)]
    lines.append(mapped_row(plants, 1, From=plants.name()))  # a name where the number belongs
    lines.append(mapped_row(plants, 1, Kind="Test"))
    return "\n".join([*lines, f"Total for {plants.name()},{plants.number()}", f'"{plants.name()}']) + "\n"


INTERVALS = """
kind = "intervals"
key = "table"
words = "Planted intervals"
length = "30 min"
start = { column = "From", format = "YYYY-MM-DD hh:mm" }
queue = { column = "Queue" }
[[amount]]
column = "Offered"
measure = "offered"
[[amount]]
column = "Lost"
measure = "abandoned"
"""


def mapped_intervals(plants: Plants, rows: int) -> str:
    """A table of intervals."""
    lines = ["From,Queue,Offered,Lost,By"]
    for n in range(rows):
        at = f"{START + timedelta(minutes=30 * n):%Y-%m-%d %H:%M}"
        lines.append(f"{at},Table {plants.number(plain=True)},10,2,{plants.name()}")
    lines += [f"{plants.number()},Table,10,2,x", f"{plants.name()},Table,10,2,x"]
    lines += [f"2026-03-02 09:00,Table,{plants.number()},2,x", f"2026-03-02 09:00,Table,{plants.name()},2,x"]
    return "\n".join([*lines, f"{plants.name()} {plants.number()}"]) + "\n"


def events(plants: Plants, rows: int) -> list[list[str]]:
    """Events of a queue_log, each with a number or name in every field that may have one."""
    lines: list[list[str]] = []
    for n in range(rows):
        at, call, queue = 1_772_442_000 + 600 * n, plants.number(plain=True), f"Duty {plants.number()}"
        lines.append([str(at), call, queue, "NONE", "ENTERQUEUE", plants.name(), plants.number(), "1"])
        if n % 4 == 0:
            lines.append([str(at + 9), call, queue, "NONE", "ABANDON", "1", "1", "9"])
        elif n % 4 < 3:
            agent = plants.name()
            lines.append([str(at + 9), call, queue, agent, "CONNECT", "9", plants.number(), "3"])
            lines.append([str(at + 99), call, queue, agent, "COMPLETECALLER", "9", "90", "1"])
        lines.append([str(at + 1), plants.number(), queue, plants.name(), "PAUSE", plants.name()])
        lines.append([str(at + 2), call, queue, plants.name(), plants.name(), plants.number()])
        lines.append([str(at + 3), call, queue, "NONE", f"OUT{plants.number(plain=True)}", plants.name()])
        lines.append(
            [str(at + 4), plants.number(), queue, "NONE", "ABANDON", "1", "1", "9"]
        )  # its beginning is not here
        lines.append([str(at + 5), call, queue, "NONE", "ABANDON", "1", "1", plants.number()])
        lines.append([plants.number(), call, plants.name(), "NONE", "ABANDON"])
        lines.append([plants.name()])
    return lines


def queue_log(plants: Plants, rows: int) -> str:
    """Asterisk's file."""
    return "".join("|".join(line) + "\n" for line in events(plants, rows))


def exported(plants: Plants, rows: int) -> str:
    """Its table, exported."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["time", "callid", "queuename", "agent", "event", "data1", "data2", "data3"])
    for line in events(plants, rows):
        at = line[0]
        if at.isdigit() and at.startswith("17"):
            line = [f"{datetime.fromtimestamp(int(at), UTC):%Y-%m-%d %H:%M:%S}", *line[1:]]
        writer.writerow([*line, *[""] * (8 - len(line))][:8])
    return out.getvalue()


def ech(plants: Plants, rows: int) -> str:
    """Avaya's history between commas."""
    lines = [commas(**ech_fields(plants, n, at=str(START + timedelta(minutes=n)))) for n in range(rows)]
    lines += [commas(callid=plants.number()), commas(segstart=plants.name()), commas(talktime=plants.name())]
    return "\n".join([*lines, commas(split1=plants.number()), plants.name(), f"{plants.number()},1"]) + "\n"


def ech_fields(plants: Plants, n: int, *, at: str) -> dict[str, str]:
    """A record's fields."""
    return {
        "callid": str(7000 + n), "calling_party": plants.number(plain=True), "ans_logid": plants.name(), "segstart": at,
        "ucid": f"000{plants.number(plain=True)}{n:06d}", "split1": "-1" if n % 3 == 0 else "4", "dispvdn": "1",
        "firstvdn": plants.number(plain=True), "call_disp": "3" if n % 3 == 0 else "2",
    }  # fmt: skip


def ech_printed(plants: Plants, rows: int) -> str:
    """Avaya's history as printed."""
    text = "".join(printed(**ech_fields(plants, n, at=str(1_772_442_000 + 60 * n))) for n in range(rows))
    return text + printed(segstart=plants.name()) + printed(callid=plants.number()) + plants.name() + "\n"


def task_router(plants: Plants, rows: int) -> str:
    """TaskRouter events: sound ones, and such as say a number or a name where no one expects it."""
    lines = []
    for n in range(rows):
        at = f"{(START + timedelta(minutes=3 * n)).isoformat()}Z"
        said = {
            "timestamp": at, "task_sid": f"WT {plants.name()}", "task_queue_name": f"Adults {plants.number()}",
            "task_attributes": json.dumps({"from": plants.number(), "name": plants.name()}),
            "worker_name": plants.name(), "task_canceled_reason": f"hangup {plants.name()}",
        }  # fmt: skip
        lines += [(f"{kind}", said) for kind in ("task-queue.entered", "reservation.accepted", "task.canceled")]
        lines += [(f"task.{plants.name()}", said), (f"{plants.number()}.x", said)]
        lines += [("task-queue.entered", {**said, name: plants.number()}) for name in ("timestamp", "task_sid")]
        lines.append(("task-queue.entered", {**said, "task_queue_name": f"\u202e{plants.name()}"}))
    told = [json.dumps({"type": f"com.twilio.taskrouter.{kind}", "data": {"payload": said}}) for kind, said in lines]
    return "\n".join([*told, plants.name(), f"[{plants.number(plain=True)}]"]) + "\n"


def callcenter(plants: Plants, rows: int) -> str:
    """Events of FreeSWITCH's call centre, likewise."""
    lines = []
    for n in range(rows):
        second = int(START.replace(tzinfo=UTC).timestamp()) + 90 * n
        said = {
            "Event-Subclass": "callcenter::info", "CC-Queue": f"desk {plants.number()}", "CC-Agent": plants.name(),
            "CC-Member-CID-Number": plants.number(), "CC-Member-CID-Name": plants.name(),
            "CC-Member-Session-UUID": plants.number(), "CC-Member-Joined-Time": str(second),
            "CC-Agent-Answered-Time": str(second + 9), "CC-Member-Leaving-Time": str(second + 60),
            "CC-Cause": "Terminated",
        }  # fmt: skip
        actions = ("member-queue-start", "bridge-agent-start", "member-queue-end", plants.name())
        lines += [{**said, "CC-Action": action} for action in actions]
        for name in ("CC-Member-Joined-Time", "CC-Queue", "CC-Cancel-Reason"):
            odd = {"CC-Action": "member-queue-end", "CC-Cause": "Cancel", name: f"\u202e{plants.number()}"}
            lines.append({**said, **odd})
    return "\n".join(map(json.dumps, lines)) + "\n"
