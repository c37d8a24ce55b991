"""Running of many days: here, in several processes, or on a Dask cluster."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl

from kcas.calls.definitions import the_definition, the_service_level
from kcas.desk.standard import Standard
from kcas.errors import ScenarioError
from kcas.simulation.day_tallies import tallies
from kcas.simulation.engines.layout import desk_of
from kcas.simulation.engines.rows import Rows
from kcas.simulation.engines.sampling import sample_workload
from kcas.simulation.engines.workload import Workload
from kcas.simulation.scenario.schema import Scenario
from kcas.simulation.simulated_calls import simulated_calls

CALLS_A_BATCH = 150_000
FEWEST_DAYS = 20  # before an interval is taken at its word


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
        size = min(most, days - done, max(FEWEST_DAYS, done) if careful or jobs > 1 else most)
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
