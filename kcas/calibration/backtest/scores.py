"""Scores of forecasts: mean absolute error, pinball loss and coverage, for the model and each baseline.

Pinball loss is proper for quantiles (Gneiting and Raftery 2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kcas.arrays import Floats
from kcas.calibration.backtest.forecast import LEVELS


@dataclass(frozen=True)
class Score:
    """Over some days: mean absolute error and bias of the middle value, pinball loss, and coverage with its counts."""

    days: int
    error: float
    bias: float
    pinball: float
    inside80: int | None  # None where the rule gives no interval
    inside95: int | None

    @property
    def coverage80(self) -> float | None:
        """The share of days inside the 80 % interval."""
        return None if self.inside80 is None or not self.days else self.inside80 / self.days

    @property
    def coverage95(self) -> float | None:
        """The share of days inside the 95 % interval."""
        return None if self.inside95 is None or not self.days else self.inside95 / self.days


def scored(
    came: Sequence[float], forecasts: Sequence[tuple[float, ...]], *, middle: Sequence[float] | None = None
) -> Score:
    """What came against quantiles at LEVELS; `middle` where the rule's own value is not its median."""
    actual, levels = np.asarray(came, dtype=float), np.asarray(forecasts, dtype=float).reshape(-1, len(LEVELS))
    point = levels[:, 2] if middle is None else np.asarray(middle, dtype=float)
    tells = bool(len(actual)) and bool((levels[:, 0] < levels[:, -1]).any())
    inside80 = (actual >= levels[:, 1]) & (actual <= levels[:, 3])
    inside95 = (actual >= levels[:, 0]) & (actual <= levels[:, 4])
    return Score(
        days=len(actual),
        error=float(np.abs(point - actual).mean()),
        bias=float((point - actual).mean()),
        pinball=pinball(actual, levels),
        inside80=int(inside80.sum()) if tells else None,
        inside95=int(inside95.sum()) if tells else None,
    )


def pinball(actual: Floats, levels: Floats) -> float:
    """Mean pinball loss over the levels: what a quantile costs that is too low or too high (Koenker and Bassett 1978).

    max(q(y − f), (q − 1)(y − f))
    """
    away = actual[:, None] - levels
    share = np.asarray(LEVELS)[None, :]
    return float(np.maximum(share * away, (share - 1) * away).mean())
