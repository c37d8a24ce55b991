"""A query: which calls, how grouped, by which definition.

Names of queues as a person types them, held against those of the store: one answer by every command and page.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from kcas.calls.call import ALL_QUEUES
from kcas.calls.definitions import Definition, ServiceLevel, the_definition, the_service_level
from kcas.calls.grouping import GROUPINGS
from kcas.desk.standard import Standard, check_key
from kcas.desk.toml_file import value_text
from kcas.errors import SettingError


@dataclass(frozen=True)
class Query:
    """Which calls, grouped how, by whose definition. `per` are further columns to group by, like a replication."""

    standard: Standard
    definition: Definition
    service_level: ServiceLevel
    by: str = "total"
    queues: Sequence[str] = ()
    since: date | None = None
    until: date | None = None
    per: Sequence[str] = ()

    @property
    def keys(self) -> list[str]:
        """The columns that tell one group from another."""
        return [*self.per, "queue" if self.by == "queue" else "number"]


def query_of(
    standard: Standard,
    *,
    by: str = "total",
    queues: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    definition: Definition | None = None,
    service_level: ServiceLevel | None = None,
    per: Sequence[str] = (),
) -> Query:
    """A question by the standard's definitions, or others. Raises SettingError for a grouping no one knows."""
    return Query(
        standard=standard,
        definition=definition or the_definition(standard),
        service_level=service_level or the_service_level(standard),
        by=check_key(by, GROUPINGS, where="by"),
        queues=tuple(queues),
        since=since,
        until=until,
        per=tuple(per),
    )


_MOST_NAMED = 20
"""Queues named in a message; a large switch has hundreds."""


def held_queues(calls: pl.LazyFrame, intervals: pl.LazyFrame) -> tuple[str, ...]:
    """The queues of calls and of interval tables, in order."""
    rows = pl.concat([calls.select("queue"), intervals.select("queue")]).unique()
    held = rows.collect(engine="streaming")["queue"].drop_nulls()
    return tuple(sorted({*held} - {ALL_QUEUES}))


def the_queues_named(names: Iterable[str], *, known: Sequence[str], where: str = "--queue") -> tuple[str, ...]:
    """The queues that these names stand for, each once; letter case and spaces are forgiven where that leaves one.

    Raises SettingError for a name of no queue, with the nearest and the names there are.
    """
    return tuple(dict.fromkeys(_the_queue(name, known=known, where=where) for name in names))


def _the_queue(name: str, *, known: Sequence[str], where: str) -> str:
    if name in known:
        return name
    alike = [each for each in known if _plain(each) == _plain(name)]
    if len(alike) == 1:
        return alike[0]
    raise SettingError(
        f"{where}: {value_text(name)} is no queue of this store. {_suggested(name, alike=alike, known=known)}"
    )


def _suggested(name: str, *, alike: Sequence[str], known: Sequence[str]) -> str:
    if not known:
        return "It holds no queue at all. Import a log first: kcas ingest LOG"
    plain = {_plain(each): each for each in known}
    near = alike or [plain[each] for each in difflib.get_close_matches(_plain(name), plain, n=1)]
    did_you_mean = f"Did you mean {' or '.join(map(value_text, near))}? " if near else ""
    more = f" and {len(known) - _MOST_NAMED:,} more" if len(known) > _MOST_NAMED else ""
    return f"{did_you_mean}Queues here: {', '.join(map(value_text, known[:_MOST_NAMED]))}{more}."


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
