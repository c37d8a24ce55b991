"""Recalculation of a chart's limits from a date, by a named person, with a reason; can be undone.

Every act is kept: a re-basing, and the undoing of one, which is an act too. A chart may suggest where to begin anew;
only a person does it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kcas.errors import SettingError

FEWEST_AFTER = 12  # points between one beginning and the next, or the end
LONGEST_NAME, LONGEST_REASON = 120, 1000  # letters: what fits beside a chart


@dataclass(frozen=True)
class Act:
    """A re-basing at a day, the undoing of one, or of a recalculation at a recorded action: who, when, and why.

    `queues` empty: the chart of them all.
    """

    number: int
    recorded: datetime
    name: str
    reason: str
    day: date | None = None  # of a re-basing: the first day of the new limits
    queues: tuple[str, ...] = ()
    undoes: int | None = None  # of an undoing: the number of the act undone
    declines: date | None = None  # of the undoing of a recalculation: the day of the recorded action

    @property
    def begins(self) -> date:
        """The first day of the new limits."""
        if self.day is None:
            raise SettingError(f"act {self.number} undoes another or a recalculation: it begins no limits.")
        return self.day


def active_rebasings(acts: Iterable[Act], *, queues: Sequence[str] = ()) -> tuple[Act, ...]:
    """The re-basings of the chart of these queues that nobody has undone, in order of their days."""
    told = list(acts)
    undone = {act.undoes for act in told}
    found = [act for act in told if act.day is not None and act.number not in undone and set(act.queues) == set(queues)]
    return tuple(sorted(found, key=lambda act: (act.begins, act.number)))


def declined(acts: Iterable[Act], *, queues: Sequence[str] = ()) -> frozenset[date]:
    """The days at which the chart of these queues is not recalculated: a person undid that, or a re-basing there."""
    told = list(acts)
    undone = {act.undoes for act in told}
    refused: set[date] = set()
    for act in told:
        day = act.declines or act.day
        if day is None or set(act.queues) != set(queues):
            continue
        if (act.declines is not None) == (act.number in undone):
            refused.discard(day)  # a re-basing in force there, or an undoing that was taken back
        else:
            refused.add(day)
    return frozenset(refused)


def checked_words(name: str, reason: str) -> tuple[str, str]:
    """Name and reason without blanks at their ends. Raises SettingError where either is missing, long or not text."""
    return (
        _line(name, called="the name", most=LONGEST_NAME, like='"A. Smith, performance team"'),
        _line(reason, called="the reason", most=LONGEST_REASON, like='"new telephone system"'),
    )


def _line(text: str, *, called: str, most: int, like: str) -> str:
    line = text.strip()
    if not line:
        raise SettingError(f"{called} is missing: a re-basing is done by a named person for a reason, like {like}.")
    if len(line) > most:
        raise SettingError(f"{called} has {len(line):,} letters. Expected at most {most:,}, like {like}.")
    if any(not letter.isprintable() for letter in line):
        raise SettingError(f"{called} holds letters that cannot be printed. Expected one line of text, like {like}.")
    return line


def checked_day(day: date, *, points: Sequence[date], already: Sequence[Act], by: str) -> date:
    """The day itself, if limits may begin anew there: enough points after it, and between it and the other beginnings.

    Raises SettingError where they may not.
    """
    begun = [act.begins for act in already]
    if day in begun:
        raise SettingError(f"{day}: limits begin anew there already. Undo that re-basing first: kcas rebase list")
    if not any(start < day for start in points):
        raise SettingError(f"{day}: the chart has no {by} before it, so its limits begin there as it is.")
    edges = sorted([*begun, day])
    for place, edge in enumerate(edges):
        until = edges[place + 1] if place + 1 < len(edges) else date.max
        found = sum(edge <= start < until for start in points)
        if found < FEWEST_AFTER and (edge == day or until == day):
            where = f"before {until}" if until != date.max else "so far"
            raise SettingError(
                f"{edge}: {found} {by}s from there {where}. Limits begin anew with at least {FEWEST_AFTER} {by}s."
            )
    return day
