"""An invented desk whose every figure can be worked out by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from kcas.calls.call import SCHEMA
from kcas.calls.store import Store
from kcas.calls.store.files import Record

ROOT = Path(__file__).resolve().parents[2]
FIRST, LAST = date(2026, 9, 28), date(2026, 11, 20)  # a Monday, and a Friday eight weeks on
PAGES = {
    "Calls": "kcas/dashboard/calls.py", "Waiting": "kcas/dashboard/waiting.py", "Data": "kcas/dashboard/data.py",
    "What if": "kcas/dashboard/what_if.py", "Staffing": "kcas/dashboard/staffing.py",
    "Trend": "kcas/dashboard/trend.py", "Evidence": "kcas/dashboard/evidence.py",
    "Glossary": "kcas/dashboard/glossary.py", "Model": "kcas/dashboard/model.py",
    "Forecast": "kcas/dashboard/forecast.py",
}  # fmt: skip


def calls_of(day: date, *, short: int, long: int, answered: int, queue: str = "public") -> list[dict[str, object]]:
    """A day's calls from 10:00 in Kent: abandoned after 3 s, abandoned after 60 s, and answered after 20 s."""
    clock = 10 if day >= date(2026, 10, 25) else 9  # UTC
    ways = [("abandoned", 3.0)] * short + [("abandoned", 60.0)] * long + [("answered", 20.0)] * answered
    return [
        {
            "leg": f"{day}/{queue}/{n}", "contact": f"{day}/{queue}/{n}", "queue": queue, "outcome": outcome,
            "entered": datetime(day.year, day.month, day.day, clock, n % 30, tzinfo=UTC), "wait": wait,
            "talk": 100.0 if outcome == "answered" else None, "caller": f"caller {n}", "type": "a [link](http://x.invalid)",
            "line": n + 2,
        }
        for n, (outcome, wait) in enumerate(ways)
    ]  # fmt: skip


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    """The rows as a calls frame."""
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def keep(folder: Path, rows: list[dict[str, object]], *, name: str) -> None:
    """Keep the rows as one file's."""
    record = Record(name=name, sha256=f"{len(rows):064x}", size=1, format="test", lines=len(rows) + 1,
                    call_lines=len(rows), ignored={"header": 1})  # fmt: skip
    Store(folder).add([frame(rows)], record=lambda: record)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight weeks of weekdays, 40 public calls 2 + 2 of them lost; on the last day 5 + 5, and 20 of "staff"."""
    folder = tmp_path_factory.mktemp("desk") / "store"
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days)]
    rows = [row for day in days if day.weekday() < 5 for row in calls_of(day, short=2, long=2, answered=36)]
    rows += calls_of(LAST, short=5, long=5, answered=30) + calls_of(LAST, short=0, long=2, answered=18, queue="staff")
    keep(folder, rows, name="desk.csv")
    return folder


@cache
def addresses(desk: Path) -> Any:
    """The pages by their addresses, which a session otherwise knows only once it has shown its first page."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    return app._registered_pages


def opened_at(title: str, desk: Path) -> AppTest:
    """A session that opens at a page's address, as a link does: the first page is not drawn on the way."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    if title:
        app._registered_pages = addresses(desk)
        app.switch_page(PAGES[title])
    app.run()
    assert not app.exception, app.exception[0].message
    return app


@pytest.fixture
def page(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens a page of the invented desk, or of another store."""

    def opened(title: str = "", *, store: Path = desk) -> AppTest:
        monkeypatch.setenv("KCAS_STORE", str(store))
        monkeypatch.delenv("KCAS_STANDARD", raising=False)
        return opened_at(title, desk)

    return opened


@pytest.fixture(scope="session")
def shown(desk: Path) -> Callable[..., AppTest]:
    """A page of the invented desk as it opens, drawn once for all the tests that only read it and touch no widget."""

    @cache
    def drawn(title: str = "") -> AppTest:
        with pytest.MonkeyPatch.context() as settings:
            settings.setenv("KCAS_STORE", str(desk))
            settings.delenv("KCAS_STANDARD", raising=False)
            return opened_at(title, desk)

    return drawn


def text(app: AppTest) -> str:
    """All that the page says, in order."""
    return "\n".join(
        str(element.value).replace("\\", "").replace("\u2060", "") for element in (*app.header, *app.markdown)
    )
