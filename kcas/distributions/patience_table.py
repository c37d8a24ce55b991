"""A table of patience as a person writes it, in a scenario or on the command line, made into a law for theory."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from kcas.desk.toml_file import only_known, seconds, share, value_text
from kcas.distributions import survival
from kcas.distributions.fitting import as_scenario_table
from kcas.distributions.sampling import hazard_of
from kcas.distributions.survival import Patience
from kcas.errors import SettingError

_Table = Mapping[str, Any]


def read_law(table: _Table, *, where: str) -> Patience:
    """The law of patience a table describes. Raises SettingError where it does not describe one.

    `hang_up_at_once` is the share who leave at once unless an agent is free, whatever the law of the others.
    """
    table = as_scenario_table(table, where=where)
    named = table.get("law") if isinstance(table, Mapping) else table
    if not isinstance(table, Mapping) or not isinstance(named, str) or named not in LAWS:
        raise SettingError(
            f"{where}: {value_text(named)} is not a law of patience. Expected one of {', '.join(sorted(LAWS))}."
        )
    known, make = LAWS[named]
    only_known(table, {"law", "hang_up_at_once", "supported_to", *known}, where=where)
    try:
        law = make(table, where)
    except KeyError as missing:
        raise SettingError(f"{where}: {missing.args[0]} is missing from the {table['law']} law.") from None
    at_once = _share(table.get("hang_up_at_once", 0), where=f"{where}, hang_up_at_once")
    return survival.mixture([(1 - at_once, law)]) if at_once else law


def _duration(table: _Table, key: str, where: str) -> float:
    """Seconds, bare or with units."""
    value = table[key]
    return seconds(value, where=f"{where}, {key}") if isinstance(value, str) else _number(table, key, where)


def _number(table: _Table, key: str, where: str) -> float:
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise SettingError(f"{where}, {key}: {value!r} is not valid. Expected a number above 0.")
    return float(value)


def _share(value: object, *, where: str) -> float:
    if isinstance(value, str):
        return share(value, where=where)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise SettingError(f'{where}: {value!r} is not a share. Expected one like "10%" or 0.1.')
    return float(value)


def _exponential(table: _Table, where: str) -> Patience:
    return survival.exponential(_duration(table, "mean", where))


def _weibull(table: _Table, where: str) -> Patience:
    shape = _number(table, "shape", where)
    if "scale" in table:
        return survival.weibull(shape=shape, scale=_duration(table, "scale", where))
    return survival.weibull(shape=shape, scale=_duration(table, "mean", where) / math.gamma(1 + 1 / shape))


def _lognormal(table: _Table, where: str) -> Patience:
    if "median" in table:
        return survival.lognormal(median=_duration(table, "median", where), sigma=_number(table, "sigma", where))
    mean = _duration(table, "mean", where)
    spread = _number(table, "cv", where) if "cv" in table else _duration(table, "sd", where) / mean
    sigma = math.sqrt(math.log1p(spread**2))
    return survival.lognormal(median=mean * math.exp(-(sigma**2) / 2), sigma=sigma)


def _gamma(table: _Table, where: str) -> Patience:
    return survival.gamma_law(shape=_number(table, "shape", where), mean=_duration(table, "mean", where))


def _log_logistic(table: _Table, where: str) -> Patience:
    return survival.log_logistic(median=_duration(table, "median", where), shape=_number(table, "shape", where))


def _fixed(table: _Table, where: str) -> Patience:
    return survival.fixed(_duration(table, "value", where))


def _uniform(table: _Table, where: str) -> Patience:
    low = 0.0 if table["low"] == 0 else _duration(table, "low", where)
    high = _duration(table, "high", where)
    if high <= low:
        raise SettingError(f"{where}: low {low:g} is not below high {high:g}.")
    return survival.uniform(low, high)


def _empirical(table: _Table, where: str) -> Patience:
    tail = _duration(table, "tail", where) if "tail" in table else None
    if not isinstance(table["at"], list) or not isinstance(table["still_waiting"], list):
        raise SettingError(f"{where}: at and still_waiting should be lists of times and shares.")
    times = [_duration({"at": value}, "at", where) for value in table["at"]]
    still = [_share(value, where=f"{where}, still_waiting") for value in table["still_waiting"]]
    return survival.empirical(times, still, tail=tail)


def _empirical_hazard(table: _Table, where: str) -> Patience:
    starts, pace = hazard_of(table, where=where)
    return survival.piecewise_exponential(starts, pace)


def _mixture(table: _Table, where: str) -> Patience:
    if not isinstance(table["parts"], list) or not all(isinstance(part, Mapping) for part in table["parts"]):
        raise SettingError(f"{where}: parts should be a list of tables, each with a share and a law.")
    parts = []
    for number, part in enumerate(table["parts"], start=1):
        inner = {key: value for key, value in part.items() if key != "share"}
        place = f"{where}, part {number}"
        parts.append((_share(part["share"], where=f"{place}, share"), read_law(inner, where=place)))
    return survival.mixture(parts)


def _endless(_table: _Table, _where: str) -> Patience:
    return survival.endless()


LAWS: dict[str, tuple[frozenset[str], Callable[[_Table, str], Patience]]] = {
    "endless": (frozenset(), _endless),
    "exponential": (frozenset({"mean"}), _exponential),
    "weibull": (frozenset({"shape", "scale", "mean"}), _weibull),
    "lognormal": (frozenset({"mean", "cv", "sd", "median", "sigma"}), _lognormal),
    "gamma": (frozenset({"shape", "mean"}), _gamma),
    "erlang": (frozenset({"shape", "mean"}), _gamma),
    "log-logistic": (frozenset({"median", "shape"}), _log_logistic),
    "fixed": (frozenset({"value"}), _fixed),
    "deterministic": (frozenset({"value"}), _fixed),
    "uniform": (frozenset({"low", "high"}), _uniform),
    "empirical": (frozenset({"at", "still_waiting", "tail"}), _empirical),
    "empirical hazard": (frozenset({"at", "per_second"}), _empirical_hazard),
    "mixture": (frozenset({"parts"}), _mixture),
}
