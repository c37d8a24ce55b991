"""Sheets of a workbook as rows of typed cells: .xlsx, .xlsm, .xlsb, .xls and .ods.

Formulas are never evaluated: a cell is what the program that wrote it last calculated. What a workbook may ask of the
machine is bounded before it is opened.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from kcas.errors import LogError
from kcas.ingest.unpacking import CHUNK, Limits, is_workbook_packed, said_plainly

CellValue = str | int | float | bool | datetime | date | time | timedelta | None
SheetRows = tuple[str, tuple[Sequence[CellValue], ...]]
"""A sheet's name and its first rows."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGEST = 256 << 20
"""Bytes of a workbook: ten times the largest that a year of calls makes."""
UNPACKED = 2 << 30
MOST_CELLS = 40_000_000
"""Cells of a sheet between its first and last corner: a million rows of forty columns."""
FIRST_ROWS = 200
WITHOUT_DAY = 1904
"""The last year that is no date: below it a workbook's moment is a duration of a day or more, counted from its epoch.
A log's first telephone call is later."""
_EPOCHS = datetime.fromisoformat("1899-12-31"), datetime.fromisoformat("1904-01-01")
STOPPING = (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)

_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,3})(\d{1,9})["']""")
_REPEATED = re.compile(rb"""number-(?:columns|rows)-repeated\s*=\s*["'](\d{1,9})""")
_LONG = re.compile(r"PT(\d{1,6})H(\d{1,2})M(\d{1,2}(?:\.\d{1,9})?)S", re.ASCII)
"""A duration of a day or more in OpenDocument."""
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True)
class Workbook:
    """An opened workbook. Raises LogError where it is damaged, locked, or no workbook."""

    book: Any
    name: str

    @property
    def sheets(self) -> list[str]:
        """The names of its sheets that are shown, or of all where none is."""
        from python_calamine import SheetVisibleEnum

        shown = [each.name for each in self.book.sheets_metadata if each.visible is SheetVisibleEnum.Visible]
        return shown or list(self.book.sheet_names)

    def rows(self, sheet: str) -> Iterator[list[CellValue]]:
        """A sheet's rows from its first on, empty ones too, so that the third is the third that a person sees."""
        with _said_of_workbook(self.name):
            for row in self.book.get_sheet_by_name(sheet).iter_rows():
                yield [_cell(value) for value in row]


def is_workbook(data: bytes) -> bool:
    """Whether a file's bytes are those of a workbook."""
    if data.startswith(OLE):
        return not is_outlook(data) and any(
            name.encode("utf-16-le") in data for name in ("Workbook", "Book", "EncryptedPackage")
        )
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return is_workbook_packed(packed)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def is_outlook(data: bytes) -> bool:
    """Whether a file's bytes are those of a message that Outlook saved."""
    return data.startswith(OLE) and "__substg1.0_".encode("utf-16-le") in data


def opened_workbook(data: bytes, *, name: str, limits: Limits) -> Workbook:
    """A workbook from its bytes. Raises LogError where it cannot be opened, or asks more than it may."""
    import python_calamine

    if data.startswith(b"PK"):
        check_packed(data, name=name, limits=limits)
    with _said_of_workbook(name):
        return Workbook(python_calamine.load_workbook(io.BytesIO(data)), name)


def first_rows(data: bytes, *, name: str, limits: Limits) -> tuple[SheetRows, ...]:
    """The first rows of each sheet."""
    book = opened_workbook(data, name=name, limits=limits)
    return tuple((sheet, _first(book, sheet)) for sheet in book.sheets)


def _first(book: Workbook, sheet: str) -> tuple[Sequence[CellValue], ...]:
    rows = book.rows(sheet)
    return tuple(row for _, row in zip(range(FIRST_ROWS), rows, strict=False))


def check_packed(data: bytes, *, name: str, limits: Limits) -> None:
    """Raise LogError where a workbook unpacks to more than it may, declares entities, or has too many cells."""
    with said_plainly(name), zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = packed.infolist()
        if len(members) > limits.members:
            raise LogError(f"{name}: a workbook of {len(members):,} parts. It was not read.")
        left = UNPACKED
        for member in members:
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise LogError(f"{name}: packed by a method this program does not unpack. Save the workbook again.")
            with packed.open(member) as part:
                left -= _checked(part, member, name=name, limits=limits, left=left)


def _checked(part: Any, member: zipfile.ZipInfo, *, name: str, limits: Limits, left: int) -> int:
    """One part of a workbook read to its end: its size."""
    size, columns, rows, before = 0, set[bytes](), 0, b""
    is_sheet = member.filename.startswith("xl/worksheets/") or member.filename == "content.xml"
    while chunk := part.read(CHUNK):
        size += len(chunk)
        if size > left or (size > limits.ratio_from and size > limits.ratio * max(1, member.compress_size)):
            raise LogError(f"{name}: a workbook that unpacks to far more than its size, as a bomb does. Not kept.")
        if not member.filename.endswith((".xml", ".rels")):
            continue
        text = before + chunk
        if _DOCTYPE.search(text):
            raise LogError(f"{name}: a workbook that declares XML entities, as no spreadsheet program does. Not kept.")
        if is_sheet:
            places = _PLACE.findall(text)
            columns |= {letters for letters, _ in places}
            rows = max([rows, *map(int, {number for _, number in places})])
        before = chunk[-64:]
    if rows * max(map(_column, columns), default=1) > MOST_CELLS:
        raise LogError(f"{name}: a sheet of {rows:,} rows with cells far apart, over {MOST_CELLS:,} in all. Not kept.")
    return size


def _column(letters: bytes) -> int:
    """The number of a column: A is 1, XFD 16,384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _cell(value: Any) -> CellValue:
    """A cell's value; a moment from before there were telephone logs is a duration of a day or more."""
    if isinstance(value, date):
        return duration_or_moment(value)
    if isinstance(value, str) and (long := _LONG.fullmatch(value)):
        return timedelta(hours=int(long[1]), minutes=int(long[2]), seconds=float(long[3]))
    return None if value == "" else value


def duration_or_moment(value: date) -> CellValue:
    """A moment, or the duration that a moment of a workbook's first years stands for."""
    if value.year > WITHOUT_DAY:
        return value
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return moment - _EPOCHS[value.year == WITHOUT_DAY]


@contextmanager
def _said_of_workbook(name: str) -> Iterator[None]:
    """Say what is wrong with a workbook in a person's words; the library may raise past Exception."""
    from python_calamine import PasswordError

    try:
        yield
    except PasswordError:
        raise LogError(f"{name}: locked with a password. Save it without one.") from None
    except (LogError, *STOPPING):
        raise
    except BaseException:
        raise LogError(f"{name}: the workbook is damaged. Nothing of it was kept; fetch it again.") from None
