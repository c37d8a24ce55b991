"""Facts of a pack: what was asked for and what was counted, without words or personal data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kcas.calls.coverage import Coverage
from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.patience import Patience
from kcas.calls.store.files import Batch
from kcas.desk.standard import Standard
from kcas.monitoring.rate_chart import PeriodCount, RateChart
from kcas.monitoring.since import Since, Verdict
from kcas.reporting import words
from kcas.simulation.estimate import Estimate

_DAYS = 200
"""Simulated days of each scenario: the rate to about half a point."""
_SEED = 2010


@dataclass(frozen=True)
class PackRequest:
    """What the pack is asked for. `until` is the first day left out; `as_at` the moment whose knowledge is told.

    `changed` is the day of change; where none is named, the standard's if it lies within the days told of.
    """

    changed: date | None = None
    public: bool = True
    queues: tuple[str, ...] = ()
    first: date | None = None
    until: date | None = None
    definition: str | None = None
    short: float | None = None
    service_level: str | None = None
    within: float | None = None
    zone: str | None = None  # another than the standard's
    as_at: datetime | None = None
    days: int = _DAYS
    seed: int = _SEED


@dataclass(frozen=True)
class Inputs:
    """Where the files are that a pack is made by: the standard, the scenarios, and an earlier pack that it revises."""

    standard: Path | None = None
    scenarios: Path | None = None
    earlier: Path | None = None


@dataclass(frozen=True)
class Group:
    """A row of measures of some of the calls: a period, a time of day, a weekday, a queue."""

    name: str
    row: Mapping[str, Any]
    first: date | None = None  # of a period
    until: date | None = None


@dataclass(frozen=True)
class Run:
    """A scenario simulated, and what it changes against the first with the same simulated callers."""

    name: str
    question: str
    invented: tuple[str, ...]
    supposes: tuple[str, ...]
    measures: Mapping[str, Estimate]
    difference: Mapping[str, Estimate] | None


@dataclass(frozen=True)
class Model:
    """The scenarios simulated, the day as it is first, and the text of every file they were read from."""

    runs: Mapping[str, Run] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    definition: Definition | None = None  # by which the simulated calls are counted


@dataclass(frozen=True)
class Facts:
    """All that a pack says, before it is words. `cut_off` is when the last file told of was read in."""

    asked: PackRequest
    standard: Standard
    definition: Definition
    level: ServiceLevel
    batches: Sequence[Batch]
    cut_off: datetime
    first: date
    last: date  # included
    whole: Group
    months: tuple[Group, ...]
    weeks: tuple[Group, ...]
    times: tuple[Group, ...]
    weekdays: tuple[Group, ...]
    queues: tuple[Group, ...]
    sides: Mapping[date, tuple[Group, Group]]  # before and after each day that something changed
    definitions: tuple[tuple[Definition, Mapping[str, Any]], ...]
    notes: tuple[str, ...]
    days: tuple[PeriodCount, ...]  # by which a period's interval is found; a pack shows none of them
    since: Since | None  # None where there is no day of change
    mondays: tuple[date, ...]  # of the weeks that the verdict rests on
    charts: Mapping[str, RateChart]
    moved: Verdict  # of the chart of days: the same that the first page and the commands give
    lacking: Coverage  # the open days that the log lacks of those asked for
    patience: Patience
    invented: bool
    forgotten_before: datetime | None
    model: Model

    @property
    def groupings(self) -> Mapping[str, tuple[Group, ...]]:
        """The groups of calls by what groups them, each adding up to the whole."""
        return {
            "month": self.months, "week": self.weeks, "half-hour of day": self.times, "weekday": self.weekdays,
            "queue": self.queues,
        }  # fmt: skip


def no_day_of_change(facts: Facts) -> str:
    """Why a pack tells of no before and after."""
    usual = facts.standard.day_of_change
    if usual is None:
        why = "no day of change was asked about, and the desk's standard names none"
    else:
        why = f"the day of change in the desk's standard, {words.day(usual)}, is not within the days told of"
    return f"Nothing is said of before and after: {why}."
