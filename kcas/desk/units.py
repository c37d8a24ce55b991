"""Units of values: one parser and one formatter for durations, times of day, percentages, days, dates with a time.

A parser takes what a person or a file says and where it stands. It raises SettingError with that place, the value and
what would be right; the same mistake gets the same sentence in every file, option and table. Formatters of files
(`duration_text`, `percentage_text`, `clock`) write what their parser reads. Those for people (`percent`, `duration`,
`day`) round.
"""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from kcas.desk.toml_file import value_text
from kcas.errors import SettingError

NOT_AVAILABLE = "not available"
SECONDS_A_DAY = 86_400.0
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SECONDS_IN = {
    "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0,
    "min": 60.0, "minute": 60.0, "minutes": 60.0,
    "h": 3600.0, "hour": 3600.0, "hours": 3600.0,
}  # fmt: skip
LONGEST = 100
"""Characters of a value: a pattern takes the square of the time over a million digits."""
_NUMBER = r"(\d+(?:\.\d+)?)"
_PART = re.compile(rf"{_NUMBER}\s*([a-z]+)\s*", re.ASCII)
_BARE = re.compile(_NUMBER, re.ASCII)
_PERCENTAGE = re.compile(rf"{_NUMBER}\s*%", re.ASCII)
_POINTS = re.compile(rf"{_NUMBER}\s*pp", re.ASCII)
_TIME_OF_DAY = re.compile(r"(\d{1,2}):([0-5]\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def read_duration(value: object, *, where: str) -> float:
    """Seconds from text with units, like "7 min 20 s". Raises SettingError where a unit is left out."""
    text = _short_text(value).lower()
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text) or any(unit not in SECONDS_IN for _, unit in parts):
        raise SettingError(
            f'{where}: {value_text(value)} is not a duration. Expected a number and a unit, like "7 min 20 s".'
        )
    return sum(float(number) * SECONDS_IN[unit] for number, unit in parts)


def read_seconds(text: str, *, where: str) -> float:
    """Seconds from text with units or without, like "20" or "1 min 30 s". Raises SettingError otherwise."""
    if _BARE.fullmatch(_short_text(text)):
        return float(text)
    try:
        return read_duration(text, where=where)
    except SettingError:
        raise SettingError(
            f'{where}: {value_text(text)} is not a duration. Expected seconds, like "20" or "20 s", or "1 min 30 s"; '
            "not below 0."
        ) from None


def read_time_of_day(value: object, *, where: str) -> float:
    """Seconds after midnight of a time of day like "8:30" or "08:30", up to 24:00. Raises SettingError otherwise."""
    match = _TIME_OF_DAY.fullmatch(_short_text(value))
    seconds = int(match[1]) * 3600.0 + int(match[2]) * 60.0 if match else SECONDS_A_DAY + 1
    if seconds > SECONDS_A_DAY:
        raise SettingError(
            f'{where}: {value_text(value)} is not a time of day. Expected one like "08:30", up to "24:00".'
        )
    return seconds


def read_percentage(value: object, *, where: str, low: float = 0.0, high: float = 100.0) -> float:
    """A share of one from text like "28%". Raises SettingError unless it is a percentage between the bounds."""
    match = _PERCENTAGE.fullmatch(_short_text(value))
    if not match or not low <= float(match[1]) <= high:
        raise SettingError(
            f'{where}: {value_text(value)} is not a percentage. Expected one like "28%", from {low:g}% to {high:g}%.'
        )
    return float(match[1]) / 100


def read_percentage_points(text: str, *, where: str) -> float:
    """A difference of shares, as a fraction of one, from text like "0.5pp". Raises SettingError unless above 0."""
    match = _POINTS.fullmatch(_short_text(text))
    if not match or not 0 < float(match[1]) < 100:
        raise SettingError(f'{where}: {value_text(text)} is not valid. Expected percentage points, like "0.5pp".')
    return float(match[1]) / 100


def read_day(value: object, *, where: str) -> date:
    """A day from text like "2010-04-01", or a day already. Raises SettingError otherwise."""
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    text = _short_text(value)
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise SettingError(
            f"{where}: {value_text(value)} is not a day. Expected year-month-day, like 2010-04-01."
        ) from None


def read_date_and_time(text: str, *, where: str, zone: str) -> datetime:
    """A date and time from text, in the zone where it names no offset. Raises SettingError otherwise."""
    try:
        at = datetime.fromisoformat(_short_text(text))
    except ValueError:
        raise SettingError(
            f"{where}: {value_text(text)} is not a date and time. Expected one like 2010-04-01T09:30 or "
            "2010-04-01T09:30+01:00."
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def _short_text(value: object) -> str:
    return value.strip() if isinstance(value, str) and len(value) <= LONGEST else ""


def duration_text(seconds: float) -> str:
    """A duration as a file writes it, to the millisecond: "7 min 20.5 s"."""
    seconds = round(seconds, 3)
    parts = [(seconds // 3600, "h"), (seconds % 3600 // 60, "min"), (round(seconds % 60, 3), "s")]
    return " ".join(f"{amount:.12g} {unit}" for amount, unit in parts if amount) or "0 s"


def threshold(seconds: float) -> str:
    """A threshold as definitions name it, in seconds below two minutes: "60 s", "2 min"."""
    return f"{seconds:g} s" if seconds < 120 else duration_text(seconds)


def clock(at: float | time | datetime) -> str:
    """A time of day, from seconds after midnight or a time: "08:30"."""
    if isinstance(at, time | datetime):
        return f"{at:%H:%M}"
    return f"{int(at // 3600):02d}:{int(at % 3600 // 60):02d}"


def percentage_text(share: float) -> str:
    """A share of one as a file writes it: 0.285 is "28.5%"."""
    text = f"{100 * share:.6g}"
    return f"{text}%" if "e" not in text else f"{100 * share:.6f}".rstrip("0").rstrip(".") + "%"


def percent(share: float | None, *, places: int = 1, none: str = NOT_AVAILABLE) -> str:
    """A share of one, rounded for people: 0.1376 is "13.8%"."""
    return none if share is None else f"{100 * share:.{places}f}%"


def in_seconds(value: float | None, *, places: int = 0, none: str = NOT_AVAILABLE) -> str:
    """Seconds as a column of a table has them, so that its rows can be compared: "1,234 s"."""
    return none if value is None else f"{value:,.{places}f} s"


def duration(seconds: float | None) -> str:
    """Seconds, rounded for people: 93 is "1 min 33 s"; above an hour to the minute."""
    if seconds is None:
        return NOT_AVAILABLE
    if seconds < 60:
        return f"{round(seconds)} s" if round(seconds) < 60 else "1 min"
    return duration_text(round(seconds) if round(seconds) < 3600 else 60 * round(seconds / 60))


def day(at: date) -> str:
    """A day in full: "Monday 1 March 1999"."""
    return f"{WEEKDAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year}"


def short_day(at: date) -> str:
    """A day in little room: "Mon 1 Mar 1999"."""
    return f"{WEEKDAYS[at.weekday()][:3]} {at.day} {MONTHS[at.month - 1][:3]} {at.year}"


def days(first: date, last: date) -> str:
    """A run of days, both included: "1 to 31 March 1999"."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {last.day} {MONTHS[last.month - 1]} {last.year}"
    start = f"{first.day} {MONTHS[first.month - 1]}" + ("" if first.year == last.year else f" {first.year}")
    return f"{start} to {last.day} {MONTHS[last.month - 1]} {last.year}"
