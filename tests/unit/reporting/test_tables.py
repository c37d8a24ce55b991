"""Do the tables say what the counts say, and can nobody smuggle a formula into them?"""

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from kcas.reporting import period_comparison, tables
from kcas.reporting.palettes import LIGHT

KENT = ZoneInfo("Europe/London")


def half_hours(rows: list[tuple[str, int, int]]) -> pl.DataFrame:
    """A row a half-hour: (local start, abandoned, offered)."""
    frame = pl.DataFrame(
        {
            "start": [datetime.fromisoformat(start).replace(tzinfo=KENT) for start, _, _ in rows],
            "offered": [offered for _, _, offered in rows],
            "answered": [offered - lost for _, lost, offered in rows],
            "abandoned_all": [lost for _, lost, _ in rows],
            "numerator": [lost for _, lost, _ in rows],
            "denominator": [offered for _, _, offered in rows],
        },
        schema_overrides={"start": pl.Datetime("us", "Europe/London")},
    )
    return period_comparison.with_rate(frame)


def test_the_same_half_hour_of_two_mondays_is_one_cell_whose_counts_are_added() -> None:
    cells = tables.cells(half_hours([("2026-11-16T10:00", 1, 10), ("2026-11-23T10:00", 20, 40)]), palette=LIGHT)
    assert cells.height == 1
    cell = cells.row(0, named=True)
    assert (cell["weekday"], cell["half_hour"]) == ("Monday", "10:00")
    assert cell["halves"] == "21 of 50"
    assert cell["label"] == "42%"


def test_a_cell_of_few_calls_shows_no_rate_but_keeps_its_counts() -> None:
    rows = half_hours([("2026-11-16T10:00", 3, 4), ("2026-11-17T10:00", 3, 30), ("2026-11-16T03:00", 1, 2)])
    cells = tables.cells(rows, palette=LIGHT)
    assert cells["half_hour"].unique().to_list() == ["10:00"]  # at 03:00 no weekday has calls enough
    cell = cells.filter(weekday="Monday").row(0, named=True)
    assert (cell["label"], cell["step"], cell["halves"]) == ("·", 0, "3 of 4")


def test_the_worst_half_hours_are_those_surely_bad_and_not_the_smallest() -> None:
    rows = half_hours([("2026-11-16T10:00", 19, 19), ("2026-11-16T10:30", 12, 20), ("2026-11-16T11:00", 90, 180)])
    # Of 180 half were lost: at least 43% by its interval; of 20 twelve: at least 39%; nineteen calls are too few.
    assert tables.worst(rows)["when"].to_list() == ["Mon 16 Nov 2026, 11:00", "Mon 16 Nov 2026, 10:30"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+44", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠SUM(1)"]
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert (
        next(iter(csv.DictReader(io.StringIO(tables.csv(pl.DataFrame({"q": [text]})), newline=""))))["q"] == "'" + text
    )


def test_plain_text_and_numbers_go_into_the_csv_as_they_are() -> None:
    frame = pl.DataFrame({"queue": ["IT", "=HYPERLINK(1)"], "wait": [-1.5, 2.0]})
    assert tables.csv(frame) == "queue,wait\nIT,-1.5\n'=HYPERLINK(1),2.0\n"
