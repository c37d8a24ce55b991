"""Are handling and patience that change over the day found again, and none where there is none?"""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from kcas.calibration.day_records import DayLog, day_log
from kcas.calibration.fitted import Fitted, fitted
from kcas.calibration.outside_queue import before_the_queue
from kcas.calibration.scenario import over_the_day
from kcas.calibration.scenario_file import groups, text
from kcas.calibration.staff_on_duty import inferred
from kcas.calibration.time_of_day import drawn_together, handling_over_the_day, patience_over_the_day
from tests.unit.simulation.known_desk import known_calls

HALF_HOURS = range(18, 34)
SLOWER = {number: 1.3 if number < 22 else 0.9 for number in HALF_HOURS}
KEENER = {number: 0.7 if number < 26 else 1.4 for number in HALF_HOURS}
TYPES = {"short": 120.0, "long": 360.0}


def drawn(*, slower: dict[int, float], keener: dict[int, float], days: int = 60, seed: int = 11) -> DayLog:
    """Calls whose waits, hang-ups and handling are drawn one by one, and the long ones mostly in the morning."""
    rng = np.random.default_rng(seed)
    rows = []
    for day in (date(2010, 4, 5) + timedelta(days=number) for number in range(days)):
        for half_hour in HALF_HOURS:
            for _ in range(rng.poisson(25)):
                kind = "long" if rng.random() < (0.7 if half_hour < 24 else 0.2) else "short"
                at = half_hour * 1800 + rng.random() * 1800
                offered, patience = rng.exponential(60.0), rng.exponential(200.0) * keener[half_hour]
                lost = bool(patience < offered)
                handle = None if lost else float(rng.exponential(TYPES[kind]) * slower[half_hour])
                rows.append((day, at, min(offered, patience), lost, handle, kind))
    calls = pl.DataFrame(rows, schema=["day", "at", "wait", "lost", "handle", "type"], orient="row")
    calls = calls.with_columns(known=pl.lit(True))
    dates = tuple(calls["day"].unique().sort().to_list())
    none = np.zeros((len(dates), 48))
    return DayLog(dates, none, none, none[:, 0], none[:, 0], none[:, 0], calls, {})


ALIKE = dict.fromkeys(HALF_HOURS, 1.0)


def test_handling_by_half_hour_is_found_although_types_of_call_move_over_the_day() -> None:
    found = handling_over_the_day(drawn(slower=SLOWER, keener=ALIKE))
    mean = np.mean(list(SLOWER.values()))
    inside = [low < SLOWER[n] / mean * 1.0 < high for n in HALF_HOURS for low, high in [found.between(n)]]
    assert found.differs
    assert sum(inside) >= 13  # of 16 intervals of 95 %: fewer happens once in five hundred
    assert np.corrcoef(found.factors[list(HALF_HOURS)], list(SLOWER.values()))[0, 1] > 0.95


def test_patience_by_half_hour_is_found_from_calls_cut_short() -> None:
    found = patience_over_the_day(drawn(slower=ALIKE, keener=KEENER))
    early, late = (np.mean(found.factors[part]) for part in (slice(18, 26), slice(26, 34)))
    assert late / early == pytest.approx(2.0, rel=0.12)  # 1.4 against 0.7
    assert found.half_hours == 16


@pytest.mark.parametrize("seed", range(4))
def test_where_half_hours_are_alike_every_factor_is_one(seed: int) -> None:
    log = drawn(slower=ALIKE, keener=ALIKE, days=30, seed=100 + seed)
    for found in (handling_over_the_day(log), patience_over_the_day(log)):
        if not found.differs:  # one in twenty differs by chance; then it must lean far towards one
            assert (found.factors == 1.0).all()
        assert np.abs(np.log(found.factors)).max() < 0.1


def test_a_factor_is_drawn_together_as_the_formula_says() -> None:
    raw, errors = np.log(np.array([0.5, 1.0, 2.0])), np.array([0.1, 0.1, 0.2])
    found = drawn_together(np.array([0, 1, 2]), raw, errors, weights=np.ones(3), behind=300)
    precision = [100.0, 100.0, 25.0]
    mean = sum(p * r for p, r in zip(precision, raw, strict=True)) / 225
    far = sum(p * (r - mean) ** 2 for p, r in zip(precision, raw, strict=True))
    between = (far - 2) / (225 - (100**2 + 100**2 + 25**2) / 225)
    leant = [np.exp(between / (between + e**2) * (r - mean)) for r, e in zip(raw, errors, strict=True)]
    assert found.spread == pytest.approx(between**0.5)
    assert found.factors[:3] == pytest.approx(np.array(leant) / np.mean(leant))
    assert (found.factors[3:] == 1).all()


@pytest.mark.parametrize("took", [180.0, None])
def test_calls_that_all_take_the_same_or_whose_time_is_not_known_tell_of_no_change(took: float | None) -> None:
    log = drawn(slower=ALIKE, keener=ALIKE, days=5)
    handle = pl.when("lost").then(None).otherwise(pl.lit(took, dtype=pl.Float64))
    found = handling_over_the_day(replace(log, calls=log.calls.with_columns(handle=handle)))
    assert (found.factors == 1.0).all()
    assert not found.differs
    assert found.half_hours == (16 if took else 0)


@pytest.fixture(scope="module")
def known() -> Fitted:
    log = day_log(known_calls(60).lazy(), zone="Europe/London")
    return fitted(log, inferred(log))


def test_a_desk_that_is_alike_all_day_has_none_in_its_file_and_the_file_says_so(known: Fitted) -> None:
    before = before_the_queue(known_calls(60).lazy(), zone="Europe/London")
    said = text(known, before, groups(known)[0]).replace("\n# ", " ")
    for key, words in (("handling", "How handling changes over the day"), ("patience", "How patience changes over")):
        seen = known.handling_over_the_day if key == "handling" else known.patience_over_the_day
        assert (f"{key}_by_interval" in said) == seen.differs
        assert (words in said) != seen.differs


def test_factors_leave_the_mean_of_all_calls_where_it_is(known: Fitted) -> None:
    wide = replace(known.handling_over_the_day, factors=np.linspace(0.8, 1.3, 48), spread=0.1)
    calls = np.arange(1.0, 17.0)
    slower = replace(known)
    slower.__dict__["handling_over_the_day"] = wide
    told = over_the_day(slower, first=18, calls=calls)["handling_by_interval"]
    shares = [float(each.rstrip("%")) / 100 for each in told]
    assert calls @ np.array(shares) / calls.sum() == pytest.approx(1.0, abs=1e-4)
    assert shares[-1] / shares[0] == pytest.approx(wide.factors[33] / wide.factors[18], rel=1e-3)
