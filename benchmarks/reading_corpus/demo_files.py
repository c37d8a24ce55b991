"""Files of the demo's old telephone system, with the figures of the invented calls that they were written from."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.reading_corpus.invented import local
from benchmarks.reading_corpus.truth import Case, Figures
from kcas.demo.old_switch import write_old_switch
from kcas.demo.year import invent_year

NAME = "invented-deskline-{:%Y-%m}.csv"
WORDS = {
    "Answered": "answered", "Abandoned": "abandoned", "Abandoned on ring": "abandoned_ringing",
    "Timed out": "timed_out", "Menu hang-up": "left_ivr", "Closed message": "blocked",
}  # fmt: skip
MONTHS = {
    date(2009, 10, 1): date(2009, 10, 1),
    date(2009, 11, 1): date(2009, 11, 1),
    date(2009, 12, 1): date(2009, 11, 30),
}
"""The month of each file, and the first day in it: December begins with the last day of November once more."""
NOT_OFFERED = ("left_ivr", "blocked")


def demo_cases() -> list[Case]:
    """One case for each of the months."""
    return [_case(month, first) for month, first in MONTHS.items()]


def _case(month: date, first: date) -> Case:
    name = NAME.format(month)
    facts = {f"outcome:{word}": outcome for word, outcome in WORDS.items()}
    facts |= {"date_order": "day first", "kind": "calls", "zone": "Europe/London", "totals": "leave out"}

    def write(path: Path) -> None:
        shutil.copyfile(_folder() / name, path)

    return Case(name, write, _figures(_calls(), first, month), frozenset({"demo"}), (), facts)


@cache
def _calls() -> list[dict[str, Any]]:
    return invent_year().filter(_before_march()).to_dicts()


def _before_march() -> Any:
    import polars as pl

    return pl.col("entered").dt.convert_time_zone("Europe/London").dt.date() < date(2010, 3, 1)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="kcas-demo-"))
    write_old_switch(invent_year().filter(_before_march()), folder=folder)
    return folder


def _figures(calls: Sequence[dict[str, Any]], first: date, month: date) -> Figures:
    after = (month + timedelta(days=32)).replace(day=1)
    inside = [call for call in calls if first <= local(call["entered"]).date() < after]
    offered = [call for call in inside if call["outcome"] not in NOT_OFFERED]
    answered = [call["wait"] for call in offered if call["outcome"] == "answered"]
    hours = Counter(local(call["entered"]).hour for call in offered)
    days = [local(call["entered"]).date() for call in inside]
    return Figures(
        kind="calls", offered=len(offered), answered=len(answered),
        abandoned=sum(call["outcome"] in ("abandoned", "abandoned_ringing") for call in offered),
        first_day=min(days), last_day=max(days), mean_wait=sum(answered) / len(answered),
        queues=tuple(sorted({call["queue"] for call in offered})), hours=tuple(hours[hour] for hour in range(24)),
    )  # fmt: skip
