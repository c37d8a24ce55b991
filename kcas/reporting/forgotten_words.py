"""Sentences for days whose calls have been removed for good: what is missing, and of which moment their figures are."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from kcas.calls.store import Store
from kcas.reporting import words


def what_is_gone(
    store: Store, *, zone: str, since: date | None = None, then: datetime | None = None, calls_alone: bool = False
) -> list[str]:
    """What to say beside an answer that reaches into forgotten days; nothing where it does not.

    `calls_alone` marks an answer made of calls, which cannot use the figures that are kept.
    """
    removed = store.forgotten_before()
    if removed is None:
        return []
    first_kept = removed.astimezone(ZoneInfo(zone)).date()
    if since is not None and since >= first_kept:
        return []
    gone = f"Calls before {words.day(first_kept)} have been removed for good"
    if calls_alone:
        return [f"{gone}, and this is made of calls: it is without them. kcas measures has the figures kept of them."]
    kept = f"{gone}; the figures kept of them are by half-hour and day, so they have no percentiles."
    stands_at = store.figures_stand_at(then) if then else None
    return [kept] if stands_at is None else [kept, _by_the_hour(stands_at, zone=zone)]


def _by_the_hour(stands_at: datetime, *, zone: str) -> str:
    local = stands_at.astimezone(ZoneInfo(zone))
    return (
        "Those figures are kept by the hour in which logs were read in. Of the moment asked about they are not known: "
        f"here they stand as at {words.day(local)}, {local:%H:%M:%S}, the end of its hour."
    )
