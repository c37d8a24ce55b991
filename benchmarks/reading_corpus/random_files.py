"""Files of data faults combined at random from a seed, so that no reader can be fitted to them.

Seeds below 1000 may be looked at while a reader is written. One from 1000 on is for a trial: its files are not opened
before, and a seed once opened counts as one of the others.
"""

import random
from dataclasses import replace
from datetime import date, timedelta

from benchmarks.reading_corpus.containers import ENDINGS, TYPED
from benchmarks.reading_corpus.forms import DAY_FIRST, DAYS, MONTH_FIRST, UTC_FORMS
from benchmarks.reading_corpus.recipes import Recipe

DELIMITED = ("comma", "semicolon", "tab", "bar", "all quoted", "mail with comma")
JSON = ("json array", "json under a key", "json lines", "json run together")
PLAIN_DAYS = ("iso", "dd/mm/yyyy", "dd/mm/yyyy", "d/m/yyyy", "dd-mm-yyyy", "dd/mm/yy", "yyyy/mm/dd", "d Mon yyyy",
              "dd-Mon-yy", "Mon d, yyyy", "Ddd dd/mm/yyyy", "mm/dd/yyyy", "m/d/yy")  # fmt: skip
CLOCKS_OF_CALLS = ("hh:mm:ss", "hh:mm:ss", "h:mm:ss AM", "h:mm:ss nnbsp AM", "hh:mm:ss.fff")
CLOCKS_OF_INTERVALS = ("hh:mm", "hh:mm", "h:mm", "h:mm AM", "h:mmam", "h:mm a.m.")
DURATIONS_OF_ENGLISH = ("s", "s", "s.00", "s unit", "ms", "m:ss", "mm:ss", "h:mm:ss", "hh:mm:ss", "1m 5s",
                        "1 min 5 sec", "PT1M5S", "day fraction", "hh:mm:ss.fff")  # fmt: skip
CALL_FAULTS = ("legs", "lines twice", "transfers", "outbound calls", "internal calls", "notes", "no waits",
               "waits by difference", "empty columns", "no queue", "no ids", "spaces", "dashes",
               "day once")  # fmt: skip
TABLE_FAULTS = ("shares", "total waits", "no waits", "two rows", "no queue", "only shares", "spaces")
PRINTED_FAULTS = (
    "titles", "totals", "closing line", "blank lines", "header again", "groups above", "trailing delimiter", "sep line",
)  # fmt: skip
APART = (
    {"legs", "no ids"}, {"transfers", "no ids"}, {"legs", "transfers"}, {"lines twice", "no ids"},
    {"no waits", "waits by difference"}, {"no waits", "total waits"}, {"only shares", "two rows"},
    {"only shares", "shares"}, {"legs", "waits by difference"}, {"transfers", "no queue"}, {"no queue", "two rows"},
)  # fmt: skip
"""Faults that do not go together: the file would say nothing, or something else."""


def draw(count: int, *, seed: int) -> list[Recipe]:
    """So many recipes, every tenth of them a trap."""
    return [_draw(random.Random(f"{seed}/{number}"), number, seed) for number in range(count)]


def _draw(dice: random.Random, number: int, seed: int) -> Recipe:
    recipe = Recipe(f"drawn-{seed}-{number:03d}", dice.randrange(1 << 30), interval=_interval(dice))
    recipe = replace(
        recipe, language=dice.choices(("en", "de", "fr", "es"), (7, 1, 1, 1))[0], wording=dice.randrange(12)
    )
    recipe = _with_container(dice, recipe)
    recipe = _with_moments(dice, recipe)
    recipe = _with_numbers(dice, recipe)
    recipe = replace(recipe, faults=_faults(dice, recipe))
    return _as_trap(dice, recipe, number // 10) if number % 10 == 9 else recipe


def _interval(dice: random.Random) -> str:
    return dice.choices(("", "half-hour", "hour", "day", "week", "month", "quarter-hour"), (10, 4, 2, 3, 1, 1, 1))[0]


def _with_container(dice: random.Random, recipe: Recipe) -> Recipe:
    container = dice.choice((*DELIMITED, *DELIMITED, *ENDINGS))
    encodings = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252") if container in DELIMITED else ("utf-8",)
    return replace(recipe, container=container, encoding=dice.choice(encodings))


def _with_moments(dice: random.Random, recipe: Recipe) -> Recipe:
    """The days, how they are printed, and how many calls there are."""
    days = dice.randint(8, 14)
    first = date(2026, 1, 1) + timedelta(dice.randrange(300))
    first = first.replace(day=dice.randint(8, 14))
    form = {"de": ("dd.mm.yyyy", "long de"), "fr": ("dd/mm/yyyy", "long fr"), "es": ("dd/mm/yyyy", "long es")}
    day = dice.choice(form.get(recipe.language, PLAIN_DAYS))
    clocks = CLOCKS_OF_INTERVALS if recipe.interval else CLOCKS_OF_CALLS
    clock = dice.choice(clocks if recipe.language == "en" else clocks[:1])
    a_day = {"": 24, "quarter-hour": 60, "half-hour": 60, "hour": 60}.get(recipe.interval, 250)
    encoding = "utf-8" if "nnbsp" in clock and recipe.encoding == "cp1252" else recipe.encoding
    recipe = replace(recipe, first=first, days=days, day=day, clock=clock, a_day=a_day, encoding=encoding)
    recipe = replace(recipe, moment=_moment(dice, recipe))
    if recipe.interval in ("week", "month"):
        days = 40 if recipe.interval == "week" else 70
        day = {"week": "w/c", "month": "Month YYYY"}[recipe.interval] if recipe.language == "en" else day
        open_order = ("date_order", "length") if recipe.interval == "month" and day in DAY_FIRST else ()
        first = first.replace(year=2025)  # all of its months are over
        return replace(recipe, first=first, days=days, a_day=60, moment="local", day=day, must_ask=open_order)
    return recipe


def _moment(dice: random.Random, recipe: Recipe) -> str:
    if recipe.interval in ("day", "week", "month"):
        return "local"
    if recipe.container in TYPED:
        return dice.choice(("typed", "typed", "local"))
    if recipe.container in JSON:
        return dice.choice((*UTC_FORMS, "local", "local"))
    return dice.choice(("local", "local", "local", "separate", "separate", *UTC_FORMS))


def _with_numbers(dice: random.Random, recipe: Recipe) -> Recipe:
    """Durations and counts, in the manner of the language."""
    if recipe.language == "en":
        duration, count = dice.choice(DURATIONS_OF_ENGLISH), dice.choice(("plain", "1,234", "1234.0"))
    else:
        duration, count = dice.choice(("s,0", "mm:ss", "hh:mm:ss", "s")), dice.choice(("plain", "1.234"))
    duration = "typed" if recipe.container in TYPED and dice.random() < 0.5 else duration
    return replace(recipe, duration=duration, count=count if recipe.interval else "plain")


def _faults(dice: random.Random, recipe: Recipe) -> frozenset[str]:
    """Up to three faults in the rows, and up to two around them where the kind of file has lines around."""
    inside = TABLE_FAULTS if recipe.interval else CALL_FAULTS
    chosen = set(dice.sample(inside, dice.choice((0, 1, 1, 2, 3))))
    if recipe.container not in (*JSON, "box"):
        chosen |= set(dice.sample(PRINTED_FAULTS, dice.choice((0, 0, 1, 2))))
    chosen -= _unfit(recipe)
    for pair in APART:
        if pair <= chosen:
            chosen.discard(sorted(pair)[0])
    return frozenset(chosen)


def _unfit(recipe: Recipe) -> set[str]:
    """Faults that the kind of file or the length of the interval does not have."""
    unfit = set()
    if recipe.container not in DELIMITED:
        unfit |= {"notes", "blank lines", "header again", "empty columns", "spaces", "trailing delimiter", "sep line"}
        unfit |= {"groups above"} if not recipe.container.endswith(("xlsx", "xlsx, cover", "xls", "ods")) else set()
    if recipe.container == "mail with comma" or recipe.encoding != "utf-8":
        unfit |= {"sep line"}
    if recipe.moment != "separate":
        unfit |= {"day once"}
    if recipe.interval in ("week", "month"):
        unfit |= {"only shares", "two rows"}
    if recipe.clock not in CLOCKS_OF_CALLS or recipe.moment in ("epoch s.f", "local"):
        unfit |= {"waits by difference"} if "ss" not in recipe.clock else set()
    return unfit


def _as_trap(dice: random.Random, recipe: Recipe, kind: int) -> Recipe:
    """The same file, so changed that it leaves something open: in turn its dates, its outcomes and its units."""
    if kind % 2 == 0:
        return _either_order(dice, recipe)
    day = recipe.day if recipe.day in DAYS else "iso"
    recipe = replace(recipe, interval="", day=day, days=12, clock="hh:mm:ss", a_day=24, count="plain", must_ask=())
    recipe = replace(recipe, faults=_of_calls(recipe.faults))
    if kind % 4 == 3:
        return replace(recipe, duration="minutes", faults=recipe.faults - WITHOUT_WAITS, must_ask=("unit",))
    words = dice.choice(((("answered", "1"), ("abandoned", "3")), (("answered", "Code A"), ("abandoned", "Code B"))))
    return replace(recipe, outcomes=(), outcome_words=words, faults=recipe.faults - {"legs"}, must_ask=("outcome",))


WITHOUT_WAITS = frozenset({"no waits", "waits by difference"})


def _of_calls(faults: frozenset[str]) -> frozenset[str]:
    return faults - (frozenset(TABLE_FAULTS) - frozenset(CALL_FAULTS))


def _either_order(dice: random.Random, recipe: Recipe) -> Recipe:
    """The same file for one day of which the order of day and month cannot be known."""
    if recipe.moment not in ("local", "separate") or recipe.interval in ("week", "month"):
        recipe = replace(recipe, moment="local", interval="", container="comma", clock="hh:mm:ss", faults=frozenset())
    day = date(2025, dice.randint(1, 12), dice.randint(1, 12))
    while day.weekday() > 4 or day.replace(day=day.month, month=day.day).weekday() > 4 or day.day == day.month:
        day = date(2025, dice.randint(1, 12), dice.randint(1, 12))
    form = dice.choice(sorted((DAY_FIRST | MONTH_FIRST) - {"mmddyyyy", "Ddd dd/mm/yyyy", "dd.mm.yyyy"}))
    faults = recipe.faults - {"titles"}
    return replace(recipe, first=day, days=1, a_day=40, day=form, faults=faults, must_ask=("date_order",))
