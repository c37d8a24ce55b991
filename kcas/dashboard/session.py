"""Session state and caches of the dashboard.

Every cache is keyed by the store's version and the choices made, never by a frame. What it holds is shared by all
visitors and never changed; `st.cache_data` would pickle it, and to pickle a frame can stop the server: see `libraries`.
"""

import os
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl
import streamlit as st

import kcas
from kcas.calls.coverage import Coverage, coverage
from kcas.calls.definitions import Definition, ServiceLevel, the_definition, the_service_level
from kcas.calls.drill_down import Slice
from kcas.calls.measures import Measured, Query, measured, query_of, select
from kcas.calls.store import Store
from kcas.calls.store.files import Batch
from kcas.calls.store.write import MARK
from kcas.desk.standard import DEFAULT_STORE, SHIPPED, Standard
from kcas.desk.standard import read_standard as standard_in
from kcas.monitoring import from_measures
from kcas.monitoring import from_measures as staffed
from kcas.monitoring.rate_chart import PeriodCount as Halves
from kcas.reporting import call_list, period_comparison, tables, waits, words
from kcas.reporting.call_list import CallList
from kcas.reporting.coverage import Contents, missing_words, what_is_gone
from kcas.reporting.coverage import contents as held_in
from kcas.reporting.measures_report import DOES_NOT_ADD, HalfHourCounts, half_hour_counts, rated
from kcas.reporting.waits import Waiting

NOT_LISTED = "Interval tables from a switch hold counts and no calls: what they add to a rate cannot be listed here."
CALLS_FILTERS = ("show", "on", "weekday", "time", "waited")
"""The Calls page's own widgets: charts elsewhere set them by link, so they are forgotten when one leaves the page."""


_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Choice:
    """What counts and which calls, as chosen in the sidebar. `last` is the last day, included."""

    definition: Definition
    service_level: ServiceLevel
    queues: tuple[str, ...]
    first: date
    last: date

    @property
    def which(self) -> tuple[object, ...]:
        """Which calls, whatever counts of them."""
        return self.queues, self.first, self.last

    @property
    def until(self) -> date:
        """The first day left out."""
        return self.last + timedelta(days=1)


def store() -> Store:
    """The store that KCAS_STORE names."""
    return Store(Path(os.environ.get("KCAS_STORE") or DEFAULT_STORE))


def call_store() -> kcas.CallStore:
    """The same with the settings, as the library has it."""
    file = Path(os.environ.get("KCAS_STANDARD") or SHIPPED)
    folder = store().folder.resolve()
    return kcas.CallStore(Store(folder), standard(), file.resolve(), os.environ.get("KCAS_ZONE") or None)


@st.cache_resource(max_entries=4, show_spinner=False)
def read_standard(path: str, zone: str, changed: float) -> Standard:
    """The standard as it stood when its file was last changed."""
    return standard_in(Path(path) if path else None, zone=zone or None)


def standard() -> Standard:
    """The desk's standard that KCAS_STANDARD names, or the product's own."""
    found: Standard = st.session_state["standard"] if "standard" in st.session_state else _standard_now()
    return found


def _standard_now() -> Standard:
    path = os.environ.get("KCAS_STANDARD", "")
    changed = Path(path).stat().st_mtime if path and Path(path).exists() else 0.0
    return read_standard(path, os.environ.get("KCAS_ZONE", ""), changed)


def look_again() -> None:
    """Look which settings and which version of the store there are: one redraw shows one version, and looks once."""
    st.session_state["standard"], st.session_state["stamp"] = _standard_now(), _stamp_now()


def stamp() -> str:
    """Which store, and which version of it; empty where there is none yet. Every cache of calls is keyed by it."""
    return str(st.session_state["stamp"]) if "stamp" in st.session_state else _stamp_now()


def shared(name: str, make: Callable[[], _Made], choice: Choice, *more: Hashable) -> _Made:
    """What is shown of a choice, under this name: made once for a version of the store, the settings and `more`."""
    found: _Made = _shared(stamp(), standard(), name, choice, more, make)
    return found


@st.cache_resource(max_entries=128, show_spinner=False, hash_funcs={Standard: repr, Choice: repr})
def _shared(
    stamp: str, standard: Standard, name: str, choice: Choice, more: tuple[Hashable, ...], _make: Callable[[], _Made]
) -> _Made:
    return _make()


def _stamp_now() -> str:
    kept = store()
    mark = kept.folder / MARK
    return f"{kept.folder.resolve()} {mark.stat().st_mtime_ns} {kept.version()}" if kept.exists else ""


@st.cache_resource(max_entries=4, show_spinner=False)
def contents_of(stamp: str, zone: str, begins: int) -> Contents | None:
    """What a version of the store holds, on the clock of a zone, by days that begin so many minutes after midnight."""
    return held_in(store(), zone=zone, begins=begins)


def contents() -> Contents | None:
    """What the store holds now; None where that is nothing."""
    now = stamp()
    return contents_of(now, standard().time_zone, standard().day_begins) if now else None


@st.cache_resource(max_entries=8, show_spinner=False)
def batches_of(stamp: str) -> list[Batch]:
    """The ledger of every file taken in."""
    return store().batches() if stamp else []


def batches() -> list[Batch]:
    """The ledger as it stands now."""
    return batches_of(stamp())


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Query: repr})
def _answer(stamp: str, ask: Query) -> Measured:
    """Measures of a version of the store."""
    kept = store()
    return measured(kept.calls(), ask, intervals=kept.intervals())


def answered(choice: Choice, *, by: str, first: date | None = None) -> Measured:
    """Measures of what was chosen, by total, day, half-hour and so on; from an earlier day where one is given."""
    ask = query_of(
        standard(),
        by=by,
        queues=choice.queues,
        since=first or choice.first,
        until=choice.until,
        definition=choice.definition,
        service_level=choice.service_level,
    )
    return _answer(stamp(), ask)


def rows(choice: Choice, *, by: str, first: date | None = None) -> pl.DataFrame:
    """The rows of those measures."""
    return answered(choice, by=by, first=first).rows


@st.cache_resource(max_entries=6, show_spinner=False, hash_funcs={Standard: repr})
def counted_of(stamp: str, standard: Standard, queues: tuple[str, ...], first: date, until: date) -> HalfHourCounts:
    """Calls counted by half-hour, outcome and wait, of a version of the store; any definition is a tally of it."""
    chosen = select(store().calls(), standard=standard, queues=queues, since=first, until=until)
    return half_hour_counts(chosen, zone=standard.time_zone)


def stored_half_hours(choice: Choice, *, first: date) -> pl.DataFrame:
    """The half-hours of what was chosen, from a day on, with their counts and rates."""
    if has_tables() or choice.definition.key == DOES_NOT_ADD:
        return rows(choice, by="half-hour", first=first)
    counts = counted_of(stamp(), standard(), choice.queues, first, choice.until)
    return rated(counts, definition=choice.definition, service_level=choice.service_level)


def days(choice: Choice, half_hours: pl.DataFrame, *, first: date) -> pl.DataFrame:
    """The days of what was chosen: their half-hours added, or asked for where those do not add."""
    if has_tables() or choice.definition.key == DOES_NOT_ADD:
        return rows(choice, by="day", first=first).with_columns(day=pl.col("start").dt.date())
    return period_comparison.add_up(
        half_hours, by=[period_comparison.desk_day(half_hours, begins=standard().day_begins).alias("day")]
    )


def counted_by(choice: Choice, *, by: str) -> list[Halves]:
    """Both halves of the rate by day, week or month of what was chosen, in order."""
    return from_measures.chart_counts(rows(choice, by=by))


def usually(choice: Choice) -> Choice:
    """The choice with the desk's own definition: what does not depend on it is then not worked out again."""
    return replace(choice, definition=the_definition(standard()))


def notes(choice: Choice) -> tuple[str, ...]:
    """What must be said beside the figures."""
    usual = replace(usually(choice), service_level=the_service_level(standard()))
    return answered(usual, by="total").notes + tuple(missing_words(lacking(choice)))


def _calls(choice: Choice, *, outcomes: Sequence[str] = ()) -> pl.LazyFrame:
    """The calls of what was chosen, not yet read."""
    return select(
        store().calls(),
        standard=standard(),
        queues=choice.queues,
        since=choice.first,
        until=choice.until,
        outcomes=outcomes,
    )


def calls_behind(choice: Choice, show: str, part: Slice) -> CallList:
    """The calls behind a number of what was chosen."""
    return behind_of(stamp(), standard(), choice, show, part)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Standard: repr, Choice: repr, Slice: repr})
def behind_of(stamp: str, standard: Standard, choice: Choice, show: str, part: Slice) -> CallList:
    """The same, of a version of the store."""
    marked = marked_calls(choice, part, zone=standard.time_zone)
    return call_list.call_list(marked, show=show, zone=standard.time_zone, files=file_names())


def marked_calls(choice: Choice, part: Slice, *, zone: str) -> pl.LazyFrame:
    """The chosen calls of a part, each marked whether it is in either half of the rate."""
    return call_list.marked(
        _calls(choice),
        part,
        definition=choice.definition,
        zone=zone,
        begins=standard().day_begins,
        everyone=store().calls(),
    )


def call_file(choice: Choice, show: str, part: Slice) -> str:
    """All the calls behind a number, as a file that a spreadsheet opens safely."""
    zone = standard().time_zone
    marked = marked_calls(choice, part, zone=zone)
    listed = call_list.listed(marked, show=show, zone=zone, files=file_names(), most=call_list.MOST_ROWS)
    return tables.csv(listed.collect())


def file_names() -> dict[int, str]:
    """The name of the file that each batch was."""
    return {batch.number: batch.record.name for batch in batches()}


def waiting(choice: Choice) -> Waiting:
    """How the chosen callers waited."""
    return waiting_of(stamp(), standard(), choice)


@st.cache_resource(
    max_entries=16, show_spinner=False, hash_funcs={Standard: repr, Choice: lambda choice: repr(choice.which)}
)
def waiting_of(stamp: str, standard: Standard, choice: Choice) -> Waiting:
    """The same, of a version of the store; whose definition counts makes no difference to it."""
    held = contents()
    follow = bool(held and held.callers and standard.keep_caller_tokens)
    until = held.last if held and follow else None
    return waits.waiting(_calls(choice), zone=standard.time_zone, begins=standard.day_begins, until=until)


@st.cache_resource(
    max_entries=8, show_spinner=False, hash_funcs={Standard: repr, Choice: lambda choice: repr(choice.which)}
)
def agents_by_week(stamp: str, standard: Standard, choice: Choice) -> dict[date, int]:
    """How many agents answered calls each week, of a version of the store; whose definition counts makes no odds."""
    return staffed.agents_by_week(_calls(choice), zone=standard.time_zone, begins=standard.day_begins)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs={Standard: repr})
def coverage_of(stamp: str, standard: Standard) -> Coverage:
    """The open days that a version of the store lacks, whatever was chosen."""
    kept = store()
    return coverage(kept.calls(), intervals=kept.intervals(), standard=standard)


def lacking(choice: Choice | None = None) -> Coverage:
    """The open days that the log lacks, of the period chosen or of all."""
    whole = coverage_of(stamp(), standard())
    return whole.within(choice.first, choice.until) if choice else whole


def set_widget(key: str, value: object) -> None:
    """Give a widget its next value."""
    st.session_state[key] = value


def suggest(key: str, value: object) -> None:
    """Give a widget its first value, unless it has one."""
    st.session_state.setdefault(key, value)


def forget(keys: Sequence[str]) -> None:
    """Forget these widgets' values."""
    for key in keys:
        if key in st.session_state:
            del st.session_state[key]


def keep_choice(choice: Choice) -> None:
    """Keep what the sidebar chose for the page that runs next."""
    st.session_state["choice"] = choice


def choice() -> Choice:
    """What the sidebar chose."""
    found: Choice = st.session_state["choice"]
    return found


def where_the_log_ends() -> str:
    """Until when the log tells, so that no one takes an old day for yesterday."""
    held = contents()
    return f"The log ends on {words.day(held.last)} at {words.clock(held.last)}." if held else "The log is empty."


def ends_within(day: date) -> time | None:
    """The time at which the log ends, where that is on this day."""
    held = contents()
    return held.last.time() if held and held.last_day == day else None


def not_to_be_listed(choice: Choice) -> list[str]:
    """What adds to a rate and cannot be listed call by call: a switch's own tables, and calls removed for good."""
    held = contents()
    said = [NOT_LISTED] if held and held.own_tables else []
    return said + what_is_gone(store(), zone=standard().time_zone, since=choice.first, calls_alone=True)


def has_tables() -> bool:
    """Whether the store holds interval tables, a switch's own or the figures kept of calls since removed."""
    held = contents()
    return bool(held and held.intervals)


def everything() -> Choice:
    """All the calls there are, by what the sidebar says counts."""
    held = contents()
    last = held.last_day if held else choice().last
    return replace(choice(), queues=(), first=held.first_day if held else choice().first, last=last)
