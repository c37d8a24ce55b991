"""Has each segment of a chart its own limits, and does a run end where they begin anew?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from kcas.desk.standard import DaysCharted
from kcas.monitoring.control_chart import p_prime
from kcas.monitoring.drift import drift
from kcas.monitoring.rate_chart import PeriodCount, episodes, rate_chart
from kcas.monitoring.rebasing import Act
from kcas.monitoring.suggested_breaks import suggestions

MONDAY = date(2010, 1, 4)
RECORDED = datetime(2010, 9, 1, tzinfo=UTC)


def act(day: date, number: int = 1) -> Act:
    return Act(number, RECORDED, "A. Smith", "new telephone system", day=day)


def weeks(*counts: int, of: int = 100) -> list[PeriodCount]:
    return [PeriodCount(MONDAY + timedelta(weeks=n), count, of) for n, count in enumerate(counts)]


def weekdays(*counts: int, of: int = 100) -> list[PeriodCount]:
    days = [MONDAY + timedelta(days=n) for n in range(len(counts) * 2)]
    working = [day for day in days if day.weekday() < 5]
    return [PeriodCount(day, count, of) for day, count in zip(working, counts, strict=False)]


HIGH, LOW = [19, 20, 21] * 5, [9, 10, 11] * 5


def test_each_segment_has_the_limits_of_a_chart_of_its_own() -> None:
    rows = weeks(*HIGH, *LOW)
    found = rate_chart(rows, by="week", rebased=[act(rows[15].start)])
    for part, points in ((HIGH, found.points[:15]), (LOW, found.points[15:])):
        alone = p_prime(part, [100] * 15)
        assert [point.centre for point in points] == pytest.approx(alone.centre.tolist())
        assert [point.upper for point in points] == pytest.approx(alone.upper.tolist())
    assert [point.segment for point in found.points] == [0] * 15 + [1] * 15
    assert [(one.first, one.last, one.points) for one in found.segments] == [
        (rows[0].start, rows[14].start, 15),
        (rows[15].start, rows[29].start, 15),
    ]
    assert [one.centre for one in found.segments] == pytest.approx([0.2, 0.1])
    assert found.centre == pytest.approx(0.1)
    assert [one.rebased for one in found.segments] == [None, act(rows[15].start)]


def test_a_fall_that_was_re_based_is_no_signal_any_more() -> None:
    rows = weeks(*HIGH, *LOW)
    assert len(episodes(rate_chart(rows, by="week").points)) >= 2
    assert episodes(rate_chart(rows, by="week", rebased=[act(rows[15].start)]).points) == []


def test_a_run_ends_where_the_limits_begin_anew() -> None:
    rows = weeks(*[20, 22] * 6, *[21] * 4, *[11] * 4, *[10, 8] * 6)
    found = rate_chart(rows, by="week", rebased=[act(rows[16].start)])
    sides = [(point.score or 0) > 0 for point in found.points]
    assert not any(len({sides[n] for n in range(a, a + 7)}) == 1 for a in range(16, 22))
    assert all(len({point.segment for point in episode.points}) == 1 for episode in episodes(found.points))


def test_a_week_in_which_the_day_falls_stays_with_what_was_before() -> None:
    rows = weeks(*HIGH, *LOW)
    found = rate_chart(rows, by="week", rebased=[act(rows[14].start + timedelta(days=3))])
    assert [one.points for one in found.segments] == [15, 15]


def test_a_re_basing_with_too_few_months_after_it_is_told_and_not_drawn() -> None:
    rows = weeks(*HIGH, *LOW[:11])
    found = rate_chart(rows, by="week", rebased=[act(rows[15].start)])
    assert len(found.segments) == 1
    assert (
        "Re-based at 19 April 2010 on record, but not drawn here: 11 weeks from there, where at least 12 are needed."
        in found.notes
    )


def test_a_chart_that_begins_after_the_change_is_one_segment_without_a_word() -> None:
    rows = weeks(*LOW)
    found = rate_chart(rows, by="week", rebased=[act(MONDAY - timedelta(days=1)), act(MONDAY, 2)])
    assert len(found.segments) == 1
    assert not any("Re-based" in note for note in found.notes)


def test_a_baseline_asked_for_holds_over_the_record() -> None:
    rows = weeks(*HIGH, *LOW)
    baseline = rows[0].start, rows[15].start
    found = rate_chart(rows, by="week", baseline=baseline, rebased=[act(rows[15].start)])
    assert [point.centre for point in found.points] == pytest.approx([0.2] * 30)
    assert any("no re-basing on record is applied" in note for note in found.notes)


def test_days_after_a_change_keep_the_pattern_of_the_week_until_there_are_enough() -> None:
    pattern = [30, 25, 20, 15, 10]  # in 100, Monday to Friday: the mean is 20
    wobble = [1, -1]
    before = [count + wobble[n % 2] for n, count in enumerate(pattern * 12)]
    after = [round(count / 2) for count in pattern * 3][:12]  # half as high, twelve days
    rows = weekdays(*before, *after)
    found = rate_chart(rows, by="day", rebased=[act(rows[60].start)])
    # Twelve days: three each of Monday and Tuesday, two of the others, against what the pattern would have.
    kinds = [row.start.weekday() for row in rows[60:]]
    expected = sum(pattern[kind] / 100 * 100 for kind in kinds)
    level = sum(after) / expected
    assert [point.centre for point in found.points[60:]] == pytest.approx(
        [level * pattern[kind] / 100 for kind in kinds], rel=0.02
    )
    assert found.provisional
    assert not found.segments[0].provisional


def test_twenty_days_after_a_change_each_weekday_has_its_own_centre() -> None:
    before, after = [30, 25, 20, 15, 10] * 12, [10, 12, 14, 16, 18] * 4
    rows = weekdays(*before, *after)
    found = rate_chart(rows, by="day", rebased=[act(rows[60].start)])
    assert [point.centre for point in found.points[-5:]] == pytest.approx([0.10, 0.12, 0.14, 0.16, 0.18])


def test_a_break_is_suggested_where_the_rate_fell_and_stayed_and_is_never_applied() -> None:
    rows = weeks(*HIGH, *LOW)
    found = rate_chart(rows, by="week")
    [suggested] = suggestions(found)
    assert (suggested.day, suggested.higher, suggested.run, suggested.points) == (rows[15].start, False, 15, 15)
    assert len(found.segments) == 1
    assert suggestions(rate_chart(rows, by="week", rebased=[act(rows[15].start)])) == ()


def test_weeks_exactly_on_the_centre_do_not_speak_for_a_fall() -> None:
    rows = weeks(*[21, 23] * 10, *[15] * 8, *[20] * 10)  # 760 of 3,800: the last ten weeks lie on the centre, 20 %
    assert suggestions(rate_chart(rows, by="week")) == ()


def test_a_run_that_passed_or_came_too_late_suggests_nothing() -> None:
    passed = weeks(*[19, 21] * 8, *[15] * 8, *[19, 21] * 8)
    assert suggestions(rate_chart(passed, by="week")) == ()
    late = weeks(*[19, 21] * 10, *[12] * 11)
    assert suggestions(rate_chart(late, by="week")) == ()


def test_the_drift_is_the_mean_a_hand_makes_and_begins_anew_with_the_limits() -> None:
    rows = weeks(*HIGH, *LOW)
    found = rate_chart(rows, by="week", rebased=[act(rows[15].start)])
    points = drift(found)
    scores = [point.score or 0.0 for point in found.points]
    assert points[0].value == pytest.approx(0.2 * scores[0])
    assert points[1].value == pytest.approx(0.2 * scores[1] + 0.8 * 0.2 * scores[0])
    assert points[15].value == pytest.approx(0.2 * scores[15])
    assert points[0].upper == pytest.approx(2.86 * 0.2)  # √(λ/(2−λ)·(1−0.8²)) is λ
    assert points[14].upper == pytest.approx(2.86 * np.sqrt(0.2 / 1.8 * (1 - 0.8**30)))


def test_weekends_and_holidays_are_left_out_where_the_standard_says_so() -> None:
    days = [MONDAY + timedelta(days=n) for n in range(70)]
    rows = [PeriodCount(day, 20, 100) for day in days]
    friday = date(2010, 1, 8)
    own = rate_chart(rows, by="day", holidays={friday})
    assert len(own.points) == 70
    assert "Weekends, and bank holidays, are kinds of their own, as the standard says." in own.notes
    left = rate_chart(rows, by="day", holidays={friday}, charted=DaysCharted(weekends="left out", holidays="left out"))
    assert len(left.points) == 49  # ten weeks of five, less the holiday
    assert "Weekends, and bank holidays, are left out of this chart, as the standard says." in left.notes
    one = rate_chart(rows, by="day", holidays={friday}, charted=DaysCharted(holidays="left out"))
    assert len(one.points) == 69
    assert "Bank holidays are left out of this chart and weekends are a kind of their own" in " ".join(one.notes)


def test_the_weekend_is_the_desks_own() -> None:
    rows = [PeriodCount(MONDAY + timedelta(days=n), 20, 100) for n in range(70)]
    found = rate_chart(rows, by="day", charted=DaysCharted(weekend=(4, 5)))
    assert [point.kind for point in found.points[:7]] == [
        "Monday", "Tuesday", "Wednesday", "Thursday", "weekend", "weekend", "Sunday",
    ]  # fmt: skip
    assert found.provisional  # fifty working days


def test_two_re_basings_too_near_each_other_draw_the_later() -> None:
    rows = weeks(*HIGH, *LOW, *LOW)
    near = [act(rows[15].start), replace(act(rows[20].start), number=2)]
    found = rate_chart(rows, by="week", rebased=near)
    assert [one.points for one in found.segments] == [20, 25]


def test_days_that_take_after_each_other_are_told_and_days_that_do_not_are_not() -> None:
    slow = [20 + round(6 * np.sin(n / 6)) for n in range(100)]
    found = rate_chart(weekdays(*slow), by="day")
    assert found.alike
    assert found.lag1 is not None
    assert found.lag1 > 0.7
    assert any("Neighbouring days are alike (lag-1 autocorrelation 0." in note for note in found.notes)
    turns = rate_chart(weekdays(*[18, 22] * 50), by="day")
    assert turns.lag1 is not None
    assert turns.lag1 < 0
    assert not turns.alike
    assert not any("alike" in note for note in turns.notes)
    assert rate_chart(weeks(*HIGH), by="week").lag1 is None


def test_a_day_unlike_others_that_never_vary_is_outside_and_upsets_no_sum() -> None:
    found = rate_chart(weekdays(*[20] * 99, 30), by="day")
    assert found.points[-1].rule == "outside the limits"
    assert all(np.isfinite(point.value) for point in drift(found))
    assert not found.alike
