"""Structural model of one daily quantity: kind of day, weekday, place in the month, two levels and noise.

The value y of a day t is a sum of independent Gaussian terms,

    y(t) = m + kind(t) + weekday(t) + month(t) + quick level(t) + slow level(t) + noise(t),

so that a forecast is the best linear unbiased prediction (Goldberger 1962), the same as that of a Gaussian process
(Rasmussen and Williams 2006, chapter 2). The covariance of two days, g days apart and at phases f and f' of the month:

    4 + (2a)² [same kind of day] + a² [same weekday] + c² exp(−2 sin²((f − f') / 2) / l²) + q² ½^(g/h) + r² ½^(g/k),

and noise variance e² v(t). The sizes a, c, l, q, h, r, k, e are those of the highest posterior density, with log-normal
priors, so that a month of history already serves.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize

from kcas.arrays import Floats, Whole

Priors = Mapping[str, tuple[float, float]]
"""Of each size, the median and the standard deviation of the logarithm; a size left out stands for a term left out."""

_LEVEL = 4.0  # variance of the mean m: wide, beside logarithms and log odds
_OUTLIER = 2.5
"""Standardised residual from which a day's noise is taken to be larger: an outage must not teach."""
_ROUNDS = 2  # of sizes and outliers, each found with the other held
_HALF = float(np.log(2.0))
_Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class DayColumns:
    """What the model knows of days before they come: [day] each."""

    number: Whole  # counts days
    weekday: Whole  # Monday is 0; a holiday has that of the weekend
    weekend: _Mask
    phase: Floats  # of the month, in radians

    def of(self, chosen: _Mask | slice) -> "DayColumns":
        """Some of the days."""
        return DayColumns(self.number[chosen], self.weekday[chosen], self.weekend[chosen], self.phase[chosen])


def day_columns(days: Sequence[date], *, holidays: Container[date], weekend: Sequence[int]) -> DayColumns:
    """The columns of these days. `weekend` are weekdays, Monday 0.

    A holiday counts as the last day of the weekend; one that another holiday follows, as the first.
    """
    weekdays = np.array([_weekday(day, holidays, weekend) for day in days], np.int64)
    return DayColumns(
        number=np.array([day.toordinal() for day in days], np.int64),
        weekday=weekdays,
        weekend=np.isin(weekdays, list(weekend)),
        phase=np.array([2 * np.pi * (day.day - 1) / _days_of_month(day) for day in days]),
    )


def _weekday(day: date, holidays: Container[date], weekend: Sequence[int]) -> int:
    if day not in holidays or not weekend:
        return day.weekday()
    return weekend[0] if day + timedelta(days=1) in holidays else weekend[-1]


def _days_of_month(day: date) -> int:
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (following - timedelta(days=1)).day


@dataclass(frozen=True)
class DailyModel:
    """The model as fitted: forecasts of any day from the days it was fitted to."""

    sizes: Mapping[str, float]
    days: DayColumns
    mean: float
    precision: Floats  # [day, day] inverse of the covariance, noise included
    weights: Floats  # [day]

    def forecast(self, days: DayColumns, *, noise: float = 1.0) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the value of each day; `noise` is v(t)."""
        across = _covariance(days, self.days, self.sizes)
        prior = np.diag(_covariance(days, days, self.sizes))
        variance = prior - np.einsum("ij,jk,ik->i", across, self.precision, across) + self.sizes["e"] ** 2 * noise
        return self.mean + across @ self.weights, np.sqrt(np.maximum(variance, 1e-12))


def fit_days(
    days: DayColumns, values: Floats, *, noise: Floats, priors: Priors, sizes: Mapping[str, float] | None = None
) -> DailyModel:
    """Fit the model to the values of these days; `noise` is v(t) of each.

    With `sizes`, of an earlier fit, those are kept and only the days are new.
    """
    if sizes is not None:
        return _conditioned(days, values, noise, sizes)
    found = {name: median for name, (median, _) in priors.items()}
    for _ in range(_ROUNDS):
        larger = noise * _outliers(days, values, noise, found)
        found = _most_likely(days, values, larger, priors, start=found)
    return _conditioned(days, values, noise, found)


def _conditioned(days: DayColumns, values: Floats, noise: Floats, sizes: Mapping[str, float]) -> DailyModel:
    larger = noise * _outliers(days, values, noise, sizes)
    mean = float(np.average(values, weights=1 / larger))
    precision = np.asarray(
        np.linalg.inv(_covariance(days, days, sizes) + np.diag(sizes["e"] ** 2 * larger)), np.float64
    )
    return DailyModel(dict(sizes), days, mean, precision, precision @ (values - mean))


def _outliers(days: DayColumns, values: Floats, noise: Floats, sizes: Mapping[str, float]) -> Floats:
    """By how much the noise of each day is multiplied: (z / 2.5)³ beyond a leave-one-out residual of z = 2.5.

    Leave-one-out residuals by the inverse of the covariance (Dubrule 1983).
    """
    usual = sizes["e"] ** 2 * noise
    covariance, times = _covariance(days, days, sizes), np.ones(len(values))
    for _ in range(_ROUNDS):
        mean = np.average(values, weights=1 / (usual * times))
        precision = np.linalg.inv(covariance + np.diag(usual * times))
        spread = 1 / np.diag(precision) - usual * times + usual  # as if the day's own noise were the usual
        away = np.abs(precision @ (values - mean)) / np.diag(precision) / np.sqrt(spread)
        times = np.where(away > _OUTLIER, (away / _OUTLIER) ** 3, 1.0)
    return np.asarray(times)


def _most_likely(
    days: DayColumns, values: Floats, noise: Floats, priors: Priors, *, start: Mapping[str, float]
) -> dict[str, float]:
    """The sizes of highest posterior density, by L-BFGS on their logarithms with the exact gradient."""
    names = list(priors)
    middle = np.log([priors[name][0] for name in names])
    spread = np.array([priors[name][1] for name in names])
    away = values - np.average(values, weights=1 / noise)

    def loss(logs: Floats) -> tuple[float, Floats]:
        sizes = dict(zip(names, np.exp(logs).tolist(), strict=True))
        parts = _parts(days, days, sizes)
        try:
            lower = cholesky(_LEVEL + sum(parts.values()) + np.diag(sizes["e"] ** 2 * noise), lower=True)
        except LinAlgError:  # sizes so far out that rounding leaves no covariance
            return 1e10, np.zeros(len(names))
        white = solve_triangular(lower, away, lower=True)
        precision = cho_solve((lower, True), np.eye(len(values)))
        weights = precision @ away
        inner = np.outer(weights, weights) - precision  # d(log density) = ½ tr(inner dK)
        slopes = _slopes(days, sizes, parts, noise)
        gradient = np.array([-0.5 * float((inner * slopes[name]).sum()) for name in names])
        standard = (logs - middle) / spread
        value = 0.5 * float(white @ white) + float(np.log(np.diag(lower)).sum()) + 0.5 * float(standard @ standard)
        return value, gradient + standard / spread

    first = np.log([start[name] for name in names])
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 60})
    return dict(zip(names, np.exp(found.x).tolist(), strict=True))


def _covariance(left: DayColumns, right: DayColumns, sizes: Mapping[str, float]) -> Floats:
    return np.asarray(_LEVEL + sum(_parts(left, right, sizes).values()))


def _parts(left: DayColumns, right: DayColumns, sizes: Mapping[str, float]) -> dict[str, Floats]:
    """The terms of the covariance, noise and the mean left out; each by the size that it grows with."""
    gap = np.abs(left.number[:, None] - right.number)
    kind = 4.0 * (left.weekend[:, None] == right.weekend) + (left.weekday[:, None] == right.weekday)
    parts = {"a": sizes["a"] ** 2 * kind, "q": sizes["q"] ** 2 * 0.5 ** (gap / sizes["h"])}
    if "c" in sizes:
        parts["c"] = sizes["c"] ** 2 * np.exp(-2 * _apart(left, right) / sizes["l"] ** 2)
    if "r" in sizes:
        parts["r"] = sizes["r"] ** 2 * 0.5 ** (gap / sizes["k"])
    return parts


def _apart(left: DayColumns, right: DayColumns) -> Floats:
    return np.asarray(np.sin((left.phase[:, None] - right.phase) / 2) ** 2)


def _slopes(
    days: DayColumns, sizes: Mapping[str, float], parts: Mapping[str, Floats], noise: Floats
) -> dict[str, Floats]:
    """Of each size, how the covariance grows with its logarithm."""
    gap = np.abs(days.number[:, None] - days.number)
    slopes = {name: 2 * part for name, part in parts.items()}
    slopes["h"] = parts["q"] * gap * _HALF / sizes["h"]
    slopes["e"] = np.diag(2 * sizes["e"] ** 2 * noise)
    if "c" in parts:
        slopes["l"] = parts["c"] * 4 * _apart(days, days) / sizes["l"] ** 2
    if "r" in parts:
        slopes["k"] = parts["r"] * gap * _HALF / sizes["k"]
    return slopes
