"""`kcas alerts` over stores of invented days: what is told, in how many lines, and with which exit."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from kcas.calls.call import SCHEMA
from kcas.calls.store import Store
from tests.unit.calls.store.rows import add
from tests.unit.cli.conftest import Run

FIRST = date(2010, 1, 4)  # a Monday
TARGET = '[[targets]]\nmeasure = "{measure}"\n{aim}\nsource = "the contract"\n'


def store(folder: Path, lost: list[int], *, gone: Sequence[date] = ()) -> Path:
    """Forty calls on each weekday from 4 January; so many of them lost after 9 s, the others answered; of some none."""
    weekdays = [day for day in (FIRST + timedelta(days=n) for n in range(300)) if day.weekday() < 5]
    rows = [
        {"leg": f"{day}/{n}", "queue": "duty", "wait": 9.0, "outcome": "abandoned" if n < count else "answered",
         "entered": datetime(day.year, day.month, day.day, 10, n, tzinfo=UTC)}
        for day, count in zip(weekdays, lost, strict=False)
        if day not in gone
        for n in range(40)
    ]  # fmt: skip
    add(Store(folder), "days.csv", pl.DataFrame(rows, schema=SCHEMA))
    return folder


def turns(days: int) -> list[int]:
    """7, 8, 9 lost in turn: no day stands out, and neighbours are on both sides of their centre."""
    return [(7, 8, 9)[(n * 5 + n // 5) % 3] for n in range(days)]


def standard(folder: Path, measure: str, aim: str) -> str:
    file = folder / "desk.toml"
    file.write_text(TARGET.format(measure=measure, aim=aim), encoding="utf-8")
    return str(file)


def test_nothing_new_is_one_line_and_exit_0(kcas: Run, tmp_path: Path) -> None:
    code, out, _ = kcas("alerts", "--store", str(store(tmp_path / "store", turns(70))))
    assert code == 0
    assert out.count("\n") == 1
    assert "is outside expected variation. Nothing new: no signal of concern that the newest day made" in out
    assert "The log ends on Friday 9 April 2010 at 11:39." in out  # the clocks went forward on 28 March


def test_days_missing_before_the_newest_are_told_once(kcas: Run, tmp_path: Path) -> None:
    gone = [date(2010, 4, 6) + timedelta(days=n) for n in range(3)]  # Tuesday to Thursday, before Friday 9 April
    folder = str(store(tmp_path / "store", turns(70), gone=gone))
    code, out, _ = kcas("alerts", "--store", folder, "--json")
    (alert,) = json.loads(out)["alerts"]
    assert code == 3
    assert (alert["about"], alert["first"], alert["last"]) == ("missing", "2010-04-06", "2010-04-08")
    assert alert["sentence"] == "3 open days are missing from the log: 6 to 8 April 2010."
    _, out, _ = kcas("alerts", "--store", folder)
    assert "3 open days are missing from the log (6 to 8 April 2010)." in out
    later = str(store(tmp_path / "later", turns(71), gone=gone))  # Monday follows: it was told on Friday
    code, out, _ = kcas("alerts", "--store", later, "--json")
    assert (code, json.loads(out)["alerts"]) == (0, [])


def test_a_wild_last_day_is_told_with_its_halves_and_exit_3(kcas: Run, tmp_path: Path) -> None:
    code, out, _ = kcas("alerts", "--store", str(store(tmp_path / "store", [*turns(69), 30])))
    assert code == 3
    assert out.count("\n") == 1
    assert "One working day above the upper limit, Friday 9 April 2010" in out
    assert "75.0% (30 of 40)" in out


def test_a_wild_day_before_the_last_was_told_before(kcas: Run, tmp_path: Path) -> None:
    code, out, _ = kcas("alerts", "--store", str(store(tmp_path / "store", [*turns(68), 30, 8])))
    assert code == 0, out


def test_a_fall_is_no_concern(kcas: Run, tmp_path: Path) -> None:
    code, out, _ = kcas("alerts", "--store", str(store(tmp_path / "store", [*turns(69), 0])))
    assert code == 0, out


def test_a_missed_target_is_told_with_its_source_and_a_met_one_is_not(kcas: Run, tmp_path: Path) -> None:
    kept = str(store(tmp_path / "store", [*turns(69), 8]))
    code, out, _ = kcas("alerts", "--store", kept, "--standard", standard(tmp_path, "rate", 'at_most = "15%"'))
    assert code == 3
    # Wilson's interval of 8 of 40 by hand: (0.2 + 0.0480 ± 0.1330) / 1.0960
    assert (
        "20.0% of calls abandoned (all_offered) on Friday 9 April 2010: 8 of 40 (95% interval 10.5% to 34.8%), "
        "above the target of at most 15.0% (the contract)."
    ) in out
    code, out, _ = kcas("alerts", "--store", kept, "--standard", standard(tmp_path, "rate", 'at_most = "20%"'))
    assert code == 0, out


def test_a_service_level_below_its_target_is_told(kcas: Run, tmp_path: Path) -> None:
    kept = str(store(tmp_path / "store", turns(70)))
    words = ("alerts", "--by", "week", "--store", kept, "--standard")
    # All who were answered had waited 9 s, and those who left had too: by sl_ignored none was too late.
    code, _, _ = kcas(*words, standard(tmp_path, "service_level", 'at_least = "80%"'))
    assert code == 0
    desk = standard(tmp_path, "service_level", 'at_least = "80%"\ndefinition = "sl_offered"')
    code, out, _ = kcas(*words, desk)
    assert code == 3
    # The last week lost 9, 8, 7, 9 and 8 of 40: 159 of 200 were answered.
    assert "79.5% answered within 20 s (sl_offered) in the week from Monday 5 April 2010: 159 of 200" in out
    assert "below the target of at least 80.0% (the contract)." in out


def test_a_program_gets_one_document(kcas: Run, tmp_path: Path) -> None:
    kept = str(store(tmp_path / "store", [*turns(69), 30]))
    code, out, _ = kcas("alerts", "--store", kept, "--json")
    found = json.loads(out)
    assert code == 3
    assert found["log_ends"] == "2010-04-09T11:39:00+01:00"
    assert [(a["about"], a["rule"], a["first"], a["numerator"], a["denominator"]) for a in found["alerts"]] == [
        ("signal", "outside the limits", "2010-04-09", 30, 40)
    ]
    assert found["sentence"].count("\n") == 0


def test_where_nothing_is_kept_the_exit_is_another(kcas: Run, tmp_path: Path) -> None:
    code, out, wrong = kcas("alerts", "--store", str(tmp_path / "none"))
    assert (code, out) == (1, "")
    assert "Import a log first" in wrong


def test_a_log_too_short_for_limits_is_no_all_clear(kcas: Run, tmp_path: Path) -> None:
    code, out, _ = kcas("alerts", "--store", str(store(tmp_path / "store", turns(5))))
    assert code == 0
    assert out.count("\n") == 1
    assert "of signals nothing can be told, for the newest day has no limits yet." in out
