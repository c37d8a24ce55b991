"""A TOML file or a JSON text a person wrote, read with where it is wrong."""

import difflib
import json
import math
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from kcas.errors import SettingError

_DEEPEST = 50
"""Tables within tables; a file with more is hostile."""
LONGEST_SHOWN = 80
LONGEST_FILE_NAME = 255
"""Bytes."""
LARGEST_WHOLE = 10**18
NO_CHARACTER = re.compile("[\0\ud800-\udfff]")


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises SettingError with the file and what is wrong with it."""
    try:
        tables = tomllib.loads(read_text(path, what="a TOML file, a page of text"))
    except tomllib.TOMLDecodeError as error:
        raise SettingError(not_toml(error, where=str(path))) from None
    except RecursionError:
        raise too_deep(str(path)) from None
    except ValueError:  # more digits than Python reads
        raise SettingError(f"{path}: a number in it has thousands of digits.") from None
    check_values(tables, where=str(path), endless=True)
    return tables


def read_text(path: Path, *, what: str) -> str:
    """A text file's whole content. Raises SettingError saying what was expected where it is none."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device would be waited for without end
            raise SettingError(f"{path}: not a file. Expected {what}.")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SettingError(f"{path}: there is no such file.") from None
    except UnicodeDecodeError:
        raise SettingError(f"{path}: not UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        raise SettingError(f"{path}: {error.strerror or error}.") from None
    except ValueError:
        raise SettingError(f"{path}: not the name of a file.") from None


def read_json(text: str | bytes, *, where: str, example: str = "{}") -> Any:
    """What a JSON text says. Raises SettingError with the place and what was expected."""
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise SettingError(
            f"{where}, character {error.pos + 1}: cannot be read as JSON. Expected a table, like {example}."
        ) from None
    except RecursionError:
        raise too_deep(where) from None
    except UnicodeDecodeError:
        raise SettingError(f"{where}: not UTF-8 text. Save it as UTF-8.") from None
    except ValueError as error:
        reason = str(error) if NO_NUMBER in str(error) else "a number in it has thousands of digits"
        raise SettingError(f"{where}: {reason}.") from None
    check_values(content, where=where)
    return content


NO_NUMBER = "is not a number"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} {NO_NUMBER}")


def check_values(content: Any, *, where: str, endless: bool = False) -> None:
    """Refuse what no setting can be, wherever it stands: tables without end, numbers without measure, hidden marks.

    `endless` lets numbers that are infinite or none pass: the reader of a scenario's key says better what is expected.
    """
    if depth(content) > _DEEPEST:
        raise too_deep(where)
    left = [(where, content)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{place}, its keys", key) for key in value]
            left += [(f"{place}, {shown_key(key)}", inner) for key, inner in value.items()]
        elif isinstance(value, list):
            left += [(f"{place}, number {number}", inner) for number, inner in enumerate(value, 1)]
        elif isinstance(value, str) and NO_CHARACTER.search(value):
            raise SettingError(f"{place}: holds a NUL or half a character, which no one sees. Take it out.")
        elif isinstance(value, int) and abs(value) > LARGEST_WHOLE:
            raise SettingError(f"{place}: a whole number of more than 18 digits. No setting is so large.")
        elif isinstance(value, float) and not endless and not math.isfinite(value):
            raise SettingError(f"{place}: infinite, or no number. Expected one like 12 or 0.5.")


def shown_key(key: str) -> str:
    """A key as a message repeats it."""
    return key if key.isprintable() and len(key) <= LONGEST_SHOWN else value_text(key)


def is_file_name(name: str) -> bool:
    """Whether a file may have this name, by the rules of the systems people have."""
    return bool(name) and name.isprintable() and len(os.fsencode(name)) <= LONGEST_FILE_NAME


def not_toml(error: tomllib.TOMLDecodeError, *, where: str) -> str:
    """Where a text is no TOML and what would be right, in a person's words and not the parser's."""
    match = re.search(r"line \d+, column \d+", str(error))
    place = f"{where}, {match[0]}" if match else f"{where}, at its end"
    if re.search("overwrite|twice|already|mutate", str(error)):
        return f"{place}: says again what was said above. Expected each name and each [table] once."
    return (
        f'{place}: cannot be read as TOML. Expected lines like name = "text" or name = 12, a [table] in brackets, '
        "and every quotation mark and bracket closed."
    )


def too_deep(where: str) -> SettingError:
    return SettingError(f"{where}: tables or lists lie more than {_DEEPEST} deep within one another.")


def depth(value: Any) -> int:
    """How deep tables and lists lie within one another, without going down by recursion."""
    level, here = 0, [each for each in [value] if isinstance(each, dict | list)]
    while here and level <= _DEEPEST:
        inner = [each for one in here for each in (one.values() if isinstance(one, dict) else one)]
        here = [each for each in inner if isinstance(each, dict | list)]
        level += 1
    return level


def value_text(value: object) -> str:
    """A value as a message repeats it: not the whole of a page."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def only_known(table: Mapping[str, Any], known: Collection[str], *, where: str) -> None:
    """Refuse a key no one knows, naming the nearest one that is known."""
    for key in table:
        if key not in known:
            raise SettingError(f"{where}: {value_text(key)} is not a setting. {nearest(key, known)}")


def nearest(key: str, known: Collection[str]) -> str:
    """A sentence naming the nearest known word, or all of them where none is near."""
    near = difflib.get_close_matches(key, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(sorted(known))}."
