"""Kinds of file in which a table of calls arrives: delimited text, workbooks, JSON, HTML, printed tables, mail."""

import csv
import html
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path

from benchmarks.reading_corpus.forms import Cell

Row = Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """A table as a report prints it: titles, groups of columns, header, rows, footers."""

    header: Sequence[str]
    rows: Sequence[Row]
    titles: Sequence[str] = ()
    footers: Sequence[Row] = ()
    groups: Row = ()

    def lines(self) -> list[Row]:
        """Every line as cells; a table without a header has none."""
        header = [line for line in (self.groups, self.header) if line]
        return [*([title] for title in self.titles), *header, *self.rows, *self.footers]


def text_of(cell: Cell) -> str:
    """A cell as text."""
    return "" if cell is None else str(cell)


def delimited(table: Table, *, delimiter: str = ",", quote_all: bool = False, newline: str = "\r\n") -> str:
    """The table as delimited text (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL, lineterminator=newline
    )
    for line in table.lines():
        writer.writerow([text_of(cell) for cell in line])
    return out.getvalue()


def fixed_width(table: Table, *, rule: bool = True) -> str:
    """The table in columns of characters, as a terminal report prints it."""
    lines = [[text_of(cell) for cell in line] for line in [table.header, *table.rows]]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    printed = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    ]
    if rule:
        printed.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*table.titles, *printed, *(text_of(line[0]) for line in table.footers)]) + "\n"


def boxed(table: Table) -> str:
    """The table in the box that a database client draws on a terminal."""
    lines = [[text_of(cell) for cell in line] for line in [table.header, *table.rows]]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    printed = [
        "|" + "|".join(f" {cell.ljust(width)} " for cell, width in zip(line, widths, strict=True)) + "|"
        for line in lines
    ]
    closing = f"{len(table.rows)} rows in set (0.01 sec)"
    return "\n".join([rule, printed[0], rule, *printed[1:], rule, closing]) + "\n"


def html_table(table: Table) -> str:
    """The table as a web page, the way many suppliers write their `.xls`."""

    def row(line: Row, tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(text_of(cell))}</{tag}>" for cell in line) + "</tr>"

    heading = "".join(f"<h3>{html.escape(title)}</h3>" for title in table.titles)
    body = "\n".join([row(table.header, "th"), *(row(line, "td") for line in [*table.rows, *table.footers])])
    head = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head>'
    return f"{head}<body>{heading}<table border=1>\n{body}\n</table></body></html>"


def records(table: Table, *, camel: bool = False) -> list[dict[str, Cell]]:
    """The rows as objects by heading."""
    keys = [json_key(name, camel=camel) for name in table.header]
    return [dict(zip(keys, row, strict=True)) for row in table.rows]


def json_key(heading: str, *, camel: bool = False) -> str:
    """A heading as a key: `wait_time` or `waitTime`."""
    words = "".join(letter if letter.isalnum() else " " for letter in heading).lower().split()
    return words[0] + "".join(word.title() for word in words[1:]) if camel else "_".join(words)


def json_text(found: Sequence[object], *, form: str) -> str:
    """Objects as an array, under a key, one a line, or run together."""
    one_each = [json.dumps(each, ensure_ascii=False) for each in found]
    return {
        "array": "[\n" + ",\n".join(one_each) + "\n]\n",
        "under a key": json.dumps({"status": "ok", "page": 1, "data": {"records": list(found)}}, indent=1),
        "lines": "\n".join(one_each) + "\n",
        "run together": "".join(one_each),
    }[form]


def write_xlsx(path: Path, table: Table, *, sheet: str = "Report", cover: Sequence[str] = ()) -> None:
    """Write a workbook with typed cells; a cover sheet comes first where it has lines."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy hh:mm:ss"}) as book:
        if cover:
            book.add_worksheet("Cover").write_column(0, 0, cover)
        page = book.add_worksheet(sheet)
        forms = {date: "dd/mm/yyyy", time: "hh:mm", timedelta: "[h]:mm:ss"}
        formats = {kind: book.add_format({"num_format": form}) for kind, form in forms.items()}
        for number, line in enumerate(table.lines()):
            for place, cell in enumerate(line):
                into = page.write_string if isinstance(cell, str) else page.write
                into(number, place, cell, formats.get(type(cell)))


def write_xls(path: Path, table: Table, *, sheet: str = "Report") -> None:
    """Write a workbook of Excel 97 to 2003, with typed cells."""
    import xlwt

    book = xlwt.Workbook()
    page = book.add_sheet(sheet)
    forms = {datetime: "dd/mm/yyyy hh:mm:ss", date: "dd/mm/yyyy", time: "hh:mm", timedelta: "[h]:mm:ss"}
    styles = {kind: xlwt.easyxf(num_format_str=form) for kind, form in forms.items()}
    for number, line in enumerate(table.lines()):
        for place, cell in enumerate(line):
            value = cell.total_seconds() / 86400 if isinstance(cell, timedelta) else cell
            page.write(number, place, value, *([styles[type(cell)]] if type(cell) in styles else []))
    book.save(str(path))


def write_ods(path: Path, table: Table, *, sheet: str = "Report") -> None:
    """Write an OpenDocument spreadsheet, with typed cells."""
    from odfdo import Cell as OdsCell
    from odfdo import Document
    from odfdo import Row as OdsRow
    from odfdo import Table as OdsTable

    book = Document("spreadsheet")
    book.body.clear()
    page = OdsTable(sheet)
    for line in table.lines():
        row = OdsRow()
        for place, cell in enumerate(line):
            row.set_cell(place, OdsCell(cell))
        page.append_row(row)
    book.body.append(page)
    book.save(str(path))


def write_mail(path: Path, attached: Path, *, subject: str) -> None:
    """Write a mail message that carries a file, and remove the file."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "reports@example.invalid", "desk@example.invalid"
    message["Date"] = "Mon, 30 Nov 2026 07:00:00 +0000"
    message.set_content("Your scheduled report is attached.\n\nInvented figures.\n")
    message.add_alternative(
        "<p>Your scheduled report is attached.</p><table><tr><td>Invented</td></tr></table>", "html"
    )
    message.add_attachment(attached.read_bytes(), "application", "octet-stream", filename=attached.name)
    path.write_bytes(message.as_bytes())
    attached.unlink()


TEXT: dict[str, Callable[[Table], str]] = {
    "comma": delimited,
    "semicolon": lambda table: delimited(table, delimiter=";"),
    "tab": lambda table: delimited(table, delimiter="\t"),
    "bar": lambda table: delimited(table, delimiter="|"),
    "all quoted": lambda table: delimited(table, quote_all=True, newline="\n"),
    "fixed width": fixed_width,
    "fixed width, no rule": lambda table: fixed_width(table, rule=False),
    "box": boxed,
    "html": html_table,
    "json array": lambda table: json_text(records(table), form="array"),
    "json under a key": lambda table: json_text(records(table, camel=True), form="under a key"),
    "json lines": lambda table: json_text(records(table, camel=True), form="lines"),
    "json run together": lambda table: json_text(records(table), form="run together"),
}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "all quoted": ","}
ENDINGS = {
    "comma": ".csv", "semicolon": ".csv", "tab": ".tsv", "bar": ".txt", "all quoted": ".csv", "fixed width": ".txt",
    "fixed width, no rule": ".txt", "box": ".txt", "html": ".xls", "json array": ".json", "json under a key": ".json",
    "json lines": ".jsonl", "json run together": ".txt", "xlsx": ".xlsx", "xlsx, cover": ".xlsx", "xls": ".xls",
    "ods": ".ods", "mail with comma": ".eml", "mail with xlsx": ".eml",
}  # fmt: skip
TYPED = frozenset({"xlsx", "xlsx, cover", "xls", "ods", "mail with xlsx"})


def write(path: Path, table: Table, *, container: str, encoding: str = "utf-8", names_delimiter: bool = False) -> None:
    """Write the table as one of the kinds in `ENDINGS`; a first line can name the delimiter for a spreadsheet."""
    if container in TEXT:
        first = f"sep={DELIMITERS[container]}\r\n" if names_delimiter else ""
        path.write_bytes((first + TEXT[container](table)).encode(encoding))
    elif container.startswith("mail with "):
        inner = container.removeprefix("mail with ")
        attached = path.with_suffix(ENDINGS[inner])
        write(attached, table, container=inner, encoding=encoding)
        write_mail(path, attached, subject="Scheduled report")
    elif container == "xlsx, cover":
        write_xlsx(path, table, cover=("Scheduled report", "Invented figures", "See the second sheet"))
    else:
        {"xlsx": write_xlsx, "xls": write_xls, "ods": write_ods}[container](path, table)
