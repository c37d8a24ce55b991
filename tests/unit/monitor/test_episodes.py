"""What happened, and since when: scores drawn by hand, and what is told of them."""

from datetime import date, timedelta

from kcas.monitor.episodes import Episode, episodes
from kcas.monitor.rate_chart import Point
from kcas.monitor.signals import OUTSIDE, SHIFT, TREND, TWO_OF_THREE

FIRST = date(2010, 5, 3)  # a Monday


def points(*scores: float | None) -> list[Point]:
    """A point a day of 10 in 100, the centre at 20 %; None where its kind of day has no limits."""
    return [
        Point(FIRST + timedelta(days=n), 10, 100, 0.1, centre=None if score is None else 0.2, score=score)
        for n, score in enumerate(scores)
    ]


def told(found: list[Episode]) -> list[tuple[str, bool, int, int, bool]]:
    return [
        (one.rule, one.up, (one.first - FIRST).days, (one.last - FIRST).days, one.lasts) for one in found
    ]  # fmt: skip


def test_eight_on_one_side_are_one_episode_that_lasts() -> None:
    found = episodes(points(1, -1, -0.5, -1, -0.5, -1, -0.5, -1, -0.5))
    assert told(found) == [(SHIFT, False, 1, 8, True)]
    assert (found[0].numerator, found[0].denominator, found[0].expected) == (80, 800, 160)
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


def test_days_without_limits_neither_break_a_run_nor_belong_to_it() -> None:
    found = episodes(points(-1, -0.5, -1, None, -0.5, -1, -0.5, -1, None))
    assert told(found) == [(SHIFT, False, 0, 7, False)]  # the newest point has no limits: nothing is known of it
    assert len(found[0].points) == 7


def test_no_points_tell_nothing() -> None:
    assert episodes([]) == []
    assert episodes(points(None)) == []
