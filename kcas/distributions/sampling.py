"""Distributions of talk, wrap-up, patience and delay as a scenario names them, and their sampling."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.random import Generator

from kcas.arrays import Floats
from kcas.desk.toml_fields import Kind, duration_words, listed, percent, time
from kcas.desk.toml_file import nearest, only_known, value_text
from kcas.distributions.fitting import as_scenario_table
from kcas.errors import ScenarioError

Draw = Callable[[Generator, int], Floats]


@dataclass(frozen=True)
class Law:
    """A law ready to draw from; `table` is what the file said, and laws of which it said the same are the same."""

    table: Mapping[str, Any]
    mean: float  # seconds; infinity for endless patience
    draw: Draw = field(compare=False)
    supported_to: float | None = None  # seconds: the longest wait that data stand behind, where that is known

    @property
    def words(self) -> str:
        """In words."""
        return distribution_words(self.table)


def distribution_words(table: Mapping[str, Any]) -> str:
    """A law as a person would read it out: its name, its numbers, who does not wait, how far data support it."""
    said = dict(table)
    law, at_once, known = said.pop("law"), said.pop("hang_up_at_once", None), said.pop("supported_to", None)
    if law == "empirical":
        points, end, left = len(said["at"]), said["at"][-1], said["still_waiting"][-1]
        law = f"a measured curve of {points} points to {end}, where {left} wait on"
        said = {"tail": f"{said['tail']} more on average"} if "tail" in said else {}
    elif law == "empirical hazard":
        law = f"a measured hazard of {len(said['at'])} paces, the last from {said['at'][-1]}"
        said = {}
    elif law == "mixture":
        parts = ({**part} for part in said.pop("parts"))
        law = "a mixture of " + " and ".join(f"{part.pop('share')} {distribution_words(part)}" for part in parts)
    numbers = ", ".join(f"{key} {value}" for key, value in said.items())
    found = f"{law} ({numbers})" if numbers else law
    found += f", but {at_once} hang up at once" if at_once else ""
    return found + (f", known to {known}" if known else "")


_ENDLESS = Law({"law": "endless"}, math.inf, lambda rng, size: np.full(size, math.inf))


def constant(value: float) -> Law:
    """Always as long."""
    return Law({"law": "fixed", "value": duration_words(value)}, value, lambda rng, size: np.full(size, value))


def _exponential(mean: float, *, said: Mapping[str, Any] | None = None) -> Law:
    """As likely to end in the next second after an hour as after a second."""
    table = said or {"law": "exponential", "mean": duration_words(mean)}
    return Law(table, mean, lambda rng, size: rng.standard_exponential(size) * mean)


def _weibull(t: "TableReader") -> Law:
    shape = t.number("shape")
    scale = t.time("scale") if "scale" in t.table else t.time("mean") / math.gamma(1 + 1 / shape)
    mean = scale * math.gamma(1 + 1 / shape)
    return Law(t.table, mean, lambda rng, size: scale * rng.weibull(shape, size))


def _lognormal(t: "TableReader") -> Law:
    if "median" in t.table:
        middle, sigma = t.time("median"), t.number("sigma", high=20)
    else:
        spread = t.number("cv") if "cv" in t.table else t.time("sd") / t.time("mean")
        sigma = math.sqrt(math.log1p(spread**2))
        middle = t.time("mean") * math.exp(-(sigma**2) / 2)
    mean = middle * math.exp(sigma**2 / 2)
    return Law(t.table, mean, lambda rng, size: middle * np.exp(sigma * rng.standard_normal(size)))


def _gamma(t: "TableReader") -> Law:
    shape, mean = t.number("shape"), t.time("mean")
    return Law(t.table, mean, lambda rng, size: rng.standard_gamma(shape, size) * (mean / shape))


def _log_logistic(t: "TableReader") -> Law:
    shape, median = t.number("shape"), t.time("median")
    mean = median * (math.pi / shape) / math.sin(math.pi / shape) if shape > 1 else math.inf

    def draw(rng: Generator, size: int) -> Floats:
        dice = rng.random(size)
        return np.asarray(median * (dice / (1 - dice)) ** (1 / shape))

    return Law(t.table, mean, draw)


def _uniform(t: "TableReader") -> Law:
    low, high = t.time("low"), t.time("high")
    if high <= low:
        raise ScenarioError(f"{t.where}: low {duration_words(low)} is not below high {duration_words(high)}.")
    return Law(t.table, (low + high) / 2, lambda rng, size: rng.uniform(low, high, size))


def _empirical(t: "TableReader") -> Law:
    """A curve of who is still waiting, straight between its points; beyond the last, an exponential tail."""
    at = np.array([0.0, *listed(time()).read(t.table["at"], f"{t.where}, at")])
    still = np.array([1.0, *listed(percent()).read(t.table["still_waiting"], f"{t.where}, still_waiting")])
    if len(at) != len(still) or len(at) < 2:
        raise ScenarioError(f"{t.where}: at and still_waiting should be lists of equal length.")
    if (np.diff(at) <= 0).any() or (np.diff(still) > 0).any():
        raise ScenarioError(f"{t.where}: at should rise and still_waiting should never rise.")
    left, tail = float(still[-1]), t.time("tail") if "tail" in t.table else math.inf
    if left > 0 and "tail" not in t.table:
        raise ScenarioError(
            f"{t.where}: {left:.0%} outlast the curve, and what they do is not known. Expected tail, the mean time "
            'they wait beyond it, like "10 min".'
        )
    inside = float((still[:-1] + still[1:]) @ np.diff(at) / 2)

    def draw(rng: Generator, size: int) -> Floats:
        dice, beyond = rng.random(size), rng.standard_exponential(size)
        within = np.interp(1 - dice, 1 - still, at)
        return np.asarray(np.where(dice < left, at[-1] + tail * beyond, within) if left else within)

    return Law(t.table, inside + (left * tail if left else 0.0), draw, supported_to=float(at[-1]))


def _empirical_hazard(t: "TableReader") -> Law:
    """A pace of hanging up that is constant from each wait to the next, the last going on for ever."""
    starts, pace = hazard_of(t.table, where=t.where)
    gone = np.concatenate(([0.0], np.cumsum(np.diff(starts) * pace[:-1])))  # the hazard so far, at each start
    stays, widths = np.exp(-gone), np.append(np.diff(starts), np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        waited = np.where(pace > 0, -np.expm1(-pace * widths) / pace, widths) * stays

    def draw(rng: Generator, size: int) -> Floats:
        dice = rng.standard_exponential(size)
        place = np.searchsorted(gone, dice, side="right") - 1
        with np.errstate(divide="ignore"):
            return np.asarray(starts[place] + (dice - gone[place]) / pace[place])

    return Law(t.table, float(waited.sum()), draw)


def hazard_of(table: Mapping[str, Any], *, where: str) -> tuple[Floats, Floats]:
    """The waits at which each pace of hanging up begins, and the paces a second. Raises ScenarioError."""
    for key in ("at", "per_second"):
        if key not in table:
            raise ScenarioError(f"{where}: {key} is missing from the empirical hazard law.")
    starts = np.array(listed(time()).read(table["at"], f"{where}, at"), dtype=float)
    given = table["per_second"]
    right = isinstance(given, list) and all(
        isinstance(each, int | float) and not isinstance(each, bool) and 0 <= each <= MOST_PER_SECOND for each in given
    )
    if not right or len(given) != len(starts) or not len(starts):
        raise ScenarioError(
            f"{where}, per_second: expected numbers from 0 to {MOST_PER_SECOND:g}, one for each time in at."
        )
    if starts[0] != 0 or (np.diff(starts) <= 0).any():
        raise ScenarioError(f'{where}, at: expected times that begin with "0 s" and rise.')
    return starts, np.array(given, dtype=float)


def _mixture(t: "TableReader") -> Law:
    parts = t.table["parts"]
    if not isinstance(parts, list) or not parts or not all(isinstance(part, Mapping) for part in parts):
        raise ScenarioError(f"{t.where}: parts should be a list of tables, each with a share and a law.")
    if len(parts) > MOST_PARTS or any(part.get("law") == "mixture" for part in parts):
        raise ScenarioError(f"{t.where}: expected {MOST_PARTS} parts at most, and no mixture within a mixture.")
    shares = [percent().read(part.get("share"), f"{t.where}, part {n}, share") for n, part in enumerate(parts, 1)]
    laws = [
        read_law({key: value for key, value in part.items() if key != "share"}, f"{t.where}, part {n}")
        for n, part in enumerate(parts, 1)
    ]
    if abs(sum(shares) - 1) > 1e-9:
        raise ScenarioError(f"{t.where}: the shares of the parts add up to {sum(shares):.2%}. Expected 100%.")
    edges = np.cumsum(shares)[:-1]

    def draw(rng: Generator, size: int) -> Floats:
        which = np.searchsorted(edges, rng.random(size), side="right")
        return np.choose(which, [law.draw(rng, size) for law in laws])

    return Law(t.table, sum(share * law.mean for share, law in zip(shares, laws, strict=True)), draw)


@dataclass(frozen=True)
class TableReader:
    """A law's table while it is read."""

    table: Mapping[str, Any]
    where: str

    def value(self, key: str) -> object:
        if key not in self.table:
            raise ScenarioError(f"{self.where}: {key} is missing from the {self.table['law']} law.")
        return self.table[key]

    def time(self, key: str) -> float:
        low = 0.0 if key == "low" else 0.001
        found: float = time(low=low, high=_LONGEST).read(self.value(key), f"{self.where}, {key}")
        return found

    def number(self, key: str, *, high: float = 1000) -> float:
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.01 <= value <= high:
            raise ScenarioError(
                f"{self.where}, {key}: {value_text(value)} is not valid. Expected a number from 0.01 to {high:g}."
            )
        return float(value)


MOST_PARTS, MOST_PER_SECOND = 20, 1000.0
_LONGEST = 100 * 365 * 86_400.0
"""No mean or median of a law may be longer. Where few hang up, a fitted law has a median of years."""

LAWS: dict[str, tuple[str, str, Callable[[TableReader], Law]]] = {
    "endless": ("", "no one ever hangs up", lambda t: _ENDLESS),
    "fixed": ("value", "always as long", lambda t: Law(t.table, t.time("value"), constant(t.time("value")).draw)),
    "deterministic": ("value", "the same as fixed", lambda t: constant(t.time("value"))),
    "exponential": ("mean", "no memory", lambda t: _exponential(t.time("mean"), said=t.table)),
    "weibull": ("shape, scale or mean", "ends ever more often (shape above 1) or ever less often", _weibull),
    "lognormal": ("mean with cv or sd, or median with sigma", "most are short, a few are long", _lognormal),
    "gamma": ("shape, mean", "the sum of `shape` exponential stretches", _gamma),
    "erlang": ("shape, mean", "the same as gamma", _gamma),
    "log-logistic": ("median, shape", "a long tail", _log_logistic),
    "uniform": ("low, high", "anything between, as likely", _uniform),
    "empirical": ("at, still_waiting, tail", "a curve as measured, like the desk's own patience", _empirical),
    "empirical hazard": ("at, per_second", "hang-ups at a pace that is constant between waits", _empirical_hazard),
    "mixture": ("parts", "several laws, each with its share", _mixture),
}
"""Each law: its keys, what it means, how it is read."""


def read_law(table: object, where: str) -> Law:
    """The law a table names. Raises ScenarioError where it names none, or a number is missing or absurd."""
    table = as_scenario_table(table, where=where)
    if not isinstance(table, Mapping) or not isinstance(table.get("law"), str):
        raise ScenarioError(
            f'{where}: {value_text(table)} is not a law. Expected one like {{ law = "exponential", mean = "3 min" }}.'
        )
    if table["law"] not in LAWS:
        raise ScenarioError(f"{where}: {table['law']!r} is not a law. {nearest(table['law'], LAWS)}")
    keys, _, make = LAWS[table["law"]]
    known = {
        "law",
        "hang_up_at_once",
        "supported_to",
        *keys.replace(" with", ",").replace(" or ", ",").replace(" ", "").split(","),
    }
    only_known(table, known - {""}, where=where)
    law = make(TableReader(table, where))
    at_once = percent().read(table.get("hang_up_at_once", "0%"), f"{where}, hang_up_at_once")
    if "supported_to" in table:
        law = replace(law, supported_to=TableReader(table, where).time("supported_to"))
    return impatient(law, at_once, said=table) if at_once else law


def impatient(law: Law, at_once: float, *, said: Mapping[str, Any]) -> Law:
    """The law, but for a share who hang up at once unless an agent is free."""

    def draw(rng: Generator, size: int) -> Floats:
        return np.where(rng.random(size) < at_once, 0.0, law.draw(rng, size))

    return Law(said, law.mean * (1 - at_once) if at_once < 1 else 0.0, draw, law.supported_to)


LAW = Kind(
    'a law, like { law = "lognormal", mean = "7 min", cv = 0.8 }',
    '{ law = "exponential", mean = "3 min" }',
    read_law,
)
