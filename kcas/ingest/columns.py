"""Values of one field: duration, time, number or name.

One parser reads one text and is the contract. A column is read by asking its parser once for each distinct text, so
that a fast reading and a strict one cannot differ; only moments of fixed width have a vectorised twin beside it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from kcas.ingest.masking import SIX, shape

MOST_SECONDS = 31 * 86_400
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
    """A duration written with colons: its pattern (days, hours, minutes, seconds), and an example."""

    pattern: re.Pattern[str]
    example: str


_DAYS = r"(?:(?P<d>\d{1,4})(?:\.| days?,? | ?d ))?"
_SECONDS = r"(?P<s>[ 0-5]\d(?:[.,]\d{1,9})?)"
CLOCKED = {
    "m:ss": Clocked(re.compile(rf"(?P<m>\d{{0,5}}):{_SECONDS}", re.ASCII), 'minutes and seconds, like "3:07"'),
    "h:mm:ss": Clocked(re.compile(rf"{_DAYS}(?P<h>\d{{1,6}}):(?P<m>[ 0-5]\d):{_SECONDS}", re.ASCII), 'like "0:03:07"'),
    "[h:]mm:ss": Clocked(
        re.compile(rf"(?:(?P<h>\d{{1,6}}):)?(?P<m>(?(h)[ 0-5]\d|\d{{0,5}})):{_SECONDS}", re.ASCII),
        'like "3:07" or "1:03:07"',
    ),
    "h:mm": Clocked(re.compile(rf"{_DAYS}(?P<h>\d{{1,6}}):(?P<m>[0-5]\d)", re.ASCII), 'hours and minutes, like "1:07"'),
}
"""A zero that was left out or stands as a space is read as one: ":05", "1: 5"."""
SCALED = {
    "s": (1.0, "seconds"), "ms": (0.001, "milliseconds"), "us": (1e-6, "microseconds"), "min": (60.0, "minutes"),
    "h": (3600.0, "hours"), "day": (86_400.0, "a fraction of a day, like 0.00216"),
}  # fmt: skip
DURATIONS = (*SCALED, *CLOCKED)
_WORTH = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_ISO = re.compile(r"P(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:[.,]\d{1,9})?)S)?)?", re.ASCII)
_NAMED = re.compile(
    r"(?:(?P<d>\d+) ?d(?:ays?)?,? ?)?(?:(?P<h>\d+) ?h(?:(?:ou)?rs?)?,? ?)?(?:(?P<m>\d+) ?m(?:in(?:ute)?s?)?\.?,? ?)?"
    r"(?:(?P<s>\d+(?:\.\d{1,9})?) ?s(?:ec(?:ond)?s?)?\.? ?)?(?:(?P<ms>\d+) ?ms)?",
    re.ASCII | re.IGNORECASE,
)
"""A duration that names its own units, as ISO 8601 writes it or in words."""
_DAY_FRACTION = re.compile(r"\d{1,3}(?:\.\d{1,20})?(?:[Ee]-\d{1,2})?", re.ASCII)


def duration(text: str, *, form: str, decimal: str | None = None, longest: float = MOST_SECONDS) -> float:
    """Seconds. Raises Unreadable for anything that is not a duration of that form, and for a negative one.

    A text that names its own units ("1m 5s", "PT1M5S") is read by them, whatever the form.
    """
    text = plain_spaces(text)
    unsigned = text.removeprefix("-")
    clocked = CLOCKED.get(form)
    seconds = _added(clocked.pattern.fullmatch(unsigned)) if clocked else _scaled(unsigned, form=form, decimal=decimal)
    if seconds is None:
        seconds = _added((_ISO if unsigned.startswith("P") else _NAMED).fullmatch(unsigned))
    if seconds is None:
        expected = CLOCKED[form].example if form in CLOCKED else SCALED[form][1]
        raise Unreadable(f"{shape(text)} is not a duration. Expected {expected}.")
    if text != unsigned and seconds:
        raise Unreadable(f"{shape(text)} is a negative duration.")
    if seconds > longest:
        raise Unreadable(f"{shape(text)} is longer than {longest // 86_400:,.0f} days.")
    return seconds


def _added(match: re.Match[str] | None) -> float | None:
    """Seconds from a duration's parts; None where there are none."""
    parts = {unit: part.replace(",", ".") for unit, part in match.groupdict().items() if part} if match else {}
    return round(sum(float(part) * _WORTH[unit] for unit, part in parts.items()), 9) if match and parts else None


def _scaled(text: str, *, form: str, decimal: str | None) -> float | None:
    """Seconds from a number of units; None where it is no number."""
    worth = SCALED[form][0]
    if form == "day":
        plain = text.replace(",", ".")
        return round(float(plain) * worth, 3) if _DAY_FRACTION.fullmatch(plain) else None
    if decimal is None and _NUMBER.fullmatch(text):  # three digits after a point are thousandths of a second
        return float(text) * worth
    number = plain_number(text, decimal=decimal)
    return float(number) * worth if number and _NUMBER.fullmatch(number) else None


_GROUPS = re.compile(r"[1-9]\d{0,2}(?:(?P<mark>[,. '\u2019])\d{3})(?:(?P=mark)\d{3})*", re.ASCII)
"""A whole number with a mark between its thousands; a telephone number that begins with a zero is none."""
_SIGNS = {"point": ".", "comma": ","}


def plain_number(text: str, *, decimal: str | None, whole: bool = False) -> str | None:
    """A number's digits with a point for its decimal sign; None where it is not plain which number it is.

    `decimal` is "point" or "comma", None where nobody has said. `whole`: only whole numbers are meant, so that a comma
    before three digits stands between thousands.
    """
    if text.isascii() and text.isdigit():
        return text
    ungrouped, at, fraction = text, *_decimal_part(text, decimal)
    if at:
        ungrouped = text[: -len(fraction) - 1]
    match = _GROUPS.fullmatch(ungrouped)
    if match and (at or decimal or match["mark"] in " '\u2019" or ungrouped.count(match["mark"]) > 1 or whole):
        if match["mark"] == (_SIGNS[decimal] if decimal else at) or (
            whole and not decimal and match[0].count(".") == 1
        ):
            return None
        ungrouped = ungrouped.replace(match["mark"], "")
    elif not ungrouped.isdigit():
        return None
    return f"{ungrouped}.{fraction}" if at else ungrouped


def _decimal_part(text: str, decimal: str | None) -> tuple[str, str]:
    """The decimal sign of a number and what follows it; empty where it has none, or it could be a thousand's."""
    before, sign, after = max((text.rpartition(mark) for mark in ".,"), key=lambda parts: len(parts[0]))
    if not sign or not after.isdigit() or not text.isascii():
        return "", ""
    if decimal:
        return (sign, after) if sign == _SIGNS[decimal] else ("", "")
    other = "," if sign == "." else "."
    certain = len(after) != 3 or other in before or not _GROUPS.fullmatch(text)
    return (sign, after) if certain and sign not in before else ("", "")


def plain_spaces(text: str) -> str:
    """A text without the marks of direction, and with every kind of space as a plain one; none at its ends."""
    return text.strip(" ") if text.isascii() else text.translate(_SPACES).strip(" ")


_BLANKS = "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_DIRECTIONS = "\u200e\u200f\u061c\ufeff\u2066\u2067\u2068\u2069"
_SPACES = dict.fromkeys(map(ord, _BLANKS), " ") | dict.fromkeys(map(ord, _DIRECTIONS), "")


def amount(text: str, *, largest: float = LARGEST, decimal: str | None = None, whole: bool = False) -> float:
    """A count or a total. Raises Unreadable unless it is a number from zero up, written as counts are.

    A number that begins with a zero, as telephone numbers do, is none.
    """
    text = plain_spaces(text)
    number = plain_number(text, decimal=decimal, whole=whole)
    before = text.partition(".")[0]
    if not number and not decimal and _GROUPS.fullmatch(text):
        raise Unreadable(f'{shape(text)} may be thousands or a fraction. Say decimal = "point" or decimal = "comma".')
    if not number or not _NUMBER.fullmatch(number) or float(number) > largest or _telephone(before):
        raise Unreadable(f'{shape(text)} is not an amount. Expected a plain number, like "1087".')
    return float(number)


def _telephone(text: str) -> bool:
    """Whether a number is written as no count is."""
    return len(text) >= SIX and text.startswith("0")


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


def matching(texts: pa.Array, test: Callable[[str], bool]) -> Array:
    """Which rows' texts, without the spaces around them, meet a test."""
    found, codes, _ = each_once(texts, lambda text: test(text.strip(" ")))
    return np.array(found, dtype=np.bool_)[codes] if found else np.empty(0, dtype=np.bool_)
