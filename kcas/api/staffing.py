"""Staffing plans: the fewest agents that meet a target, with the proof by simulation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcas.api.result import Result

if TYPE_CHECKING:
    import polars as pl

    from kcas.api.scenario import Scenario
    from kcas.desk.standard import Standard
    from kcas.staffing.plan import Plan


@dataclass(frozen=True)
class StaffingPlan(Result):
    """The minimum agents of each interval, shifts where patterns were given, and how they fare. Modelled."""

    plan: Plan
    name: str
    within: float

    @cached_property
    def _document(self) -> dict[str, Any]:
        from kcas.staffing.document import document

        return document(self.plan, name=self.name, within=self.within)

    @property
    def agent_hours(self) -> float:
        """Agent hours of the requirement, a day."""
        return self.plan.required.agent_time / 3600

    def to_dict(self) -> dict[str, Any]:
        """What `kcas staff --json` prints."""
        return self._document

    def to_frame(self) -> pl.DataFrame:
        """One row an interval: agents needed, rostered and current, with the rate and service level of each."""
        import polars as pl

        return pl.DataFrame(self._document["intervals"], infer_schema_length=None)

    def plot(self) -> Any:
        """Agents needed, rostered and current, by interval."""
        from kcas.reporting.palettes import LIGHT
        from kcas.reporting.staffing import agents, requirement_points

        return agents(requirement_points(self._document), palette=LIGHT)


def plan_staff(
    scenario: Scenario,
    *,
    target: float | None = None,
    service_level: float | None = None,
    within: float | None = None,
    confidence: float | None = None,
    each: str = "day",
    teams: tuple[str, ...] = (),
    shifts: str | Path | None = None,
    replications: int | None = None,
    seed: int | None = None,
    standard: Standard | None = None,
) -> StaffingPlan:
    """The fewest agents that meet a target.

    `target` is the highest share abandoned and `service_level` the lowest share answered `within` so many seconds,
    fractions of one; either or both. `confidence` is the share of days that must meet it (in the long run unless
    given); `each` is "day" or "half-hour". `shifts` is a TOML file of shift patterns. Raises SettingError or
    ScenarioError for what cannot be met.
    """
    from kcas.desk.standard import Standard
    from kcas.staffing.plan import PlanRequest, plan
    from kcas.staffing.shift_file import read_shifts
    from kcas.staffing.target import StaffingTarget

    aim = StaffingTarget(target, service_level, confidence, each)
    desk = standard or Standard()
    desk = desk if within is None else replace(desk, within=within)
    rules = read_shifts(Path(shifts), scenario=scenario.checked) if shifts is not None else None
    found = plan(
        scenario.tables,
        ask=PlanRequest(aim, teams, rules, replications, seed),
        standard=desk,
        told=lambda _share, _words: None,
    )
    return StaffingPlan(found, scenario.name, desk.within)
