"""Sample logs: the files of both suppliers and the list of their faults."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kcas.demo import desk
from kcas.demo.data_faults import Blemish
from kcas.demo.new_switch import write_new_switch
from kcas.demo.old_switch import write_old_switch
from kcas.demo.year import SEED, invent_year

ABOUT = """INVENTED DATA

These logs were made up by `kcas demo`. Nobody rang, nobody hung up: the calls come from a seed, the people's
names are invented, and the telephone numbers are those that Ofcom keeps for drama. Nothing here was measured at
any real desk, and no figure made from it says anything about one.

  invented-deskline-*.csv    the old telephone system's monthly export, until February 2010 (read with a mapping)
  invented-queue_log-*.log   the new one's log, from March 2010: Asterisk's queue_log, recognised as it is

Both have their usual blemishes, put there on purpose.
"""


@dataclass(frozen=True)
class SampleLogs:
    """The files written, the calls they tell of with names and numbers in clear, and what is wrong with them."""

    old: tuple[Path, ...]
    new: tuple[Path, ...]
    calls: pl.DataFrame
    blemishes: tuple[Blemish, ...]


def write_logs(folder: Path, *, seed: int = SEED) -> SampleLogs:
    """Make the year and write it as both suppliers would have."""
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    (folder / "INVENTED.txt").write_text(ABOUT, encoding="utf-8")
    calls = invent_year(seed=seed)
    on_new = pl.col("entered").dt.convert_time_zone(desk.TIME_ZONE).dt.date() >= desk.NEW_TELEPHONES
    wrong = write_old_switch(calls.filter(~on_new), folder=logs) + write_new_switch(calls.filter(on_new), folder=logs)
    old, new = (tuple(sorted(logs.glob(pattern))) for pattern in ("invented-*.csv", "invented-*.log"))
    return SampleLogs(old, new, calls, tuple(wrong))
