"""Projection of a scenario: estimates with intervals, and differences from another.

Projections and their differences as plain values: the JSON of `kcas simulate` and `kcas compare`.

Running of many days: here, in several processes, or on a Dask cluster.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from kcas.arrays import Floats
from kcas.calls.definitions import the_definition, the_service_level
from kcas.desk.standard import Standard
from kcas.desk.units import clock
from kcas.errors import ScenarioError
from kcas.simulation.day_tallies import COUNTS, GROUPS, HALVES, PEOPLE, RATIOS, SHARES, tallies
from kcas.simulation.engines import kernel_folder
from kcas.simulation.engines.layout import desk_of
from kcas.simulation.engines.sampling import sample_workload
from kcas.simulation.engines.tables import Rows, Workload
from kcas.simulation.estimate import Estimate, difference, mean_of, ratio_of, residuals, share_of
from kcas.simulation.scenario.schema import Scenario
from kcas.simulation.simulated_calls import simulated_calls

CALLS_A_BATCH = 150_000
_FEWEST_DAYS = 20  # before an interval is taken at its word


@dataclass(frozen=True)
class Portion:
    """What came of some days: their tallies by grouping, and every call where that was asked."""

    by: dict[str, pl.DataFrame]
    calls: pl.DataFrame | None


def batches(scenario: Scenario, days: int, *, jobs: int, careful: bool = True) -> Iterable[list[range]]:
    """The days in portions: small first, so that something is soon known, then larger.

    Where no one asks after each portion whether it is enough, all are large: each costs as much again to count.
    """
    most = max(1, int(CALLS_A_BATCH / (scenario.demand.calls_per_day * scenario.attempts)))
    done = 0
    while done < days:
        size = min(most, days - done, max(_FEWEST_DAYS, done) if careful or jobs > 1 else most)
        portion = []
        for _ in range(max(jobs, 1)):
            if done < days:
                portion.append(range(done, min(done + size, days)))
                done = portion[-1].stop
        yield portion


def run_batch(
    scenario: Scenario, batch: Sequence[range], *, standard: Standard, seed: int, engine: str, jobs: int,
    backend: str | None, with_calls: bool = False,
) -> list[Portion]:  # fmt: skip
    """Some portions of days, one after another here or at the same time elsewhere."""
    options: dict[str, Any] = {"standard": standard, "seed": seed, "engine": engine, "with_calls": with_calls}
    if jobs == 1 and backend is None:
        return [run_portion(scenario, days, **options) for days in batch]
    import joblib

    with elsewhere(backend):
        work = (joblib.delayed(run_portion)(scenario, days, **options) for days in batch)
        return list(joblib.Parallel(n_jobs=jobs)(work))


@contextmanager
def elsewhere(backend: str | None) -> Iterator[None]:
    """Where portions of work are done: processes here, or a Dask cluster at an address."""
    import joblib

    if backend is None:
        with joblib.parallel_config(backend="loky"):
            yield
        return
    kind, _, address = backend.partition("://")
    if kind != "dask" or not address:
        raise ScenarioError(f"--backend {backend!r} is not valid. Expected dask://HOST:PORT of a Dask scheduler.")
    try:
        from dask.distributed import Client
    except ImportError:
        raise ScenarioError("--backend dask://… needs Dask. Install it: pip install 'dask[distributed]'.") from None
    with Client(f"tcp://{address}"), joblib.parallel_config(backend="dask"):
        yield


def run_portion(
    scenario: Scenario, days: range, *, standard: Standard, seed: int, engine: str, with_calls: bool
) -> Portion:
    """One portion of days, simulated and counted."""
    desk, load, rows = happened(scenario, days, seed=seed, engine=engine)
    counted = tallies(
        scenario,
        desk,
        load,
        rows,
        first_day=days.start,
        definition=the_definition(standard),
        service_level=the_service_level(standard),
    )
    zone = standard.time_zone
    calls = simulated_calls(scenario, load, rows, first_day=days.start, time_zone=zone) if with_calls else None
    return Portion(counted.by, calls)


def happened(scenario: Scenario, days: range, *, seed: int, engine: str) -> tuple[Any, Workload, Rows]:
    """These days as an engine lived them."""
    desk, load = desk_of(scenario), sample_workload(scenario, seed=seed, days=days)
    if engine == "compiled":
        try:
            from kcas.simulation.engines import compiled_engine
        except ImportError:
            raise ScenarioError(
                "The compiled engine needs numba, which is not installed. Use --engine simpy."
            ) from None

        return desk, load, compiled_engine.run(desk, load)
    from kcas.simulation.engines import simpy_engine

    return desk, load, simpy_engine.run(desk, load)


CALLS_AT_MOST = 2_000_000_000
ROWS_AT_MOST = 5_000_000
"""Days by interval, type and team that are kept until the end; more would not fit in the memory of a small machine."""
_SMALL = 150_000  # so many calls the SimPy engine finishes before the other is compiled
OF_A_TEAM = ("answered", "average_speed_of_answer", "average_handle_time", "occupancy")
"""What can be said of a team: who hangs up has met none, so that a team has no rate."""
Progress = Callable[[int, int], None]
Keep = Callable[[pl.DataFrame], None]


@dataclass(frozen=True)
class Estimates:
    """Measures of a scenario, or what they differ by from another's: of the day, its intervals and its types of call.

    Intervals and types are known by their names.
    """

    total: Mapping[str, Estimate]
    intervals: Mapping[str, Mapping[str, Estimate]]
    by_type: Mapping[str, Mapping[str, Estimate]]


@dataclass(frozen=True)
class Projection:
    """Tallies of every simulated day, by grouping.

    What has been worked out is kept, so that it can be asked again of a projection sent without its days.
    """

    scenario: Scenario
    standard: Standard
    engine: str
    replications: int
    seed: int
    seconds: float
    by: dict[str, pl.DataFrame]

    def __getstate__(self) -> dict[str, Any]:
        """What another process is sent: the estimates worked out so far, without the days."""
        return {**vars(self), "by": {}, "tables": {}}

    @cached_property
    def numbers(self) -> dict[str, list[int]]:
        """The group numbers of every grouping."""
        keys = {grouping: key for grouping, key in GROUPS.items() if grouping in self.by}
        return {
            grouping: sorted(self.by[grouping][key].unique().to_list()) if key else [0]
            for grouping, key in keys.items()
        }

    def groups(self, grouping: str) -> list[int]:
        """The group numbers of a grouping."""
        return self.numbers[grouping]

    def days(self, column: str, *, grouping: str = "total", group: int = 0) -> Floats:
        """One quantity, a number for each simulated day; a day without the group has zero."""
        if (grouping, column) not in self.tables:
            self.tables[grouping, column] = self.table(column, grouping)
        values = self.tables[grouping, column].get(group)
        return np.zeros(self.replications) if values is None else values

    def table(self, column: str, grouping: str) -> dict[int, Floats]:
        """A quantity day by day for every group, taken out of its frame at once: a report asks for each."""
        frame, key = self.by[grouping], GROUPS[grouping]
        if column not in frame.columns:
            return {}
        groups = np.array(self.groups(grouping))
        place = np.searchsorted(groups, frame[key].to_numpy()) if key else 0
        values = np.zeros((len(groups), self.replications))
        values[place, frame["replication"].to_numpy()] = frame[column].fill_null(0).cast(pl.Float64).to_numpy()
        return dict(zip(groups.tolist(), values, strict=True))

    @cached_property
    def tables(self) -> dict[tuple[str, str], dict[int, Floats]]:
        """Quantities taken out so far."""
        return {}

    @cached_property
    def known(self) -> dict[tuple[str, str, int], Estimate]:
        """Measures worked out so far."""
        return {}

    def measure(self, name: str, *, grouping: str = "total", group: int = 0) -> Estimate:
        """One measure: a rate as the ratio of its sums, a count as a mean per day."""
        key = (name, grouping, group)
        if key not in self.known:
            where: dict[str, Any] = {"grouping": grouping, "group": group}
            halves = [self.days(half, **where) for half in RATIOS.get(name, (name,))]
            how = share_of if name in SHARES else ratio_of if name in RATIOS else mean_of
            self.known[key] = how(*halves)
        return self.known[key]

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """The measures that every grouping has."""
        by_grouping = {grouping: _measures_of(set(frame.columns)) for grouping, frame in self.by.items()}
        return by_grouping | ({"by_team": list(OF_A_TEAM)} if "by_team" in by_grouping else {})

    def measures(self, *, grouping: str = "total", group: int = 0) -> dict[str, Estimate]:
        """Every measure that this grouping has."""
        return {name: self.measure(name, grouping=grouping, group=group) for name in self.names[grouping]}

    @cached_property
    def estimates(self) -> Estimates:
        """Its measures in total, by interval and by type."""
        intervals, by_type = (
            {self.name(by, group): self.measures(grouping=by, group=group) for group in self.groups(by)}
            for by in ("intervals", "by_type")
        )
        return Estimates(self.measures(), intervals, by_type)

    def name(self, grouping: str, group: int) -> str:
        """A group's name: the beginning of the interval, the type, the team."""
        if grouping == "intervals":
            return clock(self.scenario.day.opens + group * self.scenario.day.interval)
        return list(self.scenario.types if grouping == "by_type" else self.scenario.teams)[group]


def _measures_of(columns: set[str]) -> list[str]:
    counts = [name for name in (*COUNTS, *HALVES, *PEOPLE) if name in columns]
    return counts + [name for name, halves in RATIOS.items() if set(halves) <= columns]


def simulate(
    scenario: Scenario,
    *,
    standard: Standard,
    replications: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
    jobs: int = 1,
    backend: str | None = None,
    precision: float | None = None,
    progress: Progress | None = None,
    keep: Keep | None = None,
) -> Projection:
    """The scenario, day after day, until the count is reached or the rate is known to within `precision`.

    The latter is a fixed-width sequential interval (Chow and Robbins 1965).

    `keep` is handed every simulated call, some days at a time and in their order, and nothing here holds on to them.
    """
    began = time.perf_counter()
    wanted = replications or scenario.run.replications
    seed = scenario.run.seed if seed is None else seed
    refuse_endless_work(scenario, wanted)
    engine = engine or quickest(scenario, wanted)
    parts: list[dict[str, pl.DataFrame]] = []
    done = 0
    for batch in batches(scenario, wanted, jobs=jobs, careful=precision is not None):
        for portion in run_batch(
            scenario, batch, standard=standard, seed=seed, engine=engine, jobs=jobs, backend=backend,
            with_calls=keep is not None,
        ):  # fmt: skip
            parts.append(portion.by)
            if keep and portion.calls is not None:
                keep(portion.calls)
        done = batch[-1].stop
        if progress:
            progress(done, wanted)
        if precision and done >= _FEWEST_DAYS:
            projection = projected(scenario, parts, standard=standard, engine=engine, days=done, seed=seed, began=began)
            reach = projection.measure("rate").reach
            if reach is not None and reach <= precision:
                break
    return projected(scenario, parts, standard=standard, engine=engine, days=done, seed=seed, began=began)


def projected(
    scenario: Scenario,
    parts: list[dict[str, pl.DataFrame]],
    *,
    standard: Standard,
    engine: str,
    days: int,
    seed: int,
    began: float,
) -> Projection:
    by = {name: pl.concat([part[name] for part in parts], how="diagonal_relaxed") for name in GROUPS}
    return Projection(scenario, standard, engine, days, seed, time.perf_counter() - began, by)


def refuse_endless_work(scenario: Scenario, replications: int) -> None:
    """Raises ScenarioError for a run that no machine of today would finish."""
    if replications < 1:
        raise ScenarioError(f"replications: {replications} is not valid. Expected one day at least.")
    calls = scenario.demand.calls_per_day * replications * scenario.attempts
    if calls > CALLS_AT_MOST:
        raise ScenarioError(
            f"{replications:,} days of {scenario.demand.calls_per_day:,.0f} callers are {calls:.2g} calls; at most "
            f"{CALLS_AT_MOST:.2g} can be simulated at once. Ask for fewer days."
        )
    rows = replications * (1 + scenario.day.intervals + len(scenario.types) + len(scenario.teams))
    if rows > ROWS_AT_MOST:
        raise ScenarioError(
            f"{replications:,} days of {scenario.day.intervals:,} intervals would not fit in memory. Ask for "
            f"{ROWS_AT_MOST * replications // rows:,} days at most, or for longer intervals."
        )


def quickest(scenario: Scenario, replications: int) -> str:
    """The engine that answers first: SimPy while the other is not yet compiled and little is asked."""
    small = scenario.demand.calls_per_day * replications <= _SMALL
    try:
        import importlib.util

        available = importlib.util.find_spec("numba") is not None
    except ImportError:
        available = False
    if not available:
        return "simpy"
    return "simpy" if small and not kernel_folder.is_ready() else "compiled"


def compared(first: Projection, other: Projection, *, grouping: str = "total", group: int = 0) -> dict[str, Estimate]:
    """Differences to the first, day by day with the same simulated callers: each measure of the total or of a group."""
    if first.replications != other.replications or first.seed != other.seed:
        raise ScenarioError("Only runs of as many days on the same seed can be compared day by day.")
    where: dict[str, Any] = {"grouping": grouping, "group": group}
    differences = {}
    for name in first.measures(**where):
        one, two = first.measure(name, **where), other.measure(name, **where)
        if name not in RATIOS:
            deviations = centred(other.days(name, **where) - first.days(name, **where))
            differences[name] = difference(one, two, deviations=deviations)
            continue
        above, below = RATIOS[name]
        halves = [(run.days(above, **where), run.days(below, **where)) for run in (first, other)]
        if any(under.sum() <= 0 for _, under in halves):
            differences[name] = Estimate(None, None, None, None)
        else:
            differences[name] = difference(one, two, deviations=residuals(*halves[1]) - residuals(*halves[0]))
    return differences


def changes(first: Projection, other: Projection) -> Estimates:
    """What the other changes against the first, paired by day, for the intervals and types that both have."""

    def by_name(grouping: str) -> dict[str, dict[str, Estimate]]:
        names = {first.name(grouping, group): group for group in first.groups(grouping)}
        return {
            name: compared(first, other, grouping=grouping, group=group)
            for group in other.groups(grouping)
            if names.get(name := other.name(grouping, group)) == group
        }

    return Estimates(compared(first, other), by_name("intervals"), by_name("by_type"))


def centred(days: Floats) -> Floats:
    """Less their own mean."""
    return np.asarray(days - days.mean())
