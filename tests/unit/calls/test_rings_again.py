"""Are those who ring again told from those who do not, and those cut off by the log's end from both?"""

from datetime import UTC, datetime

import polars as pl
import pytest

from kcas.calls.call import SCHEMA
from kcas.calls.callers import RingsAgain, Share, rings_again

ENDS = datetime(2026, 7, 8, 12, 0, tzinfo=UTC)


def told(drawn: str) -> RingsAgain:
    """Calls drawn a line each: day and UTC time, caller or -, outcome, and its contact where legs share one."""
    rows = []
    for n, line in enumerate(drawn.strip().splitlines()):
        day, clock, caller, outcome, *contact = line.split()
        moment = datetime.fromisoformat(f"2026-07-{day}T{clock}:00+00:00")
        rows.append({"leg": str(n), "contact": contact[0] if contact else str(n), "queue": "kcas", "entered": moment,
                     "outcome": outcome, "caller": None if caller == "-" else caller})  # fmt: skip
    frame = pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)
    return rings_again(frame.lazy(), zone="Europe/London", until=ENDS)


def test_a_caller_who_rings_again_and_is_answered_within_the_hour_got_through() -> None:
    found = told(
        """
        06 09:00 ann abandoned
        06 09:20 ann answered
        """
    )
    assert (found.again_in_an_hour, found.through_in_an_hour) == (Share(1, 1), Share(1, 1))
    assert (found.again_that_day, found.through_that_day) == (Share(1, 1), Share(1, 1))


def test_each_call_given_up_is_followed_on_its_own() -> None:
    # Ann gives up three times before she is answered at 11:00: the first two rings are followed within the hour,
    # only the third within the hour by an answer; all three by one that day. Bob never rings again.
    found = told(
        """
        06 09:00 ann abandoned
        06 09:20 ann abandoned_ringing
        06 10:10 ann abandoned
        06 11:00 ann answered
        06 09:00 bob abandoned
        """
    )
    assert found.again_in_an_hour == Share(3, 4)
    assert found.through_in_an_hour == Share(1, 4)
    assert found.again_that_day == found.through_that_day == Share(3, 4)


def test_the_day_is_the_desks_and_not_greenwichs() -> None:
    # 23:30 by UTC on 6 July is half past midnight on the 7th in Kent.
    found = told(
        """
        06 22:50 ann abandoned
        06 23:30 ann answered
        """
    )
    assert found.through_in_an_hour == Share(1, 1)
    assert found.through_that_day == Share(0, 1)


def test_a_caller_whose_number_is_withheld_is_counted_as_lost_and_not_as_known() -> None:
    found = told(
        """
        06 09:00 -   abandoned
        06 09:05 -   answered
        06 09:00 ann abandoned
        """
    )
    assert (found.lost, found.known) == (2, 1)
    assert found.again_in_an_hour == Share(0, 1)


def test_another_leg_of_the_same_contact_is_not_ringing_again() -> None:
    found = told(
        """
        06 09:00 ann abandoned c1
        06 09:01 ann answered  c1
        06 09:00 bob abandoned c2
        06 09:01 bob abandoned c2
        """
    )
    assert (found.lost, found.again_in_an_hour) == (1, Share(0, 1))


def test_who_gave_up_in_the_logs_last_hour_has_had_no_hour_to_ring_again() -> None:
    found = told(
        """
        08 11:30 ann abandoned
        08 10:30 bob abandoned
        """
    )
    assert found.again_in_an_hour == Share(0, 1)
    assert found.again_that_day == Share(0, 0)
    assert found.again_that_day.interval is None


def test_hanging_up_in_the_menu_is_neither_giving_up_nor_ringing_again() -> None:
    found = told(
        """
        06 09:00 ann abandoned
        06 09:05 ann left_ivr
        06 09:10 bob left_ivr
        """
    )
    assert (found.lost, found.again_in_an_hour) == (1, Share(0, 1))


def test_a_share_bears_its_interval() -> None:
    assert Share(15, 148).interval == pytest.approx((0.0624, 0.1605), abs=5e-5)  # Newcombe 1998, table I
