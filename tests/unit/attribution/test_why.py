"""Where only one thing differs on a simulated day, does that thing get nearly all of the difference?"""

from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest

from kcas.attribution.attribute import FACTORS, why_day, why_period
from kcas.attribution.observed_days import observed
from kcas.errors import ScenarioError
from tests.unit.attribution.desk_log import FIRST, log_of

WEEKS = 5
THE_DAY = FIRST + timedelta(weeks=WEEKS)
PEAK = [1] * 6 + [3] * 6 + [1] * 8


@cache
def normal():
    return log_of(days=5 * WEEKS, seed=1, variation="0%")


def days_with(**changes):
    """Five ordinary weeks, then a Monday on which something differs."""
    odd = log_of(days=1, seed=77, weekday_from=7 * WEEKS, **({"variation": "0%"} | changes))
    return observed(pl.concat([normal(), odd]), zone="UTC")


@cache
def why(**changes):
    frozen = {name: list(value) if isinstance(value, tuple) else value for name, value in changes.items()}
    told = []
    found = why_day(days_with(**frozen), THE_DAY, progress=lambda done, of: told.append(done / of))
    assert told[-1] == 1.0
    return found


def share_of(found, *factors):
    return sum(each.share for each in found.shares if each.factor in factors)


@pytest.mark.parametrize(
    ("factors", "changes"),
    [
        (("volume",), {"calls": 950}),
        (("handling",), {"handle": 350.0}),
        (("staff",), {"agents": (4,) * 20}),
        (("shape",), {"shape": tuple(PEAK)}),
        # as many agent-hours, but none where they would be wanted: the middle of the day
        (("timing",), {"agents": (8,) * 7 + (2,) * 6 + (8, 8, 8, 8, 8, 6, 6)}),
    ],
)
def test_the_only_thing_that_differs_gets_nearly_all(factors, changes):
    found = why(**changes)
    assert found.difference > 0.08
    rest = share_of(found, *set(FACTORS) - set(factors))
    assert share_of(found, *factors) == pytest.approx(found.difference, abs=0.25 * found.difference)
    # the dice of that day also brought a few calls more or fewer, and longer or shorter ones
    assert abs(rest) < 0.3 * found.difference
    biggest = max(found.shares, key=lambda each: each.share)
    assert biggest.factor in factors
    assert biggest.low > 0


def test_an_ordinary_day_is_left_within_what_days_usually_differ_by():
    found = why()
    assert found.within
    assert abs(found.difference) < 0.06


def test_all_shares_and_chance_add_up_to_the_observed_difference():
    found = why(calls=950)
    assert sum(each.share for each in found.shares) + found.chance.share == pytest.approx(found.difference, abs=1e-12)
    assert found.difference == pytest.approx(
        found.now.lost / found.now.offered - found.against.lost / found.against.offered
    )


def test_the_fit_finds_the_patience_that_was_simulated():
    fitted = why().fitted
    assert fitted.patience == pytest.approx(240, abs=4 * fitted.patience_error)
    # nothing is hidden in a simulated log but the time before an agent's first call and after the last
    assert fitted.availability == pytest.approx(1.0, abs=0.08)


def test_what_the_model_cannot_see_is_left_to_chance_and_said_to_be_unusual():
    # callers who wait only a quarter as long: no factor of a day, so it must not be shared out among them
    odd = log_of(days=1, seed=5, weekday_from=7 * WEEKS, variation="0%", agents=[5] * 20)
    gone = odd.with_columns(
        outcome=pl.when(pl.col("wait") > 20)
        .then(pl.lit("abandoned"))
        .otherwise(pl.col("outcome").cast(pl.String))
        .cast(odd.schema["outcome"])
    )
    found = why_day(observed(pl.concat([normal(), gone]), zone="UTC"), THE_DAY)
    assert not found.within
    assert found.chance.share > found.chance.high


def test_a_period_with_fewer_agents_is_told_from_one_with_more():
    fewer = log_of(days=5 * WEEKS, seed=2, weekday_from=7 * WEEKS, variation="0%", agents=[5] * 20)
    days = observed(pl.concat([normal(), fewer]), zone="UTC")
    told = []
    found = why_period(
        days.of(list(range(5 * WEEKS, 10 * WEEKS))), days.of(list(range(5 * WEEKS))),
        progress=lambda done, of: told.append(done / of),
    )  # fmt: skip
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert share_of(found, "staff") == pytest.approx(found.difference, rel=0.2)
    assert sum(each.share for each in found.shares) + found.chance.share == pytest.approx(found.difference, abs=1e-12)
    assert [each.factor for each in found.shares] == [*FACTORS, "availability", "patience"]


def test_a_day_that_has_no_normal_yet_says_what_is_missing():
    with pytest.raises(
        ScenarioError, match="only 1 day of its weekday before it, holidays left out; a normal one needs 4"
    ):
        why_day(days_with(), FIRST + timedelta(weeks=1))
    with pytest.raises(ScenarioError, match="no call was offered that day"):
        why_day(days_with(), date(2011, 1, 1))
