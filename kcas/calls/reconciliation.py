"""Does every offered call have an outcome? One line that must balance."""

import polars as pl

from kcas.calls.call import LOST, OFFERED


def reconciliation(rows: pl.DataFrame) -> str:
    """Offered as the sum of its outcomes, and what an interval table leaves unexplained."""
    total = {name: whole(rows[name]) for name in ("offered", *OFFERED, "abandoned_all", "unexplained")}
    names = [name for name in OFFERED if total[name] or name in ("answered", "abandoned")]
    if total["abandoned"] is None:
        names = [name for name in names if name not in LOST]
        if total["abandoned_all"]:
            names.insert(1, "abandoned_all")
    parts = [f"{name.replace('_', ' ')} {total[name]:,}" for name in names if total[name] is not None]
    if total["unexplained"]:
        parts.append(f"not accounted for by the interval table {total['unexplained']:,}")
    if total["offered"] is None:
        return "Reconciliation: the log does not tell how many calls were offered."
    return f"Reconciliation: offered {total['offered']:,} = {' + '.join(parts)}."


def whole(counts: pl.Series) -> int | None:
    """The sum of a column of counts; None where a row does not tell."""
    return None if counts.null_count() else int(counts.sum())
