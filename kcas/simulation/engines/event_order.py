"""Order of events that fall in the same millisecond.

Both engines order events by (time, class, row) and by nothing else; this is the only place that says how.
The three fit one whole number, which is what the compiled engine's heap holds.
"""

AGENT_FREE = 0  # an agent's talk and wrap-up are over
LINE_FREE = 1  # a caller's line is given back: no event, for only arrivals ask, and all come after
STAFF_CHANGE = 2  # a team grows or shrinks; closing time is the last of these
HANG_UP = 3  # a waiting caller goes by the clock: patience, longest wait, voicemail, a callback asked for
OVERFLOW = 4  # a waiting caller comes within a second team's reach
CALLBACK_DUE = 5  # a promised callback is overdue and goes before all others
CALLBACK_AGAIN = 6  # a caller not reached is tried again
ARRIVAL = 7  # a call arrives, or comes out of the menu

CLASS_BITS = 3
ROW_BITS = 29
CLOSING = (1 << ROW_BITS) - 1  # as row of a STAFF_CHANGE: after every change of that moment
ROWS_AT_MOST = CLOSING - 1
NEVER = (1 << 31) - 1  # milliseconds, nearly 25 days: what would happen then or later does not happen


def priority(kind: int, row: int) -> int:
    """Where an event stands among those of its millisecond; less is sooner."""
    return kind << ROW_BITS | row


def packed(at: int, kind: int, row: int) -> int:
    """The event as one whole number that sorts as (time, class, row)."""
    return at << (CLASS_BITS + ROW_BITS) | kind << ROW_BITS | row
