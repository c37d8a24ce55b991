"""Teams that help out: the wait to expect does not count them; nobody is put out while one of them is there."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run

DESK = """question = "Who counts?"
[day]
opens = "9:00"
closes = "17:00"
[demand]
calls_per_day = {calls}
[types.public]
share = "100%"
teams = ["duty"]
overflow_to = ["others"]
{overflow}
talk = {{ distribution = "fixed", value = "5 min" }}
patience = {{ distribution = "fixed", value = "{patience}" }}
[teams.duty]
{duty}
[teams.others]
agents = 9
[telephone]
{telephone}
"""


def totals(kcas: Run, folder: Path, engine: str, **parts: str) -> dict[str, float]:
    """The means of a run of some days of the desk."""
    file = folder / "desk.toml"
    file.write_text(DESK.format(**parts), encoding="utf-8")
    code, out, err = kcas("simulate", str(file), "--engine", engine, "--replications", "8", "--json")
    assert code == 0, err
    return {name: found["mean"] for name, found in json.loads(out)["total"].items() if isinstance(found, dict)}


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
@pytest.mark.parametrize("after", ["0 s", "1 min"])
def test_the_wait_to_expect_counts_a_types_own_agents(kcas: Run, tmp_path: Path, engine: str, after: str) -> None:
    """One agent of its own on calls of 5 min: who waits is told 5 min or more, which nobody's 2 min outlast.

    With the nine others, of whom none may be taken, it would be 30 s, and the first who wait would stay.
    """
    found = totals(
        kcas, tmp_path, engine, calls="200", patience="2 min", duty="agents = 1",
        overflow=f'keep_idle = 9\noverflow_after = "{after}"',
        telephone='announcement = { announces = "wait", balk_share = "100%" }',
    )  # fmt: skip
    assert found["abandoned"] > 50
    assert found["wait_all"] == 0


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_nobody_is_put_out_while_a_team_that_helps_out_is_there(kcas: Run, tmp_path: Path, engine: str) -> None:
    afternoon = f"by_interval = [{', '.join(['0'] * 8 + ['9'] * 8)}]"
    found = totals(
        kcas, tmp_path, engine, calls="40", patience="10 min", duty=afternoon, overflow='overflow_after = "1 min"',
        telephone='nobody_working = "turn away"',
    )  # fmt: skip
    assert found["answered"] == found["offered"]
    assert found["wait_all"] > 15, "those of the morning wait a minute for the team that helps out"
