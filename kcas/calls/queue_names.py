"""Names of queues as a person types them, held against those of the store: one answer by every command and page."""

import difflib
from collections.abc import Iterable, Sequence

import polars as pl

from kcas.calls.call import ALL_QUEUES
from kcas.desk.toml_file import value_text
from kcas.errors import SettingError

MOST_NAMED = 20
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
        return "It holds no queue at all. Read a log in first: kcas ingest LOG"
    plain = {_plain(each): each for each in known}
    near = alike or [plain[each] for each in difflib.get_close_matches(_plain(name), plain, n=1)]
    did_you_mean = f"Did you mean {' or '.join(map(value_text, near))}? " if near else ""
    more = f" and {len(known) - MOST_NAMED:,} more" if len(known) > MOST_NAMED else ""
    return f"{did_you_mean}Queues here: {', '.join(map(value_text, known[:MOST_NAMED]))}{more}."


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
