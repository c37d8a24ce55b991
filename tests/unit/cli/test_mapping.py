"""`kcas mapping`: a description kept once reads the next log without a word."""

import json
from pathlib import Path

from xlsxwriter import Workbook

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


FRONT = "Date and time,Queue,Waiting time (s),Result\n" + "".join(
    f"2026-03-16 09:{minute:02d}:00,Front,{wait},{how}\n"
    for minute, (wait, how) in enumerate([(12, "Answered"), (40, "Abandoned"), (7, "Answered"), (30, "Voicemail")])
)


def test_a_suggestion_has_the_keys_of_the_contract_and_is_written_where_asked(kcas: Run, tmp_path: Path) -> None:
    log, out = tmp_path / "front.csv", tmp_path / "front.toml"
    log.write_text(FRONT, encoding="utf-8")
    code, printed, err = kcas("mapping", "suggest", str(log), "--out", str(out), "--json")
    assert code == 0, err
    told = json.loads(printed)
    assert told["unsure"] == []
    assert {each["value"]: (each["rows"], each["gives"]) for each in told["outcomes"]} == {
        "Answered": (2, "answered"), "Abandoned": (1, "abandoned"), "Voicemail": (1, "voicemail"),
    }  # fmt: skip
    assert told["preview"] == {
        "calls": 4, "offered": 4, "answered": 2, "abandoned": 1, "rate": 0.25, "from": "2026-03-16",
        "to": "2026-03-16", "refused": 0,
    }  # fmt: skip
    code, printed, err = kcas("mapping", "check", str(out), str(log), "--json")
    assert code == 0, err
    assert (json.loads(printed)["offered"], json.loads(printed)["answered"]) == (4, 2)
    code, printed, _ = kcas("mapping", "check", str(out))
    assert code == 0
    assert "can be used: format suggested" in printed
    code, _, err = kcas("mapping", "check", str(log), str(out))
    assert (code, "Expected the mapping first" in err) == (1, True)


def test_what_is_not_certain_is_told_with_its_choices_and_has_no_preview(kcas: Run, tmp_path: Path) -> None:
    log = tmp_path / "front.csv"
    log.write_text(FRONT.replace("Voicemail", "Code 9"), encoding="utf-8")
    code, printed, _ = kcas("mapping", "suggest", str(log), "--json")
    told = json.loads(printed)
    assert code == 1
    (asked,) = told["unsure"]
    assert asked["what"] == "outcome:Code 9"
    assert {"abandoned", "voicemail", "not an outcome"} <= set(asked["choices"])
    assert {each["value"]: each["gives"] for each in told["outcomes"]}["Code 9"] is None
    assert told["preview"] is None


def test_a_workbooks_sheet_is_taken_by_its_name(kcas: Run, tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    book = Workbook(str(path))
    for name, words in (("March", ["Answered"] * 9), ("April", ["Answered", "Abandoned"])):
        sheet = book.add_worksheet(name)
        for column, text in enumerate(("Date and time", "Queue", "Waiting time (s)", "Result")):
            sheet.write(0, column, text)
        for row, word in enumerate(words, start=1):
            for column, text in enumerate((f"2026-03-16 09:{row:02d}:00", "Front", 5 * row, word)):
                sheet.write(row, column, text)
    book.close()
    code, printed, err = kcas("mapping", "suggest", str(path), "--sheet", "April", "--json")
    assert code == 0, err
    told = json.loads(printed)
    assert told["mapping"]["file"]["sheet"] == "April"
    assert (told["preview"]["offered"], told["preview"]["abandoned"]) == (2, 1)
    code, _, err = kcas("mapping", "suggest", str(path), "--sheet", "May")
    assert (code, "has no sheet 'May'. Expected one of March, April" in err) == (1, True)
