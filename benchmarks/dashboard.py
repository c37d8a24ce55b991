"""Is a page drawn within two seconds, and a changed widget answered within half a second, with ten million calls?

Draws every page and changes its widgets on an invented store, beside a page of one bare table in the same run. The
first page's charts are also drawn the usual way, each layer an Altair chart:
    python benchmarks/dashboard.py [calls, default 10 000 000]
"""

import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from streamlit.testing.v1 import AppTest  # noqa: E402

from kcas.calls.call import SCHEMA  # noqa: E402
from kcas.calls.store import Store  # noqa: E402
from kcas.calls.store.files import Record  # noqa: E402
from kcas.dashboard import display  # noqa: E402
from kcas.dashboard.libraries import arrow_table  # noqa: E402
from kcas.reporting import charts, period_comparison, tables  # noqa: E402
from kcas.reporting.palettes import LIGHT  # noqa: E402

DAYS = 720
START = datetime(2024, 12, 1, tzinfo=UTC)
FIRST, CHANGED, UNCHANGED = 2.0, 0.5, 0.2  # seconds
BARE = """
import polars as pl, streamlit as st
many = st.number_input("rows", value=100, key="many")
st.dataframe(pl.DataFrame({"n": range(int(many))}))
"""


def invented(many: int) -> Iterator[pl.DataFrame]:
    """Invented calls, a day at a time."""
    dice, made = np.random.default_rng(7), 0
    for day in range(DAYS):
        n = many // DAYS + (day < many % DAYS)
        begun = np.sort(dice.integers(8 * 3600, 20 * 3600, n)) + int((START + timedelta(days=day)).timestamp())
        offered = np.where(dice.random(n) < 0.3, 0.0, np.floor(dice.exponential(70, n)))
        patience = np.floor(dice.exponential(300, n))
        lost, names = patience < offered, [f"{made + i}" for i in range(n)]
        told = {
            "leg": names, "contact": names, "queue": [f"queue {q}" for q in dice.integers(0, 6, n)],
            "entered": begun * 1_000_000, "outcome": np.where(lost, "abandoned", "answered"),
            "wait": np.where(lost, patience, offered),
            "talk": np.where(lost, np.nan, np.floor(dice.exponential(300, n))),
            "caller": [f"{c}" for c in dice.integers(0, 2_000_000, n)], "line": np.arange(made, made + n),
        }  # fmt: skip
        made += n
        frame = pl.DataFrame({name: told.get(name, [None] * n) for name in SCHEMA}, strict=False)
        yield frame.with_columns(pl.col("talk").fill_nan(None)).cast(dict(SCHEMA))


def timed(what: str, act: Callable[[], Any], *, times: list[tuple[str, float]]) -> Any:
    """Do it, keep how long it took, and give what it gave."""
    began = time.perf_counter()
    found = act()
    times.append((what, time.perf_counter() - began))
    assert not found.exception, found.exception[0].message
    return found


def draw(times: list[tuple[str, float]]) -> None:
    """Every page for the first time, and its widgets changed."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    timed("Overview, first", app.run, times=times)
    timed("  unchanged", app.run, times=times)
    timed("  another definition", lambda: app.selectbox(key="definition").select("short_excluded").run(), times=times)
    timed(
        "  another threshold", lambda: app.number_input(key="short_short_excluded").set_value(11.0).run(), times=times
    )
    timed("  one queue", lambda: app.multiselect(key="queue").set_value(["queue 1"]).run(), times=times)
    timed("  all queues", lambda: app.multiselect(key="queue").set_value([]).run(), times=times)
    timed("  4 weeks", lambda: app.selectbox(key="period").select("4 weeks").run(), times=times)
    timed("  13 weeks", lambda: app.selectbox(key="period").select("13 weeks").run(), times=times)
    timed("  52 weeks", lambda: app.selectbox(key="period").select("52 weeks").run(), times=times)
    timed("  13 weeks again", lambda: app.selectbox(key="period").select("13 weeks").run(), times=times)
    timed("Trend, first", lambda: app.switch_page("kcas/dashboard/trend.py").run(), times=times)
    timed("  unchanged", app.run, times=times)
    timed("  weeks", lambda: app.segmented_control(key="by").set_value("week").run(), times=times)
    timed("Waits, first", lambda: app.switch_page("kcas/dashboard/waiting.py").run(), times=times)
    timed("  another definition", lambda: app.selectbox(key="definition").select("of_decided").run(), times=times)
    timed("Calls, first", lambda: app.switch_page("kcas/dashboard/calls.py").run(), times=times)
    timed("  one weekday", lambda: app.selectbox(key="weekday").select("Monday").run(), times=times)
    timed("  every call", lambda: app.selectbox(key="show").select("every call").run(), times=times)
    timed("What if, first", lambda: app.switch_page("kcas/dashboard/what_if.py").run(), times=times)
    timed("  unchanged", app.run, times=times)
    timed("Evidence, first", lambda: app.switch_page("kcas/dashboard/evidence.py").run(), times=times)
    timed("  unchanged", app.run, times=times)
    timed("Logs, first", lambda: app.switch_page("kcas/dashboard/data.py").run(), times=times)


def bare() -> tuple[float, float]:
    """The same of a page with one table: how long it takes at first, and changed (the middle of five)."""
    first, changed = [], []
    for n in range(5):
        times: list[tuple[str, float]] = []
        app = AppTest.from_string(BARE, default_timeout=60)
        timed("first", app.run, times=times)
        timed("changed", lambda app=app, n=n: app.number_input(key="many").set_value(50 + n).run(), times=times)
        first.append(times[0][1])
        changed.append(times[1][1])
    return statistics.median(first), statistics.median(changed)


def by_altair(chart: charts.Chart) -> Any:
    """The same chart in the usual way: an Altair chart a layer, put together, sized and configured."""
    import altair as alt

    tables = {name: arrow_table(frame) for name, frame in chart.frames.items()}
    layers = []
    for part in chart.spec["layer"]:
        look = dict(part["mark"])
        drawn = getattr(alt.Chart(tables[part["data"]["name"]]), f"mark_{look.pop('type')}")(**look)
        for transform in part.get("transform", ()):
            drawn = drawn.transform_filter(transform["filter"])
        layers.append(drawn.encode(**{name: channel(alt, name, value) for name, value in part["encoding"].items()}))
    return alt.layer(*layers).properties(height=chart.spec["height"]).configure(**chart.spec["config"])


def channel(alt: Any, name: str, value: Any) -> Any:
    """One channel of an encoding, as its Altair class."""
    if isinstance(value, list):
        return [channel(alt, name, each) for each in value]
    return getattr(alt, name[0].upper() + name[1:])(**value) if "field" in value else value


def first_page_charts() -> Iterator[charts.Chart]:
    """The first page's three charts, of thirteen invented weeks."""
    days = [START.date() + timedelta(days=n) for n in range(91)]
    rows = pl.DataFrame(
        [{"day": day, "numerator": 60 + n % 40, "denominator": 700, "offered": 700, "answered": 640 - n % 40,
          "abandoned_all": 60 + n % 40} for n, day in enumerate(days)]
    )  # fmt: skip
    daily = tables.days(period_comparison.with_rate(rows))
    half_hours = [START + timedelta(days=day, minutes=30 * n) for day in range(91) for n in range(16, 40)]
    counted = pl.DataFrame({"start": half_hours, "numerator": 3, "denominator": 30}).with_columns(
        pl.col("start").dt.convert_time_zone("Europe/London")
    )
    cells = tables.cells(counted, palette=LIGHT)
    yield charts.daily_rate(daily, palette=LIGHT, target=0.05)
    yield charts.volumes(tables.volumes(daily), palette=LIGHT)
    yield charts.heat_map(cells, palette=LIGHT)


def charts_in_both_ways() -> tuple[float, float]:
    """Seconds in which the first page's charts are made ready for the browser: ours, and by Altair (middle of five)."""
    import streamlit as st

    ours, usual = [], []
    for _ in range(5):
        began = time.perf_counter()
        for chart in first_page_charts():
            display.chart(chart, key="chart", alt="a chart")
        made = time.perf_counter()
        for chart in first_page_charts():
            st.altair_chart(by_altair(chart), theme=None, key="chart", alt="a chart")
        ours.append(made - began)
        usual.append(time.perf_counter() - made)
    return statistics.median(ours), statistics.median(usual)


def main() -> None:
    """Make the store, draw, and print each time with its ratio to the bare page."""
    logging.disable(logging.WARNING)
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        record = Record(name="invented.csv", sha256="0" * 64, size=1, format="invented", lines=many, call_lines=many)
        store = Path(os.environ.get("KCAS_BENCHMARK_STORE", Path(folder) / "store"))
        if not Store(store).batches():
            Store(store).add(invented(many), record=lambda: record)
        os.environ["KCAS_STORE"] = str(store)
        import scipy.stats  # noqa: F401  (kcas dashboard imports it before it serves)

        AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        first, changed = bare()
        ours, usual = charts_in_both_ways()
        times: list[tuple[str, float]] = []
        draw(times)
    print(f"{many:,} calls; a bare table: first {first:.3f} s, changed {changed:.3f} s")
    print(f"The first page's charts: {ours:.3f} s; by Altair {usual:.3f} s, {usual / ours:.1f} times as long")
    for what, took in times:
        limit = FIRST if "first" in what else UNCHANGED if "unchanged" in what else CHANGED
        base = first if "first" in what else changed
        verdict = "" if took <= limit else f"   over {limit:g} s"
        print(f"{what:28} {took:6.2f} s   {took / base:6.1f} × the bare table{verdict}")


if __name__ == "__main__":
    main()
