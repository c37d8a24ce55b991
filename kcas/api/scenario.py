"""Scenarios and their simulation: load, change, save, simulate, compare."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcas.api.result import Result
from kcas.errors import ScenarioError

if TYPE_CHECKING:
    import polars as pl

    from kcas.desk.standard import Standard
    from kcas.simulation.estimate import Estimate
    from kcas.simulation.projection import Projection
    from kcas.simulation.scenario.schema import Scenario as Checked

WHOLE_NUMBER = re.compile(r"[+-]?\d{1,6}", re.ASCII)


@dataclass(frozen=True)
class Scenario:
    """A scenario: demand, callers, teams and telephone system of a contact centre. It does not change; `change` copies.

    `tables` hold what its TOML file says, with everything it starts from merged in.
    """

    tables: Mapping[str, Any]
    name: str = "scenario"

    def __post_init__(self) -> None:
        """Refuse tables that make no scenario (ScenarioError, SettingError)."""
        _ = self.checked

    @classmethod
    def load(cls, path: str | Path) -> Scenario:
        """The scenario in a TOML file. Raises ScenarioError or SettingError with the place and what is wrong."""
        from kcas.simulation.scenario.file import tables_of

        return cls(tables_of(Path(path)), name=Path(path).stem)

    @property
    def checked(self) -> Checked:
        """The scenario as the engines read it."""
        from kcas.simulation.scenario.file import scenario_of

        return scenario_of(self.tables, where=self.name)

    @property
    def question(self) -> str:
        """The question that the scenario asks."""
        return self.checked.question

    def assumptions(self) -> list[str]:
        """What the scenario assumes, in sentences."""
        from kcas.simulation.scenario.assumptions import assumptions, explained

        return [*explained(self.checked), *assumptions(self.checked)]

    def change(
        self,
        *,
        agents: int | str = 0,
        team: str | None = None,
        between: tuple[str, str] | None = None,
        calls: float = 1.0,
        handling: float = 1.0,
        tables: Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> Scenario:
        """A copy with other agents, calls or handling time.

        `agents` are added to `team` (the only team unless named), like 2 or "+2" or -1, and only `between` two times
        of day if given, like ("10:00", "12:00"). `calls` and `handling` are factors: 1.1 is ten per cent more.
        `tables` are laid over the rest, written as in a scenario file. Raises ScenarioError for what does not fit.
        """
        from kcas.simulation.scenario.changes import Change, edits
        from kcas.simulation.scenario.file import merge_tables

        scenario, more = self.checked, _agents(agents)
        begins, ends = (_clock(at) for at in between) if between else (0.0, 86_400.0)
        change = Change(
            team=_team(scenario, team) if more else "", agents=more, begin=begins, end=ends, calls=calls,
            handling=handling,
        )  # fmt: skip
        changed = merge_tables(merge_tables(self.tables, edits(scenario, change)), tables or {})
        return Scenario(changed, name=name or f"{self.name}, changed")

    def save(self, path: str | Path) -> Path:
        """Write the scenario to a TOML file that reads back the same. Raises ScenarioError where it exists."""
        from kcas.simulation.scenario.folder import toml

        target = Path(path)
        try:
            with target.open("x", encoding="utf-8", newline="\n") as file:
                file.write(toml(self.tables))
        except FileExistsError:
            raise ScenarioError(f"{target}: there is a file of that name. Choose another name.") from None
        except OSError as error:
            raise ScenarioError(f"{target}: cannot be written ({error.strerror}).") from None
        return target

    def to_dict(self) -> dict[str, Any]:
        """The scenario's tables, as its TOML file has them."""
        return dict(self.tables)


def simulate(
    scenario: Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
    jobs: int = 1,
    precision: float | None = None,
    standard: Standard | None = None,
) -> Simulation:
    """Simulate a scenario for many days.

    `precision` stops earlier, once the 95% interval of the rate reaches no further than this fraction of one.
    `engine` is "compiled" or "simpy"; both give the same calls from the same `seed`. `standard` says what counts; the
    product's own unless given. Raises ScenarioError.
    """
    from kcas.desk.standard import Standard
    from kcas.simulation.projection import simulate as run

    if engine not in (None, "compiled", "simpy"):
        raise ScenarioError(f'engine: {engine!r} is not an engine. Expected "compiled" or "simpy".')
    projection = run(
        scenario.checked, standard=standard or Standard(), replications=replications, seed=seed, engine=engine,
        jobs=jobs, precision=precision,
    )  # fmt: skip
    return Simulation(projection, scenario.name)


def compare(
    scenarios: Sequence[Scenario],
    *,
    replications: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
    jobs: int = 1,
    standard: Standard | None = None,
) -> Comparison:
    """Simulate several scenarios with the same callers on the same days (common random numbers).

    Each is compared with the first, day by day. Raises ScenarioError for fewer than two.
    """
    if len(scenarios) < 2:
        raise ScenarioError("compare: expected two scenarios or more; the others are compared with the first.")
    first = simulate(scenarios[0], replications=replications, seed=seed, engine=engine, jobs=jobs, standard=standard)
    others = tuple(
        simulate(
            scenario,
            replications=first.projection.replications,
            seed=first.projection.seed,
            engine=engine,
            jobs=jobs,
            standard=standard,
        )
        for scenario in scenarios[1:]
    )
    return Comparison(first, others)


@dataclass(frozen=True)
class Simulation(Result):
    """Many simulated days of a scenario. Modelled, not observed."""

    projection: Projection
    name: str

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
        """What `kcas simulate --json` prints, without its notes."""
        from kcas.simulation.projection import projection_document

        return projection_document(self.projection, self.name)

    def to_frame(self, by: str = "total") -> pl.DataFrame:
        """One row a group and measure, with mean, low, high and sd; `by` total, intervals, by_type or by_team."""
        import polars as pl

        run = self.projection
        if by not in run.by:
            raise ScenarioError(f"{by!r} is not a grouping of a simulation. Expected one of {', '.join(run.by)}.")
        rows = [
            {"group": "total" if by == "total" else run.name(by, group), "measure": name, **vars(estimate)}
            for group in run.groups(by)
            for name, estimate in run.measures(grouping=by, group=group).items()
        ]
        numbers = dict.fromkeys(("mean", "low", "high", "sd"), pl.Float64)
        return pl.DataFrame(rows, schema={"group": pl.String, "measure": pl.String, **numbers})

    def plot(self) -> Any:
        """The abandonment rate by interval of the day, with its 95% confidence interval."""
        return _interval_chart(self.to_frame("intervals").filter(measure="rate"), scenario=self.projection.scenario)


@dataclass(frozen=True)
class Comparison(Result):
    """Scenarios simulated with common random numbers; each is compared with the first. Modelled, not observed."""

    first: Simulation
    others: tuple[Simulation, ...]

    def differences(self) -> list[dict[str, Estimate]]:
        """Of each other scenario, what it changes in every measure: the mean of the paired differences of days."""
        from kcas.simulation.projection import compared

        return [compared(self.first.projection, other.projection) for other in self.others]

    def to_dict(self) -> dict[str, Any]:
        """What `kcas compare --json` prints, without its notes."""
        from kcas.simulation.projection import difference_document

        scenarios = [difference_document(self.first.projection, one.projection, one.name) for one in self.others]
        return {"from": self.first.to_dict(), "scenarios": scenarios}

    def to_frame(self) -> pl.DataFrame:
        """One row a scenario and measure: the difference from the first, with low, high and sd."""
        import polars as pl

        rows = [
            {"scenario": other.name, "measure": name, **vars(estimate)}
            for other, changes in zip(self.others, self.differences(), strict=True)
            for name, estimate in changes.items()
        ]
        numbers = dict.fromkeys(("mean", "low", "high", "sd"), pl.Float64)
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


def _interval_chart(rates: pl.DataFrame, *, scenario: Checked) -> Any:
    import altair as alt

    base = alt.Chart(alt.Data(values=rates.to_dicts()), title=scenario.question).encode(
        x=alt.X("group:O", title="Interval starting", sort=None)
    )
    axis = alt.Y("mean:Q", title="Abandoned (modelled)", axis=alt.Axis(format=".0%"))
    band = base.mark_area(opacity=0.25).encode(y=alt.Y("low:Q"), y2="high:Q")
    return band + base.mark_line(point=True).encode(y=axis)


def _agents(more: int | str) -> int:
    if isinstance(more, bool) or not (isinstance(more, int) or WHOLE_NUMBER.fullmatch(str(more))):
        raise ScenarioError(f'agents: {more!r} is not a number of agents. Expected one like 2, "+2" or -1.')
    return int(more)


def _team(scenario: Checked, named: str | None) -> str:
    if named is None and len(scenario.teams) > 1:
        raise ScenarioError(f"agents: which team? Expected team to be one of {', '.join(scenario.teams)}.")
    return named or next(iter(scenario.teams))


def _clock(text: str) -> float:
    from kcas.desk.toml_fields import CLOCK

    return float(CLOCK.read(text, "between"))
