"""Logs in a file: plain, `.gz`, members of a `.zip`, or what is attached to a mail message.

What a file is, is seen in its first bytes, not in its name. Packed files are read as streams, with a bound on what
they may unpack to.
"""

import email
import email.policy
import errno
import gzip
import hashlib
import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from kcas.errors import LogError
from kcas.ingest.masking import masked

CHUNK = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True)
class Limits:
    """How much a file may ask of the machine."""

    unpacked: int = 16 * GIB  # some 150 million calls: more than any one log that is not a mistake
    ratio: int = 250  # logs pack at 5 to 40 to one; deflate's worst, a bomb, at 1,032
    ratio_from: int = 64 << 20  # below this much unpacked text the ratio does no harm
    line: int = 1 << 20  # a call takes some hundred bytes; no supplier writes a megabyte on one line
    members: int = 10_000


LIMITS = Limits()
_ENDLESS = 1 << 62

MAIL_HEADER, LARGEST_MAIL = 1 << 16, 128 << 20
NO_LOGS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF")
"""How pictures and letters begin that are attached beside an export."""

NO_FILES = {
    stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
}  # fmt: skip
"""Kinds of entry in a folder that are waited for without end, or do something, when they are opened."""

SEEN_BYTES = Callable[[bytes], object]


class ChangedWhileRead(LogError):
    """A file that was not the same throughout its reading. Nothing of it was kept; it may be read again."""

    def __init__(self, name: str, how: str = "changed") -> None:
        super().__init__(f"{name}: {how} while it was read. Nothing of it was kept. Read it again when it is at rest.")


@dataclass(frozen=True)
class Source:
    """Where a log's bytes are: a file, a member of a zip, or what is attached to a mail message.

    `attachment` is the place of an attachment in its message and `member` its name; `inner` is a member of it where it
    is a zip itself.
    """

    path: Path
    member: str | None = None
    attachment: int | None = None
    inner: str | None = None

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return printable("/".join(part for part in (self.path.name, self.member, self.inner) if part))


def printable(name: object) -> str:
    """A name as any screen and file can hold it: what is no character stands as one that says so, and a number of six
    digits or more, which may be a caller's, is masked."""
    return masked("".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(name)))


def sources(path: Path, *, limits: Limits = LIMITS) -> list[Source]:
    """The logs in a file: itself, or the members of a zip in their order."""
    with opened(path) as file:
        begins = file.read(MAIL_HEADER)
        size = file.seek(0, os.SEEK_END)
    if is_mail(begins):
        return attached(path, limits=limits)
    if begins[:4] not in (b"PK\x03\x04", b"PK\x05\x06"):
        return [Source(path)]
    with archive(path) as packed:
        members = [info for info in packed.infolist() if wanted(info.filename)]
        if is_workbook_packed(packed):
            return [Source(path)]
    names = {info.filename for info in members}
    if "[Content_Types].xml" in names:
        raise LogError(f"{printable(path)}: an Office document and no workbook. Save its table as CSV and read that.")
    if not members:
        raise LogError(f"{printable(path)}: the zip holds no files.")
    if len(members) > limits.members or len(names) < len(members):
        raise LogError(
            f"{printable(path)}: {len(members)} members, or some of the same name. Unpack it and read the folder."
        )
    if sum(info.compress_size for info in members) > size:
        raise LogError(f"{printable(path)}: its members overlap, as in a zip bomb. It was not read.")
    return [Source(path, info.filename) for info in members]


def is_mail(begins: bytes) -> bool:
    """Whether a file begins as a mail message does: with header lines, MIME among them."""
    header = re.split(rb"\r?\n\r?\n", begins, maxsplit=1)[0].lower()
    lines = header.replace(b"\r", b"").split(b"\n")
    return all(b"\n" + word in b"\n" + header for word in (b"mime-version:", b"content-type:")) and all(
        re.match(rb"[a-z][a-z0-9-]*:|[ \t]|from ", line) for line in lines
    )


def attached(path: Path, *, limits: Limits) -> list[Source]:
    """The logs attached to a mail message: files, or the members of zips. Pictures and the like are none."""
    found = [
        Source(path, name, number, inner)
        for number, (name, data) in enumerate(attachments(path))
        if not data.startswith(NO_LOGS)
        for inner in members_within(data, name=printable(f"{path.name}/{name}"), limits=limits)
    ]
    if not found:
        raise LogError(f"{printable(path)}: a mail message without an export attached.")
    return found


def attachments(path: Path) -> list[tuple[str, bytes]]:
    """The names and bytes of what is attached to a mail message, messages within it too."""
    with opened(path) as file:
        data = file.read(LARGEST_MAIL + 1)
    if len(data) > LARGEST_MAIL:
        raise LogError(f"{printable(path)}: a mail message over {LARGEST_MAIL >> 20} MiB. Save what is attached first.")
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        parts = [(part.get_filename(), part) for part in message.walk() if not part.is_multipart()]
        return [(name, bytes(part.get_payload(decode=True) or b"")) for name, part in parts if name]
    except (ValueError, LookupError, TypeError, AttributeError, IndexError, RecursionError):  # a header beyond repair
        raise LogError(f"{printable(path)}: a damaged mail message. Save what is attached and read that.") from None


def members_within(data: bytes, *, name: str, limits: Limits) -> list[str | None]:
    """The members of an attached zip; of anything else, itself."""
    if not data.startswith(b"PK\x03\x04"):
        return [None]
    with said_plainly(name), zipfile.ZipFile(io.BytesIO(data)) as packed:
        if is_workbook_packed(packed):
            return [None]
        members = [info for info in packed.infolist() if wanted(info.filename)]
        if len(members) > limits.members or sum(info.compress_size for info in members) > len(data):
            raise LogError(f"{name}: too many members, or members that overlap. Unpack it first.")
    return [info.filename for info in members]


def attachment_bytes(source: Source, *, limits: Limits) -> Iterator[bytes]:
    """What is attached to a mail message, unpacked where it is a member of a zip or a gzip."""
    data = attachments(source.path)[source.attachment or 0][1]
    with said_plainly(source.name), ExitStack() as stack:
        stream: IO[bytes] | gzip.GzipFile = io.BytesIO(data)
        if source.inner:
            packed = stack.enter_context(zipfile.ZipFile(stream))
            stream = stack.enter_context(packed.open(source.inner))
        elif data.startswith(b"\x1f\x8b"):
            stream = stack.enter_context(gzip.GzipFile(fileobj=stream))
        yield from bounded(stream, source=source, packed=lambda: len(data), limits=limits)


def is_workbook_packed(packed: zipfile.ZipFile) -> bool:
    """Whether a zip is a workbook."""
    names = set(packed.namelist())
    return bool({"xl/workbook.xml", "xl/workbook.bin"} & names) or (
        {"mimetype", "content.xml"} <= names and packed.getinfo("mimetype").file_size < 200
        and b"spreadsheet" in packed.read("mimetype")
    )  # fmt: skip


def wanted(member: str) -> bool:
    """Whether a zip's member is a file someone meant to send: no folder, nothing hidden, no Mac resource fork."""
    parts = [part for part in member.split("/") if part not in (".", "..")]  # never a path here: nothing is written
    return bool(member.split("/")[-1]) and not any(part.startswith((".", "__MACOSX")) for part in parts)


def fingerprint(source: Source, *, limits: Limits = LIMITS, at_most: int = _ENDLESS) -> tuple[str, int]:
    """SHA-256 and size: of a file as handed in (packed or not), of a zip's member as unpacked.

    `at_most` leaves out what a plain file has gained since it was so many bytes long.
    """
    digest, size = hashlib.sha256(), 0
    with opened(source.path) as file:
        chunks = unpacked(source, limits=limits) if source.member else raw(file, at_most=at_most)
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def raw(file: IO[bytes], *, at_most: int) -> Iterator[bytes]:
    """A file's bytes in chunks, up to a length."""
    while at_most > 0 and (chunk := file.read(min(CHUNK, at_most))):
        at_most -= len(chunk)
        yield chunk


def handed_size(source: Source) -> int:
    """Bytes of what `fingerprint` is made of, by the account of the file system or the zip."""
    if source.member:
        return expected_size(source)
    with opened(source.path) as file:
        return file.seek(0, os.SEEK_END)


def expected_size(source: Source) -> int:
    """Bytes the log should unpack to, for a progress bar: what a packed file says of itself is not relied upon."""
    if source.attachment is not None:
        return len(attachments(source.path)[source.attachment][1])
    with opened(source.path) as file:
        begins = file.read(2)
        size = file.seek(0, 2)
        if source.member:
            with archive(source.path) as packed:
                return packed.getinfo(source.member).file_size
        if begins != b"\x1f\x8b" or size < 18:
            return size
        file.seek(-4, 2)
        return max(size, int.from_bytes(file.read(4), "little"))


def unpacked(
    source: Source, *, limits: Limits = LIMITS, at_most: int = _ENDLESS, seen: SEEN_BYTES = len
) -> Iterator[bytes]:
    """The log's bytes in chunks; `seen` is shown all that its fingerprint is made of, as it is read.

    Raises LogError where a packed file is damaged, cut short or a bomb.
    """
    with opened(source.path) as file:
        begins = file.read(2)
        file.seek(0)
        if source.attachment is not None:
            yield from observed_chunks(attachment_bytes(source, limits=limits), seen=seen)
        elif source.member:
            yield from observed_chunks(member_bytes(source, limits=limits), seen=seen)
        elif begins == b"\x1f\x8b":
            watched = ObservedFile(file, seen=seen)
            with said_plainly(source.name), gzip.GzipFile(fileobj=cast(IO[bytes], watched)) as stream:
                yield from bounded(stream, source=source, packed=file.tell, limits=limits)
                while watched.read(CHUNK):
                    continue
        else:
            yield from observed_chunks(as_it_was(file, source=source, at_most=at_most), seen=seen)


class ObservedFile:
    """A file whose bytes are shown to someone as another reads them."""

    def __init__(self, file: IO[bytes], *, seen: SEEN_BYTES) -> None:
        self.file, self.seen = file, seen

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self.file.read(size)
        self.seen(data)
        return data


def observed_chunks(chunks: Iterator[bytes], *, seen: SEEN_BYTES) -> Iterator[bytes]:
    """The same chunks, each shown to someone first."""
    for chunk in chunks:
        seen(chunk)
        yield chunk


def member_bytes(source: Source, *, limits: Limits) -> Iterator[bytes]:
    """One member of a zip, stored or deflated (other methods may ask for gigabytes to unpack)."""
    with archive(source.path) as packed, said_plainly(source.name):
        info = packed.getinfo(source.member or "")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise LogError(f"{source.name}: packed by a method this program does not unpack. Use ordinary zip.")
        with packed.open(info) as stream:
            yield from bounded(stream, source=source, packed=lambda: info.compress_size, limits=limits)


def as_it_was(file: IO[bytes], *, source: Source, at_most: int) -> Iterator[bytes]:
    """A plain file up to the size it had when first looked at: what it gains meanwhile belongs to the next reading."""
    left = min(at_most, os.fstat(file.fileno()).st_size)
    if at_most not in (left, _ENDLESS):
        raise ChangedWhileRead(source.name, "became shorter")
    while left > 0:
        chunk = file.read(min(CHUNK, left))
        if not chunk:
            raise ChangedWhileRead(source.name, "became shorter")
        left -= len(chunk)
        yield chunk


def bounded(
    stream: IO[bytes] | gzip.GzipFile, *, source: Source, packed: Callable[[], int], limits: Limits
) -> Iterator[bytes]:
    """Chunks of a packed stream, until it has said more than a log has to say."""
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limits.unpacked:
            raise LogError(f"{source.name}: unpacks to more than {limits.unpacked / GIB:.3g} GiB. Not kept.")
        if size > limits.ratio_from and size > limits.ratio * max(1, packed()):
            raise LogError(f"{source.name}: unpacks to over {limits.ratio} times its size, as a bomb does. Not kept.")
        yield chunk


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file, open for reading. Raises LogError where it is no file, or cannot be read."""
    try:
        file = file_at(path)
    except (OSError, ValueError) as error:
        raise LogError(f"{printable(path)}: {why_unreadable(error, path)}.") from None
    with file:
        try:
            yield file
        except OSError as error:
            raise LogError(f"{printable(path)}: {why_unreadable(error, path)}.") from None


def file_at(path: Path) -> IO[bytes]:
    """The file at a path, if it is one. Raises LogError for a pipe, a socket or a device, without waiting for it."""
    check_is_file(os.stat(path), path)
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        check_is_file(os.fstat(handle), path)  # what was a file a moment ago may be a pipe by now
    except LogError:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def check_is_file(found: os.stat_result, path: Path) -> None:
    """Raise LogError where something else than a file lies there."""
    if stat.S_ISDIR(found.st_mode):
        raise LogError(f"{printable(path)}: a folder, where a file was expected.")
    if not stat.S_ISREG(found.st_mode):
        kind = NO_FILES.get(stat.S_IFMT(found.st_mode), "no ordinary file")
        raise LogError(f"{printable(path)}: {kind}, where a file was expected. Save what it gives as a file.")


def why_unreadable(error: OSError | ValueError, path: Path) -> str:
    """What keeps a file from being read, in words."""
    number = getattr(error, "errno", None)
    if number == errno.ENOENT:
        return "a link to a file that is not there" if os.path.islink(path) else "there is no such file"
    if number == errno.ELOOP:
        return "a link that leads in a circle"
    return f"cannot be read ({getattr(error, 'strerror', None) or error})"


@contextmanager
def archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip, open for reading."""
    with opened(path) as file, said_plainly(printable(path.name)), zipfile.ZipFile(file) as packed:
        yield packed


@contextmanager
def said_plainly(name: str) -> Iterator[None]:
    """Say what is wrong with a packed file in a person's words."""
    try:
        yield
    except EOFError:
        raise LogError(f"{name}: the packed file is cut short. Nothing of it was kept; fetch it again.") from None
    except RuntimeError:
        raise LogError(f"{name}: locked with a password. Unpack it first.") from None
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, NotImplementedError) as error:
        raise LogError(f"{name}: the packed file is damaged ({error}). Nothing of it was kept.") from None
