"""Do the listed calls add up to the number they are said to be behind?"""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from kcas.calls.call import OUTCOMES, SCHEMA
from kcas.calls.definitions import RATES, the_definition
from kcas.calls.drill_down import BOTTOM, TOP, Slice, sliced, with_halves
from kcas.calls.measures import measure
from kcas.desk.standard import Standard

ZONE = "Europe/London"
MONDAY = datetime(2026, 7, 6, 9, 0, tzinfo=UTC)  # 10:00 in Kent


def calls() -> pl.LazyFrame:
    """Every outcome, after 3, 5, 31 and 61 seconds and after a wait that is not known, from eight callers."""
    rows = [
        {"leg": f"{outcome}/{wait}", "queue": "kcas", "entered": MONDAY + timedelta(minutes=n), "outcome": outcome,
         "wait": wait, "caller": f"c{(7 * n) % 8}" if n % 5 else None}
        for n, (outcome, wait) in enumerate((o, w) for o in OUTCOMES for w in (3.0, 5.0, 31.0, 61.0, None))
    ]  # fmt: skip
    return (
        pl.DataFrame(rows, schema_overrides={k: v for k, v in SCHEMA.items() if k in rows[0]})
        .lazy()
        .with_columns(pl.lit(None, dtype=SCHEMA[name]).alias(name) for name in SCHEMA if name not in rows[0])
    )


@pytest.mark.parametrize("key", RATES)
def test_the_calls_behind_a_rate_are_as_many_as_its_halves(key: str) -> None:
    definition = the_definition(Standard(), key=key)
    marked = with_halves(calls(), definition=definition, zone=ZONE).collect()
    whole = measure(calls(), standard=Standard(), definition=definition).row(0, named=True)
    if key == "lost_callers":  # counts callers: as many as the listed calls have
        assert marked.filter(TOP)["caller"].n_unique() == whole["numerator"]
        assert marked.filter(BOTTOM)["caller"].n_unique() == whole["denominator"]
    else:
        assert (marked[TOP].sum(), marked[BOTTOM].sum()) == (whole["numerator"], whole["denominator"])


def test_an_abandon_of_exactly_the_threshold_is_short_where_the_definition_says_so() -> None:
    marked = with_halves(calls(), definition=the_definition(Standard(), key="short_excluded"), zone=ZONE)
    told = {leg: (top, bottom) for leg, top, bottom in marked.select("leg", TOP, BOTTOM).collect().iter_rows()}
    assert told["abandoned/5.0"] == (False, False)
    assert told["abandoned/31.0"] == (True, True)
    assert told["abandoned/None"] == (True, True)
    assert told["open/31.0"] == (False, False)


def test_a_slice_is_cut_by_the_desks_own_clock() -> None:
    # Twelve minutes past nine by UTC in July is 10:12 in Kent; five calls of each outcome from 10:00, a minute apart.
    assert sliced(calls(), Slice(day=date(2026, 7, 6), half_hour="10:30"), zone=ZONE).collect().height == 30
    assert sliced(calls(), Slice(half_hour="09:00"), zone=ZONE).collect().height == 0
    assert sliced(calls(), Slice(weekday=1), zone=ZONE).collect().height == 5 * len(OUTCOMES)
    assert sliced(calls(), Slice(weekday=2), zone=ZONE).collect().height == 0
    assert sliced(calls(), Slice(waited=31), zone=ZONE).collect().height == 2 * len(OUTCOMES)
