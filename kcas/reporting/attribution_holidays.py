"""Holidays among the days compared, in words."""

from collections.abc import Mapping
from datetime import date

from kcas.attribution.attribute import Why
from kcas.reporting import words


def normal(why: Why) -> str:
    """What a day stands against that was not told what: "a normal Tuesday", "earlier holidays"."""
    against_holidays = why.holidays.here and why.holidays.against
    return "earlier holidays" if against_holidays else f"a normal {words.WEEKDAYS[why.dates[0].weekday()]}"


def of_holidays(why: Why) -> list[str]:
    """Which holidays are among the days, what they stand against, and which were left out."""
    met = why.holidays
    said = [a_holiday(why)] if met.here and len(why.dates) == 1 else holidays_of_periods(why)
    if met.left_out:
        said.append(
            "Holidays by the standard make no normal day, and the model is not fitted to them. Left out: "
            f"{holidays_listed(met.left_out)}."
        )
    return said


def a_holiday(why: Why) -> str:
    """That the day is one, and what it stands against."""
    met = why.holidays
    if met.given:
        against = "It stands against the days given"
    elif met.against:
        against = f"It stands against the last {len(met.against)} holidays before it"
    else:
        against = "The log tells of fewer than four holidays before it, so it stands against ordinary days"
    return f"This day is a holiday by the standard: {next(iter(met.here.values()))}. {against}."


def holidays_of_periods(why: Why) -> list[str]:
    """The holidays of either side, and what they were set against."""
    met = why.holidays
    sides = {"the days explained": met.here, "those they stand against": met.against}
    said = [
        f"Holidays by the standard among {which}: {holidays_listed(each)}." for which, each in sides.items() if each
    ]
    if said and len(why.dates) > 1:
        said.append(
            "Holidays were set against holidays." if met.here and met.against
            else "Only one side has holidays: they were set against their weekday."
        )  # fmt: skip
    return said


def holidays_listed(named: Mapping[date, str]) -> str:
    """Holidays with their days."""
    return words.listed([f"{words.short_day(day)} ({name})" for day, name in named.items()])


def holidays(why: Why) -> dict[str, dict[str, str]]:
    """The holidays met, for a program: day and name."""
    met = {"now": why.holidays.here, "against": why.holidays.against, "left_out": why.holidays.left_out}
    return {which: {str(day): name for day, name in named.items()} for which, named in met.items()}
