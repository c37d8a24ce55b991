"""A mapping is a TOML file anyone can write; a mistake in it is said with its place and what would be right."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from kcas.errors import SettingError
from kcas.ingest.formats import formats
from kcas.ingest.mapping import mapping_of, read_mapping

GOOD = """
key = "our_switch"
words = "Invented"
leg = "Call"
queue = { column = "Queue" }
wait = { column = "Wait", format = "m:ss" }
[[entered]]
column = "Started"
format = "DD/MM/YYYY hh:mm:ss"
[[outcome]]
when = { Result = ["Answered", "Picked up"] }
gives = "answered"
"""


def mapped(change: str = "", without: str = "") -> dict[str, Any]:
    return tomllib.loads(
        change + "\n" + "\n".join(line for line in GOOD.splitlines() if without not in line or not without)
    )


def test_every_column_a_mapping_speaks_of_is_used() -> None:
    assert set(mapping_of(mapped(), where="x").used) == {"Call", "Queue", "Wait", "Started", "Result"}


@pytest.mark.parametrize(
    ("change", "without", "words"),
    [
        ("delimeter = ';'", "", "Did you mean 'delimiter'"),
        ("encoding = 'klingon'", "", "encoding: 'klingon' is not known"),
        ("zone = 'Europe/Maidstone'", "", "not a time zone"),
        ("delimiter = 'tabs'", "", "expected one character or tab"),
        ("kind = 'call'", "", "not one of calls, intervals"),
        ("repeated_hour = 'third'", "", "not one of order, first, second"),
        ("columns = ['Call']", "", "'Started' is not among its columns"),
        ("talk = { column = 'Talk', format = 'mm' }", "", "not one of s, ms, us, min, h, day, m:ss"),
        ("talk = 'Talk'", "", "expected a table"),
        ("type = { }", "", "either column"),
        ("caller = { constant = '01632 960123' }", "", "one person cannot be on every row"),
        ("caller = { column = 'N', only = '(' }", "", "not a pattern"),
        ("ignore = { }", "", "two brackets"),
        ("ignore = [{ when = {}, rule = 'x' }]", "", "expected what columns say"),
        ("", "key =", "key is missing"),
        ("", "gives =", "gives is missing"),
        ("", "format = \"DD", "format is missing"),
        ("key = 'Our Switch'", "key =", "not a short name"),
        ("before_header = -1", "", "not a number of lines"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_place(change: str, without: str, words: str) -> None:
    with pytest.raises(SettingError, match=words) as raised:
        mapping_of(mapped(change, without), where="mine.toml")
    assert str(raised.value).startswith("mine.toml")


def test_a_time_of_day_needs_a_day_and_an_outcome_must_be_known() -> None:
    table = mapped()
    table["entered"][0]["format"] = "hh:mm"
    with pytest.raises(SettingError, match="Say its day"):
        mapping_of(table, where="x")
    table = mapped()
    table["outcome"][0]["gives"] = "lost"
    with pytest.raises(SettingError, match="'lost' is not an outcome"):
        mapping_of(table, where="x")


def test_an_interval_table_says_what_it_measures() -> None:
    table: dict[str, Any] = {
        "key": "t", "words": "t", "kind": "intervals", "length": "30 min", "queue": {"constant": "q"},
        "start": {"column": "From", "format": "YYYY-MM-DD hh:mm"},
    }  # fmt: skip
    with pytest.raises(SettingError, match="tells no measure"):
        mapping_of(table, where="x")
    with pytest.raises(SettingError, match="needs a threshold"):
        mapping_of({**table, "amount": [{"column": "A", "measure": "abandoned_over"}]}, where="x")
    with pytest.raises(SettingError, match="has no threshold"):
        mapping_of({**table, "amount": [{"column": "A", "measure": "offered", "threshold": "5 s"}]}, where="x")
    (amount,) = mapping_of({**table, "amount": [{"column": "A", "measure": "offered"}]}, where="x").amounts
    assert (amount.columns, amount.measure, amount.threshold) == (("A",), "offered", None)


def test_a_mapping_that_is_not_there_or_not_toml_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no such file"):
        read_mapping(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("key = ")
    with pytest.raises(SettingError, match=r"bad\.toml"):
        read_mapping(tmp_path / "bad.toml")


def test_the_formats_that_ship_have_keys_of_their_own() -> None:
    keys = [form.key for form in formats()]
    assert len(set(keys)) == len(keys)
    assert {"technion_bank", "nhs111_mds"} <= set(keys)
