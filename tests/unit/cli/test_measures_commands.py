"""`kcas measures`, `calls` and `patience`, as a person and a program meet them."""

import csv
import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kcas.calls.store import Record, Store
from kcas.cli import app
from tests.calls_drawn import drawn
from tests.commands import kcas_says

ROOT = Path(__file__).resolve().parents[3]
ROW_KEYS = [
    "start", "queue", "offered", "answered", "abandoned", "abandoned_ringing", "callback", "voicemail", "overflowed",
    "timed_out", "exit_key", "no_agents", "failed", "open", "left_ivr", "blocked", "numerator", "denominator", "rate",
    "low", "high", "service_level", "average_speed_of_answer", "average_handle_time", "wait_p50", "wait_p90",
    "wait_p95", "longest_wait", "time_to_abandon_mean", "time_to_abandon_p50", "time_to_abandon_p90",
]  # fmt: skip
MORNING = """
entered                    queue  outcome    wait  talk  caller
2010-10-30T10:00:00+01:00  =desk  answered   20    100   -
2010-10-31T01:10:00+01:00  =desk  answered   21    200   -
2010-10-31T01:10:00+00:00  =desk  abandoned  5     -     -
2010-10-31T01:20:00+00:00  night  abandoned  6     -     -
2010-11-01T09:00:00+00:00  night  open       -     -     -
"""


def keep(folder: Path, picture: str, *, sha256: str = "ab") -> Path:
    """A store of drawn calls."""
    record = Record(name="drawn", sha256=sha256, size=1, format="drawn")
    Store(folder).add([drawn(picture).collect()], record=lambda: record)
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keep(tmp_path_factory.mktemp("store") / "calls", MORNING)


def said(*arguments: str) -> str:
    """What a command prints on standard output."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def told(*arguments: str) -> Any:
    """The one JSON document a command prints."""
    return json.loads(said(*arguments, "--json"))


def table(*arguments: str) -> list[dict[str, str]]:
    """The rows of CSV a command prints."""
    return list(csv.DictReader(io.StringIO(said(*arguments, "--format", "csv"))))


def test_measures_has_the_contracts_shape(store: Path) -> None:
    answer = told("measures", "--store", str(store))
    (row,) = answer["rows"]
    assert [key for key in ROW_KEYS if key not in row] == []
    assert answer["definition"]["key"] == "all_offered"
    assert answer["definition"]["short"] is None
    assert answer["service_level"]["key"] == "sl_ignored"
    assert answer["service_level"]["within"] == 20
    assert (row["offered"], row["open"], row["numerator"], row["denominator"], row["rate"]) == (5, 1, 2, 4, 0.5)
    assert answer["reconciliation"] == ["Reconciliation: offered 5 = answered 2 + abandoned 2 + open 1."]


def test_intervals_bear_their_offset_where_the_hour_comes_twice(store: Path) -> None:
    rows = told(
        "measures", "--store", str(store), "--by", "half-hour", "--since", "2010-10-31", "--until", "2010-11-01"
    )
    assert [(row["start"], row["offered"]) for row in rows["rows"]] == [
        ("2010-10-31T01:00:00+01:00", 1),
        ("2010-10-31T01:00:00+00:00", 2),
    ]


@pytest.mark.parametrize("by", ["time-of-day", "weekday", "queue"])
def test_a_group_without_a_moment_starts_with_its_name(store: Path, by: str) -> None:
    rows = told("measures", "--store", str(store), "--by", by)["rows"]
    names = {"time-of-day": ["01:00", "09:00", "10:00"], "weekday": ["Monday", "Saturday", "Sunday"],
             "queue": ["=desk", "night"]}  # fmt: skip
    assert [row["group"] for row in rows] == names[by]
    assert [row["start"] for row in rows] == ([None, None] if by == "queue" else names[by])
    assert [row["queue"] for row in rows] == (names[by] if by == "queue" else [None] * 3)


def test_seconds_are_taken_bare_or_with_a_unit(store: Path) -> None:
    options = ["--service-level", "sl_answered", "--definition", "short_excluded"]
    bare, spoken = (
        told("measures", "--store", str(store), *options, "--within", within, "--short", short)
        for within, short in (("21", "5"), ("21 s", "5 s"))
    )
    assert bare == spoken
    assert bare["rows"][0]["service_level"] == 1
    assert bare["rows"][0]["rate"] == pytest.approx(1 / 3)


def test_the_standard_and_zone_may_be_named_once_before_the_command(store: Path, tmp_path: Path) -> None:
    desk = tmp_path / "desk.toml"
    desk.write_text('[abandonment]\ndefinition = "short_excluded"\n', encoding="utf-8")
    environment = {"KCAS_STORE": str(store), "KCAS_STANDARD": str(desk), "KCAS_ZONE": "America/New_York"}
    result = CliRunner().invoke(app, ["measures", "--by", "day", "--json"], env=environment, catch_exceptions=False)
    answer = json.loads(result.stdout)
    assert answer["definition"]["key"] == "short_excluded"
    assert [row["start"] for row in answer["rows"]] == ["2010-10-30T00:00:00-04:00", "2010-11-01T00:00:00-04:00"]


def test_csv_has_a_row_a_group_and_no_formula(store: Path) -> None:
    rows = list(
        csv.DictReader(io.StringIO(said("measures", "--store", str(store), "--by", "queue", "--format", "csv")))
    )
    assert [row["queue"] for row in rows] == ["'=desk", "night"]
    assert [row["rate"] for row in rows] == ["0.3333333333333333", "1.0"]
    days = table("measures", "--store", str(store), "--by", "day")
    assert [row["start"] for row in days] == [
        "2010-10-30T00:00:00+01:00", "2010-10-31T00:00:00+01:00", "2010-11-01T00:00:00+00:00",
    ]  # fmt: skip


def test_a_person_sees_halves_definition_interval_and_reconciliation(store: Path) -> None:
    text = said("measures", "--store", str(store), "--definition", "cisco_short", "--short", "5")
    for words in (
        "cisco_short: abandoned after 5 s ÷ offered, a wait of exactly 5 s being short",
        "25.00%",
        "1/4",
        "4.56% to 69.94%",  # Wilson, 1 of 4
        "Reconciliation: offered 5 = answered 2 + abandoned 2 + open 1.",
        "sl_ignored: answered within 20 s ÷ (answered + abandoned − abandoned within 20 s)",
        "Europe/London",
    ):
        assert words in text


def test_a_threshold_that_changes_nothing_is_said(store: Path) -> None:
    assert told("measures", "--store", str(store), "--short", "9")["notes"] == [
        "--short 9 changes nothing here: all_offered has no threshold."
    ]
    sixty = told("measures", "--store", str(store), "--short", "9", "--definition", "after_60s")
    assert sixty["definition"]["short"] == 60
    assert sixty["notes"] == ["--short 9 changes nothing here: after_60s bears its own in its name."]


def test_as_at_shows_the_store_as_it_stood(tmp_path: Path) -> None:
    folder = keep(tmp_path / "calls", "entered outcome wait\n2010-04-12T10:00:00+01:00 answered 1\n")
    between = datetime.now(UTC).isoformat()
    again = drawn("entered outcome wait\n- open -\n2010-04-12T11:00:00+01:00 abandoned 1\n").filter(leg="leg/1")
    record = Record(name="more", sha256="cd", size=1, format="drawn")
    Store(folder).add([again.collect()], record=lambda: record)
    assert told("measures", "--store", str(folder))["rows"][0]["offered"] == 2
    assert told("measures", "--store", str(folder), "--as-at", between)["rows"][0]["offered"] == 1


def test_calls_lists_those_behind_a_number(store: Path) -> None:
    answer = told("calls", "--store", str(store), "--outcome", "abandoned", "--since", "2010-10-31")
    assert [(call["entered"], call["queue"], call["wait"]) for call in answer["calls"]] == [
        ("2010-10-31T01:10:00+00:00", "=desk", 5),
        ("2010-10-31T01:20:00+00:00", "night", 6),
    ]
    rows = list(
        csv.DictReader(io.StringIO(said("calls", "--store", str(store), "--queue", "=desk", "--format", "csv")))
    )
    assert [row["outcome"] for row in rows] == ["answered", "answered", "abandoned"]
    assert rows[0]["entered"] == "2010-10-30T10:00:00+01:00"
    assert "5 calls." in said("calls", "--store", str(store))


def test_patience_has_the_contracts_shape(store: Path) -> None:
    answer = told("patience", "--store", str(store))
    assert [list(point) for point in answer["curve"]] == [["at", "still_waiting", "low", "high"]] * 4
    assert [point["still_waiting"] for point in answer["curve"]] == pytest.approx([3 / 4, 1 / 2, 1 / 2, 1 / 2])
    assert answer["median"] == 6
    assert answer["exponential_mean"] == pytest.approx((20 + 21 + 5 + 6) / 2)
    assert answer["best_fit"]["law"] in {fit["law"] for fit in answer["fits"]}
    assert said("patience", "--store", str(store), "--format", "csv").splitlines()[0] == "at,still_waiting,low,high"
    assert "Half would have given up by 6 s." in said("patience", "--store", str(store))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["measures", "--within", "soon"], "--within: 'soon' is not a duration. Expected seconds, like \"20\""),
        (["measures", "--short", "-5"], "--short: '-5' is not a duration"),
        (["measures", "--since", "1 April"], "--since: '1 April' is not a day. Expected year-month-day"),
        (["measures", "--since", "2010-04-02", "--until", "2010-04-02"], "no day lies between them"),
        (["measures", "--as-at", "noon"], "--as-at: 'noon' is not a date and time"),
        (["measures", "--definition", "all_offred"], "Did you mean 'all_offered'?"),
        (["measures", "--service-level", "sl"], "service level: 'sl' is not known"),
        (["measures", "--zone", "Kent"], "time zone: 'Kent' is not known"),
        (["measures", "--standard", "no.toml"], "no.toml: there is no such file."),
        (["calls", "--outcome", "abandonned"], "Did you mean 'abandoned'?"),
        (["patience", "--since", "now"], "--since: 'now' is not a day"),
        (["measures", "--store", "nowhere"], "nowhere: no calls are kept here yet. Import a log first"),
    ],
)
def test_a_mistake_is_said_in_one_line_and_is_exit_one(store: Path, arguments: list[str], message: str) -> None:
    done = kcas_says(ROOT, *arguments, settings=os.environ | {"KCAS_STORE": str(store)})
    assert done.returncode == 1
    assert done.stdout == ""
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_wrong_usage_is_exit_two(store: Path) -> None:
    assert CliRunner().invoke(app, ["measures", "--store", str(store), "--by", "fortnight"]).exit_code == 2


# ../shared/data/README.md: Technion's bank, month by month of 1999, by the day of entry in Jerusalem
BANK = {
    "1999-01": (27060, 3101, 1198, 30161, 10.281, 35.03, 183.45),
    "1999-02": (27162, 3963, 1941, 31125, 12.733, 40.77, 176.35),
    "1999-03": (27847, 8604, 1943, 36451, 23.604, 92.90, 185.78),
    "1999-04": (23583, 5694, 2454, 29277, 19.449, 77.24, 212.93),
}


@pytest.fixture(scope="module")
def bank(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank") / "calls"
    said("ingest", str(shared / "data" / "technion_bank_1999"), "--store", str(folder), "--json")
    return folder


def test_the_banks_months_come_out_exactly(bank: Path) -> None:
    rows = told("measures", "--store", str(bank), "--zone", "Asia/Jerusalem", "--by", "month")["rows"]
    assert [row["group"] for row in rows] == list(BANK)
    for row, expected in zip(rows, BANK.values(), strict=True):
        answered, abandoned, menu, offered, rate, asa, service = expected
        assert (row["answered"], row["abandoned"], row["left_ivr"], row["offered"]) == (
            answered,
            abandoned,
            menu,
            offered,
        )
        assert 100 * row["rate"] == pytest.approx(rate, abs=5e-4)
        assert row["average_speed_of_answer"] == pytest.approx(asa, abs=5e-3)
        assert row["average_handle_time"] == pytest.approx(service, abs=5e-3)


def test_the_banks_first_of_march_comes_out_exactly(bank: Path) -> None:
    day = ["--since", "1999-03-01", "--until", "1999-03-02", "--zone", "Asia/Jerusalem"]
    (whole,) = told("measures", "--store", str(bank), *day)["rows"]
    assert (whole["offered"], whole["abandoned"]) == (1671, 230)
    halves = told("measures", "--store", str(bank), *day, "--by", "half-hour")["rows"]
    (ten,) = (row for row in halves if row["start"] == "1999-03-01T10:00:00+02:00")
    assert (ten["offered"], ten["abandoned"]) == (87, 12)


def test_nhs_111s_year_comes_out_exactly(shared: Path, tmp_path: Path) -> None:
    said("ingest", str(shared / "data" / "nhs111_mds_2015_16"), "--store", str(tmp_path), "--json")
    (year,) = told("measures", "--store", str(tmp_path), "--definition", "nhs111_mds")["rows"]
    assert (year["offered"], year["numerator"], year["answered"]) == (14039579, 440988, 13009408)
    assert 100 * year["rate"] == pytest.approx(3.14103, abs=1e-5)
    assert year["unexplained"] == 589183
    april = told("measures", "--store", str(tmp_path), "--definition", "nhs111_mds", "--by", "month")["rows"][0]
    assert (april["start"], april["offered"], april["numerator"]) == ("2015-04-01T00:00:00+01:00", 1130894, 18062)
    assert f"{april['rate']:.1%}" == "1.6%"
    (unanswered,) = told("measures", "--store", str(tmp_path), "--definition", "unanswered")["rows"]
    assert 100 * unanswered["rate"] == pytest.approx(7.33762, abs=1e-5)
    told_line = said("measures", "--store", str(tmp_path), "--definition", "nhs111_mds")
    assert (
        "offered 14,039,579 = answered 13,009,408 + abandoned after the table's own threshold 440,988 + not accounted "
        "for by the interval table 589,183" in told_line
    )


def test_the_real_queue_log_comes_out_exactly(shared: Path, tmp_path: Path) -> None:
    said("ingest", str(shared / "data" / "asterisk_queue_log" / "queue_log_2018"), "--store", str(tmp_path), "--json")
    options = ["--store", str(tmp_path), "--service-level", "sl_answered"]
    (twenty,) = told("measures", *options, "--within", "20 s")["rows"]
    (sixty,) = told("measures", *options, "--within", "60 s")["rows"]
    assert [twenty[name] for name in ("offered", "answered", "abandoned", "timed_out", "open")] == [108, 93, 12, 1, 2]
    assert (twenty["numerator"], twenty["denominator"]) == (12, 106)
    assert (twenty["service_level_numerator"], sixty["service_level_numerator"]) == (39, 73)
    assert twenty["average_speed_of_answer"] == pytest.approx(38.699, abs=5e-4)
    assert twenty["time_to_abandon_mean"] == pytest.approx(1141 / 12)
    assert twenty["time_to_abandon_p50"] == 72
    abandoned = told("calls", "--store", str(tmp_path), "--outcome", "abandoned")["calls"]
    assert sorted(call["wait"] for call in abandoned) == [5, 21, 40, 45, 53, 70, 74, 98, 146, 191, 197, 201]
    answered = told("calls", "--store", str(tmp_path), "--outcome", "answered")["calls"]
    assert max(call["wait"] for call in answered) == 279


def test_avayas_own_printout_comes_out_exactly(shared: Path, tmp_path: Path) -> None:
    said("ingest", str(shared / "data" / "avaya_ech" / "chr0003.txt"), "--store", str(tmp_path), "--json")
    (queue,) = told("measures", "--store", str(tmp_path))["rows"]
    assert (queue["numerator"], queue["denominator"], queue["answered"], queue["left_ivr"]) == (21, 80, 59, 27)
    assert queue["average_speed_of_answer"] == pytest.approx(57.017, abs=5e-4)
    (announced,) = told("measures", "--store", str(tmp_path), "--definition", "with_ivr")["rows"]
    assert (announced["numerator"], announced["denominator"]) == (48, 107)
    assert 100 * announced["rate"] == pytest.approx(44.86, abs=5e-3)
