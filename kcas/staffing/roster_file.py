"""A roster written as a scenario file that `kcas simulate` reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kcas.desk.units import clock
from kcas.errors import ScenarioError
from kcas.simulation.scenario.file import Tables, merge_tables, read_scenario
from kcas.simulation.scenario.folder import toml
from kcas.staffing.cover import Cover, Duty
from kcas.staffing.evaluation import Roster

MADE_BY = "# Written by kcas staff"


def by_interval(tables: Tables, roster: Roster) -> dict[str, Any]:
    """The scenario's tables with these agents by interval."""
    return merge_tables(tables, {"teams": {team: {"by_interval": list(agents)} for team, agents in roster.items()}})


def by_shifts(tables: Tables, cover: Cover, *, roster: Roster) -> dict[str, Any]:
    """The scenario's tables with the roster's shifts, of the teams that it was made for."""
    teams: dict[str, list[dict[str, Any]]] = {team: [] for team in roster}
    for duty in cover.duties:
        teams[duty.kind.team].append(shift(duty))
    given = {team: {"shifts": shifts} if shifts else {"agents": 0} for team, shifts in teams.items()}
    return merge_tables(tables, {"teams": given})


def shift(duty: Duty) -> dict[str, Any]:
    """One row of a team's shifts."""
    table: dict[str, Any] = {"agents": duty.agents, "from": clock(duty.kind.begin), "to": clock(duty.kind.end)}
    if duty.breaks:
        table["breaks"] = [{"from": clock(begin), "to": clock(end)} for begin, end in duty.breaks]
    return table


def roster_text(tables: Mapping[str, Any], *, question: str, words: str, invented: tuple[str, ...]) -> str:
    """A scenario file that stands by itself."""
    own = {key: value for key, value in tables.items() if key not in ("question", "invented", "starts_from")}
    head: dict[str, Any] = {"question": question} | ({"invented": list(invented)} if invented else {})
    return f"{MADE_BY}: {words}. A model's roster, not an observation.\n" + toml(head | own)


def all_invented(scenario: Sequence[str], shifts: Sequence[str], *, teams: Sequence[str]) -> tuple[str, ...]:
    """What is invented of a scenario with a roster made of these shifts."""
    if not shifts or "everything" in scenario:
        return tuple(scenario)
    return (*scenario, *(f"teams.{team}, shifts" for team in teams))


def refuse_to_overwrite(path: Path) -> None:
    """Raises ScenarioError where a file that we did not write is in the way, or there is no such folder."""
    if not path.parent.is_dir():
        raise ScenarioError(f"--out {path}: there is no folder {path.parent}.")
    if path.exists() and not (path.is_file() and _beginning(path).startswith(MADE_BY)):
        raise ScenarioError(f"--out {path}: there is a file of that name, not written by kcas staff. Choose another.")


def _beginning(path: Path) -> str:
    """A file's first characters."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(len(MADE_BY))
    except OSError:
        return ""


def write(path: Path, text: str) -> None:
    """Write the file and see that it reads back. Raises ScenarioError where it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ScenarioError(f"--out {path}: {error.strerror or error}.") from None
    read_scenario(path)
