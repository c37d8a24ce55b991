"""Small desks whose every figure can be worked out otherwise."""

from typing import Any

from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import Scenario


def desk(
    calls: list[float],
    *,
    handle: str = "5 min",
    patience: dict[str, Any] | None = None,
    interval: str = "30 min",
    agents: int = 3,
    closes: str = "",
    **more: Any,
) -> dict[str, Any]:
    """A desk of one team that opens at nine, with so many calls in each interval."""
    minutes = int(interval.split()[0]) * len(calls)
    closing = closes or f"{9 + minutes // 60:02d}:{minutes % 60:02d}"
    return {
        "question": "How small can a desk be?",
        "day": {"opens": "09:00", "closes": closing, "interval": interval, "weekdays": ["monday"]},
        "demand": {"calls_per_day": sum(calls), "arrival_profile": calls},
        "types": {"public": {"share": "100%", "talk": {"distribution": "exponential", "mean": handle},
                             "patience": patience or {"distribution": "exponential", "mean": "3 min"}}},
        "teams": {"desk": {"agents": agents}},
    } | more  # fmt: skip


def scenario(calls: list[float], **more: Any) -> Scenario:
    """The same, read."""
    return scenario_of(desk(calls, **more), where="a small desk")
