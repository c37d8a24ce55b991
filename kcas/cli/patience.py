"""`kcas patience`: how long callers wait before they abandon."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kcas.cli.options import (
    AsAt,
    Json,
    Queues,
    Shape,
    Since,
    StandardFile,
    StoreFolder,
    Until,
    Written,
    Zone,
    day,
    moment,
    nothing_there,
    say_what_is_gone,
    the_queues,
    the_standard,
    the_store,
)
from kcas.cli.printing import count, percent, print_csv, print_json, print_table, seconds_in_words

if TYPE_CHECKING:
    from kcas.calls.patience import Patience
    from kcas.desk.standard import Standard
    from kcas.distributions.fitting import Fit

_WORDS = (
    "the share of callers who would still be waiting had no one answered: giving up is the event, "
    "an answer or any other way out only says that the caller was prepared to wait so long "
    "(Kaplan–Meier, 95% log-log interval)"
)


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
    desk = the_standard(standard, zone=zone)
    from kcas.calls.measures import select
    from kcas.calls.patience import patience as measured_patience

    kept, then = the_store(store), moment(as_at, option="--as-at", zone=desk.time_zone)
    queues, days = the_queues(kept, queue), (day(since, option="--since"), day(until, option="--until"))
    answer = measured_patience(select(kept.calls(then), standard=desk, queues=queues, since=days[0], until=days[1]))
    say_what_is_gone(kept, desk=desk, since=days[0], calls_alone=True)
    if as_json or shape is Shape.json:
        print_json(_document(answer))
    elif shape is Shape.csv:
        import polars as pl

        print_csv(pl.DataFrame(curve(answer), schema=dict.fromkeys(("at", "still_waiting", "low", "high"), pl.Float64)))
    else:
        none = "" if answer.calls else nothing_there(kept, desk=desk, days=days, queues=queues, then=then)
        _show(answer, standard=desk, none=none)


def _document(answer: Patience) -> dict[str, Any]:
    """The contract's document: the curve, its median, the laws and the hazard."""
    fits = {fit.law: fit for fit in answer.fits}
    best = answer.best_fit
    return {
        "words": _WORDS,
        "calls": answer.calls,
        "abandoned": answer.abandoned,
        "wait_not_known": answer.wait_not_known,
        "curve": curve(answer),
        "median": answer.median,
        "exponential_mean": fits["exponential"].parameters["mean"] if "exponential" in fits else None,
        "best_fit": law(best) if best else None,
        "fits": [law(fit) for fit in answer.fits],
        "hazard": [asdict(bin) for bin in answer.hazard],
    }


def curve(answer: Patience) -> list[dict[str, float]]:
    """The curve, one row for each wait at which someone left."""
    low, high = answer.curve.interval()
    columns = (answer.curve.at, answer.curve.remaining, low, high)
    names = ("at", "still_waiting", "low", "high")
    return [dict(zip(names, row, strict=True)) for row in zip(*(column.tolist() for column in columns), strict=True)]


def law(fit: Fit) -> dict[str, Any]:
    """A law with its parameters in seconds, and as a scenario file writes it."""
    from kcas.distributions.fitting import as_scenario_table, in_toml

    fitted = {"law": fit.law, "parameters": dict(fit.parameters)}
    return {
        "law": fit.law,
        "parameters": dict(fit.parameters),
        "log_likelihood": fit.log_likelihood,
        "aic": fit.aic,
        "scenario": in_toml(as_scenario_table(fitted, where="patience")),
    }


def _show(answer: Patience, *, standard: Standard, none: str) -> None:
    """The hazard bin by bin, and beneath it the median and the law that explains the waits best."""
    import numpy as np

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
        f"Still waiting: {_WORDS}.",
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
