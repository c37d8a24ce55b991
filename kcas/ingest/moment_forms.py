"""Forms of moments, declared: "DD/MM/YYYY hh:mm:ss", "Hmm", "Mon YYYY", "YYYY-MM-DDThh:mm:ss+hh:mm", "epoch s".

A form reads one text. The answer is microseconds of wall clock, of UTC where the form holds an offset or is an epoch.
Hours may be written H or h, seconds S or s; an MM after the hour is minutes. What stands in brackets may be left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache

from kcas.errors import SettingError
from kcas.ingest.columns import EPOCH, Unreadable, plain_spaces
from kcas.ingest.masking import shape

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
PIVOT = 70
"""Two-digit years from here on are of the last century: no log is older than 1970."""
EPOCHS = {"epoch s": 1_000_000, "epoch ms": 1_000, "epoch us": 1, "epoch µs": 1}
SERIALS = {"excel": date(1899, 12, 30), "excel 1904": date(1904, 1, 1), "excel time": None}
"""Days since the first day of a workbook's calendar, with the time of day as a fraction; or that fraction alone."""
ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 60, "WEST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180,
    "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
}  # fmt: skip
"""Abbreviations that mean one offset, in minutes. CST and IST mean several, and are not among them."""
_MONTHS = (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "januar februar marts april maj juni juli august september oktober november desember",
    "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "- - mrt - - - - - sept - - -",
)
"""English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish with Norwegian, Polish (two cases)."""
_LETTERS = r"[A-Za-z\u00c0-\u024f]"
_PARTS = re.compile(
    rf"'[^']*'|(?<![A-Z])(?:{'|'.join(ZONES)})$|\[|\]|YYYY|YY|Mon|MM|M|Day|DD|D|HH|hh|H|h|mm|SS|ss|ww|f+|AM"
    r"|[+-](?:hh|HH):?mm|(?:UTC|GMT)?[+-]\d\d?(?::?\d\d)?$|ZZZ|(?<![A-Z])[A-Z]{3,5}$|."
)
_KINDS = {"Y": "year", "D": "day", "H": "hour", "h": "hour", "m": "minute", "S": "second", "s": "second", "w": "week"}
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-\u2212])(\d\d?)(?::?(\d\d))?", re.ASCII)


@lru_cache(maxsize=1)
def month_names() -> dict[str, int]:
    """Months by their names and by the first three and four letters that mean one month in every language here."""
    meant: dict[str, set[int]] = {}
    for language in _MONTHS:
        for number, name in enumerate(language.split(), 1):
            for text in {name, name[:3], name[:4]}:
                meant.setdefault(text, set()).add(number)
    return {text: numbers.pop() for text, numbers in meant.items() if len(numbers) == 1 and text != "-"}


@dataclass(frozen=True)
class Part:
    """One part of a form: what it tells (None for a letter that just stands there), and its text in the form."""

    tells: str | None
    text: str
    quoted: bool = False  # just stands there, whatever it would mean elsewhere


@dataclass(frozen=True)
class Form:
    """How moments are written. `offset` is in minutes where the form itself holds one for every text."""

    text: str
    parts: tuple[Part, ...]
    offset: int | None = None

    @property
    def is_utc(self) -> bool:
        """Whether what it says is UTC already."""
        return self.text in EPOCHS or self.offset is not None or any(part.tells == "offset" for part in self.parts)

    @property
    def has_day(self) -> bool:
        """Whether it tells the day; if not it is a time of day."""
        serial = self.text in EPOCHS or SERIALS.get(self.text) is not None
        return serial or any(part.tells == "year" for part in self.parts)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What texts of this form look like."""
        return re.compile("".join(map(part_pattern, self.parts)), re.ASCII | re.IGNORECASE)

    @cached_property
    def fixed(self) -> bool:
        """Whether every text of this form has its digits in the same places."""
        varying = ("Mon", "M", "D", "H", "h", "AM", "[", "]", "Day", "ww")
        return bool(self.parts) and all(
            part.text.isascii() and (part.quoted or (part.text not in varying and part.tells != "offset"))
            for part in self.parts
        )

    @cached_property
    def is_a_number(self) -> bool:
        """Whether it is a clock read as a number: 0, 30, 900 and 1330 are times of day."""
        return [part.text for part in self.parts] in (["H", "mm"], ["h", "mm"], ["H", "mm", "ss"], ["h", "mm", "ss"])

    def __call__(self, text: str) -> int:
        """Microseconds since the epoch, or since midnight for a time of day. Raises Unreadable."""
        text = text.strip(" ")
        if self.text in EPOCHS:
            return _epoch(text, worth=EPOCHS[self.text])
        if self.text in SERIALS:
            return _serial(text, since=SERIALS[self.text])
        if self.is_a_number and text.isascii() and text.isdigit():
            text = text.zfill(2 * len(self.parts))
        match = self.pattern.fullmatch(text) or self.pattern.fullmatch(plain_spaces(text))
        if not match:
            raise Unreadable(f"{shape(text)} is not of the form {self.text}.")
        try:
            said = {name: part for name, part in match.groupdict().items() if part is not None}
            local = (moment_of(said) - EPOCH) // timedelta(microseconds=1)
            return local - offset_of(said.get("offset"), otherwise=self.offset) * MINUTE
        except (ValueError, OverflowError, KeyError):
            raise Unreadable(f"{shape(text)} is no day or time there is ({self.text}).") from None


@lru_cache(maxsize=64)
def form(text: str, *, where: str) -> Form:
    """A form from its declaration. Raises SettingError where a part comes twice or there is none to read."""
    if text in EPOCHS or text in SERIALS:
        return Form(text, ())
    parts = tuple(_parts_of(text))
    told = [part.tells for part in parts if part.tells]
    days = {"year", "month", "day", "week"} & set(told)
    dated = days in ({"year", "week"}, {"year", "month"}, {"year", "month", "day"}, set())
    timed = "minute" in told or "hour" not in told
    if len(set(told)) < len(told) or not told or not dated or not timed or not _brackets_close(parts):
        raise SettingError(f'{where}: {text!r} is not a form for moments. Expected one like "DD/MM/YYYY hh:mm:ss".')
    return Form(text, parts, offset_declared(text, parts, where=where))


def offset_declared(text: str, parts: tuple[Part, ...], *, where: str) -> int | None:
    """The offset that a form itself holds, in minutes. Raises SettingError where it names a zone of several."""
    last = parts[-1].text
    if text.endswith("Z") and last == "Z":
        return 0
    if parts[-1].tells or parts[-1].quoted or not any(part.tells == "hour" for part in parts):
        return None
    if last in ZONES or _OFFSET.fullmatch(last):
        return offset_of(last, otherwise=None)
    if re.fullmatch("[A-Z]{3,5}", last):
        raise SettingError(f'{where}: {text!r} ends in a zone that is not known here. Expected its offset, "+01:00".')
    return None


def offset_of(text: str | None, *, otherwise: int | None) -> int:
    """Minutes ahead of UTC. Raises KeyError for a zone's name that is not known, ValueError for no offset."""
    if text is None:
        return otherwise or 0
    if text.upper() == "Z":
        return 0
    if not (match := _OFFSET.fullmatch(text)):
        return ZONES[text.upper()]
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    if minutes > 14 * 60 or int(match[3] or 0) > 59:
        raise ValueError
    return minutes if match[1] == "+" else -minutes


def _parts_of(text: str) -> Iterator[Part]:
    """The parts of a form's declaration."""
    hours, whole = False, text.startswith("[") and text.endswith("]")
    for part in _PARTS.findall(text):
        if part in "[]" and whole:
            yield Part(None, part, quoted=True)
            continue
        if len(part) > 1 and part[0] == "'":
            yield Part(None, part[1:-1], quoted=True)
            continue
        if part[0] in "+-" and len(part) > 1 and not hours:  # "YYYYMMDD-hhmm": the hour itself, and no offset after it
            yield Part(None, part[0])
            yield from _parts_of(part[1:])
            hours = True
            continue
        tells = _told_by(part, hours=hours)
        hours = hours or tells == "hour"
        yield Part(tells, part)


def _told_by(part: str, *, hours: bool) -> str | None:
    """What a part of a form tells."""
    if part in ("MM", "M", "Mon"):
        return "minute" if hours and part == "MM" else "month"
    if part == "ZZZ" or (part[0] in "+-" and "h" in part.lower()):
        return "offset"
    if part == "AM" or part[0] == "f":
        return "half" if part == "AM" else "fraction"
    return _KINDS.get(part[0]) if (len(part) > 1 or part in "DHh") and part != "Day" and part.isalpha() else None


def _brackets_close(parts: tuple[Part, ...]) -> bool:
    """Whether every bracket that opens closes again, none within another."""
    brackets = [part.text for part in parts if part.text in ("[", "]") and not part.quoted]
    return brackets == ["[", "]"] * (len(brackets) // 2)


_SHAPES = {
    "Mon": rf"{_LETTERS}{{3,12}}\.?", "AM": r"[AP]\.? ?M\.?",
    "+": r"Z|(?:UTC|GMT)?[+\u2212-]\d\d?(?::?\d\d)?|UTC|GMT", "ZZZ": "[A-Z]{1,5}",
}  # fmt: skip


def part_pattern(part: Part) -> str:
    """What one part looks like."""
    if part.tells is None:
        plain = {"[": "(?:", "]": ")?", "Day": rf"{_LETTERS}{{2,13}}\.?", " ": " +"}
        return re.escape(part.text) if part.quoted else plain.get(part.text) or re.escape(part.text)
    width = "{1,2}" if part.text in ("M", "D", "H", "h") else f"{{{len(part.text)}}}"
    width = "{1,9}" if part.text == "f" else width
    written = "+" if part.tells == "offset" and part.text != "ZZZ" else part.text
    return f"(?P<{part.tells}>{_SHAPES.get(written, r'[0-9]' + width)})"


def moment_of(said: dict[str, str]) -> datetime:
    """The moment a text's parts tell. Raises ValueError or KeyError where there is none."""
    hour = int(said.get("hour", "0"))
    if half := said.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half.upper().startswith("P") else 0)
    year, month = year_of(said.get("year", "1970")), said.get("month", "1").casefold().rstrip(".")
    day = date(year, int(month) if month.isdigit() else month_names()[month], int(said.get("day", "1")))
    if week := said.get("week"):
        day = date.fromisocalendar(year, int(week), 1)
    return datetime.fromisoformat(f"{day.isoformat()}T00:00:00").replace(
        hour=hour,
        minute=int(said.get("minute", "0")),
        second=int(said.get("second", "0")),
        microsecond=int(said.get("fraction", "0").ljust(6, "0")[:6]),
    )


def year_of(text: str) -> int:
    """The year, with its century where that was left out."""
    return int(text) if len(text) == 4 else int(text) + (1900 if int(text) >= PIVOT else 2000)


def _epoch(text: str, *, worth: int) -> int:
    """Microseconds from a count since 1970."""
    if not re.fullmatch(r"(?:0|[1-9]\d{0,15})(\.\d{1,9})?", text, re.ASCII):
        raise Unreadable(f"{shape(text)} is not a count of seconds since 1970.")
    whole, _, fraction = text.partition(".")
    return int(whole) * worth + int(fraction.ljust(9, "0")) * worth // 10**9 if fraction else int(whole) * worth


def _serial(text: str, *, since: date | None) -> int:
    """Microseconds from a workbook's days, to the nearest millisecond: its fractions are not exact."""
    if not re.fullmatch(r"\d{1,6}(\.\d{1,20})?(E-\d{1,2})?", text, re.ASCII):
        raise Unreadable(f"{shape(text)} is not a number of days, like 46083.375.")
    days = Decimal(text)
    if since is None and days >= 1:
        raise Unreadable(f"{shape(text)} is no time of day, a fraction below 1.")
    start = (since - EPOCH.date()).days * DAY if since else 0
    return start + round(days * 86_400_000) * 1000
