"""Forms of the values in a column, found from the values: dates, clocks, durations and counts.

A form is certain where it reads every value and no other form would read them differently. Where two would, both are
returned and the choice is left to a person.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kcas.errors import SettingError
from kcas.ingest.columns import Unreadable, duration, plain_spaces
from kcas.ingest.moment_forms import Form, form

ORDERS = ("day first", "month first", "year first")
_NONE = frozenset(("", "-", "--", "—", "–", "n/a", "N/A", "NULL", "null", "None", "none", "\\N"))
"""Texts that mean that a cell is empty."""
_SEPARATORS = "/.-"
_CLOCK = re.compile(
    r"(?P<h>\d{1,2})(?P<sep>[:.])(?P<m>\d\d)(?:(?P=sep)(?P<s>\d\d)(?P<f>[.,]\d{1,9})?)?(?P<gap> ?)"
    r"(?P<half>[AaPp]\.? ?[Mm]\.?)?"
    r"(?P<zone> ?(?:Z|[+-]\d\d:?\d\d|[A-Z]{2,5}))?$"
)
_FIGURES = re.compile(r"(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4})$")
_WORDED = ("D Mon YYYY", "D. Mon YYYY", "D-Mon-YYYY", "D-Mon-YY", "D Mon YY", "Mon D, YYYY", "Mon D YYYY",
    "D 'de' Mon 'de' YYYY", "Mon YYYY", "Mon-YYYY", "Mon YY", "Mon-YY", "YYYY-Mon-D")  # fmt: skip
_WEEKDAY = re.compile(r"[^\W\d_]{2,13}\.?,? +(?=\w)")
_COMMENCING = re.compile(r"w/[cs] ", re.IGNORECASE)


@dataclass(frozen=True)
class MomentForm:
    """How moments are written, by each order of day and month that the values allow; `range` is a range's mark."""

    by_order: dict[str, str]
    range: str = ""

    @property
    def form(self) -> Form:
        """The form, where one order is left; else the first."""
        return form(next(iter(self.by_order.values())), where="a column")


def distinct_texts(texts: Iterable[str]) -> list[str]:
    """The distinct texts that say something, in their order."""
    return [text for text in dict.fromkeys(map(plain_spaces, texts)) if text not in _NONE]


def empty_words(texts: Iterable[str]) -> list[str]:
    """The texts in a column that mean that a cell is empty, other than an empty one."""
    return sorted({text for text in map(plain_spaces, texts) if text in _NONE and text})


def moment_form(texts: Sequence[str]) -> MomentForm | None:
    """The form of a column of moments, days or clocks; None where there is none that reads them all."""
    values = distinct_texts(texts)
    if not values:
        return None
    if (counted := _epoch(values)) or (counted := _number(values)):
        return counted
    mark = next((mark for mark in (" - ", "-", "–", " to ") if all(_is_range(value, mark) for value in values)), "")
    if mark:
        values = [value.split(mark)[0].strip() for value in values]
    candidates = _candidates(values[0], values)
    found = {order: text for order, text in candidates.items() if reads_all(text, values)}
    if not found:  # a few bad cells among many make no other form
        found = {order: text for order, text in candidates.items() if reads_all(text, values, but=len(values) // 50)}
    return MomentForm(found, mark.strip() if mark else "") if found else None


def reads_all(text: str, values: Sequence[str], *, but: int = 0) -> bool:
    """Whether a form reads every value, or all but so many."""
    try:
        read = form(text, where="a column")
    except SettingError:
        return False
    for value in values:
        try:
            read(value)
        except Unreadable:
            but -= 1
            if but < 0:
                return False
    return True


def _is_range(value: str, mark: str) -> bool:
    """Whether a text is a range of two clocks, the first perhaps with its day."""
    first, found, last = value.rpartition(mark)
    return bool(found) and bool(_CLOCK.search(first.strip())) and bool(_CLOCK.fullmatch(last.strip()))


def _epoch(values: Sequence[str]) -> MomentForm | None:
    """A count since 1970, told by its size: from 2001 to 2033."""
    for name, digits in (("epoch s", 10), ("epoch ms", 13), ("epoch us", 16)):
        if all(re.fullmatch(rf"1\d{{{digits - 1}}}(\.\d{{1,9}})?", value) for value in values):
            return MomentForm({"": name})
    return None


def _number(values: Sequence[str]) -> MomentForm | None:
    """A clock or a day that is a number: 930, 20260316, 03162026."""
    if not all(value.isascii() and value.isdigit() for value in values):
        return None
    if all(len(value) == 8 for value in values):
        forms = {"year first": "YYYYMMDD", "day first": "DDMMYYYY", "month first": "MMDDYYYY"}
        found = {order: text for order, text in forms.items() if reads_all(text, values) and _recent(text, values)}
        return MomentForm(found) if found else None
    long_ones = sum(len(value) > 2 for value in values)
    quarters = all(int(value[-4:]) % 100 in (0, 15, 30, 45) for value in values)
    enough = long_ones > len(values) / 2 or (quarters and long_ones == len(values) / 2)
    short = len(values) > 3 and enough and all(len(value) <= 4 for value in values)
    return MomentForm({"": "Hmm"}) if short and reads_all("Hmm", values) else None


def _recent(text: str, values: Sequence[str]) -> bool:
    """Whether all days are of this age of telephone logs: from 1990 to 2070."""
    years = [value[text.index("YYYY") :][:4] for value in values]
    return all("1990" <= year <= "2070" for year in years)


def _candidates(value: str, values: Sequence[str]) -> dict[str, str]:
    """The forms that a value may have, by the order of its day and month."""
    clock, rest = "", value
    match = _CLOCK.search(value)
    if match and (match.start() == 0 or not value[match.start() - 1].isdigit()) and not _FIGURES.fullmatch(value):
        rest = value[: match.start()]
        clock = _clock(match, values)
    stripped = rest.rstrip(" T,")
    day_forms = _days(stripped, values) if stripped else {"": ""}
    joint = rest[len(stripped) :]
    return {order: f"{day}{joint}{clock}" for order, day in day_forms.items()}


def _clock(match: re.Match[str], values: Sequence[str]) -> str:
    """The form of a clock."""
    half = " AM" if match["half"] and match["gap"] else "AM" if match["half"] else ""
    hour = "h" if half or any(_hour(value) == 1 for value in values) else "hh"
    seconds = f"{match['sep']}ss" if match["s"] else ""
    fraction = f"[{match['f'][0]}f]" if match["f"] else ""
    zone = (match["zone"] or "").strip()
    offset = "+hh:mm" if zone and (zone == "Z" or zone[0] in "+-") else "ZZZ" if zone else ""
    parted = bool(match["gap"]) and not half
    gap = " " if offset and (parted or (match["zone"] or "").startswith(" ")) else ""
    return f"{hour}{match['sep']}mm{seconds}{fraction}{half}{gap}{offset}"


def _hour(value: str) -> int:
    """How many digits the hour of a clock has."""
    match = _CLOCK.search(value)
    return len(match["h"]) if match else 0


def _days(text: str, values: Sequence[str]) -> dict[str, str]:
    """The forms of a day, by the order of day and month."""
    if found := next((each for each in _WORDED if reads_all(each, [text])), ""):
        return {"": found}
    before = ""
    if commencing := _COMMENCING.match(text):
        before, text = f"'{commencing[0].strip()}' ", text[commencing.end() :]
    elif weekday := _WEEKDAY.match(text):
        after = weekday[0]
        before, text = f"Day{',' if ',' in after else ''} ", text[weekday.end() :]
    if figures := _FIGURES.fullmatch(text):
        return {order: before + each for order, each in _figures(figures).items()}
    if len(text) == 8 and text.isdigit():
        return {"": f"{before}YYYYMMDD"}
    found = next((each for each in _WORDED if reads_all(each, [text])), "")
    return {"": before + found} if found else {}


def _figures(match: re.Match[str]) -> dict[str, str]:
    """The forms of a day in figures, by the order of day and month: those with a point have the day first."""
    first, mark, _, last = match.groups()
    if len(first) == 4:
        return {
            "year first": f"YYYY{mark}MM{mark}DD" if len(last) == 2 and len(match[3]) == 2 else f"YYYY{mark}M{mark}D"
        }
    year = "Y" * len(last)
    if len(last) not in (2, 4):
        return {}
    forms = {"day first": f"D{mark}M{mark}{year}", "month first": f"M{mark}D{mark}{year}"}
    if mark == "." and len(last) == 4:
        return {"day first": forms["day first"]}
    if mark == "-" and len(last) == 2:
        forms["year first"] = f"YY{mark}M{mark}D"
    return forms


@dataclass(frozen=True)
class DurationForm:
    """How durations are written; `options` where the unit is not certain, the likeliest first."""

    format: str
    options: tuple[str, ...] = ()
    evidence: str = ""
    decimal: str = ""  # the decimal sign, where the values show it


UNITS = {"s": "s", "ms": "ms", "min": "min", "days": "day"}
"""Units as a person is asked for them, and the format that each is."""
_NAMED_UNITS = (
    ("ms", re.compile(r"\b(ms|msec|millis|milliseconds|millisecond)\b|(?<=[a-z])(Ms|Millis)$")),
    ("s", re.compile(r"\b(s|sec|secs|seconds|second|sekunden|secondes|segundos)\b", re.IGNORECASE)),
    ("min", re.compile(r"\b(min|mins|minutes|minuten|minutos)\b", re.IGNORECASE)),
)
_PLAIN = re.compile(r"-?\d{1,15}(?:(?P<sign>[.,])(?P<fraction>\d{1,20}))?(?:[Ee]-\d{1,2})?")
_UNLIKELY = 3 * 3600.0
"""Seconds: a typical wait or talk is shorter."""


def duration_form(name: str, texts: Sequence[str]) -> DurationForm | None:
    """The form of a column of durations; None where it holds none."""
    values = distinct_texts(texts)
    if not values:
        return DurationForm("s")
    if all(":" in value for value in values):
        return _clocked(values)
    if all(_PLAIN.fullmatch(value) for value in values):
        return _plain(name, values)
    return DurationForm("s") if _reads(values, "s") else None


def _reads(values: Sequence[str], written: str) -> bool:
    """Whether every text is a duration of that form, but for a few among many."""
    left = len(values) // 50
    for value in values:
        try:
            duration(value.lstrip("-"), form=written)
        except Unreadable:
            left -= 1
            if left < 0:
                return False
    return True


def _clocked(values: Sequence[str]) -> DurationForm | None:
    """A duration with colons. Two parts are minutes and seconds unless they would be hours long."""
    for written in ("h:mm:ss", "m:ss", "[h:]mm:ss"):
        if _reads(values, written):
            return DurationForm(written)
    return None


def _plain(name: str, values: Sequence[str]) -> DurationForm:
    """A duration that is a number: its unit from the heading, or from the size of the values."""
    matches = [match for value in values if (match := _PLAIN.fullmatch(value))]
    decimal = "comma" if any(match["sign"] == "," for match in matches) else ""
    named = next((unit for unit, words in _NAMED_UNITS if words.search(name.replace("_", " "))), "")
    if named:
        return DurationForm(named, decimal=decimal)
    numbers = sorted(abs(float(value.replace(",", "."))) for value in values)
    middle, filled = numbers[len(numbers) // 2], [number for number in numbers if number]
    if not filled or all(number.is_integer() for number in numbers):
        return _whole(filled, middle, decimal)
    long_fractions = sum(len(match["fraction"] or "") > 3 for match in matches) > len(matches) / 2
    if numbers[-1] < 1 and long_fractions:
        return DurationForm("day", decimal=decimal)
    evidence = f"fractions, half of them below {middle:g}"
    if _are_hundredths_of_minutes(numbers):
        evidence, options = f"{evidence}, each of them whole seconds if they are minutes", ("min", "s", "days")
    else:
        options = ("s", "min", "days")
    return DurationForm("s", options, evidence, decimal)


def _are_hundredths_of_minutes(numbers: Sequence[float]) -> bool:
    """Whether numbers are all whole seconds as minutes with two decimals: by chance six in ten are."""
    distinct = {round(number * 100) for number in numbers}
    seconds = {round(second / 60 * 100) for second in range(60)}
    return len(distinct) >= 8 and all(each % 100 in seconds for each in distinct)


def _whole(filled: Sequence[float], middle: float, decimal: str) -> DurationForm:
    """A duration in whole numbers: seconds, or milliseconds where all are thousands."""
    enough = len(filled) >= 3 or middle > _UNLIKELY / 3
    if filled and enough and all(number % 1000 == 0 for number in filled):
        return DurationForm("ms", decimal=decimal)
    if middle > _UNLIKELY / 3:
        return DurationForm("ms", ("ms", "s"), f"half of them are above {middle:,.0f}", decimal)
    return DurationForm("s", decimal=decimal)


_COUNT = re.compile(r"\d{1,15}(?:[.,]0+)?|\d{1,3}(?:[., '\u2019]\d{3})+")


def counts(texts: Sequence[str]) -> bool:
    """Whether a column holds counts of calls: whole numbers, thousands perhaps marked, none of them a telephone's."""
    values = distinct_texts(texts)
    telephones = any(len(value) > 5 and value.startswith("0") for value in values)
    return bool(values) and not telephones and all(_COUNT.fullmatch(value) for value in values)


def decimal_sign(texts: Sequence[str]) -> str:
    """The decimal sign that counts show by the mark between their thousands; empty where they show none."""
    marks = {
        mark
        for value in distinct_texts(texts)
        for mark in ".,"
        if re.fullmatch(rf"\d{{1,3}}(?:\{mark}\d{{3}})+", value)
    }
    return {".": "comma", ",": "point"}[marks.pop()] if len(marks) == 1 else ""


def percentage_places(texts: Sequence[str]) -> int | None:
    """Places behind the decimal sign of a column of percentages; None where it holds none."""
    values = distinct_texts(texts)
    found = [re.fullmatch(r"\d{1,3}(?:[.,](\d{1,6}))? ?%", value) for value in values]
    return max(len(match[1] or "") for match in found if match) if values and all(found) else None
