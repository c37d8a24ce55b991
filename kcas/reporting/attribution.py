"""Attribution in a sentence, a table and a chart, marked as modelled."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from kcas.attribution.attribute import Share, Side, Why
from kcas.reporting import words
from kcas.reporting.charts import AXIS_SIZE, Chart, Palette, field, layer, layered, tooltip

_MODEL = "This is a model of the queue, not proof: it says what each change would do by itself if nothing else moved."
HARDLY = 0.02  # a part of itself by which a thing has hardly changed
SMALLEST = 0.0005  # shares that round to zero points are told last, together


def attribution_sentence(why: Why, *, name: str, against: str) -> str:
    """The whole answer: "Tuesday 9 March 1999 had 28.7% (513 of 1,787), 16.8 points more than …: 9.1 points from …"."""
    now, then = why.now, why.against
    parts = sorted(why.shares, key=lambda share: -abs(share.share))
    told = [f"{words.signed(share.share)} from {cause(share, why)}" for share in parts if abs(share.share) >= SMALLEST]
    size = f"{abs(100 * why.difference):.1f} points {'more' if why.difference >= 0 else 'less'} than"
    return (
        f"{name} had {words.percent(now.rate)} ({words.counts_words(now.numerator, now.denominator)}), {size} "
        f"{against} "
        f"({words.percent(then.rate)}, {words.counts_words(then.numerator, then.denominator)} on {then.days} days): in "
        f"points, {'; '.join([*told, f'{words.signed(why.chance.share)} chance and what the model does not see'])}."
    )


def cause(share: Share, why: Why) -> str:
    """What changed, in a few words and figures: "more calls (1,787 instead of 1,389 a day)"."""
    now, then = why.now, why.against
    calls = now.offered / now.days, then.offered / then.days
    if share.factor == "volume":
        return f"{direction(*calls, up='more', down='fewer')} calls ({calls[0]:,.0f} instead of {calls[1]:,.0f} a day)"
    if share.factor == "shape":
        return "the hours at which calls came"
    if share.factor == "handling":
        length = f"{words.duration(now.handle)} instead of {words.duration(then.handle)}"
        return f"{direction(now.handle, then.handle, up='longer', down='shorter')} calls ({length})"
    if share.factor == "staff":
        hours = f"{now.agent_hours:,.0f} agent-hours instead of {then.agent_hours:,.0f}"
        fewer = direction(now.agent_hours, then.agent_hours, up="more", down="fewer")
        missed = most_missed(why) if fewer == "fewer" else ""
        return f"{fewer} agents ({hours}{missed})"
    if share.factor == "timing":
        return "when agents were there"
    if share.factor == "availability":
        return time_not_in_the_log(why)
    return "how patient callers were"


def time_not_in_the_log(why: Why) -> str:
    """What a change of availability between two periods can be."""
    both = [why.fitted.availability, *([why.fitted_now.availability] if why.fitted_now else [])]
    if max(both) > 1:
        return "how much the agents of the log could do (above 100% of their time: more were there than it shows)"
    return "agents' time that the log does not show (wrap-up, short absences)"


def direction(now: float, then: float, *, up: str, down: str) -> str:
    """Which way it went."""
    if abs(now - then) <= HARDLY * then:
        return "about as many" if up == "more" else "about equally long"
    return up if now > then else down


def most_missed(why: Why) -> str:
    """From when to when agents were most missed against the other side, where they were."""
    gaps = [b - a for a, b in zip(why.now.agents_by_interval, why.against.agents_by_interval, strict=True)]
    best, run, start, found = 0.0, 0.0, 0, (0, 0)
    for place, gap in enumerate(gaps):
        if run <= 0:
            run, start = 0.0, place
        run += gap - 0.5  # half an agent is hardly missed
        if run > best:
            best, found = run, (start, place + 1)
    if best <= 0:
        return ""
    times = [words.clock(why.opens + place * why.interval) for place in found]
    mean = sum(gaps[slice(*found)]) / (found[1] - found[0])
    return f"; {mean:.1f} fewer from {times[0]} to {times[1]}"


def whether_chance(why: Why) -> str:
    """Whether what is left over is more than such days differ by anyhow."""
    such = "days" if why.now.days == 1 else "such periods"
    usual = f"within {100 * why.chance.high:.1f} points either way on 95 of 100 {such}"
    if why.within:
        return (
            f"With these calls and agents the model expects {words.percent(why.expected)}; what is left over is no "
            f"more than usual ({usual})."
        )
    return (
        f"With these calls and agents the model expects {words.percent(why.expected)}; what is left over is more than "
        f"usual ({usual}): something else happened that the model does not see."
    )


def method(why: Why) -> list[str]:
    """How the shares were made."""
    fitted, short = why.fitted, why.definition.short
    beyond = [] if short is None else [
        f"For 100 whom the model has hang up after more than {words.duration(short)}, {100 * fitted.beyond:.0f} are "
        "counted, as on the days it was fitted to: real callers are not equally impatient at every wait."
    ]  # fmt: skip
    return [
        _MODEL,
        "Each share is what its factor adds when it is swapped in, averaged over every order of swapping (Shapley); "
        "intervals are 95%, from which days were taken and how surely the model is fitted. All add up to the "
        "difference.",
        f"Fitted to {fitted.days} days that are not explained here: callers wait {words.duration(fitted.patience)} on "
        f"average before hanging up; {agents_time(fitted.availability)}.",
        *beyond,
    ]


def agents_time(availability: float) -> str:
    """What of the agents' time counts, and what that means: above 100% no rest is left to be wrap-up."""
    counts = f"{words.percent(availability, places=0)} of the agents' time that can be read off who took calls counts"
    if availability <= 1:
        return f"{counts} (the rest is wrap-up and short absences that the log does not show)"
    return (
        f"{counts}: fewer callers hung up than so many agents would lose in the model, so more agents were there than "
        "took calls, or patience and handling differ from what is fitted"
    )


def attribution_rows(why: Why) -> list[dict[str, Any]]:
    """Each share with its words, and chance last."""
    told = [{"label": LABELS[share.factor], "cause": cause(share, why), **made(share)} for share in why.shares]
    left = made(why.chance) | {"low": None, "high": None}
    return [*told, {"label": LABELS["chance"], "cause": "what the model does not see", **left}]


LABELS = {
    "volume": "How many calls",
    "shape": "When they came",
    "handling": "How long they took",
    "staff": "How many agents",
    "timing": "When agents were there",
    "availability": "Agents' time not in the log",
    "patience": "How patient callers were",
    "chance": "Chance and the rest",
}


def made(share: Share) -> dict[str, Any]:
    return {"factor": share.factor, "share": share.share, "low": share.low, "high": share.high}


def attribution_chart(told: Sequence[Mapping[str, Any]], *, palette: Palette, row_height: int = 36) -> Chart:
    """A bar for each share, its points written beside it; what adds to the rate goes right, what takes from it left.

    Needs the rows that `rows` makes.
    """
    frame = _bars(told)
    named = {"label": "What", "text": "Points (model)", "interval": "95% interval", "cause": "Because"}
    row = field("label:N", sort=None, title=None, axis={"labelLimit": 0, "domain": False, "ticks": False})
    base = {"y": row, "tooltip": tooltip(**named)}
    axis = {"tickCount": 5, "format": "+.0f", "grid": True}
    lower = {"condition": {"test": "datum.points < 0", "value": palette.offered}, "value": palette.abandoned}
    bars = base | {"x": field("points:Q", title="Percentage points of the rate (model)", axis=axis), "color": lower}
    number = base | {"x": "end:Q", "text": "text:N"}
    layers = [
        layer(frame, "bar", bars, height=0.5 * row_height),
        layer(frame, "rule", base | {"x": "low:Q", "x2": "high"}, color=palette.text, strokeWidth=1.5),
        layer(frame, "text", number, align="left", dx=6, fontSize=AXIS_SIZE, color=palette.text),
    ]
    return layered(layers, palette=palette, height=row_height * len(told))


def _bars(told: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The shares in percentage points, and where each bar or its interval ends."""
    return pl.DataFrame(
        {
            "label": [row["label"] for row in told],
            "points": [100 * row["share"] for row in told],
            "low": [None if row["low"] is None else 100 * row["low"] for row in told],
            "high": [None if row["high"] is None else 100 * row["high"] for row in told],
            "text": [words.signed(row["share"]) for row in told],
            "cause": [row["cause"] for row in told],
            "interval": [reach(row) for row in told],
        },
        schema_overrides={"low": pl.Float64, "high": pl.Float64},
    ).with_columns(end=pl.max_horizontal("points", "high", pl.lit(0.0)))


def chart_words(told: Sequence[Mapping[str, Any]]) -> str:
    """The chart for readers who cannot see it."""
    return "Model. " + "; ".join(f"{row['label']}: {words.signed(row['share'])} points" for row in told) + "."


def attribution_table(told: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The shares as words and figures."""
    return pl.DataFrame(
        {
            "What": [row["label"] for row in told],
            "Points": [words.signed(row["share"]) for row in told],
            "95% interval": [reach(row) for row in told],
            "Because": [row["cause"] for row in told],
        }
    )


def reach(row: Mapping[str, Any]) -> str:
    """The interval of a share; chance has none."""
    return "" if row["low"] is None else f"{words.signed(row['low'])} to {words.signed(row['high'])}"


def sides(now: Side, against: Side) -> dict[str, Any]:
    """Both sides' counts, for a program."""
    return {name: vars(one) | {"rate": one.rate} for name, one in (("now", now), ("against", against))}


def normal(why: Why) -> str:
    """What a day stands against that was not told what: "a normal Tuesday", "earlier holidays"."""
    against_holidays = why.holidays.here and why.holidays.against
    return "earlier holidays" if against_holidays else f"a normal {words.WEEKDAYS[why.dates[0].weekday()]}"


def definition_words(why: Why) -> str:
    """The definition by which rates are counted, in a sentence."""
    return f"Rates are {why.definition.key}: {why.definition.words}."


def of_holidays(why: Why) -> list[str]:
    """Which holidays are among the days, what they stand against, and which were left out."""
    met = why.holidays
    said = [a_holiday(why)] if met.here and len(why.dates) == 1 else holidays_of_periods(why)
    if met.left_out:
        said.append(
            "Holidays by the standard make no normal day, and the model is not fitted to them. Left out: "
            f"{holidays_listed(met.left_out)}."
        )
    return said


def a_holiday(why: Why) -> str:
    """That the day is one, and what it stands against."""
    met = why.holidays
    if met.given:
        against = "It stands against the days given"
    elif met.against:
        against = f"It stands against the last {len(met.against)} holidays before it"
    else:
        against = "The log tells of fewer than four holidays before it, so it stands against ordinary days"
    return f"This day is a holiday by the standard: {next(iter(met.here.values()))}. {against}."


def holidays_of_periods(why: Why) -> list[str]:
    """The holidays of either side, and what they were set against."""
    met = why.holidays
    sides = {"the days explained": met.here, "those they stand against": met.against}
    said = [
        f"Holidays by the standard among {which}: {holidays_listed(each)}." for which, each in sides.items() if each
    ]
    if said and len(why.dates) > 1:
        said.append(
            "Holidays were set against holidays." if met.here and met.against
            else "Only one side has holidays: they were set against their weekday."
        )  # fmt: skip
    return said


def holidays_listed(named: Mapping[date, str]) -> str:
    """Holidays with their days."""
    return words.listed([f"{words.short_day(day)} ({name})" for day, name in named.items()])


def holidays(why: Why) -> dict[str, dict[str, str]]:
    """The holidays met, for a program: day and name."""
    met = {"now": why.holidays.here, "against": why.holidays.against, "left_out": why.holidays.left_out}
    return {which: {str(day): name for day, name in named.items()} for which, named in met.items()}
