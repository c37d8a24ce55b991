"""A forgetter to be killed: removes the calls of one more day at a time, until all are gone.

`python -m tests.house.store_forgetter STORE` prints a line when it begins.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

from kcas.calls.store import Store

FIRST, DAYS = date(2026, 3, 2), 30

if __name__ == "__main__":
    print("begun", flush=True)
    store = Store(Path(sys.argv[1]))
    for day in range(1, DAYS + 1):
        store.forget(FIRST + timedelta(days=day), zone="Europe/London", at_once=day % 5 == 0)
