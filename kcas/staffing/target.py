"""Target of a staffing plan: measure, period and required confidence.

A target holds "in the long run" where the rate over all simulated days, with the whole of its 95 % interval, is at the
target; or on a share of days: a day meets it by its own calls, so that busy and quiet days and chance are all in it.
"""

from dataclasses import dataclass

import numpy as np

from kcas.arrays import Floats
from kcas.calls.rates import wilson
from kcas.errors import SettingError
from kcas.simulation.estimate import Estimate
from kcas.staffing.evaluation import RosterOutcome

EACH = ("day", "half-hour")


@dataclass(frozen=True)
class StaffingTarget:
    """At most so many abandoned, at least so many answered in time, or both; shares of one."""

    abandoned: float | None = None
    service_level: float | None = None
    confidence: float | None = None  # the share of days on which it must hold; None: in the long run
    each: str = "day"

    def __post_init__(self) -> None:
        """Raises SettingError for what no desk can keep to, or any desk does."""
        if self.abandoned is None and self.service_level is None:
            raise SettingError("there is nothing to keep to. Expected --target 5%, --service-level 80%, or both.")
        inside(self.abandoned, option="--target", none="no number of agents can promise that no one ever hangs up",
               all_of="every desk keeps to it, without agents", example="5%")  # fmt: skip
        inside(self.service_level, option="--service-level", none="every desk keeps to it, without agents",
               all_of="no number of agents can promise that no one ever waits", example="80%")  # fmt: skip
        inside(self.confidence, option="--confidence", none="it would then never have to hold",
               all_of="no number of agents can promise every single day", example="90%")  # fmt: skip
        if self.each not in EACH:
            raise SettingError(f"--each: {self.each!r} is not valid. Expected day or half-hour.")

    @property
    def words(self) -> str:
        """The aim as the end of a sentence: "at most 5% abandoned over the day, in the long run"."""
        parts = []
        if self.abandoned is not None:
            parts.append(f"at most {self.abandoned * 100:g}% abandoned")
        if self.service_level is not None:
            parts.append(f"a service level of at least {self.service_level * 100:g}%")
        over = "over the day" if self.each == "day" else "in every interval of the day"
        sure = "in the long run" if self.confidence is None else f"on at least {self.confidence * 100:g}% of days"
        return f"{' and '.join(parts)} {over}, {sure}"


def inside(share: float | None, *, option: str, none: str, all_of: str, example: str) -> None:
    """Raises SettingError for a share of zero or of everything."""
    if share is not None and not 0 < share < 1:
        reason = none if share <= 0 else all_of
        raise SettingError(
            f"{option}: {share * 100:g}% is not valid, because {reason}. Expected a share like {example}."
        )


def excess(fared: RosterOutcome, aim: StaffingTarget) -> Floats:
    """By how much each part of the day misses the aim, in shares of one: zero everywhere where it is met."""
    parts = [fared.whole()] if aim.each == "day" else [fared.part(number) for number in range(fared.intervals)]
    return np.array([missing(part, aim) for part in parts])


def met(fared: RosterOutcome, aim: StaffingTarget) -> bool:
    """Whether these days show that the aim is kept."""
    return not excess(fared, aim).any()


def missing(part: RosterOutcome, aim: StaffingTarget) -> float:
    """By how much these calls miss the aim."""
    if aim.confidence is not None:
        met = days_kept(part, aim)
        return max(aim.confidence - wilson(int(met.sum()), len(met))[0], 0.0)
    lost, soon = part.rate, part.service_level
    short = 0.0
    if aim.abandoned is not None and lost.mean is not None:
        short += max(upper(lost) - aim.abandoned, 0.0)
    if aim.service_level is not None and soon.mean is not None:
        short += max(aim.service_level - lower(soon), 0.0)
    return short


def days_kept(part: RosterOutcome, aim: StaffingTarget) -> np.ndarray:
    """Which days kept to the aim, each by its own calls; a day without calls has kept to it."""
    met = np.ones(part.days, bool)
    if aim.abandoned is not None:
        met &= part.lost.sum(axis=1) <= aim.abandoned * part.of.sum(axis=1) + 1e-9
    if aim.service_level is not None:
        met &= part.soon.sum(axis=1) >= aim.service_level * part.soon_of.sum(axis=1) - 1e-9
    return met


def share_of_days(part: RosterOutcome, aim: StaffingTarget) -> dict[str, float]:
    """How many days kept to the aim, of how many, with Wilson's interval."""
    met = days_kept(part, aim)
    low, high = wilson(int(met.sum()), len(met))
    return {"days": int(met.sum()), "of": len(met), "mean": float(met.mean()), "low": low, "high": high}


def upper(each: Estimate) -> float:
    return each.high if each.high is not None else each.mean or 0.0


def lower(each: Estimate) -> float:
    return each.low if each.low is not None else each.mean or 0.0
