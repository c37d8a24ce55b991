"""Limits are recalculated at recorded actions only where the points confirm a shift there, and a person can undo it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kcas.desk.change_log import Action
from kcas.errors import SettingError
from kcas.monitoring.from_measures import recalculated_chart
from kcas.monitoring.rate_chart import PeriodCount, RateChart
from kcas.monitoring.rebasing import Act, Rebasings

MONDAY = date(2010, 1, 4)
HIGH, LOW = [19, 20, 21] * 5, [9, 10, 11] * 5
TELEPHONES = "new telephone system"


def weeks(*counts: int, of: int = 100) -> list[PeriodCount]:
    return [PeriodCount(MONDAY + timedelta(weeks=n), count, of) for n, count in enumerate(counts)]


def monday(number: int) -> date:
    return MONDAY + timedelta(weeks=number)


def done(*days: date) -> list[Action]:
    return [Action(day, "ii", f"{TELEPHONES} {day}") for day in days]


def at(chart: RateChart) -> list[date]:
    return [segment.recalculated.day for segment in chart.segments if segment.recalculated]


def chart(rows: Sequence[PeriodCount], actions: Sequence[Action], **more: object) -> RateChart:
    return recalculated_chart(rows, by="week", actions=actions, **more)  # type: ignore[arg-type]


def test_a_shift_at_a_recorded_action_parts_the_limits_there() -> None:
    found = chart(weeks(*HIGH, *LOW), done(monday(15)))
    assert at(found) == [monday(15)]
    assert [segment.centre for segment in found.segments] == pytest.approx([0.2, 0.1])
    begun = found.segments[1].recalculated
    assert begun is not None
    assert (begun.higher, begun.run, begun.run_from) == (False, 15, monday(15))
    assert begun.actions[0].what == f"{TELEPHONES} {monday(15)}"
    assert not [point for point in found.points if point.rule]


def test_the_same_shift_without_an_action_is_not_applied() -> None:
    assert at(chart(weeks(*HIGH, *LOW), [])) == []


def test_an_action_without_a_shift_changes_nothing() -> None:
    assert at(chart(weeks(*HIGH, *HIGH), done(monday(15)))) == []


@pytest.mark.parametrize(("after", "parted"), [(11, False), (12, True)])
def test_twelve_points_must_follow(after: int, parted: bool) -> None:
    assert bool(at(chart(weeks(*HIGH, *LOW[:after]), done(monday(15))))) is parted


@pytest.mark.parametrize(("before", "parted"), [(11, False), (12, True)])
def test_twelve_points_must_lie_before(before: int, parted: bool) -> None:
    rows = weeks(*HIGH, *LOW)[15 - before :]
    assert bool(at(chart(rows, done(monday(15))))) is parted


def test_a_shift_long_after_the_action_is_not_its_own() -> None:
    assert at(chart(weeks(*HIGH, *HIGH[:6], *LOW), done(monday(15)))) == []


def test_a_shift_that_was_there_before_the_action_is_not_its_own() -> None:
    assert at(chart(weeks(*HIGH, *LOW[:8], *LOW), done(monday(23)))) == []


def test_a_change_that_passes_is_not_applied() -> None:
    assert at(chart(weeks(*HIGH, *LOW[:7], *HIGH), done(monday(15)))) == []


def test_one_wild_point_at_the_end_does_not_take_a_recalculation_back() -> None:
    assert at(chart(weeks(*HIGH, *LOW, 35), done(monday(15)))) == [monday(15)]


def test_of_two_actions_that_one_counts_at_which_the_rates_part_most() -> None:
    rows = weeks(*HIGH, *LOW)
    assert at(chart(rows, done(monday(13), monday(15)))) == [monday(15)]
    assert at(chart(rows, done(monday(15), monday(17)))) == [monday(15)]


def test_two_shifts_at_two_actions_make_three_segments() -> None:
    found = chart(weeks(*HIGH, *LOW, *HIGH), done(monday(15), monday(30)))
    assert at(found) == [monday(15), monday(30)]
    assert [segment.centre for segment in found.segments] == pytest.approx([0.2, 0.1, 0.2])


def test_no_shift_is_confirmed_across_missing_weeks() -> None:
    low = [9, 10, 11] * 4
    rows = weeks(*HIGH, *low)
    lost = [row for row in rows if row.start not in {monday(n) for n in (18, 22)}]
    gone = [monday(n) + timedelta(days=d) for n in (18, 22) for d in range(5)]
    late = weeks(*HIGH, *low, *low)
    assert at(chart([row for row in late if row not in (rows[18], rows[22])], done(monday(15)))) == [monday(15)]
    assert at(chart(lost, done(monday(15)), missing=gone)) == []  # three, three and four weeks: no seven in a row


def test_a_persons_re_basing_has_the_last_word() -> None:
    rows, act = weeks(*HIGH, *LOW), Act(1, datetime(2010, 9, 1, tzinfo=UTC), "A. Smith", "training", day=monday(17))
    found = chart(rows, done(monday(15)), rebased=[act])
    assert at(found) == []
    assert [segment.first for segment in found.segments] == [MONDAY, monday(17)]


def test_an_undone_recalculation_is_not_applied_again() -> None:
    assert at(chart(weeks(*HIGH, *LOW), done(monday(15)), declined={monday(15)})) == []


def test_a_baseline_that_was_asked_for_overrides_it() -> None:
    found = chart(weeks(*HIGH, *LOW), done(monday(15)), baseline=(MONDAY, monday(15)))
    assert len(found.segments) == 1
    assert found.centre == pytest.approx(0.2)


def test_days_are_judged_against_their_own_kind() -> None:
    days = [MONDAY + timedelta(days=n) for n in range(140)]
    working = [day for day in days if day.weekday() < 5]
    start = date(2010, 3, 29)
    lost = [(20 if day < start else 14) + 4 * (day.weekday() == 0) + (n * 3) % 5 - 2 for n, day in enumerate(working)]
    rows = [PeriodCount(day, count, 100) for day, count in zip(working, lost, strict=True)]
    found = recalculated_chart(rows, by="day", actions=done(start, date(2010, 2, 8), date(2010, 4, 30)))
    assert at(found) == [start]


WHO = {"name": "A. Smith", "reason": "the system came later"}


def test_an_undoing_is_kept_on_record_and_can_itself_be_taken_back(tmp_path: Path) -> None:
    record, day = Rebasings(tmp_path), monday(15)
    act = record.decline(day, recalculated=[day], **WHO)
    assert (act.number, act.declines, act.day, act.name) == (1, day, None, "A. Smith")
    assert record.declined() == {day}
    assert record.declined(queues=("duty",)) == frozenset()
    assert record.in_force() == ()
    assert record.declined(as_at=act.recorded - timedelta(seconds=1)) == frozenset()
    with pytest.raises(SettingError, match="undone already"):
        record.decline(day, recalculated=[day], **WHO)
    record.undo(1, **WHO)
    assert record.declined() == frozenset()
    assert [each.number for each in record.acts()] == [1, 2]


def test_a_day_at_which_nothing_is_recalculated_cannot_be_undone(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"2010-04-20: .*Its limits are recalculated at: 2010-04-19"):
        Rebasings(tmp_path).decline(date(2010, 4, 20), recalculated=[monday(15)], **WHO)


def test_a_person_who_undoes_a_re_basing_at_an_actions_day_undoes_the_recalculation_too(tmp_path: Path) -> None:
    record, day = Rebasings(tmp_path), monday(15)
    record.add(day, points=[row.start for row in weeks(*HIGH, *LOW)], by="week", **WHO)
    assert record.declined() == frozenset()
    record.undo(1, **WHO)
    assert record.declined() == {day}
