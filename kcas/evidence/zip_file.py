"""A pack as one zip file, and safe unpacking of one."""

import io
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO

from kcas.errors import SettingError
from kcas.evidence.folder import PROVENANCE

MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: nothing in it of the hour
MOST_FILES, MOST_BYTES = 5_000, 2_000_000_000
"""What a pack of ten million calls stays within; anything beyond is not one."""


def zipped(folder: Path) -> bytes:
    """The folder as one zip, its files in a folder of its name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression=zipfile.ZIP_DEFLATED) as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", MOMENT)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                out.writestr(entry, path.read_bytes())
    return made.getvalue()


def unzipped(given: IO[bytes], into: Path) -> Path:
    """The pack's folder, once unzipped. Raises SettingError for what is no zip of a pack, or would do harm."""
    try:
        with zipfile.ZipFile(given) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(entries)
            for entry in entries:
                path = into / entry.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(entry))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError):
        raise SettingError("This is not a zip that can be opened. Expected an evidence pack, as one zip.") from None
    return found_in(into)


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise SettingError("This zip is larger than any evidence pack. It was not opened.")
    for entry in entries:
        safe_parts(entry.filename)


def safe_parts(name: str) -> tuple[str, ...]:
    """A file's place within a pack. Raises SettingError where it would lie outside."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or ".." in parts or parts[0].startswith("/") or ":" in name or "\0" in name:
        raise SettingError("A file in it is named so that it would be written somewhere else. It was not opened.")
    return parts


def found_in(folder: Path) -> Path:
    """The pack in a folder, or in the one folder within it."""
    if (folder / PROVENANCE).is_file():
        return folder
    inside = [path.parent for path in folder.glob(f"*/{PROVENANCE}")]
    if len(inside) != 1:
        raise SettingError(f"There is no evidence pack in it: {PROVENANCE} was not found.")
    return inside[0]
