"""Log of the invented new telephone system: Asterisk's queue_log, one line an event, epoch seconds."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl

from kcas.demo import desk
from kcas.demo.desk import MARK, Blemish, Damage, spoil

_NAME = "invented-queue_log-{:%Y-%m}.log"
ROTATED = (
    *(datetime(2010, month, 1, tzinfo=desk.CLOCK) for month in (3, 4, 5, 6)),
    datetime(2010, 6, 30, 12, tzinfo=desk.CLOCK),
    *(datetime(2010, month, 1, tzinfo=desk.CLOCK) for month in (8, 9)),
    desk.LOG_TAKEN,
)
"""When each file was put aside; once at noon, with callers in the queue."""
SENT_AGAIN = (ROTATED[2] - timedelta(days=1), ROTATED[2])
"""The file for May begins with the last day of April again."""

_ENDS = {"abandoned": "ABANDON", "abandoned_ringing": "ABANDON", "timed_out": "EXITWITHTIMEOUT"}


def write_new_switch(calls: pl.DataFrame, *, folder: Path) -> list[Blemish]:
    """Write the months since the new telephones, and say what is wrong with them."""
    events = pl.concat([*_call_events(calls), *_staff_events(), _system_events()], how="diagonal_relaxed")
    logged = events.filter((pl.col("at") < _epoch(desk.LOG_TAKEN)) & ~_lost_at_restart()).sort("at", "step", "contact")
    blemishes: list[Blemish] = []
    for begins, ends in pairwise(ROTATED):
        month = logged.filter(pl.col("at").is_between(_epoch(begins), _epoch(ends), closed="left"))
        again = logged.clear()
        if begins == SENT_AGAIN[1]:
            first, after = map(_epoch, SENT_AGAIN)
            again = logged.filter(pl.col("at").is_between(first, after, closed="left"))
        path = folder / _NAME.format(begins + timedelta(days=1))
        lines = pl.concat([again, month])["text"]
        first_rows = again["step"].eq(0).arg_true()
        blemishes += [Blemish(path.name, row + 1, "a day sent twice", "already held") for row in first_rows]
        blemishes += spoil(path, lines=lines, encoding="utf-8", damage=_damage(begins))
    return blemishes


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _call_events(calls: pl.DataFrame) -> list[pl.DataFrame]:
    """Every line that tells of a call."""
    at = pl.col("entered").dt.epoch("s")
    rows = calls.filter(pl.col("outcome") != "left_ivr").with_columns(
        at=at, channel=pl.format("{}|{}", "contact", "queue"), talk=pl.col("talk") + pl.col("hold")
    )
    queued = rows.filter(pl.col("outcome") != "blocked")
    answered = rows.filter(pl.col("outcome") == "answered")
    connected = pl.col("at") + pl.col("wait")
    over = connected + pl.col("talk")
    number = pl.col("caller").fill_null("anonymous")
    gone = pl.format("{}|{}|{}", pl.lit(1), "position", "wait")
    agent = pl.when(pl.col("outcome") == "abandoned_ringing").then(pl.lit(desk.AGENTS[0])).otherwise(pl.lit("NONE"))
    first_rung = answered.filter((pl.col("wait") > 25) & (pl.col("talk") % 20 == 0))
    other = pl.lit(desk.AGENTS[-1])
    verb = pl.when(pl.col("talk") % 3 == 0).then(pl.lit("COMPLETEAGENT")).otherwise(pl.lit("COMPLETECALLER"))
    passed_on = pl.col("talk") % 41 == 0
    stayed, transferred = answered.filter(~passed_on), answered.filter(passed_on)
    return [
        _lines(rows.filter(pl.col("outcome") == "blocked"), 0, at=pl.col("at"), verb="CLOSED"),
        _lines(queued, 0, at=pl.col("at"), verb="ENTERQUEUE", fields=pl.format("|{}|{}", number, "position")),
        _lines(first_rung, 1, at=connected - 6, agent=other, verb="RINGNOANSWER", fields=pl.lit("15000")),
        _lines(
            answered, 2, at=connected, agent=pl.col("agent"), verb="CONNECT",
            fields=pl.format("{}|{}.9{}|{}", "wait", connected - pl.col("ring"), pl.int_range(pl.len()), "ring"),
        ),
        _lines(
            stayed, 3, at=over, agent=pl.col("agent"), verb=verb,
            fields=pl.format("{}|{}|{}", "wait", "talk", "position"),
        ),
        _lines(
            transferred, 3, at=over, agent=pl.col("agent"), verb="BLINDTRANSFER",
            fields=pl.format("{}|{}|{}|{}|{}", pl.lit("2200"), pl.lit("from-internal"), "wait", "talk", "position"),
        ),
        *(
            _lines(rows.filter(pl.col("outcome") == outcome), 3, at=connected, agent=agent, verb=verb, fields=gone)
            for outcome, verb in _ENDS.items()
        ),
        _lines(
            rows.filter(pl.col("outcome") == "exit_key"), 3, at=connected, verb="EXITWITHKEY",
            fields=pl.format("{}|{}", pl.lit("1"), gone),
        ),
    ]  # fmt: skip


def _lines(
    rows: pl.DataFrame,
    step: int,
    *,
    at: pl.Expr,
    verb: pl.Expr | str,
    agent: pl.Expr | None = None,
    fields: pl.Expr | None = None,
) -> pl.DataFrame:
    """One line for each row; `step` keeps a call's lines in order within a second."""
    who = pl.lit("NONE") if agent is None else agent
    what = pl.lit(verb) if isinstance(verb, str) else verb
    rest = pl.lit("") if fields is None else fields
    text = pl.format("{}|{}|{}|{}|{}", at, "channel", who, what, rest)
    return rows.select("entered", "contact", at=at, step=pl.lit(step), text=text)


def _staff_events() -> list[pl.DataFrame]:
    """Lunches, a survey that no reader knows, and the configuration read again on Sundays."""
    noon = _epoch(ROTATED[0] + timedelta(hours=12))  # a Monday
    days = pl.DataFrame({"at": pl.int_range(noon, _epoch(desk.LOG_TAKEN), 86_400, eager=True)}).with_row_index("day")
    agents = pl.DataFrame({"agent": desk.AGENTS[:6]}).with_row_index("place")
    lunches = (
        days.filter(pl.col("day") % 7 < 5)
        .join(agents, how="cross")
        .with_columns(
            at=pl.col("at") + 900 * pl.col("place"),
            contact=pl.lit("NONE"),
            channel=pl.lit("NONE|kcas-public"),
            entered=None,
        )
    )
    sundays = days.filter(pl.col("day") % 7 == 6).with_columns(
        contact=pl.lit("NONE"), channel=pl.lit("NONE|NONE"), entered=None
    )
    who = pl.col("agent")
    return [
        _lines(lunches, 4, at=pl.col("at"), agent=who, verb="PAUSE", fields=pl.lit("Lunch")),
        _lines(lunches, 4, at=pl.col("at") + 1800, agent=who, verb="UNPAUSE"),
        _lines(sundays, 4, at=pl.col("at"), verb="CONFIGRELOAD"),
        _lines(sundays, 5, at=pl.col("at"), verb="SURVEY", fields=pl.lit(f"{MARK}|7")),
    ]


def _lost_at_restart() -> pl.Expr:
    """What became of those on the line when the system stopped: never written."""
    stop = _epoch(desk.RESTART)
    return ((pl.col("entered").dt.epoch("s") < stop) & (pl.col("at") >= stop)).fill_null(False)


def _system_events() -> pl.DataFrame:
    """The system starting: on its first morning, and once in the middle of a working day."""
    starts = pl.DataFrame({"at": [_epoch(ROTATED[0]), _epoch(desk.RESTART)]})
    named = starts.with_columns(contact=pl.lit("NONE"), channel=pl.lit("NONE|NONE"), entered=None)
    return _lines(named, -1, at=pl.col("at"), verb="QUEUESTART")


def _damage(begins: datetime) -> tuple[Damage, ...]:
    """What to do to the file that begins then."""
    at = _epoch(begins + timedelta(days=9, hours=11))
    run_in = f"{str(at)[:5]}{at}|{at}.7|kcas-public|{desk.AGENTS[2]}|RINGNOANSWER|15000"
    lunch = f"{at}|NONE|kcas-public|Zoë Marsh|PAUSE|Lunch"
    return {
        3: (Damage(0.0, f"{_epoch(begins)}|NONE|NONE|NONE|INFO|{MARK}", "the note that this is invented", "ignored"),),
        4: (
            Damage(0.2, "", "a blank line", "ignored"),
            Damage(0.5, f"{at}|{at}.44|kcas-pub", "a line cut short"),
            Damage(0.8, "", "a blank line", "ignored"),
        ),
        6: (Damage(0.5, "\0" * 48, "zeros where the disk was not written when the system stopped"),)
        if begins.day == 1
        else (Damage(0.3, run_in, "a line cut short and the next run into it"),),
        8: (Damage(0.6, lunch, "a name in another alphabet's bytes", "refused", "cp1252"),),
    }.get(begins.month, ())
