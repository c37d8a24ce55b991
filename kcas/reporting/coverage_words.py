"""Sentences about the days that a log lacks, for commands, pages, charts and packs."""

from datetime import timedelta

from kcas.calls.coverage import Coverage, PartDay
from kcas.monitoring.rate_chart import RateChart, next_start
from kcas.reporting import words

MOST_NAMED = 6  # stretches or days by name, the latest: older ones are counted


def missing_words(found: Coverage) -> list[str]:
    """Which open days the log lacks, whole and in part; nothing where it lacks none."""
    return [*missing_days(found), *parts_of_days(found)]


def missing_days(found: Coverage) -> list[str]:
    """The open days of which the log holds nothing."""
    if not found.missing:
        return []
    stretches = found.stretches
    named = [words.days(each.first, each.last) for each in stretches[-MOST_NAMED:]]
    count = len(found.missing)
    said = f"{count:,} open day{' is' if count == 1 else 's are'} missing from the log: {words.listed(named)}"
    earlier = len(stretches) - len(named)
    return [said + (f", and {earlier} earlier stretch{'es' if earlier > 1 else ''}." if earlier else ".")]


def parts_of_days(found: Coverage) -> list[str]:
    """The days that the log starts or breaks off in."""
    if not found.partial:
        return []
    named = "; ".join(_part(each) for each in found.partial[-MOST_NAMED:])
    earlier = len(found.partial) - min(len(found.partial), MOST_NAMED)
    more = f"; and {earlier} earlier day{'s' if earlier > 1 else ''}" if earlier else ""
    return [f"Part of a day is missing from the log: {named}{more}."]


def _part(part: PartDay) -> str:
    ends = [
        f"nothing {side} {words.clock(moment)}"
        for side, moment in (("before", part.begins), ("from", part.ends))
        if moment
    ]
    return f"{words.day(part.day)}, {' and '.join(ends)}"


def chart_coverage(chart: RateChart, found: Coverage) -> list[str]:
    """What the points of a chart lack: days missing between and within them, and a first or last one cut short."""
    if not chart.shown or found.first is None or found.last is None:
        return []
    first, until = chart.shown[0].start, next_start(chart.shown[-1].start, by=chart.by)
    inside = found.within(first, until)
    said = missing_days(inside)
    if said:
        said[-1] += " No run or trend is counted across them."
    if chart.by != "day" and first < found.first:
        said.append(f"The log starts on {words.day(found.first)}: the first {chart.by} is counted from then.")
    if chart.by != "day" and until > found.last + timedelta(days=1):
        said.append(f"The log ends on {words.day(found.last)}: the last {chart.by} is counted until then.")
    return said + parts_of_days(inside)
