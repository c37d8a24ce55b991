"""Does a desk whose truth is known fall within what was foretold of it, and is a broken assumption named?"""

from datetime import date

import numpy as np
import polars as pl
import pytest

from kcas.calibration.backtest.assumptions import Verdict, misses, verdicts, yardstick
from kcas.calibration.backtest.run import Backtest, backtest, stretches
from kcas.calibration.day_records import DayLog, day_log
from kcas.calibration.fitted import fitted, matched
from kcas.calibration.staff_on_duty import inferred
from kcas.errors import LogError, SettingError
from tests.unit.simulation.known_desk import known_calls

FIRST = date(2010, 3, 1)
DAYS = 60  # from Monday 4 January to Friday 26 March 2010


@pytest.fixture(scope="module")
def log() -> DayLog:
    """Twelve weeks of the known desk."""
    return day_log(known_calls(DAYS).lazy(), zone="Europe/London")


@pytest.fixture(scope="module")
def free(log: DayLog) -> Backtest:
    """March foretold from January and February, nothing given."""
    return backtest(log, inferred(log), fit_until=FIRST, rolling=False)


@pytest.fixture(scope="module")
def given(log: DayLog) -> Backtest:
    """The same with each day's calls, handling and staff given."""
    facts = frozenset(("volume", "handling", "staff"))
    return backtest(log, inferred(log), fit_until=FIRST, rolling=False, given=facts)


def test_days_fall_within_their_intervals_as_often_as_is_said(free: Backtest, given: Backtest) -> None:
    # 20 days: fewer than 16 within a 95 % interval happens once in four hundred times
    for found in (free, given):
        score = found.score()
        assert score.days == 20
        assert (score.inside95 or 0) >= 16
    assert (free.score("volume").inside95 or 0) >= 16
    assert (free.score("wait").inside95 or 0) >= 16


def test_given_the_facts_the_model_is_nearer_than_without_and_than_every_rival(free: Backtest, given: Backtest) -> None:
    table = given.table()
    assert table["model"].error < free.score().error
    assert table["model"].error < min(score.error for name, score in table.items() if name != "model")
    assert table["model"].error < 0.015


def test_intervals_are_narrower_where_more_is_given(free: Backtest, given: Backtest) -> None:
    widths = [np.mean([day.rate.high95 - day.rate.low95 for day in found.days]) for found in (free, given)]
    assert widths[1] < 0.7 * widths[0]


def test_nothing_of_a_day_to_come_is_known_before(log: DayLog, free: Backtest) -> None:
    later = np.array([day >= FIRST for day in log.dates])
    otherwise = np.where(later, 2.0, 1.0)
    changed = DayLog(
        log.dates, log.offered * otherwise[:, None], log.abandoned, log.handling * otherwise, log.handled,
        log.mean_wait, log.calls, log.blemishes,
    )  # fmt: skip
    again = backtest(changed, inferred(log) * otherwise[:, None], fit_until=FIRST, rolling=False)
    assert [day.rate for day in again.days] == [day.rate for day in free.days]
    assert [day.rivals for day in again.days] == [day.rivals for day in free.days]
    assert {day.fitted_until for day in again.days} == {date(2010, 2, 26)}


def test_weeks_follow_each_other_without_a_gap(log: DayLog) -> None:
    spans = list(stretches(log, fit_until=None, rolling=True))
    assert spans[0][0] == date(2010, 2, 1)
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
    assert spans[-1][1] == date(2010, 3, 27)


def test_a_fit_that_leaves_nothing_to_foretell_is_refused(log: DayLog) -> None:
    with pytest.raises(LogError, match="leaves nothing to fit to or nothing to forecast"):
        list(stretches(log, fit_until=date(2010, 4, 1), rolling=False))


@pytest.mark.parametrize("broken", [None, "handling", "arrivals", "staffing"])
def test_the_assumption_that_was_broken_is_named_and_no_other_of_the_three(log: DayLog, broken: str | None) -> None:
    before = np.array([day < FIRST for day in log.dates])
    on_duty = inferred(log)
    model = fitted(log.only(before), on_duty[before], ahead=26)
    late = {
        name: np.where(before, 1.0, 1.6 if broken == name else 1.0) for name in ("handling", "arrivals", "staffing")
    }
    now = DayLog(
        log.dates, log.offered * late["arrivals"][:, None], log.abandoned, log.handling * late["handling"], log.handled,
        log.mean_wait, log.calls, log.blemishes,
    )  # fmt: skip
    rows = np.flatnonzero(~before)
    told = verdicts(
        misses(
            yardstick(model),
            now,
            on_duty * late["staffing"][:, None],
            rows.tolist(),
            matched(log, on_duty, model.hazard),
        )
    )
    failed = {each.name for each in told if each.fails}
    assert failed & set(late) == ({broken} if broken else set())
    assert "patience" not in failed


def test_hang_ups_that_come_sooner_are_patience_that_fails(log: DayLog) -> None:
    before = np.array([day < FIRST for day in log.dates])
    on_duty = inferred(log)
    model = fitted(log.only(before), on_duty[before], ahead=26)
    twice = DayLog(**{**vars(log), "abandoned": log.abandoned * np.where(before, 1.0, 2.0)[:, None]})
    unknown = np.full(len(log.dates), np.nan)
    told = verdicts(misses(yardstick(model), twice, on_duty, np.flatnonzero(~before).tolist(), (unknown, unknown)))
    assert "patience" in {each.name for each in told if each.fails}


def test_a_log_without_weekday_in_the_fit_leaves_that_day_out_and_says_so(log: DayLog) -> None:
    saturday = (
        known_calls(DAYS)
        .filter(pl.col("entered").dt.date() == date(2010, 3, 5))
        .with_columns(entered=pl.col("entered") + pl.duration(days=1))
    )
    with_it = day_log(pl.concat([known_calls(DAYS), saturday]).lazy(), zone="Europe/London")
    few = with_it.only(np.array([day <= date(2010, 3, 7) for day in with_it.dates]))
    assert backtest(few, inferred(few), fit_until=FIRST, rolling=False).left_out == (date(2010, 3, 6),)


def test_an_assumption_that_is_off_all_along_says_so_though_no_day_is_outside_its_interval() -> None:
    steady = Verdict("handling", 24, ratio=1.08, outside=0, drifted=True)
    assert steady.words == (
        "handling (fails): mean handling of the day came out at 108.0% of the forecast on the middle day, further "
        "off all along than weeks are by chance, and outside the 95% interval on 0 of 24 days."
    )
    assert Verdict("handling", 24, ratio=1.01, outside=1, drifted=False).words.startswith("handling (holds): ")


@pytest.mark.parametrize("given", [("volume",), ("handling",), ("staff",), ("volume", "staff")])
def test_some_facts_of_a_day_without_the_others_are_not_offered(log: DayLog, given: tuple[str, ...]) -> None:
    with pytest.raises(SettingError, match="all together or not at all"):
        backtest(log, inferred(log), fit_until=FIRST, rolling=False, given=frozenset(given))
