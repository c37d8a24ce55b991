"""Notes on each number of a fitted file: its source, its interval and the calls behind it."""

from collections.abc import Sequence

import numpy as np

from kcas.calibration.fitted import Fitted
from kcas.calibration.handling_time import by_time_of_day
from kcas.calibration.level import Outlook
from kcas.calibration.outside_queue import BeforeTheQueue
from kcas.calibration.patience import spikes
from kcas.calibration.scenario import TEAM, own_shapes
from kcas.calibration.time_of_day import OverTheDay
from kcas.calls.rates import Z95
from kcas.simulation.scenario.schema import WEEKDAYS

Notes = dict[tuple[str, str], list[str]]
"""Comment lines by table and key; with an empty key they stand beneath the table's name."""


def notes_of(fitted: Fitted, before: BeforeTheQueue, weekdays: Sequence[int], *, strong: float) -> Notes:
    """Comment lines, by table and key."""
    log, spread = fitted.log, fitted.between
    days = int(np.isin(log.weekdays, list(weekdays)).sum())
    calls = f"{log.offered[np.isin(log.weekdays, list(weekdays))].sum():,.0f} calls of {days} days"
    notes: Notes = {
        ("day", "opens"): ["half-hours with at least 2% of the calls of the busiest"],
        ("demand", "calls_per_day"): [f"from {calls}; expected next: {about(fitted.volume, weekdays)}",
                                      trend(fitted.volume, "calls"), *menu_note(before)],
        ("demand", "arrival_profile"): [f"mean calls of each half-hour from opening, {calls}"],
        ("demand.weekdays", ""): [f"each weekday's expected calls, of their mean; {calls}"],
        ("demand.arrival_profile_by_weekday", ""): shapes_note(fitted, weekdays),
        (f"teams.{TEAM}.extra_agents_by_weekday", ""): [
            "each weekday's own roster, less the usual one above, from the same days; so strong that the weekday loses "
            "as many as it is to be expected to"],
        ("demand", "day_to_day_sd"): [f"{differ(fitted.volume)}; of which chance would make "
                                      f"{1 / np.sqrt(np.median(log.volume)):.1%}"],
        ("demand", "handling_variation"): [differ(fitted.handling), trend(fitted.handling, "handling")],
        ("demand", "handling_by_interval"): [over_the_day_note(fitted.handling_over_the_day, "answered calls")],
        ("demand", "patience_by_interval"): [over_the_day_note(fitted.patience_over_the_day, "hang-ups")],
        (f"teams.{TEAM}", "by_interval"): on_duty_note(fitted),
        (f"teams.{TEAM}", "shrinkage"): availability_note(fitted, strong),
        (f"teams.{TEAM}", "day_to_day_sd"): [
            f"so that all together a day's load differs by {spread.load:.1%}, as the days' rates did from what the "
            "weeks before led one to expect"],
        (f"teams.{TEAM}", "demand_elasticity"): ["how far, on busier days, there was more staff"],
    }  # fmt: skip
    for name, each in fitted.types.items():
        table = f"types.{name}"
        notes[table, "share"] = [f"{each.offered:,} of {log.calls.height:,} offered calls, recent ones counting more"]
        hand = each.handling
        notes[table, "talk"] = [
            f"mean {hand.mean:.1f} s ({hand.low:.1f} to {hand.high:.1f}) in recent weeks, of {hand.calls:,} calls; "
            "hold and wrap-up included where the log has them"
        ]
        seen = each.patience or fitted.patience
        own = "" if each.patience else "too few gave up, so everybody's is taken; "
        notes[table, "patience"] = [
            f"{own}{seen.chosen} by the least AIC of {seen.calls:,} calls, {seen.abandoned:,} given up; were it "
            f"exponential, its mean would be {seen.mean:.0f} s ({seen.low:.0f} to {seen.high:.0f})"
        ]
    notes |= first_type_notes(fitted)
    return notes | {("telephone.menu", "length"): [f"{before.menu_calls:,} calls with a menu time of up to 10 min"],
                    ("telephone.menu", "hang_up"): [before.left.words]}  # fmt: skip


def first_type_notes(fitted: Fitted) -> Notes:
    """Parts of the day as they were measured, and spikes, said once, above the first type of call."""
    lines = []
    for words, (hand, seen) in by_time_of_day(fitted.log).items():
        parts = [f"handling {hand.mean:.0f} s ({hand.low:.0f} to {hand.high:.0f})"] if hand else []
        parts += (
            [f"patience, were it exponential, {seen.mean:.0f} s ({seen.low:.0f} to {seen.high:.0f})"] if seen else []
        )
        lines += [f"{words}: {', '.join(parts)}"] if parts else []
    lines += [
        f"hang-ups come {times:.1f} times as fast from {start:g} to {end:g} s of waiting: an announcement?"
        for start, end, times in spikes(fitted.log)
    ]
    first = next(iter(fitted.types))
    return {
        (f"types.{first}", ""): [
            "As measured, types together (in use are the factors of each half-hour above): ",
            *lines,
        ]
    }


def shapes_note(fitted: Fitted, weekdays: Sequence[int]) -> list[str]:
    """By how much the weekdays that have a shape of their own differ, how surely, and how many calls say so."""
    notes = ["weekdays whose calls spread over the day otherwise than the common shape by more than chance makes them:"]
    for day, seen in own_shapes(fitted, weekdays).items():
        known = seen.errors[np.isfinite(seen.errors)]
        notes.append(
            f"{WEEKDAYS[day]}: half-hours differ by {seen.spread:.1%} beyond chance, from {seen.behind:,} calls in "
            f"{seen.half_hours} half-hours; each leans towards the common shape as far as its calls are few, and is "
            f"known to within {Z95 * float(np.median(known)):.0%} (median) to {Z95 * float(known.max()):.0%} of itself"
        )
    return notes


def over_the_day_note(seen: OverTheDay, what: str) -> str:
    """How far half-hours differ, how surely, and how many calls say so."""
    known = np.flatnonzero(np.isfinite(seen.errors))
    widest, usual = (Z95 * float(at(seen.errors[known])) for at in (np.max, np.median))
    return (
        f"half-hours differ by {seen.spread:.1%} beyond chance and beyond their types of call, from {seen.behind:,} "
        f"{what} in {seen.half_hours} half-hours of all weekdays; each leans towards 100% as far as its calls are "
        f"few, and is known to within {usual:.0%} (median) to {widest:.0%} of itself"
    )


def about(look: Outlook, weekdays: Sequence[int]) -> str:
    """The middle value and the interval of each weekday."""
    notes = []
    for day in weekdays:
        low, high = (float(np.exp(look.usual[day] + side * Z95 * look.spread)) for side in (-1, 1))
        notes.append(f"{WEEKDAYS[day]} {look.expected(day):,.0f} ({low:,.0f} to {high:,.0f})")
    return ", ".join(notes)


def differ(look: Outlook) -> str:
    """How much days differ, with the interval of that."""
    days = int(np.isfinite(look.misses).sum())
    low, high = spread_interval(look.day_spread, days)
    return f"days differ by {look.day_spread:.1%} ({low:.1%} to {high:.1%}) from their level, over {days} days"


def spread_interval(spread: float, days: int) -> tuple[float, float]:
    """The interval of a standard deviation, by the chi-squared law."""
    from scipy.special import chdtri

    freedom = max(days - 1, 1)
    return spread * float(np.sqrt(freedom / chdtri(freedom, 0.025))), spread * float(
        np.sqrt(freedom / chdtri(freedom, 0.975))
    )


def trend(look: Outlook, what: str) -> str:
    """How much it grew in a month of thirty days, not carried on into the future."""
    steep, error = look.trend
    low, high = (float(np.expm1(30 * (steep + side * Z95 * error))) for side in (-1, 1))
    return f"trend: {np.expm1(30 * steep):+.1%} {what} in thirty days ({low:+.1%} to {high:+.1%}); not carried on"


def menu_note(before: BeforeTheQueue) -> list[str]:
    """That the calls that hung up in the menu are among them."""
    return ["with those who hang up in the menu"] if before.left.count and before.menu_mean else []


def on_duty_note(fitted: Fitted) -> list[str]:
    """Where the roster comes from."""
    if not fitted.inferred:
        return ["agents on duty in each half-hour, as the roster given has them"]
    return [
        "agents on duty in each half-hour, INFERRED from who took calls when: from the first call to the last, less "
        "gaps of over an hour, and gaps in which callers waited for five minutes or more together (breaks, guessed)"
    ]


def availability_note(fitted: Fitted, strong: float) -> list[str]:
    """What is taken off, and how much of that is the days' own availability."""
    notes = [f"so that as many hang up as did: agents amount to {strong:.0%} of those on duty"]
    if (there := fitted.availability) is not None:
        what = "wrap-up and short absences" if there.mean <= 1 else "agents whom the log does not show"
        notes.append(
            f"of which {what}: available for {there.mean:.1%} of their time on duty "
            f"({there.low:.1%} to {there.high:.1%}), days differing by {there.spread:.1%}, from {there.days} days and "
            f"{there.calls:,} calls"
        )
    return [*notes, "the rest is staff who were not there when the calls were"] if strong <= 1 else notes
