"""Are days, half-hours and readings of a fit said and drawn as they are, with what stands behind them?"""

from typing import Any

import numpy as np
import pytest

from kcas.calibration.handling_time import HandlingSeen
from kcas.calibration.level import Outlook
from kcas.calibration.time_of_day import OverTheDay
from kcas.reporting import calibration_charts, calibration_tables
from kcas.reporting.palettes import DARK, LIGHT, Palette

HALF_HOURS = [
    {"weekday": "monday", "start": "09:00", "offered": 30.0, "on_duty": 5.0, "days": 4},
    {"weekday": "monday", "start": "09:30", "offered": 10.0, "on_duty": 5.0, "days": 4},
    {"weekday": "tuesday", "start": "09:00", "offered": 20.0, "on_duty": 4.0, "days": 3},
    {"weekday": "saturday", "start": "10:00", "offered": 6.0, "on_duty": 1.0, "days": 4},
]
REPORT: dict[str, Any] = {
    "files": [{"file": "a.toml", "weekdays": ["monday", "tuesday"]}, {"file": "b.toml", "weekdays": ["saturday"]}],
    "arrivals": {"half_hours": HALF_HOURS, "expected": {"monday": 41.6, "tuesday": 20.0, "saturday": 6.0}},
    "from": "2010-03-01", "to": "2010-03-27", "days": 11, "offered": 262, "abandoned": 31,
    "holidays": ["2010-03-09"], "odd_days": ["2010-03-09", "2010-03-16"],
    "staff": {"availability": {"mean": 0.876}},
    "patience": {
        "all": {"mean": 93.0, "abandoned": 31, "calls": 262},
        "curve": [{"at": 0.0, "share": 1.0, "low": 1.0, "high": 1.0},
                  {"at": 20.0, "share": 0.9, "low": 0.8, "high": 0.95},
                  {"at": 60.0, "share": 0.7, "low": 0.6, "high": 0.8}],
    },
}  # fmt: skip


def test_the_headline_tells_the_busiest_day_patience_and_availability() -> None:
    assert calibration_tables.calibration_headline(REPORT) == (
        "On a Monday, its busiest day, this desk is to expect 42 calls. Callers hang up as if their patience were "
        "1 min 33 s on average, and agents could take calls for 88% of their time."
    )
    unknown = calibration_tables.calibration_headline(REPORT | {"staff": {"availability": None}})
    assert unknown.endswith("1 min 33 s on average.")


def test_a_fit_says_which_calls_stand_behind_it() -> None:
    assert calibration_tables.fitted_to(REPORT) == (
        "Fitted to 262 offered calls of 11 days, 1 to 27 March 2010; 31 were abandoned."
    )


def test_a_holiday_is_not_called_odd_as_well() -> None:
    holidays, odd = calibration_tables.days_left_out(REPORT)
    assert holidays == "Holidays by the standard, left out of patterns: Tue 9 Mar 2010."
    assert odd.endswith("left out of patterns: Tue 16 Mar 2010.")
    none = calibration_tables.days_left_out(REPORT | {"holidays": [], "odd_days": []})
    assert none == ["No day was a holiday or odd: all taught the patterns of the week."]


def test_laws_of_patience_are_those_in_use_a_type_without_its_own_has_everybodys() -> None:
    patience = {"all": {"chosen": "weibull"}, "by_type": {"callers": None}}
    assert calibration_tables.laws({"patience": patience}).endswith("least AIC: weibull for all callers.")
    types = patience | {
        "by_type": {"public": {"chosen": "exponential"}, "staff": {"chosen": "weibull"}, "others": None}
    }
    said = calibration_tables.laws({"patience": types})
    assert said.endswith("least AIC: exponential for type public; weibull for types staff and others.")


def test_blemishes_are_named_with_their_rule_where_there_are_any() -> None:
    said = calibration_tables.fault_treatments({"blemishes": {"no talk": 1494, "endless wait": 0}})
    assert said == ["1,494 answered calls without any talking time: kept as calls, left out of handling."]


def test_times_of_day_and_spikes_are_told_and_what_is_not_known_is_not() -> None:
    hand = HandlingSeen(mean=200.4, low=190.0, high=211.0, cv=1.0, calls=3000)
    told = list(
        calibration_tables.of_times({"before 10:00": (hand, None), "after 17:00": (None, None)}, [(45, 50, 2.24)])
    )
    assert [(each.what, each.value, each.interval) for each in told] == [
        ("Before 10:00: handling", "200 s", "190 s to 211 s"), ("Hang-ups from 45 to 50 s of waiting", "2.2 times", ""),
    ]  # fmt: skip


def test_the_half_hours_furthest_from_the_days_mean_are_told_with_their_intervals_and_none_where_chance_is_all() -> (
    None
):
    factors, errors = np.ones(48), np.full(48, np.nan)
    factors[18:21], errors[18:21] = (0.8, 1.0, 1.25), 0.05
    seen = OverTheDay(factors, errors, spread=0.2, by_chance=0.001, half_hours=3, behind=900)
    least, most = calibration_tables.over_the_day("Handling", seen, "answered calls")
    assert (least.what, least.value, least.interval) == (
        "Handling, of its type's: least from 09:00", "80.0%", "72.5% to 88.2%",  # 80 % ÷ and × e^0.098
    )  # fmt: skip
    assert (most.what, most.behind) == (
        "Handling, of its type's: most from 10:00", "900 answered calls in 3 half-hours",
    )  # fmt: skip
    alike = OverTheDay(np.ones(48), errors, spread=0.0, by_chance=0.4, half_hours=3, behind=900)
    [told] = calibration_tables.over_the_day("Patience", alike, "hang-ups")
    assert (told.value, told.behind) == ("alike", "900 hang-ups in 3 half-hours: no more than chance")


def test_an_expected_day_has_the_interval_of_a_day_to_come() -> None:
    usual = np.full(7, np.log(100.0))
    look = Outlook(usual, spread=0.1, day_spread=0.1, misses=np.zeros(9), weeks=4, level_error=0.02, trend=(0.0, 0.0))
    found = calibration_tables.expected("Calls", look, 0, say=lambda value: f"{value:.0f}", behind="9 days")
    assert (found.value, found.interval) == ("100", "82 to 122")  # 100 ÷ and × e^0.196


def test_half_hours_of_a_kind_of_day_are_means_over_its_weekdays() -> None:
    points = calibration_charts.kinds_of_day(REPORT)
    assert points.select("which", "start", "calls", "agents", "days").rows() == [
        ("Monday and Tuesday", "09:00", 25.0, 4.5, 7), ("Monday and Tuesday", "09:30", 5.0, 2.5, 7),
        ("Saturday", "10:00", 6.0, 1.0, 4),
    ]  # fmt: skip
    said = calibration_charts.arrivals_words(points)
    assert (
        "Monday and Tuesday: open from 09:00, the last half-hour from 09:30; busiest from 09:00 with 25.0 calls" in said
    )
    table = calibration_charts.arrivals_table(points)
    assert table.row(2) == ("Saturday", "10:00", "6.0", "1.0", "4 days")


def test_weekdays_that_follow_each_other_are_said_as_a_run() -> None:
    assert calibration_charts.kind_of_day(["monday", "tuesday", "wednesday"]) == "Monday to Wednesday"
    assert calibration_charts.kind_of_day(["monday", "tuesday", "wednesday", "thursday", "sunday"]) == (
        "Monday to Thursday and Sunday"
    )
    assert calibration_charts.kind_of_day(["monday", "tuesday", "friday"]) == "Monday, Tuesday and Friday"
    assert calibration_charts.kind_of_day(["monday", "thursday", "sunday"]) == "Monday, Thursday and Sunday"


def test_readings_are_where_the_curve_first_fell_so_far_and_none_beyond_it() -> None:
    points = calibration_charts.patience_points(REPORT)
    marks = calibration_charts.patience_marks(points)
    assert marks["label"].to_list() == ["90% at 20 s", "75% at 1 min"]
    said = calibration_charts.patience_words(REPORT, points)
    assert said.endswith("90% at 20 s and 75% at 1 min. From 31 who gave up of 262 calls.")
    assert calibration_charts.patience_table(points).row(2) == ("1 min", "70.0%", "60.0% to 80.0%")


def test_a_curve_that_has_not_fallen_is_said_so() -> None:
    flat = REPORT | {"patience": REPORT["patience"] | {"curve": [{"at": 0.0, "share": 1.0, "low": 1.0, "high": 1.0}]}}
    assert "not yet one in ten gone" in calibration_charts.patience_words(
        flat, calibration_charts.patience_points(flat)
    )


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_each_kind_of_day_has_a_shape_and_a_dash_of_its_own(palette: Palette) -> None:
    points = calibration_charts.kinds_of_day(REPORT)
    drawn = calibration_charts.arrivals(points, palette=palette).to_dict()
    first, second, marks = drawn["layer"]
    assert first["mark"]["strokeDash"] != second["mark"]["strokeDash"]
    shapes = marks["encoding"]["shape"]["scale"]
    assert dict(zip(shapes["domain"], shapes["range"], strict=True)) == {
        "Monday and Tuesday": "circle", "Saturday": "square",
    }  # fmt: skip
    assert drawn["config"]["background"] == palette.background


def test_seven_kinds_of_day_are_still_told_apart() -> None:
    rows = [{"weekday": day, "start": "09:00", "offered": 1.0, "on_duty": 1.0, "days": 1} for day in
            ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")]  # fmt: skip
    report = {"files": [{"file": "", "weekdays": [row["weekday"]]} for row in rows], "arrivals": {"half_hours": rows}}
    drawn = calibration_charts.arrivals(calibration_charts.kinds_of_day(report), palette=LIGHT).to_dict()
    assert len(set(drawn["layer"][-1]["encoding"]["shape"]["scale"]["range"])) == 7
    assert len({tuple(layer["mark"]["strokeDash"]) for layer in drawn["layer"][:-1]}) == 7


def test_a_headline_above_all_of_the_agents_time_says_that_more_were_there() -> None:
    staff = {"availability": {"mean": 1.04}}
    said = calibration_tables.calibration_headline(REPORT | {"staff": staff})
    assert said.endswith("as if agents had 104% of the time that the log shows: more were there than it tells.")
    assert "could take calls" not in said
