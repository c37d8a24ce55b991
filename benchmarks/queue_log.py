"""Lines a second of an Asterisk queue_log read into stays, on one core, against two bare readers of the same file.

`python benchmarks/queue_log.py [LINES]`. Ours tells every stay, makes tokens of callers and agents and accounts for
each line; polars.read_csv only splits the lines, and the plain loop `line.split("|")` only splits them in Python.
"""

import os

os.environ["POLARS_MAX_THREADS"] = "1"

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kcas.ingest.formats.asterisk.queue_log import AsteriskQueueLog
from kcas.ingest.log_format import Carried, ReadSettings
from kcas.ingest.reading import Log
from kcas.ingest.redact import Redactor
from kcas.ingest.unpacking import Source

START = 1_735_689_600
BEST_OF = 3


def make(lines: int, file: Path) -> None:
    """An invented log: three queues, a quarter give up, some agents let the phone ring."""
    dice = random.Random(20100401)
    events: list[tuple[int, str]] = []
    at = START
    while len(events) < lines:
        at += dice.randint(0, 6)
        call, queue = f"{at - 9}.{len(events)}", dice.choice(("Enquiries", "Duty", "Night"))
        agent, wait, talk = f"PJSIP/{dice.randint(200, 260)}", dice.randint(0, 200), dice.randint(10, 900)
        events.append((at, f"{call}|{queue}|NONE|ENTERQUEUE||0770090{dice.randint(0, 99999):05}|1"))
        if dice.random() < 0.3:
            events.append((at + wait // 2, f"{call}|{queue}|{agent}|RINGNOANSWER|15000"))
        if dice.random() < 0.25:
            events.append((at + wait, f"{call}|{queue}|NONE|ABANDON|1|1|{wait}"))
        else:
            events.append((at + wait, f"{call}|{queue}|{agent}|CONNECT|{wait}|{call}x|4"))
            events.append((at + wait + talk, f"{call}|{queue}|{agent}|COMPLETECALLER|{wait}|{talk}|1"))
    file.write_text("".join(f"{at}|{text}\n" for at, text in sorted(events, key=lambda event: event[0])[:lines]))


def ours(file: Path, key: Path) -> int:
    """Lines accounted for."""
    settings = ReadSettings(Redactor(key))
    return sum(p.lines for p in AsteriskQueueLog().read(Log(Source(file)), settings=settings, carried=Carried()))


def bare(file: Path) -> int:
    """Lines split by polars."""
    names = {f"field{number}": pl.String for number in range(8)}
    return pl.read_csv(
        file, separator="|", has_header=False, quote_char=None, schema=names, missing_columns="insert"
    ).height


def loop(file: Path) -> int:
    """Lines split by Python."""
    with file.open() as lines:
        return sum(1 for line in lines if line.rstrip("\n").split("|"))


def best(work: Callable[[], int]) -> tuple[float, int]:
    """The fewest seconds of processor time of a few runs, and the lines seen."""
    shortest, seen = float("inf"), 0
    for _ in range(BEST_OF):
        began = time.process_time()
        seen = work()
        shortest = min(shortest, time.process_time() - began)
    return shortest, seen


def main(lines: int) -> None:
    """Print lines a second and the ratios."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        file, key = Path(folder) / "queue_log", Path(folder) / "token.key"
        make(lines, file)
        size = file.stat().st_size
        took = {}
        for name, work in (
            ("kcas, stays with tokens", lambda: ours(file, key)),
            ("polars.read_csv, split only", lambda: bare(file)),
            ("a loop of split, split only", lambda: loop(file)),
        ):
            took[name], seen = best(work)
            assert seen == lines
            rate, megabytes = lines / took[name], size / took[name] / 1e6
            print(f"{name:30} {took[name]:7.2f} s  {rate:12,.0f} lines/s  {megabytes:6.0f} MB/s")
        first, *others = took
        for other in others:
            print(f"ratio: {took[first] / took[other]:.1f} times the time of {other}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000)
