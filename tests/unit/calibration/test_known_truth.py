"""Is a desk whose truth is known found again from its log, within the intervals that are told?"""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.optimize import brentq

from kcas.calibration.day_records import day_log
from kcas.calibration.estimate_notes import spread_interval
from kcas.calibration.fitted import Fitted, fitted
from kcas.calibration.outside_queue import before_the_queue
from kcas.calibration.scenario_file import groups, text
from kcas.calibration.simulated_days import simulated_days
from kcas.calibration.staff_on_duty import inferred, lost_calls
from kcas.distributions.measured import PiecewiseExponential
from kcas.queueing.scenario_day import exact_day
from kcas.simulation.scenario.file import read_scenario
from tests.unit.simulation.known_desk import (
    AGENTS,
    CALLS,
    PATIENCE,
    TABLES,
    TALK,
    VARIATION,
    WRAP,
    known_calls,
    known_scenario,
)

DAYS = 60


@pytest.fixture(scope="module")
def found() -> Fitted:
    """The desk as its log of twelve weeks shows it."""
    log = day_log(known_calls(DAYS).lazy(), zone="Europe/London")
    return fitted(log, inferred(log))


def test_patience_is_found_as_the_law_it_was_within_its_interval(found: Fitted) -> None:
    assert found.patience.low < PATIENCE < found.patience.high
    assert found.patience.law["distribution"] in ("exponential", "weibull")


def test_handling_as_the_log_shows_it_is_found_within_its_interval(found: Fitted) -> None:
    hand = found.types["callers"].handling
    assert hand.low < TALK < hand.high
    assert hand.cv == pytest.approx(1.0, abs=0.05)


def test_each_weekdays_calls_are_found_within_three_errors(found: Fitted) -> None:
    error = VARIATION / np.sqrt(8)  # of a mean of some eight days that count
    for weekday, share in enumerate((1.15, 1.05, 1.0, 0.95, 0.85)):
        assert abs(np.log(found.volume.expected(weekday) / (CALLS * share))) < 3 * error


def test_how_much_days_differ_is_found_within_its_interval(found: Fitted) -> None:
    days = int(np.isfinite(found.volume.misses).sum())
    low, high = spread_interval(found.between.volume, days)
    assert low < VARIATION < high


def test_the_agents_on_duty_are_found(found: Fitted) -> None:
    for shape in found.profiles.values():
        assert shape.on_duty[19:33] == pytest.approx(np.full(14, AGENTS), rel=0.06)


def test_wrap_up_that_no_log_shows_is_found_as_time_not_available(found: Fitted) -> None:
    # the share of eight agents without wrap-up that lose as many callers as eight with it, on an average day
    calls = CALLS * np.array(TABLES["demand"]["arrival_profile"])[None] / sum(TABLES["demand"]["arrival_profile"])
    hazard = PiecewiseExponential(np.zeros(1), np.array([1 / PATIENCE]))
    eight = np.full((1, 16), float(AGENTS))
    truth = lost_calls(calls, eight, np.array([TALK + WRAP]), hazard).sum()
    share = brentq(lambda s: lost_calls(calls, eight * s, np.array([TALK]), hazard).sum() - truth, 0.7, 1.1)
    assert found.availability is not None
    assert found.availability.mean == pytest.approx(share, abs=0.04)
    assert found.availability.spread < 0.04  # days do not differ in it


def test_the_file_reads_and_simulates_to_the_rate_that_was_seen(found: Fitted, tmp_path: Path) -> None:
    [weekdays] = groups(found)
    before = before_the_queue(known_calls(DAYS).lazy(), zone="Europe/London")
    path = tmp_path / "desk.toml"
    path.write_text(text(found, before, weekdays), encoding="utf-8")
    days = simulated_days(read_scenario(path), days=400)
    seen = found.log.lost.sum() / found.log.volume.sum()
    assert days.lost.sum() / days.offered.sum() == pytest.approx(seen, abs=0.025)
    assert days.offered.mean() == pytest.approx(CALLS, rel=0.12)


def test_every_number_of_the_file_has_a_comment_above_it(found: Fitted) -> None:
    before = before_the_queue(known_calls(DAYS).lazy(), zone="Europe/London")
    lines = text(found, before, groups(found)[0]).splitlines()
    for key in (
        "calls_per_day",
        "arrival_profile",
        "day_to_day_sd",
        "handling_variation",
        "talk",
        "patience",
        "by_interval",
    ):
        [place] = [number for number, line in enumerate(lines) if line.startswith(f"{key} =")][:1]
        assert lines[place - 1].startswith("# "), key


def test_a_file_of_invented_calls_says_that_they_are(found: Fitted, tmp_path: Path) -> None:
    before = before_the_queue(known_calls(DAYS).lazy(), zone="Europe/London")
    path = tmp_path / "desk.toml"
    path.write_text(text(found, before, groups(found)[0], invented=True), encoding="utf-8")
    assert read_scenario(path).invented == ("everything",)


def test_types_whose_shares_add_up_but_for_rounding_have_an_exact_day() -> None:
    curve = {"distribution": "empirical", "at": ["30 s", "2 min"], "still_waiting": ["90%", "60%"], "tail": "5 min"}
    shares = ("57.08%", "38.33%", "4.59%")  # as weights these come to a rounding above one
    kinds = {f"t{n}": TABLES["types"]["callers"] | {"share": each, "patience": curve} for n, each in enumerate(shares)}
    one = known_scenario(types={"all": kinds["t0"] | {"share": "100%"}})
    assert exact_day(known_scenario(types=kinds)).total.rate == pytest.approx(exact_day(one).total.rate)


def test_a_log_with_too_few_calls_is_refused_with_what_would_do() -> None:
    from kcas.errors import LogError

    few = day_log(known_calls(DAYS).head(300).lazy(), zone="Europe/London")
    with pytest.raises(LogError, match=r"too few to fit a model to\. Expected at least 10 days"):
        fitted(few, inferred(few))


def test_callers_without_tokens_leave_redials_untold() -> None:
    without = known_calls(DAYS).with_columns(caller=pl.lit(None, dtype=pl.String))
    assert before_the_queue(without.lazy(), zone="Europe/London").again is None
