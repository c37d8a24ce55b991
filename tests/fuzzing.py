"""Fuzzing of every text a person can hand over or touch: whatever it holds, nothing but our own errors comes out.

`python -m tests.fuzzing [MUTATIONS] [FORMAT…]` mutates a sound text of each format so many times, in this process, and
prints what left the family of errors, with the text that did it. Logs take some 200 mutated stretches to a file, for
opening a file costs more than reading a stretch of it; where such a file fails, the stretch is looked for.
"""

import json
import random
import re
import signal
import struct
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import FrameType

from kcas.errors import AccountError, KcasError, LogError
from kcas.ingest.formats import formats
from kcas.ingest.formats.avaya.ech import PLACES, WIDTH
from kcas.ingest.log_format import Carried, LogFormat, ReadSettings
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import read_mapping
from kcas.ingest.reading import Log
from kcas.ingest.redact import Redactor
from kcas.ingest.report import STOPS
from kcas.ingest.unpacking import Source

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
STRETCHES = 200
LONGEST = 60
"""Seconds that one text may take."""

HOSTILE = (
    "", " ", "0", "-1", "-0.0", "9" * 19, "9" * 400, "9" * 5000, "1e999", "-1e308", "nan", "inf", "0x" + "f" * 300,
    "²", "٣", "1_000", "1,5", "é", "\0", "\x1b[31m", "\u202e", "\ufeff", "\U0001f4de", "'", '"', '""', '"a', "a\tb",
    "a" * 300, "a" * 70_000, "{}", "[]", "[" * 60 + "]" * 60, "true", "null", "None", "0001-01-01", "9999-12-31",
    "2026-02-30", "1970-01-01 00:00:00", "9999-12-31 23:59:59", "2026-03-29 01:30:00", "2026-10-25 01:30:00", "24:00",
    "25:61", "00:00", "-1:30", "1:2:3:4", "1e5 s", "1e400 s", "9" * 400 + " s", "50%", "101%", "9" * 400 + "%", "con",
    "Europe/London", "../../etc/passwd", "=1+1", "$(id)", "%s%n", "{0}", "\\", "\\u0000", "|", ";", "#", "NULL", r"\N",
    "NONE", "4294967296", "253402300800", "1e-400", "999999999999999999", "9223372036854775807",
    "9223372036854775808", "18446744073709551616",
)  # fmt: skip
HOSTILE_TOML = (
    '""', '"\\u0000"', '"x"', f'"{"x" * 300}"', "[]", '[""]', "{}", '{ "" = "" }', '[["i"]]', '["i"]', "0", "-1",
    "9" * 19, "9" * 400, "9" * 5000, "0x" + "f" * 400, "1e999", "-1e308", "nan", "inf", "-inf", "true", "false",
    "2026-02-28", "0001-01-01", "9999-12-31", "2026-02-28T00:00:00Z", "9999-12-31T23:59:59+23:59", "00:00:00",
    '"1e400 s"', '"0 s"', '"1 min"', f'"{"9" * 400} s"', '"50%"', '"101%"', '"24:00"', '"99:99"', '"00:00"', '"("',
    '"\U0001f4de"', '"[a-"', '"(?P<a>a)"', "[" * 60 + "]" * 60, '"""\n"""', "1979-05-27T07:32:00", "'\\'", "1_000",
    "{ a = { b = { c = 1 } } }", '"today.toml"', '"../x.toml"', '"Europe/London"', '"answered"', '"\\u202e"', "0.1",
    "3", '"2"', '"day"', '"hh:mm"', '"Result"', '["a", "a"]', '[1, "a"]', "[0, 0.5, 1]", '"1 s"', '"23:59"', '"0%"',
)  # fmt: skip
TOML_VALUES = re.compile(r"""(?:(?<==\s)|(?<=\[)|(?<=,\s))("[^"\n]*"|[-+\w.:%]+|\[[^\[\]\n]*\]|\{[^{}\n]*\})""")
JSON_HOSTILE = (
    "Infinity", "-Infinity", "NaN", "null", "true", "1e999", "9" * 5000, "-1", "0", '""', '"x"', "[]", "{}", "1.5",
    '"2026-03-01T09:00:00"', '"9999-12-31T23:59:59.999999+00:00"', '"0001-01-01T00:00:00+23:59"', '"2026-02-30"',
    '[["a"]]', "[" * 2000 + "]" * 2000,
    '{"a":' * 500 + "1" + "}" * 500, '"\\u0000"', '"\\ud800"', '["\\ud800"]', "9" * 400,
)  # fmt: skip
JSON_VALUES = re.compile(r'"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|\[[^\[\]\n]*\]|null|true')
CELLS = re.compile(r"[^,;|\t\n\r]+")

Read = Callable[[Path], object]


@dataclass(frozen=True)
class Target:
    """One format: sound texts of it, how they are taken apart, and what reads them."""

    seeds: tuple[bytes, ...]
    read: Read
    name: str = "text"  # of the file
    values: re.Pattern[str] = CELLS
    hostile: tuple[str, ...] = HOSTILE
    header: bytes = b""  # a log's: what follows it is read in stretches


@dataclass
class Found:
    """What left the family of errors: by its kind and place, one text that did it."""

    tried: int = 0
    refused: int = 0
    by_place: dict[str, tuple[bytes, str]] = field(default_factory=dict)


class TooLongError(Exception):
    """A text that was read for longer than a person waits."""


def mutated(seed: bytes, dice: random.Random, *, values: re.Pattern[str], hostile: tuple[str, ...]) -> bytes:
    """The text with one to four things wrong: a value, a line, or mere bytes."""
    for _ in range(dice.choice((1, 1, 1, 2, 3, 4))):
        kind = dice.random()
        if kind < 0.6:
            seed = with_a_value(seed, dice, values=values, hostile=hostile)
        elif kind < 0.75:
            seed = with_other_lines(seed, dice)
        else:
            seed = with_other_bytes(seed, dice)
    return seed


def with_a_value(seed: bytes, dice: random.Random, *, values: re.Pattern[str], hostile: tuple[str, ...]) -> bytes:
    """One value replaced by a hostile one, or by one from elsewhere in the text."""
    text = seed.decode("utf-8", "surrogateescape")
    places = list(values.finditer(text))
    if not places:
        return seed
    place = dice.choice(places)
    other = dice.choice(hostile) if dice.random() < 0.8 else dice.choice(places)[0]
    return (text[: place.start()] + other + text[place.end() :]).encode("utf-8", "surrogateescape")


def with_other_lines(seed: bytes, dice: random.Random) -> bytes:
    """A line left out, said twice or put elsewhere."""
    lines = seed.splitlines(keepends=True)
    if len(lines) < 2:
        return seed + seed
    at, to = dice.randrange(len(lines)), dice.randrange(len(lines))
    kind = dice.randrange(3)
    taken = lines[at] if kind == 1 else lines.pop(at)
    if kind:
        lines.insert(to, taken)
    return b"".join(lines)


def with_other_bytes(seed: bytes, dice: random.Random) -> bytes:
    """Bytes changed, put in, left out or cut off."""
    if not seed:
        return dice.randbytes(3)
    at, kind = dice.randrange(len(seed)), dice.randrange(5)
    if kind == 0:
        return seed[:at] + bytes([seed[at] ^ 1 << dice.randrange(8)]) + seed[at + 1 :]
    if kind == 1:
        return seed[:at] + dice.randbytes(dice.randint(1, 4)) + seed[at:]
    if kind == 2:
        return seed[:at] + seed[at + dice.randint(1, 20) :]
    if kind == 3:
        return (
            seed[:at] + dice.choice((b"\r", b"\n", b"\0", b'"', b"|", b",", b"\xff\xfe", b"\xef\xbb\xbf")) + seed[at:]
        )
    return seed[:at]


def fuzz(target: Target, mutations: int, *, seed: int) -> Found:
    """Read so many mutated texts, and gather what was no error of ours."""
    dice, found = random.Random(seed), Found()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / target.name
        while found.tried < mutations:
            number = min(STRETCHES, mutations - found.tried) if target.header else 1
            parts = [
                mutated(dice.choice(target.seeds), dice, values=target.values, hostile=target.hostile)
                for _ in range(number)
            ]
            found.tried += number
            header = target.header
            if header.strip() and dice.random() < 0.2:
                header = mutated(header, dice, values=target.values, hostile=target.hostile)
            try_parts(target, header, parts, path=path, found=found)
    return found


def try_parts(target: Target, header: bytes, parts: list[bytes], *, path: Path, found: Found) -> None:
    """Read the parts in one file; where that fails, look for the part it fails on."""
    text = header + b"\n".join(parts)
    place = failure(target, text, path=path, found=found)
    if place is None:
        return
    while len(parts) > 1:
        half = len(parts) // 2
        for some in (parts[:half], parts[half:]):
            if failure(target, header + b"\n".join(some), path=path, found=found):
                parts, text = some, header + b"\n".join(some)
                break
        else:
            break
    found.by_place.setdefault(place[0], (text, place[1]))


def failure(target: Target, text: bytes, *, path: Path, found: Found) -> tuple[str, str] | None:
    """Where and how reading a text leaves the family of errors; None where it does not."""
    path.write_bytes(text)
    try:
        with bounded_in_time():
            target.read(path)
    except AccountError as error:
        return str(error), traceback.format_exc()
    except KcasError:
        found.refused += 1
    except STOPS:
        raise
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)
        ours = [each for each in last if "/kcas/" in each.filename] or last
        return f"{type(error).__name__} {Path(ours[-1].filename).name}:{ours[-1].lineno}", traceback.format_exc()
    return None


@contextmanager
def bounded_in_time() -> Iterator[None]:
    """Raise TooLongError after a minute, where the system has such a clock."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def over(number: int, frame: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


# What is read


@cache
def redactor() -> Redactor:
    """One key for all."""
    return Redactor(Path(tempfile.mkdtemp()) / "key")


def read_log(form: LogFormat, *, by_line: bool = True) -> Read:
    """Reads a log to its end and holds its account to the lines in it, where its records are lines."""

    def read(path: Path) -> None:
        log = Log(Source(path))
        form.claims(log.head)
        pieces = list(form.read(log, settings=ReadSettings(redactor()), carried=Carried()))
        text = b"".join(block.data + b"\n" * block.too_long for block in log.blocks(encoding=form.encoding))
        lines, accounted = text.count(b"\n"), sum(piece.lines for piece in pieces)
        assert not by_line or lines == accounted, f"{lines} lines, {accounted} accounted for"

    return read


def named(key: str) -> LogFormat:
    """A format by its key."""
    return next(form for form in formats() if form.key == key)


def read_with_mapping(path: Path) -> None:
    """A mapping, and logs of three kinds read with it."""
    form = Mapped(read_mapping(path))
    for name in ("desk.csv", "bank_traps.txt", "nhs111_table.csv"):
        log = Log(Source(GOLDEN / "mapped" / name))
        form.claims(log.head)
        with suppress(LogError):
            list(form.read(log, settings=ReadSettings(redactor()), carried=Carried()))


def read_standard_file(path: Path) -> None:
    """A standard, and the days its hours and holidays make."""
    from kcas.desk.standard import read_standard

    found = read_standard(path)
    found.opening.span(date(2026, 4, 3), holidays=found.holidays)


def read_scenario_file(path: Path) -> None:
    """A scenario, with the one it starts from beside it."""
    from kcas.simulation.scenario.file import read_scenario, tables_of

    read_scenario(path)
    with suppress(KcasError):
        tables_of(path, weekday="monday")


def read_shift_file(path: Path) -> None:
    """The rules of shifts."""
    from kcas.simulation.scenario.file import read_scenario
    from kcas.staffing.shift_file import read_shifts

    read_shifts(path, scenario=cached_scenario() or read_scenario(ROOT / "scenarios" / "today.toml"))


@cache
def cached_scenario() -> object:
    """The shipped scenario of today."""
    from kcas.simulation.scenario.file import read_scenario

    return read_scenario(ROOT / "scenarios" / "today.toml")


def read_roster(path: Path) -> None:
    """A roster's rows."""
    from kcas.calibration.staff_on_duty import roster_rows

    list(roster_rows(path))


def read_rebasings(path: Path) -> None:
    """The record of re-basings, and another act put under it."""
    from kcas.monitoring.rebasing import FILE, Rebasings

    record = Rebasings(path.parent)
    assert path.name == FILE
    acts = record.acts()
    record.acts(datetime(2026, 6, 1, tzinfo=UTC))
    record.in_force(queues=("Adults",))
    if acts:
        record.undo(acts[0].number, name="A. Smith", reason="the wrong day")


def read_law_text(path: Path) -> None:
    """A law of patience given on the command line."""
    from kcas.cli.exact import _law

    _law(path.read_text(encoding="utf-8", errors="replace"))


def golden(folder: str, ending: str) -> tuple[bytes, ...]:
    """The invented whole files of a kind."""
    return tuple(path.read_bytes() for path in sorted((GOLDEN / folder).glob(f"*{ending}")))


def export() -> tuple[bytes, ...]:
    """A call of a table of queue_log."""
    rows = [("ENTERQUEUE", "NONE", "", "07700900001", "1"), ("CONNECT", "SIP/1", "5", "x", "4"),
            ("COMPLETECALLER", "SIP/1", "5", "20", "1")]  # fmt: skip
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)
    lines = [
        f"{start + timedelta(hours=7, seconds=9 * n):%Y-%m-%d %H:%M:%S},{n}.1,Adults,{agent},{event},{a},{b},{c},,\n"
        for n, (event, agent, a, b, c) in enumerate(rows * 2)
    ]
    return ("".join(lines).encode(), "".join(reversed(lines)).replace("Adults", '"Adults"').encode())


def ech() -> tuple[bytes, ...]:
    """Segments of Avaya's call history, a line each."""
    cells = ["0"] * WIDTH
    told = {"callid": "7001", "segstart": "2026-01-02 10:00:00", "disptime": "78", "talktime": "183", "split1": "414",
            "call_disp": "2", "segment": "1", "ucid": "00001000011767348000",
            "calling_party": "07700900001"}  # fmt: skip
    for name, text in told.items():
        cells[PLACES[name]] = text
    cells[7] = "2026-01-02 10:05:00"
    return ((",".join(cells) + ",\n").encode(), (",".join(cells) + ",\n").replace("7001", "7002").encode() * 2)


def ech_printed() -> tuple[bytes, ...]:
    """The same, printed field by field."""
    told = {"callid": "7001", "acwtime": "31", "onholdtime": "4", "disptime": "78", "segstart": "1767348000",
            "talktime": "183", "ringtime": "11", "split1": "414", "call_disp": "2", "segment": "1",
            "ucid": "00001000011767348000", "firstvdn": "42000", "dispvdn": "41021", "ans_logid": "43031",
            "calling_party": "07700900001", "uui_hex": ""}  # fmt: skip
    record = "\n".join(["CALL RECORD: #1", *(f"{name:>20} : {text}" for name, text in told.items()), "", ""])
    return (record.encode(), record.replace("7001", "7002").encode() * 2)


def rebasings() -> bytes:
    """A record of three acts, by the program that writes it."""
    from kcas.monitoring.rebasing import FILE, Rebasings

    with tempfile.TemporaryDirectory() as folder:
        record = Rebasings(Path(folder))
        days = [date(2026, 1, 1) + timedelta(days=day) for day in range(200)]
        record.add(days[60], name="A. Smith", reason="a new menu", points=days, by="day")
        record.add(days[90], name="B. Jones", reason="more agents", points=days, by="day", queues=["Adults"])
        record.undo(1, name="A. Smith", reason="the wrong day")
        return (Path(folder) / FILE).read_bytes()


def bare_rebasings() -> bytes:
    """The same as the first version wrote it, without what holds a line together."""
    acts = [json.loads(line) for line in rebasings().splitlines()]
    return b"".join(json.dumps({k: v for k, v in act.items() if k != "sha256"}).encode() + b"\n" for act in acts)


def toml(read: Read, *seeds: Path) -> Target:
    """A format of TOML files."""
    return Target(tuple(map(Path.read_bytes, seeds)), read, name="text.toml", values=TOML_VALUES, hostile=HOSTILE_TOML)


def log(key: str, seeds: tuple[bytes, ...], header: bytes = b"\n") -> Target:
    """A format of logs."""
    return Target(seeds, read_log(named(key)), header=header)


def events(key: str) -> Target:
    """An event stream of JSON objects."""
    seeds = tuple(line + b"\n" for line in (GOLDEN / "suppliers" / f"{key}.jsonl").read_bytes().splitlines())
    return Target(seeds, read_log(named(key), by_line=False), values=JSON_VALUES, hostile=JSON_HOSTILE)


def ech_binary() -> tuple[bytes, ...]:
    """Records of Avaya's call history, laid out as the switch does, some thousand zero bytes made few."""
    from tests.unit.ingest.formats.test_avaya_binary import packed, three

    return (b"".join(packed(record, length=493) for record in three()),)


EXPORT_HEADER = b"time,callid,queuename,agent,event,data1,data2,data3,data4,data5\n"


def desk_log() -> Target:
    """Calls by a mapping."""
    header, _, rows = (GOLDEN / "mapped" / "desk.csv").read_bytes().partition(b"\n")
    form = Mapped(read_mapping(GOLDEN / "mapped" / "desk.toml"))
    return Target(tuple(row + b"\n" for row in rows.splitlines()), read_log(form), header=header + b"\n")


def table_log() -> Target:
    """Interval figures by a mapping."""
    header, _, rows = (GOLDEN / "mapped" / "nhs111_table.csv").read_bytes().partition(b"\n")
    return log("nhs111_mds", tuple(row + b"\n" for row in rows.splitlines()), header + b"\n")


def bank_log() -> Target:
    """Calls by the shipped mapping of the bank."""
    header, _, rows = (GOLDEN / "mapped" / "bank_traps.txt").read_bytes().partition(b"\n")
    return log("technion_bank", tuple(row + b"\n" for row in rows.splitlines()), header + b"\n")


TARGETS: dict[str, Callable[[], Target]] = {
    "standard": lambda: toml(
        read_standard_file, *(ROOT / "kcas" / place for place in ("desk/standard.toml", "demo/standard.toml"))
    ),
    "scenario": lambda: toml(
        read_scenario_file, *(ROOT / "scenarios" / f"{name}.toml" for name in ("today", "callback", "overflow", "menu"))
    ),
    "mapping": lambda: toml(
        read_with_mapping, GOLDEN / "mapped" / "desk.toml", *sorted((ROOT / "kcas/ingest/formats").glob("*.toml"))
    ),
    "shift file": lambda: toml(read_shift_file, *(ROOT / "scenarios" / "shifts").glob("*.toml")),
    "roster": lambda: Target(
        (b"day,from,to,agents\nmonday,08:00,20:00,7\n2026-03-02,09:30,17:00,6.5\n",), read_roster, values=CELLS
    ),
    "re-basings": lambda: Target(
        (rebasings(), bare_rebasings(), bare_rebasings()), read_rebasings, "rebasings.jsonl", JSON_VALUES, JSON_HOSTILE
    ),
    "patience law": lambda: Target(
        (b'{"distribution": "weibull", "shape": 0.8, "scale": 90}',
         b'{"distribution": "exponential", "mean": "90 s"}'), read_law_text,
        values=JSON_VALUES, hostile=JSON_HOSTILE,
    ),
    "queue_log": lambda: log("asterisk_queue_log", golden("asterisk_queue_log", ".log")),
    "queue_log export": lambda: log("asterisk_queue_log_database", export(), EXPORT_HEADER),
    "ECH": lambda: log("avaya_ech", ech()),
    "ECH printed": lambda: log("avaya_ech_printed", ech_printed()),
    "ECH binary": lambda: Target(
        ech_binary(), read_log(named("avaya_ech_binary"), by_line=False), header=struct.pack("<ii", 12, 1)
    ),
    "CMS intervals": lambda: log("avaya_cms_interval", golden("suppliers", "cms_interval.csv")),
    "TaskRouter events": lambda: events("twilio_task_router"),
    "FreeSWITCH events": lambda: events("freeswitch_callcenter"),
    "mapped calls": desk_log,
    "mapped calls of the bank": bank_log,
    "mapped intervals": table_log,
}  # fmt: skip


def main(mutations: int, names: list[str]) -> int:
    """Fuzz the formats and print what was found."""
    wrong = 0
    for name in names or TARGETS:
        began = time.process_time()
        found = fuzz(TARGETS[name](), mutations, seed=20261201)
        took = time.process_time() - began
        print(f"{name}: {found.tried:,} tried, {found.refused:,} readings refused, {took:.0f} s", flush=True)
        for place, (text, trace) in found.by_place.items():
            wrong += 1
            print(f"  {place}\n    {text[-600:]!r}\n{trace[-1500:]}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2:]))
