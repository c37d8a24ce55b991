"""`kcas mapping`: a description kept once reads the next log without a word."""

import json
from pathlib import Path

from tests.unit.cli.conftest import Run
from tests.unit.importing.test_kept_mappings import MAPPING

LOG = "When,Line,Waited,How\n2026-03-16 09:00:00,Front,12,taken\n2026-03-16 09:05:00,Front,40,left\n"


def test_a_log_is_read_by_a_kept_mapping_without_a_word(kcas: Run, tmp_path: Path) -> None:
    store, described, log = tmp_path / "store", tmp_path / "front.toml", tmp_path / "march.csv"
    described.write_text(MAPPING, encoding="utf-8")
    log.write_text(LOG, encoding="utf-8")
    code, out, err = kcas("ingest", str(log), "--store", str(store))
    assert code == 1
    assert "no known format claims it" in out + err
    code, out, _ = kcas("mapping", "keep", str(described), "--by", "A. Keeper", "--store", str(store))
    assert code == 0
    assert "Kept as front_report.toml" in out
    code, out, err = kcas("ingest", str(log), "--store", str(store), "--json")
    assert code == 0, err
    (file,) = json.loads(out)["files"]
    assert (file["format"], file["new"]) == ("front_report", 2)
    code, out, _ = kcas("mapping", "list", "--store", str(store), "--json")
    assert [(line["name"], line["by"]) for line in json.loads(out)["mappings"]] == [("front_report", "A. Keeper")]


def test_of_two_descriptions_of_one_form_the_later_one_reads(kcas: Run, tmp_path: Path) -> None:
    store, log = tmp_path / "store", tmp_path / "march.csv"
    log.write_text(LOG, encoding="utf-8")
    for name in ("front_report", "a_better_report"):
        described = tmp_path / f"{name}.toml"
        described.write_text(MAPPING.replace("front_report", name), encoding="utf-8")
        assert kcas("mapping", "keep", str(described), "--by", "A. Keeper", "--store", str(store))[0] == 0
    code, out, err = kcas("ingest", str(log), "--store", str(store), "--json")
    assert code == 0, err
    assert [file["format"] for file in json.loads(out)["files"]] == ["a_better_report"]


def test_a_log_whose_columns_changed_is_offered_with_the_choices_made_before(kcas: Run, tmp_path: Path) -> None:
    store, described, log = tmp_path / "store", tmp_path / "front.toml", tmp_path / "march.csv"
    described.write_text(MAPPING, encoding="utf-8")
    assert kcas("mapping", "keep", str(described), "--by", "A. Keeper", "--store", str(store))[0] == 0
    log.write_text(LOG.replace("Waited", "Wait time"), encoding="utf-8")
    code, out, err = kcas("ingest", str(log), "--store", str(store))
    assert code == 1
    assert 'nearly the columns of the kept format "front_report"' in err
    assert '"Waited" is gone ("Wait time" may be the same)' in err
    assert "kcas mapping suggest march.csv" in err
    code, _, err = kcas("watch", str(tmp_path), "--once", "--store", str(store))
    assert '"Waited" is gone' in _ + err
    code, out, err = kcas("mapping", "check", str(log), "--store", str(store))
    assert (code, "Nothing was read" in err) == (1, True)
    code, out, err = kcas("mapping", "suggest", str(log), "--store", str(store))
    assert code == 1
    assert '--answer "renamed:Waited=Wait time"' in err
    answer = ("--answer", "renamed:Waited=Wait time", "--store", str(store))
    code, out, err = kcas("mapping", "suggest", str(log), *answer)
    assert code == 0, err
    described.write_text(out, encoding="utf-8")
    assert kcas("mapping", "keep", str(described), "--by", "B. Keeper", "--store", str(store))[0] == 0
    code, out, err = kcas("ingest", str(log), "--store", str(store), "--json")
    assert [(file["format"], file["new"]) for file in json.loads(out)["files"]] == [("front_report", 2)]
