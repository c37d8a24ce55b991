"""Which logs are in this file, and what are their bytes? Plain files, `.gz`, and the members of a `.zip`.

What a file is, is seen in its first bytes, not in its name. Packed files are read as streams, with a bound on what
they may unpack to.
"""

import gzip
import hashlib
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kcas.errors import LogError

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


@dataclass(frozen=True)
class Source:
    """Where a log's bytes are: a file, or one member of a zip."""

    path: Path
    member: str | None = None

    @property
    def name(self) -> str:
        """What to call it in a message."""
        name = f"{self.path.name}/{self.member}" if self.member else self.path.name
        return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)


def sources(path: Path, *, limits: Limits = LIMITS) -> list[Source]:
    """The logs in a file: itself, or the members of a zip in their order."""
    with opened(path) as file:
        begins = file.read(4)
    if begins[:4] not in (b"PK\x03\x04", b"PK\x05\x06"):
        return [Source(path)]
    with archive(path) as packed:
        members = [info for info in packed.infolist() if wanted(info.filename)]
    names = {info.filename for info in members}
    if "[Content_Types].xml" in names:
        raise LogError(f"{path}: an Office workbook, not a log. Save the sheet as CSV and read that.")
    if not members:
        raise LogError(f"{path}: the zip holds no files.")
    if len(members) > limits.members or len(names) < len(members):
        raise LogError(f"{path}: {len(members)} members, or some of the same name. Unpack it and read the folder.")
    if sum(info.compress_size for info in members) > path.stat().st_size:
        raise LogError(f"{path}: its members overlap, as in a zip bomb. It was not read.")
    return [Source(path, info.filename) for info in members]


def wanted(member: str) -> bool:
    """Whether a zip's member is a file somebody meant to send: no folder, nothing hidden, no Mac resource fork."""
    parts = [part for part in member.split("/") if part not in (".", "..")]  # never a path here: nothing is written
    return bool(member.split("/")[-1]) and not any(part.startswith((".", "__MACOSX")) for part in parts)


def fingerprint(source: Source, *, limits: Limits = LIMITS) -> tuple[str, int]:
    """SHA-256 and size: of a file as handed in (packed or not), of a zip's member as unpacked."""
    digest, size = hashlib.sha256(), 0
    with opened(source.path) as file:
        for chunk in unpacked(source, limits=limits) if source.member else iter(lambda: file.read(CHUNK), b""):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def expected_size(source: Source) -> int:
    """Bytes the log should unpack to, for a progress bar: what a packed file says of itself is not relied upon."""
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


def unpacked(source: Source, *, limits: Limits = LIMITS) -> Iterator[bytes]:
    """The log's bytes in chunks. Raises LogError where a packed file is damaged, cut short or a bomb."""
    with opened(source.path) as file:
        begins = file.read(2)
        file.seek(0)
        if source.member:
            yield from member_bytes(source, limits=limits)
        elif begins == b"\x1f\x8b":
            with said_plainly(source.name), gzip.GzipFile(fileobj=file) as stream:
                yield from bounded(stream, source=source, packed=file.tell, limits=limits)
        else:
            yield from as_it_was(file, source=source)


def member_bytes(source: Source, *, limits: Limits) -> Iterator[bytes]:
    """One member of a zip, stored or deflated (other methods may ask for gigabytes to unpack)."""
    with archive(source.path) as packed, said_plainly(source.name):
        info = packed.getinfo(source.member or "")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise LogError(f"{source.name}: packed by a method this program does not unpack. Use ordinary zip.")
        with packed.open(info) as stream:
            yield from bounded(stream, source=source, packed=lambda: info.compress_size, limits=limits)


def as_it_was(file: IO[bytes], *, source: Source) -> Iterator[bytes]:
    """A plain file up to the size it had when opened: what is appended meanwhile belongs to the next reading."""
    left = source.path.stat().st_size
    while left > 0:
        chunk = file.read(min(CHUNK, left))
        if not chunk:
            raise LogError(f"{source.name}: became shorter while it was read. Read it again when it is at rest.")
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
    """The file, open for reading."""
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise LogError(f"{path}: there is no such file.") from None
    except IsADirectoryError:
        raise LogError(f"{path}: a folder, where a file was expected.") from None
    except OSError as error:
        raise LogError(f"{path}: cannot be read ({error.strerror or error}).") from None


@contextmanager
def archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip, open for reading."""
    with said_plainly(path.name), zipfile.ZipFile(path) as packed:
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
