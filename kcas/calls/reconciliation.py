"""The line that must balance: every offered call has an outcome."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl

from kcas.calls.call import LOST, OFFERED

LATE, MIXED, UNEXPLAINED = "abandoned_late", "told_in_part", "unexplained"
IN_WORDS = {
    "abandoned_all": "abandoned, ringing included",
    LATE: "abandoned after the table's own threshold",
    MIXED: "outcomes that are told of some intervals only",
    UNEXPLAINED: "not accounted for by the interval table",
}
OTHERS = tuple(name for name in OFFERED if name not in LOST)
MOST_NAMED = 12  # groups, in one sentence


def reconciliation(rows: pl.DataFrame) -> str:
    """Offered as the sum of its outcomes, what an interval table leaves unexplained, and where it gives no total."""
    if rows.is_empty():
        return "Reconciliation: no calls."
    told = rows.filter(pl.col("offered").is_not_null())
    if told.is_empty():
        return "Reconciliation: the log does not tell how many calls were offered."
    parts: Counter[str] = Counter()
    for row in told.iter_rows(named=True):
        parts.update(parts_of(row))
    order = sorted(parts, key=lambda name: (name == UNEXPLAINED, name in (LATE, MIXED), name != "answered"))
    shown = [f"{IN_WORDS.get(name, name.replace('_', ' '))} {parts[name]:,}" for name in order if kept(name, parts)]
    return f"Reconciliation: offered {told['offered'].sum():,} = {' + '.join(shown)}.{left_out(rows)}"


def parts_of(row: Mapping[str, Any]) -> dict[str, int]:
    """The calls of one group by what became of them; they add up to those offered."""
    split = all(row[name] is not None for name in LOST)
    lost = LOST if split else ("abandoned_all",) if row["abandoned_all"] is not None else ("abandoned",)
    names = [name for name in (*OFFERED, "abandoned_all") if name in lost or name in OTHERS]
    parts = {name: int(row[name]) for name in names if row[name] is not None}
    unexplained = int(row["unexplained"] or 0)
    late = int(row["offered"]) - sum(parts.values()) - unexplained
    if late < 0:  # counted twice by the table itself: what it does not account for is so much less
        unexplained, late = unexplained + late, 0
    # a table that gives only late hang-ups has given as many as its own balance lacks
    name = LATE if row["answered"] is not None and not set(lost) & parts.keys() else MIXED
    rest = {name: late, UNEXPLAINED: unexplained}
    return parts | {part: calls for part, calls in rest.items() if calls}


def kept(name: str, parts: Mapping[str, int]) -> bool:
    """Whether a part is shown: one without calls is not, but for the two that every desk looks for."""
    return bool(parts[name]) or name in ("answered", "abandoned")


def left_out(rows: pl.DataFrame) -> str:
    """Which groups the balance is without, because the log does not tell how many calls they were offered."""
    untold = rows.filter(pl.col("offered").is_null())
    if untold.is_empty():
        return ""
    column = "group" if "group" in untold.columns else "day"
    names = [str(name) for name in untold[column].head(MOST_NAMED)]
    more = untold.height - len(names)
    return f" Without {', '.join(names)}{f' and {more} more' if more else ''}: the calls offered are not told there."
