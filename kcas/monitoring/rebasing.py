"""Recalculation of a chart's limits from a date, by a named person, with a reason, kept on record; can be undone."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from kcas.calls.store.lock import one_writer
from kcas.calls.store.seal import write_through
from kcas.desk.toml_file import read_json
from kcas.errors import SettingError, StoreError

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
    """The re-basings of the chart of these queues that no one has undone, in order of their days."""
    every = list(acts)
    undone = {act.undoes for act in every}
    active = [
        act for act in every if act.day is not None and act.number not in undone and set(act.queues) == set(queues)
    ]
    return tuple(sorted(active, key=lambda act: (act.begins, act.number)))


def declined(acts: Iterable[Act], *, queues: Sequence[str] = ()) -> frozenset[date]:
    """The days at which the chart of these queues is not recalculated: a person undid that, or a re-basing there."""
    every = list(acts)
    undone = {act.undoes for act in every}
    refused: set[date] = set()
    for act in every:
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
    """The day itself, if limits may be recalculated from there: enough points between it and the other starts.

    Raises SettingError where they may not.
    """
    begun = [act.begins for act in already]
    if day in begun:
        raise SettingError(
            f"{day}: limits are recalculated from there already. Undo that re-basing first: kcas rebase list"
        )
    if not any(start < day for start in points):
        raise SettingError(f"{day}: the chart has no {by} before it, so its limits begin there as it is.")
    edges = sorted([*begun, day])
    for place, edge in enumerate(edges):
        until = edges[place + 1] if place + 1 < len(edges) else date.max
        many = sum(edge <= start < until for start in points)
        if many < FEWEST_AFTER and (edge == day or until == day):
            where = f"before {until}" if until != date.max else "so far"
            raise SettingError(
                f"{edge}: {many} {by}s from there {where}. Limits are recalculated from at least {FEWEST_AFTER} {by}s."
            )
    return day


SUM = "sha256"
"""The key of a line's checksum."""

FILE, LOCK = "rebasings.jsonl", "rebasings.lock"
NEXT = timedelta(microseconds=1)
YEARS = range(1900, 9000)
"""Years in which a moment can be put on any clock."""


@dataclass(frozen=True)
class Rebasings:
    """The record kept in a store's folder. `patience` is how long to wait for another writer, in seconds."""

    folder: Path
    patience: float = 10.0

    def acts(self, as_at: datetime | None = None) -> tuple[Act, ...]:
        """Every act, oldest first, or those recorded until a moment."""
        try:
            content = (self.folder / FILE).read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(f"{self.folder / FILE}: cannot be read: {error.strerror}.") from None
        lines = complete_lines(content).splitlines()
        recorded = tuple(self._act(line, number) for number, line in enumerate(lines, 1))
        number = len(lines) + 1 if end_is_damaged(content) else changed_line(lines)
        if number is not None:
            raise StoreError(
                f"{self.folder / FILE}, line {number}: damaged: not the act that was recorded (its SHA-256 is "
                "another). Restore the file from a copy."
            )
        return tuple(act for act in recorded if as_at is None or act.recorded <= as_at)

    def damage(self) -> str | None:
        """What is wrong with the record, in words; None where every line is as it was recorded."""
        try:
            self.acts()
        except StoreError as error:
            return str(error)
        return None

    def in_force(self, *, queues: Sequence[str] = (), as_at: datetime | None = None) -> tuple[Act, ...]:
        """The re-basings that hold for the chart of these queues, now or as they stood at a moment."""
        return active_rebasings(self.acts(as_at), queues=queues)

    def declined(self, *, queues: Sequence[str] = (), as_at: datetime | None = None) -> frozenset[date]:
        """The days at which the chart of these queues is not recalculated, now or as it stood at a moment."""
        return declined(self.acts(as_at), queues=queues)

    def add(
        self, day: date, *, name: str, reason: str, points: Sequence[date], by: str, queues: Sequence[str] = ()
    ) -> Act:
        """Put a re-basing on record. `points` are the starts of the chart's points, `by` what each is of.

        Raises SettingError where limits may not be recalculated on that day, or without a name and a reason.
        """
        who, why = checked_words(name, reason)

        def made(acts: Sequence[Act], number: int, now: datetime) -> Act:
            checked_day(day, points=points, already=active_rebasings(acts, queues=queues), by=by)
            return Act(number, now, who, why, day=day, queues=tuple(sorted(set(queues))))

        return self._append(made)

    def undo(self, number: int, *, name: str, reason: str) -> Act:
        """Put the undoing of a re-basing on record: both stay there. Raises SettingError where none has that number."""
        who, why = checked_words(name, reason)

        def made(acts: Sequence[Act], this: int, now: datetime) -> Act:
            undone = next((act for act in acts if act.number == number), None)
            if undone is None or (undone.day is None and undone.declines is None):
                raise SettingError(f"{number}: no re-basing has that number. See: kcas rebase list")
            if any(act.undoes == number for act in acts):
                raise SettingError(f"{number}: that re-basing has been undone already. See: kcas rebase list")
            return Act(this, now, who, why, queues=undone.queues, undoes=number)

        return self._append(made)

    def decline(
        self, day: date, *, name: str, reason: str, recalculated: Sequence[date], queues: Sequence[str] = ()
    ) -> Act:
        """Put on record that limits are not recalculated at the action of a day; it is not applied again.

        `recalculated` are the days at which the chart of these queues is recalculated now. Raises SettingError where
        that day is none of them.
        """
        who, why = checked_words(name, reason)
        if day not in recalculated:
            have = f"Its limits are recalculated at: {', '.join(map(str, recalculated))}." if recalculated else ""
            raise SettingError(f"{day}: the chart is not recalculated at an action of that day. {have}".rstrip())

        def made(acts: Sequence[Act], number: int, now: datetime) -> Act:
            if day in declined(acts, queues=queues):
                raise SettingError(f"{day}: that recalculation has been undone already. See: kcas rebase list")
            return Act(number, now, who, why, queues=tuple(sorted(set(queues))), declines=day)

        return self._append(made)

    def _append(self, made: Callable[[Sequence[Act], int, datetime], Act]) -> Act:
        path = self.folder / FILE
        try:
            with one_writer(self.folder / LOCK, patience=self.patience, writer="re-basing"):
                acts = self.acts()
                # never earlier than the act before, though a clock was put back: "as at" must cut the record in order
                now = max([datetime.now(UTC), *(act.recorded + NEXT for act in acts[-1:])])
                act = made(acts, len(acts) + 1, now)
                with path.open("ab+") as file:
                    file.seek(0)
                    before = complete_lines(file.read())
                    file.truncate(len(before))
                    file.write(_line_of(act, before=before))
                write_through([path])
        except OSError as error:
            raise StoreError(f"{path}: cannot be written: {error.strerror}. Nothing was recorded.") from None
        return act

    def _act(self, line: bytes, number: int) -> Act:
        where = f"{self.folder / FILE}, line {number}"
        try:
            return act_of(read_json(line, where=where))
        except (SettingError, ValueError, KeyError, TypeError, AttributeError):
            raise StoreError(f"{where}: not an act of re-basing. Restore the file from a copy.") from None


def act_of(record: Any) -> Act:
    """The act a line tells of. Raises ValueError, KeyError or TypeError where it is none that we write."""
    recorded, undoes, _ = datetime.fromisoformat(record["recorded"]), record["undoes"], record["day"]
    day, declines = (date.fromisoformat(record[name]) if record.get(name) else None for name in ("day", "declines"))
    if recorded.tzinfo is None or any(each.year not in YEARS for each in (recorded, day, declines) if each):
        raise ValueError("a moment without its zone, or no year of ours")
    if not isinstance(record["queues"], list) or not all(
        isinstance(text, str) for text in (record["name"], record["reason"], *record["queues"])
    ):
        raise ValueError("no text")
    if type(record["number"]) is not int or not (undoes is None or type(undoes) is int):
        raise ValueError("no number of an act")
    return Act(
        number=record["number"],
        recorded=recorded,
        name=record["name"],
        reason=record["reason"],
        day=day,
        queues=tuple(record["queues"]),
        undoes=undoes,
        declines=declines,
    )


def complete_lines(content: bytes) -> bytes:
    """The lines that were written to their end."""
    return content[: content.rfind(b"\n") + 1]


def end_is_damaged(content: bytes) -> bool:
    """Whether the last line was written to its end, and that end is now another byte."""
    try:
        read_json(content[len(complete_lines(content)) :][:-1], where=FILE)
    except SettingError:
        return False
    return True


def changed_line(lines: Sequence[bytes]) -> int | None:
    """The number of the first line that is not what was recorded; None where all are.

    Each line holds a checksum of itself and of the line before it. Those that an older kcas wrote hold none; no
    line may be without one after a line that has it.
    """
    begun = False
    for number, line in enumerate(lines, 1):
        record = json.loads(line)
        given = record.pop(SUM, None)
        begun = begun or given is not None
        if begun and line != _summed(record, before=lines[number - 2] if number > 1 else b""):
            return number
    return None


def _line_of(act: Act, *, before: bytes) -> bytes:
    record = {
        "number": act.number,
        "recorded": act.recorded.isoformat(),
        "name": act.name,
        "reason": act.reason,
        "day": act.day.isoformat() if act.day else None,
        "queues": list(act.queues),
        "undoes": act.undoes,
    }
    if act.declines:
        record["declines"] = act.declines.isoformat()
    return _summed(record, before=(before.splitlines() or [b""])[-1]) + b"\n"


def _summed(record: Mapping[str, Any], *, before: bytes) -> bytes:
    content = json.dumps(record, ensure_ascii=False).encode()
    sha256 = hashlib.sha256(before + b"\n" + content).hexdigest()
    return json.dumps({**record, SUM: sha256}, ensure_ascii=False).encode()
