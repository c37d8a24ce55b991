"""What happened, and since when: scores drawn by hand, and what is told of them."""

from datetime import date, timedelta

import pytest

from kcas.monitoring.control_chart import OUTSIDE, SHIFT, TREND, TWO_OF_THREE
from kcas.monitoring.rate_chart import Episode, PeriodCount, Point, RateChart, episodes, rate_chart

FIRST = date(2010, 5, 3)  # a Monday


def points(*scores: float | None) -> list[Point]:
    """A point a day of 10 in 100, the centre two points in a hundred lower for each step; None where it has none."""
    return [
        Point(FIRST + timedelta(days=n), 10, 100, 0.1, centre=None if score is None else 0.1 - score / 50, score=score)
        for n, score in enumerate(scores)
    ]


def told(found: list[Episode]) -> list[tuple[str, bool, int, int, bool]]:
    return [
        (one.rule, one.up, (one.first - FIRST).days, (one.last - FIRST).days, one.lasts) for one in found
    ]  # fmt: skip


def test_eight_on_one_side_are_one_episode_that_lasts() -> None:
    found = episodes(points(1, -1, -0.5, -1, -0.5, -1, -0.5, -1, -0.5))
    assert told(found) == [(SHIFT, False, 1, 8, True)]
    assert (found[0].numerator, found[0].denominator) == (80, 800)
    assert found[0].expected == pytest.approx(4 * 12 + 4 * 11)
    assert not found[0].new  # it was a signal the day before


def test_the_seventh_on_one_side_is_new() -> None:
    assert [one.new for one in episodes(points(-1, 1, 0.5, 1, 0.5, 1, 0.5, 1))] == [True]
    assert episodes(points(-1, 1, 0.5, 1, 0.5, 1, 0.5)) == []


def test_a_wild_day_inside_a_run_is_told_beside_it() -> None:
    found = episodes(points(1, 0.5, 4, 0.5, 1, 0.5, 1, -1))
    assert told(found) == [(SHIFT, True, 0, 6, False), (OUTSIDE, True, 2, 2, False)]


def test_two_close_calls_are_told_unless_a_run_holds_them() -> None:
    assert told(episodes(points(-1, 2.5, 1, 2.5, -1))) == [(TWO_OF_THREE, True, 1, 3, False)]
    assert told(episodes(points(1, 2.5, 1, 2.5, 1, 0.5, 1))) == [(SHIFT, True, 0, 6, True)]


def test_a_trend_runs_through_the_centre() -> None:
    rising = points(-1.5, -1, -0.5, 0.2, 0.5, 1, 1.5)
    assert told(episodes(rising)) == [(TREND, True, 0, 6, True)]


def test_two_trends_end_on_end_are_two_and_a_turning_point_is_in_both() -> None:
    climb = [-1.5, -1, -0.5, 0.2, 0.5, 1, 1.5]
    assert told(episodes(points(*climb, *climb))) == [(TREND, True, 7, 13, True), (TREND, True, 0, 6, False)]
    found = episodes(points(*climb, *climb[-2::-1]))
    assert [one for one in told(found) if one[0] == TREND] == [(TREND, False, 6, 12, True), (TREND, True, 0, 6, False)]


def weeks(*counts: tuple[int, int]) -> RateChart:
    """Twenty weeks that swing between 19 and 21 % of 1,000 calls, which the limits come from, and then these."""
    known = [(190, 1000), (210, 1000)] * 10
    every = [PeriodCount(FIRST + timedelta(weeks=n), lost, of) for n, (lost, of) in enumerate([*known, *counts])]
    return rate_chart(every, by="week", baseline=(FIRST, FIRST + timedelta(weeks=20)))


def test_a_rate_that_falls_is_never_said_to_rise_though_its_scores_do() -> None:
    calls = (100, 200, 300, 400, 600, 1000, 1600)
    rates = (30, 29, 28, 27, 26, 25, 24)
    chart = weeks(*((of * rate // 100, of) for of, rate in zip(calls, rates, strict=True)))
    last = [point.score or 0 for point in chart.points[-7:]]
    assert last == sorted(last)  # ten points over the centre in 100 calls say less than four in 1,600
    assert TREND not in {episode.rule for episode in episodes(chart.points)}
    assert TREND not in {point.rule for point in chart.points}


def test_a_rate_that_falls_is_an_improvement_though_it_still_lies_above_the_centre() -> None:
    chart = weeks(*((lost, 1000) for lost in (226, 225, 224, 223, 222, 221, 220)))
    assert (TREND, False) in {(one.rule, one.up) for one in episodes(chart.points)}
    assert {(point.rule, point.side) for point in chart.points[-7:]} == {(TREND, "low")}
    assert chart.variation == "special_cause_improvement"


def test_days_without_limits_neither_break_a_run_nor_belong_to_it() -> None:
    found = episodes(points(-1, -0.5, -1, None, -0.5, -1, -0.5, -1, None))
    assert told(found) == [(SHIFT, False, 0, 7, False)]  # the newest point has no limits: nothing is known of it
    assert len(found[0].points) == 7


def test_no_points_tell_nothing() -> None:
    assert episodes([]) == []
    assert episodes(points(None)) == []
