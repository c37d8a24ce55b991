"""The library's Erlang formulas against figures from textbooks."""

import pytest

import kcas


def test_erlang_b_of_ten_erlangs_on_ten_lines_is_the_tables_0_2146() -> None:
    # 60 calls an hour of ten minutes are ten erlangs; B(10, 10) = 0.2146 in every published table of Erlang B.
    assert kcas.erlang_b(arrivals_per_hour=60, handle=600, agents=10).p_block == pytest.approx(0.2146, abs=5e-5)


def test_erlang_c_with_one_agent_is_the_load() -> None:
    # M/M/1: the chance of waiting is the load, the mean time in queue load / (rate of service - rate of arrival).
    found = kcas.erlang_c(arrivals_per_hour=6, handle=300, agents=1)
    assert found.p_wait == pytest.approx(0.5)
    assert found.mean_wait_all == pytest.approx(0.5 / (1 / 300 - 1 / 600))


def test_erlang_a_abandons_what_patience_takes_from_the_queue() -> None:
    # A balance: calls that abandon a second are the mean queue over the mean patience.
    found = kcas.erlang_a(arrivals_per_hour=80, handle=600, patience=180, agents=13)
    assert found.p_abandon * 80 / 3600 == pytest.approx(found.mean_queue / 180)


def test_a_table_of_exponential_patience_is_erlang_a() -> None:
    table = {"distribution": "exponential", "mean": "3 min"}
    one = kcas.erlang_a(arrivals_per_hour=80, handle=600, patience=180, agents=13)
    other = kcas.erlang_a(arrivals_per_hour=80, handle=600, patience=table, agents=13)
    assert other.p_abandon == pytest.approx(one.p_abandon, rel=1e-4)
    assert other.to_frame()["mean_wait_all"].item() == pytest.approx(one.mean_wait_all, rel=1e-4)


def test_a_queue_without_end_is_refused_in_words() -> None:
    with pytest.raises(kcas.KcasError, match="agents"):
        kcas.erlang_c(arrivals_per_hour=100, handle=600, agents=3)


def test_seventeen_lines_are_the_fewest_for_ten_erlangs_at_two_per_cent() -> None:
    # In every published table of Erlang B: 16 lines block 2.23% of ten erlangs, 17 lines 1.29%.
    assert kcas.erlang_b_lines(arrivals_per_hour=60, handle=600, p_block=0.02) == 17
