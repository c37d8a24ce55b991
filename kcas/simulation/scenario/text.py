"""Writing of a scenario as TOML that reads back the same."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")
WIDEST = 100  # characters of a list on one line


def toml(tables: Mapping[str, Any]) -> str:
    """The tables as TOML. Laws, shifts and other small tables stay on the line of their key."""
    return "\n".join(_lines(tables, above=())).strip() + "\n"


def _lines(tables: Mapping[str, Any], *, above: tuple[str, ...]) -> Iterator[str]:
    parts = {key: value for key, value in tables.items() if isinstance(value, Mapping) and "law" not in value}
    own = {key: value for key, value in tables.items() if key not in parts}
    if above and (own or not parts):
        yield f"\n[{'.'.join(_key(name) for name in above)}]"
    for key, value in own.items():
        yield f"{_key(key)} = {_value(value)}"
    for key, value in parts.items():
        yield from _lines(value, above=(*above, key))


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _value(name)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        inner = [_value(each) for each in value]
        short = f"[{', '.join(inner)}]"
        return short if len(short) <= WIDEST else "[\n" + "".join(f"    {each},\n" for each in inner) + "]"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.1f}"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
