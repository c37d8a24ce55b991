"""`kcas today` over a store of a simulated desk's days."""

import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.call import SCHEMA
from kcas.calls.store import Store
from tests.unit.attribution.desk_log import FIRST, log_of
from tests.unit.calls.store.rows import add
from tests.unit.cli.conftest import Run

WEEKS = 7
LAST = FIRST + timedelta(days=7 * WEEKS - 3)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven weeks, the last day of which is known until noon."""
    folder = tmp_path_factory.mktemp("today") / "store"
    noon = pl.datetime(LAST.year, LAST.month, LAST.day, 12, time_zone="UTC")
    calls = log_of(days=5 * WEEKS, seed=1, variation="8%").filter(pl.col("entered") < noon)
    add(Store(folder), "desk.csv", calls.select(*SCHEMA))
    return folder


def asked(kcas: Run, store: Path, *words: str) -> dict:
    code, out, wrong = kcas("today", *words, "--store", str(store), "--zone", "UTC", "--json")
    assert code == 0, wrong
    return json.loads(out)


def test_now_is_the_logs_last_moment_while_that_day_is_not_over(kcas: Run, store: Path) -> None:
    found = asked(kcas, store, "--replications", "100")
    assert (found["day"], found["now"][:3]) == (str(LAST), "11:")
    assert found["model"] is True
    low, high = found["final"]["within_95"]
    inner = found["final"]["within_80"]
    assert 0 <= low <= inner[0] <= found["final"]["likely"] <= inner[1] <= high <= 1
    assert found["one_more_agent"]["high"] < 0
    assert f"{found['so_far']['numerator']} of {found['so_far']['denominator']}" in found["sentences"][0]


def test_the_bounds_hold_the_day_that_was_as_it_was_known_at_the_moment(kcas: Run, store: Path) -> None:
    day = LAST - timedelta(days=7)
    found = asked(kcas, store, "--now", f"{day}T11:00", "--replications", "100")
    code, out, _ = kcas("measures", "--since", str(day), "--until", str(day + timedelta(days=1)), "--json",
                        "--store", str(store), "--zone", "UTC")  # fmt: skip
    assert code == 0
    low, high = found["final"]["within_95"]
    assert low - 0.02 <= json.loads(out)["rows"][0]["rate"] <= high + 0.02


def test_a_person_reads_sentences_with_both_halves_and_that_it_is_a_model(kcas: Run, store: Path) -> None:
    code, out, _ = kcas("today", "--replications", "60", "--store", str(store), "--zone", "UTC")
    assert code == 0
    assert "so far (" in out
    assert "The day is likely to end at about" in out
    assert "One more agent from now on would move the day's rate by −" in out
    assert "Model: the rest of the day is simulated" in out
    assert "all_offered" in out


def test_a_back_test_scores_each_time_of_day_against_both_rivals(kcas: Run, store: Path) -> None:
    since = LAST - timedelta(days=4)
    found = asked(kcas, store, "--backtest", "--since", str(since), "--at", "11:00", "--at", "15:30")
    assert [row["now"] for row in found["scores"]] == [11 * 3600, 15.5 * 3600]
    assert found["scores"][0]["days"] == 5
    first = [row for row in found["days"] if row["now"] == 11 * 3600]
    error = sum(abs(row["foreseen"] - row["actual"]) for row in first) / len(first)
    assert found["scores"][0]["error"] == pytest.approx(error)
    covered = sum(row["within_95"][0] <= row["actual"] <= row["within_95"][1] for row in first) / len(first)
    assert found["scores"][0]["coverage_95"] == pytest.approx(covered)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--now", "2010-02-19T19:00"), "was over by 19:00"),
        (("--now", "noon"), "--now: 'noon' is not a date and time."),
        (("--since", "2010-02-01"), "go with --backtest"),
        (("--at", "foo"), "--at: 'foo' is not a time of day."),
        (("--backtest", "--at", "soon"), "--at: 'soon' is not a time of day."),
        (("--backtest", "--until", "2010-01-08"), "could be forecast"),
        (("--now", "2010-01-11T11:00"), "tells of only 1 day of its weekday"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(kcas: Run, store: Path, words: tuple[str, ...], said: str) -> None:
    code, out, wrong = kcas("today", *words, "--store", str(store), "--zone", "UTC")
    assert (code, out) == (1, "")
    assert said in wrong


def test_a_back_test_names_the_days_it_could_not_foresee_and_says_why(kcas: Run, store: Path) -> None:
    asked_for = ("--backtest", "--since", "2010-01-18", "--until", "2010-02-02", "--at", "11:00")
    found = asked(kcas, store, *asked_for)
    days = {row["day"] for row in found["days"]}
    left = {row["day"]: row["reason"] for row in found["left_out"]}
    weekdays = {str(FIRST + timedelta(days=n)) for n in range(14, 29) if n % 7 < 5}
    assert days | set(left) == weekdays
    assert not days & set(left)
    assert all("of its weekday in the twelve weeks before it" in reason for reason in left.values())
    # the first week has two of each weekday before it, and three are needed
    assert sorted(left) == [str(FIRST + timedelta(days=n)) for n in range(14, 19)]
    assert found["notes"][0].startswith("Not forecast, 5 of 11 days with calls: 18 to 22 January 2010 (at 11:00: ")
    _, out, _ = kcas("today", *asked_for, "--store", str(store), "--zone", "UTC")
    assert "Not forecast, 5 of 11 days with calls: 18 to 22 January 2010 (at 11:00: " in " ".join(out.split())
