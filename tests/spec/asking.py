"""Puts the question of a drawing to the product."""

from dataclasses import replace
from typing import Any

import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA, empty
from kcas.calls.definitions import the_definition, the_service_level
from kcas.calls.measures import Measured, measured, query_of
from kcas.desk.standard import Standard
from tests.calls_drawn import drawn, moment
from tests.spec.drawn_measures import Drawn

DAY = "2010-04-12"


def answer(picture: Drawn) -> Measured:
    """The product's answer to a drawing."""
    standard = replace(Standard(), **picture.standard)
    question = query_of(
        standard,
        by=picture.by,
        definition=the_definition(standard, **picture.rate),
        service_level=the_service_level(standard, **picture.level),
    )
    calls = drawn(picture.calls, day=DAY) if picture.calls else empty().lazy()
    return measured(calls, question, intervals=interval_table(picture.table) if picture.table else None)


def interval_table(picture: str) -> pl.LazyFrame:
    """The rows of an interval table drawn as text, wall clocks of one day in London."""
    _, *lines = (line.split() for line in picture.strip().splitlines())
    rows = [
        (
            moment(start, day=DAY, zone="Europe/London"),
            moment(end, day=DAY, zone="Europe/London"),
            "desk",
            measure,
            None if threshold == "-" else float(threshold),
            float(amount),
        )
        for start, end, measure, threshold, amount in lines
    ]
    return pl.DataFrame(rows, schema=INTERVAL_SCHEMA, orient="row").lazy()


def told(row: dict[str, Any], name: str) -> Any:
    """A figure of a row as a drawing writes it: a rate by its two halves, a moment in ISO 8601."""
    if name == "rate":
        return None if row["rate"] is None else f"{row['numerator']}/{row['denominator']}"
    if name == "service_level":
        return f"{row['service_level_numerator']}/{row['service_level_denominator']}"
    return row["start"].isoformat() if name == "start" else row[name]
