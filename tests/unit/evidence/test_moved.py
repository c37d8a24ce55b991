"""Are signals and verdicts said in plain words, with their halves?"""

from datetime import date, timedelta

import pytest

from kcas.evidence import moved
from kcas.evidence.control_charts import control_chart
from kcas.evidence.palettes import DARK, LIGHT, Palette
from kcas.monitor.rate_chart import Counted, Point, RateChart, rate_chart
from kcas.monitor.since import since

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
        Point(start, 10, 100, 0.1, 0.2, 0.05, 0.35, score, kind="Monday" if by == "day" else None)
        for start, score in zip(starts, scores, strict=False)
    )
    return RateChart(by, points, 0.2, 1.0, provisional, None, None, ())


def test_eight_working_days_below_are_a_fall() -> None:
    assert moved.sentences(chart(-1, -0.5, -1, -0.5, -1, -0.5, -1, -0.5)) == [
        "Eight working days in a row below the centre line since Monday 3 May 2010: the rate has fallen. "
        "10.0% (80 of 800), where the centre line has 20.0%."
    ]


def test_a_run_that_is_over_is_in_the_past() -> None:
    said = moved.sentences(chart(1, 0.5, 1, 0.5, 1, 0.5, 1, -1, by="week"))
    assert said[0].startswith(
        "Seven weeks in a row above the centre line in the weeks from 3 May to 14 June 2010: the rate was higher then."
    )


def test_a_trend_is_rising_or_falling() -> None:
    assert moved.sentences(chart(1.5, 1, 0.5, 0.2, -0.5, -1, -1.5, by="month"))[0].startswith(
        "Seven months in a row, each lower than the last, since January 2010: the rate is falling."
    )


def test_two_of_three_and_one_outside_are_told_apart() -> None:
    said = moved.sentences(chart(-1, 2.5, 1, 2.5, -1, 4, -1))
    assert [line.split(":")[0] for line in said] == [
        "One working day above the upper limit, Monday 10 May 2010",
        "Three working days, of which two or more close to the upper limit, 4 to 6 May 2010",
    ]


def test_nothing_out_of_the_ordinary_is_said_so() -> None:
    assert moved.sentences(chart(1, -1, 1)) == [
        "No point asks for an explanation: none stands out by the rules. That is not to say that nothing changed."
    ]
    assert moved.latest(chart(1, -1, 1)) == (
        "Has it moved? No day since Monday 3 May 2010 stands out by the rules of the chart."
    )


def test_a_target_that_ordinary_weeks_would_always_miss_is_said_so() -> None:
    weeks = [Counted(MONDAY + timedelta(weeks=n), 20 + n % 2, 100) for n in range(20)]
    assert "miss the target every time" in moved.of_the_target(rate_chart(weeks, by="week", at_most=0.05))
    assert "meet the target every time" in moved.of_the_target(rate_chart(weeks, by="week", at_most=0.5))
    assert moved.of_the_target(rate_chart(weeks, by="week")) == ""


def test_the_line_for_the_first_page_says_how_sure() -> None:
    said = moved.latest(chart(1, 4, provisional=True))
    assert said.startswith("The latest change: One working day above the upper limit, Tuesday 4 May 2010")
    assert "fewer than 3 in 100 days on which nothing had changed." in said
    assert "fewer than sixty weekdays" in said


def test_a_chart_without_limits_says_nothing_of_change() -> None:
    few = rate_chart([Counted(MONDAY, 10, 100)], by="week")
    assert moved.sentences(few) == ["No limits can be drawn yet, so nothing can be said of change."]
    assert moved.latest(few) == "Has it moved? Too few days yet to tell."
    assert moved.with_limits(few)["mark"].to_list() == ["no limits"]


def test_a_reader_is_told_what_is_drawn_and_what_becomes_of_weekends() -> None:
    weeks = chart(*[1, -1] * 7, by="week")  # the fourteenth week begins on 2 August
    said = moved.how_to_read(weeks, chosen=date(2010, 7, 1))
    assert "Drawn: 14 weeks, the week from Monday 3 May 2010 to the week from Monday 2 August 2010." in said
    assert "further back than the period chosen" in said
    assert "Weekends and holidays are counted in their week." in said
    assert "further back" not in moved.how_to_read(weeks, chosen=date(2010, 5, 6))


def test_a_difference_keeps_its_sign() -> None:
    assert [moved.signed(value) for value in (-0.042, 0.042)] == ["−4.2", "+4.2"]


def test_the_caveats_stand_beside_every_verdict() -> None:
    none = since([], date(2010, 4, 1))
    assert moved.verdict(none) == "Not enough data"
    assert len(moved.cautions(none)) == 3
    assert moved.difference_table(none).is_empty()
    assert moved.sides_table(none)["Rate"].to_list() == ["not available", "not available"]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_chart_wears_the_palette_and_marks_by_shape(palette: Palette) -> None:
    counts = [90] + [20, 24] * 10  # the first draws the centre above all the others
    wild = rate_chart([Counted(MONDAY + timedelta(weeks=n), lost, 100) for n, lost in enumerate(counts)], by="week")
    drawn = control_chart(moved.with_limits(wild), by="week", palette=palette, target=0.05).to_dict()
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
