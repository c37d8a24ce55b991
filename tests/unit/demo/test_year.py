"""Is the invented year plausible, and invented in every place where it might be taken for real?"""

import re
from collections import defaultdict
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from kcas.calls.call import OUTCOMES
from kcas.demo.prepare import SampleLogs
from kcas.demo.year import invent_year, open_days

OFCOM_DRAMA = re.compile(
    r"01632960\d{3}|07700900\d{3}|03069990\d{3}|02079460\d{3}|02920180\d{3}|01(1[3-8]|[2-6]1)4960\d{3}", re.ASCII
)
BANK_HOLIDAYS = (
    date(2009, 12, 25), date(2009, 12, 28), date(2010, 1, 1), date(2010, 4, 2),
    date(2010, 4, 5), date(2010, 5, 3), date(2010, 5, 31), date(2010, 8, 30),
)  # fmt: skip


@pytest.fixture(scope="module")
def queued(sample: SampleLogs) -> pl.DataFrame:
    """Calls that reached the queue, with their local day."""
    day = pl.col("entered").dt.convert_time_zone("Europe/London").dt.date().alias("day")
    return sample.calls.filter(pl.col("wait").is_not_null()).with_columns(day)


def lost_share(calls: pl.DataFrame) -> float:
    lost = calls.filter(pl.col("outcome").is_in(["abandoned", "abandoned_ringing"]))
    return len(lost) / len(calls)


def test_the_same_seed_makes_the_same_year_and_another_seed_another(sample: SampleLogs) -> None:
    assert invent_year().equals(sample.calls)
    assert not invent_year(seed=7).equals(sample.calls)


def test_fifteen_to_twenty_per_cent_give_up_before_april_and_eight_to_eleven_after_june(queued: pl.DataFrame) -> None:
    assert 0.15 < lost_share(queued.filter(pl.col("day") < date(2010, 4, 1))) < 0.20
    assert 0.08 < lost_share(queued.filter(pl.col("day") >= date(2010, 7, 1))) < 0.11


def test_a_weekday_has_some_seven_hundred_calls_and_mondays_most(queued: pl.DataFrame) -> None:
    days = queued.group_by("day").agg(calls=pl.len())
    assert 620 < days["calls"].mean() < 730
    by_weekday = days.group_by(pl.col("day").dt.weekday()).agg(pl.col("calls").mean()).sort("day")
    assert by_weekday["day"].to_list() == [1, 2, 3, 4, 5]
    assert by_weekday["calls"].arg_max() == 0


def test_nobody_reaches_the_queue_on_a_bank_holiday(queued: pl.DataFrame) -> None:
    assert not set(BANK_HOLIDAYS) & set(queued["day"])
    assert set(open_days()) == set(queued["day"])
    assert len(open_days()) == 261 - len(BANK_HOLIDAYS)


def test_handling_takes_ten_minutes_before_the_changes_and_less_after(queued: pl.DataFrame) -> None:
    handled = queued.filter(pl.col("outcome") == "answered").with_columns(
        handling=pl.col("talk") + pl.col("hold") + pl.col("wrap")
    )
    before = handled.filter(pl.col("day") < date(2010, 4, 1))["handling"].mean()
    after = handled.filter(pl.col("day") >= date(2010, 7, 1))["handling"].mean()
    assert before == pytest.approx(600, rel=0.03)
    assert after / before == pytest.approx(0.85, abs=0.02)


def test_no_more_than_thirteen_are_ever_on_the_phones(queued: pl.DataFrame) -> None:
    answered = queued.filter(pl.col("outcome") == "answered", pl.col("day") < date(2009, 11, 1))
    took = pl.col("entered").dt.epoch("s") + pl.col("wait")
    begins = answered.select(at=took + 2, change=pl.lit(1))  # two seconds: each of three roundings
    ends = answered.select(at=took + pl.sum_horizontal("talk", "hold", "wrap"), change=pl.lit(-1))
    busy = pl.concat([begins, ends]).sort("at", "change")["change"].cum_sum()
    assert busy.max() == 13


def test_callers_are_answered_in_the_order_in_which_they_came(queued: pl.DataFrame) -> None:
    answered = queued.filter(pl.col("outcome") == "answered")  # the frame is in order of coming
    taken = answered.select(pl.col("entered").dt.epoch("s") + pl.col("wait")).to_series()
    assert (taken.diff().drop_nulls() >= -1).all()  # whole seconds: a wait and a moment are each rounded


def test_professionals_hang_up_sooner_than_the_public(queued: pl.DataFrame) -> None:
    public, professionals = (queued.filter(pl.col("type") == kind) for kind in ("public", "professionals"))
    assert lost_share(professionals) > lost_share(public)


def test_some_who_gave_up_ring_again_within_the_hour(queued: pl.DataFrame) -> None:
    lost = queued.filter(pl.col("outcome") == "abandoned").drop_nulls("caller")
    hour = timedelta(hours=1)
    moments: dict[str, list[datetime]] = defaultdict(list)
    for caller, entered in queued.drop_nulls("caller").select("caller", "entered").iter_rows():
        moments[caller].append(entered)
    again = [
        any(entered < later <= entered + hour for later in moments[caller])
        for caller, entered in lost.select("caller", "entered").iter_rows()
    ]
    assert 0.2 < sum(again) / len(again) < 0.4


def test_every_number_is_one_that_ofcom_keeps_for_drama(sample: SampleLogs) -> None:
    numbers = sample.calls["caller"].drop_nulls().unique()
    assert [number for number in numbers if not OFCOM_DRAMA.fullmatch(number)] == []
    assert 0.10 < sample.calls["caller"].null_count() / len(sample.calls) < 0.14


def test_every_outcome_is_one_that_a_call_can_have(sample: SampleLogs) -> None:
    assert set(sample.calls["outcome"]) <= set(OUTCOMES)
    assert {"answered", "abandoned", "abandoned_ringing", "exit_key", "left_ivr", "blocked"} <= set(
        sample.calls["outcome"]
    )
