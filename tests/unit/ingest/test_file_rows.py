"""Files of every kind, written by programs other than ours, become the rows that a person sees in them."""

import csv
import gzip
import io
import json
import re
import tempfile
import zipfile
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import odfdo
import openpyxl
import pytest
import xlsxwriter
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from kcas.errors import LogError, SettingError
from kcas.ingest.file_rows import FILE_KINDS, Layout, Row, rows_of, text_of_cell
from kcas.ingest.json_rows import JsonText, records_in
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import mapping_of, read_mapping
from kcas.ingest.reading import Log
from kcas.ingest.redact import Redactor
from kcas.ingest.sniffing import sniff
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
    form, told = Mapped(mapping_of({**DESK, **changes}, where="desk")), ReadSettings(Redactor(folder / "key"))
    return list(form.read(Log(source), settings=told, carried=Carried()))


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


def test_texts_among_dates_are_warned_of(tmp_path: Path) -> None:
    swapped = (3, "Adults", "13/03/2026 09:00:00", timedelta(seconds=5), "Lost")  # 13 is no month: left a text
    (piece,) = read(excel(tmp_path / "a.xlsx", [HEADER, *CALLS, swapped]), tmp_path)
    (words,) = piece.warnings
    assert piece.warnings[words] == 1
    assert words.startswith("Started: texts among the workbook's dates")


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
    with pytest.raises(LogError, match="no line above line 4 says the 'Queue'"):
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
    form, told = Mapped(mapping_of(mapping, where="desk")), ReadSettings(Redactor(tmp_path / "key"))

    class InSmallBlocks(Log):
        def blocks(self, *, encoding: str = "utf-8", size: int = 1) -> Any:
            return super().blocks(encoding=encoding, size=size)

    for size in (1, 40, 60, 1000):
        InSmallBlocks.blocks.__kwdefaults__["size"] = size
        pieces = list(form.read(InSmallBlocks(Source(tmp_path / "a.csv")), settings=told, carried=Carried()))
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
    form, told = Mapped(read_mapping(tmp_path / "map.toml")), ReadSettings(Redactor(tmp_path / "key"))
    log = Log(Source(tmp_path / "a.xlsx"))
    assert form.claims(log.head)
    (piece,) = form.read(log, settings=told, carried=Carried())
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


def table_of(path: Path, layout: Layout) -> tuple[list[Any], list[tuple[int, list[Any]]]]:
    """A file's header and its rows with their lines."""
    found = rows(path, layout)
    (header,) = (list(row.cells) for row in found if row.left_out == "header")
    return header, [(row.line, list(row.cells)) for row in found if not row.left_out and not row.fault]


NESTED = {"id": "a", "Queue": {"Name": "Adults", "Wait": 12.5}, "legs": [{"by": "x", "s": 3}, {"by": "y", "s": 4}]}


@pytest.mark.parametrize(
    ("text", "records", "lines"),
    [
        (lambda one, two: f"[\n{one},\n{two}\n]", "", [2, 3]),
        (lambda one, two: f"{one}\n\n{two}\n", "", [1, 3]),
        (lambda one, two: one + two, "", [1, 1]),
        (
            lambda one, two: f'{{"n": 2, "skip": [{{"a": 1}}],\n"data": {{"records": [{one},\n{two}]}}}}',
            "data.records", [2, 3],
        ),
    ],
    ids=["array", "lines", "run together", "under a key"],
)  # fmt: skip
def test_json_is_a_row_for_each_object_with_paths_as_columns(
    tmp_path: Path, text: Any, records: str, lines: list[int]
) -> None:
    path = tmp_path / "a.json"
    path.write_text(text(json.dumps(NESTED), '{"id": "b", "open": true}'))
    header, found = table_of(path, Layout(records=records))
    assert header == ["id", "Queue.Name", "Queue.Wait", "legs", "open"]
    assert [(line, cells[:3], cells[4]) for line, cells in found] == [
        (lines[0], ["a", "Adults", 12.5], None), (lines[1], ["b", None, None], "true"),
    ]  # fmt: skip
    assert sniff(Log(Source(path))).layout.records == records


def test_each_element_of_a_nested_array_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([NESTED, {"id": "b"}]))
    used = ("id", "legs.by", "Queue.Name")
    found = [row.cells for row in rows_of(Log(Source(tmp_path / "a.json")), Layout(each="legs"), used=used)]
    assert [list(cells) for cells in found[1:]] == [["a", "x", "Adults"], ["a", "y", "Adults"], ["b", None, None]]


def test_an_element_of_an_array_is_named_by_its_place_or_by_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(NESTED))
    used = ("legs[0].s", "legs[-1].by", "legs[by=y].s", "legs[7].s", "legs[by=z].s")
    _, row = rows_of(Log(Source(tmp_path / "a.json")), Layout(), used=used)
    assert list(row.cells) == [3, "y", 4, None, None]


def test_of_paths_with_a_bar_between_them_the_first_that_has_something_counts(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"first": null, "id": "b"}{"first": "a", "id": "c"}{"other": 1}{"id": "d"}')
    found = list(rows_of(Log(Source(tmp_path / "a.json")), Layout(), used=("first|id",)))
    assert [(list(row.cells), row.left_out) for row in found[1:]] == [
        (["b"], ""), (["a"], ""), ([None], "blank line"), (["d"], ""),
    ]  # fmt: skip


def test_a_broken_object_costs_its_line_and_a_broken_array_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}\n{"a": 1,,}\n7\n{"a": 2}\n')
    assert [(row.line, row.fault) for row in rows(path, Layout()) if row.fault] == [
        (2, "is no valid JSON"), (3, "is no JSON object"),
    ]  # fmt: skip
    path.write_text('[{"a": 1},\n{"a": 2},\n{"a"')
    with pytest.raises(LogError, match=r"a\.json, line 3: .*JSON"):
        rows(path, Layout())
    path.write_text('[{"a":' * 40_000)
    with pytest.raises(LogError, match="JSON"):
        rows(path, Layout())


def test_a_record_is_whole_wherever_a_chunk_ends() -> None:
    text = json.dumps([NESTED | {"id": f"é{number}", "n": number} for number in range(40)])
    for size in (1, 7, 100):
        chunks = (text[at : at + size] for at in range(0, len(text), size))
        found = [record.value["n"] for record in records_in(JsonText(chunks, name="a"))]
        assert found == list(range(40))


MYSQL = """+------+--------+---------------------+------+----------+
| Call | Queue  | Started             | Wait | Result   |
+------+--------+---------------------+------+----------+
|    1 | Adults | 02/03/2026 09:00:07 | 1:05 | Answered |
|    2 | Adults | 13/07/2026 17:30:00 | 0:20 | Lost     |
+------+--------+---------------------+------+----------+
2 rows in set (0.00 sec)
"""
PSQL = """ call | queue  |       started       | wait |  result
------+--------+---------------------+------+----------
 1    | Adults | 02/03/2026 09:00:07 | 1:05 | Answered
 2    | Adults | 13/07/2026 17:30:00 | 0:20 | Lost
(2 rows)

"""
FIXED = """Calls of March
Call  Queue         Started              Wait  Result
----  ------------  -------------------  ----  --------
1     Adults north  02/03/2026 09:00:07  1:05  Answered
2     Adults        13/07/2026 17:30:00  0:20  Lost
"""
PAGE = """<html><head><style>td {color: red}</style></head><body><h3>Calls of March</h3><table border=1>
<tr><th>Call</th><th>Queue</th><th>Started</th><th>Wait</th><th>Result</th></tr>
<tr><td>1</td><td>Adults &amp; <b>north</b></td><td>02/03/2026 09:00:07</td><td>1:05</td><td>Answered</td></tr>
<tr><td>2</td><td>Adults<td>13/07/2026&nbsp;17:30:00<td>0:20<td>Lost
</table></body></html>
"""
XML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Calls"><Table>
<Row><Cell><Data ss:Type="String">Call</Data></Cell><Cell><Data ss:Type="String">Queue</Data></Cell>
<Cell><Data ss:Type="String">Started</Data></Cell><Cell><Data ss:Type="String">Wait</Data></Cell>
<Cell><Data ss:Type="String">Result</Data></Cell></Row>
<Row><Cell><Data ss:Type="Number">1</Data></Cell><Cell><Data ss:Type="String">Adults</Data></Cell>
<Cell><Data ss:Type="DateTime">2026-03-02T09:00:07.000</Data></Cell>
<Cell><Data ss:Type="DateTime">1899-12-31T00:01:05.000</Data></Cell>
<Cell><Data ss:Type="String">Answered</Data></Cell></Row>
<Row><Cell><Data ss:Type="Number">2</Data></Cell><Cell><Data ss:Type="String">Adults</Data></Cell>
<Cell><Data ss:Type="DateTime">2026-07-13T17:30:00.000</Data></Cell>
<Cell ss:Index="5"><Data ss:Type="String">Lost</Data></Cell></Row>
</Table></Worksheet></Workbook>
"""


@pytest.mark.parametrize(
    ("text", "kind", "lines"),
    [(MYSQL, "boxed", (4, 5)), (PSQL.replace("call ", "Call ").replace("queue", "Queue").replace("started", "Started")
      .replace("wait", "Wait").replace("result", "Result"), "boxed", (3, 4)),
     (FIXED, "fixed", (4, 5)), (PAGE, "page", (3, 4)), (XML, "page", (7, 11))],
    ids=["mysql", "psql", "fixed", "page", "workbook in xml"],
)  # fmt: skip
def test_a_printed_table_is_read_as_it_is_seen(tmp_path: Path, text: str, kind: str, lines: tuple[int, int]) -> None:
    (tmp_path / "a.xls").write_text(text)
    unknown = {"column": "Wait", "format": "m:ss"}
    (piece,) = read(tmp_path / "a.xls", tmp_path, file={"kind": kind}, wait=unknown)
    found = zip(piece.calls["leg"], piece.calls["entered"].dt.strftime("%d %H:%M"), piece.calls["line"], strict=True)
    assert list(found) == [("desk/1", "02 09:00", lines[0]), ("desk/2", "13 16:30", lines[1])]
    assert piece.calls["wait"].to_list() == [65.0, None if text is XML else 20.0]
    assert piece.refusals == ()
    guessed = sniff(Log(Source(tmp_path / "a.xls")))
    assert (guessed.layout.kind, guessed.unsure) == (kind, ())


def test_a_text_across_two_printed_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(FIXED + "3     Adults and elders  13/07/2026 17:30:00  0:20  Lost\n")
    (piece,) = read(tmp_path / "a.txt", tmp_path, file={"kind": "fixed"})
    assert [(each.line, each.reason) for each in piece.refusals] == [(6, "a text runs across two columns")]


@pytest.mark.parametrize(
    ("data", "layout", "unsure"),
    [
        ("Café;b\n1;2\n".encode("cp1252"), ("cp1252", ";"), ["encoding"]),
        ("Café;b\n1;2\n".encode("utf-8-sig"), ("utf-8", ";"), []),
        ("Café\tb\n1\t2\n".encode("utf-16"), ("utf-8", "\t"), []),  # its mark has the last word
        ("Café|b\n1|2\n".encode("utf-16-le"), ("utf-8", "|"), []),  # its zeros say as much
        (b"a,b\n" + b"1,2\n" * 20_000 + "é,2\n".encode("cp1252"), ("cp1252", ","), ["encoding"]),  # far down
    ],
)  # fmt: skip
def test_an_encoding_is_seen_or_said_to_be_unsure(
    tmp_path: Path, data: bytes, layout: tuple[str, str], unsure: list[str]
) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    guessed = sniff(Log(Source(tmp_path / "a.csv")))
    assert (guessed.layout.encoding, guessed.layout.delimiter) == layout
    assert [doubt.setting for doubt in guessed.unsure] == unsure


@pytest.mark.parametrize("titles", [0, 1, 3])
def test_titles_and_totals_are_seen_by_sniffing(tmp_path: Path, titles: int) -> None:
    lines = [
        *(f"Title {number}" for number in range(titles)),
        "Day;Offered;Lost",
        *["1/3/2026;10;1"] * 30,
        "Total;300;30",
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    guessed = sniff(Log(Source(tmp_path / "a.csv"))).layout
    assert (guessed.delimiter, guessed.before_header, guessed.footer) == (";", titles, ("Total",))


def test_the_papers_json_is_read_by_the_mapping_above_it(tmp_path: Path) -> None:
    paper = PAPER.read_text()
    example = next(text for text in re.findall(r"```toml\n(.*?)```", paper, re.DOTALL) if 'kind = "json"' in text)
    (tmp_path / "map.toml").write_text(example)
    (tmp_path / "a.json").write_text(re.findall(r"```json\n(.*?)```", paper, re.DOTALL)[0])
    form, told = Mapped(read_mapping(tmp_path / "map.toml")), ReadSettings(Redactor(tmp_path / "key"))
    log = Log(Source(tmp_path / "a.json"))
    assert form.claims(log.head)
    (piece,) = form.read(log, settings=told, carried=Carried())
    assert piece.calls.select("leg", "outcome", "wait", "line").rows() == [
        ("contact_records/a", "answered", 12.5, 2), ("contact_records/b", "abandoned", 33.0, 4),
    ]  # fmt: skip


def mail(path: Path, *attached: tuple[str, bytes]) -> Path:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "reports@example.invalid", "desk@example.invalid", "Report"
    message.set_content("The report is attached.\n")
    for name, data in attached:
        message.add_attachment(data, "application", "octet-stream", filename=name)
    path.write_bytes(message.as_bytes())
    return path


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(name, data)
    return out.getvalue()


TEXT = (",".join(HEADER) + "\n1,Adults,02/03/2026 09:00:07,1:05,Answered\n").encode()


@pytest.mark.parametrize("form", ["plain", "zip", "gzip", "workbook", "zipped workbook"])
def test_what_is_attached_to_a_mail_message_is_read(tmp_path: Path, form: str) -> None:
    book = excel(tmp_path / "b.xlsx", [HEADER, CALLS[0]]).read_bytes()
    data = {
        "plain": TEXT, "zip": zipped("march.csv", TEXT), "gzip": gzip.compress(TEXT), "workbook": book,
        "zipped workbook": zipped("march.xlsx", book),
    }[form]  # fmt: skip
    path = mail(tmp_path / "a.eml", ("logo.png", b"\x89PNG\r\n\x1a\n"), ("march", data))
    assert calls(path, tmp_path) == [("desk/1", "2026-03-02 09:00:07", 65.0, 2)]
    (source,) = sources(path)
    assert source.name.startswith("a.eml/march")


def test_a_mail_message_without_an_export_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="without an export attached"):
        sources(mail(tmp_path / "a.eml"))
    with pytest.raises(LogError, match="damaged"):
        sources(mail(tmp_path / "a.eml", ("a.zip", b"PK\x03\x04 and no more")))


def test_a_bomb_attached_to_a_mail_message_is_not_read(tmp_path: Path) -> None:
    path = mail(tmp_path / "a.eml", ("a.zip", zipped("a.csv", b"a,b\n" * (100 << 20 >> 2))))
    (source,) = sources(path)
    with pytest.raises(LogError, match="as a bomb does"):
        list(Log(source).blocks())


def test_a_log_with_titles_that_look_like_mail_is_a_log(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"Date: 2 March\nSplit: 4\n\n" + TEXT)
    assert sources(tmp_path / "a.csv") == [Source(tmp_path / "a.csv")]


def test_an_outlook_message_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    streams = "__substg1.0_0037001F Workbook".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + streams)
    head = Log(Source(path)).head
    assert ("Outlook message" in head.binary, head.sheets) == (True, ())


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([TEXT.decode(), json.dumps(NESTED), MYSQL, PSQL, FIXED, PAGE, XML]), st.data())
def test_whatever_a_file_holds_nothing_but_our_own_errors_comes_out(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    hostile = ["", '"', "{", "[", "<", "\n", "\0", "é", "|", "<td colspan=9999999999>", "9" * 5000]
    put = data.draw(st.sampled_from(hostile))
    bad = (text[:at] + put + text[at + data.draw(st.integers(0, 40)) :]).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_bytes(bad)
        for kind in ("", *FILE_KINDS):
            with suppress(LogError):
                list(rows_of(Log(Source(path)), Layout(kind=kind)))
        with suppress(LogError):
            sniff(Log(Source(path)))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["a.xlsx", "a.xls", "a.ods"]), st.integers(0, 2**30), st.binary(min_size=1, max_size=8))
def test_whatever_a_workbook_holds_nothing_but_our_own_errors_comes_out(name: str, at: int, put: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write: Any = {"a.xlsx": excel, "a.xls": excel_97, "a.ods": open_document}[name]
        path = write(Path(folder) / name, [HEADER, *CALLS])
        data = path.read_bytes()
        at %= len(data)
        path.write_bytes(data[:at] + put + data[at + len(put) :])
        with suppress(LogError):
            for source in sources(path):  # one that is no workbook any more is a zip of files
                list(rows_of(Log(source), Layout()))
