"""How often do our chart and our verdict cry wolf, and how soon do they see a real change? Measured, by simulation.

    python benchmarks/false_alarms.py            # writes docs/watching.json and the tables of docs/watching.md

A desk of about 170 calls a working day loses about one in five, more on Mondays than on Fridays. Its days differ by
more than dice do, and may be like their neighbours (first-order autoregression of the log odds). Nothing changes, or
the rate falls on a known day. Counted beside our own methods: the pooled comparison of all calls before with all after
(Newcombe), and a plain p chart.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kcas import __version__
from kcas.monitor.control_chart import p_chart
from kcas.monitor.daily import kind_of_day
from kcas.monitor.drift_chart import drift
from kcas.monitor.rate_chart import Counted, RateChart, rate_chart
from kcas.monitor.since import NO_CHANGE, Week, since
from kcas.monitor.suggested import suggestions
from kcas.monitor.two_rates import newcombe

DOCS = Path(__file__).resolve().parents[1] / "docs"
BEGIN, END = "<!-- what follows is written by benchmarks/false_alarms.py -->", "<!-- until here -->"
SEED, REPLICATIONS = 20100401, 4000
CALLS, RATE = 170, 0.20  # a working day
WEEKDAY = np.array([1.25, 1.05, 0.95, 0.9, 0.85])  # Mondays lose more callers than Fridays
BASE = date(2009, 1, 5)  # a Monday
BEFORE, WATCHED = 100, 60  # working days: ordinary ones, and those in which a fall is looked for


@dataclass(frozen=True)
class Desk:
    """How much days differ beyond dice (standard deviation of the log odds), and how like its neighbour a day is."""

    key: str
    words: str
    spread: float
    alike: float


DESKS = (
    Desk("dice", "days differ by dice only", 0.0, 0.0),
    Desk("independent", "days differ (log odds ± 0.30), each by itself", 0.30, 0.0),
    Desk("alike", "days differ as much, and are somewhat like the day before (0.4)", 0.30, 0.4),
    Desk("strongly", "days differ as much, and are much like the day before (0.7)", 0.30, 0.7),
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
    noise = restlessness(dice, alike=desk.alike, weeks=count // 5)
    level = np.full(count, RATE)
    if fall_from is not None:
        level[fall_from:] = to
    share = level * WEEKDAY[np.arange(count) % 5]
    odds = np.log(share / (1 - share)) + desk.spread * noise
    offered = dice.poisson(CALLS, count)
    return dice.binomial(offered, 1 / (1 + np.exp(-odds))).tolist(), offered.tolist()


def restlessness(dice: np.random.Generator, *, alike: float, weeks: int) -> np.ndarray:
    """What makes days differ: each calendar day is so much like the day before; weekends pass and are not seen."""
    every = dice.normal(0.0, 1.0, 7 * weeks)
    for n in range(1, len(every)):
        every[n] = alike * every[n - 1] + math.sqrt(1 - alike**2) * every[n]
    return every.reshape(weeks, 7)[:, :5].ravel()


def since_alarms(desk: Desk, *, weeks: int, replications: int, seed: int, to: float = RATE) -> dict[str, Share]:
    """How often the verdict, and the pooled comparison, find a change; with `to` the old rate, each one is false."""
    dice, ours, pooled = np.random.default_rng([seed, weeks, int(1000 * to), DESKS.index(desk)]), 0, 0
    half = weeks // 2
    changed = BASE + timedelta(weeks=half)
    for _ in range(replications):
        lost, offered = days(dice, desk, count=5 * weeks, fall_from=5 * half, to=to)
        counts = np.array(lost).reshape(weeks, 5).sum(axis=1), np.array(offered).reshape(weeks, 5).sum(axis=1)
        rows = [
            Week(BASE + timedelta(weeks=n), float(count), float(of))
            for n, (count, of) in enumerate(zip(*counts, strict=True))
        ]
        ours += since(rows, changed).verdict != NO_CHANGE
        low, high = newcombe(
            counts[0][half:].sum(), counts[1][half:].sum(), less=(counts[0][:half].sum(), counts[1][:half].sum())
        )
        pooled += not low <= 0 <= high
    return {"ours": Share(ours, replications), "pooled": Share(pooled, replications)}


def chart_alarms(desk: Desk, *, replications: int, seed: int) -> dict[str, Share]:
    """On how many ordinary days the chart says something on that day, by rule; and a plain chart; and the drift."""
    dice = np.random.default_rng([seed, 1, DESKS.index(desk)])
    told = dict.fromkeys(("any rule", "outside the limits", "marked", "plain", "ewma", "suggested"), 0)
    for _ in range(replications):
        lost, offered = days(dice, desk, count=BEFORE)
        chart = drawn(lost, offered)
        asks = asked(chart)
        told["any rule"] += int(asks.sum())
        told["marked"] += sum(point.rule is not None for point in chart.points)
        told["outside the limits"] += sum(abs(point.score or 0.0) > 3 for point in chart.points)
        told["plain"] += int((np.abs(p_chart(lost, offered).score) > 3).sum())
        told["ewma"] += sum(point.side is not None for point in drift(chart))
        told["suggested"] += bool(suggestions(chart))
    of = {name: replications if name == "suggested" else replications * BEFORE for name in told}
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
    rows = [Counted(day, a, b) for day, a, b in zip(working_days(), lost, offered, strict=False)]
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


def study(*, replications: int, seed: int) -> dict[str, Any]:
    """Every figure of the paper."""
    few = max(replications // 4, 1)
    cases = ((26, RATE), (52, RATE), (104, RATE), (26, 0.18), (52, 0.18), (52, 0.15))
    verdict = [
        {"desk": desk.key, "weeks": weeks, "to": to}
        | plain(since_alarms(desk, weeks=weeks, replications=replications, seed=seed, to=to))
        for desk in DESKS
        for weeks, to in cases
    ]
    chart = [{"desk": desk.key, "days": plain(chart_alarms(desk, replications=few, seed=seed))} for desk in DESKS]
    fall = [{"desk": desk.key} | days_to_find(desk, replications=few, seed=seed) for desk in DESKS]
    return {
        "seed": seed, "replications": replications, "chart_replications": few, "version": __version__,
        "run_on": datetime.now(UTC).date().isoformat(), "rate": RATE, "desks": [asdict(desk) for desk in DESKS],
        "verdict": verdict, "chart": chart, "fall": fall,
    }  # fmt: skip


def plain(shares: dict[str, Share]) -> dict[str, Any]:
    """The shares as the file keeps them."""
    return {name: asdict(share) for name, share in shares.items()}


def tables(found: dict[str, Any]) -> str:
    """The paper's tables, made from the figures and from nothing else."""
    named = {desk["key"]: desk["words"] for desk in found["desks"]}

    def share(told: dict[str, int]) -> str:
        return f"{100 * told['count'] / told['of']:.1f}%"

    def verdicts(*kept: tuple[int, float]) -> list[str]:
        rows = [row for row in found["verdict"] if (row["weeks"], row["to"]) in kept]
        return [
            f"| {named[row['desk']]} | {row['weeks']} | {fell(row['to'])}{share(row['ours'])} "
            f"| {share(row['pooled'])} |"
            for row in rows
        ]

    def fell(to: float) -> str:
        return "" if to == found["rate"] else f"{100 * to:.0f}% | "

    ordinary = [
        f"| {named[row['desk']]} | "
        + " | ".join(share(row["days"][name]) for name in ("any rule", "ewma", "plain", "marked", "suggested"))
        + " |"
        for row in found["chart"]
    ]
    labels = [f"{name} {label}" for name in ("chart", "ewma") for label in ("quarter", "median", "nine in ten")]
    falls = [
        f"| {named[row['desk']]} | " + " | ".join(days_in_words(row[label]) for label in labels) + " |"
        for row in found["fall"]
    ]
    return "\n".join([
        f"From the run of {found['run_on']}: kcas {found['version']}, seed {found['seed']}, "
        f"{found['replications']:,} desks for each line about verdicts and {found['chart_replications']:,} for each "
        "about charts.",
        "",
        "### Verdicts where nothing changed",
        "",
        "| the desk | weeks | our verdict says lower or higher | all calls before against all after |",
        "|---|---|---|---|",
        *verdicts((26, RATE), (52, RATE), (104, RATE)),
        "",
        "### Verdicts where the rate fell",
        "",
        f"From {100 * RATE:.0f}%, in the middle of the weeks.",
        "",
        "| the desk | weeks | to | our verdict finds it | all calls before against all after |",
        "|---|---|---|---|---|",
        *verdicts((26, 0.18), (52, 0.18), (52, 0.15)),
        "",
        "### Charts of ordinary days",
        "",
        f"{BEFORE} working days each. Said on the day: there was a signal when the day came, of which it is a part.",
        "Marked: what the chart shows afterwards, the first six days of a run included.",
        "",
        "| the desk | said on the day | EWMA beyond | a plain p chart | marked | charts with a suggested break |",
        "|---|---|---|---|---|---|",
        *ordinary,
        "",
        "### Working days until a fall from 20 to 15% is seen",
        "",
        f"Limits from {BEFORE} days before it. A quarter, half and nine in ten of desks had been told by then.",
        "",
        "| the desk | rules: quarter | half | nine in ten | EWMA: quarter | half | nine in ten |",
        "|---|---|---|---|---|---|---|",
        *falls,
    ])  # fmt: skip


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
    begun = time.monotonic()
    figures = study(replications=asks.parse_args().replications, seed=SEED)
    (DOCS / "watching.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    paper = DOCS / "watching.md"
    paper.write_text(with_tables(paper.read_text(encoding="utf-8"), figures), encoding="utf-8")
    print(f"{time.monotonic() - begun:.0f} s")
