"""Sentence for a choice of days and queues in which nothing was kept: what was asked for, and what there is."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from kcas.reporting import words
from kcas.reporting.store_contents import Contents

A_DAY = timedelta(days=1)


def nothing_chosen(
    held: Contents | None,
    *,
    days: tuple[date | None, date | None] = (None, None),
    queues: Sequence[str] = (),
    then: datetime | None = None,
) -> str:
    """That there are no calls, in which days and queues, and which days the log covers. `days` leave the last out."""
    at = f" as the store stood at {then.isoformat()}" if then else ""
    if held is None:
        return f"No calls were kept{at}. Read a log in first: kcas ingest LOG" if not at else f"No calls were kept{at}."
    return f"There are no calls{_between(*days)}{_of(queues)}{at}; the log covers {words.days(*_covered(held))}."


def _covered(held: Contents) -> tuple[date, date]:
    return held.first_day, held.last_day


def _between(since: date | None, until: date | None) -> str:
    if since and until == since + A_DAY:
        return f" on {words.day(since)}"
    if since and until:
        return f" between {words.day(since)} and {words.day(until - A_DAY)}"
    if since:
        return f" from {words.day(since)} on"
    return f" before {words.day(until)}" if until else ""


def _of(queues: Sequence[str]) -> str:
    if not queues:
        return ""
    return f" in the {'queue' if len(queues) == 1 else 'queues'} {', '.join(map(repr, queues))}"
