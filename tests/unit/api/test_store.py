"""The library's store: what a notebook counts is what the command counts."""

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import kcas
from tests.commands import kcas_says

ROOT = Path(__file__).resolve().parents[3]
LOG = """\
1267430400|1.1|NONE|NONE|QUEUESTART|
1267434000|2.1|duty|NONE|ENTERQUEUE||01632960001|1
1267434012|2.1|duty|A/1|CONNECT|12|3.1|2
1267434072|2.1|duty|A/1|COMPLETECALLER|12|60|1
1267520400|2.2|duty|NONE|ENTERQUEUE||01632960002|1
1267520440|2.2|duty|NONE|ABANDON|1|1|40
1267520500|2.3|duty|NONE|ENTERQUEUE||01632960003|1
1267520503|2.3|duty|A/1|CONNECT|3|3.3|2
1267520603|2.3|duty|A/1|COMPLETEAGENT|3|100|1
1267606800|2.4|duty|NONE|ENTERQUEUE||01632960004|1
1267606890|2.4|duty|NONE|ABANDON|1|1|90
"""
"""1 March 2010: one answered. 2 March: one abandoned after 40 s, one answered. 3 March: one abandoned after 90 s."""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "queue_log"
    path.write_text(LOG, encoding="utf-8")
    return path


@pytest.fixture
def store(log: Path, tmp_path: Path) -> kcas.CallStore:
    opened = kcas.open_store(tmp_path / "store")
    opened.ingest(log, key_file=tmp_path / "key")
    return opened


def test_five_lines_lead_from_a_log_to_a_rate(log: Path, tmp_path: Path) -> None:
    store = kcas.open_store(tmp_path / "store")
    imported = store.ingest(log, key_file=tmp_path / "key")
    frame = store.measures(by="month").to_frame()
    assert imported.to_frame().select("new", "refused").row(0) == (4, 0)
    assert frame.select("offered", "numerator", "denominator", "rate").row(0) == (4, 2, 4, 0.5)


def test_measures_are_what_the_command_prints(store: kcas.CallStore, tmp_path: Path) -> None:
    found = store.measures(by="day", definition="after_60s")
    told = printed("measures", "--by", "day", "--definition", "after_60s", store=store)
    assert json.loads(json.dumps(found.to_dict())) == told
    assert found.to_frame()["numerator"].to_list() == [0, 0, 1]


def test_a_store_names_its_days_and_queues_and_lists_its_calls(store: kcas.CallStore) -> None:
    assert store.days() == (date(2010, 3, 1), date(2010, 3, 3))
    assert store.queues() == ("duty",)
    calls = store.calls(since="2010-03-02", until=date(2010, 3, 3)).sort("entered").collect()
    assert calls["wait"].to_list() == [40.0, 3.0]
    assert store.calls(outcomes=["abandoned"]).collect().height == 2


def test_a_chart_of_measures_holds_both_counts_of_each_rate(store: kcas.CallStore) -> None:
    values = store.measures(by="day").plot().to_dict()["data"]["values"]
    assert [(value["numerator"], value["denominator"]) for value in values] == [(0, 1), (1, 2), (1, 1)]


def test_what_is_not_there_is_said_in_words(store: kcas.CallStore, tmp_path: Path) -> None:
    with pytest.raises(kcas.KcasError, match="no calls are kept here yet"):
        kcas.open_store(tmp_path / "none").measures()
    with pytest.raises(kcas.KcasError, match="Did you mean 'duty'"):
        store.measures(queues=["dutty"])
    with pytest.raises(kcas.KcasError, match="'1 March' is not a day"):
        store.calls(since="1 March")
    reports = kcas.open_store(tmp_path / "other").ingest(tmp_path / "nothing.csv", key_file=tmp_path / "key")
    assert "nothing.csv" in str(reports.to_dict()["files"][0]["error"])


def printed(*words: str, store: kcas.CallStore) -> object:
    """What a command prints of a store as JSON."""
    done = kcas_says(ROOT, *words, "--json", settings=os.environ | {"KCAS_STORE": str(store.store.folder)})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_patience_is_kaplan_and_meiers_curve_of_the_waits(store: kcas.CallStore) -> None:
    # Waits 3 and 12 are censored by an answer; of two still at risk one abandons at 40, then the last at 90.
    found = store.patience()
    curve = [(3.0, 1.0), (12.0, 1.0), (40.0, 0.5), (90.0, 0.0)]
    assert found.to_frame().select("at", "still_waiting").rows() == curve
    assert found.median == 40.0
    assert found.to_dict() == printed("patience", store=store)
    assert found.plot().to_dict()["layer"]


def test_a_control_chart_has_a_point_a_day_with_both_counts(store: kcas.CallStore) -> None:
    found = store.control_chart(by="day")
    points = found.to_frame().select("start", "numerator", "denominator").rows()
    assert points == [(date(2010, 3, 1), 0, 1), (date(2010, 3, 2), 1, 2), (date(2010, 3, 3), 1, 1)]
    assert found.to_dict() == printed("chart", store=store)
    assert found.plot().to_dict()["layer"]
    with pytest.raises(kcas.KcasError, match="covers"):
        store.control_chart(since="2011-01-01").plot()


def test_a_change_since_a_date_needs_more_than_a_week(store: kcas.CallStore) -> None:
    found = store.change_since("2010-03-02")
    assert found.verdict == "not enough data"
    assert found.to_frame()["side"].to_list() == ["before", "after"]
    assert found.to_dict() == printed("since", "2010-03-02", store=store)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda store: store.patience(queues="dutty"), "Did you mean 'duty'"),
        (lambda store: store.control_chart(since="2010-03-02", until="2010-03-01"), "no day lies between them"),
        (lambda store: store.calibrate(since="2011-01-01"), "covers"),
        (lambda store: store.explain(), "Expected one of day, period and since"),
        (lambda store: store.explain(period=("2010-03-03", "2010-03-01")), "ends before it starts"),
        (lambda store: store.evidence("pack", scenarios="nowhere"), "there is no such folder"),
    ],
)  # fmt: skip
def test_every_question_refuses_in_words_what_cannot_be_asked(
    store: kcas.CallStore, ask: Callable[[kcas.CallStore], object], says: str
) -> None:
    with pytest.raises(kcas.KcasError, match=says):
        ask(store)


def test_no_question_prints_anything(store: kcas.CallStore, capfd: pytest.CaptureFixture[str]) -> None:
    for found in (store.measures(), store.patience(), store.control_chart(), store.change_since("2010-03-02")):
        found.to_dict()
        found.to_frame()
    assert capfd.readouterr() == ("", "")
