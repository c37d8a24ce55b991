"""Local time becomes UTC in one place; both clock changes are right, and flagged."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcas.errors import SettingError
from kcas.ingest.moments import Order, to_utc, zone_named

EPOCH = datetime.fromisoformat("1970-01-01")  # the clock on the wall has no zone


def wall(*texts: str) -> np.ndarray:
    return np.array(
        [(datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1) for text in texts], dtype=np.int64
    )


def utc(texts: list[str], *, zone: str = "Europe/London", order: Order | None = None) -> list[tuple[str, str]]:
    moments, flags = to_utc(wall(*texts), zone=zone, order=order)
    shown = [(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(m))).strftime("%H:%M") for m in moments]
    return list(zip(shown, flags.tolist(), strict=True))


def test_summer_time_is_an_hour_ahead_and_winter_time_is_not() -> None:
    assert utc(["2026-07-01 09:00", "2026-12-01 09:00"]) == [("08:00", ""), ("09:00", "")]


def test_the_repeated_hour_is_taken_as_its_first_pass_and_flagged() -> None:
    assert utc(["2026-10-25 00:59", "2026-10-25 01:00", "2026-10-25 01:59", "2026-10-25 02:00"]) == [
        ("23:59", ""), ("00:00", "repeated hour"), ("00:59", "repeated hour"), ("02:00", ""),
    ]  # fmt: skip


def test_the_skipped_hour_is_moved_forward_by_the_gap_and_flagged() -> None:
    # 29 March 2026: 01:00 GMT is 02:00 BST; "01:30" never was and is read as 02:30 BST, 01:30 UTC
    assert utc(["2026-03-29 00:59", "2026-03-29 01:00", "2026-03-29 01:30", "2026-03-29 02:00"]) == [
        ("00:59", ""), ("01:00", "skipped hour"), ("01:30", "skipped hour"), ("01:00", ""),
    ]  # fmt: skip


def test_rows_in_order_that_go_back_within_the_hour_are_its_second_pass() -> None:
    rows = [f"2026-10-25 {clock}" for clock in ("00:40", "01:05", "01:50", "01:10", "01:55", "02:05")]
    assert [clock for clock, _ in utc(rows, order=Order())] == ["23:40", "00:05", "00:50", "01:10", "01:55", "02:05"]


def test_the_order_is_remembered_from_one_block_to_the_next() -> None:
    order = Order()
    assert utc(["2026-10-25 00:40", "2026-10-25 01:50"], order=order)[1][0] == "00:50"
    assert utc(["2026-10-25 01:10"], order=order) == [("01:10", "repeated hour")]


def test_a_file_out_of_order_proves_nothing_and_the_first_pass_is_taken() -> None:
    rows = [f"2026-10-25 {clock}" for clock in ("09:00", "00:40", "01:50", "01:10")]
    assert [clock for clock, _ in utc(rows, order=Order())][2:] == ["00:50", "00:10"]


def test_a_little_disorder_within_a_pass_is_not_a_clock_put_back() -> None:
    rows = [f"2026-10-25 {clock}" for clock in ("00:40", "01:30", "01:20", "01:40")]
    assert [clock for clock, _ in utc(rows, order=Order())] == ["23:40", "00:30", "00:20", "00:40"]


def test_a_mapping_can_say_which_pass_is_meant() -> None:
    row = ["2026-10-25 01:30"]
    assert utc(row, order=Order("second")) == [("01:30", "repeated hour")]
    assert utc(row, order=Order("first")) == [("00:30", "repeated hour")]


def test_israel_in_1999_moved_its_clock_on_the_second_of_april() -> None:
    rows = ["1999-04-02 01:59", "1999-04-02 02:30", "1999-04-02 03:00"]
    assert utc(rows, zone="Asia/Jerusalem") == [("23:59", ""), ("00:30", "skipped hour"), ("00:00", "")]


def test_a_zone_nobody_knows_is_refused() -> None:
    with pytest.raises(SettingError, match="not a time zone"):
        zone_named("Europe/Maidstone", where="x.toml, zone")


ZONES = ["Europe/London", "Asia/Jerusalem", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
CHANGES = ["2026-10-25 01:00", "2026-03-29 01:00", "1999-04-02 02:00"]


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    moments=st.lists(st.datetimes(EPOCH, EPOCH.replace(year=2036)), min_size=1, max_size=8),
    change=st.sampled_from([None, *map(datetime.fromisoformat, CHANGES)]),
)
def test_it_agrees_with_the_standard_library(zone: str, moments: list[datetime], change: datetime | None) -> None:
    if change:
        moments = [change + timedelta(minutes=m.minute + 60 * (m.hour % 3 - 1)) for m in moments]
    moments = [m.replace(microsecond=0) for m in moments]
    found, flags = to_utc(wall(*map(str, moments)), zone=zone)
    for moment, micros, flag in zip(moments, found, flags, strict=True):
        first, second = (moment.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
        assert int(first.timestamp()) * 1_000_000 == micros
        assert bool(flag) == (first.utcoffset() != second.utcoffset())
