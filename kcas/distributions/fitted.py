"""Law of patience as `kcas patience` prints it, made into the table that a scenario holds.

`kcas patience --json` gives a fit by its parameters in seconds (`{"law": "loglogistic", "parameters": {"shape": …,
"scale": …}, …}`); a scenario names its laws by what a planner knows of them, with units. Both are read.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from kcas.desk.toml_file import value_text
from kcas.errors import SettingError

OF_THE_FIT = frozenset({"parameters", "log_likelihood", "aic", "scenario"})
"""Keys of a fit that are no parameters."""

SAME = {"loglogistic": "log-logistic", "log_logistic": "log-logistic"}
TIMES = ("mean", "scale", "median")
FROM = re.compile(r"from (\d+(?:\.\d+)?) s", re.ASCII)
"""A bin of the empirical hazard: the wait at which it starts."""


def as_scenario_table(table: Any, *, where: str) -> Any:
    """The table of a law with the keys that scenarios have; one that has them already is given back as it is.

    Raises SettingError where a fit lacks a parameter, or has one that is no number.
    """
    if not isinstance(table, Mapping) or not isinstance(table.get("law"), str):
        return table
    law = SAME.get(table["law"], table["law"])
    given = {key: value for key, value in table.items() if key not in OF_THE_FIT} | {"law": law}
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
    if law == table["law"] and not parameters and "median" not in given:
        return table
    return {key: _spoken(value) if key in TIMES else value for key, value in given.items()}


def in_toml(table: Mapping[str, Any]) -> str:
    """A scenario's law as one line of its file."""
    return f"{{ {', '.join(f'{key} = {_toml(value)}' for key, value in table.items())} }}"


def _hazard(given: dict[str, Any], *, where: str) -> dict[str, Any]:
    """Bins named `from 5 s` as two lists, in the order of their starts."""
    bins = {float(found[1]): key for key in given if (found := FROM.fullmatch(str(key)))}
    if not bins:
        return given
    rates = [_number(given.pop(bins[start]), where=f"{where}, {bins[start]}") for start in sorted(bins)]
    return given | {"at": [_spoken(start) for start in sorted(bins)], "per_second": rates}


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


def _spoken(value: Any) -> Any:
    """Seconds with their unit, to the nanosecond; a text with its unit as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:.9f}".rstrip("0").rstrip(".") + " s"


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else f"{value:.12g}"
