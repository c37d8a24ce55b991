"""Does the reference page list every key a scenario may have, and none that it may not?"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from kcas.distributions.law_table import LAWS
from kcas.simulation.scenario.keys_page import page
from kcas.simulation.scenario.schema import Scenario

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "scenario-keys.md"


def dataclasses_within(kind: Any) -> Iterator[type]:
    """Every dataclass that a type hint leads to, found without the product's own walk."""
    if is_dataclass(kind) and isinstance(kind, type) and "distributions" not in kind.__module__:
        yield kind
        for hint in get_type_hints(kind).values():
            yield from dataclasses_within(hint)
    for inner in get_args(kind):
        yield from dataclasses_within(inner)


def keys_used(table: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for key, value in table.items():
        found.add(key)
        if isinstance(value, Mapping) and "distribution" not in value:
            found |= keys_used(value)
    return found


def test_the_page_is_the_one_the_code_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_field_of_every_part_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    parts = list(dataclasses_within(Scenario))
    names = [field.name.rstrip("_") for part in dict.fromkeys(parts) for field in fields(part)]
    assert len(set(parts)) >= 18
    for name in names:
        assert listed.count(name) >= 1, name


def test_every_law_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in LAWS if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda path: path.name)
def test_every_key_of_our_own_scenarios_is_on_the_page(path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    names = {"public", "professionals", "child_protection", "desk", "contact_kent", "wider_assessment", "starts_from"}
    used = keys_used(tomllib.loads(path.read_text(encoding="utf-8"))) - names
    assert [key for key in used if f"| `{key}` |" not in text] == []
