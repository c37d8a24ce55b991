"""Is the present read off a log as one would by hand, and nothing that came later?"""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from kcas.calls.call import SCHEMA
from kcas.forecasting.current_state import so_far, timed

DAY = date(2010, 3, 9)
TEN = 10 * 3600.0


def call(minute, outcome, *, wait=0.0, talk=None, agent=None):
    """A call so many minutes before or after ten."""
    entered = datetime(2010, 3, 9, 10, tzinfo=UTC) + timedelta(minutes=minute)
    return dict.fromkeys(SCHEMA) | {
        "leg": f"{minute}/{outcome}", "queue": "public", "entered": entered, "outcome": outcome, "wait": wait,
        "talk": talk, "agent": agent,
    }  # fmt: skip


def at_ten(*rows):
    return so_far(timed(pl.DataFrame(list(rows), schema=SCHEMA, orient="row"), zone="UTC"), day=DAY, now=TEN)


def test_callers_who_had_not_left_the_queue_wait_longest_first_whatever_became_of_them():
    found = at_ten(call(-1, "abandoned", wait=300), call(-2, "answered", wait=600, talk=60, agent="a"))
    assert found.waited.tolist() == [120, 60]
    assert found.decided.height == 0
    assert found.offered == 2


def test_a_call_still_open_as_the_log_ends_waits():
    found = at_ten(call(-3, "open"))
    assert found.waited.tolist() == [180]


def test_an_agent_whose_call_is_not_over_is_on_it():
    found = at_ten(call(-5, "answered", wait=60, talk=1000, agent="a"), call(-4, "answered", talk=None, agent="b"))
    assert sorted(found.talking.tolist()) == [240, 240]
    assert found.handled == 0


def test_an_agent_whose_call_has_ended_is_free_until_a_quarter_of_an_hour_has_passed():
    lately = call(-10, "answered", talk=120, agent="a")
    long_ago = call(-40, "answered", talk=120, agent="b")
    again = call(-3, "answered", talk=1000, agent="c"), call(-9, "answered", talk=60, agent="c")
    found = at_ten(lately, long_ago, *again)
    assert found.done.tolist() == [480]
    assert found.last_talk.tolist() == [120]
    assert len(found.talking) == 1


def test_nothing_later_is_looked_at():
    rows = [call(-5, "abandoned", wait=30), call(5, "abandoned", wait=30), call(-30, "answered", talk=60, agent="a")]
    assert at_ten(*rows).decided.height == at_ten(rows[0], rows[2]).decided.height == 2
    assert at_ten(*rows).offered == 2


def test_a_leftover_of_the_night_does_not_wait():
    assert at_ten(call(-200, "open")).waited.size == 0
