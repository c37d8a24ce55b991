"""Are signals and verdicts said in plain words, with their halves?"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest

from kcas.monitoring.drift import DriftPoint
from kcas.monitoring.rate_chart import PeriodCount, Point, RateChart, Segment, rate_chart
from kcas.monitoring.rebasing import Act
from kcas.monitoring.since import Week, since, verdict
from kcas.monitoring.suggested_breaks import Suggestion
from kcas.reporting import control, control_charts, verdict_words
from kcas.reporting.control_charts import control_chart
from kcas.reporting.palettes import DARK, LIGHT, Palette

MONDAY = date(2010, 5, 3)


def chart(*scores: float, by: str = "day", provisional: bool = False) -> RateChart:
    """A point for each score, 10 in 100, the centre at 20 %; days skip weekends."""
    days = [MONDAY + timedelta(days=n) for n in range(60) if (MONDAY + timedelta(days=n)).weekday() < 5]
    starts = {
        "day": days,
        "week": [MONDAY + timedelta(weeks=n) for n in range(30)],
        "month": [date(2010, n + 1, 1) for n in range(12)],
    }[by]
    points = tuple(
        Point(start, 10, 100, 0.1, 0.2 - score / 1e6, 0.05, 0.35, score, kind="Monday" if by == "day" else None)
        for start, score in zip(starts, scores, strict=False)
    )
    segment = Segment(points[0].start, points[-1].start, len(points), 0.2, 1.0, provisional)
    return RateChart(by, points, 0.2, 1.0, provisional, None, None, (), (segment,))


def said_of(chart: RateChart) -> list[str]:
    return verdict_words.sentences(chart, verdict(chart))


def first_line(chart: RateChart) -> str:
    return verdict_words.sentence(verdict(chart))


def test_eight_working_days_below_are_a_fall() -> None:
    assert said_of(chart(-1, -0.5, -1, -0.5, -1, -0.5, -1, -0.5)) == [
        "Eight working days in a row below the centre line since Monday 3 May 2010: the rate has fallen.",
        "10.0% (80 of 800), where the centre line has 20.0%.",
        "In simulation, the chart speaks up on fewer than 3 in 100 days on which nothing had changed.",
    ]


def test_a_desk_that_loses_less_than_one_a_day_is_not_promised_few_false_signals() -> None:
    large = chart(*[-1] * 8)
    small = replace(large, points=tuple(replace(each, numerator=0, denominator=4) for each in large.points))
    assert verdict(small).few  # four calls a day and a centre of 20 %: 0.8 a day
    said = verdict_words.beneath(verdict(small))
    assert said[1].startswith("Fewer than one such call a day is expected here")
    assert not [each for each in said if "3 in 100" in each]
    five = replace(large, points=tuple(replace(each, numerator=0, denominator=5) for each in large.points))
    assert not verdict(five).few


def test_a_run_that_is_over_is_in_the_past() -> None:
    assert first_line(chart(1, 0.5, 1, 0.5, 1, 0.5, 1, -1, by="week")) == (
        "Seven weeks in a row above the centre line in the weeks from 3 May to 14 June 2010: the rate was higher then. "
        "No week since then is outside expected variation."
    )


def test_a_trend_is_rising_or_falling() -> None:
    assert first_line(chart(1.5, 1, 0.5, 0.2, -0.5, -1, -1.5, by="month")) == (
        "Seven months in a row, each lower than the last, since January 2010: the rate is falling."
    )


def test_a_trend_of_days_is_said_to_allow_for_the_weekday() -> None:
    assert first_line(chart(-1.5, -1, -0.5, 0.2, 0.5, 1, 1.5)) == (
        "Seven working days in a row, each higher than the last once its kind of day is allowed for, "
        "since Monday 3 May 2010: the rate is rising."
    )


def test_two_of_three_and_one_outside_are_told_apart() -> None:
    said = said_of(chart(-1, 2.5, 1, 2.5, -1, 4, -1))
    assert [line.split(":")[0] for line in said if ":" in line] == [
        "One working day above the upper limit, Monday 10 May 2010",
        "Three working days, of which two or more close to the upper limit, 4 to 6 May 2010",
    ]


def test_nothing_out_of_the_ordinary_is_said_so() -> None:
    assert said_of(chart(1, -1, 1)) == ["No day since Monday 3 May 2010 is outside expected variation."]


def test_a_target_that_ordinary_weeks_would_always_miss_is_said_so() -> None:
    weeks = [PeriodCount(MONDAY + timedelta(weeks=n), 20 + n % 2, 100) for n in range(20)]
    assert rate_chart(weeks, by="week", at_most=0.05).assurance == "consistent_fail"
    assert rate_chart(weeks, by="week", at_most=0.5).assurance == "consistent_pass"
    assert rate_chart(weeks, by="week").assurance is None


def test_the_line_for_the_first_page_says_how_sure() -> None:
    said = " ".join(said_of(chart(1, 4, provisional=True)))
    assert said.startswith("One working day above the upper limit, Tuesday 4 May 2010")
    assert "fewer than 3 in 100 days on which nothing had changed." in said
    assert "fewer than sixty weekdays" in said


def test_where_days_are_alike_the_first_page_takes_its_promise_back() -> None:
    alike = replace(chart(1, 4), alike=True)
    assert "Here it does so more often: neighbouring days are alike." in said_of(alike)
    assert "more often" not in " ".join(said_of(chart(1, 4)))


def test_a_chart_without_limits_says_nothing_of_change() -> None:
    few = rate_chart([PeriodCount(MONDAY, 10, 100)], by="week")
    assert said_of(few) == ["Too few weeks yet to say whether the rate has changed."]
    assert said_of(rate_chart([], by="week")) == ["No rate can be calculated here, so nothing can be said of change."]
    assert control.with_limits(few)["mark"].to_list() == ["no limits"]


def test_a_reader_is_told_what_is_drawn_and_what_becomes_of_weekends() -> None:
    weeks = chart(*[1, -1] * 7, by="week")  # the fourteenth week begins on 2 August
    said = control.how_to_read(weeks, chosen=date(2010, 7, 1))
    assert "Drawn: 14 weeks, the week from Monday 3 May 2010 to the week from Monday 2 August 2010." in said
    assert "further back than the period chosen" in said
    assert "Weekends and holidays are counted in their week." in said
    assert "further back" not in control.how_to_read(weeks, chosen=date(2010, 5, 6))


def test_the_caveats_stand_beside_every_verdict() -> None:
    none = since([], date(2010, 4, 1))
    assert control.signal_verdict(none) == "Not enough data"
    assert len(control.cautions(none)) == 3
    assert control.difference_table(none).is_empty()
    assert control.sides_table(none)["Rate"].to_list() == ["not available", "not available"]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_chart_wears_the_palette_and_marks_by_shape(palette: Palette) -> None:
    counts = [90] + [20, 24] * 10  # the first draws the centre above all the others
    wild = rate_chart([PeriodCount(MONDAY + timedelta(weeks=n), lost, 100) for n, lost in enumerate(counts)], by="week")
    drawn = control_chart(control.with_limits(wild), by="week", palette=palette, target=0.05).to_dict()
    marks = next(layer["encoding"] for layer in drawn["layer"] if "shape" in layer["encoding"])
    colour, shape = (
        dict(zip(marks[name]["scale"]["domain"], marks[name]["scale"]["range"], strict=True))
        for name in ("color", "shape")
    )
    assert colour["higher: asks why"] == palette.abandoned
    assert colour["lower: asks why"] == palette.answered
    assert shape == {"higher: asks why": "triangle-up", "lower: asks why": "triangle-down"}
    assert drawn["config"]["background"] == palette.background
    assert "target: at most 5%" in str(drawn["datasets"])


def test_the_day_on_which_limits_begin_anew_is_written_on_the_chart_and_said_in_words() -> None:
    rows = [PeriodCount(MONDAY + timedelta(weeks=n), 20 if n < 15 else 10, 100) for n in range(30)]
    act = Act(3, datetime(2010, 9, 1, tzinfo=UTC), "A. Smith", "new telephone system", day=rows[15].start)
    whole = rate_chart(rows, by="week")
    found = rate_chart(rows, by="week", rebased=[act])
    assert verdict_words.segment_words(whole) == []
    assert verdict_words.edges(whole).is_empty()
    assert verdict_words.segment_words(found) == [
        "3 May to 9 August 2010, 15 weeks: centre line 20.0%.",
        "16 August to 22 November 2010, 15 weeks: centre line 10.0%. Re-based from Monday 16 August 2010 by A. Smith, "
        "on record since Wednesday 1 September 2010: new telephone system.",
    ]
    assert "by a person whose name is on record, on" in verdict_words.segment_words(found, named=False)[1]
    drawn = control_chart(
        control.with_limits(found), by="week", palette=LIGHT, edges=verdict_words.edges(found)
    ).to_dict()
    assert "re-based: Mon 16 Aug 2010" in str(drawn["datasets"])


def test_a_suggestion_says_what_it_rests_on_and_that_it_is_not_applied() -> None:
    found = Suggestion(MONDAY, higher=False, run=9, on_that_side=20, points=24)
    assert verdict_words.suggestion_words(found, by="day") == (
        "Suggested, not applied: from Monday 3 May 2010 on, 20 of 24 days lie below the centre line, 9 of them in a "
        "row. If something is known to have changed then, limits may be recalculated from there."
    )


def test_a_drift_is_told_from_when_to_when() -> None:
    def points(*values: float) -> list[DriftPoint]:
        days = [MONDAY + timedelta(days=n) for n in range(len(values))]
        return [DriftPoint(day, value, -1.0, 1.0, 0) for day, value in zip(days, values, strict=True)]

    assert verdict_words.drift_words(points(0, 0.9, -0.9), by="day") == ["EWMA: no drift beyond its limits."]
    assert verdict_words.drift_words(points(0, 1.1, 1.2, 0, -1.1), by="day") == [
        "EWMA below its lower limit, since Friday 7 May 2010 (1 day): the rate has drifted down.",
        "EWMA above its upper limit, 4 to 5 May 2010 (2 days): the rate had drifted up.",
    ]


def test_icons_tell_by_shape_and_word_what_colour_tells() -> None:
    high = [PeriodCount(MONDAY + timedelta(weeks=n), 20 + n % 2, 100) for n in range(20)]
    ordinary = control_charts.icons(rate_chart(high, by="week", at_most=0.05), palette=LIGHT)
    assert [(icon.name, icon.word) for icon in ordinary] == [("Variation", "Ordinary"), ("Assurance", "Misses target")]
    worse = control_charts.icons(
        rate_chart([*high, PeriodCount(MONDAY + timedelta(weeks=20), 60, 100)], by="week"), palette=LIGHT
    )
    assert [icon.word for icon in worse] == ["Concern: higher"]
    better = control_charts.icons(
        rate_chart([*high, PeriodCount(MONDAY + timedelta(weeks=20), 1, 100)], by="week"), palette=LIGHT
    )
    assert [icon.word for icon in better] == ["Improving: lower"]
    shapes = {re.sub(r"#[0-9a-f]{6}", "", icon.picture) for icon in (*ordinary, *worse, *better)}
    assert len(shapes) == 4  # without any colour they still differ
    for icon in (*ordinary, *worse, *better):
        drawn = ElementTree.fromstring(icon.picture)  # noqa: S314 (our own)
        assert drawn.findtext("{http://www.w3.org/2000/svg}title") == icon.word
    assert control_charts.icons(rate_chart(high[:5], by="week"), palette=LIGHT) == []
    assert control_charts.icons(chart(1, -1), palette=LIGHT) == []  # days have none


def test_the_weeks_of_a_verdict_are_marked_by_the_side_they_count_on() -> None:
    weeks = [Week(MONDAY + timedelta(weeks=n), 20, 100) for n in range(6)]
    day = MONDAY + timedelta(weeks=3, days=2)
    frame = control_charts.weekly(
        weeks, whole=weeks[1:], day=day, offered={week.monday: 110 for week in weeks}, agents={MONDAY: 4}
    )
    assert frame["side"].to_list() == [
        "on neither side", "before", "before", "on neither side", "after", "after",
    ]  # fmt: skip
    assert (
        control_charts.volume_and_staff_sentence(frame)
        == "110 calls offered in a week before the date and 110 after it, on average."
    )
    assert frame["agents"].to_list() == [4, None, None, None, None, None]
