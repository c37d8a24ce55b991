"""Masking of what may be a person's number in a name, and the anonymous shape of a field's text.

A run of six digits or more is taken for someone's number, however it is spaced; shorter ones are places, teams and
years. Calendar dates with the year in full are left readable: `calls-20260301.csv`, `01-03-2026`, `2024-25`.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

SIX = 6
"""Digits that may be a number: the shortest that people are rung under."""
HIDDEN = "######"
LONGEST_SHAPE = 40
LOOSE = 3
"""Digits that may stand beside a date without making a number of it: `calls-20260301-2.csv`, `queue_log.12`."""

SPACING = r"[\s.\-_/()\[\]{}<>+~\u00a0\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff\u00b7\u2022]"
BETWEEN = rf"(?:(?:{SPACING}|%20){{0,8}}|[,;:*|T])"
"""What may stand between the digits of one number; marks of lists and clocks alone and without a space."""
RUN = re.compile(rf"[+(\[]*\d(?:{BETWEEN}\d)*")
YEAR = r"(?:19[7-9]|20[0-6])\d"
_CLOCK = r"(?:[ T_\-.]?(?:[01]\d|2[0-3])[:.\-_]?[0-5]\d(?:[:.\-_]?[0-5]\d)?)?"
FULL_DATE = re.compile(
    rf"(?<!\d)(?:(?P<y>{YEAR})(?P<s>[-_./]?)(?P<m>\d\d)(?P=s)(?P<d>\d\d)"
    rf"|(?P<d2>\d\d?)(?P<s2>[-_./])(?P<m2>\d\d?)(?P=s2)(?P<y2>{YEAR})){_CLOCK}(?!\d)"
)
YEARS_ALONE = re.compile(
    rf"(?:{YEAR}[-_./ ](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])[-_./ ]{YEAR}|{YEAR}[-/]\d\d|{YEAR}\s?[-_/\u2013]\s?{YEAR})"
)
"""A month of a year, or two years."""
TIME_OF_DAY = re.compile(r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d:])")
BESIDE_TIMES = 2
"""Digits that may stand beside times of day: `Team 12 09:00-17:00`."""
_SHOWN = frozenset(" .,:;/-+_'()[]<>@&*#%=\"|")


def shape(text: str) -> str:
    """A text's shape in a message, and its length; no letter or digit of it: `text of the form "Aaaa Aaaaa" (10
    characters)`."""
    if not text.strip():
        return "an empty field"
    drawn = "".join(map(_kind, text.strip()[: LONGEST_SHAPE + 1]))
    drawn = drawn[:LONGEST_SHAPE] + "…" if len(drawn) > LONGEST_SHAPE else drawn
    length = len(text.strip())
    return f'text of the form "{drawn}" ({length:,} character{"s" if length > 1 else ""})'


def _kind(letter: str) -> str:
    if letter.isdigit() or letter.isnumeric():
        return "9"
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    return letter if letter in _SHOWN else "?"


def masked(text: str, mark: Callable[[str], str] = lambda digits: HIDDEN) -> str:
    """A name with a mark in the place of every number of six digits or more, dates excepted.

    `mark` makes the mark from the number's digits; its marks must hold no digits.
    """
    if sum(map(str.isdigit, text)) < SIX:
        return text
    return RUN.sub(lambda run: _mark(run[0], mark), text)


def _mark(run: str, mark: Callable[[str], str]) -> str:
    if sum(map(str.isdigit, run)) < SIX or _is_calendar(run):
        return run
    return mark(digits_of(run))


def digits_of(run: str) -> str:
    """A number's digits, of whatever script, and the plus before them."""
    return "".join(str(unicodedata.digit(letter, "")) for letter in run if letter.isdigit())


def _is_calendar(run: str) -> bool:
    """Whether digits are dates or times of day, and at most a few more."""
    run = run.lstrip("+(")
    if YEARS_ALONE.fullmatch(run):
        return True
    rest, dates = run, 0
    for found in FULL_DATE.finditer(run):
        if _is_day(found):
            rest, dates = rest.replace(found[0], " ", 1), dates + 1
    rest, times = TIME_OF_DAY.subn(" ", rest)
    left = sum(map(str.isdigit, rest))
    return left <= LOOSE if dates else bool(times) and left <= BESIDE_TIMES


def _is_day(found: re.Match[str]) -> bool:
    year, month, day = (int(found[part] or found[f"{part}2"]) for part in ("y", "m", "d"))
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
