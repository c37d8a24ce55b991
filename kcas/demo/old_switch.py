"""Export of the invented old telephone system: monthly delimited files, one row a call, local time."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Literal

import polars as pl

from kcas.demo import desk
from kcas.demo.desk import MARK, Blemish, Damage, spoil

_NAME = "invented-deskline-{:%Y-%m}.csv"
ENCODING = "cp1252"
OUTCOMES = {
    "answered": "Answered",
    "abandoned": "Abandoned",
    "abandoned_ringing": "Abandoned on ring",
    "timed_out": "Timed out",
    "left_ivr": "Menu hang-up",
    "blocked": "Closed message",
}

FIRST_LINES = 1  # the header


def _row(number: int, *, at: str, wait: str = "0:12", outcome: str = "Abandoned") -> str:
    """A row of a call that never was, for damage to be done to."""
    return f"Q{number},INVENTED,kcas-public,{at},0:20,{wait},{outcome},,,,,,01632960000,public"


DAMAGE = {
    (2009, 10): (Damage(0.4, "", "a blank line", "ignored"),),
    (2009, 11): (
        Damage(0.3, _row(1, at="12/11/2009 10:15:00", wait="3:7o"), 'a wait of "3:7o", the letter o for a zero'),
        Damage(0.6, _row(2, at="31/11/2009 10:15:00"), "31 November"),
        Damage(1.0, "Total calls,14000", "a total printed under the table"),
    ),
    (2010, 1): (
        Damage(
            0.5,
            _row(3, at="14/01/2010 11:02:10") + _row(4, at="14/01/2010 11:02:14"),
            "two rows fused into one",
        ),
        Damage(0.7, _row(5, at="21/01/2010 09:40:00", wait="-0:03"), "a wait of less than nothing"),
    ),
    (2010, 2): (
        Damage(0.2, _row(6, at="04/02/2010 15:01:00", outcome="Astray"), "an outcome that no one has heard of"),
        Damage(1.0, "Q7,INVENTED,kcas-pub", "a last line cut short"),
    ),
}


def write_old_switch(calls: pl.DataFrame, *, folder: Path) -> list[Blemish]:
    """Write the months before the new telephones, and say what is wrong with them."""
    rows = calls.with_columns(local=pl.col("entered").dt.convert_time_zone(desk.TIME_ZONE))
    table = rows.select(
        pl.format("D{}", "contact").alias("Call ref"),
        pl.lit(MARK).alias("Site"),
        pl.col("queue").alias("Queue"),
        pl.col("local").dt.strftime("%d/%m/%Y %H:%M:%S").alias("Entered"),
        *(_clock(name).alias(name.capitalize()) for name in ("menu", "wait")),
        pl.col("outcome").replace_strict(OUTCOMES).alias("Outcome"),
        *(_clock(name).alias(name.capitalize()) for name in ("ring", "talk", "hold", "wrap")),
        pl.col("agent").alias("Agent"),
        pl.col("caller").fill_null("Withheld").alias("Caller"),
        pl.col("type").alias("Caller type"),
        pl.col("local").dt.date().alias("day"),
    )
    blemishes: list[Blemish] = []
    for first, after in _months():
        again = table.filter(pl.col("day") == date(2009, 11, 30)) if first == date(2009, 12, 1) else table.clear()
        month = table.filter(pl.col("day").is_between(first, after, closed="left"))
        blemishes += _write_month(month, again=again, first=first, path=folder / _NAME.format(first))
    return blemishes


def _months() -> Iterator[tuple[date, date]]:
    starts = [date(2009, 10, 1), date(2009, 11, 1), date(2009, 12, 1), date(2010, 1, 1), date(2010, 2, 1)]
    return pairwise([*starts, desk.NEW_TELEPHONES])


def _write_month(month: pl.DataFrame, *, again: pl.DataFrame, first: date, path: Path) -> list[Blemish]:
    """One month's file; `again` is a day the file before it told already, one call of it since corrected."""
    corrected = pl.int_range(pl.len()) == pl.col("Outcome").eq("Answered").arg_max()
    again = again.with_columns(Wrap=pl.when(corrected).then(pl.lit("59:59")).otherwise("Wrap"))
    quotes: Literal["always", "necessary"] = "always" if first == desk.FIRST_DAY else "necessary"
    text = pl.concat([again, month]).drop("day").write_csv(quote_style=quotes)
    blemishes = spoil(
        path,
        lines=pl.Series(text.removesuffix("\n").split("\n")),
        encoding=ENCODING,
        header=FIRST_LINES,
        damage=DAMAGE.get((first.year, first.month), ()),
    )
    changed = again.select(corrected).to_series()
    for row, is_changed in enumerate(changed, start=2):
        fate, words = ("superseded", "a corrected call") if is_changed else ("already held", "a day sent twice")
        blemishes.append(Blemish(path.name, row, words, fate))
    return blemishes


def _clock(name: str) -> pl.Expr:
    """Minutes and seconds, like 3:07; nothing where there is nothing."""
    return pl.format("{}:{}", pl.col(name) // 60, (pl.col(name) % 60).cast(pl.String).str.zfill(2))
