"""The library's store: what a notebook counts is what the command counts."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import kcas

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
    words = [sys.executable, "-m", "kcas", "measures", "--by", "day", "--definition", "after_60s", "--json"]
    settings = os.environ | {"KCAS_STORE": str(tmp_path / "store")}
    printed = json.loads(subprocess.run(words, capture_output=True, text=True, cwd=ROOT, env=settings).stdout)
    found = store.measures(by="day", definition="after_60s")
    assert json.loads(json.dumps(found.to_dict(), default=lambda value: value.isoformat())) == printed
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
    with pytest.raises(kcas.KcasError, match="no calls are stored here yet"):
        kcas.open_store(tmp_path / "none").measures()
    with pytest.raises(kcas.KcasError, match="Did you mean 'duty'"):
        store.measures(queues=["dutty"])
    with pytest.raises(kcas.KcasError, match="'1 March' is not a day"):
        store.calls(since="1 March")
    reports = kcas.open_store(tmp_path / "other").ingest(tmp_path / "nothing.csv", key_file=tmp_path / "key")
    assert "nothing.csv" in str(reports.to_dict()["files"][0]["error"])
