"""Opening of a command: store, settings, queues, days and time of knowledge, once and in the same words for all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcas.api.store import CallStore, open_store
from kcas.cli.options import day, moment
from kcas.cli.printing import say_beside
from kcas.desk.standard import DEFAULT_STORE

if TYPE_CHECKING:
    from kcas.api.selection import Selection

INVENTED = "Invented sample data. No figure here says anything about a real desk."


@dataclass(frozen=True)
class Opened:
    """An open store, and which of its calls the options choose."""

    store: CallStore
    queues: Sequence[str] = ()
    since: date | None = None
    until: date | None = None
    as_at: datetime | None = None

    @property
    def period(self) -> dict[str, Any]:
        """The choice as the library takes it: queues, days and time of knowledge."""
        return self.whole | {"since": self.since, "until": self.until}

    @property
    def whole(self) -> dict[str, Any]:
        """The same without days, for what rests on the whole log."""
        return {"queues": self.queues, "as_at": self.as_at}

    @property
    def selection(self) -> Selection:
        """The calls chosen."""
        return self.store.select(**self.period)


def open_calls(
    store: Path | None,
    standard: Path | None,
    zone: str | None,
    *,
    queue: list[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    as_at: str | None = None,
) -> Opened:
    """The calls that a command's options name, checked in this order: settings, store, times, days, queues.

    Says next to the answer where the calls are invented, and what is wrong with the store. Raises StoreError where
    nothing has been imported yet, SettingError for what cannot be chosen.
    """
    opened = open_store(store or DEFAULT_STORE, standard=standard, zone=zone)
    opened.require()
    if any(batch.record.invented for batch in opened.store.batches()):
        say((INVENTED,))  # beside the answer: a program's document and a spreadsheet's rows stay whole
    say_beside(opened.store.warnings())
    choice = Opened(
        opened, (), day(since, option="--since"), day(until, option="--until"),
        moment(as_at, option="--as-at", zone=opened.standard.time_zone),
    )  # fmt: skip
    chosen = opened.select(queues=queue or (), since=choice.since, until=choice.until)
    return replace(choice, queues=chosen.queues)


def store_if_any(folder: Path | None = None, *, standard: Path | None = None, zone: str | None = None) -> CallStore:
    """The store of the folder, or of KCAS_STORE, whether or not there is one."""
    return open_store(folder or os.environ.get("KCAS_STORE") or DEFAULT_STORE, standard=standard, zone=zone)


def say(sentences: Iterable[str]) -> None:
    """Sentences that belong next to the answer, on standard error."""
    for sentence in sentences:
        print(sentence, file=sys.stderr)
