"""`kcas explain` over a store of a simulated desk's days, one Monday of which was short of agents."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.call import SCHEMA
from kcas.calls.store import Store
from tests.unit.attribution.desk_log import FIRST, log_of
from tests.unit.calls.store.rows import add
from tests.unit.cli.conftest import Run

WEEKS = 4
SHORT = FIRST + timedelta(weeks=WEEKS)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explain") / "store"
    short = log_of(days=1, seed=77, weekday_from=7 * WEEKS, variation="0%", agents=[6] * 6 + [2] * 4 + [6] * 10)
    calls = pl.concat([log_of(days=5 * WEEKS, seed=1, variation="0%"), short]).select(*SCHEMA)
    add(Store(folder), "desk.csv", calls.with_columns(leg=pl.col("leg") + pl.col("entered").cast(pl.String)))
    return folder


def test_a_day_short_of_agents_is_explained_by_them(kcas: Run, store: Path) -> None:
    code, out, wrong = kcas("explain", "--day", str(SHORT), "--store", str(store), "--zone", "UTC", "--json")
    assert code == 0, wrong
    found = json.loads(out)
    shares = {row["factor"]: row["share"] for row in found["shares"]}
    assert sum(shares.values()) == pytest.approx(found["difference"])
    assert shares["staff"] + shares["timing"] > 0.6 * found["difference"] > 0.03
    assert found["sentence"].startswith("Monday 1 February 2010 had ")
    assert f"{found['now']['lost']:.0f} of {found['now']['offered']:.0f}" in found["sentence"]
    assert "a normal Monday" in found["sentence"]
    assert "fewer from 11:00 to 13:" in found["sentence"]
    assert found["model"] is True
    assert any("not proof" in note for note in found["notes"])


def test_the_table_for_a_person_ends_in_chance_and_says_it_is_a_model(kcas: Run, store: Path) -> None:
    code, out, _ = kcas("explain", "--day", str(SHORT), "--store", str(store), "--zone", "UTC")
    assert code == 0
    lines = [line.strip() for line in out.splitlines() if line.strip()]
    order = ["How many calls", "When they came", "How long they took", "How many agents", "When agents", "Chance"]
    assert [next(n for n, line in enumerate(lines) if line.startswith(label)) for label in order] == sorted(
        next(n for n, line in enumerate(lines) if line.startswith(label)) for label in order
    )
    assert "shares of the difference (model)" in out
    assert "all_offered" in out


def test_a_period_is_set_against_the_one_before(kcas: Run, store: Path) -> None:
    first = FIRST + timedelta(weeks=2)
    asked = ("explain", "--since", str(first), "--store", str(store), "--zone", "UTC", "--json")
    code, out, wrong = kcas(*asked)
    assert code == 0, wrong
    found = json.loads(out)
    assert found["against"]["days"] == 10
    assert found["now"]["days"] == 11
    assert date.fromisoformat(found["dates"][0]) == first
    assert {"availability", "patience"} <= {row["factor"] for row in found["shares"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "explain what? Expected one of --day, --period and --since."),
        (("--day", "2010-02-01", "--since", "2010-02-01"), "Expected one of --day, --period and --since."),
        (("--day", "yesterday"), "--day: 'yesterday' is not a day."),
        (("--day", "2010-01-05"), "tells of no day of its weekday before it, holidays left out; a normal one needs 4"),
        (("--period", "2010-01-04..2010-01-08"), "--period: what is it compared with?"),
        (("--day", "2010-02-01", "--against", "January"), "--against: 'January' is not a period."),
        (("--day", "2010-02-01", "--against", "2010-02-05..2010-02-01"), "ends before it begins"),
        (("--day", "2010-02-01", "--against", "2009-02-01..2009-02-05"), "no call was offered on any of these days"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(kcas: Run, store: Path, words: tuple[str, ...], said: str) -> None:
    code, out, wrong = kcas("explain", *words, "--store", str(store), "--zone", "UTC")
    assert (code, out) == (1, "")
    assert said in wrong


def test_a_log_that_does_not_name_agents_is_refused(kcas: Run, tmp_path: Path) -> None:
    add(Store(tmp_path / "store"), "desk.csv", log_of(days=5, seed=1).select(*SCHEMA).with_columns(
        agent=pl.lit(None, pl.String)))  # fmt: skip
    code, _, wrong = kcas("explain", "--day", str(FIRST), "--store", str(tmp_path / "store"), "--zone", "UTC")
    assert code == 1
    assert "does not say which agent took a call" in wrong


def test_a_holiday_says_that_it_is_one_and_what_it_stands_against(kcas: Run, store: Path, tmp_path: Path) -> None:
    desk = tmp_path / "standard.toml"
    desk.write_text(f'time_zone = "UTC"\n[holidays]\nof = "none"\nalso = [2010-01-06, {SHORT}]\n', encoding="utf-8")
    code, out, wrong = kcas("explain", "--day", str(SHORT), "--store", str(store), "--standard", str(desk), "--json")
    assert code == 0, wrong
    found = json.loads(out)
    own = "the desk's own holiday"
    assert found["holidays"] == {"now": {str(SHORT): own}, "against": {}, "left_out": {"2010-01-06": own}}
    said = " ".join(found["notes"])
    assert "This day is a holiday by the standard: the desk's own holiday. The log tells of fewer than four" in said
    assert "Left out: Wed 6 Jan 2010 (the desk's own holiday)." in said
    assert found["fitted"]["days"] == 19  # twenty before it, but one


def test_a_normal_day_short_of_one_by_a_holiday_says_so(kcas: Run, store: Path, tmp_path: Path) -> None:
    desk = tmp_path / "standard.toml"
    desk.write_text('time_zone = "UTC"\n[holidays]\nof = "none"\nalso = [2010-01-11]\n', encoding="utf-8")
    code, _, wrong = kcas("explain", "--day", str(SHORT), "--store", str(store), "--standard", str(desk))
    assert code == 1
    assert "only 3 days of its weekday before it, holidays left out; a normal one needs 4" in wrong


def test_holidays_of_two_periods_are_set_against_each_other(kcas: Run, store: Path, tmp_path: Path) -> None:
    desk = tmp_path / "standard.toml"
    desk.write_text('time_zone = "UTC"\n[holidays]\nof = "none"\nalso = [2010-01-06, 2010-01-20]\n', encoding="utf-8")
    since = str(FIRST + timedelta(weeks=2))
    code, out, wrong = kcas("explain", "--since", since, "--store", str(store), "--standard", str(desk), "--json")
    assert code == 0, wrong
    found = json.loads(out)
    assert "Holidays were set against holidays." in found["notes"]
    assert [*found["holidays"]["now"], *found["holidays"]["against"]] == ["2010-01-20", "2010-01-06"]


@pytest.mark.parametrize(
    "words",
    [
        ("--definition", "nhs111_mds"),
        ("--definition", "short_excluded", "--short", "20 s"),
        ("--definition", "nhs_direct"),
        ("--definition", "of_decided"),
    ],
)
def test_another_definition_is_explained_by_its_own_counts(kcas: Run, store: Path, words: tuple[str, ...]) -> None:
    where = ("--store", str(store), "--zone", "UTC", "--json")
    code, out, wrong = kcas("explain", "--day", str(SHORT), *words, *where)
    assert code == 0, wrong
    found = json.loads(out)
    _, counted, _ = kcas("measures", "--since", str(SHORT), "--until", str(SHORT + timedelta(days=1)), *words, *where)
    row = json.loads(counted)["rows"][0]
    assert (found["now"]["numerator"], found["now"]["denominator"]) == (row["numerator"], row["denominator"])
    assert f"{row['numerator']} of {row['denominator']}" in found["sentence"]
    assert found["definition"]["key"] == words[1]
    shares = {each["factor"]: each["share"] for each in found["shares"]}
    assert sum(shares.values()) == pytest.approx(found["difference"])
    assert shares["staff"] + shares["timing"] > 0.6 * found["difference"] > 0.02


def test_a_definition_that_the_model_cannot_tell_is_refused_with_those_it_can(kcas: Run, store: Path) -> None:
    code, out, wrong = kcas("explain", "--day", str(SHORT), "--definition", "with_ivr", "--store", str(store))
    assert (code, out) == (1, "")
    assert "cannot tell with_ivr" in wrong
    assert "Expected one of all_offered, short_excluded, cisco_short, nhs111_mds, nhs_direct, of_decided" in wrong


def test_a_definition_about_the_answered_is_refused_where_many_left_otherwise(kcas: Run, tmp_path: Path) -> None:
    calls = log_of(days=30, seed=1, variation="0%")
    turns = (pl.col("outcome") == "answered") & (pl.int_range(pl.len()) % 30 == 0)  # about three of a hundred
    away = pl.when(turns).then(pl.lit("callback")).otherwise(pl.col("outcome").cast(pl.String))
    add(Store(tmp_path / "store"), "desk.csv",
        calls.with_columns(outcome=away.cast(calls.schema["outcome"])).select(*SCHEMA))  # fmt: skip
    asked = ("explain", "--day", str(FIRST + timedelta(weeks=5)), "--store", str(tmp_path / "store"), "--zone", "UTC")
    code, _, wrong = kcas(*asked, "--definition", "of_decided")
    assert code == 1
    assert "left the queue neither answered nor hung up" in wrong
    assert kcas(*asked)[0] == 0
