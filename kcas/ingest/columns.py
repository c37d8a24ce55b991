"""Values of one field: duration, time, number or name.

One parser reads one text and is the contract. A column is read by asking its parser once for each distinct text, so
that a fast reading and a strict one cannot differ; only moments of fixed width have a vectorised twin beside it.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from kcas.ingest.masking import SIX, shape

_LONGEST = 31 * 86_400
"""Seconds: no one waits or talks for over a month; a larger number is a fault (or an epoch in the wrong column)."""
LARGEST = 1e11
"""Seconds in all in one interval of a table: three thousand years."""
MOST = 1e8
"""Calls counted in one interval of a table. A telephone number in the wrong column is larger."""
_NAME = 100
"""Characters in a queue's, type's or provider's name."""
MISSING = np.iinfo(np.int64).min
EPOCH = datetime.fromisoformat("1970-01-01")

Array = np.ndarray[Any, Any]
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,9})?", re.ASCII)


class Unreadable(ValueError):
    """A field that does not say what it should; its text is the reason, and nothing of what the field says."""


@dataclass(frozen=True)
class Clocked:
    """A duration written with colons: its pattern, the worth of each part, and an example."""

    pattern: re.Pattern[str]
    worth: tuple[int, ...]
    example: str


CLOCKED = {
    "m:ss": Clocked(
        re.compile(r"(\d{1,5}):([0-5]\d(?:\.\d{1,6})?)", re.ASCII), (60, 1), 'minutes and seconds, like "3:07"'
    ),
    "h:mm:ss": Clocked(
        re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d(?:\.\d{1,6})?)", re.ASCII), (3600, 60, 1), 'like "0:03:07"'
    ),
}
SCALED = {"s": (1.0, "seconds"), "ms": (0.001, "milliseconds"), "min": (60.0, "minutes")}
DURATIONS = (*SCALED, *CLOCKED)


def duration(text: str, *, form: str) -> float:
    """Seconds. Raises Unreadable for anything that is not a duration of that form, and for a negative one."""
    text = text.strip(" ")
    unsigned = text.removeprefix("-")
    if form in CLOCKED:
        match, expected = CLOCKED[form].pattern.fullmatch(unsigned), CLOCKED[form].example
        parts = match.groups() if match else ()
        seconds = sum(float(part) * worth for part, worth in zip(parts, CLOCKED[form].worth, strict=False))
    else:
        match, (worth_of_one, expected) = _NUMBER.fullmatch(unsigned), SCALED[form]
        seconds = float(unsigned) * worth_of_one if match else 0.0
    if not match:
        raise Unreadable(f"{shape(text)} is not a duration. Expected {expected}.")
    if text != unsigned and seconds:
        raise Unreadable(f"{shape(text)} is a negative duration.")
    if seconds > _LONGEST:
        raise Unreadable(f"{shape(text)} is longer than {_LONGEST // 86_400} days.")
    return seconds


def amount(text: str, *, largest: float = LARGEST) -> float:
    """A count or a total. Raises Unreadable unless it is a plain number from zero up, written as counts are.

    A number that begins with a zero, as telephone numbers do, is none.
    """
    text = text.strip(" ")
    whole = text.partition(".")[0]
    if not _NUMBER.fullmatch(text) or float(text) > largest or (len(whole) >= SIX and whole.startswith("0")):
        raise Unreadable(f'{shape(text)} is not an amount. Expected a plain number, like "1087".')
    return float(text)


def name(text: str) -> str:
    """A name as people read it. Raises Unreadable where it is empty, too long, or holds what cannot be seen."""
    text = text.replace("\xa0", " ").strip(" ")
    if not text:
        raise Unreadable("is empty.")
    if len(text) > _NAME:
        raise Unreadable(f"{shape(text)} is longer than {_NAME} characters.")
    if not text.isprintable():
        raise Unreadable(f"{shape(text)} holds characters that cannot be seen (control or direction marks).")
    return text


def distinct(texts: pa.Array) -> tuple[pa.Array, Array]:
    """The distinct texts of a column, and each row's place among them."""
    coded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    return coded.dictionary, coded.indices.to_numpy(zero_copy_only=False)


def each_once(texts: pa.Array, parse: Callable[[str], Any]) -> tuple[list[Any], Array, dict[int, str]]:
    """A column through a parser asked once for each distinct text: the values, each row's place among them, faults."""
    different, codes = distinct(texts)
    values: list[Any] = []
    faults: dict[int, str] = {}
    for code, text in enumerate(different.to_pylist()):
        try:
            values.append(parse(text))
        except Unreadable as reason:
            faults[code] = str(reason)
            values.append(None)
    return values, codes, faults


def rows_at_fault(codes: Array, faults: dict[int, str]) -> dict[int, str]:
    """Why each row at fault is."""
    if not faults:
        return {}
    rows = np.flatnonzero(np.isin(codes, list(faults)))
    return {int(row): faults[int(codes[row])] for row in rows}


def numbers(texts: pa.Array, parse: Callable[[str], float | None]) -> tuple[Array, dict[int, str]]:
    """A column of numbers (NaN where there is none) and why rows are at fault."""
    values, codes, faults = each_once(texts, parse)
    return np.array(values, dtype=np.float64)[codes] if values else np.empty(0), rows_at_fault(codes, faults)


def matching(texts: pa.Array, wanted: Collection[str]) -> Array:
    """Which rows say one of the wanted texts; "*" is anything that is not empty."""
    found, codes, _ = each_once(
        texts, lambda text: text.strip(" ") in wanted or ("*" in wanted and text.strip(" ") != "")
    )
    return np.array(found, dtype=np.bool_)[codes]
