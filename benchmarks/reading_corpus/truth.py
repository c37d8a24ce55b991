"""The right reading of a file, and the verdict on a reading of it.

A right answer comes from the hand or the generator that wrote the file, never from kcas. Times of day and days are
those of the contact centre's own clock, Europe/London.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Literal

Kind = Literal["calls", "intervals"]
WAIT_TOLERANCE = 1.0
"""Seconds. Averages are printed in whole seconds, and a fraction of a day in few digits."""


@dataclass(frozen=True)
class Figures:
    """What a reading of a file comes to.

    `offered` is every stay in a queue, those still open included; `abandoned` includes those abandoned while ringing;
    `answered` is None where the file does not count them.
    `mean_wait` is the mean wait of answered calls in seconds, None where the file does not record it. `hours` is the
    calls offered in each of the 24 hours of the clock, None where the file is coarser. A table of weeks or months
    covers its last one whole; `last_start` is the first day of that one.
    """

    kind: Kind
    offered: int
    abandoned: int
    answered: int | None
    first_day: date
    last_day: date
    mean_wait: float | None
    queues: tuple[str, ...]
    hours: tuple[int, ...] | None = None
    last_start: date | None = None


@dataclass(frozen=True)
class Question:
    """A choice that a reader leaves to a person, for instance `date_order` or `outcome:Missed`, and its options."""

    topic: str
    options: tuple[str, ...] = ()
    group: str = ""  # questions of one group are one list, confirmed at once
    likeliest: str = ""  # the answer that the list shows as chosen


@dataclass(frozen=True)
class Reading:
    """An answer of the reader: figures, or questions, or why it refuses; `cannot` where it has no answer at all."""

    figures: Figures | None = None
    questions: tuple[Question, ...] = ()
    refusal: str | None = None
    cannot: str | None = None


@dataclass(frozen=True)
class Case:
    """A file, how it is written, its right figures and what a person would answer when asked.

    `figures` is None where the file records no calls and must be refused. `must_ask` names the topics of which one at
    least has to be asked: the file itself does not settle it. `facts` holds what the person knows, by topic.
    """

    name: str
    write: Callable[[Path], None]
    figures: Figures | None
    faults: frozenset[str] = frozenset()
    must_ask: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_trap(self) -> bool:
        """Whether a reading without a question would be a guess."""
        return bool(self.must_ask) or self.figures is None


class Verdict(StrEnum):
    """How a file came out. The two `wrong` ones fail the whole benchmark."""

    RIGHT = "right, no choice"
    ONE_CHOICE = "right, one choice"
    MORE_CHOICES = "right, more choices"
    REFUSED_RIGHTLY = "refused, rightly"
    INCOMPLETE = "counts right, waits missing"
    REFUSED = "refused"
    CANNOT = "cannot"
    WRONG_ASKED = "wrong after choices"
    WRONG_SILENTLY = "wrong silently"


FAILURES = frozenset({Verdict.WRONG_SILENTLY, Verdict.WRONG_ASKED})


def judge(case: Case, reading: Reading, *, asked: tuple[str, ...], choices: int) -> Verdict:
    """The verdict on the last reading of a file, after the questions `asked` were answered in so many choices."""
    if reading.figures is None:
        return _without_figures(case, reading)
    if case.figures is None or (case.must_ask and not _asked_one_of(case.must_ask, asked)):
        return Verdict.WRONG_SILENTLY
    if differences(case.figures, reading.figures):
        return Verdict.WRONG_ASKED if asked else Verdict.WRONG_SILENTLY
    if reading.figures.mean_wait is None and case.figures.mean_wait is not None:
        return Verdict.INCOMPLETE
    return (Verdict.RIGHT, Verdict.ONE_CHOICE, Verdict.MORE_CHOICES)[min(choices, 2)]


def _without_figures(case: Case, reading: Reading) -> Verdict:
    if reading.cannot:
        return Verdict.CANNOT
    if reading.refusal and case.figures is None:
        return Verdict.REFUSED_RIGHTLY
    return Verdict.REFUSED


def _asked_one_of(topics: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    return any(each == topic or each.startswith(f"{topic}:") for topic in topics for each in asked)


def differences(right: Figures, read: Figures) -> list[str]:
    """What of a reading is wrong, in words. A wait that is missing is no error; a wait that is invented is."""
    plain = ("kind", "offered", "abandoned", "answered", "first_day")
    wrong = [f"{name} {getattr(read, name)}, not {getattr(right, name)}" for name in plain
             if getattr(read, name) != getattr(right, name)]  # fmt: skip
    if read.last_day not in (right.last_day, right.last_start):
        wrong.append(f"last_day {read.last_day}, not {right.last_day}")
    if right.queues and set(read.queues) != set(right.queues):
        wrong.append(f"queues {', '.join(read.queues)}, not {', '.join(right.queues)}")
    if right.hours and read.hours and right.hours != read.hours:
        wrong.append("hours of the day differ")
    return wrong + _wait_differs(right.mean_wait, read.mean_wait)


def _wait_differs(right: float | None, read: float | None) -> list[str]:
    if read is None or (right is not None and abs(read - right) <= WAIT_TOLERANCE):
        return []
    return [f"mean wait {read:.1f} s, not {'in the file' if right is None else f'{right:.1f} s'}"]


def choices_of(case: Case, questions: Sequence[Question]) -> int:
    """The presses that answer the questions of one round.

    A question that stands alone is one. A list of questions is one to confirm it, and one for each answer in it that
    the person has to change.
    """
    lists: dict[str, list[Question]] = {}
    for question in questions:
        lists.setdefault(question.group or question.topic, []).append(question)
    several = [each for each in lists.values() if len(each) > 1]
    changed = sum(question.likeliest != answer_of(case, question) for each in several for question in each)
    return len(lists) + changed


def answer_of(case: Case, question: Question) -> str | None:
    """What the person says to a question, or None where the case does not know."""
    return case.facts.get(question.topic)
