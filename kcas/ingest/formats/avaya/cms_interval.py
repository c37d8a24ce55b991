"""Interval report of Avaya CMS Supervisor (Split/Skill Interval), as it is exported: a report, not yet a table.

    "Split/Skill: Adults"          stands above the rows, and so does the day
    "Date: 6/15/2026"
    "Time",…,"Avg Speed Ans",…
    "Totals",…
    "8:00","-","8:30AM",":12",…    the half of the day stands at the end of an interval only

Means times counts are given as totals. The report has no count of the calls offered: they are those answered,
abandoned, dequeued and flowed out; calls that met a forced busy or disconnect are not in it.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA
from kcas.errors import LogError
from kcas.ingest.columns import EPOCH, Unreadable, amount
from kcas.ingest.log_format import Carried, Piece, ReadSettings, Refusal
from kcas.ingest.masking import shape
from kcas.ingest.moments import to_utc
from kcas.ingest.reading import Head, Log, lines_of

ABOVE = re.compile(r"(Split/Skill|Split|Skill|Date)\s*:\s*(\S.*)", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)\s*([AP]M)?", re.ASCII | re.IGNORECASE)
DURATION = re.compile(r"(\d{0,5}):([0-5]\d)", re.ASCII)
_TITLES = ("Avg Speed Ans", "ACD Calls", "Aban Calls")
"""Columns that every form of the report has."""
_COUNTS = {"answered": ("ACD Calls",), "abandoned_total": ("Aban Calls",), "overflowed": ("Flow Out", "Dequeued Calls")}
MEANS = {
    "wait_answered": ("Avg Speed Ans", "ACD Calls"),
    "wait_abandoned": ("Avg Aban Time", "Aban Calls"),
    "talk": ("Avg ACD Time", "ACD Calls"),
    "wrap": ("Avg ACW Time", "ACD Calls"),
}
HALF_DAY = timedelta(hours=12)
MONTH_FIRST = ("America/", "US/", "Canada/", "Pacific/Guam", "Pacific/Honolulu")
"""Zones whose people write the month before the day: the report has its dates in the form of its own computer."""
WHOSE_DATE = "a date could be read month first or day first: read as {:%-d %B %Y}, as people in {} write it"
_OFFERED = "calls offered are those answered, abandoned, dequeued and flowed out: the report has no count of them"


class Interval(NamedTuple):
    """One row of a report: its line, wall clock, queue, and what it has by measure."""

    line: int
    start: datetime
    end: datetime
    queue: str
    measures: dict[str, float]


@dataclass
class Report:
    """What stands above the row being read."""

    month_first: bool
    queue: str = ""
    day: date | None = None
    titles: list[str] = field(default_factory=list)


@dataclass
class Account:
    """What became of the lines of a block."""

    rows: list[Interval] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)


class AvayaIntervalReport:
    """The interval report of a split or skill, exported."""

    key = "avaya_cms_interval"
    words = "Avaya CMS interval report of a split or skill, exported by CMS Supervisor"
    encoding = "utf-8"

    def claims(self, head: Head) -> bool:
        """Whether a day and a split stand above a table with the report's columns."""
        said = {found[1].lower() for found in map(above, map(_cells, head.lines)) if found}
        return "date" in said and len(said) > 1 and any(is_heading(_cells(line)) for line in head.lines)

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The intervals, block by block."""
        zone = settings.zone or settings.default_zone
        first, warnings = order_of_dates(log.head, zone=zone)
        report = Report(first)
        for block in log.blocks(encoding=self.encoding):
            account = Account()
            for line in lines_of(block):
                take(line.number, line.text, line.fault, report=report, account=account)
            yield _piece_of(account, zone=zone, lines=block.lines, warnings=warnings if account.rows else {})
        if not report.titles:
            raise LogError(f"{log.name}: holds no heading of an interval report. Expected {', '.join(_TITLES)}.")


def _cells(text: str) -> list[str]:
    """A line's cells, between tabs or commas."""
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter="\t" if "\t" in text else ","), [])]
    except csv.Error:
        return []


def above(row: list[str]) -> re.Match[str] | None:
    """What a line above the table says: a split or a day."""
    return ABOVE.fullmatch(" ".join(filter(None, row)))


def is_heading(row: list[str]) -> bool:
    """Whether a line has the columns' titles."""
    return set(_TITLES) <= set(row)


def order_of_dates(head: Head, *, zone: str) -> tuple[bool, dict[str, int]]:
    """Whether the month comes first in the report's dates, and what to say where only custom decides."""
    said = [found[2] for found in map(above, map(_cells, head.lines)) if found and found[1].lower() == "date"]
    pairs = [pair for pair in map(numbers_of, said) if len(pair) == 3 and max(pair[:2]) <= 31 and pair[2] < 10_000]
    if any(pair[0] > 12 for pair in pairs):
        return False, {}
    if any(pair[1] > 12 for pair in pairs) or not pairs:
        return True, {}
    first = zone.startswith(MONTH_FIRST)
    unlike = next((pair for pair in pairs if pair[0] != pair[1]), None)
    return first, {WHOSE_DATE.format(_day_of(unlike, month_first=first), zone): 1} if unlike else {}


def numbers_of(text: str) -> list[int]:
    """The numbers of a date."""
    return [int(part) for part in re.findall(r"\d+", text)]


def _day_of(numbers: list[int], *, month_first: bool) -> date:
    """The day of three numbers, the year the last of them. Raises ValueError where there is none."""
    month, day = numbers[:2] if month_first else (numbers[1], numbers[0])
    return date(numbers[2] if numbers[2] > 99 else 2000 + numbers[2], month, day)


def take(number: int, text: str, fault: str, *, report: Report, account: Account) -> None:
    """One line of the report."""
    row = _cells(text)
    try:
        if fault or (text.strip() and not row):
            raise Unreadable(fault or "cannot be cut into cells.")
        rule = rule_for(row, report)
        if rule:
            account.ignored[rule] += 1
        else:
            account.rows.append(interval_of(number, row, report))
    except Unreadable as reason:
        account.refusals.append(Refusal(number, None, str(reason)))


def rule_for(row: list[str], report: Report) -> str:
    """Why a line is no interval, and what it says of those below; empty where it is one."""
    if not any(row):
        return "blank line"
    if found := above(row):
        if found[1].lower() == "date":
            report.day = day_in(found[2], month_first=report.month_first)
        else:
            report.queue = found[2].strip()
        return "heading of a report"
    if is_heading(row):
        report.titles = row
        return "header"
    if row[0].casefold().startswith("total"):
        return "a total"
    return "" if _CLOCK.match(row[0]) else "heading of a report"


def day_in(text: str, *, month_first: bool) -> date:
    """A report's day. Raises Unreadable where there is none."""
    numbers = numbers_of(text)
    try:
        if len(numbers) != 3:
            raise ValueError
        return date(*numbers) if numbers[0] > 999 else _day_of(numbers, month_first=month_first)
    except ValueError:
        raise Unreadable(f"{shape(text)} is no day of a report. Expected one like 6/15/2026.") from None


def interval_of(number: int, row: list[str], report: Report) -> Interval:
    """One row under its heading. Raises Unreadable where it does not say what it should."""
    if report.day is None or not report.queue or not report.titles:
        raise Unreadable("stands under no day, split or heading.")
    if len(row) < len(report.titles):
        raise Unreadable(f"has {len(row)} cells where {len(report.titles)} were expected.")
    start, end = span_of(row[: first_title(report.titles)], report.day)
    told = dict(zip(report.titles, row, strict=False))
    counts = {
        measure: sum(amount(told.get(title, "") or "0") for title in titles if title in told)
        for measure, titles in _COUNTS.items()
    }
    means = {
        measure: _seconds(told[mean]) * amount(told[count] or "0")
        for measure, (mean, count) in MEANS.items()
        if mean in told
    }
    longest = {"longest_wait": _seconds(told["Max Delay"])} if told.get("Max Delay") else {}
    return Interval(number, start, end, report.queue, {"offered": sum(counts.values()), **counts, **means, **longest})


def first_title(titles: list[str]) -> int:
    """How many cells stand before the first column that counts."""
    return min(titles.index(title) for title in titles if title and title.casefold() != "time")


def span_of(row: list[str], day: date) -> tuple[datetime, datetime]:
    """An interval's wall clock: `8:00`, `-`, `8:30AM`, in three cells or in one."""
    clocks = _CLOCK.findall(" ".join(row))
    if len(clocks) != 2:
        raise Unreadable('has no start and end of an interval. Expected "8:00", "-", "8:30AM".')
    (start_hour, start_minute, first), (end_hour, end_minute, last) = clocks
    start = clock_of(start_hour, start_minute, first or last, day)
    end = clock_of(end_hour, end_minute, last, day)
    end += timedelta(days=1) if end.time() == time() else timedelta()
    if last and not first and end.hour % 12 == 0 and start.hour % 12:  # 11:30 to 12:00PM begins in the morning
        start += -HALF_DAY if end.hour == 12 else HALF_DAY
    if end <= start:
        raise Unreadable("ends before it starts.")
    return start, end


def clock_of(hour: str, minute: str, half: str, day: date) -> datetime:
    """A time of the day. Raises Unreadable where there is none."""
    hours = int(hour) % 12 + (12 if half.upper() == "PM" else 0) if half else int(hour)
    try:
        return datetime.combine(day, time(hours, int(minute)))
    except ValueError:
        raise Unreadable("has a time of day that there is none of.") from None


def _seconds(text: str) -> float:
    """Minutes and seconds, the minutes left out below one; nothing is zero, as the report has it."""
    found = DURATION.fullmatch(text)
    if text and not found:
        raise Unreadable(f'{shape(text)} is not a duration. Expected minutes and seconds, like ":12" or "4:20".')
    return int(found[1] or 0) * 60.0 + int(found[2]) if found else 0.0


def _piece_of(account: Account, *, zone: str, lines: int, warnings: dict[str, int]) -> Piece:
    """A block's intervals, every line accounted for."""
    walls = [np.array([(moment - EPOCH) // timedelta(microseconds=1) for moment in each], dtype=np.int64)
             for each in ([row.start for row in account.rows], [row.end for row in account.rows])]  # fmt: skip
    starts, ends = (to_utc(wall, zone=zone)[0] for wall in walls)
    rows = [
        (start, end, row.queue, measure, None, value)
        for row, start, end in zip(account.rows, starts.tolist(), ends.tolist(), strict=True)
        for measure, value in row.measures.items()
    ]
    kinds = {**INTERVAL_SCHEMA, "start": pl.Int64(), "end": pl.Int64()}
    moments = pl.col("start", "end").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return Piece(
        lines=lines,
        intervals=pl.DataFrame(rows, schema=kinds, orient="row").with_columns(moments),
        used=len(account.rows),
        ignored=dict(account.ignored),
        refusals=tuple(account.refusals),
        warnings={**warnings, _OFFERED: 1} if account.rows else {},
    )
