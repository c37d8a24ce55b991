"""Wait offered and time to abandon: distributions with censoring (Kaplan and Meier 1958), and quantiles by group.

Each of the two censors the other (Brown and others 2005). Variance by Greenwood (1926), intervals on the log-log scale
(Kalbfleisch and Prentice 2002, section 1.4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.calls.call import LOST, OFFERED
from kcas.calls.rates import Z95

_Numbers = NDArray[np.float64]
ROUNDING = 1e-12  # a curve that falls to exactly one half may end a rounding above it


@dataclass(frozen=True)
class Survival:
    """A survival curve: at each distinct time, who was still there, whose wait ended, who was last seen."""

    at: _Numbers
    at_risk: _Numbers
    events: _Numbers
    censored: _Numbers

    @property
    def remaining(self) -> _Numbers:
        """The share still waiting just after each time (Kaplan and Meier 1958): S(t) = Π (1 − d/n)."""
        return np.cumprod(1 - self.events / self.at_risk, dtype=float)

    @property
    def variance_of_log(self) -> _Numbers:
        """Greenwood's sum Σ d/(n(n − d)): the variance of the curve's logarithm; no number where the curve is zero."""
        left = self.at_risk - self.events
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(left > 0, np.cumsum(self.events / (self.at_risk * left)), np.nan)

    @property
    def error(self) -> _Numbers:
        """Greenwood's standard error of the curve."""
        return self.remaining * np.sqrt(self.variance_of_log)

    @property
    def cumulative_hazard(self) -> _Numbers:
        """Nelson and Aalen's estimate (Aalen 1978): Σ d/n."""
        return np.cumsum(self.events / self.at_risk)

    def interval(self, *, scale: str = "log-log") -> tuple[_Numbers, _Numbers]:
        """The 95 % interval of the curve, on the scale "log-log", "log" or "plain"."""
        curve, spread = self.remaining, Z95 * np.sqrt(self.variance_of_log)
        if scale == "plain":
            return np.clip(curve - curve * spread, 0, 1), np.clip(curve + curve * spread, 0, 1)
        if scale == "log":
            return curve * np.exp(-spread), np.minimum(1.0, curve * np.exp(spread))
        with np.errstate(divide="ignore", invalid="ignore"):
            power = np.exp(spread / np.log(curve))  # S^exp(± z √V / log S)
            low, high = curve ** (1 / power), curve**power
        return np.where(curve == 1, 1.0, low), np.where(curve == 1, 1.0, high)

    def quantile(self, share: float) -> float | None:
        """The time by which this share has ended; None where the curve does not fall so far."""
        fallen = self.at[self.remaining <= 1 - share + ROUNDING]
        return float(fallen[0]) if fallen.size else None


def survival(durations: Sequence[float] | _Numbers, events: Sequence[bool] | NDArray[np.bool_], *,
             counts: Sequence[int] | NDArray[np.int64] | None = None) -> Survival:  # fmt: skip
    """The survival curve of waits, each of which ended in an event or was cut short; an event comes before a cut."""
    time, happened = np.asarray(durations, dtype=float), np.asarray(events, dtype=bool)
    each = np.ones(time.size) if counts is None else np.asarray(counts, dtype=float)
    at, place = np.unique(time, return_inverse=True)
    ended = np.bincount(place, weights=each * happened, minlength=at.size).astype(float)
    cut = np.bincount(place, weights=each * ~happened, minlength=at.size).astype(float)
    at_risk = np.cumsum((ended + cut)[::-1])[::-1]
    return Survival(at, at_risk, ended, cut)


@dataclass(frozen=True)
class LogRank:
    """Whether groups end at the same pace: χ², its degrees of freedom and p value."""

    statistic: float
    freedom: int
    p_value: float


def log_rank(curves: Sequence[Survival]) -> LogRank:
    """The log-rank test that several groups share one survival curve (Mantel 1966)."""
    from scipy.special import chdtrc

    times = np.unique(np.concatenate([curve.at[curve.events > 0] for curve in curves]))
    at_risk = np.array([risk_at(curve, times) for curve in curves])
    events = np.array([events_at(curve, times) for curve in curves])
    all_risk, all_events = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / all_risk
    excess = (events - share * all_events).sum(axis=1)[:-1]
    spread = all_events * (all_risk - all_events) / np.maximum(all_risk - 1, 1)
    covariance = -(share * spread) @ share.T + np.diag((share * spread).sum(axis=1))
    statistic = float(excess @ np.linalg.pinv(covariance[:-1, :-1]) @ excess)
    freedom = len(curves) - 1
    return LogRank(statistic, freedom, float(chdtrc(freedom, statistic)))


def risk_at(curve: Survival, times: _Numbers) -> _Numbers:
    """How many of a curve had not ended before each time."""
    return np.append(curve.at_risk, 0.0)[np.searchsorted(curve.at, times)]


def events_at(curve: Survival, times: _Numbers) -> _Numbers:
    """How many of a curve's events fall on each time."""
    place = np.searchsorted(curve.at, times)
    inside = place < curve.at.size
    values = np.zeros(times.size)
    same = inside & (np.append(curve.at, np.nan)[place] == times)
    values[same] = curve.events[place[same]]
    return values


WAITS = {"wait_p50": 0.5, "wait_p90": 0.9, "wait_p95": 0.95}
TIMES_TO_ABANDON = {"time_to_abandon_p50": 0.5, "time_to_abandon_p90": 0.9}


def in_order(counted: pl.DataFrame, *, keys: Sequence[str]) -> pl.DataFrame:
    """A histogram's known waits, group by group, shortest first; of equal waits the answered come first."""
    offered = pl.col("outcome").is_in(OFFERED) & pl.col("wait").is_not_null()
    return counted.filter(offered).sort(*keys, "wait", pl.col("outcome").to_physical())


def wait_quantiles(
    ordered: pl.DataFrame, *, keys: Sequence[str], quantiles: Mapping[str, float] = WAITS
) -> pl.DataFrame:
    """For each group, the wait by which so many would have been answered; null where too few were."""
    calls = pl.col("calls")
    at_risk = calls.sum().over(keys) - calls.cum_sum().over(keys) + calls
    answers = ordered.with_columns(factor=1 - calls / at_risk).filter(pl.col("outcome") == "answered")
    curve = answers.with_columns(waiting=pl.col("factor").cum_prod().over(keys))
    return curve.group_by(*keys).agg(
        pl.col("wait").filter(pl.col("waiting") <= 1 - share + ROUNDING).min().alias(name)
        for name, share in quantiles.items()
    )


def abandon_quantiles(
    ordered: pl.DataFrame, *, keys: Sequence[str], quantiles: Mapping[str, float] = TIMES_TO_ABANDON
) -> pl.DataFrame:
    """For each group, plain quantiles of its abandoned waits, interpolated between neighbours."""
    lost = ordered.filter(pl.col("outcome").is_in(LOST))
    waits = lost.with_columns(before=pl.col("calls").cum_sum().over(keys) - pl.col("calls"))
    return waits.group_by(*keys).agg(interpolated(share).alias(name) for name, share in quantiles.items())


def interpolated(share: float) -> pl.Expr:
    """A quantile of waits counted in order: the value at (n − 1) × share, between the two nearest calls."""
    place = (pl.col("calls").sum() - 1) * share
    lower = pl.col("wait").filter(pl.col("before") <= place.floor()).max()
    upper = pl.col("wait").filter(pl.col("before") <= place.ceil()).max()
    return lower + (place - place.floor()) * (upper - lower)
