"""Invented calls of a contact centre, and their counts by interval, from a seed."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from benchmarks.reading_corpus.truth import Figures

LONDON = ZoneInfo("Europe/London")
QUEUES = ("Adults", "Children", "Professionals")
UNANSWERED = ("timed_out", "voicemail", "callback", "overflowed")


@dataclass(frozen=True)
class Call:
    """One invented stay in a queue. Times are in seconds; `wait` includes the ringing."""

    number: int
    caller: str
    queue: str
    agent: str
    entered: datetime
    outcome: str
    wait: int
    talk: int
    hold: int
    wrap: int

    @property
    def left(self) -> datetime:
        """When the call left the queue."""
        return self.entered + timedelta(seconds=self.wait)

    @property
    def ended(self) -> datetime:
        """When the caller hung up."""
        return self.left + timedelta(seconds=self.talk + self.hold)


def invent_calls(
    dice: random.Random,
    *,
    days: Sequence[date],
    a_day: int,
    queues: Sequence[str] = QUEUES,
    outcomes: Sequence[str] = UNANSWERED,
    hours: tuple[int, int] = (8, 18),
) -> list[Call]:
    """About `a_day` calls on each day between two hours of the local clock, in the order of their entry."""
    entries = [_entry(dice, day, hours) for day in days for _ in range(a_day + dice.randint(-2, 2))]
    return [_call(dice, number, at, queues, outcomes) for number, at in enumerate(sorted(entries), start=1)]


def _entry(dice: random.Random, day: date, hours: tuple[int, int]) -> datetime:
    second = dice.randrange(hours[0] * 3600 + 60, hours[1] * 3600 - 60)
    clock = time(second // 3600, second // 60 % 60, second % 60)
    return datetime.combine(day, clock, LONDON).astimezone(UTC)


def _call(dice: random.Random, number: int, entered: datetime, queues: Sequence[str], outcomes: Sequence[str]) -> Call:
    outcome = dice.choices(["answered", "abandoned", *outcomes], [80, 14, *([2] * len(outcomes))])[0]
    answered = outcome == "answered"
    wait = dice.randint(90, 600) if outcome in outcomes else int(dice.expovariate(1 / 55)) + 2
    return Call(
        number=number,
        caller=f"01632 960{dice.randrange(1000):03d}",
        queue=dice.choices(queues, range(len(queues) + 1, 1, -1))[0],
        agent=f"A{dice.randint(11, 24)}" if answered else "",
        entered=entered,
        outcome=outcome,
        wait=wait,
        talk=dice.randint(40, 900) if answered else 0,
        hold=dice.choice((0, 0, 0, 25, 70)) if answered else 0,
        wrap=dice.randint(10, 240) if answered else 0,
    )


def weekdays(first: date, count: int) -> list[date]:
    """So many days from `first`, without Saturdays and Sundays."""
    days = (first + timedelta(n) for n in range(count * 2 + 7))
    return [day for day in days if day.weekday() < 5][:count]


def local(moment: datetime) -> datetime:
    """The same moment on the contact centre's clock."""
    return moment.astimezone(LONDON)


def figures_of_calls(calls: Sequence[Call], *, waits: bool = True, queues: bool = True) -> Figures:
    """Right figures of a log of calls."""
    days = [local(call.entered).date() for call in calls]
    answered = [call.wait for call in calls if call.outcome == "answered"]
    hours = Counter(local(call.entered).hour for call in calls)
    return Figures(
        kind="calls",
        offered=len(calls),
        abandoned=sum(call.outcome in ("abandoned", "abandoned_ringing") for call in calls),
        answered=len(answered),
        first_day=min(days),
        last_day=max(days),
        mean_wait=sum(answered) / len(answered) if waits and answered else None,
        queues=tuple(sorted({call.queue for call in calls})) if queues else (),
        hours=tuple(hours[hour] for hour in range(24)),
    )


@dataclass(frozen=True)
class Interval:
    """Counts of one queue in one interval that starts at `start` and has a length in minutes."""

    queue: str
    start: datetime
    minutes: int
    offered: int
    answered: int
    abandoned: int
    wait_answered: int
    wait_abandoned: int
    talk: int
    answered_within: int

    @property
    def end(self) -> datetime:
        """The end of the interval on the contact centre's clock."""
        return local(self.start.astimezone(UTC) + timedelta(minutes=self.minutes))


def count_intervals(calls: Iterable[Call], *, starts: Callable[[datetime], datetime], minutes: int) -> list[Interval]:
    """Counts by interval and queue, in the order of time; `starts` gives the interval's start of a local moment."""
    groups: dict[tuple[datetime, str], list[Call]] = {}
    for call in calls:
        groups.setdefault((starts(local(call.entered)), call.queue), []).append(call)
    order = sorted(groups, key=lambda key: (key[0].astimezone(UTC), key[1]))
    return [_interval(queue, start, minutes, groups[start, queue]) for start, queue in order]


def _interval(queue: str, start: datetime, minutes: int, calls: list[Call]) -> Interval:
    answered = [call for call in calls if call.outcome == "answered"]
    abandoned = [call.wait for call in calls if call.outcome == "abandoned"]
    return Interval(
        queue, start, minutes, len(calls), len(answered), len(abandoned),
        wait_answered=sum(call.wait for call in answered), wait_abandoned=sum(abandoned),
        talk=sum(call.talk + call.hold for call in answered), answered_within=sum(call.wait <= 20 for call in answered),
    )  # fmt: skip


def quarter_hour(moment: datetime) -> datetime:
    """The start of the quarter of an hour that holds a moment."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0)


def half_hour(moment: datetime) -> datetime:
    """The start of the half-hour that holds a moment."""
    return moment.replace(minute=moment.minute // 30 * 30, second=0)


def hour(moment: datetime) -> datetime:
    """The start of the hour that holds a moment."""
    return moment.replace(minute=0, second=0)


def midnight(moment: datetime) -> datetime:
    """The start of the day that holds a moment."""
    return moment.replace(hour=0, minute=0, second=0)


def monday(moment: datetime) -> datetime:
    """The start of the week that holds a moment."""
    return midnight(moment) - timedelta(days=moment.weekday())


def month(moment: datetime) -> datetime:
    """The start of the month that holds a moment."""
    return midnight(moment).replace(day=1)
