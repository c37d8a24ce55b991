"""EWMA chart of each day's distance from the centre of its kind of day (Roberts 1959)."""

from dataclasses import dataclass
from datetime import date

from kcas.monitoring.drift import ewma
from kcas.monitoring.rate_chart import RateChart, unbroken

WEIGHT, LIMIT = 0.2, 2.86  # false alarms as rare as those of three steps either side (Montgomery, table of schemes)


@dataclass(frozen=True)
class DriftPoint:
    """The weighted mean at a point, in steps from the centre, with its limits."""

    start: date
    value: float
    lower: float
    upper: float
    segment: int

    @property
    def side(self) -> str | None:
        """On which side it is beyond the limits, if it is."""
        return "high" if self.value > self.upper else "low" if self.value < self.lower else None


def drift(chart: RateChart) -> tuple[DriftPoint, ...]:
    """The mean at each point that has limits; it begins anew with them, and where days are missing from the log."""
    found: list[DriftPoint] = []
    for points in unbroken(chart.points):
        mean = ewma([point.score or 0.0 for point in points], weight=WEIGHT, limit=LIMIT)
        found += [
            DriftPoint(point.start, float(mean.value[n]), float(mean.lower[n]), float(mean.upper[n]), point.segment)
            for n, point in enumerate(points)
        ]
    return tuple(found)
