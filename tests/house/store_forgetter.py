"""A forgetter to be killed: removes the calls of one more day at a time, until all are gone."""

from datetime import date, timedelta
from pathlib import Path

from kcas.calls.store import Store

FIRST, DAYS = date(2026, 3, 2), 30


def forget(folder: Path) -> None:
    """Forget day by day, in a process of its own."""
    store = Store(folder)
    for day in range(1, DAYS + 1):
        store.forget(FIRST + timedelta(days=day), zone="Europe/London", at_once=day % 5 == 0)
