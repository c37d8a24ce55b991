"""`kcas patience`: how long callers wait before they abandon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcas.cli.context import open_calls, say
from kcas.cli.options import AsAt, Json, Queues, Shape, Since, StandardFile, StoreFolder, Until, Written, Zone
from kcas.cli.printing import count, percent, print_csv, print_json, print_table, seconds_in_words

if TYPE_CHECKING:
    from kcas.calls.patience import Patience
    from kcas.desk.standard import Standard


def patience(
    queue: Queues = None,
    since: Since = None,
    until: Until = None,
    as_at: AsAt = None,
    shape: Written = Shape.table,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Caller patience: survival curve with censoring, fitted distributions and hazard."""
    chosen = open_calls(store, standard, zone, queue=queue, since=since, until=until, as_at=as_at)
    answer = chosen.store.patience(**chosen.period)
    say(answer.notes)
    if as_json or shape is Shape.json:
        print_json(answer.to_dict())
    elif shape is Shape.csv:
        print_csv(answer.to_frame())
    else:
        none = "" if answer.measured.calls else chosen.selection.nothing
        _show(answer.measured, standard=chosen.store.standard, none=none)


def _show(answer: Patience, *, standard: Standard, none: str) -> None:
    """The hazard bin by bin, and beneath it the median and the law that explains the waits best."""
    import numpy as np

    from kcas.api.observed import PATIENCE_IN_WORDS

    remaining = np.append(1.0, answer.curve.remaining)
    rows = []
    for bin in answer.hazard:
        still = float(remaining[np.searchsorted(answer.curve.at, bin.start, side="right")]) if bin.start else 1.0
        span = f"{bin.start:g} to {bin.end:g} s" if bin.end else f"over {bin.start:g} s"
        rows.append((span, percent(still), count(bin.abandoned), f"{bin.rate * 60:.2%}"))
    best = answer.best_fit
    told = (
        f"{none} (An interval table has no calls.)"
        if not answer.calls
        else (
            f"Half would have given up by {seconds_in_words(answer.median)}."
            if answer.median is not None
            else "Too few gave up to tell by when half would have."
        )
    )
    beneath = [
        f"{answer.calls:,} offered calls, {answer.abandoned:,} abandoned. {told}",
        f"Still waiting: {PATIENCE_IN_WORDS}.",
    ]
    if best:
        beneath.append(
            f"Of the laws fitted, {best.law} explains these waits best (least AIC); --json has them all, each also as "
            "a scenario's patience takes it."
        )
    if answer.wait_not_known:
        beneath.append(f"{answer.wait_not_known:,} calls bear no wait and are left out.")
    print_table(
        f"{standard.name}: patience",
        headings=("waited", "still waiting", "gave up", "giving up each minute"),
        rows=rows,
        beneath=beneath,
    )
