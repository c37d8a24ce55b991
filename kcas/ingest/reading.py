"""Lines of text from a file of any kind, counted as an editor counts, in bounded memory.

Bytes come in as a stream and leave as blocks of whole lines in UTF-8, each block with the number of its first line
and a verdict: is it plain enough for a fast parser to be trusted with?
"""

import codecs
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from kcas.errors import LogError
from kcas.ingest.unpacking import (
    LIMITS,
    ChangedWhileRead,
    Limits,
    Source,
    expected_size,
    fingerprint,
    handed_size,
    opened,
    unpacked,
)
from kcas.ingest.workbook_rows import LARGEST, OLE, SheetRows, first_rows, is_outlook, is_workbook

BLOCK = 16 << 20
"""Bytes to a block: large enough for vectors to pay, small enough for some fifty copies to fit the memory bound."""
HEAD_BYTES, HEAD_LINES = 1 << 16, 200
"""As much of a log as a format may look at before it claims it."""
JUST_WRITTEN = 2_000_000_000
"""Nanoseconds within which two changes of a file may bear the same time."""

UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
CONTROLS = bytes(byte for byte in (*range(32), 127) if byte not in b"\t\n")
PICTURES = {
    b"\x89PNG": "a PNG picture", b"\xff\xd8\xff": "a JPEG picture", b"GIF8": "a GIF picture", b"BM": "a picture",
    b"%PDF": "a PDF", b"\xd0\xcf\x11\xe0": "an old Office file", b"SQLite format 3": "an SQLite database",
    b"\x7fELF": "a program", b"MZ": "a program", b"PAR1": "a Parquet file", b"PK": "a zip", b"\x1f\x8b": "a gzip",
}  # fmt: skip

PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")


class Line(NamedTuple):
    """One line: its number as an editor counts, its text without the line end, and why it is no text, if so."""

    number: int
    text: str
    fault: str


@dataclass(frozen=True)
class Block:
    """Whole lines in UTF-8, every one ended by a line feed.

    `plain`: valid text without a quotation mark, a NUL or another control character. `too_long`: one line over the
    limit, its text left out.
    """

    first_line: int
    data: bytes
    lines: int
    plain: bool
    too_long: bool = False


@dataclass(frozen=True)
class Head:
    """The beginning of a log, for a format to recognise: whole lines as bytes, and how it was told to decode them."""

    raw: tuple[bytes, ...]
    encoding: str | None  # what a byte-order mark says, else None
    binary: str  # what it is when it is no text at all, else ""
    begins: bytes = b""  # the first bytes as they stand, whatever the file is
    sheets: tuple[SheetRows, ...] = ()  # of a workbook, the first rows of each sheet

    def text(self, encoding: str = "utf-8") -> tuple[str, ...]:
        """The lines as text; a byte-order mark has the last word on the encoding."""
        return tuple(line.decode("utf-8" if self.encoding else encoding, errors="replace") for line in self.raw)

    @property
    def packed(self) -> bool:
        """Whether it is a zip or gzip: lines of a log that was packed as it is stand in it, and are not its lines."""
        return bool(self.raw) and self.raw[0].startswith(PACKED)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines as UTF-8 text."""
        return self.text()


class FileState(NamedTuple):
    """How a file stood in its folder."""

    size: int  # the file may be growing: what it gains later belongs to the next reading
    inode: int
    written: int
    just_written: bool


def file_state(found: os.stat_result) -> FileState:
    """How a file stands now, by its folder's account."""
    recent = time.time_ns() - found.st_mtime_ns < JUST_WRITTEN
    return FileState(found.st_size, found.st_ino, found.st_mtime_ns, recent)


class Log:
    """One log: its name, head, its blocks as often as asked for, and the fingerprint of what was read last."""

    opening: bytes = b""  # of a later part of a log, the first line of the whole
    only_head = False  # whether it is to be read no further than its head

    def __init__(self, source: Source, *, limits: Limits = LIMITS, progress: Callable[[int], None] | None = None):
        self.source, self.limits, self.progress = source, limits, progress
        self.name = source.name
        self.warnings: dict[str, int] = {}  # what the last reading of the blocks put right, in words -> times
        self._digest, self._size = sha256(), 0  # of what the last reading of the blocks has read
        self._looked_at = b""  # the first bytes, where the log was recognised by them

    @property
    def fingerprint(self) -> tuple[str, int]:
        """SHA-256 and size of the bytes as handed in, read for this and nothing else."""
        return fingerprint(self.source, limits=self.limits, at_most=self._first_look.size)

    @property
    def fingerprint_as_read(self) -> tuple[str, int]:
        """SHA-256 and size of the very bytes that the last reading of the blocks was made of.

        Raises ChangedWhileRead where others took their place meanwhile, so that what was read may be of two files.
        """
        as_read = self._digest.hexdigest(), self._size
        if self._may_have_changed() and self.fingerprint != as_read:
            raise ChangedWhileRead(self.name)
        return as_read

    @cached_property
    def handed_size(self) -> int:
        """Bytes of what its fingerprint is made of, by the account of its folder or zip."""
        return handed_size(self.source)

    @property
    def written(self) -> float:
        """When the file was last written to, in seconds since 1970."""
        return self._first_look.written / 1e9

    @cached_property
    def expected_size(self) -> int:
        """Bytes it should unpack to, by its own account."""
        return expected_size(self.source)

    @cached_property
    def head(self) -> Head:
        """The first lines."""
        begins = b""
        for chunk in unpacked(self.source, limits=self.limits, at_most=self._first_look.size):
            begins += chunk
            if len(begins) >= HEAD_BYTES:
                break
        self._looked_at = begins[:HEAD_BYTES]
        if begins.startswith((b"PK\x03\x04", OLE)) and is_workbook(data := self.whole()):
            return Head((), None, "a workbook", sheets=first_rows(data, name=self.name, limits=self.limits))
        if begins.startswith(OLE) and is_outlook(self.whole()):
            return Head((), None, "an Outlook message (.msg): save what is attached to it, or the message as .eml")
        return head_of(self._looked_at)

    def whole(self, *, most: int = LARGEST) -> bytes:
        """All its bytes, for a kind of file that cannot be read in part. Raises LogError where there are too many."""
        self.warnings.clear()
        found = bytearray()
        for chunk in self._counted():
            found += chunk
            if len(found) > most:
                raise LogError(f"{self.name}: over {most >> 20} MiB, too large for a file of its kind. Not kept.")
        return bytes(found)

    def texts(self, *, encoding: str = "utf-8") -> Iterator[str]:
        """The log's text in pieces, for a kind of file that is not read by lines. Raises LogError where it is none."""
        self.warnings.clear()
        decoder = codecs.getincrementaldecoder("utf-8")()
        chunks = utf_8(self._counted(), encoding=encoding, warnings=self.warnings, name=self.name)
        try:
            for chunk in chunks:
                yield decoder.decode(chunk)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise LogError(f"{self.name}: holds bytes that are no {encoding} text. Say its encoding.") from None

    def blocks(self, *, encoding: str = "utf-8", size: int = BLOCK) -> Iterator[Block]:
        """The log's lines in blocks of about `size` bytes. Raises LogError where it cannot be read to its end."""
        self.warnings.clear()
        text = utf_8(self._counted(), encoding=encoding, warnings=self.warnings, name=self.name)
        yield from in_blocks(line_feeds(text, warnings=self.warnings), limit=self.limits.line, size=size)

    def chunks(self) -> Iterator[bytes]:
        """The bytes of a log that is no text, unpacked. Raises LogError where it cannot be read to its end."""
        self.warnings.clear()
        yield from self._counted()

    @cached_property
    def _first_look(self) -> FileState:
        with opened(self.source.path) as file:
            return file_state(os.fstat(file.fileno()))

    def _may_have_changed(self) -> bool:
        """Whether the file was written to since it was first looked at, or so shortly before that no one can tell."""
        try:
            last = file_state(self.source.path.stat())
        except OSError:  # gone: what was read of it was opened before
            return False
        first = self._first_look
        return first.just_written or (first.inode, first.written) != (last.inode, last.written)

    def _counted(self) -> Iterator[bytes]:
        """The raw bytes, telling how far they have come."""
        self._digest, self._size = sha256(), 0
        begins, expected = b"", self._looked_at
        for chunk in unpacked(self.source, limits=self.limits, at_most=self._first_look.size, seen=self._note):
            if len(begins) < len(expected):
                begins += chunk[: len(expected) - len(begins)]
                if not expected.startswith(begins):
                    raise ChangedWhileRead(self.name)
            yield chunk
            if self.progress:
                self.progress(len(chunk))

    def _note(self, data: bytes) -> None:
        """Add to the fingerprint."""
        self._digest.update(data)
        self._size += len(data)


def lines_of(block: Block) -> Iterator[Line]:
    """A block's lines one by one, the strict way: a line that is not text says why."""
    if block.too_long:
        yield Line(block.first_line, "", "the line is too long to be a record of calls")
        return
    for number, raw in enumerate(block.data[:-1].split(b"\n"), block.first_line):
        yield Line(number, *text_of(raw))


def text_of(raw: bytes) -> tuple[str, str]:
    """A line's text and what is wrong with it as text."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return "", f"byte {error.start + 1} (0x{raw[error.start]:02X}) is not UTF-8 text"
    return (text, "") if "\0" not in text else ("", "holds a NUL byte")


def head_of(begins: bytes) -> Head:
    """A head from a log's first bytes."""
    binary = next((what for mark, what in PICTURES.items() if begins.startswith(mark)), "")
    named = "utf-8" if begins.startswith(codecs.BOM_UTF8) else UTF_16.get(begins[:2]) or utf_16_without_mark(begins)
    try:
        text = b"".join(line_feeds(utf_8(iter([begins]), encoding="utf-8", warnings={}, name=""), warnings={}))
    except LogError:
        text, binary = b"", "text in UTF-32: save it as UTF-8"
    if not named and b"\0" in text:
        binary = binary or "binary data"
    lines = text.split(b"\n")[:-1]
    if len(begins) >= HEAD_BYTES and len(lines) > 1:
        lines.pop()  # cut in the middle by us
    return Head(tuple(lines[:HEAD_LINES]), named, binary, begins)


def utf_16_without_mark(begins: bytes) -> str | None:
    """Which UTF-16 a text is that has no mark: every other byte of most of its letters is zero, and none is strange."""
    begins = begins[: 4096 - 4096 % 2]
    for encoding, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        zeros, others = begins[high::2].count(0), begins[1 - high :: 2].count(0)
        if others or zeros < max(8, len(begins) * 0.3):
            continue
        text = begins[: len(begins) - len(begins) % 2].decode(encoding, errors="replace")
        if all(letter.isprintable() or letter in "\t\r\n" for letter in text):
            return encoding
    return None


def utf_8(chunks: Iterator[bytes], *, encoding: str, warnings: dict[str, int], name: str) -> Iterator[bytes]:
    """The bytes as UTF-8 without a mark; what cannot be decoded stays a byte that is not UTF-8, for its line to say."""
    first = next(chunks, b"")
    while len(first) < 64 and (more := next(chunks, b"")):
        first += more
    if first.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise LogError(f"{name}: written in UTF-32. Save it as UTF-8.")
    if first.startswith(codecs.BOM_UTF8):
        encoding, first = "utf-8", first[3:]
    elif first[:2] in UTF_16:
        encoding, first = UTF_16[first[:2]], first[2:]
        warnings["read as UTF-16"] = 1
    elif seen := utf_16_without_mark(first):
        encoding = seen
        warnings["read as UTF-16"] = 1
    if codecs.lookup(encoding).name in ("utf-8", "ascii"):
        yield first
        yield from chunks
        return
    yield from transcoded(first, chunks, encoding=encoding)


def transcoded(first: bytes, chunks: Iterator[bytes], *, encoding: str) -> Iterator[bytes]:
    """Another encoding's bytes as UTF-8. Half a character at the end stays a byte that is not UTF-8."""
    errors = "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    yield decoder.decode(first).encode("utf-8", errors)
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", errors)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        yield b"\xff"


def line_feeds(chunks: Iterator[bytes], *, warnings: dict[str, int]) -> Iterator[bytes]:
    """The same lines, all ended by LF, the last one too: CR, LF and CRLF each end a line, as in an editor."""
    held, kinds, last = b"", [0, 0, 0], b"\n"
    for chunk in chunks:
        data = held + chunk
        held = data[-1:] if data.endswith(b"\r") else b""  # its LF may be in the next chunk
        data = data[: len(data) - len(held)]
        if b"\r" in data:
            pairs = data.count(b"\r\n")
            kinds = [kinds[0] + pairs, kinds[1] + data.count(b"\r") - pairs, kinds[2] + data.count(b"\n") - pairs]
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        elif b"\n" in data:
            kinds[2] += 1
        last = data[-1:] or last
        yield data
    if held:
        kinds[1] += 1
        yield b"\n"
    elif last != b"\n":
        warnings["the last line has no line end"] = 1
        yield b"\n"
    if sum(kind > 0 for kind in kinds) > 1:
        warnings["mixed line endings"] = 1


def in_blocks(chunks: Iterator[bytes], *, limit: int, size: int) -> Iterator[Block]:
    """Whole lines gathered into blocks; a line over the limit is a block of its own, dropped as it streams by."""
    number, gathered, skipping = 1, bytearray(), False
    for chunk in chunks:
        if skipping:
            end = chunk.find(b"\n")
            if end < 0:
                continue
            chunk, skipping, number = chunk[end + 1 :], False, number + 1
        gathered += chunk
        endless = len(gathered) > limit and gathered.rfind(b"\n", len(gathered) - limit - 1) < 0
        if not endless and len(gathered) < size:
            continue
        ended = gathered.rfind(b"\n") + 1
        for block in split_lines(bytes(gathered[:ended]), first_line=number, limit=limit):
            yield block
            number += block.lines
        if endless:
            yield Block(number, b"", 1, plain=False, too_long=True)
            skipping = True
        del gathered[: len(gathered) if endless else ended]
    yield from split_lines(bytes(gathered), first_line=number, limit=limit)


def split_lines(data: bytes, *, first_line: int, limit: int) -> Iterator[Block]:
    """Whole lines as one block, or as several around each line over the limit."""
    start = at = 0
    while at < len(data):
        end = data.rfind(b"\n", at, at + limit + 1)
        if end >= 0:
            at = end + 1
            continue
        if at > start:
            yield (before := scanned_block(data[start:at], first_line=first_line))
            first_line += before.lines
        yield Block(first_line, b"", 1, plain=False, too_long=True)
        first_line += 1
        start = at = data.find(b"\n", at) + 1
    if at > start:
        yield scanned_block(data[start:at], first_line=first_line)


def scanned_block(data: bytes, *, first_line: int) -> Block:
    """A block with the verdict of a byte scan."""
    plain = b'"' not in data and (data.isascii() or is_text(data)) and data.translate(None, CONTROLS) == data
    return Block(first_line, data, data.count(b"\n"), plain)


def is_text(data: bytes) -> bool:
    """Whether the bytes are UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
