"""Does a CSV hold what the table holds, with nothing that a spreadsheet would run?"""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from kcas.evidence.document import Column, Kind, Shorthand, Table
from kcas.evidence.writers import csv as writer
from tests.unit.reporting.writers import example


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


def one_column(*cells: str | int | float, kind: Kind = Kind.TEXT) -> Table:
    return Table("t", "T", (Column("A", kind),), tuple((cell,) for cell in cells), example.basis())


def test_no_text_begins_as_a_formula_does_and_each_arrives_with_an_apostrophe(shared: Path) -> None:
    cases = json.loads((shared / "reference/statistics.json").read_text())["cases"]
    case = next(case for case in cases if case["id"] == "csv_injection_vectors")
    dangerous = tuple(case["expected"]["dangerous_first_char"])
    written = [row[0] for row in read(writer.write(one_column(*case["input"]["cells"])))[1:]]
    expected = [("'" if cell.startswith(dangerous) else "") + cell for cell in case["input"]["cells"]]
    assert written == expected
    assert [cell for cell in written if cell.startswith(dangerous)] == []


def test_numbers_are_bare_and_texts_are_quoted() -> None:
    data = writer.write(one_column("IT", 3, -5, Shorthand.CONFIDENTIAL, kind=Kind.COUNT)).decode()
    assert [line.split(",")[0] for line in data.split("\r\n")] == ['"A"', '"IT"', "3", "-5", '"[c]"', ""]


def test_a_share_is_a_fraction_and_points_are_percentage_points() -> None:
    table = Table("t", "T", (Column("Rate", Kind.SHARE), Column("Change", Kind.POINTS)), ((0.1376, -0.031),),
                  example.basis())  # fmt: skip
    heads, row = read(writer.write(table))
    assert heads[:2] == ["Rate (fraction of one)", "Change (percentage points)"]
    assert [float(cell) for cell in row[:2]] == [0.1376, -3.1]


def test_each_row_says_whether_it_is_a_models_and_by_what_definition() -> None:
    rows = csv.DictReader(io.StringIO(writer.write(example.apart()).decode(), newline=""))
    assert {(row["Observed or model"], row["Definition"], row["Run"]) for row in rows} == {
        ("Model", "all_offered", "5f3a9c")
    }


def test_headings_alike_are_told_apart() -> None:
    table = replace(one_column("x"), columns=(Column("A"), Column("a")), rows=(("x", "y"),))
    assert read(writer.write(table))[0][:2] == ["A", "a 2"]


def test_control_characters_and_half_characters_leave_a_mark() -> None:
    written = [row[0] for row in read(writer.write(one_column("nul\x00", "lone\ud800", "none\uffff", "", "\x85")))[1:]]
    assert written == ["nul␀", "lone�", "none�", "(blank)", "(blank)"]


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="shorthand"):
        writer.write(one_column(float("nan"), kind=Kind.SHARE))
