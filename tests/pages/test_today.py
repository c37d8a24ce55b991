"""Does the first page say how it is going, by the definition chosen?"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.proto.Metric_pb2 import Metric
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import LAST, calls_of, keep, text

Open = Callable[..., AppTest]


def test_the_first_sentence_gives_the_last_days_rate_its_halves_and_its_interval(shown: Open) -> None:
    app = shown()
    # 5 + 5 of 40 and 2 of 20. Wilson's interval of 12 of 60 by hand: (0.2 + 0.032 ± 0.103) / 1.064.
    assert app.header[0].value.replace("\\", "") == (
        "20.0% of calls abandoned on Friday 20 November 2026: 12 of 60 (95% interval 11.8% to 31.8%)."
    )
    assert "The log ends on Friday 20 November 2026 at 10:29." in text(app)


def test_each_card_stands_against_the_same_time_before(shown: Open) -> None:
    app = shown()
    assert [metric.value for metric in app.metric] == ["20.0%", "12.7%", "11.0%"]  # 12 of 60, 28 of 220, 68 of 620
    said = text(app)
    assert "10.0 points higher than the same day a week before, Friday 13 November 2026: 10.0%, 4 of 40." in said
    assert "28 of 220" in said
    assert "9 to 13 November 2026: 10.0%, 20 of 200." in said
    assert "1 to 20 October 2026: 10.0%, 56 of 560." in said


def test_another_definition_changes_every_figure_and_the_words(page: Open) -> None:
    app = page()
    app.selectbox(key="definition").select("short_excluded").run()
    # Those who left within 5 s are out of both halves: 7 of 55; 4 × 2 + 7 of 4 × 38 + 55; 14 × 2 + 7 of 14 × 38 + 55.
    assert [metric.value for metric in app.metric] == ["12.7%", "7.2%", "6.0%"]
    said = text(app)
    assert "7 of 55" in said
    assert "abandoned after 5 s ÷ (offered − abandoned within 5 s), a wait of exactly 5 s being short" in said
    assert "short_excluded" in said


def test_the_threshold_changes_the_figures(page: Open) -> None:
    app = page()
    app.selectbox(key="definition").select("short_excluded").run()
    app.number_input(key="short_short_excluded").set_value(2.0).run()  # 3 s is no longer short
    assert app.metric[0].value == "20.0%"
    app.number_input(key="short_short_excluded").set_value(3.0).run()
    assert app.metric[0].value == "12.7%"
    app.toggle(key="equal_short_excluded").set_value(False).run()  # exactly 3 s counts as abandoned
    assert app.metric[0].value == "20.0%"


def test_a_queue_narrows_every_figure(page: Open) -> None:
    app = page()
    app.multiselect(key="queue").set_value(["staff"]).run()
    assert app.metric[0].value == "10.0%"
    assert "2 of 20" in text(app)
    assert "queues staff" in text(app)


def test_the_period_bounds_the_charts_and_not_the_cards(page: Open) -> None:
    app = page()
    assert "offered 1,620" in text(app)  # 39 days of 40, and 60
    app.selectbox(key="period").select("4 weeks").run()
    assert "Calls of 24 October to 20 November 2026" in text(app)
    assert "offered 820" in text(app)
    assert "1 to 20 October 2026: 10.0%, 56 of 560." in text(app)


def test_chosen_days_end_with_the_day_chosen(page: Open) -> None:
    app = page()
    app.selectbox(key="period").select("Chosen days").run()
    app.date_input(key="days").set_value((LAST.replace(day=9), LAST.replace(day=13))).run()
    assert app.header[0].value.startswith("10.0% of calls abandoned on Friday 13 November 2026")
    assert "offered 200" in text(app)


def test_the_charts_carry_the_halves_and_the_finding(shown: Open) -> None:
    app = shown()
    charts = {chart.proto.id.split("-")[-1]: chart.proto for chart in app.get("vega_lite_chart")}
    assert "Share abandoned each day: 10.4% over the period (168 of 1,620); highest 20.0%" in charts["daily_rate"].alt
    assert "highest 11.8% (40 of 340) on Fridays from 10:00" in charts["week"].alt
    fields = json.dumps([json.loads(chart.spec) for chart in charts.values()])
    assert all(field in fields for field in ("halves", "interval_text", "rate_text"))


def test_a_page_without_data_says_what_to_do(page: Open, tmp_path: Path) -> None:
    app = page(store=tmp_path / "none yet")
    assert "There are no calls yet" in app.info[0].value
    assert [link.proto.label for link in app.get("page_link")][:1] == ["Upload a log of any format"]
    assert any("kcas demo" in shown.value for shown in app.markdown)
    assert not app.metric


def test_invented_data_say_so(page: Open, tmp_path: Path) -> None:
    keep(tmp_path / "store", calls_of(LAST, short=0, long=2, answered=18), name="invented-queue_log-1.log")
    assert "Invented sample data" in page(store=tmp_path / "store").warning[0].value
    assert "Invented sample data" in page("Calls", store=tmp_path / "store").warning[0].value


def test_data_that_nobody_invented_do_not_say_so(shown: Open) -> None:
    assert not shown().warning


def test_a_mistake_is_said_without_a_traceback(page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page()
    wrong = tmp_path / "standard.toml"
    wrong.write_text('time_zone = "Europe/Maidstone"\n', encoding="utf-8")
    monkeypatch.setenv("KCAS_STANDARD", str(wrong))
    app.run()
    assert not app.exception
    assert "Maidstone" in app.error[0].value.replace("\\", "")


def test_a_difference_is_coloured_only_where_it_is_more_than_random_variation(shown: Open) -> None:
    app = shown()
    # 20 % on the last day, where the chart's limits end below: red. A week of 12.7 % because of that one day, and a
    # month of 11.0 %: each against 10 % on every day, grey.
    assert [metric.delta for metric in app.metric] == ["+10.0 points", "+2.7 points", "+1.0 points"]
    drawn = [metric.proto.color for metric in app.metric]
    assert drawn == [Metric.MetricColor.RED, Metric.MetricColor.GRAY, Metric.MetricColor.GRAY]
    said = text(app)
    assert "10.0%, 4 of 40. That is more than random variation." in said
    assert "9 to 13 November 2026: 10.0%, 20 of 200. That may be random variation." in said
