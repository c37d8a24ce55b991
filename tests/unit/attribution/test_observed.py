"""Are calls, agents and handling read off a log as one would by hand?"""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from kcas.attribution.observed_days import observed
from kcas.calls.call import SCHEMA

MIDNIGHT = datetime(2010, 3, 9, tzinfo=UTC)


def call(at, outcome, *, wait=0.0, talk=None, wrap=None, agent=None):
    """A call at an hour of the day."""
    return dict.fromkeys(SCHEMA) | {
        "leg": f"{at}/{agent}", "queue": "public", "entered": MIDNIGHT + timedelta(hours=at), "outcome": outcome,
        "wait": wait, "talk": talk, "wrap": wrap, "agent": agent,
    }  # fmt: skip


def days(*rows, zone="UTC"):
    return observed(pl.DataFrame(list(rows), schema=SCHEMA, orient="row"), zone=zone)


def answered(at, agent, *, minutes, wait=0.0):
    return call(at, "answered", wait=wait, talk=60.0 * minutes, agent=agent)


def test_calls_are_counted_where_they_entered_and_those_hung_up_on_are_lost():
    found = days(call(9, "abandoned", wait=90), call(9.2, "abandoned_ringing", wait=10), answered(10.6, "a", minutes=6))
    assert found.opens == 9 * 3600
    assert found.calls.tolist() == [[2, 0, 0, 1]]
    assert found.lost.tolist() == [2]
    assert found.queue_time.tolist() == [100]


def test_calls_still_open_or_lost_before_the_queue_are_not_offered():
    found = days(answered(9, "a", minutes=1), call(9.1, "open", wait=5), call(9.1, "left_ivr", wait=None))
    assert found.offered.tolist() == [1]


def test_an_agent_is_there_from_the_first_call_to_the_end_of_the_last():
    # on the phones from 9:00 to 9:45: all of the first half-hour, half of the second
    found = days(answered(9, "a", minutes=6), answered(9.35, "a", minutes=6), answered(9.65, "a", minutes=6))
    assert found.agents.tolist() == [[1.0, pytest.approx(0.5)]]


def test_an_agent_who_takes_nothing_for_longer_than_an_hour_is_away():
    found = days(answered(9, "a", minutes=30), answered(11, "a", minutes=30))
    assert found.agents[0].tolist() == pytest.approx([1, 0, 0, 0, 1])


def test_an_agent_who_takes_nothing_while_callers_wait_for_minutes_is_away():
    calls = answered(9, "a", minutes=30), answered(10, "a", minutes=30)
    assert days(*calls).agents[0].tolist() == pytest.approx([1, 1, 1])
    assert days(*calls, call(9.55, "abandoned", wait=600)).agents[0].tolist() == pytest.approx([1, 0, 1])


def test_two_agents_add_and_a_call_that_waited_begins_when_it_is_answered():
    found = days(answered(9, "a", minutes=30), answered(8.75, "b", minutes=15, wait=900.0))
    assert found.opens == 8.5 * 3600
    assert found.agents[0].tolist() == pytest.approx([0, 1.5])


def test_handling_is_talk_hold_and_wrap_and_a_call_of_hours_is_left_out_of_it():
    found = days(call(9, "answered", talk=100, wrap=20, agent="a"), call(12, "answered", talk=50_000, agent="b"))
    assert found.handle.tolist() == [120]


def test_a_log_that_names_no_agent_has_nobody_on_the_phones():
    found = days(call(9, "answered", talk=100), call(9.1, "answered", talk=100))
    assert found.agents.sum() == 0


def test_days_are_those_of_the_desks_own_clock():
    found = days(answered(23.5, "a", minutes=1), zone="Europe/Athens")
    assert found.dates == (date(2010, 3, 10),)
    assert found.opens == 1.5 * 3600


def test_days_without_a_call_are_no_days():
    found = days(answered(9, "a", minutes=1), answered(9 + 72, "a", minutes=1))
    assert found.dates == (date(2010, 3, 9), date(2010, 3, 12))
