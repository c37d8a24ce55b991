"""Abandoned calls at a contact centre: counted from its telephone logs, and projected by a queue model.

A library for notebooks and programs; `docs/python.md` has examples. Everything is imported when it is first used, so
that `import kcas` costs nothing. Nothing here prints, reads the environment or depends on the working folder.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from kcas.api.evidence import verify_evidence
    from kcas.api.queueing import erlang_a, erlang_b, erlang_b_lines, erlang_c, exact_day
    from kcas.api.result import Result
    from kcas.api.scenario import Scenario
    from kcas.api.simulation import compare, simulate, sweep
    from kcas.api.staffing import plan_staff
    from kcas.api.store import CallStore, open_store
    from kcas.errors import KcasError

__all__ = [
    "CallStore", "KcasError", "Result", "Scenario", "compare", "erlang_a", "erlang_b", "erlang_b_lines", "erlang_c",
    "exact_day", "open_store", "plan_staff", "simulate", "sweep", "verify_evidence",
]  # fmt: skip

_HOMES = {
    "kcas.api.evidence": ("verify_evidence",),
    "kcas.api.queueing": ("erlang_a", "erlang_b", "erlang_b_lines", "erlang_c", "exact_day"),
    "kcas.api.result": ("Result",),
    "kcas.api.scenario": ("Scenario",),
    "kcas.api.simulation": ("compare", "simulate", "sweep"),
    "kcas.api.staffing": ("plan_staff",),
    "kcas.api.store": ("CallStore", "open_store"),
    "kcas.errors": ("KcasError",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A public name, imported when first used."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'kcas' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
