"""`kcas chart` and `kcas since` over a store of invented days."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.call import SCHEMA
from kcas.calls.store import Store
from tests.unit.calls.store.rows import add
from tests.unit.cli.conftest import Run

FIRST = date(2009, 11, 2)  # a Monday
APRIL = date(2010, 4, 1)


def invented(days: int, *, every_day: dict[date, int] | None = None) -> pl.DataFrame:
    """Forty calls on each weekday; eight are lost before April 2010, five after; more on days that are named."""
    rows = []
    for day in (FIRST + timedelta(days=n) for n in range(days)):
        if day.weekday() < 5:
            wobble = (-1, 0, 1)[(day.toordinal() * 7 // 5) % 3]
            lost = (every_day or {}).get(day, (8 if day < APRIL else 5) + wobble)
            nine = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
            rows += [
                {"leg": f"{day}/{n}", "queue": "duty", "entered": nine + timedelta(minutes=n), "wait": 9.0,
                 "outcome": "abandoned" if n < lost else "answered"}
                for n in range(40)
            ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("monitor") / "store"
    add(Store(folder), "a-year.csv", invented(300, every_day={date(2010, 2, 9): 30}))
    return folder


def asked(kcas: Run, store: Path, *words: str) -> dict:
    code, out, wrong = kcas(*words, "--store", str(store), "--json")
    assert code == 0, wrong
    return json.loads(out)


def test_a_wild_day_is_a_signal_and_is_left_out_of_the_limits(kcas: Run, store: Path) -> None:
    found = asked(kcas, store, "chart", "--until", "2010-04-01")
    wild = next(point for point in found["points"] if point["start"] == "2010-02-09")
    assert (wild["numerator"], wild["denominator"], wild["value"]) == (30, 40, 0.75)
    assert wild["rule"] == "outside the limits"
    assert not wild["in_limits"]
    assert [signal["start"] for signal in found["signals"]] == ["2010-02-09"]
    assert found["sigma_z"] > 0
    assert not found["provisional"]
    assert found["centre"] == pytest.approx(0.2, abs=0.005)
    assert any("in one pass: 1." in note for note in found["notes"])


def test_a_bank_holiday_has_no_centre_of_its_own_where_there_are_few(kcas: Run, store: Path) -> None:
    found = asked(kcas, store, "chart", "--until", "2010-04-01")
    christmas = next(point for point in found["points"] if point["start"] == "2009-12-25")
    assert christmas["kind"] == "bank holiday"
    assert christmas["centre"] is None
    assert any("bank holiday" in note for note in found["notes"])


def test_limits_of_a_baseline_show_the_fall_after_it(kcas: Run, store: Path) -> None:
    found = asked(kcas, store, "chart", "--baseline-until", "2010-04-01")
    after = [point for point in found["points"] if point["start"] > "2010-05-01" and point["kind"] != "bank holiday"]
    assert all(point["side"] == "low" for point in after if point["rule"])
    assert all(point["rule"] for point in after)


def test_weeks_say_how_the_last_stands_and_a_few_have_no_limits(kcas: Run, store: Path) -> None:
    found = asked(kcas, store, "chart", "--by", "week", "--baseline-until", "2010-04-01")
    assert found["variation"] == "special_cause_improvement"
    assert found["points"][0]["upper"] is not None
    drawn = found["points"][-1]
    assert [found["limits"][name][-1] for name in ("lower", "upper")] == [drawn["lower"], drawn["upper"]]
    assert len(found["limits"]["lower"]) == len(found["points"])
    few = asked(kcas, store, "chart", "--by", "month", "--until", "2010-04-01")
    assert few["points"][0]["upper"] is None
    assert few["limits"] == {"lower": [None] * 5, "upper": [None] * 5}
    assert any("5 months are too few" in note for note in few["notes"])


def test_a_chart_of_days_without_calls_says_so_to_programs_too(kcas: Run, store: Path) -> None:
    none = "There are no calls before Thursday 1 January 2009; the log covers"
    found = asked(kcas, store, "chart", "--until", "2009-01-01")
    assert found["points"] == []
    assert [note for note in found["notes"] if note.startswith(none)]
    _, out, _ = kcas("chart", "--until", "2009-01-01", "--store", str(store))
    assert none in " ".join(out.split())


def test_days_left_out_of_the_chart_are_not_called_days_without_calls(kcas: Run, store: Path, tmp_path: Path) -> None:
    standard = tmp_path / "standard.toml"
    standard.write_text('[charts]\nholidays = "left out"\n')
    christmas = ("--since", "2009-12-25", "--until", "2009-12-26", "--standard", str(standard))
    found = asked(kcas, store, "chart", *christmas)
    assert found["points"] == []
    assert "The days chosen hold calls, but no point of this chart." in found["notes"]
    assert not [note for note in found["notes"] if "There are no calls" in note]


def test_a_target_has_an_assurance(kcas: Run, store: Path, tmp_path: Path) -> None:
    desk = tmp_path / "desk.toml"
    desk.write_text('[[targets]]\nmeasure = "rate"\nat_most = "10%"\nsource = "invented"\n')
    found = asked(kcas, store, "chart", "--by", "week", "--until", "2010-04-01", "--standard", str(desk))
    assert found["assurance"] == "consistent_fail"


def test_a_person_reads_which_points_ask_for_an_explanation(kcas: Run, store: Path) -> None:
    _, out, _ = kcas("chart", "--until", "2010-04-01", "--store", str(store))
    line = next(line for line in out.splitlines() if line.strip().startswith("2010-02-09"))
    assert "75.0%" in line
    assert "30/40" in line
    assert "outside the limits (high)" in line


def test_since_april_the_rate_is_lower_with_both_its_halves(kcas: Run, store: Path) -> None:
    found = asked(kcas, store, "since", "2010-04-01")
    assert found["verdict"] == "lower"
    # 21 whole weeks from 2 November to 28 March, 200 calls each; the week of the date belongs to neither side
    assert found["before"]["weeks"] == 21
    assert found["before"]["denominator"] == 21 * 200
    assert found["after"]["weeks"] == 21
    assert found["difference"] == pytest.approx(found["after"]["rate"] - found["before"]["rate"], abs=1e-9)
    assert found["low"] < found["difference"] < found["high"] < 0
    assert found["relative_risk"] == pytest.approx(found["after"]["rate"] / found["before"]["rate"], abs=1e-9)
    assert {"dispersion", "lag1", "sentence", "definition"} <= found.keys()
    assert found["sentence"].startswith("The rate is lower since 1 April 2010")


def test_a_week_that_the_log_does_not_tell_whole_is_left_out_and_counted(kcas: Run, store: Path) -> None:
    whole = asked(kcas, store, "since", "2010-04-01")
    assert whole["partial_weeks"] == 0
    # from a Wednesday on, and only until a Wednesday: two weeks are cut
    cut = asked(kcas, store, "since", "2010-04-01", "--since", "2009-11-04", "--until", "2010-08-26")
    assert cut["partial_weeks"] == 2
    assert (cut["before"]["weeks"], cut["after"]["weeks"]) == (20, 20)
    assert cut["notes"][0] == "2 weeks of which the log does not cover every open day are left out."
    assert cut["counts_only"][0] < cut["difference"] < cut["counts_only"][1]
    _, out, _ = kcas("since", "2010-04-01", "--since", "2009-11-04", "--store", str(store))
    assert "1 week of which the log does not cover every open day is left out." in out


def test_since_too_soon_a_date_there_is_not_enough_data(kcas: Run, store: Path) -> None:
    found = asked(kcas, store, "since", "2010-08-02", "--slope")
    assert found["verdict"] == "not enough data"
    assert found["difference"] is None
    assert found["after"]["weeks"] < 12


def test_a_date_that_is_none_is_said_so(kcas: Run, store: Path) -> None:
    code, out, wrong = kcas("since", "April 2010", "--store", str(store))
    assert (code, out) == (1, "")
    assert "'April 2010' is not a day" in wrong
