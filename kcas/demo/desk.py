"""The invented contact centre: its demand, staff and callers.

Nothing here was measured. Only two things are known of the real desk: its subject, and that the press of March
2010 put its abandoned calls "between 15 and 20 per cent". All else is chosen to be plausible.

Data faults put into the sample logs on purpose, and the result expected of each line.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

TIME_ZONE = "Europe/London"
CLOCK = ZoneInfo(TIME_ZONE)
FIRST_DAY, LAST_DAY = date(2009, 10, 1), date(2010, 9, 30)
NEW_TELEPHONES = date(2010, 3, 1)
"""A month before the changes, so that a fall in April cannot be the new system counting otherwise."""
RESTART = datetime(2010, 6, 14, 10, 15, 7, tzinfo=CLOCK)  # in the middle of a busy morning
LOG_TAKEN = datetime(2010, 9, 30, 14, 27, 40, tzinfo=CLOCK)  # the last log was copied while people were still queueing
CHANGES_BEGIN, CHANGES_DONE = date(2010, 4, 1), date(2010, 7, 1)
CLOCKS_BACK = date(2009, 10, 25)  # 01:00 to 02:00 comes twice; three people ring about then
OPENS, CLOSES = time(8, 30), time(17, 0)

FIRST_TRIES_A_WEEKDAY = 630.0  # with those who call again, near 700 calls
BY_WEEKDAY = (1.14, 1.03, 0.98, 0.96, 0.89)  # Monday first
BY_HALF_HOUR = (0.65, 0.95, 1.15, 1.25, 1.25, 1.2, 1.15, 1.05, 0.95, 0.95, 1.0, 1.1, 1.1, 1.0, 0.95, 0.8, 0.6)
BY_MONTH = {1: 1.03, 2: 1.01, 8: 0.97, 12: 0.97}
AFTER_A_HOLIDAY = 1.15
DAY_SHAPE = 80.0  # gamma: one day in three is more than 11 % busier or quieter than its weekday
CLOSED_CALLS = {"open day": 14.0, "closed day": 45.0}

ON_THE_PHONES = 13
HANDLING_FALLS_AT_ONCE, HANDLING_FALLS_BY = 0.04, 0.15  # as the wider assessment work is given up
TALK, HOLD = 0.72, 0.10  # shares of handling; the rest is wrap-up
LONGEST_WAIT = 1800
REDIALS, REDIAL_AFTER, TRIES = 0.35, 420.0, 3
LEAVE_BY_KEY, LEAVE_WHILE_RINGING = 0.03, 0.01  # shares of those who give up
HANG_UP_IN_MENU = 0.03
WITHHELD = 0.12

TYPES = ("public", "professionals")
SHARE = (0.76, 0.24)
HANDLING = (655.0, 430.0)  # seconds, mean
PATIENCE = (205.0, 125.0)  # seconds, mean of those who do not hang up at once
AT_ONCE = 0.05
HURRIED, HURRY = (time(12), time(14)), 0.7  # at midday people hang up sooner
KNOWN_CALLERS = (13_000, 2_000)

AGENTS = (
    "Amira Castle", "Ben Harrow", "Chloe Winter", "Dev Marlow", "Ellen Frost", "Farid Oakley", "Grace Penn",
    "Harvey Lamb", "Imogen Reed", "Jack Thorne", "Kezia Ford", "Liam Ashdown", "Mona Field", "Noel Brook",
    "Orla Vale", "Priya Stone", "Renée Hill", "Zoë Marsh",
)  # fmt: skip
QUEUES = ("kcas-public", "kcas-professionals")


def drama_numbers() -> list[str]:
    """Numbers that Ofcom keeps for drama: no one has them."""
    areas = ("0113", "0114", "0115", "0116", "0117", "0118", "0121", "0131", "0141", "0151", "0161")
    stems = ["01632960", "07700900", "03069990", "02079460", "02920180", *(f"{area}4960" for area in areas)]
    return [f"{stem}{ending:03d}" for stem in stems for ending in range(1000)]


MARK = "INVENTED"
FATES = ("refused", "ignored", "already held", "superseded", "used")


@dataclass(frozen=True)
class Blemish:
    """A line that is not as it should be: where an editor shows it, what is wrong, and what must become of it."""

    file: str
    line: int
    words: str
    fate: str


@dataclass(frozen=True)
class Damage:
    """A line to put into a file after a share of it, as some switch, disk or person would have left it."""

    after: float
    line: str
    words: str
    fate: str = "refused"
    encoding: str = "utf-8"


def spoil(path: Path, *, lines: pl.Series, encoding: str, header: int = 0, damage: tuple[Damage, ...]) -> list[Blemish]:
    """Write the lines with the damage among them; each damaged line is told with its number."""
    clean = [line.encode(encoding) for line in lines.to_list()]
    blemishes: list[Blemish] = []
    written: list[bytes] = []
    taken = 0
    for piece in sorted(damage, key=lambda piece: piece.after):
        upto = max(header, round(piece.after * len(clean)))
        written += clean[taken:upto]
        taken = upto
        written.append(piece.line.encode(piece.encoding))
        blemishes.append(Blemish(path.name, len(written), piece.words, piece.fate))
    written += clean[taken:]
    path.write_bytes(b"\n".join(written) + b"\n")
    return blemishes
