"""Does every offered call have an outcome? One line that must balance."""

import polars as pl

from kcas.calls.call import LOST, OFFERED

IN_WORDS = {
    "abandoned_all": "abandoned, ringing included",
    "abandoned_late": "abandoned after the table's own threshold",
    "unexplained": "not accounted for by the interval table",
}


def reconciliation(rows: pl.DataFrame) -> str:
    """Offered as the sum of its outcomes, and what an interval table leaves unexplained."""
    if rows.is_empty():
        return "Reconciliation: no calls."
    total = {name: whole(rows[name]) for name in ("offered", *OFFERED, "abandoned_all", "unexplained")}
    offered = total.pop("offered")
    if offered is None:
        return "Reconciliation: the log does not tell how many calls were offered."
    for name in LOST if total["abandoned"] is None else ("abandoned_all",):
        total.pop(name)
    told = {name: calls for name, calls in total.items() if calls or name in ("answered", "abandoned")}
    known = {name: calls for name, calls in told.items() if calls is not None}
    # a table that tells only who gave up late has told as many as its own balance lacks
    late = offered - sum(known.values())
    if late and "unexplained" in total and total["unexplained"] is not None:
        known["abandoned_late"] = late
    order = sorted(known, key=lambda name: (name == "unexplained", name != "answered"))
    parts = [f"{IN_WORDS.get(name, name.replace('_', ' '))} {known[name]:,}" for name in order]
    return f"Reconciliation: offered {offered:,} = {' + '.join(parts)}."


def whole(counts: pl.Series) -> int | None:
    """The sum of a column of counts; None where a row does not tell."""
    return None if counts.null_count() else int(counts.sum())
