"""Who has re-based which chart, when and why? An append-only file beside the tables of the store.

One line of JSON for each act. A line is written through to the disk whole or not at all: one without its end was never
said to be kept, and the next writer cuts it off. Nothing is ever changed or taken away.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from kcas.calls.store.lock import one_writer
from kcas.calls.store.seal import write_through
from kcas.errors import SettingError, StoreError
from kcas.monitor.rebasing import Act, checked_day, checked_words, in_force

FILE, LOCK = "rebasings.jsonl", "rebasings.lock"
NEXT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Rebasings:
    """The record kept in a store's folder. `patience` is how long to wait for another writer, in seconds."""

    folder: Path
    patience: float = 10.0

    def acts(self, as_at: datetime | None = None) -> tuple[Act, ...]:
        """Every act, oldest first, or those recorded until a moment."""
        try:
            kept = (self.folder / FILE).read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(f"{self.folder / FILE}: cannot be read: {error.strerror}.") from None
        found = tuple(self._act(line, number) for number, line in enumerate(whole(kept).splitlines(), 1))
        return tuple(act for act in found if as_at is None or act.recorded <= as_at)

    def in_force(self, *, queues: Sequence[str] = (), as_at: datetime | None = None) -> tuple[Act, ...]:
        """The re-basings that hold for the chart of these queues, now or as they stood at a moment."""
        return in_force(self.acts(as_at), queues=queues)

    def add(
        self, day: date, *, name: str, reason: str, points: Sequence[date], by: str, queues: Sequence[str] = ()
    ) -> Act:
        """Put a re-basing on record. `points` are the starts of the chart's points, `by` what each is of.

        Raises SettingError where limits may not begin anew on that day, or without a name and a reason.
        """
        said, why = checked_words(name, reason)

        def made(acts: Sequence[Act], number: int, now: datetime) -> Act:
            checked_day(day, points=points, already=in_force(acts, queues=queues), by=by)
            return Act(number, now, said, why, day=day, queues=tuple(sorted(set(queues))))

        return self._append(made)

    def undo(self, number: int, *, name: str, reason: str) -> Act:
        """Put the undoing of a re-basing on record: both stay there. Raises SettingError where none has that number."""
        said, why = checked_words(name, reason)

        def made(acts: Sequence[Act], this: int, now: datetime) -> Act:
            found = next((act for act in acts if act.number == number), None)
            if found is None or found.day is None:
                raise SettingError(f"{number}: no re-basing has that number. See: kcas rebase list")
            if any(act.undoes == number for act in acts):
                raise SettingError(f"{number}: that re-basing has been undone already. See: kcas rebase list")
            return Act(this, now, said, why, queues=found.queues, undoes=number)

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
                    file.truncate(len(whole(file.read())))
                    file.write(_line(act))
                write_through([path])
        except OSError as error:
            raise StoreError(f"{path}: cannot be written: {error.strerror}. Nothing was recorded.") from None
        return act

    def _act(self, line: bytes, number: int) -> Act:
        try:
            told = json.loads(line)
            return Act(
                number=int(told["number"]),
                recorded=datetime.fromisoformat(told["recorded"]),
                name=str(told["name"]),
                reason=str(told["reason"]),
                day=date.fromisoformat(told["day"]) if told["day"] else None,
                queues=tuple(str(queue) for queue in told["queues"]),
                undoes=told["undoes"],
            )
        except (ValueError, KeyError, TypeError):
            raise StoreError(
                f"{self.folder / FILE}, line {number}: not an act of re-basing. Restore the file from a copy."
            ) from None


def whole(kept: bytes) -> bytes:
    """The lines that were written to their end."""
    return kept[: kept.rfind(b"\n") + 1]


def _line(act: Act) -> bytes:
    told = {
        "number": act.number,
        "recorded": act.recorded.isoformat(),
        "name": act.name,
        "reason": act.reason,
        "day": act.day.isoformat() if act.day else None,
        "queues": list(act.queues),
        "undoes": act.undoes,
    }
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"
