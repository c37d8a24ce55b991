"""Files larger than what is held in memory at once meet the same fates as small ones."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from kcas.calls.call import SCHEMA
from kcas.calls.store import Store
from kcas.calls.store.add import PRINT
from kcas.calls.store.stage import ROWS_A_FILE, Spool
from tests.unit.calls.store.rows import NINE, add, counts


def test_a_spool_gives_back_every_row_and_keeps_equal_keys_together(tmp_path: Path) -> None:
    dice = np.random.default_rng(1)
    keys = dice.integers(0, 2**64, 500, dtype="u8")
    rows = np.zeros(2_000, dtype=PRINT)
    rows["key"] = dice.choice(keys, 2_000)
    rows["row"] = np.arange(2_000)
    spool = Spool(tmp_path / "prints", dtype=PRINT, rows_held=300)
    for part in np.split(rows, 20):
        spool.put(part)
    heaps = [heap.copy() for heap in spool.heaps()]
    assert len(heaps) > 30
    assert sorted(np.concatenate(heaps)["row"].tolist()) == list(range(2_000))
    for heap in heaps:
        assert (np.diff(heap["row"]) > 0).all(), "in the order they were put"
    owners = [set(heap["key"].tolist()) for heap in heaps]
    assert sum(map(len, owners)) == len(set.union(*owners)), "no key is in two heaps"
    spool.close()
    assert list(tmp_path.iterdir()) == []


def many(legs: np.ndarray, *, talk: np.ndarray) -> pl.DataFrame:
    """Calls of these legs over half a year, one after the other."""
    told = pl.DataFrame({"leg": pl.Series(legs).cast(pl.String), "talk": talk.astype(float)}).with_columns(
        entered=NINE + pl.Series(legs % 180) * timedelta(days=1), queue=pl.lit("duty"), outcome=pl.lit("answered")
    )
    return told.select(
        pl.col(name).cast(dtype) if name in told.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in SCHEMA.items()
    )


def test_half_a_million_rows_told_again_in_part_corrected_in_part_and_twice_in_part(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    legs = np.arange(ROWS_A_FILE + 100_000)
    talk = legs % 100
    first = add(store, "first", *(many(part, talk=part % 100) for part in np.split(legs, 5)))
    assert counts(first) == (len(legs), 0, 0)
    corrected = np.where(legs % 10 == 0, talk + 1, talk)  # a tenth is corrected
    new = np.arange(len(legs), len(legs) + 1_000)
    again = [many(part, talk=corrected[part]) for part in np.split(np.random.default_rng(2).permutation(legs), 5)]
    last_word = many(legs[:50], talk=np.full(50, 7))  # and fifty are told once more at the end
    second = add(store, "second", *again, many(new, talk=new), last_word)
    changed = {int(leg) for leg in legs[corrected != talk]} | {leg for leg in range(50) if leg % 100 != 7}
    kept = store.calls().select("leg", "talk").collect()
    assert second.new == 1_000
    assert sum(counts(second)) == len(legs) + 1_050
    assert kept.height == kept["leg"].n_unique() == len(legs) + 1_000
    expected = {int(leg): float(value) for leg, value in zip(legs, corrected, strict=True)}
    expected |= dict.fromkeys(range(50), 7.0) | {int(leg): float(leg) for leg in new}
    assert {int(leg): value for leg, value in kept.rows()} == expected
    replaced = store.calls(as_at=store.batches()[0].committed)
    assert replaced.select(pl.len(), pl.col("talk").sum()).collect().row(0) == (len(legs), float(talk.sum()))
    assert second.superseded >= len(changed)
