"""Projections in sentences, marked as modelled."""

from collections.abc import Mapping, Sequence
from typing import Any

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
    """The same as theory sees it, without dice."""
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


def provenance(report: Mapping[str, Any]) -> str:
    """How the figures were made: days, seed, engine, time."""
    run = report["from"]
    took = run["seconds"] + sum(each["seconds"] for each in report["scenarios"])
    return (
        f"{MODEL} {words.count(run['replications'])} days of each scenario on the same dice (seed {run['seed']}, "
        f"{run['engine']} engine, {took:.1f} s). Intervals hold the long-run mean with 95% confidence."
    )
