"""What must somebody be told today? New signals of concern, and targets that the newest day, week or month missed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kcas.evidence import moved, words
from kcas.evidence.tables import FEW
from kcas.monitor.episodes import episodes
from kcas.monitor.rate_chart import RateChart
from kcas.standard import Standard, Target


@dataclass(frozen=True)
class Alert:
    """One thing to be told, with the two halves it rests on."""

    about: str  # "signal" or "target"
    sentence: str
    first: date
    last: date
    numerator: float
    denominator: float
    rule: str | None = None  # that a signal breaks
    target: Target | None = None


def of_chart(chart: RateChart) -> list[Alert]:
    """Signals upward that the newest point made; one that went on from before was told before."""
    return [
        Alert(
            "signal",
            moved.sentence(episode, by=chart.by),
            episode.first,
            episode.last,
            episode.numerator,
            episode.denominator,
            rule=episode.rule,
        )
        for episode in episodes(chart.points)
        if episode.up and episode.new
    ]


def of_target(target: Target, row: Mapping[str, Any], *, by: str, name: str) -> Alert | None:
    """The target if the newest row of measures missed it. Of fewer than FEW calls nothing is said."""
    halves, value, between = _measured(target, row)
    if value is None or halves[1] < FEW or not _missed(target, value):
        return None
    start = row["start"].date()
    when = f"{'on' if by == 'day' else 'in'} {moved.period(start, by=by, inside=True)}"
    said = (
        f"{words.percent(value)} {name} {when}: {words.halves(*halves)} (95% interval {words.interval(*between)}), "
        f"{_aim(target)} ({target.source})."
    )
    return Alert("target", said, start, start, *halves, target=target)


def _measured(target: Target, row: Mapping[str, Any]) -> tuple[tuple[Any, Any], float | None, tuple[Any, Any]]:
    """Both halves of what the target is about, their share, and its interval."""
    if target.measure == "rate":
        return (row["numerator"], row["denominator"]), row["rate"], (row["low"], row["high"])
    halves = row["service_level_numerator"], row["service_level_denominator"]
    return halves, row["service_level"], (row["service_level_low"], row["service_level_high"])


def _missed(target: Target, value: float) -> bool:
    above = target.at_most is not None and value > target.at_most
    return above or (target.at_least is not None and value < target.at_least)


def _aim(target: Target) -> str:
    if target.at_most is not None:
        return f"above the target of at most {words.percent(target.at_most)}"
    return f"below the target of at least {words.percent(target.at_least)}"


def line(alerts: list[Alert], *, desk: Standard, chart: RateChart, ends: str) -> str:
    """All of it in one line, for a person or a mail program."""
    told = " ".join(alert.sentence for alert in alerts) or _nothing_new(chart, targets=len(desk.targets))
    return f"{desk.name}: {told} {ends}".replace("\n", " ")


def _nothing_new(chart: RateChart, *, targets: int) -> str:
    if not chart.points or chart.points[-1].centre is None:
        missed = "no missed target" if targets else "no target is set"
        return f"{missed}; of signals nothing can be told, for the newest {chart.by} has no limits yet."
    missed = "and no target that it missed" if targets else "and no target is set"
    return f"nothing new: no signal of concern that the newest {chart.by} made, {missed}."
