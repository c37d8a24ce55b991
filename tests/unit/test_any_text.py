"""Whatever a text that a person can hand over holds, nothing but an error in words comes of it."""

import json
from pathlib import Path

import pytest

from kcas.calibration.staff_on_duty import roster_rows
from kcas.cli.exact import _law
from kcas.desk.standard import read_standard
from kcas.desk.toml_file import read_json, read_toml
from kcas.errors import KcasError, SettingError, StoreError
from kcas.monitoring.rebasing import FILE, Rebasings
from kcas.simulation.scenario.file import read_scenario
from tests.fuzzing import TARGETS, fuzz, read_with_mapping

ROOT = Path(__file__).resolve().parents[2]
FEWER = {"TaskRouter events": 4_000, "FreeSWITCH events": 4_000, "mapping": 4_000}
"""Where a text takes 4 to 7 ms and not 0.3. Both streams of events have one reader, which thus gets 8,000 texts."""
SOUND_ACT = {"number": 1, "recorded": "2026-03-01T09:00:00+00:00", "name": "A. Smith", "reason": "a menu",
             "day": "2026-02-01", "queues": [], "undoes": None}  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_outside_the_family_comes_of_a_mutated_text(name: str) -> None:
    found = fuzz(TARGETS[name](), 400, seed=1)
    assert found.by_place == {}
    assert found.tried == 400


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_outside_the_family_comes_of_thousands_of_mutated_texts(name: str) -> None:
    assert fuzz(TARGETS[name](), FEWER.get(name, 10_000), seed=2).by_place == {}


def written(folder: Path, text: str) -> Path:
    path = folder / "text.toml"
    path.write_text(text, encoding="utf-8")
    return path


ACTION = '[[actions]]\ndate = 2010-04-01\npoint = {}\nwhat = "a menu"\n'


@pytest.mark.parametrize("point", ['["i"]', "{ a = 1 }", "2010-04-01", "1", "true", '""'])
def test_a_point_that_is_no_word_is_refused(tmp_path: Path, point: str) -> None:
    with pytest.raises(SettingError, match="is not a point of recommendation 10"):
        read_standard(written(tmp_path, ACTION.format(point)))


@pytest.mark.parametrize("name", ["x" * 300, "a\\u0000b", "é" * 200, "a\\nb", "x/" * 3000])
def test_a_start_that_can_be_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(KcasError, match=r"starts_from .*Expected a file name|a character|which no one sees"):
        read_scenario(written(tmp_path, f'starts_from = "{name}"\n'))


@pytest.mark.parametrize("number", ["9" * 309, "9" * 400, "-" + "9" * 400, "9" * 5000, "0x" + "f" * 5000, "10" * 10])
def test_a_number_without_measure_is_refused_wherever_it_stands(tmp_path: Path, number: str) -> None:
    for text in (f"a = {number}", f"[a]\nb = [1, {number}]", f"a = [{{ b = {number} }}]"):
        with pytest.raises(SettingError, match=r"more than 18 digits|thousands of digits"):
            read_toml(written(tmp_path, text + "\n"))
    with pytest.raises(KcasError, match=r"more than 18 digits|thousands of digits|cannot be read as JSON"):
        read_json(f'{{"a": {number}}}', where="--patience-law")


@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "NaN", "1e999"])
def test_a_number_without_end_is_refused_in_json(number: str) -> None:
    with pytest.raises(SettingError, match=r"infinite, or no number|is not a number"):
        read_json(f'{{"a": [{number}]}}', where="--patience-law")


def test_the_place_of_a_number_without_measure_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        SettingError, match=r"text.toml, demand, calls, number 2: a whole number of more than 18 digits"
    ):
        read_toml(written(tmp_path, f"[demand]\ncalls = [1, {'9' * 400}]\n"))


def test_eighteen_digits_are_read(tmp_path: Path) -> None:
    assert read_toml(written(tmp_path, "a = 999999999999999999\n")) == {"a": 999_999_999_999_999_999}


MAPPING = """
key = "desk"
words = "A desk"
leg = {leg}
contact = {contact}
queue = {{ column = "Queue" }}
entered = [{{ column = "Started", format = "YYYY-MM-DD hh:mm:ss" }}]
outcome = [{{ when = {{ {result} = "Lost" }}, gives = "abandoned" }}]
{more}
"""


@pytest.mark.parametrize(
    "wrong",
    [{"leg": '""'}, {"leg": '["Call", ""]'}, {"contact": '[""]'}, {"result": '""'}, {"more": 'columns = ["Call", ""]'},
     {"more": 'recognise = [""]'}],
)  # fmt: skip
def test_an_empty_name_of_a_column_is_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    parts = {"leg": '"Call"', "contact": '"Call"', "result": "Result", "more": ""} | wrong
    with pytest.raises(SettingError, match="the name of a column is empty"):
        read_with_mapping(written(tmp_path, MAPPING.format(**parts)))


@pytest.mark.parametrize(
    "clock", ["9" * 4301, "9" * 5000 + ":00", "08:" + "9" * 5000, "²:00", "٣:00", "08:0²", "", ":"]
)
def test_a_clock_of_a_roster_that_is_none_is_refused(tmp_path: Path, clock: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(f"day,from,to,agents\nmonday,{clock},20:00,7\n", encoding="utf-8")
    with pytest.raises(SettingError, match=r"line 2, from: .* is not a time of day"):
        list(roster_rows(path))


@pytest.mark.parametrize("agents", ["9" * 5000, "9" * 400, "²", "1.2.3", ".", "-1", "nan", "1e3"])
def test_agents_of_a_roster_that_are_no_number_are_refused(tmp_path: Path, agents: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(f"day,from,to,agents\nmonday,08:00,20:00,{agents}\n", encoding="utf-8")
    with pytest.raises(SettingError, match=r"line 2, agents: .* is not a number of agents"):
        list(roster_rows(path))


def test_a_roster_that_is_no_table_of_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("day,from,to,agents\nmonday,08:00,20:00," + "7" * 200_000 + "\n", encoding="utf-8")
    with pytest.raises(SettingError, match=r"roster.csv: cannot be read as CSV"):
        list(roster_rows(path))
    path.write_bytes(b"\xff\xfeno text")
    with pytest.raises(SettingError, match=r"roster.csv: not UTF-8 text"):
        list(roster_rows(path))


@pytest.mark.parametrize(
    "wrong",
    [
        '{"number": Infinity}', "[" * 5000 + "]" * 5000, '{"a":' * 3000 + "1" + "}" * 3000,
        json.dumps(SOUND_ACT | {"recorded": "2026-03-01T09:00:00"}),
        json.dumps(SOUND_ACT | {"recorded": "9999-12-31T23:59:59.999999+00:00"}),
        json.dumps(SOUND_ACT | {"recorded": "0001-01-01T00:00:00+14:00"}),
        json.dumps(SOUND_ACT).replace(": 1,", ": Infinity,"), json.dumps(SOUND_ACT).replace(": 1,", f": {'9' * 5000},"),
        json.dumps(SOUND_ACT | {"number": True}), json.dumps(SOUND_ACT | {"undoes": [1]}),
        json.dumps(SOUND_ACT | {"queues": [["a"]]}), json.dumps(SOUND_ACT | {"queues": "Adults"}),
        json.dumps(SOUND_ACT | {"name": None}), json.dumps(SOUND_ACT | {"day": [1]}),
        json.dumps(SOUND_ACT | {"reason": "\ud800"}), "null", "[]", '"x"', "1",
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_a_line_that_is_no_act_of_re_basing_is_told_by_its_number(tmp_path: Path, wrong: str) -> None:
    (tmp_path / FILE).write_text(f"{json.dumps(SOUND_ACT)}\n{wrong}\n", encoding="utf-8")
    with pytest.raises(StoreError, match=r"rebasings.jsonl, line 2: not an act of re-basing"):
        Rebasings(tmp_path).acts()


@pytest.mark.parametrize(
    "law",
    [
        '{"distribution": ["exponential"]}',
        '{"distribution": {}}',
        "[]",
        "1",
        "NaN",
        "[" * 3000,
        '{"distribution": NaN}',
    ],
)
def test_a_law_that_is_none_is_refused(law: str) -> None:
    with pytest.raises(SettingError, match="--patience-law"):
        _law(law)
