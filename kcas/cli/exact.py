"""The commands that calculate by formula: `exact erlang-b`, `erlang-c`, `erlang-a` and `day`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

import kcas
from kcas.cli.context import store_if_any
from kcas.cli.options import Json, duration
from kcas.cli.printing import in_seconds, percent, print_json, print_table
from kcas.cli.simulate import File
from kcas.errors import SettingError

if TYPE_CHECKING:
    from kcas.api.queueing import SteadyState
    from kcas.distributions.distribution import Distribution

Arrivals = Annotated[str, typer.Option("--arrivals-per-hour", help="Calls per hour.")]
Handle = Annotated[str, typer.Option("--handle", help="Average handling time (AHT), in seconds.")]
Agents = Annotated[str, typer.Option("--agents", help="Agents available.")]
MeanPatience = Annotated[str | None, typer.Option("--patience", help="Mean patience, in seconds.")]
Law = Annotated[str | None, typer.Option("--patience-law", help="Patience table of a scenario, as JSON.")]
Lines = Annotated[str | None, typer.Option("--lines", help="Telephone lines: calls waiting and in progress.")]
_Within = Annotated[str, typer.Option("--within", help="Service-level time in seconds.")]

exact = typer.Typer(
    no_args_is_help=True, help="Calculate a queue by formula: Erlang B, Erlang C, Erlang A, or a scenario's day."
)


@exact.command("erlang-b")
def erlang_b(
    arrivals_per_hour: Arrivals,
    handle: Handle,
    agents: Agents,
    patience: MeanPatience = None,
    lines: Lines = None,
    within: _Within = "20",
    as_json: Json = False,
) -> None:
    """Erlang B: no one can wait; a call that finds every agent busy gets a busy tone."""
    unused = _unused({"--patience": patience, "--lines": lines}, of="Erlang B")
    count = _count(agents, option="--agents")
    state = kcas.erlang_b(**_inputs(arrivals_per_hour, handle, agents=count, within=within))
    _print("Erlang B", state, unused, as_json=as_json)


@exact.command("erlang-c")
def erlang_c(
    arrivals_per_hour: Arrivals,
    handle: Handle,
    agents: Agents,
    patience: MeanPatience = None,
    lines: Lines = None,
    within: _Within = "20",
    as_json: Json = False,
) -> None:
    """Erlang C: no one abandons; every call that gets a line waits until it is answered."""
    unused = _unused({"--patience": patience}, of="Erlang C")
    room = _count(lines, option="--lines") if lines is not None else None
    count = _count(agents, option="--agents")
    state = kcas.erlang_c(**_inputs(arrivals_per_hour, handle, agents=count, within=within), lines=room)
    _print("Erlang C", state, [*unused, *_few_lines(room, agents=count)], as_json=as_json)


@exact.command("erlang-a")
def erlang_a(
    arrivals_per_hour: Arrivals,
    handle: Handle,
    agents: Agents,
    patience: MeanPatience = None,
    patience_law: Law = None,
    lines: Lines = None,
    within: _Within = "20",
    as_json: Json = False,
) -> None:
    """Erlang A: callers wait as long as their patience lasts, then abandon."""
    if (patience is None) == (patience_law is None):
        raise SettingError("Erlang A: expected either --patience SECONDS or --patience-law TABLE, and not both.")
    count = _count(agents, option="--agents")
    room = _count(lines, option="--lines") if lines is not None else None
    if patience_law is not None and lines is not None:
        raise SettingError(
            "--lines: theory has no exact answer for few lines and this distribution. Leave one of them out."
        )
    inputs = _inputs(arrivals_per_hour, handle, agents=count, within=within)
    if patience_law is not None:
        state = kcas.erlang_a(**inputs, patience=_law(patience_law))
    else:
        state = kcas.erlang_a(**inputs, patience=duration(patience, option="--patience") or 0.0, lines=room)
    _print("Erlang A", state, _few_lines(room, agents=count), as_json=as_json)


@exact.command("day")
def day(
    file: File,
    within: _Within = "20",
    as_json: Json = False,
) -> None:
    """Calculate a scenario's day by formula, interval by interval."""
    from kcas.simulation.scenario.assumptions import assumptions

    answer = kcas.exact_day(
        kcas.Scenario.load(file, name=str(file)), within=duration(within, option="--within") or 0.0,
        observed=store_if_any(),
    )  # fmt: skip
    if as_json:
        print_json(answer.to_dict())
        return
    by_formula, scenario = answer.found, answer.scenario.checked
    rows = [
        (start, f"{part.arrivals:.1f}", f"{part.answered:.1f}", f"{part.abandoned:.2f}",
         percent(part.rate, places=2, none="–"), in_seconds(part.mean_wait, places=1, none="–"),
         percent(part.occupancy, places=2, none="–"))
        for start, part in [*zip(by_formula.starts, by_formula.intervals, strict=True), ("day", by_formula.total)]
    ]  # fmt: skip
    print_table(
        f"MODEL, not observed: {scenario.question}",
        headings=("from", "calls", "answered", "hung up", "hung up, of offered", "mean time in queue", "agents' time"),
        rows=rows,
        beneath=[
            "Hung up, of offered: calls lost of those that found a line (all_offered).",
            *(
                [f"Of the calls, {by_formula.total.redials:.1f} are of callers who call again."]
                if scenario.redials
                else []
            ),
            *assumptions(scenario)[: 1 if scenario.invented else 0],
            *answer.notes,
        ],
    )


def _inputs(arrivals: str, handle: str, *, agents: int, within: str) -> dict[str, Any]:
    """What every formula takes, in the units of the library."""
    from kcas.queueing.steady_state import number

    return {
        "arrivals_per_hour": number(_number(arrivals, option="--arrivals-per-hour"), what="--arrivals-per-hour"),
        "handle": duration(handle, option="--handle") or 0.0,
        "agents": agents,
        "within": duration(within, option="--within") or 0.0,
    }


def _number(text: str, *, option: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingError(f"{option}: {text!r} is not a number. Expected one like 115.") from None


def _count(text: str, *, option: str) -> int:
    from kcas.queueing.steady_state import whole_number

    return whole_number(_number(text, option=option), what=option)


def _law(text: str) -> Distribution:
    from kcas.desk.toml_file import read_json
    from kcas.distributions.law_table import read_patience

    table = read_json(text, where="--patience-law", example='{"distribution": "weibull", "shape": 0.8, "scale": 90}')
    return read_patience(table, where="--patience-law")


def _unused(options: dict[str, str | None], *, of: str) -> list[str]:
    return [f"{name} plays no part in {of} and was left out." for name, value in options.items() if value is not None]


def _few_lines(lines: int | None, *, agents: int) -> list[str]:
    if lines is None or lines >= agents:
        return []
    return [f"With {lines:,} lines for {agents:,} agents no one waits, and at most {lines:,} agents are ever taken."]


def _print(title: str, state: SteadyState, notes: list[str], *, as_json: bool) -> None:
    if as_json:
        print_json(state.to_dict() | {"shares_of": "calls that found a line", "notes": notes})
        return
    print_table(title, headings=("", "Figure", "Of"), rows=_lines(state), beneath=notes)


def _lines(state: SteadyState) -> list[tuple[str, str, str]]:
    def share(value: float) -> str:
        return f"{100 * value:.4g}%"

    def time(value: float | None) -> str:
        return "–" if value is None else f"{value:.4g} s"

    entered = "calls that found a line"
    return [
        ("Met a busy tone", share(state.p_block), "all calls"),
        ("Had to wait", share(state.p_wait), entered),
        ("Hung up", share(state.p_abandon), entered),
        ("Lost: busy tone or hung up", share(state.p_lost_of_all), "all calls"),
        (f"Answered within {state.within:g} s", share(state.answered_within), entered),
        ("Mean time in queue", time(state.mean_wait_all), entered),
        ("Mean wait to be answered", time(state.mean_wait_answered), "answered calls, at once included"),
        ("Mean wait before hanging up", time(state.mean_wait_abandoned), "calls that hung up"),
        ("Mean number waiting", f"{state.mean_queue:.4g}", "at any moment"),
        ("Agents taken by calls", share(state.occupancy), "agents at work"),
    ]
