"""False alarms of the chart and the verdict, and how soon they find a real change, measured by simulation.

    python benchmarks/false_alarms.py            # writes docs/watching.json and the tables of docs/watching.md

A desk of about 170 calls a working day loses about one in five, more on Mondays than on Fridays. Its days differ by
more than random variation explains, and may be like their neighbours (first-order autoregression of the log odds by
calendar day), in whole or in a slow part beside which days are independent. Nothing changes, or the rate falls on a
known day. Counted beside our own methods: the pooled comparison of all calls before with all after (Newcombe), and a
plain p chart. Every desk's figures are written as soon as they are there.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kcas import __version__
from kcas.monitoring.control_chart import p_chart
from kcas.monitoring.daily import kind_of_day
from kcas.monitoring.drift import drift
from kcas.monitoring.rate_chart import PeriodCount, RateChart, rate_chart
from kcas.monitoring.since import NO_CHANGE, Week, newcombe, since
from kcas.monitoring.suggested_breaks import suggestions

DOCS = Path(__file__).resolve().parents[1] / "docs"
BEGIN, END = "<!-- what follows is written by benchmarks/false_alarms.py -->", "<!-- until here -->"
SEED, REPLICATIONS = 20100401, 1000
OF_A_FALL = 2  # one desk in so many, of those simulated without a change, is simulated with one
CALLS, RATE = 170, 0.20  # a working day
WEEKDAY = np.array([1.25, 1.05, 0.95, 0.9, 0.85])  # Mondays lose more callers than Fridays
BASE = date(2009, 1, 5)  # a Monday
BEFORE, WATCHED = 100, 60  # working days: ordinary ones, and those in which a fall is looked for
A_YEAR = 250  # working days
WEEKS = (26, 34, 52, 104)


@dataclass(frozen=True)
class Desk:
    """Day-to-day variation (standard deviation of the log odds) and correlation of neighbouring days.

    Only a share of the variance is like its neighbours; the rest is independent.
    """

    key: str
    words: str
    spread: float
    alike: float = 0.0
    share: float = 1.0


DESKS = (
    Desk("dice", "days differ by random variation only", 0.0),
    Desk("independent", "independent days, ± 0.30", 0.30),
    Desk("independent wide", "independent days, ± 0.70", 0.70),
    Desk("alike", "days ± 0.70, AR(1) 0.30", 0.70, 0.30),
    Desk("more alike", "days ± 0.70, AR(1) 0.56", 0.70, 0.56),
    Desk("much alike", "days ± 0.70, AR(1) 0.70", 0.70, 0.70),
    Desk("drift", "slow drift, ± 0.40", 0.40, 0.955, 0.5),
    Desk("wide drift", "slow drift, ± 0.70", 0.70, 0.955, 0.5),
)


@dataclass(frozen=True)
class Share:
    """So many of so many replications, or days."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """As a fraction of one."""
        return self.count / self.of

    @property
    def error(self) -> float:
        """Its Monte Carlo standard error, were each of them independent."""
        return math.sqrt(self.share * (1 - self.share) / self.of)


def days(dice: np.random.Generator, desk: Desk, *, count: int, fall_from: int | None = None, to: float = 0.15) -> tuple[
    list[int], list[int]
]:  # fmt: skip
    """Lost and offered on each of so many working days; from a day on the rate has fallen."""
    noise = restlessness(dice, alike=desk.alike, weeks=count // 5, share=desk.share)
    level = np.full(count, RATE)
    if fall_from is not None:
        level[fall_from:] = to
    share = level * WEEKDAY[np.arange(count) % 5]
    odds = np.log(share / (1 - share)) + desk.spread * noise
    offered = dice.poisson(CALLS, count)
    return dice.binomial(offered, 1 / (1 + np.exp(-odds))).tolist(), offered.tolist()


def restlessness(dice: np.random.Generator, *, alike: float, weeks: int, share: float = 1.0) -> np.ndarray:
    """What makes days differ: each calendar day is so much like the day before; weekends pass and are not seen."""
    every = dice.normal(0.0, 1.0, 7 * weeks)
    for n in range(1, len(every)):
        every[n] = alike * every[n - 1] + math.sqrt(1 - alike**2) * every[n]
    if share < 1:
        every = math.sqrt(share) * every + math.sqrt(1 - share) * dice.normal(0.0, 1.0, 7 * weeks)
    return every.reshape(weeks, 7)[:, :5].ravel()


def since_alarms(desk: Desk, *, weeks: int, replications: int, seed: int, to: float = RATE) -> dict[str, Share]:
    """How often the verdict, and the pooled comparison, find a change; with `to` the old rate, each one is false."""
    dice = np.random.default_rng([seed, weeks, int(1000 * to), DESKS.index(desk)])
    ours = pooled = drifts = 0
    half = weeks // 2
    changed = BASE + timedelta(weeks=half)
    for _ in range(replications):
        lost, offered = days(dice, desk, count=5 * weeks, fall_from=5 * half, to=to)
        told = [PeriodCount(day, float(a), float(b)) for day, a, b in zip(working_days(), lost, offered, strict=False)]
        counts = np.array(lost).reshape(weeks, 5).sum(axis=1), np.array(offered).reshape(weeks, 5).sum(axis=1)
        rows = [
            Week(BASE + timedelta(weeks=n), float(count), float(of))
            for n, (count, of) in enumerate(zip(*counts, strict=True))
        ]
        found = since(rows, changed, days=told, placebos=0)
        ours += found.verdict != NO_CHANGE
        drifts += found.drifts
        low, high = newcombe(
            counts[0][half:].sum(), counts[1][half:].sum(), less=(counts[0][:half].sum(), counts[1][:half].sum())
        )
        pooled += not low <= 0 <= high
    return {
        "ours": Share(ours, replications), "pooled": Share(pooled, replications), "wanders": Share(drifts, replications)
    }  # fmt: skip


def chart_alarms(desk: Desk, *, replications: int, seed: int, count: int = BEFORE) -> dict[str, Share]:
    """On how many ordinary days the chart says something on that day, by rule; and a plain chart; and the drift."""
    dice = np.random.default_rng([seed, 1, count, DESKS.index(desk)])
    told = dict.fromkeys(("any rule", "outside the limits", "marked", "plain", "ewma", "suggested", "follows"), 0)
    for _ in range(replications):
        lost, offered = days(dice, desk, count=count)
        chart = drawn(lost, offered)
        asks = asked(chart)
        told["any rule"] += int(asks.sum())
        told["marked"] += sum(point.rule is not None for point in chart.points)
        told["outside the limits"] += sum(abs(point.score or 0.0) > 3 for point in chart.points)
        told["plain"] += int((np.abs(p_chart(lost, offered).score) > 3).sum())
        told["ewma"] += sum(point.side is not None for point in drift(chart))
        told["suggested"] += bool(suggestions(chart))
        told["follows"] += chart.follows
    of = {name: replications * (1 if name in ("suggested", "follows") else count) for name in told}
    return {name: Share(count, of[name]) for name, count in told.items()}


def days_to_find(desk: Desk, *, replications: int, seed: int, to: float = 0.15) -> dict[str, float]:
    """Working days from a fall until the chart asks why, and until the drift passes its limit; three quantiles."""
    dice = np.random.default_rng([seed, 2, int(1000 * to), DESKS.index(desk)])
    found: dict[str, list[int]] = {"chart": [], "ewma": []}
    for _ in range(replications):
        lost, offered = days(dice, desk, count=BEFORE + WATCHED, fall_from=BEFORE, to=to)
        chart = drawn(lost, offered, baseline=BEFORE)
        below = np.array([(point.score or 0.0) < 0 for point in chart.points])
        found["chart"].append(first(asked(chart) & below))
        found["ewma"].append(first(np.array([point.side == "low" for point in drift(chart)])))
    return {
        f"{name} {label}": float(np.quantile(values, at, method="lower"))
        for name, values in found.items()
        for label, at in (("quarter", 0.25), ("median", 0.5), ("nine in ten", 0.9))
    }


def drawn(lost: list[int], offered: list[int], *, baseline: int | None = None) -> RateChart:
    """The chart of working days; its limits from the first so many, where told so."""
    rows = [PeriodCount(day, a, b) for day, a, b in zip(working_days(), lost, offered, strict=False)]
    edges = (rows[0].start, rows[baseline].start) if baseline else None
    assert kind_of_day(rows[0].start, holidays=()) == "Monday"
    return rate_chart(rows, by="day", baseline=edges)


def working_days() -> Iterator[date]:
    """Mondays to Fridays, without end."""
    day = BASE
    while True:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def asked(chart: RateChart) -> np.ndarray:
    """Whether each day's own point makes a signal: known on that day, without any later one."""
    return np.array([point.on_the_day for point in chart.points])


def first(asks: np.ndarray) -> int:
    """Days from the fall to the first that asks; one more than were watched where none did."""
    found = np.flatnonzero(asks[BEFORE:])
    return int(found[0]) + 1 if len(found) else WATCHED + 1


def of_desk(desk: Desk, replications: int, seed: int) -> dict[str, Any]:
    """Every figure of one desk."""
    few = max(replications // OF_A_FALL, 1)
    cases = [(weeks, RATE, replications) for weeks in WEEKS]
    cases += [(weeks, 0.15, few) for weeks in WEEKS] + [(52, 0.18, few)]
    return {
        "verdict": [
            {"desk": desk.key, "weeks": weeks, "to": to}
            | plain(since_alarms(desk, weeks=weeks, replications=count, seed=seed, to=to))
            for weeks, to, count in cases
        ],
        "chart": [
            {"desk": desk.key, "count": count}
            | {"days": plain(chart_alarms(desk, replications=replications, seed=seed, count=count))}
            for count in (BEFORE, A_YEAR)
        ],
        "fall": [{"desk": desk.key} | days_to_find(desk, replications=replications, seed=seed)],
    }


def study(*, replications: int, seed: int, workers: int = 2) -> Iterator[dict[str, Any]]:
    """The figures of the paper, of more and more desks, in the order of the desks."""
    found: dict[str, Any] = {
        "seed": seed, "replications": replications, "of_a_fall": max(replications // OF_A_FALL, 1),
        "version": __version__, "run_on": datetime.now(UTC).date().isoformat(), "rate": RATE,
        "desks": [asdict(desk) for desk in DESKS], "verdict": [], "chart": [], "fall": [],
    }  # fmt: skip
    with ProcessPoolExecutor(workers) as pool:
        for each in pool.map(of_desk, DESKS, [replications] * len(DESKS), [seed] * len(DESKS)):
            for name, rows in each.items():
                found[name] += rows
            yield found


def plain(shares: dict[str, Share]) -> dict[str, Any]:
    """The shares as the file keeps them."""
    return {name: asdict(share) for name, share in shares.items()}


def tables(found: dict[str, Any]) -> str:
    """The paper's tables, made from the figures and from nothing else."""
    named = {desk["key"]: desk["words"] for desk in found["desks"]}
    error = 100 * Share(found["replications"] // 20, found["replications"]).error
    wide = 100 * Share(found["of_a_fall"] // 2, found["of_a_fall"]).error
    return "\n".join([
        f"From the run of {found['run_on']}: kcas {found['version']}, seed {found['seed']}. Of each kind "
        f"{found['replications']:,} desks on which nothing changed, as many for the charts, and {found['of_a_fall']:,} "
        f"on which the rate fell. The simulation's own standard error is {error:.1f} points for a share of 5% of "
        f"verdicts, and at most {wide:.1f} points for a verdict on a fall.",
        "",
        "### Verdicts where nothing changed",
        "",
        "Lower or higher, of every hundred desks; in brackets, all calls before against all after.",
        "",
        f"| the desk | {' | '.join(f'{weeks} weeks' for weeks in WEEKS)} | said to wander (52 weeks) |",
        "|---|" + "---|" * (len(WEEKS) + 1),
        *verdict_rows(found, named, to=found["rate"], last="wanders"),
        "",
        "### Verdicts where the rate fell",
        "",
        f"From {100 * RATE:.0f}% to 15%, in the middle of the weeks; the last column: to 18%, 52 weeks.",
        "",
        f"| the desk | {' | '.join(f'{weeks} weeks' for weeks in WEEKS)} | to 18% |",
        "|---|" + "---|" * (len(WEEKS) + 1),
        *verdict_rows(found, named, to=0.15, last="to 18%"),
        "",
        "### Charts of ordinary days",
        "",
        "Said on the day: there was a signal when the day came, of which it is a part. Marked: what the chart shows",
        "afterwards, the first six days of a run included. Follows: charts whose centre follows the level.",
        "",
        f"| the desk | said on the day, {BEFORE} days | {A_YEAR} days | EWMA beyond | a plain p chart | marked "
        "| with a suggested break | follows |",
        "|---|---|---|---|---|---|---|---|",
        *chart_rows(found, named),
        "",
        "### Working days until a fall from 20 to 15% is seen",
        "",
        f"Limits from {BEFORE} days before it. A quarter, half and nine in ten of desks had been told by then.",
        "",
        "| the desk | rules: quarter | half | nine in ten | EWMA: quarter | half | nine in ten |",
        "|---|---|---|---|---|---|---|",
        *fall_rows(found, named),
    ])  # fmt: skip


def percent(told: dict[str, int]) -> str:
    """A share as the paper prints it."""
    return f"{100 * told['count'] / told['of']:.1f}%"


def verdict_rows(found: dict[str, Any], named: dict[str, str], *, to: float, last: str) -> list[str]:
    """A row for each desk: our verdict, and the pooled comparison in brackets."""
    rows = []
    for key in dict.fromkeys(row["desk"] for row in found["verdict"]):
        those = {(row["weeks"], row["to"]): row for row in found["verdict"] if row["desk"] == key}
        shown = [f"{percent(those[weeks, to]['ours'])} ({percent(those[weeks, to]['pooled'])})" for weeks in WEEKS]
        end = those[52, to]["wanders"] if last == "wanders" else those[52, 0.18]["ours"]
        rows.append(f"| {named[key]} | {' | '.join(shown)} | {percent(end)} |")
    return rows


def chart_rows(found: dict[str, Any], named: dict[str, str]) -> list[str]:
    """A row for each desk: ordinary days on which the chart speaks up."""
    rows = []
    for key in dict.fromkeys(row["desk"] for row in found["chart"]):
        short, year = (
            next(row["days"] for row in found["chart"] if row["desk"] == key and row["count"] == count)
            for count in (BEFORE, A_YEAR)
        )
        shown = [percent(short["any rule"]), percent(year["any rule"])]
        shown += [percent(short[name]) for name in ("ewma", "plain", "marked", "suggested", "follows")]
        rows.append(f"| {named[key]} | {' | '.join(shown)} |")
    return rows


def fall_rows(found: dict[str, Any], named: dict[str, str]) -> list[str]:
    """A row for each desk: working days until a fall is seen."""
    labels = [f"{name} {label}" for name in ("chart", "ewma") for label in ("quarter", "median", "nine in ten")]
    return [
        f"| {named[row['desk']]} | " + " | ".join(days_in_words(row[label]) for label in labels) + " |"
        for row in found["fall"]
    ]


def days_in_words(count: float) -> str:
    """So many days, or that it took longer than was watched."""
    return f"{count:.0f}" if count <= WATCHED else f"over {WATCHED}"


def with_tables(paper: str, found: dict[str, Any]) -> str:
    """The paper with these tables in the place of its old ones."""
    head, rest = paper.split(BEGIN)
    return f"{head}{BEGIN}\n\n{tables(found)}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("--replications", type=int, default=REPLICATIONS)
    asks.add_argument("--workers", type=int, default=2)
    asked_for = asks.parse_args()
    begun = time.monotonic()
    for figures in study(replications=asked_for.replications, seed=SEED, workers=asked_for.workers):
        (DOCS / "watching.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        paper = DOCS / "watching.md"
        paper.write_text(with_tables(paper.read_text(encoding="utf-8"), figures), encoding="utf-8")
        print(f"{len(figures['fall'])} of {len(DESKS)} desks, {time.monotonic() - begun:.0f} s", flush=True)
