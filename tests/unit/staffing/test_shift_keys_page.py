"""Does the page of shift keys list every key, and do our own examples read?"""

import re
from dataclasses import fields
from pathlib import Path

from kcas.simulation.scenario.file import read_scenario
from kcas.staffing.shift_file import BreakRule, Pattern, ShiftRules, read_shifts
from kcas.staffing.shift_keys_page import page

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "shift-keys.md"


def test_the_page_is_the_one_the_code_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_key_is_on_the_page() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    names = [each.name for part in (ShiftRules, Pattern, BreakRule) for each in fields(part)]
    assert sorted(listed) == sorted(names)


def test_our_own_example_reads_and_says_that_it_is_invented() -> None:
    today = read_scenario(ROOT / "scenarios" / "today.toml")
    found = read_shifts(ROOT / "scenarios" / "shifts" / "example.toml", scenario=today)
    assert found.invented == ("everything",)
    assert set(found.shifts) == {"full_time", "part_time"}
    assert not found.costed
