"""Laws that hold of any calls at all, and naive second implementations."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcas.calls.call import LOST, OFFERED, OUTCOMES, SCHEMA
from kcas.calls.definitions import RATES, SERVICE_LEVELS, the_definition, the_service_level
from kcas.calls.histogram import added, histogram, tally
from kcas.calls.measures import QUANTILES, measure
from kcas.calls.rates import with_rates
from kcas.desk.standard import Standard

DESK = Standard()
OCTOBER = datetime(2010, 10, 29, 12, tzinfo=UTC)  # three days about the hour that comes twice
Row = tuple[int, str, float | None, str, str | None]

rows = st.lists(
    st.tuples(
        st.integers(0, 3 * 24 * 60),
        st.sampled_from(list(OUTCOMES)),
        st.none() | st.integers(0, 90).map(float),
        st.sampled_from(["desk", "night"]),
        st.sampled_from([None, "a", "b", "c"]),
    ),
    max_size=40,
)


def frame(drawn: list[Row]) -> pl.DataFrame:
    """Calls of minutes after the start, outcome, wait, queue and caller."""
    calls = [
        {
            **dict.fromkeys(SCHEMA),
            "leg": str(number),
            "queue": queue,
            "entered": OCTOBER + timedelta(minutes=minute),
            "outcome": outcome,
            "wait": None if outcome in ("open", "left_ivr", "blocked") else wait,
            "talk": 100.0 if outcome == "answered" else None,
            "contact": str(number),
            "caller": caller,
        }
        for number, (minute, outcome, wait, queue, caller) in enumerate(drawn)
    ]
    return pl.DataFrame(calls, schema={**SCHEMA, "outcome": pl.String()}).cast({"outcome": SCHEMA["outcome"]})


@settings(max_examples=60, deadline=None)
@given(rows)
def test_every_offered_call_has_one_outcome(drawn: list[Row]) -> None:
    row = measure(frame(drawn).lazy(), standard=DESK).row(0, named=True)
    ends = Counter(outcome for _, outcome, *_ in drawn)
    assert {outcome: row[outcome] for outcome in OUTCOMES} == {outcome: ends[outcome] for outcome in OUTCOMES}
    assert row["offered"] == sum(row[outcome] for outcome in OFFERED) == sum(ends[outcome] for outcome in OFFERED)
    assert row["unexplained"] == 0


@settings(max_examples=40, deadline=None)
@given(
    rows, rows, st.sampled_from([key for key in RATES if key != "lost_callers"]), st.sampled_from(list(SERVICE_LEVELS))
)
def test_the_rate_of_the_whole_is_made_of_the_counts_of_its_parts(
    first: list[Row], second: list[Row], key: str, level_key: str
) -> None:
    rate, level = the_definition(DESK, key=key), the_service_level(DESK, key=level_key)
    one = pl.lit(0, dtype=pl.UInt32).alias("number")
    parts = [
        tally(histogram(frame(part).lazy(), keys=[one]), keys=["number"], definition=rate, service_level=level)
        for part in (first, second)
    ]
    pooled = with_rates(added(parts, keys=["number"]), definition=rate, service_level=level)
    whole = measure(frame(first + second).lazy(), standard=DESK, definition=rate, service_level=level)
    if not first + second:
        assert pooled.is_empty()
        return
    for name in (*OUTCOMES, "numerator", "denominator", "rate", "low", "high", "service_level",
                 "average_speed_of_answer", "average_handle_time", "longest_wait", "time_to_abandon_mean"):  # fmt: skip
        assert pooled[name][0] == whole[name][0], name


@settings(max_examples=40, deadline=None)
@given(rows, st.integers(0, 2**32 - 1), st.sampled_from(["total", "hour", "weekday", "queue"]))
def test_the_order_of_calls_does_not_matter(drawn: list[Row], seed: int, by: str) -> None:
    calls = frame(drawn)
    shuffled = calls.sample(fraction=1, shuffle=True, seed=seed)
    assert measure(shuffled.lazy(), standard=DESK, by=by).equals(measure(calls.lazy(), standard=DESK, by=by))


def started(moment: datetime, by: str) -> datetime:
    """The start of a moment's group, by a clock and nothing else."""
    if by in ("hour", "half-hour", "quarter-hour"):
        minutes = {"hour": 60, "half-hour": 30, "quarter-hour": 15}[by]
        return moment.replace(minute=moment.minute - moment.minute % minutes, second=0)
    day = moment.replace(hour=0, minute=0, second=0, fold=0)
    if by == "week":
        return day - timedelta(days=moment.weekday())
    return day.replace(day=1) if by == "month" else day


@settings(max_examples=60, deadline=None)
@given(
    rows,
    st.sampled_from(["month", "week", "day", "hour", "half-hour", "quarter-hour"]),
    st.sampled_from(["Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_calls_are_grouped_as_a_clock_on_the_wall_would(drawn: list[Row], by: str, zone: str) -> None:
    found = measure(frame(drawn).lazy(), standard=Standard(time_zone=zone), by=by)
    clock = ZoneInfo(zone)
    local = [(OCTOBER + timedelta(minutes=minute)).astimezone(clock) for minute, *_ in drawn]
    expected = Counter(started(moment, by).isoformat() for moment in local)
    everyone = found.select(pl.sum_horizontal(list(OUTCOMES))).to_series().to_list()
    assert dict(zip([start.isoformat() for start in found["start"]], everyone, strict=True)) == dict(expected)
    assert found["start"].is_sorted()


def waits_by_hand(drawn: list[Row]) -> list[tuple[float, bool]]:
    return [(wait, outcome == "answered") for _, outcome, wait, *_ in drawn
            if outcome in OFFERED and outcome != "open" and wait is not None]  # fmt: skip


def offered_by(waits: list[tuple[float, bool]], share: float) -> float | None:
    """Kaplan and Meier, one caller after another."""
    waiting = 1.0
    for time in sorted({wait for wait, _ in waits}):
        at_risk = sum(wait >= time for wait, _ in waits)
        waiting *= 1 - sum(wait == time and answered for wait, answered in waits) / at_risk
        if waiting <= 1 - share + 1e-12:
            return time
    return None


@settings(max_examples=80, deadline=None)
@given(rows)
def test_quantiles_are_those_of_a_naive_second_implementation(drawn: list[Row]) -> None:
    row = measure(frame(drawn).lazy(), standard=DESK).row(0, named=True)
    waits = waits_by_hand(drawn)
    for name, share in (("wait_p50", 0.5), ("wait_p90", 0.9), ("wait_p95", 0.95)):
        assert row[name] == offered_by(waits, share)
    lost = [wait for _, outcome, wait, *_ in drawn if outcome in LOST and wait is not None]
    for name, share in (("time_to_abandon_p50", 0.5), ("time_to_abandon_p90", 0.9)):
        assert row[name] == (pytest.approx(np.quantile(lost, share)) if lost else None)
    assert row["longest_wait"] == (max(wait for wait, _ in waits) if waits else None)


@settings(max_examples=40, deadline=None)
@given(rows)
def test_lost_callers_are_those_of_a_naive_second_implementation(drawn: list[Row]) -> None:
    rate = the_definition(DESK, key="lost_callers")
    row = measure(frame(drawn).lazy(), standard=DESK, definition=rate).row(0, named=True)
    days: dict[tuple[str, object], set[str]] = {}
    for minute, outcome, _, _, caller in drawn:
        if caller and outcome != "open":
            day = (OCTOBER + timedelta(minutes=minute)).astimezone(ZoneInfo("Europe/London")).date()
            days.setdefault((caller, day), set()).add(outcome)
    if not days:
        assert row["rate"] is None
        return
    assert row["denominator"] == len(days)
    assert row["numerator"] == sum("answered" not in outcomes for outcomes in days.values())


def test_quantiles_of_many_waits_are_the_same_however_they_are_spread() -> None:
    """Whole and broken seconds take the same path: 3,000 calls of three queues against the naive curve."""
    dice = random.Random(20100401)
    drawn: list[Row] = [
        (dice.randrange(60), dice.choice(["answered", "answered", "abandoned", "callback"]),
         round(dice.expovariate(1 / 60), dice.choice([0, 3])), dice.choice(["desk", "night"]), None)
        for _ in range(3000)
    ]  # fmt: skip
    found = measure(frame(drawn).lazy(), standard=DESK, by="queue")
    for row in found.iter_rows(named=True):
        waits = waits_by_hand([call for call in drawn if call[3] == row["queue"]])
        assert [row[name] for name in QUANTILES[:3]] == [offered_by(waits, share) for share in (0.5, 0.9, 0.95)]


@settings(max_examples=20, deadline=None)
@given(st.lists(rows, min_size=1, max_size=3), st.sampled_from(["total", "day", "queue"]))
def test_each_replication_is_measured_as_if_it_were_alone(replications: list[list[Row]], by: str) -> None:
    frames = [frame(drawn).with_columns(replication=pl.lit(n)) for n, drawn in enumerate(replications)]
    together = measure(pl.concat(frames).lazy(), standard=DESK, by=by, per=["replication"])
    for number, calls in enumerate(frames):
        alone = measure(calls.lazy(), standard=DESK, by=by)
        mine = together.filter(pl.col("replication") == number).drop("replication")
        assert mine.equals(alone if calls.height else alone.clear())
