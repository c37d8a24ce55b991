"""Text columns: the same words as Polars would have been given, made without its pool."""

from datetime import date

import polars as pl

from kcas.reporting.tables import text, text_of_both


def test_each_value_is_written_and_a_null_stays_null() -> None:
    rows = pl.DataFrame({"share": [0.5, None, 0.25]})
    written = text(rows, "share", lambda share: f"{share:.0%}")
    assert written.to_list() == ["50%", None, "25%"]
    assert (written.name, written.dtype) == ("share", pl.String)


def test_a_null_is_written_where_the_words_have_one_for_it() -> None:
    rows = pl.DataFrame({"share": [None, 0.25]}, schema={"share": pl.Float64})
    words = text(rows, "share", lambda share: "not available" if share is None else f"{share:.0%}", nulls=True)
    assert words.to_list() == ["not available", "25%"]


def test_two_columns_are_written_together() -> None:
    rows = pl.DataFrame({"low": [1, None], "high": [2, 3]})
    assert text_of_both(rows, "low", "high", lambda low, high: f"{low} to {high}").to_list() == ["1 to 2", "None to 3"]


def test_a_date_reaches_the_function_as_a_date() -> None:
    rows = pl.DataFrame({"day": [date(2010, 3, 1)]})
    assert text(rows, "day", lambda day: day.strftime("%A")).to_list() == ["Monday"]


def test_no_rows_make_an_empty_text_column() -> None:
    none = pl.DataFrame(schema={"day": pl.Date, "low": pl.Float64})
    assert text(none, "day", str).to_frame().schema == {"day": pl.String}
    assert text_of_both(none, "day", "low", lambda day, low: f"{day} {low}").len() == 0
