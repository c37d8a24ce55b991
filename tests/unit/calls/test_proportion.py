"""Wilson's interval against Newcombe's table."""

import polars as pl
import pytest

from kcas.calls.rates import wilson, wilson_of

# Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3; R's prop.test(correct=FALSE) agrees
NEWCOMBE = (
    (81, 263, 0.255288519878274, 0.3662095769828),
    (15, 148, 0.0623863995307363, 0.160487241723308),
    (0, 20, 0.0, 0.161125158052819),
    (1, 29, 0.00611321429276265, 0.171755218793203),
)


@pytest.mark.parametrize(("count", "of", "low", "high"), NEWCOMBE)
def test_the_interval_is_newcombes(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == pytest.approx((low, high), abs=1e-12)


def test_columns_have_the_same_interval_and_all_and_none_stay_in_bounds() -> None:
    rows = pl.DataFrame({"x": [81, 15, 0, 1, 20], "n": [263, 148, 20, 29, 20]})
    low, high = wilson_of(pl.col("x"), of=pl.col("n"))
    found = rows.select(low.alias("low"), high.alias("high"))
    for (count, of, *_), row in zip((*NEWCOMBE, (20, 20)), found.iter_rows(), strict=True):
        assert row == pytest.approx(wilson(count, of), abs=1e-15)
    assert found["high"][4] == 1.0
