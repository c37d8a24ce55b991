"""Laws as tables: read from a scenario, from the command line or from what `kcas patience` prints, and in words.

A scenario names a law by what a planner knows of it, each time with its unit:
`{ distribution = "lognormal", mean = "7 min", cv = 0.8 }`.
`kcas patience --json` gives a fit by its parameters in seconds
(`{"law": "loglogistic", "parameters": {"shape": …, "scale": …}, …}`); that is read wherever a law is.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator

from kcas.arrays import Floats
from kcas.desk.toml_fields import Kind, listed, percent, refuse_both, time
from kcas.desk.toml_file import nearest, only_known, value_text
from kcas.distributions.distribution import Distribution, Endless, Fixed, Impatient, Mixture, Uniform
from kcas.distributions.laws import Exponential, Gamma, LogLogistic, Lognormal, Weibull
from kcas.distributions.measured import Empirical, PiecewiseExponential
from kcas.errors import ScenarioError, SettingError

NAME, FORMER_NAME = "distribution", "law"
"""The key that names a law; a table with it is one. `kcas patience --json` goes on to spell it as before."""
MOST_PARTS, MOST_PER_SECOND = 20, 1000.0
_LONGEST = 100 * 365 * 86_400.0
"""No mean or median of a law may be longer. Where few hang up, a fitted law has a median of years."""


@dataclass(frozen=True)
class Law:
    """A law as a scenario names it; `table` is what was said, and laws of which the same was said are the same."""

    table: Mapping[str, Any]
    distribution: Distribution = field(compare=False)
    supported_to: float | None = None  # seconds: the longest wait that data stand behind, where that is known

    @property
    def mean(self) -> float:
        """Seconds; infinity for endless patience."""
        return self.distribution.mean

    def draw(self, rng: Generator, size: int) -> Floats:
        """So many durations in seconds."""
        return self.distribution.draw(rng, size)

    @property
    def words(self) -> str:
        """In words."""
        return distribution_words(self.table)


def distribution_words(table: Mapping[str, Any]) -> str:
    """A law as a person would read it out: its name, its numbers, who does not wait, how far data support it."""
    parameters = dict(table)
    law, at_once, known = (
        parameters.pop(NAME),
        parameters.pop("hang_up_at_once", None),
        parameters.pop("supported_to", None),
    )
    if law == "empirical":
        points, end, left = len(parameters["at"]), parameters["at"][-1], parameters["still_waiting"][-1]
        law = f"a measured curve of {points} points to {end}, where {left} wait on"
        parameters = {"tail": f"{parameters['tail']} more on average"} if "tail" in parameters else {}
    elif law == "empirical hazard":
        law = f"a measured hazard of {len(parameters['at'])} paces, the last from {parameters['at'][-1]}"
        parameters = {}
    elif law == "mixture":
        parts = ({**part} for part in parameters.pop("parts"))
        law = "a mixture of " + " and ".join(f"{part.pop('share')} {distribution_words(part)}" for part in parts)
    numbers = ", ".join(f"{key} {value}" for key, value in parameters.items())
    words = f"{law} ({numbers})" if numbers else law
    words += f", but {at_once} hang up at once" if at_once else ""
    return words + (f", known to {known}" if known else "")


@dataclass(frozen=True)
class TableReader:
    """A law's table while it is read. With `bare`, a number without a unit is seconds, or a share from 0 to 1."""

    table: Mapping[str, Any]
    where: str
    bare: bool = False

    def value(self, key: str) -> object:
        if key not in self.table:
            raise ScenarioError(f"{self.where}: {key} is missing from the {self.table[NAME]} distribution.")
        return self.table[key]

    def seconds(self, value: object, key: str, *, low: float = 0.001) -> float:
        if self.bare and not isinstance(value, str):
            if value == 0 and low == 0 and not isinstance(value, bool):
                return 0.0
            return self._positive(value, key)
        number: float = time(low=low, high=_LONGEST).read(value, f"{self.where}, {key}")
        return number

    def time(self, key: str) -> float:
        return self.seconds(self.value(key), key, low=0.0 if key == "low" else 0.001)

    def times(self, key: str) -> list[float]:
        value = self.value(key)
        if self.bare and isinstance(value, list):
            return [self.seconds(each, key, low=0.0) for each in value]
        numbers: list[float] = listed(time()).read(value, f"{self.where}, {key}")
        return numbers

    def number(self, key: str, *, high: float = 1000) -> float:
        value = self.value(key)
        if self.bare:
            return self._positive(value, key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.01 <= value <= high:
            raise ScenarioError(
                f"{self.where}, {key}: {value_text(value)} is not valid. Expected a number from 0.01 to {high:g}."
            )
        return float(value)

    def share(self, value: object, key: str) -> float:
        where = f"{self.where}, {key}"
        if self.bare and not isinstance(value, str):
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise ScenarioError(f'{where}: {value_text(value)} is not a share. Expected one like "10%" or 0.1.')
            return float(value)
        number: float = percent().read(value, where)
        return number

    def shares(self, key: str) -> list[float]:
        value = self.value(key)
        if self.bare and isinstance(value, list):
            return [self.share(each, key) for each in value]
        numbers: list[float] = listed(percent()).read(value, f"{self.where}, {key}")
        return numbers

    def _positive(self, value: object, key: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
            raise ScenarioError(f"{self.where}, {key}: {value_text(value)} is not valid. Expected a number above 0.")
        return float(value)


def _weibull(t: TableReader) -> Distribution:
    shape = t.number("shape")
    return Weibull(shape, t.time("scale")) if "scale" in t.table else Weibull.with_mean(t.time("mean"), shape=shape)


def _lognormal(t: TableReader) -> Distribution:
    if "median" in t.table:
        return Lognormal(t.time("median"), t.number("sigma", high=20))
    mean = t.time("mean")
    return Lognormal.with_mean(mean, variation=t.number("cv") if "cv" in t.table else t.time("sd") / mean)


def _gamma(t: TableReader) -> Distribution:
    return Gamma(t.number("shape"), t.time("mean"))


def _uniform(t: TableReader) -> Distribution:
    low, high = t.time("low"), t.time("high")
    if high <= low:
        raise ScenarioError(
            f"{t.where}: low {value_text(t.table['low'])} is not below high {value_text(t.table['high'])}."
        )
    return Uniform(low, high)


def _empirical(t: TableReader) -> Distribution:
    at, still = t.times("at"), t.shares("still_waiting")
    if len(at) != len(still) or not at:
        raise ScenarioError(f"{t.where}: at and still_waiting should be lists of equal length.")
    if (np.diff([0.0, *at]) <= 0).any() or (np.diff([1.0, *still]) > 0).any():
        raise ScenarioError(f"{t.where}: at should rise and still_waiting should never rise.")
    if still[-1] > 0 and "tail" not in t.table and not t.bare:
        raise ScenarioError(
            f"{t.where}: {still[-1]:.0%} outlast the curve, and what they do is not known. Expected tail, the mean "
            'time they wait beyond it, like "10 min".'
        )
    return Empirical(at, still, t.time("tail") if "tail" in t.table else None)


def _empirical_hazard(t: TableReader) -> Distribution:
    for key in ("at", "per_second"):
        if key not in t.table:
            raise ScenarioError(f"{t.where}: {key} is missing from the empirical hazard distribution.")
    starts, given = np.array(t.times("at"), dtype=float), t.table["per_second"]
    right = isinstance(given, list) and all(
        isinstance(each, int | float) and not isinstance(each, bool) and 0 <= each <= MOST_PER_SECOND for each in given
    )
    if not right or len(given) != len(starts) or not len(starts):
        raise ScenarioError(
            f"{t.where}, per_second: expected numbers from 0 to {MOST_PER_SECOND:g}, one for each time in at."
        )
    if starts[0] != 0 or (np.diff(starts) <= 0).any():
        raise ScenarioError(f'{t.where}, at: expected times that begin with "0 s" and rise.')
    return PiecewiseExponential(starts, np.array(given, dtype=float))


def _mixture(t: TableReader) -> Distribution:
    parts = t.value("parts")
    if not isinstance(parts, list) or not parts or not all(isinstance(part, Mapping) for part in parts):
        raise ScenarioError(f"{t.where}: parts should be a list of tables, each with a share and a distribution.")
    if len(parts) > MOST_PARTS or any("mixture" in (part.get(NAME), part.get(FORMER_NAME)) for part in parts):
        raise ScenarioError(f"{t.where}: expected {MOST_PARTS} parts at most, and no mixture within a mixture.")
    shares = [t.share(part.get("share"), f"part {n}, share") for n, part in enumerate(parts, 1)]
    laws = [
        _read({key: value for key, value in part.items() if key != "share"}, f"{t.where}, part {n}", bare=t.bare)
        for n, part in enumerate(parts, 1)
    ]
    short = sum(shares) < 1 and t.bare  # on the command line a share left over hangs up at once
    if abs(sum(shares) - 1) > 1e-9 and not short:
        raise ScenarioError(f"{t.where}: the shares of the parts add up to {sum(shares):.2%}. Expected 100%.")
    return Mixture([(share, law.distribution) for share, law in zip(shares, laws, strict=True)])


LAWS: dict[str, tuple[str, str, Callable[[TableReader], Distribution]]] = {
    "endless": ("", "no one ever hangs up", lambda t: Endless()),
    "fixed": ("value", "always as long", lambda t: Fixed(t.time("value"))),
    "deterministic": ("value", "the same as fixed", lambda t: Fixed(t.time("value"))),
    "exponential": ("mean", "no memory", lambda t: Exponential(t.time("mean"))),
    "weibull": ("shape, scale or mean", "ends ever more often (shape above 1) or ever less often", _weibull),
    "lognormal": ("mean with cv or sd, or median with sigma", "most are short, a few are long", _lognormal),
    "gamma": ("shape, mean", "the sum of `shape` exponential stretches", _gamma),
    "erlang": ("shape, mean", "the same as gamma", _gamma),
    "log-logistic": ("median, shape", "a long tail", lambda t: LogLogistic(t.time("median"), t.number("shape"))),
    "uniform": ("low, high", "anything between, as likely", _uniform),
    "empirical": ("at, still_waiting, tail", "a curve as measured, like the desk's own patience", _empirical),
    "empirical hazard": ("at, per_second", "hang-ups at a pace that is constant between waits", _empirical_hazard),
    "mixture": ("parts", "several distributions, each with its share", _mixture),
}
"""Each law: its keys, what it means, how it is read."""


def read_law(table: object, where: str) -> Law:
    """The law a scenario's table names. Raises ScenarioError where it names none, or a number is missing or absurd."""
    return _read(table, where, bare=False)


def read_patience(table: object, *, where: str) -> Distribution:
    """The law of a table in which numbers without a unit are seconds. Raises SettingError where it names none."""
    try:
        return _read(table, where, bare=True).distribution
    except ScenarioError as error:
        raise SettingError(str(error)) from None


def _read(table: object, where: str, *, bare: bool) -> Law:
    table = as_scenario_table(table, where=where)
    if not isinstance(table, Mapping) or not isinstance(table.get(NAME), str):
        raise ScenarioError(f"{where}: {value_text(table)} is not a distribution. Expected one like {LAW.example}.")
    if table[NAME] not in LAWS:
        raise ScenarioError(f"{where}: {table[NAME]!r} is not a distribution. {nearest(table[NAME], LAWS)}")
    keys, _, make = LAWS[table[NAME]]
    known = {
        NAME,
        "hang_up_at_once",
        "supported_to",
        *keys.replace(" with", ",").replace(" or ", ",").replace(" ", "").split(","),
    }
    only_known(table, known - {""}, where=where)
    reader = TableReader(table, where, bare)
    distribution = make(reader)
    at_once = reader.share(table.get("hang_up_at_once", "0%"), "hang_up_at_once")
    supported_to = reader.time("supported_to") if "supported_to" in table else measured_to(distribution)
    return Law(dict(table), Impatient(at_once, distribution) if at_once else distribution, supported_to)


def measured_to(distribution: Distribution) -> float | None:
    """The longest wait of a measured curve: data stand behind it up to there."""
    return float(distribution.at[-1]) if isinstance(distribution, Empirical) else None


def respelt_law(table: Any, where: str, old: list[str]) -> Any:
    """A law's table, and those of its parts, with the key that names a law now. Raises ScenarioError for both keys."""
    if not isinstance(table, Mapping):
        return table
    refuse_both(table, NAME, FORMER_NAME, where=where)
    old += [f"{FORMER_NAME} is now {NAME}"] if FORMER_NAME in table else []
    current = named_now(table)
    if isinstance(current.get("parts"), list):
        current["parts"] = [respelt_law(part, f"{where}, part {n}", old) for n, part in enumerate(current["parts"], 1)]
    return current


def named_now(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with the key that names a law now, in the order it had."""
    return {NAME if key == FORMER_NAME else key: value for key, value in table.items()}


LAW = Kind(
    'a distribution, like { distribution = "lognormal", mean = "7 min", cv = 0.8 }',
    '{ distribution = "exponential", mean = "3 min" }',
    read_law,
    respell=respelt_law,
)

_OF_THE_FIT = frozenset({"parameters", "log_likelihood", "aic", "scenario"})
"""Keys of a fit that are no parameters."""

_SAME = {"loglogistic": "log-logistic", "log_logistic": "log-logistic"}
_TIMES = ("mean", "scale", "median")
_FROM = re.compile(r"from (\d+(?:\.\d+)?) s", re.ASCII)
"""A bin of the empirical hazard: the wait at which it starts."""


def as_scenario_table(table: Any, *, where: str) -> Any:
    """The table of a law with the keys that scenarios have; one that has them already is given back as it is.

    Raises SettingError where a fit lacks a parameter, or has one that is no number.
    """
    if isinstance(table, Mapping) and FORMER_NAME in table and NAME not in table:
        table = named_now(table)
    if not isinstance(table, Mapping) or not isinstance(table.get(NAME), str):
        return table
    law = _SAME.get(table[NAME], table[NAME])
    given = {key: value for key, value in table.items() if key not in _OF_THE_FIT} | {NAME: law}
    parameters = table.get("parameters", {})
    if not isinstance(parameters, Mapping):
        raise SettingError(f"{where}, parameters: {value_text(parameters)} is not a table of numbers.")
    given |= {key: _number(value, where=f"{where}, {key}") for key, value in parameters.items()}
    if law == "empirical hazard":
        return _hazard(given, where=where)
    if law == "lognormal" and "mu" in given:
        given["median"] = _exp(_number(given.pop("mu"), where=f"{where}, mu"), where=where)
    if law == "log-logistic" and "scale" in given:
        given["median"] = given.pop("scale")
    if law == table[NAME] and not parameters and "median" not in given:
        return table
    return {key: seconds_text(value) if key in _TIMES else value for key, value in given.items()}


def in_toml(table: Mapping[str, Any]) -> str:
    """A scenario's law as one line of its file."""
    return f"{{ {', '.join(f'{key} = {_toml(value)}' for key, value in table.items())} }}"


def _hazard(given: dict[str, Any], *, where: str) -> dict[str, Any]:
    """Bins named `from 5 s` as two lists, in the order of their starts."""
    bins = {float(match[1]): key for key in given if (match := _FROM.fullmatch(str(key)))}
    if not bins:
        return given
    rates = [_number(given.pop(bins[start]), where=f"{where}, {bins[start]}") for start in sorted(bins)]
    return given | {"at": [seconds_text(start) for start in sorted(bins)], "per_second": rates}


def _number(value: object, *, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SettingError(
            f"{where}: {value_text(value)} is not a number. Expected one as `kcas patience --json` gives it."
        )
    return float(value)


def _exp(logarithm: float, *, where: str) -> float:
    if logarithm > 100:
        raise SettingError(f"{where}, mu: {logarithm:g} is too large. Expected the logarithm of seconds.")
    return math.exp(logarithm)


def seconds_text(value: Any) -> Any:
    """Seconds with their unit, to the nanosecond; a text with its unit as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:.9f}".rstrip("0").rstrip(".") + " s"


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else f"{value:.12g}"
