"""Simulation of scenarios: projections, comparisons with common random numbers, sweeps of two inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcas.api.result import ESTIMATE, Result, Steps, plain_values
from kcas.errors import ScenarioError

if TYPE_CHECKING:
    import polars as pl

    from kcas.api.scenario import Scenario
    from kcas.api.selection import StoredCalls
    from kcas.calls.coverage import DaysSeen
    from kcas.desk.standard import Standard
    from kcas.simulation.estimate import Estimate
    from kcas.simulation.projection import Estimates, Projection
    from kcas.simulation.scenario.schema import Scenario as Checked
    from kcas.simulation.sweep import Axis, Cell

MOST_DAYS_FOR_PRECISION = 20_000
"""Days after which a simulation that has not reached its precision stops."""


def simulate(
    scenario: Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
    jobs: int = 1,
    backend: str | None = None,
    precision: float | None = None,
    standard: Standard | None = None,
    observed: StoredCalls | None = None,
    calls: str | Path | None = None,
    progress: Steps = None,
) -> Simulation:
    """Simulate a scenario for many days.

    `precision` stops earlier, once the 95% interval of the rate reaches no further than this fraction of one.
    `engine` is "compiled" or "simpy"; both give the same calls from the same `seed`. `standard` says what counts: that
    of the store `observed`, or the product's own, unless given. `.notes` say where the scenario leaves what the days
    of that store have shown. `calls` is a Parquet file to write every simulated call to. Raises ScenarioError.
    """
    run = _projection(
        scenario, replications=replications, seed=seed, engine=engine, jobs=jobs, backend=backend, precision=precision,
        standard=standard or (observed.standard if observed else None), calls=calls, progress=progress,
    )  # fmt: skip
    return Simulation(run, scenario.name, _beyond(run, observed=observed))


def compare(
    scenarios: Sequence[Scenario],
    *,
    replications: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
    jobs: int = 1,
    backend: str | None = None,
    precision: float | None = None,
    standard: Standard | None = None,
    observed: StoredCalls | None = None,
    check_inputs: bool = True,
    progress: Steps = None,
) -> Comparison:
    """Simulate several scenarios with the same callers on the same days (common random numbers).

    Each is compared with the first, day by day; `precision` is that of the first. `check_inputs` notes where a
    scenario leaves what the days of the store `observed` have shown. Raises ScenarioError for fewer than two.
    """
    if len(scenarios) < 2:
        raise ScenarioError("compare: expected two scenarios or more; the others are compared with the first.")
    shared: dict[str, Any] = {
        "engine": engine, "jobs": jobs, "backend": backend,
        "standard": standard or (observed.standard if observed else None),
    }  # fmt: skip
    runs: list[Projection] = []
    for number, scenario in enumerate(scenarios):
        same: dict[str, Any] = (
            {"replications": runs[0].replications, "seed": runs[0].seed}
            if runs
            else {"replications": replications, "seed": seed, "precision": precision}
        )
        step = _share_of(progress, number=number, of=len(scenarios))
        runs.append(_projection(scenario, **same, **shared, progress=step))
    first, *others = (
        Simulation(run, scenario.name, _beyond(run, observed=observed, baseline=runs[0].scenario, inputs=check_inputs))
        for run, scenario in zip(runs, scenarios, strict=True)
    )
    return Comparison(first, tuple(others))


def _projection(
    scenario: Scenario,
    *,
    engine: str | None,
    standard: Standard | None,
    replications: int | None,
    precision: float | None = None,
    calls: str | Path | None = None,
    **how: Any,
) -> Projection:
    from contextlib import nullcontext

    from kcas.desk.standard import Standard
    from kcas.simulation.projection import simulate as run
    from kcas.simulation.simulated_calls import calls_file

    if engine not in (None, "compiled", "simpy"):
        raise ScenarioError(f"engine: {engine!r} is not an engine. Expected compiled or simpy.")
    with nullcontext(None) if calls is None else calls_file(Path(calls)) as keep:
        return run(
            scenario.checked, standard=standard or Standard(), engine=engine, precision=precision, keep=keep,
            replications=replications or (MOST_DAYS_FOR_PRECISION if precision else None), **how,
        )  # fmt: skip


def _share_of(progress: Steps, *, number: int, of: int) -> Steps:
    if progress is None:
        return None
    return lambda done, days: progress(number * days + done, of * days)


def _beyond(
    run: Projection, *, observed: StoredCalls | None, baseline: Checked | None = None, inputs: bool = True
) -> tuple[str, ...]:
    """Where a projection leaves what data support: its waits, and its inputs unless they are not to be checked."""
    from kcas.simulation.scenario.data_range import inputs_beyond, waits_beyond

    found = waits_beyond(run.scenario, run.by["by_type"])
    if inputs:
        seen = days_observed(run.scenario, observed, standard=run.standard)
        found += inputs_beyond(run.scenario, seen=seen, baseline=baseline)
    return tuple(found)


def days_observed(scenario: Checked, observed: StoredCalls | None, *, standard: Standard) -> DaysSeen | None:
    """What the days of a store have shown of calls, handling and agents; None where there is no store."""
    from kcas.calls.coverage import days_seen
    from kcas.simulation.scenario.data_range import weekday_numbers

    if observed is None or not observed.store.exists:
        return None
    return days_seen(observed.store.calls(), standard=standard, weekdays=weekday_numbers(scenario))


def estimate_values(measures: Mapping[str, Estimate]) -> dict[str, Any]:
    """Estimates as plain values: mean, low, high, sd."""
    return {name: asdict(estimate) for name, estimate in measures.items()}


def difference_values(moved: Estimates) -> dict[str, Any]:
    """Differences as plain values."""
    return {
        "difference": estimate_values(moved.total),
        "difference_by_type": {name: estimate_values(part) for name, part in moved.by_type.items()},
        "difference_intervals": [{"start": start} | estimate_values(part) for start, part in moved.intervals.items()],
    }


@dataclass(frozen=True)
class Simulation(Result):
    """Many simulated days of a scenario. Modelled, not observed."""

    projection: Projection
    name: str
    beyond: tuple[str, ...] = ()
    """Sentences on where it leaves what data support."""

    @property
    def notes(self) -> list[str]:
        """What it assumes, and where it leaves what data support."""
        from kcas.simulation.scenario.assumptions import assumptions

        return [*assumptions(self.projection.scenario), *self.beyond]

    @property
    def rate(self) -> Estimate:
        """The abandonment rate by the standard's definition: mean, 95% confidence interval, sd of single days."""
        return self.measure("rate")

    @property
    def service_level(self) -> Estimate:
        """The service level by the standard's definition."""
        return self.measure("service_level")

    def measure(self, name: str) -> Estimate:
        """One measure of the whole day: a count per day, a rate, or a time in seconds. Raises ScenarioError."""
        known = self.projection.measures()
        if name not in known:
            raise ScenarioError(f"{name!r} is not a measure of a simulation. Expected one of {', '.join(known)}.")
        return known[name]

    def to_dict(self) -> dict[str, Any]:
        """What `kcas simulate --json` prints."""
        return plain_values(self.values() | {"notes": self.notes, "beyond": self.beyond})

    def values(self) -> dict[str, Any]:
        """Totals, then by interval, type of call and team."""
        run = self.projection
        seen = run.estimates
        return {
            "scenario": self.name,
            "question": run.scenario.question,
            "engine": run.engine,
            "replications": run.replications,
            "seed": run.seed,
            "seconds": run.seconds,
            "invented": list(run.scenario.invented),
            "total": estimate_values(seen.total),
            "intervals": [{"start": start} | estimate_values(part) for start, part in seen.intervals.items()],
            "by_type": {name: estimate_values(part) for name, part in seen.by_type.items()},
            "by_team": {
                run.name("by_team", team): estimate_values(run.measures(grouping="by_team", group=team))
                for team in run.groups("by_team")
            },
        }

    def to_frame(self, by: str = "total") -> pl.DataFrame:
        """One row a group and measure, with mean, low, high and sd; `by` total, intervals, by_type or by_team."""
        import polars as pl

        run = self.projection
        if by not in run.numbers:
            raise ScenarioError(f"{by!r} is not a grouping of a simulation. Expected one of {', '.join(run.numbers)}.")
        rows = [
            {"group": "total" if by == "total" else run.name(by, group), "measure": name, **vars(estimate)}
            for group in run.groups(by)
            for name, estimate in run.measures(grouping=by, group=group).items()
        ]
        numbers = dict.fromkeys(ESTIMATE, pl.Float64)
        return pl.DataFrame(rows, schema={"group": pl.String, "measure": pl.String, **numbers})

    def plot(self) -> Any:
        """The abandonment rate by interval of the day, with its 95% confidence interval."""
        return _interval_chart(self.to_frame("intervals").filter(measure="rate"), scenario=self.projection.scenario)


@dataclass(frozen=True)
class Comparison(Result):
    """Scenarios simulated with common random numbers; each is compared with the first. Modelled, not observed."""

    first: Simulation
    others: tuple[Simulation, ...]

    @cached_property
    def changes(self) -> tuple[Estimates, ...]:
        """What each other scenario changes, paired by day."""
        from kcas.simulation.projection import changes

        return tuple(changes(self.first.projection, other.projection) for other in self.others)

    def differences(self) -> list[Mapping[str, Estimate]]:
        """Of each other scenario, what it changes in every measure: the mean of the paired differences of days."""
        return [moved.total for moved in self.changes]

    def to_dict(self) -> dict[str, Any]:
        """What `kcas compare --json` prints."""
        scenarios = [
            plain_values(other.values() | difference_values(moved) | {"notes": other.notes, "beyond": other.beyond})
            for other, moved in zip(self.others, self.changes, strict=True)
        ]
        return {"from": self.first.to_dict(), "scenarios": scenarios}

    def to_frame(self) -> pl.DataFrame:
        """One row a scenario and measure: the difference from the first, with low, high and sd."""
        import polars as pl

        rows = [
            {"scenario": other.name, "measure": name, **vars(estimate)}
            for other, changes in zip(self.others, self.differences(), strict=True)
            for name, estimate in changes.items()
        ]
        numbers = dict.fromkeys(ESTIMATE, pl.Float64)
        return pl.DataFrame(rows, schema={"scenario": pl.String, "measure": pl.String, **numbers})

    def plot(self) -> Any:
        """The difference of each scenario's rate from the first, with its 95% confidence interval."""
        import altair as alt

        rates = self.to_frame().filter(measure="rate")
        y = alt.Y("scenario:N", title=None, sort=None)
        base = alt.Chart(alt.Data(values=rates.to_dicts())).encode(y=y)
        title = "Difference of the abandonment rate from " + self.first.name
        axis = alt.X("low:Q", title=title, axis=alt.Axis(format="+.1%"))
        return base.mark_rule().encode(x=axis, x2="high:Q") + base.mark_point(filled=True).encode(x="mean:Q")


def sweep(
    scenario: Scenario,
    *,
    across: str = "agents=-2,-1,0,1,2",
    down: str = "calls=0.9,1,1.1",
    replications: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
    jobs: int = 1,
    backend: str | None = None,
    standard: Standard | None = None,
    observed: StoredCalls | None = None,
    progress: Steps = None,
) -> Sweep:
    """A grid of a scenario with two inputs changed, simulated with common random numbers.

    An axis is an input (agents, calls, handling or patience) with its amounts. Raises ScenarioError.
    """
    from kcas.desk.standard import Standard
    from kcas.simulation import sweep as library

    x, y = library.axis(across), library.axis(down)
    counted = standard or (observed.standard if observed else Standard())
    cells = library.sweep(
        scenario.tables, across=x, down=y, standard=counted, replications=replications, seed=seed, engine=engine,
        jobs=jobs, backend=backend, progress=progress,
    )  # fmt: skip
    seen = days_observed(scenario.checked, observed, standard=counted)
    beyond = library.outside_data(scenario.tables, cells, across=x, down=y, seen=seen)
    run = scenario.checked.run
    days = replications or run.replications
    return Sweep(scenario, x, y, tuple(cells), counted, days, run.seed if seed is None else seed, tuple(beyond))


@dataclass(frozen=True)
class Sweep(Result):
    """A scenario with two inputs changed together, each by several amounts. Modelled, not observed."""

    scenario: Scenario
    across: Axis
    down: Axis
    cells: tuple[Cell, ...]
    standard: Standard
    replications: int
    seed: int
    beyond: tuple[str, ...] = ()

    @property
    def notes(self) -> list[str]:
        """What it assumes, and where it leaves what data support."""
        from kcas.simulation.scenario.assumptions import assumptions

        return [*assumptions(self.scenario.checked), *self.beyond]

    def to_dict(self) -> dict[str, Any]:
        """What `kcas sweep --json` prints."""
        cells = [
            {"across": cell.across, "down": cell.down, "beyond": cell.beyond} | estimate_values(cell.measures)
            for cell in self.cells
        ]
        return plain_values({
            "scenario": self.scenario.name, "across": self.across.key, "down": self.down.key,
            "replications": self.replications, "definition": self.standard.definition,
            "service_level_definition": self.standard.service_level, "within": self.standard.within,
            "seed": self.seed, "cells": cells, "notes": self.notes, "beyond": self.beyond,
        })  # fmt: skip

    def to_frame(self) -> pl.DataFrame:
        """One row a pair of amounts and measure, with mean, low, high and sd."""
        import polars as pl

        rows = [
            {"across": cell.across, "down": cell.down, "measure": name, **vars(estimate)}
            for cell in self.cells
            for name, estimate in cell.measures.items()
        ]
        numbers = dict.fromkeys(ESTIMATE, pl.Float64)
        amounts = dict.fromkeys(("across", "down"), pl.Float64)
        return pl.DataFrame(rows, schema={**amounts, "measure": pl.String, **numbers})

    def plot(self) -> Any:
        """The abandonment rate of each pair of amounts."""
        import altair as alt

        rates = self.to_frame().filter(measure="rate").to_dicts()
        base = alt.Chart(alt.Data(values=rates), title=self.scenario.question).encode(
            x=alt.X("across:O", title=self.across.key), y=alt.Y("down:O", title=self.down.key)
        )
        colour = alt.Color("mean:Q", title="Abandoned (modelled)", legend=alt.Legend(format=".0%"))
        return base.mark_rect().encode(color=colour) + base.mark_text().encode(text=alt.Text("mean:Q", format=".1%"))


def _interval_chart(rates: pl.DataFrame, *, scenario: Checked) -> Any:
    import altair as alt

    base = alt.Chart(alt.Data(values=rates.to_dicts()), title=scenario.question).encode(
        x=alt.X("group:O", title="Interval starting", sort=None)
    )
    axis = alt.Y("mean:Q", title="Abandoned (modelled)", axis=alt.Axis(format=".0%"))
    band = base.mark_area(opacity=0.25).encode(y=alt.Y("low:Q"), y2="high:Q")
    return band + base.mark_line(point=True).encode(y=axis)
