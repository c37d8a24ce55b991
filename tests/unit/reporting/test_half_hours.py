"""Do the half-hours counted once say the same as the measures that read every call anew?"""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kcas.calls.call import OUTCOMES, SCHEMA
from kcas.calls.definitions import RATES, the_definition, the_service_level
from kcas.calls.measures import measure
from kcas.desk.standard import Standard
from kcas.reporting.measures_report import DOES_NOT_ADD, half_hour_counts, rated
from kcas.reporting.period_comparison import COUNTS

ZONE = "Europe/London"
BEFORE_THE_CLOCK_GOES_BACK = datetime(2026, 10, 25, 0, 10, tzinfo=UTC)


def calls(start: datetime, *, many: int = 200) -> pl.LazyFrame:
    """Calls seven minutes apart, of every outcome, with waits from nothing to 96 s and some not known."""
    names = list(OUTCOMES)
    rows = [
        {"leg": str(n), "queue": "kcas", "entered": start + timedelta(minutes=7 * n), "outcome": names[(5 * n) % 13],
         "wait": float((11 * n) % 97) if n % 9 else None, "talk": 60.0}
        for n in range(many)
    ]  # fmt: skip
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA).lazy()


@pytest.mark.parametrize("key", [key for key in RATES if key != DOES_NOT_ADD])
def test_any_definition_is_the_same_of_the_counts_as_of_the_calls(key: str) -> None:
    definition, level = the_definition(Standard(), key=key), the_service_level(Standard())
    found = calls(BEFORE_THE_CLOCK_GOES_BACK)
    expected = measure(found, standard=Standard(), by="half-hour", definition=definition)
    once = rated(half_hour_counts(found, zone=ZONE), definition=definition, service_level=level)
    columns = ["start", *COUNTS, "rate", "low", "high"]
    assert once.select(columns).equals(expected.select(once.select(columns).columns).cast(once.select(columns).schema))


def test_the_hour_that_comes_twice_stays_two_hours() -> None:
    found = calls(BEFORE_THE_CLOCK_GOES_BACK, many=20)
    once = rated(
        half_hour_counts(found, zone=ZONE),
        definition=the_definition(Standard()),
        service_level=the_service_level(Standard()),
    )
    assert once["start"].dt.strftime("%H:%M").to_list() == ["01:00", "01:30", "01:00", "01:30", "02:00"]


def test_no_calls_have_no_half_hours() -> None:
    once = rated(
        half_hour_counts(calls(BEFORE_THE_CLOCK_GOES_BACK, many=0), zone=ZONE),
        definition=the_definition(Standard()),
        service_level=the_service_level(Standard()),
    )
    assert once.is_empty()
