"""Control chart and before-and-after verdict in sentences and tables."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from kcas.monitoring.control_chart import OUTSIDE, SHIFT, TREND
from kcas.monitoring.rate_chart import Episode, Point, RateChart
from kcas.monitoring.since import CAUTIONS, Side, Since
from kcas.reporting import words
from kcas.reporting.control_charts import ASKS_HIGHER, ASKS_LOWER, NO_LIMITS, ORDINARY

_NUMBERS = (
    "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
)  # fmt: skip
A_MONTH = timedelta(days=31)  # a week or month that the period chosen cuts into is drawn whole by its first day
ORDINARY_DAYS = "In simulation, the chart speaks up on fewer than 3 in 100 days on which nothing had changed."
ORDINARY_DRIFTING_DAYS = (
    "Neighbouring days are alike here, so each is measured against a forecast from the days before it. In simulation "
    "such a chart speaks up on fewer than 5 in 100 days on which nothing had changed, and shows a lasting change late "
    "or not at all."
)
FEW_A_DAY = (
    "Fewer than one such call a day is expected here, so days with none follow one another by chance: by day, such "
    "signals come far more often than on a larger desk. Weeks or months tell more."
)
MORE_OFTEN = "Here it does so more often: neighbouring days are alike."
PROVISIONAL = "Provisional: the limits rest on fewer than sixty weekdays, and may move as more come in."


def sentence(episode: Episode, *, by: str) -> str:
    """One signal in plain words, with what was counted and what would have been ordinary."""
    return f"{what_happened(episode, by=by)} {against_the_centre(episode)}"


def what_happened(episode: Episode, *, by: str) -> str:
    """Which points, on which side, since when, and what that means."""
    points = f"{_number(len(episode.points))} {_named(episode.points, by)}"
    where = "above" if episode.up else "below"
    if episode.rule == SHIFT:
        return f"{points} in a row {where} the centre line {_when(episode, by)}: {_meaning(episode)}."
    if episode.rule == TREND:
        against = " once its kind of day is allowed for" if by == "day" else ""  # Mondays are held against Mondays
        return (
            f"{points} in a row, each {'higher' if episode.up else 'lower'} than the last{against}, "
            f"{_when(episode, by)}: "
            + (f"the rate {'is' if episode.lasts else 'was'} {'rising' if episode.up else 'falling'}.")
        )
    limit = "upper" if episode.up else "lower"
    if episode.rule == OUTSIDE:
        return f"{points} {where} the {limit} limit, {_when(episode, by, since=False)}: further than chance often goes."
    return (
        f"{points}, of which two or more close to the {limit} limit, {_when(episode, by, since=False)}: "
        "random variation rarely gives this."
    )


def _meaning(episode: Episode) -> str:
    if episode.lasts:
        return f"the rate has {'risen' if episode.up else 'fallen'}"
    return f"the rate was {'higher' if episode.up else 'lower'} then"


def against_the_centre(episode: Episode) -> str:
    """What was counted over the points of a signal, and what the centre lines would have."""
    rate = words.percent(episode.numerator / episode.denominator)
    usual = words.percent(episode.expected / episode.denominator)
    return f"{rate} ({words.counts_words(episode.numerator, episode.denominator)}), where the centre line has {usual}."


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _named(points: Sequence[Point], by: str) -> str:
    working = by == "day" and all(point.kind not in ("weekend", "bank holiday") for point in points)
    return f"{'working ' if working else ''}{by}{'' if len(points) == 1 else 's'}"


def _when(episode: Episode, by: str, *, since: bool = True) -> str:
    if since and episode.lasts:
        return f"since {period(episode.first, by=by, inside=True)}"
    if episode.first == episode.last:
        return period(episode.first, by=by, inside=True)
    if by == "month":
        return f"{period(episode.first, by=by)} to {period(episode.last, by=by)}"
    return ("in the weeks from " if by == "week" else "") + words.days(episode.first, episode.last)


def period(start: date, *, by: str, inside: bool = False) -> str:
    """A point's name: its day, the Monday of its week, or its month; `inside` a sentence where that differs."""
    if by == "month":
        return f"{words.MONTHS[start.month - 1]} {start.year}"
    if by == "week":
        return f"the week from {words.day(start)}" if inside else f"Week from {words.short_day(start)}"
    return words.day(start) if inside else words.short_day(start)


def with_limits(chart: RateChart) -> pl.DataFrame:
    """The points as the chart draws them, their numbers as text beside them."""
    columns = ("value", "centre", "lower", "upper")
    return pl.DataFrame(
        [
            {
                "day": point.start,
                "mark": _mark(point),
                "segment": point.segment,
                **{name: getattr(point, name) for name in columns},
            }
            | _texts(point, by=chart.by)
            for point in chart.shown
        ],
        schema_overrides=dict.fromkeys(columns, pl.Float64),
    )


def _mark(point: Point) -> str:
    if point.centre is None:
        return NO_LIMITS
    return {"high": ASKS_HIGHER, "low": ASKS_LOWER, None: ORDINARY}[point.side]


def _texts(point: Point, *, by: str) -> dict[str, str]:
    return {
        "when": period(point.start, by=by),
        "rate_text": words.percent(point.value),
        "halves": words.counts_words(point.numerator, point.denominator),
        "centre_text": words.percent(point.centre),
        "limits_text": words.interval(point.lower, point.upper),
        "rule_text": point.rule or "none",
    }


def points_table(chart: RateChart) -> pl.DataFrame:
    """The points as a person reads them, the latest first."""
    named = {"when": chart.by.capitalize(), "kind": "Kind of day", "rate_text": "Rate", "halves": "Made of"}
    named |= {"centre_text": "Centre line", "limits_text": "Limits", "mark": "Read as", "rule_text": "Rule broken"}
    rows = [
        {**_texts(point, by=chart.by), "kind": point.kind or "", "mark": _mark(point)} for point in chart.shown[::-1]
    ]
    if chart.by != "day":
        del named["kind"]
    return pl.DataFrame([{title: row[name] for name, title in named.items()} for row in rows])


def how_to_read(chart: RateChart, *, chosen: date) -> str:
    """What the lines are, which points are drawn, and what becomes of weekends and holidays."""
    drawn = f"Drawn: {words.count(len(chart.shown))} {chart.by}s, {_reach(chart.shown, by=chart.by)}."
    if chart.shown[0].start < chosen - A_MONTH:
        drawn += " That is further back than the period chosen, so that there are enough to compare."
    if chart.points[0].start < chart.shown[0].start:
        drawn += " The limits rest on all of the log, not only on what is drawn."
    if chart.centre is None:
        return f"Each point is a rate. {drawn}"
    lines = "The bar behind each day goes from limit to limit for such a day, and the dash in it is the centre."
    lines += " Limits of days of few calls may reach beyond the picture."
    if chart.by != "day":
        lines = "The line is the centre; the band goes from limit to limit, wider where there were fewer calls."
        drawn += f" Weekends and holidays are counted in their {chart.by}."
    return f"{lines} A triangle asks for an explanation; it points the way the rate went. {drawn}"


def _reach(points: Sequence[Point], *, by: str) -> str:
    first, last = (period(point.start, by=by, inside=True) for point in (points[0], points[-1]))
    return first if first == last else f"{first} to {last}"


def chart_words(chart: RateChart, said: str) -> str:
    """What the chart shows, for those who cannot see it, with what is said of it."""
    asked = sum(point.rule is not None for point in chart.shown)
    return f"Control chart of {len(chart.shown)} {chart.by}s: {asked} ask for an explanation. {said}"


def signal_verdict(found: Since) -> str:
    """The verdict as a heading."""
    return found.verdict[0].upper() + found.verdict[1:]


def beneath_verdict(found: Since) -> str:
    """Its sentence, for a place where the verdict has just been said."""
    rest = found.sentence.removeprefix(f"{signal_verdict(found)}: ")
    return rest[0].upper() + rest[1:]


def cautions(found: Since) -> tuple[str, ...]:
    """What must be read beside any verdict, also where there is none."""
    return found.notes or CAUTIONS


def sides_table(found: Since) -> pl.DataFrame:
    """Before and after, each with its halves."""
    return pl.DataFrame([_side("Before", found.before), _side("After", found.after)])


def _side(name: str, side: Side) -> dict[str, str]:
    return {
        "": name,
        "Rate": words.percent(side.rate),
        "Made of": words.counts_words(side.numerator, side.denominator),
        "Weeks": words.count(side.weeks),
    }


def difference_table(found: Since) -> pl.DataFrame:
    """The difference with its interval, and how far to trust it; empty where there is no verdict."""
    if found.difference is None or found.low is None or found.high is None:
        return pl.DataFrame()
    rows = {
        "Difference, in percentage points": words.signed(found.difference),
        "95% interval": f"{words.signed(found.low)} to {words.signed(found.high)}",
        "Relative risk (after ÷ expected)": f"{found.relative_risk:.2f}",
        "Dispersion (1: no more than random variation)": f"{found.dispersion:.2f}",
        "Likeness of neighbouring weeks (lag 1)": f"{found.lag1:.2f}".replace("-", "−"),
        "Likeness of neighbouring days (lag 1)": f"{found.persistence:.2f}".replace("-", "−"),
        "Spread of weekly rates beyond random variation, in percentage points": f"{100 * (found.wander or 0):.1f}",
    }
    if found.counts_only:
        low, high = found.counts_only
        rows["Interval by counts alone (ignores day-to-day variation)"] = f"{words.signed(low)} to {words.signed(high)}"
    return pl.DataFrame({"Measure": list(rows), "Value": list(rows.values())})
