"""Staffing plan: tables, charts and words."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from kcas.reporting import words
from kcas.reporting.charts import Chart, Palette, by_value, equal, field, layer, layered, time_axis, tooltip
from kcas.reporting.projection import MODEL, a_day, bracket, counts_more, interval_words, projected_share, shift
from kcas.simulation.estimate import Estimate

_Report = Mapping[str, Any]
AS_TODAY, NEEDED, ROSTERED = "As it is", "Needed", "Rostered, fewest at any moment"
_POINTS = {
    "which": pl.String, "start": pl.String, "agents": pl.Int64, "agents_text": pl.String, "rate_text": pl.String,
    "interval_text": pl.String,
}  # fmt: skip


def requirement_headline(report: _Report) -> str:
    """The answer in a sentence."""
    needed = range_of([row["agents"] for row in report["intervals"]])
    hours, today = words_of_hours(report["agent_hours"]), words_of_hours(report["today"]["agent_hours"])
    return f"{needed} agents, {hours} agent-hours a day, keep to {report['aim']['words']}; as it is there are {today}."


def range_of(numbers: list[int]) -> str:
    """From the fewest to the most."""
    low, high = min(numbers), max(numbers)
    return f"{low}" if low == high else f"{low} to {high}"


def words_of_hours(hours: float) -> str:
    """Hours as a person says them."""
    return f"{hours:,.1f}".removesuffix(".0")


def proof(shown: _Report, *, name: str) -> str:
    """What a roster leads to by simulation, both halves of each figure, and on how many days it kept to the aim."""
    total, kept = shown["total"], shown["kept"]
    rate, level = (
        f"{projected_share(total[key]['mean'])}{bracket(Estimate(**total[key]))}" for key in ("rate", "service_level")
    )
    halves = halves_of(total, "numerator", "denominator")
    soon_halves = halves_of(total, "service_level_numerator", "service_level_denominator")
    days = f"{kept['days']:,} of {kept['of']:,} days kept to it by themselves"
    return (
        f"{name}: {rate} abandoned, {halves} calls a day; service level {level}, {soon_halves}. {days} "
        f"({projected_share(kept['mean'])}, {words.interval(kept['low'], kept['high'])}). "
        f"{'The aim is shown to be kept.' if shown['met'] else 'The aim is not kept.'}"
    )


def halves_of(total: Mapping[str, Any], above: str, below: str) -> str:
    """Both halves of a rate, a day."""
    return f"{a_day(total[above]['mean'])} of {a_day(total[below]['mean'])}"


def abandoned_words(row: _Report, prefix: str = "") -> str:
    """The share abandoned with its calls a day: "6.7%, 5.8 of 86.4"."""
    return f"{projected_share(row[f'{prefix}rate']['mean'])}, {out_of(row, prefix)}"


def soon(row: _Report, prefix: str = "") -> str:
    """The service level with its calls a day."""
    return f"{projected_share(row[f'{prefix}service_level']['mean'])}, {out_of(row, f'{prefix}service_level_')}"


def out_of(row: _Report, prefix: str = "") -> str:
    """Both halves of a share, a day."""
    return f"{a_day(row[f'{prefix}numerator'])} of {a_day(row[f'{prefix}denominator'])}"


def proofs(report: _Report) -> list[str]:
    """The proof of today's agents, of those needed and of the shifts."""
    found = [proof(report["today"], name="As it is"), proof(report, name="As needed")]
    if report["roster"]:
        found.append(proof(report["roster"], name="With the shifts"))
    return found


def staffing_provenance(report: _Report) -> str:
    """How the figures were made, and what they mean."""
    sure = (
        "In the long run: the rate over all days, its whole 95% interval, is at the target."
        if report["aim"]["confidence"] is None
        else "A share of days: each day meets the target by its own calls; the share's whole 95% interval is at "
        "what was asked."
    )
    return (
        f"{MODEL} {report['replications']:,} days with the same simulated callers (seed {report['seed']}, "
        f"{report['engine']} engine). "
        f"Abandoned by the definition {report['definition']}; service level by {report['service_level_definition']} "
        f"within {words.duration(report['aim']['within'])}; after each share its calls a day. {sure}"
    )


def required_half_hours(report: _Report) -> pl.DataFrame:
    """Every interval: agents as they are, needed and rostered, and how its callers would fare."""
    last = "rostered_" if report["roster"] else ""
    rows = []
    for row in report["intervals"]:
        found = {"From": row["start"], "Calls a day": a_day(row["offered"]), "As it is": str(row["today"]),
                 "Needed": str(row["agents"])}  # fmt: skip
        if len(report["teams"]) > 1:
            found |= {f"Needed: {team}": str(agents) for team, agents in row["by_team"].items()}
        found["On the phones"] = f"{row['on_the_phones']:.1f}"
        if report["roster"]:
            found |= {"Rostered": str(row["rostered"]), "Fewest at once": str(row["rostered_least"])}
        found |= {
            "Abandoned, as it is": abandoned_words(row, "today_"),
            "Abandoned": abandoned_words(row, last),
            "95% interval": interval_words(Estimate(**row[f"{last}rate"]), projected_share),
            "Service level": soon(row, last),
        }
        rows.append(found)
    return pl.DataFrame(rows)


def shifts(report: _Report) -> pl.DataFrame:
    """The roster's shifts with their breaks."""
    rows = [
        {"Shift": each["pattern"].replace("_", " "), "Team": each["team"].replace("_", " "), "From": each["from"],
         "To": each["to"], "Agents": each["agents"],
         "Breaks": ", ".join(f"{pause['from']}–{pause['to']}" for pause in each["breaks"])}
        for each in report["roster"]["shifts"]
    ]  # fmt: skip
    return pl.DataFrame(rows)


def roster_weeks(report: _Report) -> pl.DataFrame:
    """Who works on which days."""
    rows = [
        {"Shift": each["pattern"].replace("_", " "), "From": each["from"], "To": each["to"], "People": each["heads"],
         "Days": ", ".join(day.capitalize()[:3] for day in each["days"])}
        for each in report["roster"]["weeks"]
    ]  # fmt: skip
    return pl.DataFrame(rows)


def roster_words(report: _Report) -> str:
    """What the shifts cost, and how sure it is that none are cheaper."""
    roster = report["roster"]
    sure = (
        "No roster by these rules covers what is needed for less."
        if roster["cheapest"]
        else f"Stopped after {roster['time_limit']:g} s: a roster might be up to {100 * roster['gap']:.1f}% cheaper."
    )
    cost = "" if roster["cost_a_week"] is None else f", costing {roster['cost_a_week']:,.2f} a week"
    invented = f" Invented in the file of shifts: {', '.join(roster['invented'])}." if roster["invented"] else ""
    return (
        f"{roster['heads']} people, {words_of_hours(roster['paid_hours_a_day'])} paid hours a day and "
        f"{words_of_hours(roster['paid_hours_a_week'])} a week{cost}, cover the "
        f"{words_of_hours(report['agent_hours'])} agent-hours a day that are needed. {sure}{invented}"
    )


def marginal_values(report: _Report, *, start: str) -> pl.DataFrame:
    """What each further agent buys, from today's agents or from the plan's: against none, and the last by itself."""
    rows = []
    for each in report["further"][start]:
        none = each["agents"] == 0
        rows.append(
            {
                "Agents more": f"+{each['agents']}",
                "Abandoned": abandoned_words(each),
                "95% interval": interval_words(Estimate(**each["rate"]), projected_share),
                "Service level": soon(each),
                "Against +0": "" if none else shift(each["rate_difference"]["mean"]),
                "95% interval of that": "" if none else interval_words(Estimate(**each["rate_difference"]), shift),
                "Calls saved a day": "" if none else counts_more(each["saved"]["mean"]),
                "By the last agent": "" if none else counts_more(each["last_saved"]["mean"]),
                "95% interval of those": "" if none else interval_words(Estimate(**each["last_saved"]), counts_more),
            }
        )
    return pl.DataFrame(rows)


def bought_words(report: _Report) -> list[str]:
    """What money for agents has bought; what it cost only where someone has said."""
    found = report["bought"]
    moved, saved = found["rate_difference"], found["saved"]
    lines = [
        f"{words_of_hours(found['hours_a_day'])} more rostered hours a day bring abandonment from "
        f"{projected_share(found['rate_before']['mean'])} ({out_of(found['before'])} calls a day) to "
        f"{projected_share(found['rate_after']['mean'])} ({out_of(found['after'])}): {shift(moved['mean'])} "
        f"({interval_words(Estimate(**moved), shift)}); {counts_more(saved['mean'])} calls a day saved "
        f"({interval_words(Estimate(**saved), counts_more)})."
    ]
    hours, cost = found["hours_per_call_saved"], found["cost_per_call_saved"]
    if hours["mean"] is None:
        lines.append("No call is saved, so that none has a price.")
        return lines
    reach = interval_words(Estimate(**hours), lambda each: f"{each:.2f}")
    lines.append(f"{hours['mean']:.2f} hours for each call saved ({reach}).")
    if cost["mean"] is None:
        lines.append("What a call saved costs is not said: give --cost-per-hour, for no one has published it.")
    else:
        reach = interval_words(Estimate(**cost), lambda each: f"{each:,.2f}")
        lines.append(f"{cost['mean']:,.2f} for each call saved ({reach}), at what an hour was said to cost.")
    return lines


def requirement_points(report: _Report) -> pl.DataFrame:
    """Agents as they are, needed and rostered, in each interval: rows for a chart."""
    series = {AS_TODAY: ("today", "today_"), NEEDED: ("agents", "")}
    if report["roster"]:
        series[ROSTERED] = ("rostered_least", "rostered_")
    rows = [
        {"which": which, "start": row["start"], "agents": row[column], "agents_text": f"{row[column]} agents",
         "rate_text": abandoned_words(row, prefix),
         "interval_text": interval_words(Estimate(**row[f"{prefix}rate"]), projected_share)}
        for which, (column, prefix) in series.items()
        for row in report["intervals"]
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_POINTS)


def points_words(points: pl.DataFrame) -> str:
    """The chart in a sentence for each series."""
    said = []
    for which in points["which"].unique(maintain_order=True):
        mine = points.filter(pl.col("which") == which)
        top = mine.sort("agents", descending=True).row(0, named=True)
        said.append(f"{which}: {range_of(mine['agents'].to_list())} agents, most at {top['start']}")
    return "; ".join(said) + "."


WHICH = [AS_TODAY, NEEDED, ROSTERED]
DASHES = {AS_TODAY: [5, 3], ROSTERED: [1, 0]}
_SHAPES = {AS_TODAY: "square", NEEDED: "circle", ROSTERED: "diamond"}


def agents(points: pl.DataFrame, *, palette: Palette, height: int = 280) -> Chart:
    """Bars of what is needed; lines of what is rostered and of what is there now, told apart by shape and dash too.

    Needs `which`, `start`, `agents` and the texts `agents_text`, `rate_text`, `interval_text`.
    """
    drawn = [which for which in WHICH if which in points["which"].unique().to_list()]
    inks = {AS_TODAY: palette.offered, NEEDED: palette.answered, ROSTERED: palette.abandoned}
    named = {"start": "Half-hour from", "which": "Agents", "agents_text": "How many", "rate_text": "Abandoned"}
    axis = {"format": "d", "tickMinStep": 1}
    base = {
        "x": time_axis(points["start"].unique().sort().to_list()),
        "y": field("agents:Q", title="Agents", axis=axis, scale={"zero": True}),
        "tooltip": tooltip(**named, interval_text="95% interval"),
    }
    marks = {
        "color": by_value("which", drawn, [inks[which] for which in drawn]),
        "shape": by_value("which", drawn, [_SHAPES[which] for which in drawn]),
    }
    layers = [
        layer(points, "bar", base, only=equal("which", NEEDED), color=inks[NEEDED], opacity=0.35),
        *(
            layer(points, "line", base, only=equal("which", which), color=inks[which], strokeDash=dash, strokeWidth=1.8)
            for which, dash in DASHES.items()
            if which in drawn
        ),
        layer(points, "point", base | marks, filled=True, size=60, opacity=1),
    ]
    return layered(layers, palette=palette, height=height)
