"""Are redials found again in a log, told from calls for other reasons, and put to use without adding a call?"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from kcas.calibration.day_records import day_log
from kcas.calibration.fitted import Fitted, fitted
from kcas.calibration.outside_queue import (
    STEP,
    before_the_queue,
    calls_with_next,
    contacts_of,
    delays_of,
    excess_redials,
    redials_seen,
    ringing,
    times_of,
)
from kcas.calibration.scenario_file import groups, text
from kcas.calibration.simulated_days import simulated_days
from kcas.calibration.staff_on_duty import inferred
from kcas.queueing.scenario_day import exact_day
from kcas.simulation.projection import happened
from kcas.simulation.scenario.file import read_scenario
from kcas.simulation.simulated_calls import simulated_calls
from tests.calls_drawn import drawn
from tests.unit.simulation.known_desk import known_calls, known_scenario

ZONE, DAYS, SHARE, DELAY = "Europe/London", 60, 0.35, 480.0


@cache
def log_with_redials() -> pl.DataFrame:
    """A known desk of which 35 % ring again; besides, every fourth caller has a further matter later in the day."""
    again = {
        "after_abandoning": f"{SHARE:.0%}",
        "delay": {"distribution": "exponential", "mean": f"{DELAY:g} s"},
        "max_redials": 20,
    }
    scenario = known_scenario(teams={"desk": {"agents": 7}}, redials=again)
    _, load, rows = happened(scenario, range(DAYS), seed=5, engine="compiled")
    calls = simulated_calls(scenario, load, rows, first_day=0).with_columns(contact="leg")
    dice = np.random.default_rng(7)
    renamed: dict[str, str] = {}
    for day in calls.partition_by("replication"):
        people = day.group_by("caller").agg(pl.col("entered").min()).sort("entered")["caller"].to_list()
        for place, caller in enumerate(people[:-30]):
            if dice.random() < 0.25:  # ten minutes later or more, when the call in hand is over
                later = people[int(dice.integers(place + 25, min(place + 200, len(people))))]
                renamed.setdefault(later, renamed.get(caller, caller))
    return calls.with_columns(pl.col("caller").replace(renamed))


def log_of(calls: pl.DataFrame) -> Fitted:
    log = day_log(calls.lazy(), zone=ZONE)
    return fitted(log, inferred(log))


def test_the_share_that_rings_again_is_found_within_its_interval_though_others_ring_too() -> None:
    found = redials_seen(log_with_redials().lazy(), zone=ZONE)
    assert found is not None
    assert found.answered > 0.05
    assert found.low < SHARE < found.high
    assert found.high - found.low < 0.06
    assert found.in_use


def test_the_delay_is_found_with_its_quarters() -> None:
    found = redials_seen(log_with_redials().lazy(), zone=ZONE)
    assert found is not None
    error = np.sqrt(found.gave_up * (1 - found.gave_up) / found.of_gave_up) / SHARE
    for moment, longer in found.delays:
        assert abs(np.exp(-moment / DELAY) - longer) < 3 * error


def test_where_nobody_rings_again_for_having_given_up_redials_stay_out_of_use() -> None:
    calls = log_with_redials().filter(pl.col("attempt") == 1)
    found = redials_seen(calls.lazy(), zone=ZONE)
    assert found is not None
    assert found.gave_up > 0.05
    assert found.low == 0.0
    assert not found.in_use


def test_shares_who_ring_again_allow_for_closing_time_as_a_life_table_does() -> None:
    # of four, one rings in the first minute, one is cut short in it, one rings in the second, one outlasts both
    counts = np.array([[1, 1], [1, 0], [1, 0]])
    assert ringing(counts).tolist() == pytest.approx([1 / 3.5, 1 - (1 - 1 / 3.5) * (1 - 1 / 2)])


def test_who_rings_for_neither_reason_is_the_product_of_both() -> None:
    lost, kept = np.array([[6, 0], [4, 0]]), np.array([[2, 0], [8, 0]])
    assert excess_redials(lost, kept).tolist() == pytest.approx([0.5])  # 0.4 = 0.8 × 0.5


def test_delays_are_read_from_the_curve_in_proportion_to_where_it_ends() -> None:
    found = {round(longer, 2): moment for moment, longer in delays_of(np.array([0.1, 0.2, 0.15, 0.4]))}
    assert found[0.75] == pytest.approx(STEP)
    assert found[0.5] == pytest.approx(2 * STEP)
    assert found[0.0] == pytest.approx(4 * STEP)


PICTURE = """
contact caller entered outcome    wait talk
a       ann    10:00   abandoned  60   -
b       ann    10:11   abandoned  60   -
c       ann    10:32   answered   10   60
d       ben    10:00   abandoned  60   -
d       ben    10:01   answered   10   60
e       ben    12:00   abandoned  60   -
f       -      10:00   abandoned  60   -
f2      -      10:05   answered   0    60
g       cat    23:30   abandoned  60   -
h       dan    23:50   answered   0    60
"""


def test_one_call_of_several_legs_is_one_and_callers_without_a_token_are_left_out() -> None:
    known = calls_with_next(contacts_of(drawn(PICTURE), zone=ZONE).filter(pl.col("caller").is_not_null()))
    rows = {row["contact"]: row for row in known.to_dicts()}
    assert set(rows) == {"a", "b", "c", "d", "e", "g", "h"}
    assert rows["d"]["answered"]
    assert not rows["d"]["lost"]
    assert [rows[name]["after"] for name in "abc"] == [600.0, 1200.0, None]
    assert [rows[name]["before"] for name in "abc"] == [0, 1, 2]
    assert rows["g"]["left"] == 19 * 60  # hung up at 23:31; the day's last call is at 23:50
    assert times_of(known) == 2


def test_a_call_on_the_next_day_is_no_redial() -> None:
    night = drawn(PICTURE).collect()
    morning = night.with_columns(pl.col("entered").dt.offset_by("1d"), contact=pl.col("contact") + "next")
    known = calls_with_next(
        contacts_of(pl.concat([night, morning]).lazy(), zone=ZONE).filter(pl.col("caller") == "cat")
    )
    assert known["after"].to_list() == [None, None]


@pytest.fixture(scope="module")
def found() -> Fitted:
    return log_of(log_with_redials())


def written(found: Fitted, calls: pl.DataFrame, path: Path, **changes: Any) -> str:
    before = before_the_queue(calls.lazy(), zone=ZONE)
    path.write_text(text(found, before, groups(found)[0], **changes), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def test_redials_are_put_to_use_without_adding_a_call(found: Fitted, tmp_path: Path) -> None:
    calls, nobody = log_with_redials(), log_with_redials().with_columns(caller=pl.lit(None, dtype=pl.String))
    said = written(found, calls, tmp_path / "with.toml")
    assert "assumed to call again as these do" in " ".join(said.replace("# ", "").split())
    assert "no tokens of callers" in written(found, nobody, tmp_path / "without.toml")
    again, plain = (read_scenario(tmp_path / f"{name}.toml") for name in ("with", "without"))
    assert again.redials is not None
    assert plain.redials is None
    assert again.demand.calls_per_day < plain.demand.calls_per_day
    whole, before = exact_day(again).total, exact_day(plain).total
    assert whole.redials > 0.03 * whole.arrivals
    assert whole.arrivals == pytest.approx(before.arrivals, rel=0.01)
    days, seen = simulated_days(again, days=1500), simulated_days(plain, days=1500)
    assert days.offered.mean() == pytest.approx(seen.offered.mean(), rel=0.01)
    assert np.log(days.offered).std() == pytest.approx(np.log(seen.offered).std(), rel=0.1)
    assert days.lost.sum() / days.offered.sum() == pytest.approx(seen.lost.sum() / seen.offered.sum(), abs=0.01)
    assert days.rate.std() == pytest.approx(seen.rate.std(), rel=0.15)


def test_too_few_known_callers_leave_redials_as_comments_that_say_why(found: Fitted, tmp_path: Path) -> None:
    few = log_with_redials().with_columns(
        caller=pl.when((pl.col("replication") == 1) & (pl.col("entered").dt.hour() < 10)).then(
            "caller"
        )  # of sixty days, the tokens of an hour or two
    )
    said = " ".join(written(found, few, tmp_path / "few.toml").replace("# ", "").split())
    assert "Fewer than 100 are too few to go by" in said
    assert read_scenario(tmp_path / "few.toml").redials is None


def test_a_desk_where_nobody_rings_again_says_that_it_is_no_more_than_chance(tmp_path: Path) -> None:
    calls = known_calls(DAYS).with_columns(contact="leg")
    said = " ".join(written(log_of(calls), calls, tmp_path / "none.toml").replace("# ", "").split())
    assert "That is not more than chance may do" in said
