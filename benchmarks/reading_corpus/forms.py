"""Forms in which suppliers print days, clocks, durations, counts and shares."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone

Cell = str | int | float | datetime | date | time | timedelta | None

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def month_name(day: date, language: str = "en") -> str:
    """The month's name in full."""
    return MONTHS[language].split()[day.month - 1]


def _long_day(day: date, language: str) -> str:
    name = month_name(day, language)
    return {
        "de": f"{day.day}. {name} {day.year}",
        "fr": f"{day.day} {name} {day.year}",
        "es": f"{day.day} de {name} de {day.year}",
    }.get(language, f"{day.day} {name} {day.year}")


DAYS: dict[str, Callable[[date], str]] = {
    "iso": lambda day: day.isoformat(),
    "compact": lambda day: f"{day:%Y%m%d}",
    "mmddyyyy": lambda day: f"{day:%m%d%Y}",
    "yyyy/mm/dd": lambda day: f"{day:%Y/%m/%d}",
    "dd/mm/yyyy": lambda day: f"{day:%d/%m/%Y}",
    "d/m/yyyy": lambda day: f"{day.day}/{day.month}/{day.year}",
    "dd.mm.yyyy": lambda day: f"{day:%d.%m.%Y}",
    "dd-mm-yyyy": lambda day: f"{day:%d-%m-%Y}",
    "dd/mm/yy": lambda day: f"{day:%d/%m/%y}",
    "mm/dd/yyyy": lambda day: f"{day:%m/%d/%Y}",
    "m/d/yy": lambda day: f"{day.month}/{day.day}/{day:%y}",
    "dd-Mon-yy": lambda day: f"{day:%d}-{month_name(day)[:3]}-{day:%y}",
    "d Mon yyyy": lambda day: f"{day.day} {month_name(day)[:3]} {day.year}",
    "Mon d, yyyy": lambda day: f"{month_name(day)[:3]} {day.day}, {day.year}",
    "long": lambda day: f"{WEEKDAYS[day.weekday()]}, {_long_day(day, 'en')}",
    "long de": lambda day: _long_day(day, "de"),
    "long fr": lambda day: _long_day(day, "fr"),
    "long es": lambda day: _long_day(day, "es"),
    "Ddd dd/mm/yyyy": lambda day: f"{WEEKDAYS[day.weekday()][:3]} {day:%d/%m/%Y}",
}
DAY_FIRST = frozenset({"dd/mm/yyyy", "d/m/yyyy", "dd.mm.yyyy", "dd-mm-yyyy", "dd/mm/yy", "Ddd dd/mm/yyyy"})
MONTH_FIRST = frozenset({"mm/dd/yyyy", "m/d/yy", "mmddyyyy"})


def _twelve(moment: datetime, seconds: str, space: str, halves: tuple[str, str]) -> str:
    return f"{moment.hour % 12 or 12}:{moment:%M}{seconds}{space}{halves[moment.hour >= 12]}"


CLOCKS: dict[str, Callable[[datetime], str]] = {
    "hh:mm:ss": lambda at: f"{at:%H:%M:%S}",
    "hh:mm": lambda at: f"{at:%H:%M}",
    "h:mm": lambda at: f"{at.hour}:{at:%M}",
    "hh:mm:ss.fff": lambda at: f"{at:%H:%M:%S}.000",
    "hh.mm.ss": lambda at: f"{at:%H.%M.%S}",
    "hmm": lambda at: str(at.hour * 100 + at.minute),
    "h:mm:ss AM": lambda at: _twelve(at, f":{at:%S}", " ", ("AM", "PM")),
    "h:mm AM": lambda at: _twelve(at, "", " ", ("AM", "PM")),
    "h:mmam": lambda at: _twelve(at, "", "", ("am", "pm")),
    "h:mm a.m.": lambda at: _twelve(at, "", " ", ("a.m.", "p.m.")),
    "h:mm:ss nnbsp AM": lambda at: _twelve(at, f":{at:%S}", "\u202f", ("AM", "PM")),
    "h:mm without half": lambda at: f"{at.hour % 12 or 12}:{at:%M}",
}

UTC_FORMS: dict[str, Callable[[datetime], str]] = {
    "iso Z": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}Z",
    "iso fff Z": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
    "iso +00:00": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}+00:00",
    "UTC": lambda at: f"{at:%Y-%m-%d %H:%M:%S}.000 UTC",
    "GMT": lambda at: f"{at:%d/%m/%Y %H:%M:%S} GMT",
    "iso +02:00": lambda at: at.astimezone(timezone(timedelta(hours=2))).isoformat(),
    "iso -0500": lambda at: f"{at.astimezone(timezone(timedelta(hours=-5))):%Y-%m-%dT%H:%M:%S%z}",
    "epoch s": lambda at: str(int(at.timestamp())),
    "epoch s.f": lambda at: f"{int(at.timestamp())}.250000",
    "epoch ms": lambda at: str(int(at.timestamp()) * 1000),
    "epoch us": lambda at: str(int(at.timestamp()) * 1_000_000),
}
"""Forms of a moment that hold their own offset from UTC; each takes an aware moment in UTC."""


def _minutes(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


def _hours(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _in_words(seconds: int) -> str:
    parts = [(seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s")]
    return " ".join(f"{value}{unit}" for value, unit in parts if value) or "0s"


def _iso_duration(seconds: int) -> str:
    return "PT" + (_in_words(seconds).upper().replace(" ", ""))


def _long_words(seconds: int) -> str:
    minutes = [f"{seconds // 60} min"] if seconds >= 60 else []
    return " ".join([*minutes, f"{seconds % 60} sec"])


DURATIONS: dict[str, Callable[[int], Cell]] = {
    "s": lambda seconds: seconds,
    "s.00": lambda seconds: f"{seconds}.00",
    "s,0": lambda seconds: f"{seconds},0",
    "s unit": lambda seconds: f"{seconds} s",
    "ms": lambda seconds: seconds * 1000,
    "minutes": lambda seconds: f"{seconds / 60:.2f}",
    "m:ss": _minutes,
    "mm:ss": lambda seconds: f"{seconds // 60:02d}:{seconds % 60:02d}",
    "h:mm:ss": _hours,
    "hh:mm:ss": lambda seconds: f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}",
    "hh:mm:ss.fff": lambda seconds: f"{_hours(seconds).zfill(8)}.000",
    "1m 5s": _in_words,
    "1 min 5 sec": _long_words,
    "PT1M5S": _iso_duration,
    "day fraction": lambda seconds: round(seconds / 86400, 12),
    "typed": lambda seconds: timedelta(seconds=seconds),
}

COUNTS: dict[str, Callable[[int], Cell]] = {
    "plain": lambda count: count,
    "1,234": lambda count: f"{count:,}",
    "1.234": lambda count: f"{count:,}".replace(",", "."),
    "1 234": lambda count: f"{count:,}".replace(",", "\u202f"),
    "1'234": lambda count: f"{count:,}".replace(",", "'"),
    "1234.0": lambda count: f"{count}.0",
}


def share(part: int, whole: int, *, comma: bool = False, places: int = 1) -> str:
    """A percentage."""
    text = f"{100 * part / whole if whole else 0:.{places}f}%"
    return text.replace(".", ",").replace("%", " %") if comma else text
