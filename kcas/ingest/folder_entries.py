"""Entries of a folder and its folders: the files, and what lies there that cannot be read as one."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kcas.errors import LogError
from kcas.ingest.unpacking import check_is_file, printable, why_unreadable

Chosen = Callable[[Path], bool]


@dataclass
class Entries:
    """What a folder holds, in the order of the paths; nothing hidden."""

    files: list[Path] = field(default_factory=list)
    no_files: dict[Path, str] = field(default_factory=dict)  # a pipe, a link to nothing, a locked folder -> in words


def entries_in(folder: Path, *, leave_out: Chosen = lambda path: False) -> Entries:
    """The entries of a folder, each folder looked into once, however links lead."""
    found, folders, seen = Entries(), [folder], set[tuple[int, int]]()
    while folders:
        here = folders.pop()
        try:
            place = os.stat(here)
            names = os.listdir(here)
        except OSError as error:
            found.no_files[here] = f"{printable(here)}: {why_unreadable(error, here)}."
            continue
        number = (place.st_dev, place.st_ino)
        if place.st_ino and number in seen:  # where a file system has no such numbers, it has no links either
            continue
        seen.add(number)
        for path in (here / name for name in names if not name.startswith(".")):
            if not leave_out(path):
                _sort_in(path, found, folders)
    found.files.sort()
    return found


def _sort_in(path: Path, found: Entries, folders: list[Path]) -> None:
    try:
        kind = os.stat(path)
        if stat.S_ISDIR(kind.st_mode):
            folders.append(path)
            return
        check_is_file(kind, path)
        found.files.append(path)
    except LogError as error:
        found.no_files[path] = str(error)
    except OSError as error:
        found.no_files[path] = f"{printable(path)}: {why_unreadable(error, path)}."
