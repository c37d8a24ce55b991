"""Can every chart be read, and does a rate begin at nought?"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from kcas.reporting import charts, period_comparison, tables, waits
from kcas.reporting.palettes import DARK, LIGHT, Palette

BOTH = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def days(many: int) -> pl.DataFrame:
    """Days of 50 calls, 5 lost."""
    rows = [{"day": date(2026, 1, 5) + timedelta(days=n), "numerator": 5, "denominator": 50, "offered": 50,
             "answered": 45, "abandoned_all": 5} for n in range(many)]  # fmt: skip
    return tables.days(period_comparison.with_rate(pl.DataFrame(rows)))


def drawn(palette: Palette) -> dict[str, dict[str, Any]]:
    """Each chart as it goes to the browser."""
    cells = pl.DataFrame(
        {"weekday": ["Monday"], "half_hour": ["10:00"], "rate": [0.1], "step": [2], "label": ["10%"],
         "halves": ["5 of 50"], "rate_text": ["10%"], "interval_text": ["4% to 21%"]}
    )  # fmt: skip
    bins = pl.DataFrame(
        {"from": [0.0], "to": [10.0], "calls": [5], "wait_text": "", "calls_text": "", "share_text": ""}
    )
    times = pl.DataFrame({"time_of_day": ["10:00"], "p50": [40.0], "p90": [90.0], "calls": [5], "p50_text": "",
                          "p90_text": "", "calls_text": ""})  # fmt: skip
    points = pl.DataFrame({"at": [0.0, 9.0], "share": [1.0, 0.9], "low": [1.0, 0.8], "high": [1.0, 0.95], "at_text": "",
                           "share_text": "", "interval_text": ""})  # fmt: skip
    marks = pl.DataFrame({"at": [9.0], "share": [0.9], "label": ["90% at 9 s"]})
    slices = pl.DataFrame({"from": [0.0], "to": [5.0], "rate": [0.01], "low": [0.005], "high": [0.02], "slice_text": "",
                           "rate_text": "", "halves": "", "interval_text": ""})  # fmt: skip
    return {
        name: chart.to_dict()
        for name, chart in {
            "daily rate": charts.daily_rate(days(91), palette=palette, target=0.05),
            "volumes": charts.volumes(tables.volumes(days(91)), palette=palette),
            "heat map": charts.heat_map(cells, palette=palette),
            "waits": waits.waits(bins, what="Answered", longest=60.0, palette=palette),
            "give up": waits.give_up_by_time(times, palette=palette),
            "patience": waits.survival_chart(points, palette=palette, title="Would still be waiting", marks=marks),
            "hazard": waits.hazard(slices, palette=palette),
        }.items()
    }


def found(spec: object, key: str) -> Iterator[Any]:
    """Every value of a key, however deep."""
    if isinstance(spec, dict):
        for name, value in spec.items():
            if name == key:
                yield value
            yield from found(value, key)
    elif isinstance(spec, list):
        for value in spec:
            yield from found(value, key)


@BOTH
def test_no_text_is_smaller_than_twelve_points(palette: Palette) -> None:
    for name, spec in drawn(palette).items():
        sizes = [size for key in ("fontSize", "labelFontSize", "titleFontSize") for size in found(spec, key)]
        assert len(sizes) >= 4, name
        assert min(sizes) >= 12, name


@BOTH
def test_every_colour_is_one_of_the_palettes_whose_contrast_is_tested(palette: Palette) -> None:
    known = {colour for value in vars(palette).values() if isinstance(value, str) for colour in [value]}
    known |= {colour for step in palette.steps for colour in (step.fill, step.text)}
    for name, spec in drawn(palette).items():
        written = {
            value for key in ("color", "stroke", "value") for value in found(spec, key) if isinstance(value, str)
        }
        strange = {value for value in written if value.startswith("#")} - known
        assert not strange, name


@BOTH
def test_no_chart_asks_anybody_else_for_its_data_or_font(palette: Palette) -> None:
    for name, spec in drawn(palette).items():
        assert not list(found(spec, "url")), name
        assert not list(found(spec, "href")), name


def test_a_heat_map_of_one_half_hour_has_room_for_it() -> None:
    assert drawn(LIGHT)["heat map"]["height"] >= 22 + 28  # a row, and the weekdays' names above it


def test_a_rate_is_drawn_from_nought() -> None:
    for name in ("daily rate", "hazard"):
        scales = [y["scale"] for y in found(drawn(LIGHT)[name], "y") if isinstance(y, dict) and "scale" in y]
        assert scales, name
        assert all(scale["zero"] for scale in scales), name


def test_a_rates_tooltip_tells_both_halves_and_the_interval() -> None:
    for name in ("daily rate", "heat map", "hazard"):
        told = set(found(drawn(LIGHT)[name], "field"))
        assert {"halves", "rate_text", "interval_text"} <= told, name


def test_the_three_volumes_differ_in_shape_and_dash_and_not_only_in_colour() -> None:
    spec = drawn(LIGHT)["volumes"]
    assert sorted(map(str, found(spec, "strokeDash"))) == ["[1, 0]", "[2, 2]", "[5, 3]"]
    assert ["square", "circle", "diamond"] in list(found(spec, "range"))


def test_the_target_has_its_name_written_on_it() -> None:
    assert "target: at most 5%" in str(drawn(LIGHT)["daily rate"]["datasets"])


@pytest.mark.parametrize(
    ("many", "first_marks", "form"),
    [(5, [5, 6, 7], "%a %-d %b"), (91, [5, 12, 19], "%-d %b"), (400, [1, 1, 1], "%b %Y")],
)
def test_the_days_along_the_foot_are_named_as_room_allows(many: int, first_marks: list[int], form: str) -> None:
    first = date(2026, 1, 5)
    marks, written = charts.day_marks(first, first + timedelta(days=many - 1))
    assert [mark.day for mark in marks[:3]] == first_marks
    assert written == form
    assert len(marks) <= charts.FEW_TICKS


def test_a_notebook_gets_the_same_chart_with_its_days_at_midnight() -> None:
    told = charts.daily_rate(days(2), palette=LIGHT)
    as_altair = told.to_altair().to_dict()
    assert as_altair["layer"] == told.to_dict()["layer"]
    assert as_altair["params"] == told.to_dict()["params"]
    [rows] = as_altair["datasets"].values()
    assert [row["day"] for row in rows] == ["2026-01-05T00:00:00", "2026-01-06T00:00:00"]
    assert [row["halves"] for row in rows] == ["5 of 50", "5 of 50"]


def test_a_chart_carries_no_column_that_it_does_not_show() -> None:
    [frame] = charts.daily_rate(days(2), palette=LIGHT).frames.values()
    assert set(frame.columns) == {"day", "key", "rate", "low", "high", "when", "halves", "rate_text", "interval_text"}
