"""`kcas calibrate`: the desk's own log becomes the desk's own scenario."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.options import (
    AsAt,
    Json,
    Queues,
    Since,
    StandardFile,
    StoreFolder,
    Until,
    Zone,
    day,
    moment,
    the_standard,
    the_store,
)
from kcas.cli.printing import print_json, print_table
from kcas.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

    from kcas.calls.store import Store
    from kcas.simulation.calibrate.before_the_queue import BeforeTheQueue
    from kcas.simulation.calibrate.fitted import Fitted
    from kcas.standard import Standard

Out = Annotated[Path, typer.Option("--out", help="Write the scenario to this file.", show_default=False)]
Roster = Annotated[
    Path | None, typer.Option("--roster", help="Who was on duty: a CSV file with day, from, to and agents.")
]


def calibrate(
    out: Out,
    roster: Roster = None,
    queue: Queues = None,
    since: Since = None,
    until: Until = None,
    as_at: AsAt = None,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Fit a scenario to the calls of a period, every number with its source, its interval and the calls behind it."""
    desk = the_standard(standard, zone=zone)
    kept = the_store(store)
    chosen = the_calls(kept, queue, since, until, as_at, desk=desk)
    from kcas.simulation.calibrate.before_the_queue import before_the_queue
    from kcas.simulation.calibrate.day_log import day_log
    from kcas.simulation.calibrate.fitted import fitted
    from kcas.simulation.calibrate.on_duty import inferred, rostered

    log = day_log(chosen, zone=desk.time_zone)
    on_duty = rostered(roster, log) if roster else inferred(log)
    found = fitted(log, on_duty, inferred=roster is None)
    before = before_the_queue(chosen, zone=desk.time_zone)
    invented = any(batch.record.invented for batch in kept.batches())
    files = write(found, before, out, invented=invented)
    if as_json:
        print_json(document(found, before, files))
        return
    say(found, before, files, desk=desk)


def the_calls(
    store: Store, queue: list[str] | None, since: str | None, until: str | None, as_at: str | None, *,
    desk: Standard,
) -> pl.LazyFrame:  # fmt: skip
    """The calls that the filters choose."""
    from kcas.calls.measures import select

    return select(
        store.calls(moment(as_at, option="--as-at", zone=desk.time_zone)),
        standard=desk,
        queues=queue or (),
        since=day(since, option="--since"),
        until=day(until, option="--until"),
    )


def write(found: Fitted, before: BeforeTheQueue, out: Path, *, invented: bool) -> dict[str, list[str]]:
    """The file, and one beside it for each group of weekdays with other hours: names and weekdays."""
    from kcas.simulation.calibrate.written import groups, text
    from kcas.simulation.scenario import WEEKDAYS

    together = groups(found)
    paths = [out, *(out.with_name(f"{out.stem}-{WEEKDAYS[group[0]]}{out.suffix}") for group in together[1:])]
    for path, group in zip(paths, together, strict=True):
        others = [each.name for each in paths if each != path]
        try:
            path.write_text(text(found, before, group, others=others, invented=invented), encoding="utf-8")
        except OSError as error:
            raise SettingError(f"--out {path}: cannot be written ({error.strerror}).") from None
    return {str(path): [WEEKDAYS[each] for each in group] for path, group in zip(paths, together, strict=True)}


def document(found: Fitted, before: BeforeTheQueue, files: dict[str, list[str]]) -> dict[str, Any]:
    """Everything that was estimated, with its interval and what stands behind it."""
    from kcas.simulation.calibrate.handling_seen import by_time_of_day
    from kcas.simulation.calibrate.patience_seen import spikes
    from kcas.simulation.calibrate.written import cannot_tell, half_hours, spread_interval

    log = found.log
    days = sum(1 for miss in found.volume.misses.tolist() if miss == miss)
    return {
        "files": [{"file": name, "weekdays": weekdays} for name, weekdays in files.items()],
        "from": log.dates[0], "to": log.dates[-1], "days": len(log.dates),
        "offered": int(log.volume.sum()), "abandoned": int(log.lost.sum()),
        "blemishes": dict(log.blemishes),
        "odd_days": [each for each, is_odd in zip(log.dates, log.odd, strict=True) if is_odd],
        "arrivals": quantity(found.volume, found) | {"half_hours": half_hours(found)},
        "handling": quantity(found.handling, found)
        | {"by_type": {name: asdict(each.handling) for name, each in found.types.items()},
           "by_time_of_day": {name: asdict(hand) if hand else None
                              for name, (hand, _) in by_time_of_day(log).items()}},
        "patience": {"all": asdict(found.patience),
                     "by_type": {name: asdict(each.patience) if each.patience else None
                                 for name, each in found.types.items()},
                     "by_time_of_day": {name: asdict(seen) if seen else None
                                        for name, (_, seen) in by_time_of_day(log).items()},
                     "spikes": [{"from": start, "to": end, "times": times} for start, end, times in spikes(log)]},
        "day_variation": {"calls": {"sd": found.between.volume, "interval": spread_interval(found.between.volume, days),
                                    "days": days}, "all": asdict(found.between), "days_to_come": asdict(found.spread)},
        "staff": {"inferred": found.inferred,
                  "availability": asdict(found.availability) if found.availability else None},
        "menu": asdict(before),
        "cannot_tell": cannot_tell(found),
    }  # fmt: skip


def quantity(look: Any, found: Fitted) -> dict[str, Any]:
    """A quantity's expected value by weekday, and its trend."""
    from kcas.simulation.scenario import WEEKDAYS

    return {
        "expected": {WEEKDAYS[each]: look.expected(each) for each in found.weekdays},
        "spread": look.spread, "day_spread": look.day_spread,
        "trend": {"a_day": look.trend[0], "error": look.trend[1]},
    }  # fmt: skip


def say(found: Fitted, before: BeforeTheQueue, files: dict[str, list[str]], *, desk: Standard) -> None:
    """The main figures for a person; the file has them all."""
    from kcas.simulation.calibrate.written import about, cannot_tell, differ

    log, there = found.log, found.availability
    seen = found.patience
    rows = [
        ("Calls a day", about(found.volume, found.weekdays)),
        ("Handling, s", about(found.handling, found.weekdays)),
        ("Calls differ", differ(found.volume)),
        ("Patience", f"{seen.chosen}; were it exponential, {seen.mean:.0f} s ({seen.low:.0f} to {seen.high:.0f}), "
                     f"{seen.abandoned:,} given up of {seen.calls:,}"),
        ("Staff", "inferred from who took calls when; breaks guessed" if found.inferred else "read from the roster"),
        ("Available", f"{there.mean:.1%} of time on duty ({there.low:.1%} to {there.high:.1%}), {there.days} days"
         if there else "cannot be told"),
        ("Menu", before.left.words + " hung up in it" if before.left.count else "the log shows none"),
        ("Rang again", before.again.words if before.again else "the log keeps no tokens of callers"),
    ]  # fmt: skip
    beneath = [
        *(f"Written: {name}, for {', '.join(weekdays)}." for name, weekdays in files.items()),
        "Intervals of calls and handling are those of a day to come (95 %). The files say where each number came from.",
        *cannot_tell(found),
    ]
    title = f"{desk.name}: fitted to {log.volume.sum():,.0f} calls of {len(log.dates)} days, to {log.dates[-1]}"
    print_table(title, headings=("", "Estimate"), rows=rows, beneath=beneath)
