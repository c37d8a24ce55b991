"""Rates from calls, against hand calculations and published examples."""

from datetime import date

import polars as pl
import pytest

from kcas.calls.definitions import RATES, SERVICE_LEVELS, the_definition, the_service_level
from kcas.calls.measures import measure, select
from kcas.desk.standard import RATE_KEYS, SERVICE_LEVEL_KEYS, Standard
from kcas.errors import SettingError
from tests.calls_drawn import drawn

DESK = Standard()


def test_every_key_that_a_standard_may_name_has_its_formula() -> None:
    assert tuple(RATES) == RATE_KEYS
    assert tuple(SERVICE_LEVELS) == SERVICE_LEVEL_KEYS


def test_an_open_call_is_offered_but_kept_out_of_the_rate() -> None:
    row = measure(
        drawn(
            """
            outcome    wait
            answered   10
            answered   30
            abandoned  40
            open       -
            """
        ),
        standard=DESK,
    ).row(0, named=True)
    assert (row["offered"], row["numerator"], row["denominator"]) == (4, 1, 3)
    assert row["rate"] == pytest.approx(1 / 3)
    assert row["average_speed_of_answer"] == 20


def icmi(*, short: float = 5) -> pl.LazyFrame:
    """ICMI's worked example: 1000 answered, 860 in 20 s; 60 abandoned, 20 within 20 s, 10 within 5 s."""
    waits = [("answered", 20.0)] * 860 + [("answered", 20.5)] * 140
    waits += [("abandoned", short)] * 10 + [("abandoned", 20.0)] * 10 + [("abandoned", 21.0)] * 40
    return drawn("outcome wait\n" + "\n".join(f"{outcome} {wait}" for outcome, wait in waits))


@pytest.mark.parametrize(
    ("key", "published"),
    [
        ("sl_positive", 83.0189),
        ("sl_answered", 86.0),
        ("sl_negative", 81.1321),
        ("sl_ignored", 82.6923),
        ("sl_short", 82.0755),
        ("sl_offered", 81.1321),
    ],
)
def test_service_levels_are_as_icmi_worked_them_out(key: str, published: float) -> None:
    """ICMI QueueTips, July/August 2002, one example by five formulas."""
    level = the_service_level(DESK, key=key, within=20, short=5)
    row = measure(icmi(), standard=DESK, service_level=level).row(0, named=True)
    assert 100 * row["service_level"] == pytest.approx(published, abs=1e-3)


def test_the_repeated_hour_of_october_is_two_intervals() -> None:
    calls = drawn(
        """
        entered                    outcome    wait
        2010-10-31T01:10:00+01:00  answered   1
        2010-10-31T01:10:00+00:00  abandoned  1
        2010-10-31T01:20:00+00:00  abandoned  1
        """
    )
    rows = measure(calls, standard=DESK, by="half-hour")
    assert [start.isoformat() for start in rows["start"]] == ["2010-10-31T01:00:00+01:00", "2010-10-31T01:00:00+00:00"]
    assert rows["abandoned"].to_list() == [0, 2]
    assert measure(calls, standard=DESK, by="day")["offered"].to_list() == [3]


def test_the_last_day_is_left_out_and_a_call_belongs_to_its_entry_in_london() -> None:
    calls = drawn(
        """
        entered                    outcome    wait
        2010-04-11T22:59:59+00:00  answered   600
        2010-04-11T23:00:00+00:00  answered   1
        2010-04-12T22:59:59+00:00  answered   1
        2010-04-12T23:00:00+00:00  answered   1
        """
    )
    chosen = select(calls, standard=DESK, since=date(2010, 4, 12), until=date(2010, 4, 13))
    assert chosen.collect()["leg"].to_list() == ["leg/1", "leg/2"]
    rows = measure(calls, standard=DESK, by="day")
    assert [start.isoformat() for start in rows["start"]] == [
        "2010-04-11T00:00:00+01:00",
        "2010-04-12T00:00:00+01:00",
        "2010-04-13T00:00:00+01:00",
    ]
    assert rows["offered"].to_list() == [1, 2, 1]


def test_an_unknown_definition_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingError, match="Did you mean 'short_excluded'"):
        the_definition(DESK, key="short_exclude")
