"""Projections: tables and words of simulated scenarios and of what they change."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from kcas.reporting import words
from kcas.simulation.estimate import Estimate
from kcas.simulation.projection import Estimates, Projection

MODEL = "MODEL, not observed."
MINUS = "\N{MINUS SIGN}"


def subject(changes: Sequence[str]) -> str:
    """What is changed, as the beginning of a sentence."""
    said = words.listed(list(changes)) if changes else "nothing changed"
    return said[0].upper() + said[1:]


def headline(changes: Sequence[str], *, before: Estimate, after: Estimate, difference: Estimate) -> str:
    """What the change would do to abandonment, with the interval of what it would become and of the difference."""
    one, two, moved = before.mean, after.mean, difference.mean
    if one is None or two is None or moved is None:
        return f"{subject(changes)}: there is no rate to say, for no call was offered."
    low, high = difference.low, difference.high
    if not changes:
        return f"Nothing is changed: abandonment stays {words.percent(one)}{bracket(before)}."
    if low is not None and high is not None and low <= 0 <= high:
        return (
            f"{subject(changes)} would leave abandonment about where it is, as far as these days can tell: "
            f"{words.percent(one)} and {words.percent(two)}{bracket(after)}; the difference is between "
            f"{words.signed(low)} and {words.signed(high)} points."
        )
    return (
        f"{subject(changes)} would bring abandonment from {words.percent(one)} to {words.percent(two)}"
        f"{bracket(after)}: {words.points(moved)}{sizes(low, high)}."
    )


def exact_sentence(changes: Sequence[str], *, before: float | None, after: float | None) -> str:
    """The same by formula."""
    moved = None if before is None or after is None else after - before
    return headline(changes, before=exactly(before), after=exactly(after), difference=exactly(moved))


def exactly(value: float | None) -> Estimate:
    """A figure by formula: it has no interval."""
    return Estimate(value, None, None, None)


def bracket(figure: Estimate) -> str:
    """An interval in brackets: " (12.5% to 13.3%)"."""
    low, high = figure.low, figure.high
    return "" if low is None or high is None else f" ({words.interval(max(low, 0.0), min(high, 1.0))})"


def sizes(low: float | None, high: float | None) -> str:
    """How large a difference is at least and at most: " (between 2.9 and 3.7)"."""
    if low is None or high is None:
        return ""
    ends = sorted((abs(100 * low), abs(100 * high)))
    return f" (between {ends[0]:.1f} and {ends[1]:.1f})"


def counts_words(measures: Mapping[str, Estimate], *, days: int) -> str:
    """Both halves of a simulated rate and service level: means a day."""
    return (
        f"abandoned {_halves(measures, 'rate')} calls a day; service level {_halves(measures, 'service_level')}; "
        f"mean of {words.count(days)} simulated days"
    )


def a_day(mean: float | None) -> str:
    """A mean count: one decimal, for it is not a count."""
    return words.NOT_AVAILABLE if mean is None else f"{mean:,.1f}"


def projection_provenance(runs: Sequence[Projection]) -> str:
    """How the figures were made: days, seed, engine, time."""
    run, took = runs[0], sum(each.seconds for each in runs)
    return (
        f"{MODEL} {words.count(run.replications)} days of each scenario with the same simulated callers (seed "
        f"{run.seed}, {run.engine} engine, {took:.1f} s). Intervals hold the long-run mean with 95% confidence."
    )


Say = Callable[[float | None], str]


def projected_share(value: float | None) -> str:
    """A share as a percentage."""
    return words.percent(value)


def shift(value: float | None) -> str:
    """A difference of shares."""
    return words.NOT_AVAILABLE if value is None else f"{words.signed(value)} points"


def seconds_more(value: float | None) -> str:
    """A difference of times."""
    return words.NOT_AVAILABLE if value is None else f"{with_sign(value, places=0)} s"


def counts_more(value: float | None) -> str:
    """A difference of mean counts."""
    return words.NOT_AVAILABLE if value is None else with_sign(value, places=1)


def with_sign(value: float, *, places: int) -> str:
    """A difference with its sign; zero has none."""
    size = f"{abs(value):,.{places}f}"
    return size if float(size.replace(",", "")) == 0 else f"{'+' if value > 0 else MINUS}{size}"


ROWS: tuple[tuple[str, str, Say, Say], ...] = (
    ("rate", "Abandoned", projected_share, shift),
    ("service_level", "Service level", projected_share, shift),
    ("average_speed_of_answer", "Mean wait, answered", words.duration, seconds_more),
    ("wait_all", "Mean wait, all who joined", words.duration, seconds_more),
    ("occupancy", "Agents' time on calls", projected_share, shift),
    ("rate_per_person", "People never answered", projected_share, shift),
    ("rate_with_unreached_callbacks", "Abandoned or rung back in vain", projected_share, shift),
    ("offered", "Offered a day", a_day, counts_more),
    ("answered", "Answered a day", a_day, counts_more),
    ("abandoned", "Abandoned a day", a_day, counts_more),
    ("callback", "Callbacks a day", a_day, counts_more),
    ("voicemail", "Messages a day", a_day, counts_more),
    ("blocked", "Busy tones a day", a_day, counts_more),
    ("left_ivr", "Hung up in the menu a day", a_day, counts_more),
    ("self_served", "Helped by the menu a day", a_day, counts_more),
    ("redials", "Called again a day", a_day, counts_more),
)
ONLY_WHERE_ANY = {
    "callback", "voicemail", "blocked", "left_ivr", "self_served", "redials", "rate_with_unreached_callbacks",
}  # fmt: skip
CHARTED = {
    "rate": ("Share abandoned", projected_share), "service_level": ("Service level", projected_share),
    "wait_all": ("Mean wait, all who joined (seconds)", words.duration),
    "occupancy": ("Agents' time on calls", projected_share),
}  # fmt: skip


def side_by_side(one: Estimates, two: Estimates, *, moved: Estimates) -> pl.DataFrame:
    """Every measure as it is, as it would be, and the difference, each with its interval."""
    rows = []
    for name, words_for, say, say_more in ROWS:
        if name in ONLY_WHERE_ANY and not _any(name, one.total, two.total):
            continue
        parts = (measures.get(name) for measures in (one.total, two.total, moved.total))
        rows.append({"": words_for} | _figures(*parts, say=say, say_more=say_more))
    return pl.DataFrame(rows)


def _any(name: str, *every: Mapping[str, Estimate]) -> bool:
    key = "callback" if name == "rate_with_unreached_callbacks" else name
    return any(measures[key].mean for measures in every if key in measures)


def _figures(
    one: Estimate | None, two: Estimate | None, moved: Estimate | None, *, say: Say, say_more: Say
) -> dict[str, str]:
    found = {}
    for column, figure, words_for in (("As it is", one, say), ("What if", two, say), ("Difference", moved, say_more)):
        found[column] = words_for(figure.mean) if figure else words.NOT_AVAILABLE
        found[f"{column}, 95%"] = interval_words(figure, words_for)
    return found


def with_interval(figures: Mapping[str, str], column: str) -> str:
    """A figure and its interval in one cell: "10.0% (9.0% to 11.0%)"."""
    interval = figures[f"{column}, 95%"]
    return figures[column] if interval == words.NOT_AVAILABLE else f"{figures[column]} ({interval})"


def interval_words(figure: Estimate | None, say: Say) -> str:
    """A figure's interval in its own words."""
    if figure is None or figure.low is None or figure.high is None:
        return words.NOT_AVAILABLE
    return f"{say(figure.low).removesuffix(' points')} to {say(figure.high)}"


def by_type(one: Estimates, two: Estimates, *, moved: Estimates) -> pl.DataFrame:
    """Each kind of caller: the share abandoned, and the wait of those who were answered."""
    rows = []
    for name, after in two.by_type.items():
        before, change = one.by_type.get(name, {}), moved.by_type.get(name, {})
        for measure, says, say, say_more in (ROWS[0], ROWS[1], ROWS[3]):
            figures = _figures(before.get(measure), after.get(measure), change.get(measure), say=say, say_more=say_more)
            halves = {
                "Calls a day, as it is": _halves(before, measure) if before else words.NOT_AVAILABLE,
                "Calls a day, what if": _halves(after, measure),
            }
            cells = {column: with_interval(figures, column) for column in ("As it is", "What if", "Difference")}
            rows.append({"Callers": name.replace("_", " "), "": says} | cells | halves)
    return pl.DataFrame(rows)


def by_half_hour(one: Estimates, two: Estimates, *, measure: str) -> pl.DataFrame:
    """One measure in each half-hour, for both scenarios, with its interval: rows for a chart."""
    say = CHARTED[measure][1]
    rows = [
        point(which, start, part[measure], say=say, halves=_halves(part, measure))
        for which, seen in (("As it is", one), ("What if", two))
        for start, part in seen.intervals.items()
        if part[measure].mean is not None
    ]
    return pl.DataFrame(rows, schema=_POINTS)


_POINTS = {
    "which": pl.String, "start": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "value_text": pl.String, "interval_text": pl.String, "halves": pl.String,
}  # fmt: skip


def point(which: str, start: str, figure: Estimate, *, say: Say, halves: str = "") -> dict[str, Any]:
    """One point of a chart with its ready words."""
    low, high, mean = figure.low, figure.high, figure.mean
    return {
        "which": which, "start": start, "value": mean,
        "low": mean if low is None else max(low, 0.0), "high": mean if high is None else high,
        "value_text": say(mean), "interval_text": interval_words(figure, say), "halves": halves,
    }  # fmt: skip


def _halves(part: Mapping[str, Estimate], measure: str) -> str:
    names = {"rate": ("numerator", "denominator"), "service_level": (
        "service_level_numerator", "service_level_denominator")}  # fmt: skip
    if measure not in names:
        return f"{a_day(part['offered'].mean)} offered"
    above, below = (part[name].mean for name in names[measure])
    return f"{a_day(above)} of {a_day(below)}"


def exact_rates(days: Mapping[str, Any]) -> pl.DataFrame:
    """The share abandoned in each half-hour as theory sees it, for each day that it can see."""
    rows = [
        point(
            which, start, exactly(part.rate), say=projected_share,
            halves=f"{a_day(part.abandoned)} of {a_day(part.arrivals - part.blocked)}",
        )
        for which, day in days.items()
        for start, part in zip(day.starts, day.intervals, strict=True)
        if part.rate is not None
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_POINTS)


def points_words(points: pl.DataFrame) -> str:
    """The chart in a sentence, for readers who cannot see it: each series' highest half-hour."""
    said = []
    for which in points["which"].unique(maintain_order=True):
        top = points.filter(pl.col("which") == which).sort("value", descending=True).row(0, named=True)
        said.append(f"{which}: highest at {top['start']}, {top['value_text']}")
    return "; ".join(said) + "." if said else "Nothing to draw."


def several(runs: Mapping[str, Estimates], *, moved: Sequence[Estimates]) -> pl.DataFrame:
    """Several scenarios by name in one table, each against the first."""
    changes = [None, *(each.total["rate"] for each in moved)]
    return pl.DataFrame(
        [_line(name, run.total, change) for (name, run), change in zip(runs.items(), changes, strict=True)]
    )


def _line(name: str, total: Mapping[str, Estimate], moved: Estimate | None) -> dict[str, str]:
    return {
        "Scenario": name.replace("-", " "),
        "Abandoned": projected_share(total["rate"].mean),
        "95% interval": interval_words(total["rate"], projected_share),
        "Calls a day": _halves(total, "rate"),
        "Against the first": shift(moved.mean) if moved else "",
        "95% interval of that": interval_words(moved, shift) if moved else "",
        "Service level": projected_share(total["service_level"].mean),
        "Mean wait, all": words.duration(total["wait_all"].mean),
        "Agents' time on calls": projected_share(total["occupancy"].mean),
        "People never answered": projected_share(total["rate_per_person"].mean),
    }
