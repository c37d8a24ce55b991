"""Scenarios: load, change, save."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcas.errors import ScenarioError

if TYPE_CHECKING:
    from kcas.simulation.scenario.schema import Scenario as Checked

WHOLE_NUMBER = re.compile(r"[+-]?\d{1,6}", re.ASCII)


@dataclass(frozen=True)
class Scenario:
    """A scenario: demand, callers, teams and telephone system of a contact centre. It does not change; `change` copies.

    `tables` hold what its TOML file says, with everything it starts from merged in.
    """

    tables: Mapping[str, Any]
    name: str = "scenario"

    def __post_init__(self) -> None:
        """Spell keys as now, and refuse tables that make no scenario (ScenarioError, SettingError)."""
        from kcas.simulation.scenario.file import spelled_now

        object.__setattr__(self, "tables", spelled_now(self.tables, where=self.name))
        _ = self.checked

    @classmethod
    def load(cls, path: str | Path, *, name: str | None = None) -> Scenario:
        """The scenario in a TOML file. Raises ScenarioError or SettingError with the place and what is wrong."""
        from kcas.simulation.scenario.file import scenario_of, tables_of

        tables = tables_of(Path(path))
        scenario_of(tables, where=str(path))  # what is wrong is said with the file's whole name
        return cls(tables, name=name or Path(path).stem)

    @cached_property
    def checked(self) -> Checked:
        """The scenario as the engines read it."""
        from kcas.simulation.scenario.file import scenario_of

        return scenario_of(self.tables, where=self.name)

    @property
    def question(self) -> str:
        """The question that the scenario asks."""
        return self.checked.question

    def assumptions(self) -> list[str]:
        """What the scenario assumes, in sentences."""
        from kcas.simulation.scenario.assumptions import assumptions, explained

        return [*explained(self.checked), *assumptions(self.checked)]

    def change(
        self,
        *,
        agents: int | str = 0,
        team: str | None = None,
        between: tuple[str, str] | None = None,
        calls: float = 1.0,
        handling: float = 1.0,
        tables: Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> Scenario:
        """A copy with other agents, calls or handling time.

        `agents` are added to `team` (the only team unless named), like 2 or "+2" or -1, and only `between` two times
        of day if given, like ("10:00", "12:00"). `calls` and `handling` are factors: 1.1 is ten per cent more.
        `tables` are laid over the rest, written as in a scenario file. Raises ScenarioError for what does not fit.
        """
        from kcas.simulation.scenario.changes import Change, edits
        from kcas.simulation.scenario.file import merge_tables, spelled_now

        scenario, more = self.checked, _agents(agents)
        begins, ends = (_clock(at) for at in between) if between else (0.0, 86_400.0)
        change = Change(
            team=_team(scenario, team) if more else "", agents=more, begin=begins, end=ends, calls=calls,
            handling=handling,
        )  # fmt: skip
        changed = merge_tables(
            merge_tables(self.tables, edits(scenario, change)), spelled_now(tables or {}, where=self.name)
        )
        return Scenario(changed, name=name or f"{self.name}, changed")

    def save(self, path: str | Path) -> Path:
        """Write the scenario to a TOML file that reads back the same. Raises ScenarioError where it exists."""
        from kcas.simulation.scenario.folder import toml

        target = Path(path)
        try:
            with target.open("x", encoding="utf-8", newline="\n") as file:
                file.write(toml(self.tables))
        except FileExistsError:
            raise ScenarioError(f"{target}: there is a file of that name. Choose another name.") from None
        except OSError as error:
            raise ScenarioError(f"{target}: cannot be written ({error.strerror}).") from None
        return target

    def on_weekday(self, weekday: str) -> Scenario:
        """The scenario of one weekday alone, with its own calls and roster. Raises ScenarioError if it is closed."""
        from kcas.simulation.scenario.file import tables_on

        return replace(self, tables=tables_on(self.tables, weekday, where=self.name))

    def to_dict(self) -> dict[str, Any]:
        """The scenario's tables, as its TOML file has them."""
        return dict(self.tables)


def _agents(more: int | str) -> int:
    if isinstance(more, bool) or not (isinstance(more, int) or WHOLE_NUMBER.fullmatch(str(more))):
        raise ScenarioError(f'agents: {more!r} is not a number of agents. Expected one like 2, "+2" or -1.')
    return int(more)


def _team(scenario: Checked, named: str | None) -> str:
    if named is None and len(scenario.teams) > 1:
        raise ScenarioError(f"agents: which team? Expected team to be one of {', '.join(scenario.teams)}.")
    return named or next(iter(scenario.teams))


def _clock(text: str) -> float:
    from kcas.desk.toml_fields import CLOCK

    return float(CLOCK.read(text, "between"))
