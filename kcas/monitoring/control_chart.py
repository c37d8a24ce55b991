"""Control limits of proportions: p and Laney's p′ (Laney 2002).

A plain p chart calls 12-20 % of ordinary days unusual once days differ by more than random variation explains. Laney's
p′ widens its limits by how much they do: sigma_z, the spread of the points in standard errors of the counts alone.
"""

from kcas.arrays import Floats
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

MEAN_RANGE = 1.128  # mean moving range of normal points, in standard deviations (d2 of two)
TOO_WIDE = 3.267  # a moving range beyond so many mean ranges is left out, once (D4 of two)
ENDLESS = 1000.0  # steps from a centre about which nothing varies
MAKING_DATA_COUNT = 2.66  # NHS tools round 3 / 1.128


@dataclass(frozen=True)
class Chart:
    """Points, where they centre, and one of the three steps from there to a limit."""

    value: Floats
    centre: Floats
    step: Floats
    sigma_z: float | None  # None where the chart has no such thing
    used: Mask  # the points the limits were made from
    least: float = -math.inf
    most: float = math.inf

    @property
    def lower(self) -> Floats:
        """The lower limit, not below what the value can be."""
        return np.maximum(self.centre - 3 * self.step, self.least)

    @property
    def upper(self) -> Floats:
        """The upper limit, not above what the value can be."""
        return np.minimum(self.centre + 3 * self.step, self.most)

    @property
    def score(self) -> Floats:
        """How many steps each point is from its centre."""
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = (self.value - self.centre) / self.step
        return np.nan_to_num(steps, nan=0.0, posinf=ENDLESS, neginf=-ENDLESS)


def p_chart(count: Sequence[float], of: Sequence[float], *, used: Mask | None = None) -> Chart:
    """Shares, with limits that allow for random variation only."""
    return _rates(count, of, used=used, binomial=True, sigma_z=1.0)


def p_prime(
    count: Sequence[float], of: Sequence[float], *, used: Mask | None = None, screened: bool = True,
    stretch: Sequence[int] | None = None,
) -> Chart:  # fmt: skip
    """Shares, with limits from how far neighbours differ (Laney 2002).

    `stretch`: of which stretch of the record each point is; points of two stretches are no neighbours.
    """
    plain = p_chart(count, of, used=used)
    parts = None if stretch is None else np.asarray(stretch)[plain.used]
    spread = moving_range(plain.score[plain.used], screened=screened, stretch=parts)
    return _rates(count, of, used=used, binomial=True, sigma_z=spread)


def u_chart(count: Sequence[float], size: Sequence[float], *, used: Mask | None = None) -> Chart:
    """Events for each unit of exposure, with limits that allow for random variation only."""
    return _rates(count, size, used=used, binomial=False, sigma_z=1.0)


def u_prime(count: Sequence[float], size: Sequence[float], *, used: Mask | None = None, screened: bool = True) -> Chart:
    """Events for each unit of exposure, with limits from how far neighbours differ."""
    plain = u_chart(count, size, used=used)
    sigma_z = moving_range(plain.score[plain.used], screened=screened)
    return _rates(count, size, used=used, binomial=False, sigma_z=sigma_z)


def xmr(values: Sequence[float], *, used: Mask | None = None, screened: bool = True, wide: float = 0.0) -> Chart:
    """Values as they are, with limits from their moving ranges; `wide` 2.66 is Making Data Count's rounding."""
    value = np.asarray(values, dtype=float)
    chosen = np.ones(len(value), dtype=bool) if used is None else used
    spread = moving_range(value[chosen], screened=screened)
    step = np.full(len(value), spread * (wide * MEAN_RANGE / 3 if wide else 1.0))
    return Chart(value, np.full(len(value), value[chosen].mean()), step, None, chosen)


def i_prime(values: Sequence[float], size: Sequence[float]) -> Chart:
    """Values of unequal weight, with limits from neighbours' differences (Taylor 2017)."""
    value, weight = np.asarray(values, dtype=float), np.asarray(size, dtype=float)
    jumps = np.abs(np.diff(value)) / np.sqrt(1 / weight[1:] + 1 / weight[:-1])
    step = math.sqrt(math.pi / 2) * jumps.mean() / np.sqrt(weight)
    every = np.ones(len(value), dtype=bool)
    return Chart(value, np.full(len(value), (value * weight).sum() / weight.sum()), step, None, every)


def moving_range(values: Floats, *, screened: bool, stretch: NDArray[np.int_] | None = None) -> float:
    """A standard deviation from how far neighbours differ, without the widest differences where screened.

    Values of two stretches are no neighbours, unless there are no others.
    """
    ranges = np.abs(np.diff(values))
    if stretch is not None and (np.diff(stretch) == 0).any():
        ranges = ranges[np.diff(stretch) == 0]
    if screened:
        ranges = ranges[ranges < TOO_WIDE * ranges.mean()] if ranges.any() else ranges
    return float(ranges.mean() / MEAN_RANGE)


def in_segments(charts: Sequence[Chart]) -> Chart:
    """Charts on end, each with its own limits: what a person re-based at known changes."""
    value, centre, step = (
        np.concatenate([getattr(chart, name) for chart in charts]) for name in ("value", "centre", "step")
    )
    used = np.concatenate([chart.used for chart in charts])
    return Chart(value, centre, step, None, used, charts[0].least, charts[0].most)


def _rates(count: Sequence[float], of: Sequence[float], *, used: Mask | None, binomial: bool, sigma_z: float) -> Chart:
    counts, sizes = np.asarray(count, dtype=float), np.asarray(of, dtype=float)
    chosen = np.ones(len(counts), dtype=bool) if used is None else used
    centre = counts[chosen].sum() / sizes[chosen].sum()
    variance = centre * (1 - centre) if binomial else centre
    step = np.sqrt(variance / sizes) * sigma_z
    return Chart(
        counts / sizes, np.full(len(counts), centre), step, sigma_z, chosen, 0.0, 1.0 if binomial else math.inf
    )
