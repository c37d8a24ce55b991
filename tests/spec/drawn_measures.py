"""What each measure means, drawn: calls as text, and the figures a hand makes of them.

`test_measures.py` holds the product to every one; `docs/measures.md` is written from them.
"""

from dataclasses import dataclass, field
from typing import Any

MORNING = """
outcome            wait
answered           0
answered           12
answered           20
answered           25
answered           70
abandoned          3
abandoned          5
abandoned          30
abandoned          31
abandoned          61
abandoned_ringing  20
callback           40
voicemail          15
overflowed         50
open               -
left_ivr           -
left_ivr           -
blocked            -
"""
"""N = 5 answered, A = 6 abandoned, 3 left otherwise, 1 still open: 15 offered, O = 14."""

EXACTLY = """
outcome    wait
answered   10
abandoned  4
abandoned  5
abandoned  6
abandoned  30
abandoned  31
"""


@dataclass(frozen=True)
class Drawn:
    """Calls in a picture, the question put to them, and what a hand makes of it, row by row."""

    heading: str
    says: str
    calls: str
    rows: tuple[dict[str, Any], ...]
    by: str = "total"
    rate: dict[str, Any] = field(default_factory=dict)  # key, short
    level: dict[str, Any] = field(default_factory=dict)  # key, within, short
    standard: dict[str, Any] = field(default_factory=dict)
    table: str = ""  # rows of an interval table: start end measure threshold amount


def rate(key: str, halves: str, says: str, *, calls: str = MORNING, heading: str = "", **settings: Any) -> Drawn:
    """An abandonment rate, its two halves written as "6/14"."""
    settings = {name: value for name, value in settings.items() if value is not None}
    standard = {"equal_is_short": settings.pop("equal_is_short")} if "equal_is_short" in settings else {}
    return Drawn(heading or f"`{key}`", says, calls, ({"rate": halves},), rate={"key": key, **settings},
                 standard=standard)  # fmt: skip


def level(key: str, halves: str, says: str) -> Drawn:
    """A service level of the morning, at 20 s and with 5 s short."""
    return Drawn(f"`{key}`", says, MORNING, ({"service_level": halves},), level={"key": key, "within": 20, "short": 5})


COUNTS = (
    Drawn(
        "The morning",
        "Every call has one outcome. Offered is the sum of the outcomes in the queue; who was lost before the queue is "
        "counted beside it.",
        MORNING,
        (
            {
                "offered": 15, "answered": 5, "abandoned": 5, "abandoned_ringing": 1, "callback": 1, "voicemail": 1,
                "overflowed": 1, "timed_out": 0, "exit_key": 0, "no_agents": 0, "failed": 0, "open": 1,
                "left_ivr": 2, "blocked": 1, "unexplained": 0,
            },
        ),
    ),
)  # fmt: skip

RATES = (
    rate("all_offered", "6/14", "All six who hung up, of the fourteen offered that are not still open."),
    rate("short_excluded", "4/12", "The two who hung up within 5 s are taken out above and below.", short=5),
    rate("cisco_short", "4/14", "The two within 5 s are taken out above only.", short=5),
    rate("nhs111_mds", "2/14", "Only 31 s and 61 s are more than 30 s; 30 s itself is not."),
    rate("nhs_direct", "2/7", "The two after 30 s, of those answered and those two."),
    rate("of_decided", "6/11", "Callback, voicemail and overflow are neither answered nor abandoned, and not below."),
    rate("unanswered", "9/14", "Everybody offered and not answered, however they left."),
    rate("after_60s", "1/14", "Only 61 s is more than 60 s."),
    rate("with_ivr", "8/16", "The two who hung up in the menu join both halves."),
    rate("with_blocked", "7/15", "The busy tone joins both halves."),
    rate(
        "lost_callers",
        "3/5",
        "Ann was answered at her second try; Bob's answer came a day later, so he was lost on the 12th; Dee met the "
        "busy tone, and Eve hung up in the menu: they are callers too, before any queue. Callers are counted day by "
        "day, and a call without a token tells nothing.",
        calls="""
entered                    outcome    wait  caller
2010-04-12T09:00:00+01:00  abandoned  60    Ann
2010-04-12T09:05:00+01:00  answered   60    Ann
2010-04-12T09:10:00+01:00  abandoned  60    Bob
2010-04-13T09:00:00+01:00  answered   60    Bob
2010-04-13T09:30:00+01:00  blocked    -     Dee
2010-04-13T09:40:00+01:00  abandoned  60    -
2010-04-13T09:50:00+01:00  left_ivr   -     Eve
""",
    ),
)

THRESHOLDS = (
    rate("short_excluded", "3/4", "At 5 s, a wait of exactly 5 s is short: 4 s and 5 s are taken out.",
         calls=EXACTLY, short=5, heading="Equal is short"),
    rate("short_excluded", "4/5", "With `equal_is_short = false` only 4 s is short.",
         calls=EXACTLY, short=5, equal_is_short=False, heading="Equal is not short"),
    rate("short_excluded", "2/3", "Mitel's 6 s or less.", calls=EXACTLY, short=6, heading="Another threshold"),
    rate("nhs111_mds", "1/6", "NHS 111: more than 30 s counts, so 31 s does and 30 s does not.",
         calls=EXACTLY, heading="More than 30 seconds"),
    rate("short_excluded", "1/2", "Seconds are compared as they are, never rounded: 5.001 s is not short.",
         calls="outcome wait\nanswered 1\nabandoned 5\nabandoned 5.001\n", heading="Exact seconds"),
    rate("short_excluded", "1/2", "No one's wait is guessed: an abandoned call without one is not short.",
         calls="outcome wait\nanswered 1\nabandoned 5\nabandoned -\n", heading="No wait known"),
)  # fmt: skip

LEVELS = (
    level("sl_negative", "3/11", "Answered at 0, 12 and 20 s, of those answered or abandoned."),
    level("sl_answered", "3/5", "Of those answered alone."),
    level("sl_positive", "6/11", "Who hung up at 3, 5 and 20 s counts as served in time."),
    level("sl_ignored", "3/8", "Who hung up at 3, 5 and 20 s is left out below."),
    level("sl_offered", "3/14", "Of all offered that are not still open."),
    level("sl_short", "5/11", "Who hung up at 3 and 5 s, within the short threshold, counts as served in time."),
    Drawn(
        "Where exactly the short threshold is not short",
        "With `equal_is_short = false` only 3 s is short, so `sl_short` has one fewer.",
        MORNING,
        ({"service_level": "4/11"},),
        level={"key": "sl_short", "within": 20, "short": 5},
        standard={"equal_is_short": False},
    ),
)

WAITS = (
    Drawn(
        "Means, and times to abandon",
        "The average speed of answer is of answered calls, the one answered at once included: 127 ÷ 5. Times to "
        "abandon are plain: mean 150 ÷ 6, median half-way between 20 and 30, the 90th at place 5.5 of 6.",
        MORNING,
        (
            {
                "average_speed_of_answer": 25.4, "longest_wait": 70, "time_to_abandon_mean": 25,
                "time_to_abandon_p50": 25, "time_to_abandon_p90": 46,
            },
        ),
    ),
    Drawn(
        "The wait offered",
        "An answer ends the wait; who hung up at 20 s had waited at least so long. Of five, one is answered at 10 s "
        "(4/5 still wait), of the three left one at 30 s (4/5 × 2/3 = 8/15), of two one at 40 s (4/15), the "
        "last at 90 s. So half are answered by 40 s; the plain median of the answered would say 35 s.",
        "outcome wait\nanswered 10\nabandoned 20\nanswered 30\nanswered 40\nanswered 90\n",
        ({"wait_p50": 40, "wait_p90": 90, "wait_p95": 90, "average_speed_of_answer": 42.5},),
    ),
    Drawn(
        "Too few answered to tell",
        "When the longest waits end in hanging up, no one knows when the rest would have been answered.",
        "outcome wait\nanswered 10\nabandoned 20\nabandoned 30\nabandoned 40\n",
        ({"wait_p50": None, "wait_p90": None, "longest_wait": 40},),
    ),
    Drawn(
        "Handling",
        "Talk, hold and wrap-up of answered calls whose talk is known: (100 + 20 + 30 + 200) ÷ 2. A call still "
        "talking when the log ended is answered, and has no handling yet.",
        "outcome wait talk hold wrap\nanswered 5 100 20 30\nanswered 5 200 - -\nanswered 5 - - -\n",
        ({"average_handle_time": 175, "answered": 3, "average_speed_of_answer": 5},),
    ),
    Drawn(
        "Callbacks do not improve a rate",
        "A callback is neither answered nor abandoned. Contact c1 was reached by a later leg, c2 never was: with c2 "
        "counted as lost the rate would be 2/5.",
        """
entered  outcome    wait  contact
09:00    answered   5     c0
09:01    callback   60    c1
09:02    callback   60    c2
09:03    abandoned  90    c3
09:30    answered   0     c1
""",
        ({"rate": "1/5", "callback": 2, "callback_unreached": 1, "rate_with_callbacks": 0.4},),
    ),
    Drawn(
        "An earlier answer does not reach a callback",
        "Contact c1 was answered first and asked to be rung back afterwards, which no one did. Contact c2 was rung "
        "back twice: the first try is a callback again, the second an answer. Of c3's legs of the same second the "
        "answer is the later line.",
        """
entered  outcome    wait  contact
09:00    answered   5     c1
09:10    callback   60    c1
09:01    callback   60    c2
09:20    callback   30    c2
09:40    answered   0     c2
09:50    callback   0     c3
09:50    answered   0     c3
""",
        ({"rate": "0/7", "callback": 4, "callback_unreached": 1, "rate_with_callbacks": 1 / 7},),
    ),
)  # fmt: skip

ANSWERED_LATER = """
entered  queue     outcome    wait  caller
09:10    duty      abandoned  60    Ann
09:20    duty      abandoned  60    Bob
09:30    duty      answered   5     Cis
10:00    children  answered   60    Ann
10:30    children  abandoned  60    Cis
"""

CALLERS = (
    Drawn(
        "A caller lost at nine and answered at ten is not lost",
        "A caller counts in each hour in which they rang, and as lost only where no call of theirs was answered that "
        "day. Ann was answered at ten, Cis at half past nine; Bob never. The day has 1/3: its hours do not add up.",
        ANSWERED_LATER,
        (
            {"start": "2010-04-12T09:00:00+01:00", "rate": "1/3"},
            {"start": "2010-04-12T10:00:00+01:00", "rate": "0/2"},
        ),
        by="hour",
        rate={"key": "lost_callers"},
    ),
    Drawn(
        "The whole day of these callers",
        "Ann, Bob and Cis, and only Bob was never answered.",
        ANSWERED_LATER,
        ({"start": "2010-04-12T00:00:00+01:00", "rate": "1/3"},),
        by="day",
        rate={"key": "lost_callers"},
    ),
    Drawn(
        "A caller answered in another queue is not lost",
        "The same for queues, and for `--queue`: an answer that day counts, in whatever queue it came.",
        ANSWERED_LATER,
        ({"queue": "children", "rate": "0/2"}, {"queue": "duty", "rate": "1/3"}),
        by="queue",
        rate={"key": "lost_callers"},
    ),
)

GROUPS = (
    Drawn(
        "A call belongs to its queue entry",
        "In London's summer, 22:59:59 UTC is a second before midnight: the wait may go on into another day.",
        """
entered                    outcome   wait
2010-04-11T22:59:59+00:00  answered  600
2010-04-11T23:00:00+00:00  answered  1
2010-04-12T08:00:00+00:00  answered  1
""",
        ({"start": "2010-04-11T00:00:00+01:00", "offered": 1}, {"start": "2010-04-12T00:00:00+01:00", "offered": 2}),
        by="day",
    ),
    Drawn(
        "The hour that comes twice",
        "On the last Sunday of October 01:00 comes twice, and is two intervals, told apart by their UTC offset.",
        """
entered                    outcome    wait
2010-10-31T01:10:00+01:00  answered   1
2010-10-31T01:50:00+01:00  answered   1
2010-10-31T01:10:00+00:00  abandoned  1
2010-10-31T02:10:00+00:00  answered   1
""",
        (
            {"start": "2010-10-31T01:00:00+01:00", "offered": 2, "rate": "0/2"},
            {"start": "2010-10-31T01:00:00+00:00", "offered": 1, "rate": "1/1"},
            {"start": "2010-10-31T02:00:00+00:00", "offered": 1, "rate": "0/1"},
        ),
        by="hour",
    ),
    Drawn(
        "The hour that never comes",
        "On the last Sunday of March 00:59:59 is followed by 02:00:00; the day has 23 hours.",
        """
entered                    outcome    wait
2010-03-28T00:59:59+00:00  answered   1
2010-03-28T01:00:00+00:00  abandoned  1
""",
        (
            {"start": "2010-03-28T00:30:00+00:00", "offered": 1},
            {"start": "2010-03-28T02:00:00+01:00", "offered": 1},
        ),
        by="half-hour",
    ),
    Drawn(
        "Weeks begin on Monday",
        "A Sunday and the Monday after it are two weeks.",
        "entered outcome wait\n2010-04-11T12:00:00+01:00 answered 1\n2010-04-12T12:00:00+01:00 answered 1\n",
        ({"start": "2010-04-05T00:00:00+01:00", "offered": 1}, {"start": "2010-04-12T00:00:00+01:00", "offered": 1}),
        by="week",
    ),
    Drawn(
        "Times of day and weekdays fold",
        "The same half hour of every day is one group; the hour that comes twice folds onto itself.",
        """
entered                    outcome    wait
2010-10-29T01:10:00+01:00  answered   1
2010-10-31T01:10:00+01:00  answered   1
2010-10-31T01:10:00+00:00  abandoned  1
2010-10-30T14:40:00+01:00  answered   1
""",
        ({"group": "01:00", "rate": "1/3"}, {"group": "14:30", "rate": "0/1"}),
        by="time-of-day",
    ),
    Drawn(
        "Percentiles come from calls",
        "Two days, nine quick answers and one slow: the median of the period is of its ten calls, not of its days' "
        "medians (10 and 100), and the rate is of its counts.",
        "entered outcome wait\n"
        + "2010-04-12T12:00:00+01:00 answered 10\n" * 9
        + "2010-04-13T12:00:00+01:00 answered 100\n",
        ({"wait_p50": 10, "wait_p90": 10, "wait_p95": 100, "average_speed_of_answer": 19},),
    ),
)

TABLES = (
    Drawn(
        "A table that tells its own offered and answered",
        "40 offered, 30 answered and 6 abandoned after 30 s leave 4 unexplained: shown, not hidden. All who "
        "abandoned are not told, so neither is a rate that needs them.",
        "",
        ({"offered": 40, "answered": 30, "rate": "6/40", "unexplained": 4, "abandoned": None, "wait_p50": None},),
        rate={"key": "nhs111_mds"},
        table="""
start  end    measure         threshold  amount
08:00  08:30  offered         -          40
08:00  08:30  answered        -          30
08:00  08:30  abandoned_over  30         6
""",
    ),
    Drawn(
        "What a table does not tell",
        "The same table by `all_offered`.",
        "",
        ({"offered": 40, "numerator": None, "rate": None,
          "not_available": "all_offered: the log does not tell abandoned_all"},),
        level={"key": "sl_answered", "within": 20},
        table="""
start  end    measure          threshold  amount
08:00  08:30  offered          -          40
08:00  08:30  answered         -          30
08:00  08:30  answered_within  20         20
08:00  08:30  abandoned_over   30         6
""",
    ),
    Drawn(
        "A row that straddles two groups",
        "From 08:15 to 08:45 is neither 08:00 nor 08:30: it is left out, and the answer says so.",
        "",
        ({"start": "2010-04-12T08:00:00+01:00", "offered": 40},),
        by="half-hour",
        table="""
start  end    measure  threshold  amount
08:00  08:30  offered  -          40
08:15  08:45  offered  -          100
""",
    ),
)  # fmt: skip

CHAPTERS = {
    "Counts": COUNTS,
    "Abandonment rates": RATES,
    "Which side a threshold falls": THRESHOLDS,
    "Service levels, at 20 seconds": LEVELS,
    "Waits and handling": WAITS,
    "Callers": CALLERS,
    "Groups": GROUPS,
    "Interval tables": TABLES,
}
