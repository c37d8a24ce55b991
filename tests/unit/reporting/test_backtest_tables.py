"""Does the sentence say how far out the model was, honestly beside the rules, and what failed?"""

from datetime import date
from typing import Any

import pytest

from kcas.reporting import backtest
from kcas.reporting.palettes import DARK, LIGHT, Palette


def day(number: int, *, abandoned: int, offered: int = 100, odd: bool = False, holiday: bool = False) -> dict[str, Any]:
    """A day of March 1999 foretold as 10 %: 8 to 14 % with 80 %, 5 to 20 % with 95 %."""
    rate = {"middle": 0.10, "low80": 0.08, "high80": 0.14, "low95": 0.05, "high95": 0.20}
    return {"day": f"1999-03-{number:02}", "odd": odd, "holiday": holiday, "offered": offered, "abandoned": abandoned,
            "rate": abandoned / offered, "foretold": {"rate": rate}}  # fmt: skip


def score(error: float, *, inside: int | None = 2) -> dict[str, Any]:
    """A score over three days."""
    return {"days": 3, "mean_absolute_error": error, "bias": -0.015, "pinball_loss": 0.004,
            "inside_80": inside, "inside_95": inside, "coverage_80": inside and inside / 3,
            "coverage_95": inside and inside / 3}  # fmt: skip


def assumption(name: str, *, fails: bool) -> dict[str, Any]:
    return {"fails": fails, "words": f"{name} {'fails' if fails else 'holds'}: so much."}


REPORT: dict[str, Any] = {
    "fitted_until": "1999-02-28", "rolling": "week", "given": [],
    "days": [day(1, abandoned=10), day(2, abandoned=21), day(3, abandoned=5, odd=True)],
    "left_out": [], "scores_ordinary_days": {"model": score(0.02) | {"days": 2}},
    "scores": {"model": score(0.03), "same weekday": score(0.04), "erlang a": score(0.09, inside=None),
               "regression": score(0.025)},
    "assumptions": {"handling": assumption("handling", fails=False), "staffing": assumption("staffing", fails=True)},
}  # fmt: skip


def test_the_sentence_says_which_simple_rules_were_closer_and_which_were_not() -> None:
    assert backtest.backtest_sentence(REPORT) == (
        "Over 3 days that it had not seen, the model was out by 3.00 percentage points of the day's abandonment rate "
        "on average, and the rate came inside its 95% interval on 2 of them (67%); it was closer than the same "
        "weekday's average (4.00) and Erlang A, hour by hour (9.00), but not than the regression on calls (2.50)."
    )


def test_a_model_that_is_worse_than_every_rule_says_so() -> None:
    worse = REPORT | {"scores": REPORT["scores"] | {"model": score(0.2)}}
    assert "no simple rule was further out: the same weekday's average (4.00)" in backtest.backtest_sentence(worse)


def test_an_equal_error_is_not_closer() -> None:
    equal = {"model": score(0.03), "regression": score(0.03)}
    assert backtest.against(equal) == "no simple rule was further out: the regression on calls (3.00)"


def test_what_failed_is_named_first_and_what_was_given_is_not_blamed() -> None:
    assert backtest.failed(REPORT).endswith("each tested by itself: staffing.")
    assert next(backtest.assumptions(REPORT)) == "Staffing fails: so much."
    given = backtest.failed(REPORT | {"given": ["staff"]})
    assert given.endswith("staffing (given here, so no harm to the rate).")
    none = REPORT | {"assumptions": {"handling": assumption("handling", fails=False)}}
    assert backtest.failed(none) == "No assumption failed by itself: everything assumed was as forecast."


def test_each_day_has_both_halves_and_its_remark_and_an_edge_is_inside() -> None:
    rows = backtest.days(REPORT)
    assert rows.row(1) == ("Tue 2 Mar 1999", "21 of 100", "21.0%", "10.0%", "8.0% to 14.0%", "5.0% to 20.0%", "outside")
    assert rows["Remark"].to_list() == ["", "outside", "odd"]  # 5 of 100 is the interval's own edge


def test_scores_tell_no_interval_where_the_rule_has_none() -> None:
    assert backtest.scores(REPORT).row(0) == ("Fitted model", "3.00", "−1.50", "0.40",
                                                     "67% (2 of 3)", "67% (2 of 3)")  # fmt: skip
    assert backtest.scores(REPORT)["In 95%"].to_list()[2] == "no interval"


def test_holidays_and_odd_days_are_counted_apart() -> None:
    days = [*REPORT["days"], day(4, abandoned=9, odd=True, holiday=True)]
    said = backtest.scores_in_words(REPORT | {"days": days})[1]
    assert said.startswith("Among the days forecast are 1 holiday and 1 odd day")
    assert "error is 2.00 points and 2 of 2 days lie in the 95% interval" in said
    assert backtest.days(REPORT | {"days": days})["Remark"].to_list()[3] == "holiday"


def test_days_left_out_are_named() -> None:
    assert backtest.days_left_out(REPORT) == []
    assert "fewer than 20 calls" in backtest.days_left_out(REPORT | {"left_out": ["1999-03-06"]})[0]
    assert "Sat 6 Mar 1999" in backtest.days_left_out(REPORT | {"left_out": [date(1999, 3, 6)]})[0]


def test_the_setting_says_how_it_was_asked() -> None:
    assert backtest.setting(REPORT) == (
        "3 days forecast and observed, 1 to 3 March 1999; fitted again each week to the days before it; nothing given "
        "of the days."
    )
    once = backtest.setting(REPORT | {"rolling": None, "given": ["handling", "volume"]})
    assert "fitted once, to the days until Sun 28 Feb 1999; given of each day: handling and volume." in once


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_chart_tells_observed_outside_and_foretold_by_shape_too(palette: Palette) -> None:
    days = backtest.frame(REPORT)
    drawn = backtest.daily(days, palette=palette).to_dict()
    broad, thin, marks = drawn["layer"][1], drawn["layer"][0], drawn["layer"][2]
    assert (thin["encoding"]["y"]["field"], thin["encoding"]["y2"]["field"]) == ("low95", "high95")
    assert (broad["encoding"]["y"]["field"], broad["encoding"]["y2"]["field"]) == ("low80", "high80")
    assert marks["encoding"]["shape"]["scale"] == {
        "domain": backtest.KINDS, "range": ["circle", "triangle-up", "square"],
    }  # fmt: skip
    [rows] = drawn["datasets"].values()
    assert sorted(row["which"] for row in rows) == sorted(
        [backtest.INSIDE] * 2 + [backtest.BEYOND] + [backtest.FORETOLD] * 3
    )


def test_the_chart_in_words_names_the_days_outside() -> None:
    said = backtest.daily_words(backtest.frame(REPORT))
    assert "observed from 5.0% to 21.0%" in said
    assert said.endswith("Days outside the 95% interval: 1 of 3 (Tue 2 Mar 1999).")
