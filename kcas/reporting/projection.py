"""Projections: tables and words from results of `kcas compare`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from kcas.reporting import words

MODEL = "MODEL, not observed."
MINUS = "\N{MINUS SIGN}"
Figure = Mapping[str, float | None]


def subject(changes: Sequence[str]) -> str:
    """What is changed, as the beginning of a sentence."""
    said = words.listed(list(changes)) if changes else "nothing changed"
    return said[0].upper() + said[1:]


def headline(changes: Sequence[str], *, before: Figure, after: Figure, difference: Figure) -> str:
    """What the change would do to abandonment, with the interval of what it would become and of the difference."""
    one, two, moved = before["mean"], after["mean"], difference["mean"]
    if one is None or two is None or moved is None:
        return f"{subject(changes)}: there is no rate to say, for no call was offered."
    low, high = difference["low"], difference["high"]
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
    exact: tuple[dict[str, float | None], ...] = tuple(
        {"mean": value, "low": None, "high": None}
        for value in (before, after, None if before is None or after is None else after - before)
    )
    return headline(changes, before=exact[0], after=exact[1], difference=exact[2])


def bracket(figure: Figure) -> str:
    """An interval in brackets: " (12.5% to 13.3%)"."""
    low, high = figure["low"], figure["high"]
    return "" if low is None or high is None else f" ({words.interval(max(low, 0.0), min(high, 1.0))})"


def sizes(low: float | None, high: float | None) -> str:
    """How large a difference is at least and at most: " (between 2.9 and 3.7)"."""
    if low is None or high is None:
        return ""
    ends = sorted((abs(100 * low), abs(100 * high)))
    return f" (between {ends[0]:.1f} and {ends[1]:.1f})"


def counts_words(measures: Mapping[str, Figure], *, days: int) -> str:
    """Both halves of a simulated rate and service level: means a day."""
    lost, of = measures["numerator"]["mean"], measures["denominator"]["mean"]
    in_time, out_of = measures["service_level_numerator"]["mean"], measures["service_level_denominator"]["mean"]
    return (
        f"abandoned {a_day(lost)} of {a_day(of)} calls a day; service level {a_day(in_time)} of {a_day(out_of)}; "
        f"mean of {words.count(days)} simulated days"
    )


def a_day(mean: float | None) -> str:
    """A mean count: one decimal, for it is not a count."""
    return words.NOT_AVAILABLE if mean is None else f"{mean:,.1f}"


def projection_provenance(report: Mapping[str, Any]) -> str:
    """How the figures were made: days, seed, engine, time."""
    run = report["from"]
    took = run["seconds"] + sum(each["seconds"] for each in report["scenarios"])
    return (
        f"{MODEL} {words.count(run['replications'])} days of each scenario with the same simulated callers (seed "
        f"{run['seed']}, "
        f"{run['engine']} engine, {took:.1f} s). Intervals hold the long-run mean with 95% confidence."
    )


_Report = Mapping[str, Any]
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


def side_by_side(report: _Report) -> pl.DataFrame:
    """Every measure as it is, as it would be, and the difference, each with its interval."""
    one, two = report["from"]["total"], report["scenarios"][0]
    rows = []
    for name, words_for, say, say_more in ROWS:
        if name in ONLY_WHERE_ANY and not _any(name, one, two["total"]):
            continue
        rows.append(
            {"": words_for}
            | _figures(one.get(name), two["total"].get(name), two["difference"].get(name), say=say, say_more=say_more)
        )
    return pl.DataFrame(rows)


def _any(name: str, *every: Mapping[str, Any]) -> bool:
    key = "callback" if name == "rate_with_unreached_callbacks" else name
    return any((measures.get(key) or {"mean": 0})["mean"] for measures in every)


def _figures(one: Any, two: Any, moved: Any, *, say: Say, say_more: Say) -> dict[str, str]:
    found = {}
    for column, figure, words_for in (("As it is", one, say), ("What if", two, say), ("Difference", moved, say_more)):
        found[column] = words_for(figure["mean"]) if figure else words.NOT_AVAILABLE
        found[f"{column}, 95%"] = interval_words(figure, words_for)
    return found


def with_interval(figures: Mapping[str, str], column: str) -> str:
    """A figure and its interval in one cell: "10.0% (9.0% to 11.0%)"."""
    interval = figures[f"{column}, 95%"]
    return figures[column] if interval == words.NOT_AVAILABLE else f"{figures[column]} ({interval})"


def interval_words(figure: Any, say: Say) -> str:
    """A figure's interval in its own words."""
    if not figure or figure["low"] is None or figure["high"] is None:
        return words.NOT_AVAILABLE
    return f"{say(figure['low']).removesuffix(' points')} to {say(figure['high'])}"


def by_type(report: _Report) -> pl.DataFrame:
    """Each kind of caller: the share abandoned, and the wait of those who were answered."""
    one, two = report["from"]["by_type"], report["scenarios"][0]
    moved = two["difference_by_type"]
    rows = []
    for name, after in two["by_type"].items():
        for measure, says, say, say_more in (ROWS[0], ROWS[1], ROWS[3]):
            figures = _figures(
                one.get(name, {}).get(measure), after.get(measure), moved.get(name, {}).get(measure),
                say=say, say_more=say_more,
            )  # fmt: skip
            halves = {
                "Calls a day, as it is": _halves(one[name], measure) if name in one else words.NOT_AVAILABLE,
                "Calls a day, what if": _halves(after, measure),
            }
            told = {column: with_interval(figures, column) for column in ("As it is", "What if", "Difference")}
            rows.append({"Callers": name.replace("_", " "), "": says} | told | halves)
    return pl.DataFrame(rows)


def by_half_hour(report: _Report, *, measure: str) -> pl.DataFrame:
    """One measure in each half-hour, for both scenarios, with its interval: rows for a chart."""
    say = CHARTED[measure][1]
    rows = []
    for which, document in (("As it is", report["from"]), ("What if", report["scenarios"][0])):
        for part in document["intervals"]:
            figure = part[measure]
            if figure["mean"] is not None:
                rows.append(point(which, part["start"], figure, say=say, halves=_halves(part, measure)))
    return pl.DataFrame(rows, schema=_POINTS)


_POINTS = {
    "which": pl.String, "start": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "value_text": pl.String, "interval_text": pl.String, "halves": pl.String,
}  # fmt: skip


def point(which: str, start: str, figure: Mapping[str, Any], *, say: Say, halves: str = "") -> dict[str, Any]:
    """One point of a chart with its ready words."""
    low, high = figure["low"], figure["high"]
    mean = figure["mean"]
    return {
        "which": which, "start": start, "value": mean,
        "low": mean if low is None else max(low, 0.0), "high": mean if high is None else high,
        "value_text": say(mean), "interval_text": interval_words(figure, say), "halves": halves,
    }  # fmt: skip


def _halves(part: Mapping[str, Any], measure: str) -> str:
    names = {"rate": ("numerator", "denominator"), "service_level": (
        "service_level_numerator", "service_level_denominator")}  # fmt: skip
    if measure not in names:
        return f"{a_day(part['offered']['mean'])} offered"
    above, below = (part[name]["mean"] for name in names[measure])
    return f"{a_day(above)} of {a_day(below)}"


def exact_rates(days: Mapping[str, Any]) -> pl.DataFrame:
    """The share abandoned in each half-hour as theory sees it, for each day that it can see."""
    rows = [
        point(
            which, start, {"mean": part.rate, "low": None, "high": None}, say=projected_share,
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


def several(report: _Report, *, names: Sequence[str]) -> pl.DataFrame:
    """Several scenarios in one table, each against the first."""
    rows = [_line(names[0], report["from"]["total"], None)]
    rows += [
        _line(name, each["total"], each["difference"]["rate"])
        for name, each in zip(names[1:], report["scenarios"], strict=True)
    ]
    return pl.DataFrame(rows)


def _line(name: str, total: Mapping[str, Any], moved: Any) -> dict[str, str]:
    halves = f"{a_day(total['numerator']['mean'])} of {a_day(total['denominator']['mean'])}"
    return {
        "Scenario": name.replace("-", " "),
        "Abandoned": projected_share(total["rate"]["mean"]),
        "95% interval": interval_words(total["rate"], projected_share),
        "Calls a day": halves,
        "Against the first": shift(moved["mean"]) if moved else "",
        "95% interval of that": interval_words(moved, shift) if moved else "",
        "Service level": projected_share(total["service_level"]["mean"]),
        "Mean wait, all": words.duration(total["wait_all"]["mean"]),
        "Agents' time on calls": projected_share(total["occupancy"]["mean"]),
        "People never answered": projected_share(total["rate_per_person"]["mean"]),
    }
