"""Forecast of one day by the fitted model, with none or some of the day's facts given."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kcas.arrays import Floats
from kcas.calibration.day_records import INTERVAL
from kcas.calibration.fitted import Fitted
from kcas.calibration.level import hours
from kcas.calibration.scenario import (
    MOST_VARIATION,
    TEAM,
    as_scenario,
    everybody,
    heavier,
    of_mean,
    percent,
    strength,
    team,
)
from kcas.calibration.simulated_days import SimulatedDays, simulated_days
from kcas.desk.units import clock
from kcas.errors import SettingError
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import WEEKDAYS

GIVEN = ("volume", "handling", "staff")
"""Facts of a day that a back-test may give to the model, all together or none."""

LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
_DAYS = 400


def check_given(given: frozenset[str]) -> None:
    """Raise SettingError unless every fact is given, or none.

    Calls, handling and staff of a day belong together: more agents are there on a busy day. With one of them given
    and the others as on any such day, the model would meet days that never were: on a real log its error was 7.9
    points with calls given and 11.2 with staff given, against 6.2 with nothing given.
    """
    if given and given != frozenset(GIVEN):
        raise SettingError(
            f"--given {','.join(sorted(given))}: the facts of a day are given all together or not at all, as kcas does "
            "not forecast those left out from those given, and would do worse than with nothing given. Expected "
            f"{','.join(GIVEN)}, or no --given."
        )


@dataclass(frozen=True)
class Forecast:
    """A quantity's middle value and the ends of its 80 % and 95 % intervals."""

    middle: float
    low80: float
    high80: float
    low95: float
    high95: float

    @property
    def at_levels(self) -> tuple[float, ...]:
        """In the order of LEVELS."""
        return (self.low95, self.low80, self.middle, self.high80, self.high95)


@dataclass(frozen=True)
class Facts:
    """What became known of a day."""

    offered: Floats  # [interval]
    on_duty: Floats
    handling: float


def forecast_of(values: Iterable[float]) -> Forecast:
    """The middle value and the intervals of simulated days."""
    fitted = np.nanquantile(np.asarray(list(values), dtype=float), LEVELS)
    low95, low80, middle, high80, high95 = (float(each) for each in fitted)
    return Forecast(middle, low80, high80, low95, high95)


def days_like(
    fitted: Fitted,
    weekday: int,
    *,
    facts: Facts | None = None,
    given: frozenset[str] = frozenset(),
    days: int = _DAYS,
) -> SimulatedDays:
    """Days as the fitted desk has them on a weekday, with what is given of one of them."""
    if facts is None or not given:
        lighter = heavier(fitted, weekday, by_type=False)
        return simulated_days(as_scenario(fitted, [weekday], by_type=False, lighter=lighter), days=days)
    supposed = scenario_of(with_facts(fitted, weekday, facts, given), where="the fitted desk")
    return held_to(simulated_days(supposed, days=days), facts, given)


def held_to(days: SimulatedDays, facts: Facts, given: frozenset[str]) -> SimulatedDays:
    """What chance did to calls and handling that are given is taken out again, by a straight line through the days."""
    columns = {"volume": (days.offered, float(facts.offered.sum())), "handling": (days.handling, facts.handling)}
    chosen = [columns[name] for name in columns if name in given]
    whole = (days.offered > 0) & np.isfinite(days.handling)
    if not chosen or whole.sum() < 3 * (len(chosen) + 1):
        return days
    away = np.column_stack([np.log(np.where(whole, values, 1.0) / fact) for values, fact in chosen])[whole]
    line = np.column_stack([np.ones(len(away)), away])

    def held(values: Floats) -> Floats:
        steep = np.linalg.lstsq(line, values[whole], rcond=None)[0]
        return np.asarray(np.maximum(values[whole] - away @ steep[1:], 0.0))

    offered = np.full(int(whole.sum()), float(facts.offered.sum())) if "volume" in given else days.offered[whole]
    rate = np.minimum(held(days.rate), 1.0)
    return SimulatedDays(offered, rate * offered, days.handling[whole], held(days.mean_wait))


def with_facts(fitted: Fitted, weekday: int, facts: Facts, given: frozenset[str]) -> dict[str, Any]:
    """The scenario of a day of which some facts are given; staff that are not given follow those that are."""
    profile, spread, busier = fitted.profiles[weekday], fitted.spread, 1.0
    offered = profile.offered * (fitted.volume.expected(weekday) * of_mean(spread.volume) / profile.offered.sum())
    slow = fitted.handling.expected(weekday) * of_mean(spread.handling)
    if "volume" in given:
        busier *= float(facts.offered.sum()) / fitted.volume.expected(weekday)
        offered, spread = facts.offered, replace(spread, volume=0.0)
    if "handling" in given:
        busier *= facts.handling / fitted.handling.expected(weekday)
        slow, spread = facts.handling, replace(spread, handling=0.0)
    on_duty, strong = profile.on_duty, strength(fitted, weekday, spread=spread) * busier**spread.follows
    if "staff" in given and fitted.availability is not None:
        on_duty, strong = facts.on_duty, fitted.availability.mean
        spread = replace(spread, strength=fitted.availability.spread, follows=0.0)
    first, last = hours(offered) if "volume" not in given else from_first_to_last(offered)
    return {
        "question": "A day as far as it is known.",
        "day": {"opens": clock(first * INTERVAL), "closes": clock(last * INTERVAL), "weekdays": [WEEKDAYS[weekday]]},
        "demand": {
            "calls_per_day": float(offered[first:last].sum()),
            "arrival_profile": offered[first:last].tolist(),
            "day_to_day_sd": percent(min(spread.volume, MOST_VARIATION)),
            "handling_variation": percent(min(spread.handling, MOST_VARIATION)),
        },
        "types": everybody(fitted, slow=slow),
        "teams": {TEAM: team({weekday: on_duty[first:last] * strong}, strong, spread=spread, net=True)},
    }


def from_first_to_last(offered: Floats) -> tuple[int, int]:
    """The half-hours between the first call and the last."""
    used = np.flatnonzero(offered)
    return int(used[0]), int(used[-1]) + 1
