"""Projections and their differences as plain values: the JSON of `kcas simulate` and `kcas compare`."""

from dataclasses import asdict
from typing import Any

from kcas.simulation.estimate import Estimate
from kcas.simulation.projection import Projection, compared


def projection_document(run: Projection, name: str) -> dict[str, Any]:
    """A projection under the name of its scenario: totals, then by interval, type of call and team."""

    def by_group(grouping: str, key: str) -> list[dict[str, Any]]:
        return [
            {key: run.name(grouping, group)} | estimates(run.measures(grouping=grouping, group=group))
            for group in run.groups(grouping)
        ]

    return {
        "scenario": name,
        "question": run.scenario.question,
        "engine": run.engine,
        "replications": run.replications,
        "seed": run.seed,
        "seconds": run.seconds,
        "invented": list(run.scenario.invented),
        "total": estimates(run.measures()),
        "intervals": by_group("intervals", "start"),
        "by_type": {row.pop("type"): row for row in by_group("by_type", "type")},
        "by_team": {row.pop("team"): row for row in by_group("by_team", "team")},
    }


def difference_document(first: Projection, run: Projection, name: str) -> dict[str, Any]:
    """A projection with its differences from the first: total, and by type and interval where both have them."""

    def by_group(grouping: str) -> dict[str, dict[str, Any]]:
        names = {first.name(grouping, group): group for group in first.groups(grouping)}
        return {
            label: estimates(compared(first, run, grouping=grouping, group=group))
            for group in run.groups(grouping)
            if names.get(label := run.name(grouping, group)) == group
        }

    return projection_document(run, name) | {
        "difference": estimates(compared(first, run)),
        "difference_by_type": by_group("by_type"),
        "difference_intervals": [{"start": start} | changes for start, changes in by_group("intervals").items()],
    }


def estimates(measures: dict[str, Estimate]) -> dict[str, Any]:
    """Estimates as plain values: mean, low, high, sd."""
    return {name: asdict(estimate) for name, estimate in measures.items()}
