"""Are days ahead forecast as theory says, are outages and holidays treated as stated, and is nothing later used?"""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kcas
from kcas.attribution.observed_days import Observed
from kcas.errors import LogError, SettingError
from kcas.forecasting.daily_model import day_columns, fit_days
from kcas.forecasting.days_ahead import CALLS, FEWEST_PAST_DAYS, History, forecast_days
from kcas.forecasting.days_ahead_backtest import ridge
from kcas.forecasting.half_hours import half_hour_model, overdispersion, profiles

MONDAY = date(2010, 3, 1)
SIZES = {"a": 0.3, "c": 0.1, "l": 0.6, "q": 0.12, "h": 9.0, "r": 0.1, "k": 60.0, "e": 0.1}
WEEKEND = (5, 6)


def days_from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def covariance(days: list[date]) -> np.ndarray:
    """As the model's document has it, day by day, written without the product's code."""
    found = np.empty((len(days), len(days)))
    for i, one in enumerate(days):
        for j, other in enumerate(days):
            gap = abs((one - other).days)
            turn = phase(one) - phase(other)
            kind = 4 * SIZES["a"] ** 2 * ((one.weekday() in WEEKEND) == (other.weekday() in WEEKEND))
            weekday = SIZES["a"] ** 2 * (one.weekday() == other.weekday())
            month = SIZES["c"] ** 2 * np.exp(-2 * np.sin(turn / 2) ** 2 / SIZES["l"] ** 2)
            quick, slow = SIZES["q"] ** 2 * 0.5 ** (gap / SIZES["h"]), SIZES["r"] ** 2 * 0.5 ** (gap / SIZES["k"])
            found[i, j] = 4 + kind + weekday + month + quick + slow
    return found


def phase(day: date) -> float:
    length = ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - day.replace(day=1)).days
    return 2 * np.pi * (day.day - 1) / length


def drawn(days: list[date], seed: int) -> np.ndarray:
    """Logarithms of calls from the model itself, about 1,000 a day."""
    rng = np.random.default_rng(seed)
    spread = covariance(days) - 4 + np.diag(np.full(len(days), SIZES["e"] ** 2))
    return rng.multivariate_normal(np.full(len(days), np.log(1000.0)), spread)


def test_a_forecast_is_the_conditional_mean_of_the_joint_normal_law() -> None:
    days = days_from(MONDAY, 60)
    values = drawn(days[:50], seed=3)
    model = fit_days(
        day_columns(days[:50], holidays=(), weekend=WEEKEND), values, noise=np.ones(50), priors=CALLS, sizes=SIZES
    )
    mean, spread = model.forecast(day_columns(days[50:], holidays=(), weekend=WEEKEND))
    joint = covariance(days) + np.diag(np.full(60, SIZES["e"] ** 2))
    centre = values.mean()
    gain = joint[50:, :50] @ np.linalg.inv(joint[:50, :50])
    assert mean == pytest.approx(centre + gain @ (values - centre), abs=1e-8)
    assert spread == pytest.approx(np.sqrt(np.diag(joint[50:, 50:] - gain @ joint[:50, 50:])), abs=1e-8)


def test_the_sizes_found_make_the_data_likelier_than_those_beside_them() -> None:
    days = days_from(MONDAY, 120)
    columns, values = day_columns(days, holidays=(), weekend=WEEKEND), drawn(days, seed=5)
    found = fit_days(columns, values, noise=np.ones(120), priors=CALLS).sizes

    def density(sizes: dict[str, float]) -> float:
        """Log posterior density, by the textbook's formula for the normal law."""
        model = fit_days(columns, values, noise=np.ones(120), priors=CALLS, sizes=sizes)
        away = values - values.mean()
        _, volume = np.linalg.slogdet(model.precision)
        prior = sum(((np.log(sizes[name]) - np.log(m)) / s) ** 2 for name, (m, s) in CALLS.items())
        return 0.5 * volume - 0.5 * float(away @ model.precision @ away) - 0.5 * prior

    best = density(dict(found))
    for name in found:
        for factor in (0.7, 1.4):
            assert density({**found, name: found[name] * factor}) < best + 1e-3, name


def test_intervals_of_the_model_hold_as_many_days_as_they_say() -> None:
    days = days_from(MONDAY, 104)
    columns = day_columns(days, holidays=(), weekend=WEEKEND)
    inside = []
    for seed in range(20):
        values = drawn(days, seed)
        model = fit_days(columns.of(slice(0, 90)), values[:90], noise=np.ones(90), priors=CALLS)
        mean, spread = model.forecast(columns.of(slice(90, 104)))
        inside.append(np.abs(values[90:] - mean) < 1.2816 * spread)  # eight of ten of a normal law
    # 280 days that hang together by level: about 60 free ones, of which 80 % are inside give or take 16 points
    assert np.mean(inside) == pytest.approx(0.8, abs=0.16)


def test_a_holiday_counts_as_the_weekend_and_its_eve_as_its_first_day() -> None:
    friday, monday = date(2010, 4, 2), date(2010, 4, 5)
    two = date(2010, 12, 27)
    columns = day_columns(
        [friday, monday, two, two + timedelta(days=1)], holidays={friday, monday, two, two + timedelta(days=1)},
        weekend=WEEKEND,
    )  # fmt: skip
    assert columns.weekday.tolist() == [6, 6, 5, 6]
    assert columns.weekend.all()


def history(days: list[date], calls: np.ndarray, *, holidays: tuple[date, ...] = ()) -> History:
    """A desk open from 09:00 to 10:00: a third of the calls in the first half-hour, one in ten abandoned."""
    by_slot = np.round(np.outer(calls, [1 / 3, 2 / 3]))
    offered = by_slot.sum(axis=1)
    lost = np.round(offered / 10)
    return History(
        Observed(
            dates=tuple(days), calls=by_slot, agents=np.full(by_slot.shape, 8.0), lost=lost, over=lost,
            answered=offered - lost, queue_time=offered * 30.0, handled=offered - lost,
            handle=np.full(len(days), 300.0), opens=32400.0, interval=1800.0,
        ),
        holidays,
    )  # fmt: skip


def steady(days: list[date]) -> np.ndarray:
    """1,000 calls on weekdays, 200 at the weekend."""
    return np.array([200.0 if day.weekday() in WEEKEND else 1000.0 for day in days])


def test_a_desk_that_never_changes_is_forecast_as_it_is() -> None:
    days = days_from(MONDAY, 70)
    ahead = forecast_days(history(days, steady(days)), days[-1] + timedelta(days=1), 7)
    assert [each.calls.value for each in ahead.days] == pytest.approx([1000.0] * 5 + [200.0] * 2, rel=0.02)
    assert [each.rate.value for each in ahead.days] == pytest.approx([0.1] * 7, abs=0.004)
    assert [each.handling for each in ahead.days] == pytest.approx([300.0] * 7, rel=0.01)
    assert [each.agent_hours for each in ahead.days] == pytest.approx([8.0] * 7, rel=0.01)  # eight for an hour


def test_an_outage_does_not_teach() -> None:
    days = days_from(MONDAY, 70)
    calls = steady(days) * np.exp(0.05 * np.random.default_rng(2).standard_normal(70))
    broken = calls.copy()
    broken[-6] *= 0.2  # the last Tuesday
    usual, after = (forecast_days(history(days, each), days[-1] + timedelta(days=1), 7) for each in (calls, broken))
    for one, other in zip(usual.days, after.days, strict=True):
        assert other.calls.value == pytest.approx(one.calls.value, rel=0.03)


def test_half_hours_share_out_their_day() -> None:
    days = days_from(MONDAY, 70)
    known = history(days, steady(days))
    ahead = forecast_days(known, days[-1] + timedelta(days=1), 2)
    halves = half_hour_model(known, ahead.origin, ahead.errors).forecast(ahead.days)
    assert [(each.begins, each.calls.value / each.day.calls.value) for each in halves[:2]] == [
        (32400.0, pytest.approx(1 / 3, abs=0.01)), (34200.0, pytest.approx(2 / 3, abs=0.01)),
    ]  # fmt: skip
    assert [each.agents for each in halves] == pytest.approx([8.0] * 4, rel=0.02)


def test_a_weekday_seen_twice_takes_three_quarters_of_its_profile_from_its_kind() -> None:
    days = [*days_from(MONDAY, 2), MONDAY + timedelta(days=7), MONDAY + timedelta(days=8)]
    slots = np.array([[10.0, 0.0], [0.0, 10.0], [10.0, 0.0], [0.0, 10.0]])
    known = history(days, np.full(4, 10.0))
    shaped = History(Observed(**{**known.days.__dict__, "calls": slots}))
    found = profiles(shaped, before=date(2010, 4, 1).toordinal())
    assert found.calls[0] == pytest.approx([(2 * 1 + 6 * 0.5) / 8, 6 * 0.5 / 8])


def test_the_spread_of_half_hours_is_found_again() -> None:
    rng = np.random.default_rng(8)
    expected = np.full(20_000, 40.0)
    law = rng.negative_binomial(1 / 0.1, 1 / (1 + 0.1 * expected)).astype(float)  # variance 40 + 0.1 × 40²
    assert overdispersion(law, expected, share=0.8) == pytest.approx(0.1, rel=0.15)
    assert overdispersion(rng.poisson(expected).astype(float), expected, share=0.95) < 0.005


def test_too_few_days_are_said() -> None:
    days = days_from(MONDAY, FEWEST_PAST_DAYS - 1)
    with pytest.raises(LogError, match="Too few days to forecast from: 14 with calls before 2010-03-15"):
        forecast_days(history(days, steady(days)), days[-1] + timedelta(days=1), 7)


def written(path: Path, days: list[date], *, seed: int = 1) -> Path:
    """A queue log: some 60 calls a day from nine to five, one in ten given up after 20 seconds."""
    rng = np.random.default_rng(seed)
    lines = []
    for day in days:
        midnight = int((day - date(1970, 1, 1)).days * 86400)
        count = rng.poisson(20 if day.weekday() in WEEKEND else 60)
        for call, at in enumerate(np.sort(rng.uniform(9 * 3600, 17 * 3600, count)).astype(int).tolist()):
            name, begun = f"{midnight}.{call}", midnight + at
            lines.append((begun, f"{begun}|{name}|duty|NONE|ENTERQUEUE||01622000000|1"))
            if rng.random() < 0.1:
                lines.append((begun + 20, f"{begun + 20}|{name}|duty|NONE|ABANDON|1|1|20"))
            else:
                lines.append((begun + 5, f"{begun + 5}|{name}|duty|SIP/{call % 4}|CONNECT|5|{name}9|2"))
                lines.append((begun + 180, f"{begun + 180}|{name}|duty|SIP/{call % 4}|COMPLETECALLER|5|175|1"))
    path.write_text("\n".join(text for _, text in sorted(lines)) + "\n", encoding="utf-8")
    return path


def opened(tmp_path: Path, days: list[date], name: str) -> Any:
    store = kcas.open_store(tmp_path / name, zone="UTC")
    store.ingest(written(tmp_path / f"{name}.log", days), format="asterisk_queue_log", key_file=tmp_path / "key")
    return store


def test_nothing_of_the_days_forecast_or_later_is_used(tmp_path: Path) -> None:
    days = days_from(MONDAY, 56)
    less, more = opened(tmp_path, days[:42], "less"), opened(tmp_path, days, "more")
    now = less.forecast(days=7)
    then = more.forecast(days=7, start=days[42])
    assert now.to_dict()["rows"] == then.to_dict()["rows"]
    assert now.to_dict()["log_until"] == then.to_dict()["log_until"] == "2010-04-11"


def test_the_forecast_has_the_keys_of_the_contract_and_bounds_in_order(tmp_path: Path) -> None:
    store = opened(tmp_path, days_from(MONDAY, 42), "six weeks")
    for by in ("day", "half-hour"):
        told = json.loads(json.dumps(store.forecast(days=3, by=by).to_dict()))
        assert {"made", "method_weights", "rows"} <= told.keys()
        for row in told["rows"]:
            assert (
                row["calls_low95"] <= row["calls_low80"] <= row["calls"] <= row["calls_high80"] <= row["calls_high95"]
            )
    assert told["rows"][0]["start"] == "2010-04-12T09:00:00+00:00"
    assert {row["start"][:10] for row in told["rows"]} == {"2010-04-12", "2010-04-13", "2010-04-14"}
    whole = store.forecast(days=3).to_dict()["rows"]
    assert sum(row["calls"] for row in told["rows"]) == pytest.approx(sum(row["calls"] for row in whole))


def test_a_weekday_on_which_the_desk_is_closed_is_not_forecast(tmp_path: Path) -> None:
    open_days = [day for day in days_from(MONDAY, 70) if day.weekday() < 5]
    store = opened(tmp_path, open_days, "weekdays")
    starts = [row["start"][:10] for row in store.forecast(days=7, start=date(2010, 5, 10)).to_dict()["rows"]]
    assert starts == [f"2010-05-{day}" for day in range(10, 15)]


def test_scores_name_the_rules_beside_them(tmp_path: Path) -> None:
    store = opened(tmp_path, days_from(MONDAY, 70), "ten weeks")
    scores = store.forecast_backtest(since="2010-04-26").to_dict()["scores"]
    assert {(each["horizon_days"], each["by"]) for each in scores} == {
        (horizon, by) for horizon in (1, 7, 14) for by in ("day", "half-hour", "rate")
    }
    for each in scores:
        if each["by"] == "day":
            assert 0.05 < each["wape"] < 0.25  # Poisson's chance of 60 calls alone is about 10 %
            assert "last four same weekdays" in each["baseline_wape"]


def test_what_cannot_be_asked_is_said(tmp_path: Path) -> None:
    store = opened(tmp_path, days_from(MONDAY, 42), "asked")
    with pytest.raises(SettingError, match="by: 'hour' is not known"):
        store.forecast(by="hour")
    with pytest.raises(SettingError, match="Expected 1 to 182"):
        store.forecast(days=200)


def test_ridge_is_the_augmented_least_squares() -> None:
    """A penalty is as good as rows of data: λ^½ for each coefficient but the constant (Hoerl and Kennard 1970)."""
    days = days_from(MONDAY, 60)
    known = history(days, steady(days) * np.exp(0.1 * np.random.default_rng(9).standard_normal(60)))
    series = known.calls()
    rows, came = [], []
    for place in range(15, 60):  # two weeks of days before the day before
        same = series.values[place - 7]
        week = series.values[place - 7 : place].mean()
        rows.append([1.0, same, week, *(float(days[place].weekday() == each) for each in range(7))])
        came.append(series.values[place])
    extra = np.sqrt(5.0) * np.eye(10)[1:]
    weights = np.linalg.lstsq(np.vstack([rows, extra]), np.concatenate([came, np.zeros(9)]), rcond=None)[0]
    next_day = days[-1] + timedelta(days=1)
    row = [1.0, series.values[-7], series.values[-7:].mean(), *(float(next_day.weekday() == each) for each in range(7))]
    found = ridge(series, known.columns([next_day]), next_day)
    assert found == pytest.approx(float(np.array(row) @ weights), abs=1e-6)


@pytest.mark.slow
def test_the_bank_is_forecast_better_than_by_simple_rules(shared: Path, tmp_path: Path) -> None:
    """Each day of eleven weeks of a real log; the sizes of the errors are the trial's, in its own document."""
    settings = tmp_path / "bank.toml"
    settings.write_text(
        'name = "Bank"\ntime_zone = "Asia/Jerusalem"\n[holidays]\nof = "none"\nalso = [1999-03-31, 1999-04-01, '
        '1999-04-06, 1999-04-07, 1999-04-20, 1999-04-21]\n[charts]\nweekend = ["friday", "saturday"]\n',
        encoding="utf-8",
    )
    store = kcas.open_store(tmp_path / "store", standard=settings)
    store.ingest(sorted((shared / "data" / "technion_bank_1999").glob("*.gz")), key_file=tmp_path / "key")
    for each in store.forecast_backtest(since="1999-02-18").scores:
        assert each.error < min(each.baseline_error.values()), (each.by, each.horizon_days)
        if each.by == "day":
            assert each.error < 0.145
        if each.by == "rate" and each.horizon_days == 7:
            assert each.error < 0.057
