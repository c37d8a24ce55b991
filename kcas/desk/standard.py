"""The desk's standard: what counts, written down once and printed with every figure.

Weekends and holidays in a chart of days: left out, or a kind of day of their own.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kcas.desk.change_log import Action, read_actions
from kcas.desk.opening_hours import WEEKDAYS, Holidays, Opening, check_table, read_holidays, read_opening
from kcas.desk.toml_file import nearest, only_known, read_toml
from kcas.desk.units import read_duration, read_percentage, read_time_of_day
from kcas.errors import SettingError

OWN_KIND, LEFT_OUT = "own kind", "left out"


@dataclass(frozen=True)
class DaysCharted:
    """The desk's weekend, and whether weekends and holidays have a centre line of their own or are left out."""

    weekend: tuple[int, ...] = (5, 6)  # Monday is 0
    weekends: str = OWN_KIND
    holidays: str = OWN_KIND


def read_days_charted(table: Any, *, where: str) -> DaysCharted:
    """What the standard says of a chart's days."""
    check_table(table, ("weekend", "weekends", "holidays"), where=where)
    own = DaysCharted()
    return DaysCharted(
        weekend=_weekend(table["weekend"], where=f"{where}, weekend") if "weekend" in table else own.weekend,
        weekends=_treated(table.get("weekends", own.weekends), where=f"{where}, weekends"),
        holidays=_treated(table.get("holidays", own.holidays), where=f"{where}, holidays"),
    )


def _weekend(value: object, *, where: str) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(isinstance(day, str) for day in value):
        raise SettingError(f'{where}: {value!r} is not a list of days. Expected one like ["saturday", "sunday"].')
    for day in value:
        if day not in WEEKDAYS:
            raise SettingError(f"{where}: {day!r} is not a day of the week. {nearest(day, WEEKDAYS)}")
    return tuple(sorted({WEEKDAYS.index(day) for day in value}))


def _treated(value: object, *, where: str) -> str:
    if value not in (OWN_KIND, LEFT_OUT):
        raise SettingError(f'{where}: {value!r} is not known. Expected "{OWN_KIND}" or "{LEFT_OUT}".')
    return str(value)


RATE_KEYS = (
    "all_offered", "short_excluded", "cisco_short", "nhs111_mds", "nhs_direct", "of_decided",
    "unanswered", "after_60s", "with_ivr", "with_blocked", "lost_callers",
)  # fmt: skip
SERVICE_LEVEL_KEYS = ("sl_negative", "sl_answered", "sl_positive", "sl_ignored", "sl_offered", "sl_short")
SMALL_COUNTS = ("suppressed", "rounded to 5")
"""What a public report does with counts of 1 to 4."""
LATEST_BEGINNING = 12 * 60  # a day that began later would be named after the one before
DEFAULT_STORE = Path("kcas-data")
"""Where the calls are kept, in the folder that a command starts from, unless another place is named."""
SHIPPED = Path(__file__).with_name("standard.toml")


@dataclass(frozen=True)
class Threshold:
    """Up to how long a wait is short, and whether a wait of exactly that long is."""

    short: float
    equal_is_short: bool


@dataclass(frozen=True)
class Target:
    """What someone has said the desk should reach, by which definition, and who said so."""

    measure: str  # "rate" or "service_level"
    at_most: float | None
    at_least: float | None
    source: str
    definition: str | None = None  # None: the desk's own


@dataclass(frozen=True)
class Standard:
    """Definition, thresholds and which side they fall, hours, holidays, targets, time zone. Times in seconds."""

    name: str = "Kent Contact and Assessment Service"
    time_zone: str = "Europe/London"
    day_begins: int = 0  # minutes after midnight at which a day of the desk begins
    definition: str = "all_offered"
    short: float = 5.0
    equal_is_short: bool = True
    thresholds: Mapping[str, Threshold] = field(
        default_factory=lambda: MappingProxyType(
            {"nhs111_mds": Threshold(30.0, True), "nhs_direct": Threshold(30.0, True)}
        )
    )
    service_level: str = "sl_ignored"
    within: float = 20.0
    keep_caller_tokens: bool = True
    withheld: tuple[str, ...] = ()  # what this desk's switch writes for a number withheld, beside the usual words
    small_counts: str = SMALL_COUNTS[0]
    opening: Opening = field(default_factory=Opening)
    holidays: Holidays = field(default_factory=Holidays)
    charts: DaysCharted = field(default_factory=DaysCharted)
    day_of_change: date | None = date(2010, 4, 1)  # Kent's; a file that names none has none
    targets: tuple[Target, ...] = ()
    actions: tuple[Action, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a time zone, definition or service level that no one knows."""
        check_zone(self.time_zone)
        check_key(self.definition, RATE_KEYS, where="abandonment definition")
        check_key(self.service_level, SERVICE_LEVEL_KEYS, where="service level")

    def threshold(self, key: str) -> Threshold:
        """The threshold of a definition: its own where it has one, else the desk's."""
        return self.thresholds.get(key, Threshold(self.short, self.equal_is_short))


def read_standard(path: Path | None = None, *, zone: str | None = None) -> Standard:
    """The standard in a file, or the product's own where none is given; in another time zone where one is."""
    standard = _read_standard(path or SHIPPED)
    return replace(standard, time_zone=zone) if zone else standard


def _read_standard(path: Path) -> Standard:
    table = read_toml(path)
    where = str(path)
    known = ("name", "time_zone", "day_begins", "abandonment", "service_level", "opening", "holidays", "charts",
             "privacy", "evidence", "targets", "actions")  # fmt: skip
    only_known(table, known, where=where)
    rate = _section(table, "abandonment", ("definition", "short", "equal_is_short", "thresholds"), where=where)
    level = _section(table, "service_level", ("definition", "within"), where=where)
    privacy = _section(table, "privacy", ("keep_caller_tokens", "withheld", "small_counts"), where=where)
    evidence = _section(table, "evidence", ("day_of_change",), where=where)
    own = Standard()
    thresholds = {
        check_key(key, RATE_KEYS, where=f"{where}, [abandonment.thresholds]"): read_threshold(
            value, own=own, where=f"{where}, [abandonment.thresholds], {key}"
        )
        for key, value in _section(rate, "thresholds", RATE_KEYS, where=f"{where}, [abandonment]").items()
    }
    desk = read_threshold({k: v for k, v in rate.items() if k in ("short", "equal_is_short")}, own=own, where=where)
    try:
        return Standard(
            name=_text(table.get("name", own.name), where=f"{where}, name"),
            time_zone=_text(table.get("time_zone", own.time_zone), where=f"{where}, time_zone"),
            day_begins=_beginning(table.get("day_begins", "00:00"), where=f"{where}, day_begins"),
            definition=_text(rate.get("definition", own.definition), where=f"{where}, definition"),
            short=desk.short,
            equal_is_short=desk.equal_is_short,
            thresholds=MappingProxyType({**own.thresholds, **thresholds}),
            service_level=_text(level.get("definition", own.service_level), where=f"{where}, definition"),
            within=read_duration(level["within"], where=f"{where}, within") if "within" in level else own.within,
            keep_caller_tokens=truth(privacy.get("keep_caller_tokens", True), where=f"{where}, keep_caller_tokens"),
            withheld=read_texts(privacy.get("withheld", []), where=f"{where}, withheld"),
            small_counts=check_key(
                str(privacy.get("small_counts", own.small_counts)), SMALL_COUNTS, where=f"{where}, small_counts"
            ),
            opening=read_opening(table.get("opening", {}), where=f"{where}, [opening]"),
            holidays=read_holidays(table.get("holidays", {}), where=f"{where}, [holidays]"),
            charts=read_days_charted(table.get("charts", {}), where=f"{where}, [charts]"),
            day_of_change=a_day(evidence.get("day_of_change"), where=f"{where}, day_of_change"),
            targets=tuple(
                read_target(each, where=f"{where}, [[targets]]") for each in _tables(table, "targets", where=where)
            ),
            actions=read_actions(_tables(table, "actions", where=where), where=f"{where}, [[actions]]"),
        )
    except SettingError as error:
        message = str(error)
        raise SettingError(message if message.startswith(where) else f"{where}: {message}") from None


def _section(table: Mapping[str, Any], name: str, known: tuple[str, ...], *, where: str) -> Mapping[str, Any]:
    """A table of the file, empty where it is left out."""
    section = table.get(name, {})
    if not isinstance(section, Mapping):
        raise SettingError(f"{where}: {name!r} is a table. Expected [{name}] on a line of its own.")
    only_known(section, known, where=f"{where}, [{name}]")
    return section


def _tables(table: Mapping[str, Any], name: str, *, where: str) -> list[Any]:
    """A list of tables of the file, empty where it is left out."""
    tables = table.get(name, [])
    if not isinstance(tables, list):
        raise SettingError(f"{where}: {name!r} is a list of tables. Expected [[{name}]] on a line of its own.")
    return tables


def read_threshold(value: object, *, own: Standard, where: str) -> Threshold:
    """A threshold like { short = "30 s", equal_is_short = true }; what is left out is the product's own."""
    if not isinstance(value, Mapping):
        raise SettingError(f'{where}: expected a table like {{ short = "30 s", equal_is_short = true }}.')
    only_known(value, ("short", "equal_is_short"), where=where)
    return Threshold(
        short=read_duration(value["short"], where=f"{where}, short") if "short" in value else own.short,
        equal_is_short=truth(value.get("equal_is_short", own.equal_is_short), where=f"{where}, equal_is_short"),
    )


def read_target(value: object, *, where: str) -> Target:
    """A target with its source. Raises SettingError where it has no source or no side."""
    if not isinstance(value, Mapping):
        raise SettingError(f"{where}: expected a table with measure, at_most or at_least, and source.")
    only_known(value, ("measure", "definition", "at_most", "at_least", "source"), where=where)
    measure = check_key(str(value.get("measure")), ("rate", "service_level"), where=f"{where}, measure")
    keys = RATE_KEYS if measure == "rate" else SERVICE_LEVEL_KEYS
    sides = {
        side: read_percentage(value[side], where=f"{where}, {side}")
        for side in ("at_most", "at_least")
        if side in value
    }
    if len(sides) != 1 or not value.get("source"):
        raise SettingError(f"{where}: a target needs its source, and one of at_most and at_least.")
    return Target(
        measure=measure,
        at_most=sides.get("at_most"),
        at_least=sides.get("at_least"),
        source=_text(value["source"], where=f"{where}, source"),
        definition=check_key(value["definition"], keys, where=where) if "definition" in value else None,
    )


def check_key(key: str, known: tuple[str, ...], *, where: str) -> str:
    """The key itself, if it is known. Raises SettingError with the nearest that is."""
    if key not in known:
        raise SettingError(f"{where}: {key!r} is not known. {nearest(key, known)}")
    return key


def check_zone(name: str) -> str:
    """The time zone's name itself, if it is one. Raises SettingError otherwise."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(f'time zone: {name!r} is not known. Expected a name like "Europe/London".') from None
    return name


def a_day(value: object, *, where: str) -> date | None:
    """A day written without quotation marks, or None where it is left out."""
    if value is None or type(value) is date:
        return value
    raise SettingError(f"{where}: {value!r} is not a day. Expected one without quotation marks, like 2010-04-01.")


def _beginning(value: object, *, where: str) -> int:
    """Minutes after midnight at which a day begins: on the half-hour, so that no half-hour lies in two days."""
    with suppress(SettingError):
        minutes = int(read_time_of_day(value, where=where)) // 60
        if minutes <= LATEST_BEGINNING and minutes % 30 == 0:
            return minutes
    raise SettingError(
        f'{where}: {value!r} is not when a day begins. Expected a time on the half-hour up to noon, like "06:00".'
    )


def _text(value: object, *, where: str) -> str:
    """Text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise SettingError(f"{where}: {value!r} is not text. Expected words in quotation marks.")
    return value


def read_texts(value: object, *, where: str) -> tuple[str, ...]:
    """A list of texts, none of them empty."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise SettingError(f'{where}: expected a list of texts, like ["Ex-directory", "Nr. withheld"].')
    return tuple(value)


def truth(value: object, *, where: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise SettingError(f"{where}: {value!r} is neither true nor false.")
    return value
