"""Files of every kind, written by programs other than ours, become the rows that a person sees in them."""

import csv
import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import odfdo
import openpyxl
import pytest
import xlsxwriter
import xlwt

from kcas.errors import LogError, SettingError
from kcas.ingest.file_rows import Layout, Row, rows_of, text_of_cell
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import mapping_of, read_mapping
from kcas.ingest.reading import Log
from kcas.ingest.redact import Redactor
from kcas.ingest.unpacking import Source, sources

moment = datetime.fromisoformat
PAPER = Path(__file__).resolve().parents[3] / "docs" / "formats.md"
DESK: dict[str, Any] = {
    "key": "desk", "words": "An invented desk", "leg": "Call", "queue": {"column": "Queue"},
    "wait": {"column": "Wait", "format": "m:ss"},
    "entered": [{"column": "Started", "format": "DD/MM/YYYY hh:mm:ss"}],
    "outcome": [
        {"when": {"Result": "Answered"}, "gives": "answered"}, {"when": {"Result": "Lost"}, "gives": "abandoned"},
    ],
}  # fmt: skip
HEADER = ("Call", "Queue", "Started", "Wait", "Result")
CALLS: list[tuple[Any, ...]] = [
    (1, "Adults", moment("2026-03-02 09:00:07"), timedelta(seconds=65), "Answered"),
    (2, "Adults", moment("2026-07-13 17:30"), timedelta(hours=26), "Lost"),
]
"""Two calls, in winter and in summer time; the second waited over a day."""


def read(path: Path, folder: Path, **changes: Any) -> list[Piece]:
    """A file as a mapping reads it."""
    (source,) = sources(path)
    form, settings = Mapped(mapping_of({**DESK, **changes}, where="desk")), ReadSettings(Redactor(folder / "key"))
    return list(form.read(Log(source), settings=settings, carried=Carried()))


def calls(path: Path, folder: Path, **changes: Any) -> list[tuple[Any, ...]]:
    (piece,) = read(path, folder, **changes)
    assert not piece.refusals
    moments = piece.calls["entered"].dt.strftime("%Y-%m-%d %H:%M:%S").to_list()
    found = zip(piece.calls["leg"], moments, piece.calls["wait"], piece.calls["line"], strict=True)
    return list(found)


def rows(path: Path, layout: Layout) -> list[Row]:
    return list(rows_of(Log(Source(path)), layout))


def excel(path: Path, lines: list[tuple[Any, ...]], *, epoch: datetime | None = None) -> Path:
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    book.save(path)
    return path


def excel_97(path: Path, lines: list[tuple[Any, ...]]) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Calls")
    styles = {datetime: xlwt.easyxf(num_format_str="dd/mm/yyyy hh:mm"), timedelta: xlwt.easyxf(num_format_str="mm:ss")}
    for number, line in enumerate(lines):
        for place, cell in enumerate(line):
            value = cell / timedelta(days=1) if isinstance(cell, timedelta) else cell
            sheet.write(number, place, value, *filter(None, [styles.get(type(cell))]))
    book.save(str(path))
    return path


def open_document(path: Path, lines: list[tuple[Any, ...]]) -> Path:
    book = odfdo.Document("spreadsheet")
    book.body.clear()
    table = odfdo.Table("Calls")
    for line in lines:
        row = odfdo.Row()
        for place, cell in enumerate(line):
            row.set_cell(place, odfdo.Cell(cell))
        table.append_row(row)
    book.body.append(table)
    book.save(str(path))
    return path


BY_HAND = [("desk/1", "2026-03-02 09:00:07", 65.0, 4), ("desk/2", "2026-07-13 16:30:00", 93_600.0, 5)]
"""The two calls in UTC, with the rows on which they stand below two lines of titles."""


@pytest.mark.parametrize(("name", "write"), [("a.xlsx", excel), ("a.xls", excel_97), ("a.ods", open_document)])
def test_a_workbooks_moments_and_durations_are_read_as_they_are_typed(tmp_path: Path, name: str, write: Any) -> None:
    path = write(tmp_path / name, [("Report of March",), (), HEADER, *CALLS])
    assert calls(path, tmp_path) == BY_HAND


def test_a_workbook_that_counts_from_1904_has_the_same_moments(tmp_path: Path) -> None:
    path = excel(tmp_path / "a.xlsx", [("Report",), (), HEADER, *CALLS], epoch=moment("1904-01-01"))
    assert calls(path, tmp_path) == BY_HAND


def test_a_workbook_in_a_zip_is_read_like_any_other_member(tmp_path: Path) -> None:
    excel(tmp_path / "a.xlsx", [("Report",), (), HEADER, *CALLS])
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.write(tmp_path / "a.xlsx", "march/a.xlsx")
    assert calls(tmp_path / "a.zip", tmp_path) == BY_HAND


def test_a_time_of_day_in_a_cell_is_put_on_the_day_of_another(tmp_path: Path) -> None:
    lines = [("Call", "Queue", "Day", "At", "Wait", "Result"), (1, "A", date(2026, 3, 2), time(9, 5), 0, "Lost")]
    told = {"column": "At", "format": "hh:mm", "day": "Day", "day_format": "DD/MM/YYYY"}
    path = excel(tmp_path / "a.xlsx", lines)
    found = calls(path, tmp_path, entered=[told], wait={"column": "Wait", "format": "s"})
    assert found == [("desk/1", "2026-03-02 09:05:00", 0.0, 2)]


def test_a_moment_without_its_day_is_refused_and_no_day_is_made_up(tmp_path: Path) -> None:
    path = excel(tmp_path / "a.xlsx", [HEADER, (1, "Adults", time(9, 0), timedelta(seconds=5), "Lost")])
    (piece,) = read(path, tmp_path)
    assert [(each.line, each.column) for each in piece.refusals] == [(2, "Started")]


def test_the_sheet_is_found_by_its_columns_or_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title, when in (("March", CALLS[0]), ("July", CALLS[1])):
        sheet = book.create_sheet(title)
        sheet.append(HEADER)
        sheet.append(when)
    book.save(tmp_path / "a.xlsx")
    assert [leg for leg, *_ in calls(tmp_path / "a.xlsx", tmp_path)] == ["desk/1"]
    assert [leg for leg, *_ in calls(tmp_path / "a.xlsx", tmp_path, file={"sheet": "July"})] == ["desk/2"]
    with pytest.raises(LogError, match="has no sheet of the name"):
        calls(tmp_path / "a.xlsx", tmp_path, file={"sheet": "May"})


def test_totals_titles_and_blank_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    lines = [("Report",), HEADER, *CALLS, (), ("Total", None, None, None, 2), ("Printed by invention",)]
    path = excel(tmp_path / "a.xlsx", lines)
    (piece,) = read(path, tmp_path, file={"footer": ["Total", "Printed by"]})
    assert piece.ignored == {"before the header": 1, "header": 1, "blank line": 1, "total or footer": 2}
    assert (piece.lines, piece.call_lines, piece.refusals) == (7, 2, ())


def test_what_only_a_line_above_the_header_says_is_a_column(tmp_path: Path) -> None:
    above = {"above": {"Queue": "Queue: (.+)"}}
    lines = [("Report", "of March"), ("Queue: Adults, North",), ("Call", *HEADER[2:])]
    book = excel(tmp_path / "a.xlsx", [*lines, *((call[0], *call[2:]) for call in CALLS)])
    text = tmp_path / "a.csv"
    text.write_text(
        'Report,of March\n"Queue: Adults, North",,\nCall,Started,Wait,Result\n1,02/03/2026 09:00:07,1:05,Lost\n'
    )
    for path, count in ((book, 2), (text, 1)):
        (piece,) = read(path, tmp_path, file=above)
        assert piece.calls["queue"].to_list() == ["Adults, North"] * count
        assert piece.ignored == {"before the header": 2, "header": 1}
    with pytest.raises(LogError, match="no line above its header says the 'Queue'"):
        read(text, tmp_path, file={"above": {"Queue": r"Split: (\d+)"}})
    with pytest.raises(SettingError, match="a pattern with one group"):
        read(text, tmp_path, file={"above": {"Queue": "Queue: .+"}})


def test_a_header_of_two_rows_is_one(tmp_path: Path) -> None:
    path = excel(tmp_path / "a.xlsx", [("Call", None, "Began"), (None, "Queue", "Day"), (1, "A", date(2026, 3, 2))])
    last = rows(path, Layout(header_rows=2, before_header=0))[-1]
    assert (last.line, list(last.cells)) == (3, [1.0, "A", date(2026, 3, 2)])
    (piece,) = read(
        path, tmp_path, file={"header_rows": 2}, entered=[{"column": "Began Day", "format": "DD/MM/YYYY"}],
        outcome=[{"when": {"Queue": "A"}, "gives": "abandoned"}], wait={"column": "Call", "format": "s"},
    )  # fmt: skip
    assert piece.call_lines == 1


def test_a_formula_is_what_was_calculated_when_it_was_saved(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Calls")
        sheet.write_formula(1, 0, "=1+1", None, 3)  # what a program would have calculated otherwise
    assert [list(row.cells) for row in rows(tmp_path / "a.xlsx", Layout(before_header=0))] == [["Calls"], [3.0]]


def test_a_quoted_field_runs_over_several_lines(tmp_path: Path) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["Call", "Queue", "Started", "Wait", "Result", "Note\r\nby hand"])
    writer.writerow([1, "Adults", "02/03/2026 09:00:00", "0:10", "Lost", "one\r\n\r\ntwo, three"])
    writer.writerow([2, "Adults", "02/03/2026 09:01:00", "0:20", "Lost", ""])
    (tmp_path / "a.csv").write_text(out.getvalue(), newline="")
    (piece,) = read(tmp_path / "a.csv", tmp_path)
    assert piece.calls.select("leg", "line", "wait").rows() == [("desk/1", 3, 10.0), ("desk/2", 6, 20.0)]
    assert piece.ignored == {"header": 1, "continues the line above": 3}
    assert (piece.lines, piece.refusals) == (6, ())


def test_a_quotation_mark_left_open_costs_its_own_line_and_no_other(tmp_path: Path) -> None:
    lines = [",".join(HEADER), '1,"Adults,02/03/2026 09:00:00,0:10,Lost', "2,Adults,02/03/2026 09:01:00,0:20,Lost",
             '3,"Adults",02/03/2026 09:02:00,0:30,Lost']  # fmt: skip
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    (piece,) = read(tmp_path / "a.csv", tmp_path)
    assert piece.calls["leg"].to_list() == ["desk/2", "desk/3"]
    assert [(each.line, each.reason) for each in piece.refusals] == [(2, "a quotation mark is not closed")]


def test_a_record_over_several_lines_is_whole_wherever_a_block_ends(tmp_path: Path) -> None:
    text = ",".join(HEADER) + "\n" + '1,"A\nB",02/03/2026 09:00:00,0:10,Lost\n2,A,02/03/2026 09:00:00,0:10,Lost\n'
    (tmp_path / "a.csv").write_text(text)
    mapping = {**DESK, "queue": {"constant": "Desk"}}
    form, settings = Mapped(mapping_of(mapping, where="desk")), ReadSettings(Redactor(tmp_path / "key"))

    class InSmallBlocks(Log):
        def blocks(self, *, encoding: str = "utf-8", size: int = 1) -> Any:
            return super().blocks(encoding=encoding, size=size)

    for size in (1, 40, 60, 1000):
        InSmallBlocks.blocks.__kwdefaults__["size"] = size
        pieces = list(form.read(InSmallBlocks(Source(tmp_path / "a.csv")), settings=settings, carried=Carried()))
        assert [leg for piece in pieces for leg in piece.calls["leg"]] == ["desk/1", "desk/2"]
        assert sum(piece.lines for piece in pieces) == 4


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12.0, "12"), (0.1, "0.1"), (1e-7, "0.0000001"), (True, "TRUE"), (None, ""), (time(9, 5), "09:05:00"),
        (timedelta(seconds=-65), "-0:01:05"), (timedelta(hours=26, milliseconds=500), "26:00:00.5"),
        (moment("2026-03-02 09:00"), "2026-03-02 09:00:00"), (date(2026, 3, 2), "2026-03-02"),
    ],
)  # fmt: skip
def test_each_type_of_cell_has_one_text(cell: Any, text: str) -> None:
    assert text_of_cell(cell) == text


def test_the_papers_example_reads_a_workbook(tmp_path: Path) -> None:
    example = next(text for text in re.findall(r"```toml\n(.*?)```", PAPER.read_text(), re.DOTALL) if "[file]" in text)
    (tmp_path / "map.toml").write_text(example)
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Calls")
    call = ("a", "Adults", moment("2026-03-02 09:00"), timedelta(seconds=5), "Abandoned")
    for line in [("Calls of March",), ("Reference", "Queue", "Started", "Waited", "Result"), call, ("Total", 1)]:
        sheet.append(line)
    book.save(tmp_path / "a.xlsx")
    form, settings = Mapped(read_mapping(tmp_path / "map.toml")), ReadSettings(Redactor(tmp_path / "key"))
    log = Log(Source(tmp_path / "a.xlsx"))
    assert form.claims(log.head)
    (piece,) = form.read(log, settings=settings, carried=Carried())
    assert piece.calls.select("leg", "outcome", "wait").rows() == [("monthly_workbook/a", "abandoned", 5.0)]
    assert (piece.ignored["total or footer"], piece.refusals) == (1, ())


def packed(path: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            book.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return path


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (b'<c r="A1"/>' + b" " * (300 << 20), "as a bomb does"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><c>&a;</c>', "declares XML entities"),
        (b'<c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c>', "cells far apart"),
        (b"<c", "damaged"),
    ],
)
def test_a_workbook_that_asks_too_much_is_one_sentence(tmp_path: Path, sheet: bytes, words: str) -> None:
    path = packed(tmp_path / "a.xlsx", xl__workbook_xml=b"<workbook/>", xl__worksheets__sheet1_xml=sheet)
    with pytest.raises(LogError, match=words):
        rows(path, Layout())
