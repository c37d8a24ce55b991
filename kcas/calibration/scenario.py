"""The fitted model as a scenario: one weekday, or several that open for the same hours."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kcas.arrays import Floats
from kcas.calibration.day_records import INTERVAL, DayLog
from kcas.calibration.fitted import Fitted, Spread
from kcas.calibration.level import PATTERN_HALF_LIFE
from kcas.calibration.patience import to_the_tenth
from kcas.calibration.simulated_days import simulated_days
from kcas.calibration.time_of_day import FEWEST, OverTheDay, drawn_together
from kcas.desk import units
from kcas.desk.units import clock
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import WEEKDAYS, Scenario


def shapes_apart(log: DayLog, weekdays: Sequence[int], shape: Floats, *, first: int) -> dict[int, OverTheDay]:
    """By what each weekday's calls differ from a common shape in every half-hour, from the half-hour `first` on.

    Drawn towards the common shape as far as chance makes half-hours differ: chance as days of one weekday show it.
    """
    inside = slice(first, first + len(shape))
    weight = 0.5 ** ((int(log.numbers[-1]) + 1 - log.numbers) / PATTERN_HALF_LIFE)
    apart = {}
    for weekday in weekdays:
        mine = (log.weekdays == weekday) & ~log.odd & (log.volume > 0)
        calls, day_weights = log.offered[mine][:, inside], weight[mine]
        counted = day_weights @ calls
        common = shape / shape.sum() * counted.sum()
        enough = (calls.sum(axis=0) >= FEWEST) & (common > 0)
        errors = np.sqrt(beyond_dice(calls) * (day_weights**2 @ calls[:, enough])) / counted[enough]
        apart[weekday] = drawn_together(
            first + np.flatnonzero(enough), np.log(counted[enough] / common[enough]), errors, weights=common[enough],
            behind=int(calls[:, enough].sum()),
        )  # fmt: skip
    return apart


def beyond_dice(calls: Floats) -> float:
    """Overdispersion of the half-hours of these days, each day's own number of calls being given."""
    days = calls[calls.sum(axis=1) > 0]
    share = days.sum(axis=0) / days.sum()
    used = share > 0
    expected = days.sum(axis=1)[:, None] * share[used]
    freedom = (len(days) - 1) * (int(used.sum()) - 1)
    return max(float(((days[:, used] - expected) ** 2 / expected).sum()) / freedom, 1.0) if freedom > 0 else 1.0


TEAM = "desk"
MATCHING_DAYS = 250
MOST_MATCHED = 0.3
MOST_VARIATION = 0.95
_FACTORS = (0.2, 5.0)


def tables(
    fitted: Fitted,
    weekdays: Sequence[int],
    *,
    by_type: bool = True,
    lighter: float = 0.0,
    question: str = "How many callers hang up as things are?",
) -> dict[str, Any]:
    """The scenario's tables; `lighter` takes so much off the logarithm of load.

    By type, days differ as they did about their level and handling and patience over the day, for a planner; all
    callers as one, as days to come may.
    """
    middle, first = common_shape(fitted, weekdays)
    last = first + len(middle)
    spread = fitted.between if by_type else fitted.spread
    calls = {day: fitted.volume.expected(day) * of_mean(spread.volume) for day in weekdays}
    mean = float(np.mean(list(calls.values())))
    slow = float(np.mean([fitted.handling.expected(day) for day in weekdays])) * of_mean(spread.handling)
    rosters = {
        day: fitted.profiles[day].on_duty[first:last] * strength(fitted, day, spread=spread, lighter=lighter)
        for day in weekdays
    }
    staff = np.mean([fitted.profiles[day].on_duty[first:last] for day in weekdays], axis=0)
    strong = float(np.mean(list(rosters.values())) / np.mean(staff))
    shape = middle * of_mean(spread.volume)
    own = {
        WEEKDAYS[day]: rounded(shape * seen.factors[first:last]) for day, seen in own_shapes(fitted, weekdays).items()
    }
    return {
        "question": question,
        "day": {
            "opens": clock(first * INTERVAL), "closes": clock(last * INTERVAL), "interval": "30 min",
            "weekdays": [WEEKDAYS[day] for day in weekdays], "after_closing": "serve queue",
        },
        "demand": {
            "calls_per_day": round(mean, 1),
            "arrival_profile": rounded(shape),
            "weekdays": {WEEKDAYS[day]: percent(calls[day] / mean) for day in weekdays},
            "day_to_day_sd": percent(min(spread.volume, MOST_VARIATION)),
            "handling_variation": percent(min(spread.handling, MOST_VARIATION)),
            **({"arrival_profile_by_weekday": own} if own else {}),
            **(over_the_day(fitted, first=first, calls=shape) if by_type else {}),
        },
        "types": types(fitted, slow=slow) if by_type else everybody(fitted, slow=slow),
        "teams": {TEAM: team(rosters, strong, spread=spread, net=not by_type)},
    }  # fmt: skip


def common_shape(fitted: Fitted, weekdays: Sequence[int]) -> tuple[Floats, int]:
    """Mean calls of each half-hour from the first opening on, and that half-hour."""
    first = min(fitted.profiles[day].first for day in weekdays)
    last = max(fitted.profiles[day].last for day in weekdays)
    expected = np.array([fitted.volume.expected(day) for day in weekdays])
    shapes = np.array([fitted.profiles[day].offered[first:last] for day in weekdays])
    return np.asarray(expected @ (shapes / shapes.sum(axis=1)[:, None]) / len(weekdays)), first


def own_shapes(fitted: Fitted, weekdays: Sequence[int]) -> dict[int, OverTheDay]:
    """By what weekdays differ from the common shape, those that differ beyond chance."""
    if len(weekdays) < 2:
        return {}
    shape, first = common_shape(fitted, weekdays)
    apart = shapes_apart(fitted.log, weekdays, shape, first=first)
    return {day: seen for day, seen in apart.items() if seen.differs}


def over_the_day(fitted: Fitted, *, first: int, calls: Floats) -> dict[str, list[str]]:
    """Handling and patience of each half-hour; handling so that the mean of all calls stays what it is."""
    chosen = {}
    for key, seen in (("handling", fitted.handling_over_the_day), ("patience", fitted.patience_over_the_day)):
        if seen.differs:
            factors = np.clip(seen.factors[first : first + len(calls)], *_FACTORS)
            level = calls @ factors / calls.sum() if key == "handling" else 1.0
            chosen[f"{key}_by_interval"] = [percent(each) for each in (factors / level).tolist()]
    return chosen


def as_scenario(fitted: Fitted, weekdays: Sequence[int], *, by_type: bool = True, lighter: float = 0.0) -> Scenario:
    """The same, ready to simulate."""
    return scenario_of(tables(fitted, weekdays, by_type=by_type, lighter=lighter), where="the fitted desk")


def heavier(fitted: Fitted, weekday: int, *, by_type: bool) -> float:
    """By how much load a simulation is heavier than the curve its load was read from, on one weekday.

    Whole agents, types that differ, long calls and days that differ each add a little; `lighter` takes it off again.
    """
    days = simulated_days(as_scenario(fitted, [weekday], by_type=by_type), days=MATCHING_DAYS)
    load = fitted.profiles[weekday].load(float(np.nanmedian(days.rate)))
    return float(np.clip(np.log(load) - fitted.load.usual[weekday], -MOST_MATCHED, MOST_MATCHED))


def of_mean(spread: float) -> float:
    """The mean of a factor whose middle value is one."""
    return float(np.exp(spread**2 / 2))


def strength(fitted: Fitted, weekday: int, *, spread: Spread, lighter: float = 0.0) -> float:
    """What the agents on duty amount to, of their number: the rest is lost to what the log does not show."""
    shape = fitted.profiles[weekday]
    calls = fitted.volume.expected(weekday) / shape.offered.sum()
    slow = fitted.handling.expected(weekday) / shape.handling
    middle = float(calls * slow / np.exp(fitted.load.usual[weekday] - lighter))
    busier = of_mean(spread.volume) * of_mean(spread.handling)
    return float(middle * of_mean(spread.strength) * busier**spread.follows)


def everybody(fitted: Fitted, *, slow: float) -> dict[str, Any]:
    """All callers as one type."""
    spread = np.sqrt(
        sum(each.share * each.handling.mean**2 * (1 + each.handling.cv**2) for each in fitted.types.values())
    )
    mean = sum(each.share * each.handling.mean for each in fitted.types.values())
    cv = float(np.sqrt(max((spread / mean) ** 2 - 1, 0.0025)))
    talk = {"distribution": "lognormal", "mean": to_the_tenth(slow), "cv": round(cv, 3)}
    return {"callers": {"share": "100%", "talk": talk, "patience": fitted.patience.law}}


def types(fitted: Fitted, *, slow: float) -> dict[str, Any]:
    """Each type's share, handling and patience; handling moved together so that its mean is the one expected."""
    seen = fitted.types
    mean = sum(each.share * each.handling.mean for each in seen.values())
    shares = [round(10_000 * each.share) for each in seen.values()]
    shares[0] += 10_000 - sum(shares)
    return {
        name: {
            "share": f"{share / 100:.2f}%",
            "talk": {"distribution": "lognormal", "mean": to_the_tenth(each.handling.mean * slow / mean),
                     "cv": round(each.handling.cv, 3)},
            "patience": (each.patience or fitted.patience).law,
        }
        for (name, each), share in zip(seen.items(), shares, strict=True)
    }  # fmt: skip


def team(rosters: Mapping[int, Floats], strong: float, *, spread: Spread, net: bool) -> dict[str, Any]:
    """The roster in whole agents that add up, and how days differ; what is lost to other work is said, or taken off.

    `rosters` are each weekday's, less what is lost; `strong` is what is left all together.
    """
    whole = 1.0 if net else 1 / min(strong, 1.0)
    usual = np.mean(list(rosters.values()), axis=0) * whole
    more = {WEEKDAYS[day]: whole_agents(staff * whole - usual) for day, staff in rosters.items()}
    differ = {weekday: by for weekday, by in more.items() if any(by)} if len(rosters) > 1 else {}
    return {
        "by_interval": whole_agents(usual),
        **({"extra_agents_by_weekday": differ} if differ else {}),
        "shrinkage": percent(0.0 if net else min(max(1 - strong, 0.0), 0.9)),
        "day_to_day_sd": percent(min(spread.strength, MOST_VARIATION)),
        "demand_elasticity": percent(spread.follows),
    }


def rounded(shape: Floats) -> list[float]:
    """Weights as a file has them."""
    return [round(each, 2) for each in shape.tolist()]


def whole_agents(staff: Floats) -> list[int]:
    """Whole numbers that add up to the same agent-hours: what one half-hour loses in rounding the next is given."""
    sums = np.rint(np.cumsum(staff))
    return [int(each) for each in np.diff(np.concatenate([[0.0], sums]))]


def percent(share: float) -> str:
    """A share as a scenario writes it."""
    return units.percent(share, places=2)
