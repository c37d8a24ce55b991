"""Does the page say whether the rate has moved, by the definition chosen, and never more than the data hold?"""

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import PAGES, calls_of, keep, text

Open = Callable[..., AppTest]
MONDAY = date(2009, 12, 14)
TITLE = "Trend"


@pytest.fixture(scope="module")
def mondays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty calls each Monday: 4, 5, 6 lost in turn for 15 weeks, all of them on 29 March, then 1, 2, 3 for 15."""
    folder = tmp_path_factory.mktemp("mondays") / "store"
    lost = [4, 5, 6] * 5 + [20] + [1, 2, 3] * 5
    days = [MONDAY + timedelta(weeks=n) for n in range(len(lost))]
    rows = [
        row for day, n in zip(days, lost, strict=True) for row in calls_of(day, short=1, long=n - 1, answered=20 - n)
    ]
    keep(folder, rows, name="mondays.csv")
    return folder


def warned(app: AppTest) -> str:
    return " ".join(str(warning.value) for warning in app.warning)


def values(app: AppTest, key: str) -> list[list[str]]:
    column = {"points": "Read as", "sides": "Weeks", "difference": "Measure"}[key]
    frame = next(found.value for found in app.dataframe if column in found.value.columns)
    return frame.astype(str).to_numpy().tolist()


def test_a_wild_day_is_told_in_words_with_its_halves(shown: Open) -> None:
    app = shown(TITLE)
    # 12 of 60 on the last day, 4 of 40 on every other: left out of the limits, its Friday's centre is 10 %.
    assert (
        "**One working day above the upper limit, Friday 20 November 2026: further than chance often goes.**\n"
        "- 20.0% (12 of 60), where the centre line has 10.0%."
    ) in text(app)
    assert "Provisional: the limits rest on fewer than sixty weekdays" in warned(app)  # forty
    assert "Weekends, and bank holidays, are kinds of their own, as the standard says." in text(app)
    assert "A point asks for an explanation; it does not give one." in text(app)


def test_the_points_stand_in_a_table_with_both_halves(shown: Open) -> None:
    rows = values(shown(TITLE), "points")
    assert len(rows) == 40
    assert rows[0][:5] == ["Fri 20 Nov 2026", "Friday", "20.0%", "12 of 60", "10.0%"]
    assert rows[0][-2:] == ["higher: asks why", "outside the limits"]
    assert rows[1][:4] == ["Thu 19 Nov 2026", "Thursday", "10.0%", "4 of 40"]


def test_signals_are_marked_by_shape_as_well_as_colour(shown: Open) -> None:
    drawn = shown(TITLE).get("vega_lite_chart")[0].proto
    assert "1 ask for an explanation" in drawn.alt
    spec = json.loads(drawn.spec)
    shape = next(layer["encoding"]["shape"]["scale"] for layer in spec["layer"] if "shape" in layer["encoding"])
    assert shape == {"domain": ["ordinary", "higher: asks why"], "range": ["circle", "triangle-up"]}


def test_another_definition_changes_the_points_and_the_sentence(page: Open) -> None:
    app = page(TITLE)
    app.selectbox(key="definition").select("short_excluded").run()
    # 7 of 55 on the last day; 2 of 38 on the others: 5.3 %
    assert "12.7% (7 of 55), where the centre line has 5.3%." in text(app)
    assert values(app, "points")[0][3] == "7 of 55"


def test_eight_weeks_are_too_few_for_limits_and_are_still_shown(page: Open) -> None:
    app = page(TITLE)
    app.segmented_control(key="by").set_value("week").run()
    assert "Too few weeks yet to say whether the rate has changed." in text(app)
    assert "8 weeks are too few for limits: at least 12 are needed." in text(app)
    # the last week: 4 × 4 + 12 of 4 × 40 + 60
    assert values(app, "points")[0][:3] == ["Week from Mon 16 Nov 2026", "12.7%", "28 of 220"]
    app.segmented_control(key="by").set_value("month").run()
    assert values(app, "points")[0][:3] == ["November 2026", "11.0%", "68 of 620"]


def test_a_queue_narrows_the_points(page: Open) -> None:
    app = page(TITLE)
    app.multiselect(key="queue").set_value(["staff"]).run()
    assert values(app, "points") == [
        ["Fri 20 Nov 2026", "Friday", "10.0%", "2 of 20", "not available", "not available", "no limits", "none"]
    ]


def test_since_april_2010_is_asked_where_the_log_reaches_it(page: Open, mondays: Path) -> None:
    app = page(TITLE, store=mondays)
    assert app.date_input(key="changed").value == date(2010, 4, 1)
    # 5 × (4 + 5 + 6) of 15 × 20 before; 5 × (1 + 2 + 3) after; 29 March, in the week of the date, in neither.
    assert values(app, "sides") == [["Before", "25.0%", "75 of 300", "15"], ["After", "10.0%", "30 of 300", "15"]]
    said = text(app)
    assert "**Lower.** The rate is lower since 1 April 2010: 10.0% (30 of 300) over 15 weeks after" in said
    trust = dict(values(app, "difference"))
    assert trust["Difference, in percentage points"] == "−15.0"
    assert trust["Relative risk (after ÷ expected)"] == "0.40"
    assert max(map(len, trust.values())) < 20  # what is longer is cut off beside the names of the measures
    assert "The 95% interval is averaged over how persistent weeks may be." in said
    # Pearson, by hand: 10 weeks off by one before, 20 × .25 × .75 each; 10 after, 20 × .1 × .9; 28 degrees.
    assert trust["Dispersion (1: no more than random variation)"] == f"{(10 / 3.75 + 10 / 1.8) / 28:.2f}"
    assert "these figures cannot share out the credit" in said
    assert "some fall would be expected without it" in said
    assert "Check volume, staffing and any change of definition" in said


def test_another_date_is_another_question(page: Open, mondays: Path) -> None:
    app = page(TITLE, store=mondays)
    app.date_input(key="changed").set_value(date(2010, 1, 18)).run()  # five Mondays before
    said = text(app)
    assert "**Not enough data.** 5 whole weeks before 18 January 2010 and 26 after it" in said
    assert "cannot share out the credit" in said  # the caveats stand beside every verdict
    assert values(app, "sides")[0] == ["Before", "24.0%", "24 of 100", "5"]


def test_a_trend_may_be_allowed_for(page: Open, mondays: Path) -> None:
    app = page(TITLE, store=mondays)
    app.toggle(key="slope").set_value(True).run()
    assert "beyond the trend before" in text(app)


def test_a_wild_week_is_a_signal_of_the_weeks(page: Open, mondays: Path) -> None:
    app = page(TITLE, store=mondays)
    app.selectbox(key="period").select("Everything").run()
    app.segmented_control(key="by").set_value("week").run()
    assert "One week above the upper limit, the week from Monday 29 March 2010" in text(app)
    assert "100.0% (20 of 20)" in text(app)


def test_a_log_that_april_2010_lies_outside_asks_about_its_middle(shown: Open) -> None:
    app = shown(TITLE)
    assert app.date_input(key="changed").value == date(2026, 10, 24)  # 26.5 days after 28 September
    assert "**Not enough data.**" in text(app)


def test_the_first_page_says_what_changed_when_and_how_sure(shown: Open) -> None:
    said = text(shown())
    assert "Has the rate changed? One working day above the upper limit, Friday 20 November 2026" in said
    assert "fewer than 3 in 100 days on which nothing had changed. Provisional" in said


def test_another_definition_changes_both_sides_of_the_date(page: Open, mondays: Path) -> None:
    app = page(TITLE, store=mondays)
    app.selectbox(key="definition").select("short_excluded").run()
    # One each Monday left within 5 s and is in neither half: 75 − 15 of 300 − 15, and 30 − 15 of 300 − 15.
    assert [row[2] for row in values(app, "sides")] == ["60 of 285", "15 of 285"]


@pytest.fixture
def fallen(mondays: Path, tmp_path: Path) -> Path:
    """The same Mondays in a store of their own, to be re-based."""
    return Path(shutil.copytree(mondays, tmp_path / "store"))


def labelled(app: AppTest) -> bool:
    """Whether the control chart writes labels of its own beside the target's."""
    layers = json.loads(app.get("vega_lite_chart")[0].proto.spec)["layer"]
    return any(layer["encoding"].get("text", {}).get("field") == "label" for layer in layers)


def whole(page: Open, store: Path) -> AppTest:
    app = page(TITLE, store=store)
    app.selectbox(key="period").select("Everything").run()
    return app


def rebased(
    app: AppTest, *, day: date = date(2010, 4, 5), name: str = "A. Smith", reason: str = "new telephone system"
) -> AppTest:
    app.date_input(key="rebase_day").set_value(day)
    app.text_input(key="rebase_name").set_value(name)
    app.text_input(key="rebase_reason").set_value(reason)
    app.button(key="rebase_put").click().run()
    return app


def test_a_break_is_suggested_and_used_only_when_a_named_person_puts_it_on_record(page: Open, fallen: Path) -> None:
    app = whole(page, fallen)
    assert not labelled(app)
    said = " ".join(str(found.value) for found in app.info).replace("\\", "").replace("\u2060", "")
    # 16 Mondays, the last of them 29 March with all calls lost; then 15 with 1, 2, 3 of 20
    assert "Suggested, not applied: from Monday 5 April 2010 on, 14 of 15 days lie below the centre line" in said
    app.date_input(key="rebase_day").set_value(date(2010, 1, 4)).run()
    app.button(key="use_0").click().run()
    assert app.date_input(key="rebase_day").value == date(2010, 4, 5)
    assert not (fallen / "rebasings.jsonl").exists()
    rebased(app)
    assert not app.error
    said = text(app)
    # 28 December was a bank holiday, one of its kind, and 29 March is outside the limits: 75 − 6 of 300 − 20
    assert "14 December 2009 to 29 March 2010, 16 days: centre line 24.6%" in said
    assert "5 April to 12 July 2010, 15 days: centre line 10.0%" in said
    assert "Re-based from Monday 5 April 2010 by A. Smith, on record since" in said
    assert labelled(app)  # the beginning is marked on the chart
    assert not app.info


def test_an_undoing_needs_a_name_and_leaves_both_acts_on_record(page: Open, fallen: Path) -> None:
    app = rebased(whole(page, fallen))
    app.selectbox(key="undo_number").select(1)
    app.button(key="undo_put").click().run()
    assert "the name is missing" in app.error[0].value
    app.text_input(key="undo_name").set_value("B. Jones")
    app.text_input(key="undo_reason").set_value("the wrong day")
    app.button(key="undo_put").click().run()
    assert not app.error
    assert "Re-based from" not in text(app)
    acts = next(found.value for found in app.dataframe if "Recorded" in found.value.columns)
    assert acts.to_numpy()[:, 1].tolist() == ["No. 1 undone", "Re-based from Mon 5 Apr 2010 (undone by no. 2)"]


def test_a_day_with_too_few_points_after_it_is_refused_in_words(page: Open, fallen: Path) -> None:
    app = whole(page, fallen)
    rebased(app, day=date(2010, 5, 3))
    assert "11 days from there so far" in app.error[0].value.replace("\\", "")
    assert not (fallen / "rebasings.jsonl").exists()


def test_a_name_and_a_reason_are_never_read_as_markup(page: Open, fallen: Path) -> None:
    hostile = "**bold** <b>x</b> [a link](http://x.invalid) :red[x] $x$"
    app = rebased(whole(page, fallen), name=hostile, reason=hostile)
    [shown] = [str(found.value) for found in app.markdown if "Re\\-based from" in str(found.value)]
    for live in ("**bold**", "<b>", "](http", ":red[", "$x$"):
        assert live not in shown
    assert hostile in shown.replace("\\", "").replace("\u2060", "")


def test_a_re_basing_holds_for_its_queues_only(page: Open, fallen: Path) -> None:
    app = rebased(whole(page, fallen))
    assert "Re-based from" in text(app)
    app.multiselect(key="queue").set_value(["public"]).run()
    assert "Re-based from" not in text(app)


def test_a_drift_is_watched_for_where_it_is_asked(page: Open, mondays: Path) -> None:
    app = whole(page, mondays)
    before = len(app.get("vega_lite_chart"))
    app.toggle(key="ewma").set_value(True).run()
    assert len(app.get("vega_lite_chart")) == before + 1
    assert "EWMA" in text(app)
    assert "λ 0.2, limits 2.86" in text(app)


def test_weeks_bear_icons_with_words(
    page: Open, mondays: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = tmp_path / "desk.toml"
    desk.write_text('[[targets]]\nmeasure = "rate"\nat_most = "1%"\nsource = "invented"\n')
    app = whole(page, mondays)
    assert not app.get("imgs")
    app.segmented_control(key="by").set_value("week").run()
    said = text(app)
    assert "Variation." in said
    assert "No target is set for this rate" in said
    monkeypatch.setenv("KCAS_STANDARD", str(desk))
    app.run()
    assert "Assurance." in text(app)
    assert "No target is set" not in text(app)


def test_calls_and_their_weeks_stand_under_the_verdict(page: Open, mondays: Path) -> None:
    app = page(TITLE, store=mondays)
    assert "20 calls offered in a week before the date and 20 after it, on average." in text(app)
    titles = [json.dumps(json.loads(each.proto.spec)) for each in app.get("vega_lite_chart")]
    assert any("Calls offered" in each for each in titles)
    assert not any("Agents" in each for each in titles)  # this log names none


def test_what_the_desk_did_is_marked_on_both_charts_and_said(
    page: Open, mondays: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = tmp_path / "desk.toml"
    desk.write_text('[[actions]]\ndate = 2010-05-17\npoint = "ii"\nwhat = "New <b>switch</b>"\n')
    app = whole(page, mondays)
    assert "New" not in text(app)
    monkeypatch.setenv("KCAS_STANDARD", str(desk))
    app.run()
    assert "(ii) Monday 17 May 2010: New <b>switch</b>" in text(app)
    marked = [
        each for each in app.get("vega_lite_chart") if '"field": "what"' in each.proto.spec.replace('":"', '": "')
    ]
    assert len(marked) == 2


def test_a_spacing_stands_in_the_address_by_its_key_or_by_its_words(page: Open) -> None:
    for asked, first in (
        ("week", "Week from"),
        ("Weeks", "Week from"),
        ("day", "Fri 20 Nov"),
        ("fortnight", "Fri 20 Nov"),
    ):
        app = page()
        app.switch_page(PAGES[TITLE])
        app.query_params["by"] = asked
        for _ in range(2):  # and drawn again
            app.run()
            assert values(app, "points")[0][0].startswith(first), asked
