"""Mappings kept next to a store: the formats that its own people have described, with who, when and every version.

They stand in the folder `STORE-mappings`, a TOML file each, and may be shared as files. A log that has the columns of
one is read by it without a word. `history.jsonl` beside them has a line for each version kept.
"""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from kcas import systems
from kcas.calls.store import Store
from kcas.errors import SettingError
from kcas.ingest.formats import formats
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import read_mapping

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
HISTORY = "history.jsonl"


class KeptMapping(Mapped):
    """A format by a mapping that is kept next to the store; it goes before the formats that kcas brings."""


def folder_of(store: Store) -> Path:
    """The folder of a store's mappings, whether it exists or not."""
    return Path(f"{os.path.realpath(store.folder)}-mappings")


def kept_mappings(store: Store) -> tuple[KeptMapping, ...]:
    """Every format kept, the one kept last first. Raises SettingError, with the file's name, for one of no use."""
    paths = sorted(folder_of(store).glob("*.toml"), key=lambda path: (-path.stat().st_mtime_ns, path.name))
    return tuple(KeptMapping(read_mapping(path)) for path in paths)


def checked_name(name: str) -> str:
    """A name that a mapping may be kept under. Raises SettingError for another."""
    if not _NAME.fullmatch(name):
        raise SettingError(
            f"{name!r} is no name for a format. Expected small letters, digits and underscores, like 'weekly_report'."
        )
    if name in {form.key for form in formats()}:
        raise SettingError(f"{name}: kcas brings a format of this name. Choose another.")
    return name


def keep_mapping(store: Store, text: str, *, name: str, by: str) -> Path:
    """Keep a mapping's TOML under its name; the version before it stays in the history. Raises SettingError.

    `by` is who described it, as that person wrote it.
    """
    folder, path = folder_of(store), folder_of(store) / f"{checked_name(name)}.toml"
    if not by.strip():
        raise SettingError("Say who describes the format: the name is kept with it.")
    folder.mkdir(mode=0o700, exist_ok=True)
    partial = folder / f".{name}.new"
    partial.write_text(text, encoding="utf-8")
    try:
        if read_mapping(partial).key != name:
            raise SettingError(f"{name}: the mapping has another key. Expected key = {name!r}.")
        systems.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "by": by.strip(), "name": name, "mapping": text}
    with (folder / HISTORY).open("a", encoding="utf-8") as history:
        history.write(json.dumps(line, ensure_ascii=False) + "\n")
    return path


def history_of(store: Store) -> list[dict[str, str]]:
    """Every version kept, the oldest first: `at`, `by`, `name`, `mapping`."""
    path = folder_of(store) / HISTORY
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
