"""Do the calls that a run hands over as it goes come to the same as it counted, and does the file hold them all?"""

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as parquet
import pytest

from kcas.desk.standard import Standard
from kcas.errors import SettingError
from kcas.simulation.projection import happened, simulate
from kcas.simulation.scenario.file import read_scenario
from kcas.simulation.simulated_calls import calls_file, simulated_calls

SCENARIO = read_scenario(Path(__file__).parents[3] / "scenarios" / "all-three.toml")
STANDARD = Standard()


@pytest.mark.parametrize(
    "options",
    [
        {"replications": 30},
        {"replications": 70, "jobs": 2},
        {"replications": 300, "precision": 0.02},
        {"replications": 300, "precision": 0.02, "jobs": 2},
    ],
    ids=["plain", "two jobs", "to a precision", "both"],
)
def test_a_run_that_hands_its_calls_over_comes_to_the_same_as_one_that_does_not(options: dict[str, Any]) -> None:
    frames: list[pl.DataFrame] = []
    keeping = simulate(SCENARIO, standard=STANDARD, engine="simpy", keep=frames.append, **options)
    silent = simulate(SCENARIO, standard=STANDARD, engine="simpy", **options)
    assert keeping.replications == silent.replications
    assert keeping.measures() == silent.measures()
    for grouping in ("intervals", "by_type", "by_team"):
        for group in silent.groups(grouping):
            where: dict[str, Any] = {"grouping": grouping, "group": group}
            assert keeping.measures(**where) == silent.measures(**where)
    _, load, rows = happened(SCENARIO, range(silent.replications), seed=silent.seed, engine="simpy")
    assert pl.concat(frames).equals(simulated_calls(SCENARIO, load, rows, first_day=0))
    assert pl.concat(frames).filter(pl.col("outcome") == "abandoned").height == silent.days("abandoned").sum()


def test_the_file_holds_every_call_as_it_was_handed_over_a_row_group_at_a_time(tmp_path: Path) -> None:
    frames: list[pl.DataFrame] = []
    for days in (range(3), range(3, 5)):
        _, load, rows = happened(SCENARIO, days, seed=1, engine="simpy")
        frames.append(simulated_calls(SCENARIO, load, rows, first_day=days.start))
    with calls_file(tmp_path / "calls.parquet") as write:
        for frame in frames:
            write(frame)
        assert [path.name for path in tmp_path.iterdir()] == ["calls.parquet.part"]
    found = pl.read_parquet(tmp_path / "calls.parquet")
    assert found.schema == frames[0].schema
    assert found.equals(pl.concat(frames))
    held = parquet.ParquetFile(tmp_path / "calls.parquet").metadata
    assert [held.row_group(group).num_rows for group in range(held.num_row_groups)] == [len(each) for each in frames]
    assert [path.name for path in tmp_path.iterdir()] == ["calls.parquet"]


def test_a_run_that_breaks_off_leaves_no_half_file_and_the_old_one_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "calls.parquet"
    file.write_bytes(b"from before")
    _, load, rows = happened(SCENARIO, range(1), seed=1, engine="simpy")

    def broken_off() -> None:
        with calls_file(file) as write:
            write(simulated_calls(SCENARIO, load, rows, first_day=0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert file.read_bytes() == b"from before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_is_said_in_a_line_before_anything_is_simulated(tmp_path: Path) -> None:
    def nowhere() -> None:
        with calls_file(tmp_path / "no such folder" / "calls.parquet"):
            raise AssertionError("it began")

    with pytest.raises(SettingError, match=r"--calls .*calls\.parquet: No such file or directory\."):
        nowhere()
