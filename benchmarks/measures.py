"""Day-by-day rates, service level and wait quantiles over ten million calls: ours against DuckDB, one Parquet file.

`python benchmarks/measures.py [CALLS]`. Both read the same file, count the same and must agree before a time is
printed; each is given its best of five, warm.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kcas.calls.call import SCHEMA, Outcome
from kcas.calls.measures import measure
from kcas.desk.standard import Standard

DAYS, OPENS, CLOSES = 730, 8 * 3600, 20 * 3600
BEST_OF = 5

SAME_BY_SQL = """
with local as (
  select (entered at time zone 'Europe/London')::date as day, outcome::varchar as outcome, wait,
         talk + coalesce(hold, 0) + coalesce(wrap, 0) as handle
  from read_parquet('{file}')
),
tally as (
  select day,
    count(*) filter (outcome not in ('left_ivr', 'blocked')) as offered,
    count(*) filter (outcome = 'answered') as answered,
    count(*) filter (outcome in ('abandoned', 'abandoned_ringing')) as abandoned,
    {others},
    count(*) filter (outcome = 'answered' and wait <= 20) as within,
    count(*) filter (outcome in ('abandoned', 'abandoned_ringing') and wait <= 20) as gone_within,
    avg(wait) filter (outcome = 'answered') as average_speed_of_answer,
    avg(handle) filter (outcome = 'answered') as average_handle_time,
    max(wait) filter (outcome not in ('left_ivr', 'blocked')) as longest_wait,
    avg(wait) filter (outcome in ('abandoned', 'abandoned_ringing')) as time_to_abandon_mean,
    quantile_cont(wait, [0.5, 0.9]) filter (outcome in ('abandoned', 'abandoned_ringing')) as time_to_abandon
  from local group by day
),
counted as (
  select day, wait, count(*) as ends, count(*) filter (outcome = 'answered') as answers
  from local where outcome not in ('left_ivr', 'blocked') and wait is not null group by day, wait
),
risk as (
  select *, sum(ends) over (partition by day order by wait rows between current row and unbounded following) as at_risk
  from counted
),
curve as (
  select day, wait, exp(sum(case when answers < at_risk then ln(1 - answers / at_risk) else -1e9 end)
    over (partition by day order by wait)) as waiting
  from risk
),
quantiles as (
  select day, min(wait) filter (waiting <= 0.5 + 1e-12) as wait_p50,
    min(wait) filter (waiting <= 0.1 + 1e-12) as wait_p90,
    min(wait) filter (waiting <= 0.05 + 1e-12) as wait_p95
  from curve group by day
)
select tally.*, wait_p50, wait_p90, wait_p95 from tally left join quantiles using (day) order by day
"""


def make(calls: int, file: Path) -> None:
    """Two years of invented calls: whole seconds, as logs keep them, written as the store writes them."""
    dice = np.random.default_rng(20100401)
    day, second = np.sort(dice.integers(0, DAYS, calls)), np.clip(dice.normal(14, 3, calls) * 3600, OPENS, CLOSES)
    entered = int(datetime(2009, 1, 1, tzinfo=UTC).timestamp()) + day * 86400 + second.astype(np.int64)
    patience, served = dice.exponential(150, calls), np.where(dice.random(calls) < 0.3, 0, dice.exponential(70, calls))
    names = np.array(["answered", "abandoned", "overflowed", "left_ivr"])
    which = np.where(patience < served, 1, np.where(dice.random(calls) < 0.02, 2, 0))
    which = np.where(dice.random(calls) < 0.01, 3, which)
    answered = which == 0
    pl.DataFrame(
        {
            "queue": pl.Series(np.where(dice.random(calls) < 0.9, "desk", "night")),
            "entered": pl.Series(entered * 1_000_000).cast(SCHEMA["entered"]),
            "outcome": pl.Series(names[which]).cast(Outcome),
            "wait": pl.Series(np.where(which == 3, np.nan, np.floor(np.minimum(patience, served)))).fill_nan(None),
            "talk": pl.Series(np.where(answered, np.floor(dice.lognormal(5.5, 0.7, calls)), np.nan)).fill_nan(None),
            "hold": pl.Series(np.where(answered & (dice.random(calls) < 0.2), 30.0, np.nan)).fill_nan(None),
            "wrap": pl.Series(np.where(answered, 45.0, np.nan)).fill_nan(None),
        }
    ).sort("entered").write_parquet(file, row_group_size=500_000)


def best(work: Callable[[], Any]) -> tuple[float, Any]:
    """The shortest of a few runs, and what it gave."""
    shortest, given = float("inf"), None
    for _ in range(BEST_OF):
        began = time.perf_counter()
        given = work()
        shortest = min(shortest, time.perf_counter() - began)
    return shortest, given


def agree(ours: pl.DataFrame, theirs: pl.DataFrame) -> None:
    """Stop unless both counted the same calls and found the same quantiles."""
    pairs = ["offered", "answered", "overflowed", "wait_p50", "wait_p90", "wait_p95", "longest_wait",
             "average_speed_of_answer", "average_handle_time", "time_to_abandon_mean"]  # fmt: skip
    for name in pairs:
        np.testing.assert_allclose(ours[name].to_numpy(), theirs[name].to_numpy(), rtol=1e-9, err_msg=name)
    np.testing.assert_array_equal(ours["abandoned_all"].to_numpy(), theirs["abandoned"].to_numpy())
    for place, name in enumerate(("time_to_abandon_p50", "time_to_abandon_p90")):
        np.testing.assert_allclose(ours[name].to_numpy(), theirs["time_to_abandon"].list.get(place).to_numpy())


def main(calls: int) -> None:
    """Make the calls, time both, print the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "calls.parquet"
        make(calls, file)
        others = ",\n    ".join(
            f"count(*) filter (outcome = '{outcome}') as {outcome}"
            for outcome in Outcome.categories  # type: ignore[attr-defined]
            if outcome not in ("answered", "abandoned")
        )
        sql = SAME_BY_SQL.format(file=file, others=others)
        database = duckdb.connect()
        ours, days = best(lambda: measure(pl.scan_parquet(file), standard=Standard(), by="day"))
        theirs, rows = best(lambda: pl.from_arrow(database.sql(sql).to_arrow_table()))
        agree(days, rows)
        print(f"{calls:,} calls, {days.height} days: ours {ours:.2f} s, DuckDB {duckdb.__version__} {theirs:.2f} s")
        print(f"ratio (DuckDB ÷ ours): {theirs / ours:.2f}")
        for by in ("total", "week", "half-hour"):
            seconds, _ = best(lambda by=by: measure(pl.scan_parquet(file), standard=Standard(), by=by))
            print(f"by {by}: ours {seconds:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 10_000_000)
