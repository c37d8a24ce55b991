"""Erlang B and Erlang C: blocking and waiting where no caller abandons (Erlang 1917)."""

import math

import numpy as np

from kcas.errors import SettingError

MOST_AGENTS = 1_000_000


def number(value: float, *, what: str, above: float = 0.0, zero: bool = False) -> float:
    """The number itself, refused unless finite and above the bound (or equal to it where zero is meant)."""
    if not math.isfinite(value) or value < above or (value == above and not zero):
        raise SettingError(f"{what}: {value:g} will not do. Expected a number above {above:g}{' or 0' * zero}.")
    return float(value)


def whole_number(value: float, *, what: str, least: int = 1, most: int = MOST_AGENTS) -> int:
    """A whole number in bounds."""
    if not math.isfinite(value) or value != int(value) or not least <= value <= most:
        raise SettingError(f"{what}: {value:g} will not do. Expected a whole number from {least} to {most:,}.")
    return int(value)


def log_erlang_b(agents: float, *, load: float) -> float:
    """Natural logarithm of the share of calls that meet a busy tone; the number of agents need not be whole."""
    if load == 0:
        return 0.0 if agents == 0 else -math.inf
    part = agents - math.floor(agents)
    start = -math.log(_inverse_of_part(part, load)) if part else 0.0
    steps = np.log((part + np.arange(1, math.floor(agents) + 1)) / load)
    tails = np.concatenate(([0.0], np.cumsum(steps[::-1])))  # 1/B(n) is a sum of products n/a · (n-1)/a · …
    tails[-1] -= start
    most = float(tails.max())
    return -(most + math.log(math.fsum(np.exp(tails - most))))


def _inverse_of_part(part: float, load: float) -> float:
    """1/B for a fraction of an agent: the integral of e^-u (1 + u/load)^part."""
    from scipy.special import hyperu

    return float(load * hyperu(1.0, part + 2.0, load))


def erlang_b(agents: float, *, load: float) -> float:
    """The share of all calls that meet a busy tone when nobody can wait; only the mean handling time matters."""
    number(agents, what="agents", zero=True)
    if agents > MOST_AGENTS:
        whole_number(agents, what="agents")
    return math.exp(log_erlang_b(agents, load=number(load, what="offered load", zero=True)))


def erlang_b_load(lines: int, *, p_block: float) -> float:
    """The load, in calls in progress, at which this share of calls meets a busy tone."""
    from scipy.optimize import brentq

    whole_number(lines, what="lines")
    if not 0 < p_block < 1:
        raise SettingError(f"busy tone: {p_block:g} is not a share of calls. Expected a number between 0 and 1.")
    target = math.log(p_block)
    low, high = math.log(lines) - 1, math.log(lines / (1 - p_block)) + 1
    while log_erlang_b(lines, load=math.exp(low)) > target:
        low -= 1 + abs(low)
    return math.exp(brentq(lambda x: log_erlang_b(lines, load=math.exp(x)) - target, low, high, xtol=1e-14))


def erlang_b_lines(load: float, *, p_block: float) -> int:
    """The fewest lines at which no more than this share of calls meets a busy tone."""
    number(load, what="offered load", zero=True)
    if not 0 < p_block < 1:
        raise SettingError(f"busy tone: {p_block:g} is not a share of calls. Expected a number between 0 and 1.")
    inverse, lines = 1.0, 0
    while inverse * p_block < 1:
        lines += 1
        inverse = 1 + inverse * whole_number(lines, what="lines") / load
    return lines


def erlang_c(agents: int, *, load: float) -> float:
    """The share of calls that must wait where everybody waits for ever; refused where the queue would never end."""
    whole_number(agents, what="agents")
    if number(load, what="offered load", zero=True) >= agents:
        raise SettingError(
            f"{agents:,} agents cannot keep up with a load of {load:g}: without hanging up the queue grows for ever. "
            f"Expected at least {math.floor(load) + 1:,} agents, or callers who hang up (Erlang A)."
        )
    blocked = math.exp(log_erlang_b(agents, load=load))
    return blocked / (1 - load / agents * (1 - blocked))
