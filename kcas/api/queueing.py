"""Erlang formulas: a queue in steady state, without simulation (Erlang 1917; Palm 1957 for abandonment)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kcas.api.result import ESTIMATE, Result, plain_values

if TYPE_CHECKING:
    import polars as pl

    from kcas.api.scenario import Scenario
    from kcas.api.selection import StoredCalls
    from kcas.distributions.distribution import Distribution
    from kcas.queueing.scenario_day import ExactDay
    from kcas.queueing.steady_state import Steady
    from kcas.queueing.transient import Expected

PLOTTED = ("p_block", "p_wait", "p_abandon", "answered_within", "occupancy")


@dataclass(frozen=True)
class SteadyState(Result):
    """A queue in steady state. Shares are of calls that found a line; only `p_block` is of all calls.

    `mean_wait_answered` and `mean_wait_abandoned` are None where no call is answered, or none abandons.
    """

    p_block: float
    p_wait: float
    p_abandon: float
    mean_wait_all: float
    mean_wait_answered: float | None
    mean_wait_abandoned: float | None
    mean_queue: float
    occupancy: float
    answered_within: float
    within: float
    p_abandon_of_all: float
    p_lost_of_all: float

    def to_dict(self) -> dict[str, Any]:
        """What `kcas exact --json` prints, without its notes."""
        return asdict(self)

    def to_frame(self) -> pl.DataFrame:
        """One row."""
        import polars as pl

        return pl.DataFrame([asdict(self)], schema=dict.fromkeys(asdict(self), pl.Float64))

    def plot(self) -> Any:
        """The shares as bars."""
        import altair as alt

        rows = [{"measure": name, "share": getattr(self, name)} for name in PLOTTED]
        share = alt.X("share:Q", title=None, axis=alt.Axis(format=".0%"))
        return alt.Chart(alt.Data(values=rows)).mark_bar().encode(x=share, y=alt.Y("measure:N", title=None, sort=None))


def erlang_b(*, arrivals_per_hour: float, handle: float, agents: int, within: float = 20.0) -> SteadyState:
    """Erlang B: no call waits; one that finds every agent busy is blocked. `handle` in seconds. Raises SettingError."""
    from kcas.queueing.steady_state import steady

    return _result(steady(arrivals_per_hour / 3600, handle=handle, agents=agents, lines=agents, within=within))


def erlang_b_lines(*, arrivals_per_hour: float, handle: float, p_block: float) -> int:
    """The fewest lines at which at most this share of calls is blocked (Erlang B). `handle` in seconds."""
    from kcas.queueing.steady_state import erlang_b_lines as fewest

    return fewest(arrivals_per_hour * handle / 3600, p_block=p_block)


def erlang_c(
    *, arrivals_per_hour: float, handle: float, agents: int, lines: int | None = None, within: float = 20.0
) -> SteadyState:
    """Erlang C: no call abandons. `handle` in seconds; `lines` limits calls waiting and in progress.

    Raises SettingError where the queue would grow without end.
    """
    from kcas.queueing.steady_state import steady

    return _result(steady(arrivals_per_hour / 3600, handle=handle, agents=agents, lines=lines, within=within))


def erlang_a(
    *,
    arrivals_per_hour: float,
    handle: float,
    agents: int,
    patience: float | dict[str, Any] | Distribution,
    lines: int | None = None,
    within: float = 20.0,
) -> SteadyState:
    """Erlang A: callers abandon when their patience ends.

    `handle` and `patience` are means in seconds; a `patience` table as a scenario has it gives M/M/n+G. Raises
    SettingError.
    """
    from kcas.distributions.law_table import read_patience
    from kcas.errors import SettingError
    from kcas.queueing.general_patience import steady_with
    from kcas.queueing.steady_state import steady

    rate = arrivals_per_hour / 3600
    if isinstance(patience, int | float):
        return _result(steady(rate, handle=handle, agents=agents, patience=patience, lines=lines, within=within))
    if lines is not None:
        raise SettingError("erlang_a: lines cannot be limited together with a patience table.")
    law = read_patience(patience, where="patience") if isinstance(patience, dict) else patience
    return _result(steady_with(rate, handle=handle, agents=agents, patience=law, within=within))


def _result(steady: Steady) -> SteadyState:
    return SteadyState(**asdict(steady))


@dataclass(frozen=True)
class CalculatedDay(Result):
    """A scenario's day by formula, interval by interval. Modelled; means are exact for what it assumes."""

    found: ExactDay
    scenario: Scenario
    seconds: float
    beyond: tuple[str, ...] = ()

    @property
    def notes(self) -> list[str]:
        """What was changed so that formulas apply, and where the scenario leaves what data support."""
        return [*self.found.notes, *self.beyond]

    def to_dict(self) -> dict[str, Any]:
        """What `kcas exact day --json` prints; the interval of a mean is the mean itself."""
        total = self.found.total
        rows = zip(self.found.starts, self.found.intervals, strict=True)
        return plain_values({
            "scenario": self.scenario.name, "question": self.scenario.question, "engine": "exact",
            "seconds": self.seconds, "interval": "none: means are exact, so low and high are the mean itself",
            "invented": self.scenario.checked.invented, "notes": self.notes, "beyond": self.beyond,
            "total": _figures(total) | {"failed": _mean(self.found.cut_off), "redials": _mean(total.redials)},
            "intervals": [{"start": start} | _figures(part) for start, part in rows],
        })  # fmt: skip

    def to_frame(self) -> pl.DataFrame:
        """One row an interval and measure, with mean, low, high and sd, as a simulation has them."""
        import polars as pl

        rows = [
            {"group": start, "measure": name, **figure}
            for start, part in zip(self.found.starts, self.found.intervals, strict=True)
            for name, figure in _figures(part).items()
        ]
        return pl.DataFrame(
            rows, schema={"group": pl.String, "measure": pl.String, **dict.fromkeys(ESTIMATE, pl.Float64)}
        )

    def plot(self) -> Any:
        """The abandonment rate by interval of the day."""
        import altair as alt

        rates = self.to_frame().filter(measure="rate").to_dicts()
        x = alt.X("group:O", title="Interval starting", sort=None)
        y = alt.Y("mean:Q", title="Abandoned (modelled)", axis=alt.Axis(format=".0%"))
        return alt.Chart(alt.Data(values=rates), title=self.scenario.question).mark_line(point=True).encode(x=x, y=y)


def exact_day(scenario: Scenario, *, within: float = 20.0, observed: StoredCalls | None = None) -> CalculatedDay:
    """The average day of a scenario, calculated without simulation. Raises ScenarioError where no formula applies.

    `within` is the service-level time in seconds; `.notes` say where the scenario leaves what the days of the store
    `observed` have shown.
    """
    import time

    from kcas.api.simulation import days_observed
    from kcas.desk.standard import Standard
    from kcas.queueing.scenario_day import exact_day as calculated
    from kcas.simulation.scenario.data_range import inputs_beyond

    began = time.perf_counter()
    checked = scenario.checked
    beyond = inputs_beyond(checked, seen=days_observed(checked, observed, standard=Standard()))
    found = calculated(checked, within=within)
    return CalculatedDay(found, scenario, time.perf_counter() - began, tuple(beyond))


def _figures(part: Expected) -> dict[str, dict[str, float | None]]:
    offered = part.arrivals - part.blocked
    figures = {
        "offered": offered, "answered": part.answered, "abandoned": part.abandoned, "blocked": part.blocked,
        "rate": part.rate, "answered_within": part.answered_within / offered if offered > 0 else None,
        "wait_all": part.mean_wait, "occupancy": part.occupancy, "numerator": part.abandoned, "denominator": offered,
    }  # fmt: skip
    return {name: _mean(figure) for name, figure in figures.items()}


def _mean(figure: float | None) -> dict[str, float | None]:
    return {"mean": figure, "low": figure, "high": figure, "sd": None}
