"""What a person and a program are told from theory, and how a desk that cannot be is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from kcas.distributions.law_table import read_patience
from kcas.errors import SettingError
from kcas.queueing.general_patience import steady_with
from tests.theory.reference import CASES
from tests.unit.cli.conftest import Run

DESK = ["--arrivals-per-hour", "115", "--handle", "300", "--agents", "12"]


def test_erlang_a_gives_a_program_the_reference_figures(kcas: Any) -> None:
    code, out, _ = kcas("exact", "erlang-a", *DESK, "--patience", "600", "--within", "60", "--json")
    found, expected = json.loads(out), CASES["erlangA_n12_l115_aht300_pat600"]["expected"]
    assert code == 0
    for name in ("p_wait", "p_abandon", "mean_queue", "occupancy"):
        assert found[name] == pytest.approx(expected[name], rel=1e-7)
    for name in ("mean_wait_all", "mean_wait_answered", "mean_wait_abandoned"):
        assert found[name] == pytest.approx(expected[f"{name}_s"], rel=1e-7)
    assert found["answered_within"] == pytest.approx(expected["answered_within_60s"], rel=1e-7)
    assert found["p_block"] == 0


def test_a_patience_law_is_read_from_json(kcas: Any) -> None:
    law = {"distribution": "exponential", "mean": "3 min", "hang_up_at_once": "10%"}
    _, out, _ = kcas("exact", "erlang-a", *DESK, "--patience-law", json.dumps(law), "--json")
    expected = CASES["MMnG_n12_l115_balk10_exp180"]["expected"]["p_abandon"]
    assert json.loads(out)["p_abandon"] == pytest.approx(expected, abs=1e-7)


def test_lines_make_busy_tones_and_hang_ups_are_of_those_who_found_one(kcas: Any) -> None:
    words = ["--arrivals-per-hour", "72", "--handle", "300", "--agents", "6", "--patience", "180", "--lines", "10"]
    _, out, _ = kcas("exact", "erlang-a", *words, "--json")
    found, expected = json.loads(out), CASES["lines_n6_K10_l72"]["expected"]
    assert found["p_block"] == pytest.approx(expected["p_block"], rel=1e-7)
    assert found["p_abandon"] == pytest.approx(expected["p_abandon_of_entered"], rel=1e-7)
    assert found["p_abandon_of_all"] == pytest.approx(expected["p_abandon_of_all"], rel=1e-7)


def test_a_person_reads_each_figure_with_what_it_is_a_share_of(kcas: Any) -> None:
    _, out, _ = kcas("exact", "erlang-b", "--arrivals-per-hour", "300", "--handle", "5 min", "--agents", "30")
    busy = next(line for line in out.splitlines() if "busy tone" in line)
    assert "5.26%" in busy
    assert "all calls" in busy
    _, out, _ = kcas("exact", "erlang-c", "--arrivals-per-hour", "240", "--handle", "300", "--agents", "25")
    assert "20.91%" in next(line for line in out.splitlines() if "Had to wait" in line)


def test_an_option_that_plays_no_part_is_named(kcas: Any) -> None:
    _, out, _ = kcas("exact", "erlang-c", *DESK, "--patience", "100", "--json")
    assert json.loads(out)["notes"] == ["--patience plays no part in Erlang C and was left out."]


@pytest.mark.parametrize("model", [["erlang-c"], ["erlang-a", "--patience", "180"]])
def test_fewer_lines_than_agents_are_remarked_upon(kcas: Any, model: list[str]) -> None:
    _, out, _ = kcas("exact", *model, *DESK, "--lines", "5", "--json")
    assert json.loads(out)["notes"] == ["With 5 lines for 12 agents no one waits, and at most 5 agents are ever taken."]
    _, out, _ = kcas("exact", *model, *DESK, "--lines", "12", "--json")
    assert json.loads(out)["notes"] == []


WRONG = [
    (["--agents", "0"], "--agents: 0 "),
    (["--agents", "-3"], "--agents: -3 "),
    (["--agents", "nan"], "--agents: nan "),
    (["--agents", "1e9"], "--agents: 1e+09 "),
    (["--agents", "2.5"], "--agents: 2.5 "),
    (["--agents", "many"], "--agents: 'many' is not a number"),
    (["--arrivals-per-hour", "-5"], "--arrivals-per-hour: -5 "),
    (["--handle", "0"], "handling time: 0 "),
    (
        ["--handle", "-5"],
        '--handle: \'-5\' is not a duration. Expected seconds, like "20" or "20 s", or "1 min 30 s"; not below 0.',
    ),
    (["--patience", "nan"], "--patience: 'nan' is not a duration"),
    (["--lines", "0"], "--lines: 0 "),
]


@pytest.mark.parametrize(("changed", "said"), WRONG)
def test_a_desk_that_cannot_be_is_said_in_one_line(kcas: Any, changed: list[str], said: str) -> None:
    code, out, wrong = kcas("exact", "erlang-a", *DESK, "--patience", "180", *changed)
    assert code == 1
    assert out == ""
    assert wrong.startswith(said)
    assert len(wrong.splitlines()) == 1


def test_more_work_than_agents_is_refused_where_nobody_hangs_up(kcas: Any) -> None:
    code, _, wrong = kcas("exact", "erlang-c", *DESK, "--agents", "9")
    assert code == 1
    assert "at least 10 agents" in wrong


@pytest.mark.parametrize(
    ("law", "words"),
    [
        ("{", "--patience-law, character 2: cannot be read as JSON. Expected a table"),
        ('{"distribution": "normal"}', "'normal' is not a distribution"),
        ('{"distribution": "weibull", "shape": 2}', "mean is missing"),
        ('{"distribution": "exponential", "maen": 3}', "Did you mean 'mean'"),
        ('{"distribution": "exponential", "mean": "3"}', "is not a duration"),
        ('{"distribution": "empirical", "at": 3, "still_waiting": 4}', "at: 3"),
        ("[]", "is not a distribution"),
    ],
)
def test_a_patience_law_that_is_none_is_refused(kcas: Any, law: str, words: str) -> None:
    code, _, wrong = kcas("exact", "erlang-a", *DESK, "--patience-law", law)
    assert code == 1
    assert words in wrong


SAME = [
    ({"distribution": "weibull", "shape": 1, "mean": 180}, {"distribution": "exponential", "mean": 180}),
    ({"distribution": "erlang", "shape": 1, "mean": 180}, {"distribution": "exponential", "mean": "3 min"}),
    ({"distribution": "lognormal", "mean": 200, "cv": 1.5}, {"distribution": "lognormal", "mean": 200, "sd": 300}),
    ({"distribution": "uniform", "low": 59.9999, "high": 60.0001}, {"distribution": "fixed", "value": "1 min"}),
    ({"distribution": "uniform", "low": 0, "high": 90},
     {"distribution": "empirical", "at": ["1 min 30 s"], "still_waiting": ["0%"]}),
    ({"distribution": "mixture", "parts": [{"share": 0.9, "distribution": "fixed", "value": 60}]},
     {"distribution": "fixed", "value": 60, "hang_up_at_once": "10%"}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_law_written_two_ways_gives_one_answer(one: dict[str, Any], other: dict[str, Any]) -> None:
    rates = [
        steady_with(0.04, handle=300, agents=12, patience=read_patience(table, where="patience")).p_abandon
        for table in (one, other)
    ]
    assert rates[0] == pytest.approx(rates[1], rel=1e-5)


def test_a_uniform_law_upside_down_is_refused() -> None:
    with pytest.raises(SettingError, match="low 90 is not below high 30"):
        read_patience({"distribution": "uniform", "low": 90, "high": 30}, where="patience")


DAY = """
question = "A reference day?"

[day]
opens = "08:00"
closes = "20:00"
interval = "60 min"
weekdays = ["monday"]

[demand]
calls_per_day = 1000
arrival_profile = [60, 85, 105, 115, 110, 95, 85, 90, 90, 75, 55, 35]

[types.public]
share = "100%"
talk = { distribution = "exponential", mean = "5 min" }
patience = { distribution = "exponential", mean = "3 min" }

[teams.desk]
by_interval = [8, 10, 12, 13, 13, 11, 10, 11, 11, 9, 7, 5]
"""


def test_a_scenarios_day_has_the_reference_counts_without_dice(kcas: Run, tmp_path: Path) -> None:
    file = tmp_path / "day.toml"
    file.write_text(DAY, encoding="utf-8")
    expected = CASES["tv_day1000_staffcurve"]["expected"]
    code, out, _ = kcas("exact", "day", str(file), "--json")
    found = json.loads(out)
    assert code == 0
    assert found["engine"] == "exact"
    assert found["interval"] == "none: means are exact, so low and high are the mean itself"
    assert found["total"]["abandoned"]["mean"] == pytest.approx(expected["abandoned_total"], rel=1e-6)
    assert found["total"]["rate"]["mean"] == pytest.approx(expected["p_abandon"], rel=1e-6)
    assert [row["start"] for row in found["intervals"]][-1] == "19:00"
    assert found["intervals"][2]["abandoned"]["mean"] == pytest.approx(expected["abandoned_by_interval"][2], rel=1e-6)
    _, out, _ = kcas("exact", "day", str(file))
    assert "3.46%" in next(line for line in out.splitlines() if line.strip().startswith("day"))
    assert "MODEL, not observed" in out


def test_callers_who_ring_again_are_told_of_the_calls(kcas: Run, tmp_path: Path) -> None:
    file = tmp_path / "day.toml"
    again = '[redials]\nafter_abandoning = "50%"\ntimes = 1\ndelay = { distribution = "fixed", value = "1 s" }\n'
    file.write_text(f"{DAY}\n{again}", encoding="utf-8")
    found = json.loads(kcas("exact", "day", str(file), "--json")[1])["total"]
    redials, abandoned = found["redials"]["mean"], found["abandoned"]["mean"]
    assert found["offered"]["mean"] == pytest.approx(1000 + redials)
    # half of the first calls that were given up came again at once, and nobody a third time
    assert redials == pytest.approx(0.5 * abandoned * 1000 / (1000 + redials), rel=0.02)
    assert f"Of the calls, {redials:.1f} are of callers who call again." in kcas("exact", "day", str(file))[1]


def test_a_scenario_that_theory_cannot_say_is_refused_in_a_line(kcas: Run, tmp_path: Path) -> None:
    file = tmp_path / "day.toml"
    file.write_text(DAY + '\n[telephone.voicemail]\noffered_after = "2 min"\naccepts = "10%"\n', encoding="utf-8")
    code, out, wrong = kcas("exact", "day", str(file))
    assert (code, out) == (1, "")
    assert "voicemail" in wrong
    assert "kcas simulate" in wrong
