"""Reference page of scenario keys, made from the fields that read the file."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

from kcas.desk.toml_fields import Kind, key_of
from kcas.distributions.law_table import FORMER_NAME, LAWS, NAME
from kcas.simulation.scenario.schema import Scenario

HEAD = """# Every key of a scenario

Made from the code by `python -m kcas.simulation.scenario.keys_page > docs/scenario-keys.md`; a test holds the two
together. Durations have a unit, shares a percent sign. A key that is not here is refused, with the nearest one
that is. `starts_from` names one or more files, in the same folder or beneath, that the file starts from and need
not repeat. A table with a `distribution`, and a team's way of giving its numbers, are replaced whole.

## Spellings of earlier versions

This version reads them and warns on standard error; the next version does not. A table that has a key in both
spellings is refused. Files that start from one another may be in different spellings.

| before | now |
|---|---|
"""
DISTRIBUTIONS = """## Distributions

Wherever a distribution is expected, a table with `distribution` and its keys. For patience, `hang_up_at_once` may be
added: the share who do not wait at all. So may `supported_to`: the longest wait that data support. A projection then
shows where it goes beyond that. A measured curve ends where it ends.

| distribution | keys | what it means |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    laws = [f"| `{name}` | {keys or '–'} | {words} |" for name, (keys, words, _) in LAWS.items()]
    parts = [section(name, part) for name, part in parts_of(Scenario, at="")]
    before = [f"| {then} | {now} |" for then, now in spellings()]
    return HEAD + "\n".join([*before, "", DISTRIBUTIONS + laws[0], *laws[1:], "", *parts]) + "\n"


def spellings() -> list[tuple[str, str]]:
    """Each key as it was spelled before and as it is now, with values where they have changed too."""
    rows = [(f"`{FORMER_NAME}`", f"`{NAME}`")]
    for place, part in parts_of(Scenario, at=""):
        for each in fields(part):
            if former := each.metadata["formerly"]:
                values = [(f" = {json.dumps(a)}", f" = {json.dumps(b)}") for a, b in former.values] or [("", "")]
                rows += [
                    (f"`{former.key}{then}`", f"`{key_of(each.name)}{now}` in `[{place}]`") for then, now in values
                ]
    return rows


def parts_of(part: type, *, at: str) -> Iterator[tuple[str, type]]:
    """The tables of a scenario from the top, each with its place."""
    yield at, part
    for each in fields(part):
        kind: Kind = each.metadata["kind"]
        if kind.part:
            place = key_of(each.name) if kind.example == "" and kind.words == "a table" else f"{key_of(each.name)}.NAME"
            place = key_of(each.name) + "[]" if kind.words.startswith("a list") else place
            yield from parts_of(kind.part, at=f"{at}.{place}".lstrip("."))


def section(place: str, part: type) -> str:
    """One table's keys."""
    title = f"## `[{place}]`" if place else "## At the top"
    rows = [f"| `{key_of(each.name)}` | {each.metadata['words']} | {_expected(each)} | {default(each)} |"
            for each in fields(part)]  # fmt: skip
    words = (part.__doc__ or "").strip()
    return "\n".join(
        [title, "", words, "", "| key | meaning | expected | unless given |", "|---|---|---|---|", *rows, ""]
    )


def _expected(each: Field[Any]) -> str:
    kind: Kind = each.metadata["kind"]
    return kind.words.replace("|", "\\|")


def default(each: Field[Any]) -> str:
    """What holds where the key is left out, as the file would say it."""
    if each.default is MISSING:
        return "must be given"
    if each.default is None or each.default == () or each.metadata["kind"].part:
        return "–"
    kind: Kind = each.metadata["kind"]
    if kind.write is not str:
        return f'"{kind.write(each.default)}"'
    if isinstance(each.default, tuple):
        return ", ".join(each.default)
    return f"`{str(each.default).lower() if isinstance(each.default, bool) else each.default}`"


if __name__ == "__main__":
    print(page(), end="")
