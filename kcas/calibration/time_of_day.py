"""Time-of-day factors of handling time and patience, at equal mix of types, with random variation removed.

Each half-hour's own factor is measured against what its calls' types would lead one to expect, and then drawn towards
the day's mean as far as chance makes half-hours differ (DerSimonian and Laird 1986). If that is all (Cochran's Q,
1954), every one is one.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.arrays import Floats
from kcas.calibration.day_records import INTERVAL, INTERVALS, DayLog
from kcas.calibration.handling_time import labelled, recent
from kcas.calibration.level import PATTERN_HALF_LIFE
from kcas.calibration.patience import hazard_of
from kcas.calls.rates import Z95

Places = NDArray[np.int64]

FEWEST = 50  # calls, or hang-ups, of a half-hour that is to have a factor of its own
BY_CHANCE = 0.05
SURE = 1e-3  # no logarithm is known better, though all calls of a half-hour took the same time
SLACK = 0.25  # by how much hang-ups must change with patience for it to be read from them, of one to one
TURNS = 5
TRIED = np.linspace(-1.5, 1.5, 61)  # logarithms of patience


@dataclass(frozen=True)
class OverTheDay:
    """A factor for each half-hour; all one where half-hours do not differ beyond chance."""

    factors: Floats  # [half-hour]
    errors: Floats  # [half-hour] of the logarithm; not a number where too few calls tell
    spread: float  # of half-hours beyond chance: standard deviation of the logarithm
    by_chance: float  # how often half-hours would differ so much by chance alone
    half_hours: int  # that had enough to tell
    behind: int  # calls, or hang-ups

    @property
    def differs(self) -> bool:
        """Whether half-hours differ by more than chance makes them."""
        return bool(self.spread > 0)  # of numpy's own kind it is no JSON

    def between(self, number: int) -> tuple[float, float]:
        """The interval of one half-hour's factor."""
        give = Z95 * float(np.nan_to_num(self.errors[number], nan=self.spread))
        return float(self.factors[number] * np.exp(-give)), float(self.factors[number] * np.exp(give))


def handling_over_the_day(log: DayLog) -> OverTheDay:
    """Of answered calls, by the half-hour in which they joined the queue."""
    kinds, _ = labelled(log.calls)
    now = int(log.numbers[-1]) + 1
    known = placed(kinds.filter(pl.col("handle").is_not_null()))
    weight, took = recent(known, now=now, half_life=PATTERN_HALF_LIFE), known["handle"].to_numpy()
    place, kind = known["half_hour"].to_numpy(), known["kind"].rank("dense").to_numpy() - 1
    factors = np.ones(INTERVALS)
    for _ in range(TURNS):  # a type that rings when calls are slow is not itself slow, nor the time when it rings
        usual = summed(kind, weight * took) / summed(kind, weight * factors[place])
        expected = summed(place, weight * usual[kind], INTERVALS)
        enough = np.bincount(place, minlength=INTERVALS) >= FEWEST
        factors = np.where(enough, summed(place, weight * took, INTERVALS) / np.where(enough, expected, 1.0), 1.0)
    miss = weight * (took - usual[kind] * factors[place])
    errors = np.sqrt(summed(place, miss**2, INTERVALS)) / np.maximum(summed(place, weight * took, INTERVALS), 1e-12)
    places = np.flatnonzero(enough)
    return drawn_together(
        places, np.log(factors[places]), errors[places], weights=expected[places], behind=int(enough[place].sum())
    )


def summed(place: Places, values: Floats, size: int = 0) -> Floats:
    """The sum of the values at each place."""
    return np.asarray(np.bincount(place, values, minlength=size))


def patience_over_the_day(log: DayLog) -> OverTheDay:
    """By how much patience is stretched in each half-hour, so that its waits lead to as many hang-ups as there were."""
    kinds, names = labelled(log.calls)
    waited = placed(kinds.filter("known"))
    now = int(log.numbers[-1]) + 1
    waited = waited.with_columns(weight=recent(waited, now=now, half_life=PATTERN_HALF_LIFE))
    alike = waited.group_by("half_hour", "kind", whole=pl.col("wait").round()).agg(
        weight=pl.col("weight").sum(), wait=pl.col("wait").mean(), gone=(pl.col("weight") * pl.col("lost")).sum(),
        squares=(pl.col("weight") ** 2 * pl.col("lost")).sum(), count=pl.col("lost").sum(),
    )  # fmt: skip
    sums = alike.group_by("half_hour").agg(pl.col("gone", "squares", "count").sum()).filter(pl.col("count") >= FEWEST)
    sums = sums.sort("half_hour")
    stretched = np.zeros(INTERVALS)
    for _ in range(TURNS):
        met = hazard_met(waited, alike, names, stretched=np.exp(stretched))
        places, raw, errors = read_backwards(sums, met)
        stretched[places] = raw
    gone = sums.filter(pl.col("half_hour").is_in(places))
    return drawn_together(places, raw, errors, weights=gone["gone"].to_numpy(), behind=int(gone["count"].sum()))


def hazard_met(waited: pl.DataFrame, alike: pl.DataFrame, names: list[str], *, stretched: Floats) -> Floats:
    """The hazard that each half-hour's waits meet at each stretch tried: its types' own, the stretches taken out."""
    unstretched = waited.with_columns(wait=pl.col("wait") / stretched[waited["half_hour"].to_numpy()])
    everybody = hazard_of(unstretched)
    met = np.zeros((INTERVALS, len(TRIED)))
    for name in names:
        of_kind, mine = (calls.filter(pl.col("kind") == name) for calls in (unstretched, alike))
        hazard = hazard_of(of_kind) if int(of_kind["lost"].sum()) >= FEWEST else everybody
        place, waits, weight = (mine[column].to_numpy() for column in ("half_hour", "wait", "weight"))
        for column, stretch in enumerate(np.exp(TRIED)):
            met[:, column] += summed(place, weight * hazard.cumulative_hazard(waits / stretch), INTERVALS)
    return met


def read_backwards(sums: pl.DataFrame, met: Floats) -> tuple[Places, Floats, Floats]:
    """The stretch at which each half-hour's hazard makes its hang-ups, where hang-ups tell of it; and its error."""
    places, gone = sums["half_hour"].to_numpy(), sums["gone"].to_numpy()
    factors, errors = np.full((2, len(places)), np.nan)
    for row, place in enumerate(places):
        curve = np.log(np.maximum(met[place], 1e-12))
        stretch = float(np.interp(-np.log(gone[row]), -curve, TRIED))
        slope = -float(np.interp(stretch + 0.1, TRIED, curve) - np.interp(stretch - 0.1, TRIED, curve)) / 0.2
        if slope >= SLACK and abs(stretch) < TRIED[-1]:
            factors[row], errors[row] = stretch, float(np.sqrt(sums["squares"][row]) / gone[row] / slope)
    enough = np.isfinite(factors)
    return places[enough], factors[enough], errors[enough]


def placed(calls: pl.DataFrame) -> pl.DataFrame:
    """Calls with their half-hour."""
    return calls.with_columns(half_hour=(pl.col("at") // INTERVAL).cast(pl.Int64).clip(0, INTERVALS - 1))


def drawn_together(places: Places, raw: Floats, errors: Floats, *, weights: Floats, behind: int) -> OverTheDay:
    """Each logarithm drawn towards the mean of all, by how much chance moves it against how much half-hours differ."""
    from scipy.special import chdtrc

    factors, doubt = np.ones(INTERVALS), np.full(INTERVALS, np.nan)
    if len(raw) < 2:
        return OverTheDay(factors, doubt, 0.0, 1.0, len(raw), behind)
    errors = np.maximum(errors, SURE)
    precision = 1 / errors**2
    mean = precision @ raw / precision.sum()
    # Q = Σw(y − ȳ)², τ² = (Q − (k − 1))/(Σw − Σw²/Σw); each factor keeps τ²/(τ² + e²) of its distance
    far = float(precision @ (raw - mean) ** 2)
    by_chance = float(chdtrc(len(raw) - 1, far))
    excess = (far - (len(raw) - 1)) / (precision.sum() - (precision**2).sum() / precision.sum())
    between = max(float(excess), 0.0) if by_chance < BY_CHANCE else 0.0
    doubt[places] = errors
    if between:
        weight = between / (between + errors**2)
        leant = weight * (raw - mean)
        factors[places] = np.exp(leant)
        factors[places] /= weights @ factors[places] / weights.sum()
        doubt[places] = np.sqrt(weight) * errors
    return OverTheDay(factors, doubt, between**0.5, by_chance, len(raw), behind)
