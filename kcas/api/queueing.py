"""Erlang formulas: a queue in steady state, without simulation (Erlang 1917; Palm 1957 for abandonment)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kcas.api.result import Result

if TYPE_CHECKING:
    import polars as pl

    from kcas.queueing.steady_state import Steady

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
    patience: float | dict[str, Any],
    lines: int | None = None,
    within: float = 20.0,
) -> SteadyState:
    """Erlang A: callers abandon when their patience ends.

    `handle` and `patience` are means in seconds; a `patience` table as a scenario has it gives M/M/n+G. Raises
    SettingError.
    """
    from kcas.distributions.patience_table import read_law
    from kcas.errors import SettingError
    from kcas.queueing.general_patience import steady_with
    from kcas.queueing.steady_state import steady

    rate = arrivals_per_hour / 3600
    if not isinstance(patience, dict):
        return _result(steady(rate, handle=handle, agents=agents, patience=patience, lines=lines, within=within))
    if lines is not None:
        raise SettingError("erlang_a: lines cannot be limited together with a patience table.")
    law = read_law(patience, where="patience")
    return _result(steady_with(rate, handle=handle, agents=agents, patience=law, within=within))


def _result(steady: Steady) -> SteadyState:
    return SteadyState(**asdict(steady))
