"""The control chart of a rate by day, week or month: points, limits, signals, and what must be said beside it."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from kcas.monitor.control_chart import Chart, Mask, p_prime
from kcas.monitor.daily import ENOUGH_WEEKDAYS, daily_p_prime, kind_of_day
from kcas.monitor.signals import assurance, signals, variation

FEWEST_POINTS = 12  # weeks or months, before limits are drawn
NO_CAUSE = "A point asks for an explanation; it does not give one."


@dataclass(frozen=True)
class Counted:
    """One day, week or month: what was counted, out of how many."""

    start: date
    numerator: float
    denominator: float


@dataclass(frozen=True)
class Point:
    """A point of the chart; no limits where there are too few points of its kind."""

    start: date
    numerator: float
    denominator: float
    value: float
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    score: float | None = None  # steps from the centre; three are the limit
    kind: str | None = None  # of day
    in_limits: bool = False  # whether the limits were made from it
    rule: str | None = None  # the first rule it breaks
    side: str | None = None  # "high" or "low", where it breaks one


@dataclass(frozen=True)
class RateChart:
    """The chart and what it says of the last point."""

    by: str
    points: tuple[Point, ...]
    centre: float | None  # all counts out of all, over the points the limits were made from
    sigma_z: float | None
    provisional: bool
    variation: str | None
    assurance: str | None
    notes: tuple[str, ...]


def rate_chart(
    counted: Sequence[Counted],
    *,
    by: str,
    holidays: Container[date] = (),
    baseline: tuple[date, date] | None = None,
    screen_outliers: bool = True,
    at_most: float | None = None,
) -> RateChart:
    """The chart of counts in order; limits come from the days of the baseline (the last one left out) if given."""
    rows = [row for row in counted if row.denominator > 0]
    notes = ["Points without calls have no rate and are left out."] if len(rows) < len(counted) else []
    used = np.array([baseline is None or baseline[0] <= row.start < baseline[1] for row in rows], dtype=bool)
    if any(row.numerator > row.denominator for row in rows):
        return _without_limits(rows, by, [*notes, "By this definition a rate can pass 100 %: no limits can be drawn."])
    if by == "day":
        return _of_days(rows, used, notes, holidays=holidays, screen_outliers=screen_outliers, at_most=at_most)
    if used.sum() < FEWEST_POINTS:
        notes.append(f"{int(used.sum())} {by}s are too few for limits: at least {FEWEST_POINTS} are needed.")
        return _without_limits(rows, by, notes)
    chart = p_prime(
        [row.numerator for row in rows], [row.denominator for row in rows], used=used, screened=screen_outliers
    )
    notes.append(
        "Limits: Laney's p′, sigma_z from moving ranges"
        + (", the widest left out once." if screen_outliers else ", none left out.")
    )
    return _told(rows, chart, by=by, notes=notes, at_most=at_most)


def _of_days(
    rows: Sequence[Counted], used: Mask, notes: list[str], *, holidays: Container[date], screen_outliers: bool,
    at_most: float | None,
) -> RateChart:  # fmt: skip
    kinds = [kind_of_day(row.start, holidays=holidays) for row in rows]
    found = daily_p_prime(
        [row.numerator for row in rows],
        [row.denominator for row in rows],
        kinds=kinds,
        baseline=used,
        screen_outliers=screen_outliers,
    )
    if not found.chart.used.any():
        return _without_limits(rows, "day", [*notes, "Too few days of any kind for limits."])
    notes.append("Limits: Laney's p′ with a centre line for each kind of day, sigma_z the standard deviation of z.")
    notes.append("Weekends, and bank holidays, are kinds of their own.")
    if found.left_out:
        notes.append(f"Too few days to have a centre line: {', '.join(found.left_out)}.")
    if found.screened.any():
        notes.append(f"Days beyond the limits and left out of them, in one pass: {int(found.screened.sum())}.")
    if found.provisional:
        notes.append(f"Provisional: the limits rest on fewer than {ENOUGH_WEEKDAYS} weekdays.")
    told = _told(rows, found.chart, by="day", notes=notes, at_most=None, kinds=kinds, shown=found.shown)
    return replace(told, provisional=found.provisional)


def _told(
    rows: Sequence[Counted], chart: Chart, *, by: str, notes: list[str], at_most: float | None,
    kinds: Sequence[str] | None = None, shown: Mask | None = None,
) -> RateChart:  # fmt: skip
    """The points with their limits, each named by the first rule it breaks; runs are of points shown."""
    places = np.arange(len(rows)) if shown is None else np.flatnonzero(shown)
    asked = signals(chart.score[places])
    broken = {int(places[signal.index]): signal for signal in asked}
    points = []
    for number, row in enumerate(rows):
        point = Point(row.start, row.numerator, row.denominator, float(chart.value[number]))
        if shown is None or shown[number]:
            signal = broken.get(number)
            point = replace(
                point,
                centre=float(chart.centre[number]),
                lower=float(chart.lower[number]),
                upper=float(chart.upper[number]),
                score=float(chart.score[number]),
                in_limits=bool(chart.used[number]),
                rule=signal.rule if signal else None,
                side=("high" if signal.high else "low") if signal else None,
            )
        points.append(replace(point, kind=kinds[number]) if kinds else point)
    last = len(rows) - 1
    of = sum(row.denominator for row, used in zip(rows, chart.used, strict=True) if used)
    icons = at_most is not None and by != "day"
    return RateChart(
        by=by,
        points=tuple(points),
        centre=sum(row.numerator for row, used in zip(rows, chart.used, strict=True) if used) / of,
        sigma_z=chart.sigma_z,
        provisional=False,
        variation=variation(asked, points=len(places)),
        assurance=assurance(lower=float(chart.lower[last]), upper=float(chart.upper[last]), target=at_most or 0.0)
        if icons
        else None,
        notes=(*notes, NO_CAUSE),
    )


def _without_limits(rows: Sequence[Counted], by: str, notes: list[str]) -> RateChart:
    points = tuple(Point(row.start, row.numerator, row.denominator, row.numerator / row.denominator) for row in rows)
    return RateChart(by, points, None, None, True, None, None, tuple(notes))
