"""Alerts: new signals of concern, and targets missed by the latest day, week or month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kcas.calls.coverage import Coverage, Stretch
from kcas.desk.standard import Standard, Target
from kcas.monitoring.rate_chart import Episode, RateChart, episodes
from kcas.monitoring.since import Verdict
from kcas.reporting import control, verdict_words, words
from kcas.reporting.coverage import missing_days
from kcas.reporting.tables import FEW


@dataclass(frozen=True)
class Alert:
    """One thing to be told, with the two halves it rests on."""

    about: str  # "signal", "target" or "missing"
    sentence: str
    first: date
    last: date
    numerator: float
    denominator: float
    rule: str | None = None  # that a signal breaks
    target: Target | None = None


def of_missing(found: Verdict, lacking: Coverage) -> list[Alert]:
    """The open days missing from the log just before the newest point: told once, when the log goes on."""
    if found.newest is None or not lacking.stretches or not found.newest.after_gap:
        return []
    latest = lacking.stretches[-1]
    (said,) = missing_days(Coverage(lacking.first, lacking.last, _days_of(latest, lacking), held=lacking.held))
    return [Alert("missing", said, latest.first, latest.last, 0, latest.days)]


def _days_of(stretch: Stretch, lacking: Coverage) -> tuple[date, ...]:
    return tuple(day for day in lacking.missing if stretch.first <= day <= stretch.last)


def of_chart(chart: RateChart) -> list[Alert]:
    """Signals upward that the newest point made; one that went on from before was told before."""
    return [
        Alert(
            "signal",
            control.sentence(episode, by=chart.by),
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
    when = f"{'on' if by == 'day' else 'in'} {control.period(start, by=by, inside=True)}"
    said = (
        f"{words.percent(value)} {name} {when}: {words.counts_words(*halves)} (95% interval "
        f"{words.interval(*between)}), {_aim(target)} ({target.source})."
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


def line(alerts: list[Alert], *, desk: Standard, found: Verdict, ends: str) -> str:
    """The verdict and all there is to tell, in one line, for a person or a mail program."""
    told = [verdict_words.sentence(found)]
    for alert in alerts:
        if alert.about == "missing":
            continue  # the verdict names them
        mine = alert.about == "signal" and found.episode and _of(alert, found.episode)
        told.append(control.against_the_centre(found.episode) if mine and found.episode else alert.sentence)
    if not alerts:
        told.append(_nothing_new(found, targets=len(desk.targets)))
    return f"{desk.name}: {' '.join(told)} {ends}".replace("\n", " ")


def _of(alert: Alert, episode: Episode) -> bool:
    return (alert.rule, alert.first, alert.last) == (episode.rule, episode.first, episode.last)


def _nothing_new(found: Verdict, *, targets: int) -> str:
    if found.newest is None or found.newest.centre is None:
        missed = "no missed target" if targets else "no target is set"
        return f"Nothing new: {missed}; of signals nothing can be told, for the newest {found.by} has no limits yet."
    missed = "and no target that it missed" if targets else "and no target is set"
    return f"Nothing new: no signal of concern that the newest {found.by} made, {missed}."
