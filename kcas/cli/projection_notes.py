"""What must stand beneath a projection: by whose definitions, what it assumes, and where no data support it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kcas.desk.standard import DEFAULT_STORE

if TYPE_CHECKING:
    from kcas.calls.observed_range import DaysSeen
    from kcas.desk.standard import Standard
    from kcas.simulation.projection import Projection
    from kcas.simulation.scenario.schema import Scenario


def data_range_notes(run: Projection, *, baseline: Scenario | None = None, look: bool = True) -> list[str]:
    """Where a projection leaves what data support; without a look at the store, by its waits alone."""
    from kcas.simulation.scenario.data_range import inputs_beyond, waits_beyond

    found = waits_beyond(run.scenario, run.by["by_type"])
    if look:
        found += inputs_beyond(run.scenario, seen=stored_range(run.scenario, standard=run.standard), baseline=baseline)
    return found


def stored_range(scenario: Scenario, *, standard: Standard) -> DaysSeen | None:
    """What the days kept here have shown; None where none are."""
    from kcas.calls.observed_range import days_seen
    from kcas.calls.store import Store
    from kcas.simulation.scenario.data_range import weekday_numbers

    store = Store(Path(os.environ.get("KCAS_STORE") or DEFAULT_STORE))
    if not store.exists:
        return None
    return days_seen(store.calls(), standard=standard, weekdays=weekday_numbers(scenario))


def definitions(run: Projection) -> list[str]:
    """What the rate and the service level are made of, and both halves of each, a day."""
    from kcas.calls.definitions import the_definition, the_service_level

    definition, level = the_definition(run.standard), the_service_level(run.standard)
    lost, of = (run.measure(name).mean or 0.0 for name in ("numerator", "denominator"))
    in_time, out_of = (run.measure(f"service_level_{name}").mean or 0.0 for name in ("numerator", "denominator"))
    return [
        f"Abandoned: {definition.words} ({definition.rate.key}); {lost:,.1f} of {of:,.1f} a day.",
        f"Service level: {level.words} ({level.key}); {in_time:,.1f} of {out_of:,.1f} a day.",
    ]
