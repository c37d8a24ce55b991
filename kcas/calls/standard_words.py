"""The settings in plain English, printed with every figure."""

from kcas.calls.definitions import Definition, ServiceLevel, the_definition, the_service_level
from kcas.desk.opening_hours import A_DAY, WEEKDAYS, Span
from kcas.desk.standard import Standard, Target


def standard_in_words(
    standard: Standard, *, definition: Definition | None = None, service_level: ServiceLevel | None = None
) -> list[str]:
    """The standard as sentences; the definitions in use where they are not the standard's own."""
    rate = definition or the_definition(standard)
    level = service_level or the_service_level(standard)
    return [
        f"Abandonment rate, {rate.key}: {rate.words}. Published so by: {rate.rate.published_by}.",
        f"Service level, {level.key}: {level.words}.",
        f"A call belongs to the interval, day and week in which it entered the queue, by the clock of "
        f"{standard.time_zone}.{day_in_words(standard)}",
        opening_in_words(standard),
        holidays_in_words(standard),
        *(targets_in_words(target) for target in standard.targets),
        *([] if standard.targets else ["Targets: none set."]),
        "Caller tokens: kept, as keyed codes and never numbers."
        if standard.keep_caller_tokens
        else "Caller tokens: not kept, so who called again is not known.",
    ]


def day_in_words(standard: Standard) -> str:
    """When the desk's day begins, where that is not midnight."""
    if not standard.day_begins:
        return ""
    hour, minute = divmod(standard.day_begins, 60)
    return f" A day begins at {hour:02}:{minute:02}: what comes before is of the day before."


def opening_in_words(standard: Standard) -> str:
    """The opening hours, and what happens to calls outside them."""
    opening = standard.opening
    if not opening.stated:
        return "Opening hours: not stated, so every hour counts."
    days = ", ".join(
        f"{day.capitalize()} {span_in_words(span)}" for day, span in zip(WEEKDAYS, opening.weekdays, strict=True)
    )
    holiday = opening.holiday if isinstance(opening.holiday, str) else span_in_words(opening.holiday)
    outside = "left out" if opening.outside_left_out else "counted"
    return f"Opening hours: {days}; holidays {holiday}. Calls that entered outside them are {outside}."


def span_in_words(span: Span | None) -> str:
    """Hours of a day like "08:00 to 20:00"."""
    if not span:
        return "closed"
    first, last = (f"{minute // 60 % 24:02}:{minute % 60:02}" for minute in span)
    return f"{first} to {'24:00' if span[1] == A_DAY else last}{' of the next day' if span[1] > A_DAY else ''}"


def holidays_in_words(standard: Standard) -> str:
    """Whose holidays, and which days were added or taken away."""
    holidays = standard.holidays
    said = "Holidays: the bank holidays of England" if holidays.of_england else "Holidays: none"
    also = f", and {', '.join(map(str, holidays.also))}" if holidays.also else ""
    without = f", but not {', '.join(map(str, holidays.not_these))}" if holidays.not_these else ""
    return f"{said}{also}{without}."


def targets_in_words(target: Target) -> str:
    """A target with its source."""
    measure = "abandonment rate" if target.measure == "rate" else "service level"
    by = f" by {target.definition}" if target.definition else ""
    side, share = ("at most", target.at_most) if target.at_most is not None else ("at least", target.at_least)
    return f"Target: {measure}{by} {side} {100 * (share or 0):g}% ({target.source})."
