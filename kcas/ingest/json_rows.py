"""Objects of a JSON text as rows: an array, one object a line, objects run together, or an array under a key.

The text is read piece by piece, so that a file may be larger than the memory. A column is a path into the object:
`Queue.Name`, `segments[0].queue`, `segments[-1].queue`, or `metrics[name=tTalk].value` for the element of an array that
has this text under that key.
"""

import json
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Any, NamedTuple

from kcas.errors import LogError
from kcas.ingest.workbook_rows import CellValue

LARGEST_VALUE = 64 << 20
"""Characters of one record: a thousand times the longest call."""
CHARACTERS = 1 << 16
DEEPEST = 12
"""Objects within objects whose members are columns."""
FIRST_RECORDS = 200
"""Records whose members are the columns where none are asked for."""
LOOKS_LIKE = re.compile(r"\s*(?:\[\s*)?\{\s*[\"}]")

_DECODER = json.JSONDecoder(parse_constant=lambda text: None)
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_STEP = re.compile(r"(?P<key>[^.\[\]]+)|\[(?P<place>-?\d{1,4})\]|\[(?P<name>[^\[\]=]+)=(?P<text>[^\[\]]*)\]")


class JsonRecord(NamedTuple):
    """One object, the line it begins on, and why it cannot be read, if so."""

    line: int
    value: Any
    fault: str = ""


class JsonText:
    """State that lives while a JSON text is read: what of it is at hand, where the reading is, and on which line."""

    def __init__(self, chunks: Iterator[str], *, name: str) -> None:
        self.chunks, self.name = chunks, name
        self.text, self.at, self._line, self._counted = "", 0, 1, 0

    @property
    def line(self) -> int:
        """The line of the next letter."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def more(self) -> bool:
        """Bring more of the text to hand; False where there is no more."""
        self._line, self._counted = self.line, 0
        parts, wanted = [self.text[self.at :]], max(CHARACTERS, len(self.text) - self.at)
        self.at = 0
        while wanted > 0 and (chunk := next(self.chunks, "")):
            parts.append(chunk)
            wanted -= len(chunk)
        self.text = "".join(parts)
        return len(parts) > 1

    def letter(self) -> str:
        """The next letter that is no white space; "" at the end."""
        while True:
            found = _SPACE.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text) or not self.more():
                return self.text[self.at : self.at + 1]

    def take(self, letter: str) -> bool:
        """Pass over the next letter if it is this one."""
        there = self.letter() == letter
        self.at += there
        return there

    def value(self) -> Any:
        """The value that begins at the next letter. Raises ValueError where it is no JSON."""
        self.letter()
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except RecursionError:
                raise ValueError("nested too deep") from None
            except ValueError:
                if len(self.text) - self.at > LARGEST_VALUE:
                    raise LogError(f"{self.name}, line {self.line}: a record over 64 MiB. Not kept.") from None
                if not self.more():
                    raise
                continue
            if end < len(self.text) or isinstance(value, dict | list | str) or not self.more():
                self.at = end if end <= len(self.text) else len(self.text)
                return value

    def skip_line(self) -> None:
        """Pass over the rest of a line."""
        while (end := self.text.find("\n", self.at)) < 0:
            self.at = len(self.text)
            if not self.more():
                return
        self.at = end + 1

    def broken(self) -> LogError:
        """What is wrong with a text that ends, or goes on, where it may not."""
        how = "is no valid JSON from here" if self.letter() else "ends before its JSON does; fetch it again"
        return LogError(f"{self.name}, line {self.line}: {how}. Nothing of it was kept.")


def records_in(text: JsonText, path: str = "") -> Iterator[JsonRecord]:
    """The records of a text: its objects, or those under the keys of `path`. An array's elements are records each.

    A record that is no JSON and stands alone costs its own line. Raises LogError where one within an array is broken.
    """
    keys = [key for key in path.split(".") if key]
    while letter := text.letter():
        line = text.line
        if letter == "[":
            yield from _elements(text, keys)
        elif letter == "{" and keys:
            yield from _under(text, keys)
        elif not text.take(","):
            try:
                value = text.value()
            except ValueError:
                text.skip_line()
                yield JsonRecord(line, None, "is no valid JSON")
            else:
                yield JsonRecord(line, value, "" if isinstance(value, dict) else "is no JSON object")


def _elements(text: JsonText, keys: list[str]) -> Iterator[JsonRecord]:
    """The elements of an array."""
    text.take("[")
    while not text.take("]"):
        line = text.line if text.letter() else 0
        if keys and text.letter() == "{":
            yield from _under(text, keys)
        else:
            value = _value(text)
            yield JsonRecord(line, value, "" if isinstance(value, dict) else "is no JSON object")
        if not text.take(",") and text.letter() != "]":
            raise text.broken()


def _under(text: JsonText, keys: list[str]) -> Iterator[JsonRecord]:
    """The records under a key of an object, its other members passed over."""
    text.take("{")
    while not text.take("}"):
        key = _value(text)
        if not text.take(":"):
            raise text.broken()
        line = text.line if text.letter() else 0
        if key != keys[0]:
            _value(text)
        elif text.letter() == "[":
            yield from _elements(text, keys[1:])
        elif text.letter() == "{" and keys[1:]:
            yield from _under(text, keys[1:])
        else:
            value = _value(text)
            yield JsonRecord(line, value, "" if isinstance(value, dict) else "is no JSON object")
        if not text.take(",") and text.letter() != "}":
            raise text.broken()


def _value(text: JsonText) -> Any:
    """A value that must be sound."""
    try:
        return text.value()
    except ValueError:
        raise text.broken() from None


def spread_over(record: Any, steps: list[str]) -> Iterator[Any]:
    """A record once for each element of an array in it, the element in the array's place; once where it has none."""
    if not steps or not isinstance(record, dict):
        yield record
        return
    inner = record.get(steps[0])
    for element in inner if isinstance(inner, list) and inner else [inner if inner != [] else None]:
        for part in spread_over(element, steps[1:]):
            yield {**record, steps[0]: part}


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[Any, ...]:
    """A path's steps: a key, a place in an array, or what an element of it has under a key."""
    return tuple(
        found["key"] if found["key"] else int(found["place"]) if found["place"] else (found["name"], found["text"])
        for found in _STEP.finditer(path)
    )


def cell_at(record: Any, path: str) -> CellValue:
    """What a record has at a path: null where there is nothing, and the JSON text of what is an object or array.

    Of several paths with a bar between them it is the first at which there is something.
    """
    if isinstance(record, dict) and path in record:
        return _cell_of(record[path])
    if "|" in path:
        return next((cell for each in path.split("|") if (cell := cell_at(record, each)) is not None), None)
    found = record
    for step in _steps(path):
        found = _step_into(found, step)
    return _cell_of(found)


def _step_into(found: Any, step: Any) -> Any:
    if isinstance(step, str):
        return found.get(step) if isinstance(found, dict) else None
    if not isinstance(found, list):
        return None
    if isinstance(step, int):
        return found[step] if -len(found) <= step < len(found) else None
    name, text = step
    return next((each for each in found if isinstance(each, dict) and str(each.get(name)) == text), None)


def _cell_of(value: Any) -> CellValue:
    """A value as a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        plain = isinstance(value, list) and not any(isinstance(each, dict | list) for each in value)
        return ", ".join(map(str, value)) if plain else json.dumps(value, ensure_ascii=False) if value else None
    return value if isinstance(value, str | int | float) else None


def paths_in(record: Any, *, before: str = "", depth: int = 0) -> Iterator[str]:
    """The paths of a record's members that are no objects."""
    for key, value in record.items() if isinstance(record, dict) else ():
        path = f"{before}{key}"
        if isinstance(value, dict) and value and depth < DEEPEST:
            yield from paths_in(value, before=f"{path}.", depth=depth + 1)
        else:
            yield path


def _spread_records(chunks: Iterator[str], *, path: str, each: str, name: str, cut_off: bool) -> Iterator[JsonRecord]:
    """The records of a text, each once for every element of the array that is a row each."""
    steps = [step for step in each.split(".") if step]
    try:
        for record in records_in(JsonText(chunks, name=name), path):
            yield from (record._replace(value=part) for part in spread_over(record.value, steps))
    except LogError:
        if not cut_off:
            raise


def columns_there(text: str, *, path: str, each: str, wanted: Collection[str]) -> list[str]:
    """Which of the columns wanted any record has at the beginning of a text."""
    records = _spread_records(iter([text]), path=path, each=each, name="", cut_off=True)
    first = list(islice(records, FIRST_RECORDS))
    return [column for column in wanted if any(cell_at(record.value, column) is not None for record in first)]


def json_rows(
    chunks: Iterator[str], *, path: str, each: str, used: Collection[str], name: str, cut_off: bool = False
) -> tuple[tuple[str, ...], Iterator[tuple[int, list[CellValue], str]]]:
    """The columns of a JSON text and its rows: line, cells, fault.

    The columns are those used where a record among the first has any of them, else all that the first records have.
    `cut_off`: the text is a beginning only, and may end anywhere.
    """
    spread = _spread_records(chunks, path=path, each=each, name=name, cut_off=cut_off)
    first = list(islice(spread, FIRST_RECORDS))
    known = tuple(dict.fromkeys(found for record in first for found in paths_in(record.value)))
    there = any(cell_at(record.value, column) is not None for record in first for column in used)
    header = tuple(used) if there else known
    rows = (
        (record.line, [] if record.fault else [cell_at(record.value, column) for column in header], record.fault)
        for record in chain(first, spread)
    )
    return header, rows


def records_path(text: str) -> str:
    """The keys under which a text's records are: those of its longest array of objects, "" where it has none."""
    found = JsonText(iter([text]), name="")
    if found.letter() != "{":
        return ""
    try:
        value = found.value()
    except (ValueError, LogError):
        return _path_by_sight(text)
    return "" if found.letter() else max(_arrays_in(value), default=(0, ""))[1]


def _arrays_in(value: Any, before: str = "", depth: int = 0) -> Iterator[tuple[int, str]]:
    """The arrays of objects in an object: how many elements they have, and their paths."""
    for key, inner in value.items() if isinstance(value, dict) and depth < DEEPEST else ():
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield len(inner), f"{before}{key}"
        yield from _arrays_in(inner, f"{before}{key}.", depth + 1)


def _path_by_sight(text: str) -> str:
    """The same for a text that is cut off: the keys that are open where its first array of objects begins."""
    found, at = list[str](), 0
    key = re.compile(r'\s*\{?\s*"((?:[^"\\]|\\.)*)"\s*:\s*')
    while matched := key.match(text, at):
        at = matched.end()
        if re.compile(r"\[\s*\{").match(text, at):
            return ".".join([*found, matched[1]])
        if text[at : at + 1] == "{":
            found.append(matched[1])
            continue
        try:
            _, at = _DECODER.raw_decode(text, at)
        except ValueError:
            return ""
        at += len(re.compile(r"[\s,}]*").match(text, at)[0])  # type: ignore[index]
    return ""
