"""What do the commands' options refuse, whichever command they are given to?"""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.call import SCHEMA
from kcas.calls.store import Store
from tests.unit.calls.store.rows import add
from tests.unit.cli.conftest import Run

ASKING = ["measures", "calls", "patience", "chart", "since 2010-04-01", "evidence --out pack"]


@pytest.mark.parametrize("command", ASKING)
def test_a_queue_that_the_store_does_not_know_is_refused_with_the_nearest(
    command: str, kcas: Run, tmp_path: Path
) -> None:
    row = {"leg": "1", "queue": "duty", "wait": 9.0, "outcome": "answered", "entered": datetime(2010, 4, 1, tzinfo=UTC)}
    add(Store(tmp_path / "store"), "day.csv", pl.DataFrame([row], schema=SCHEMA))
    code, out, wrong = kcas(*command.split(), "--queue", "dutty", "--store", str(tmp_path / "store"))
    assert (code, out) == (1, "")
    assert "--queue: 'dutty' is no queue of this store. Did you mean 'duty'?" in wrong
