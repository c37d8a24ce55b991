"""Mappings kept next to a store: the formats that its own people have described, with who, when and every version.

They are in the folder `STORE-mappings`, a TOML file each, and may be shared as files. A log that has the columns of
one is read by it without a word. `history.jsonl` next to them has a line for each version kept.

A log whose columns have changed is not read: the description is offered again with what was chosen before.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import Any

from kcas import systems
from kcas.calls.store import Store
from kcas.errors import SettingError
from kcas.ingest.column_roles import Question, Suggestion, is_shown, normalised, quoted, rank
from kcas.ingest.formats import formats
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import Mapping as Description
from kcas.ingest.mapping import mapping_of, read_mapping
from kcas.ingest.reading import Head, Log

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
HISTORY = "history.jsonl"
AGAIN, NO_MORE, NOT_NEEDED = "describe the file again", "no longer in the file", "not needed"
_ALIKE = 0.55
"""Likeness of two headings from which one may be the other's new name."""
_COUNTS = {
    "calls": ("moment", "clock", "day", "queue", "outcome", "wait", "direction", "media", "leg", "id"),
    "intervals": ("moment", "clock", "day", "end", "queue", "media", "offered", "answered", "abandoned", "share"),
}
"""Roles that change what is counted: a new column that may have one of them is not passed over."""
_OPTIONAL = ("agent", "caller", "type", "talk", "hold", "wrap", "menu", "ring", "contact")
NAMES_COLUMNS = (
    "column", "day", "near", "since", "until", "less", "plus", "times", "percent_of", "share_of", "leg", "contact",
    "recognise", "known_columns", "fill_down", "optional",
)  # fmt: skip
"""Keys of a mapping whose texts are names of columns; the keys of conditions and of codes are names too."""


@dataclass(frozen=True)
class ColumnChanges:
    """How a file's columns differ from those a mapping was written for."""

    mapping: Description
    header: tuple[str, ...]

    @property
    def before(self) -> tuple[str, ...]:
        """The columns that the file had, as far as the mapping says."""
        return self.mapping.layout.known_columns

    @cached_property
    def used(self) -> tuple[str, ...]:
        """The columns that the mapping reads from the table."""
        return tuple(self.mapping.layout.needed(self.mapping.used))

    @cached_property
    def gone(self) -> tuple[str, ...]:
        """Columns that are used and no longer there."""
        return tuple(column for column in self.used if column not in self.header)

    @cached_property
    def candidates(self) -> tuple[str, ...]:
        """Columns that may be the ones gone under another name."""
        return tuple(dict.fromkeys(name for name in self.header if name and name not in (*self.used, *self.before)))

    @cached_property
    def renamed(self) -> dict[str, str]:
        """For a column that is gone, the column that it most likely is now."""
        found: dict[str, str] = {}
        for column in self.gone:
            left = [name for name in self.candidates if name not in found.values()]
            best = max(left, key=lambda name: self._likeness(column, name), default="")
            alone = len(self.gone) == len(left) == 1
            if best and (alone or self._likeness(column, best) >= _ALIKE):
                found[column] = best
        return found

    def _likeness(self, column: str, name: str) -> float:
        """How much two headings are alike: 1 where both say the same role."""
        kind = self.mapping.kind
        if any(rank(kind, role, column) == 0 and rank(kind, role, name) == 0 for role in _COUNTS[kind]):
            return 1.0
        return SequenceMatcher(None, normalised(column), normalised(name)).ratio()

    @cached_property
    def added(self) -> tuple[str, ...]:
        """Columns that were not there when the file was described."""
        new = self.candidates if self.before else ()
        return tuple(name for name in new if name not in self.renamed.values())

    @cached_property
    def doubtful(self) -> tuple[str, ...]:
        """New columns that may change what is counted, by their headings."""
        kind = self.mapping.kind
        return tuple(name for name in self.added if any(rank(kind, role, name) is not None for role in _COUNTS[kind]))

    @property
    def alike(self) -> bool:
        """Whether the file is one of the mapping's form: it has at least half of the columns used, and two."""
        there = len(self.used) - len(self.gone)
        return there >= 2 and there * 2 >= len(self.used)

    @property
    def words(self) -> str:
        """The differences as a list, in the order of how much they matter."""
        may_be = {name: f" ({quoted(now)} may be the same)" for name, now in self.renamed.items()}
        gone = [f"{quoted(name)} is gone{may_be.get(name, '')}" for name in self.gone]
        doubtful = [f"{quoted(name)} is new and may change what is counted" for name in self.doubtful]
        new = [f"{quoted(name)} is new" for name in self.added if name not in self.doubtful]
        return ", ".join([*gone, *doubtful, *new])

    @property
    def note(self) -> str:
        """What differs in a file that is read all the same; empty where nothing does."""
        if not self.before or not self.header or self.gone:
            return ""
        unused = [name for name in self.before if name not in self.header]
        both = [name for name in self.header if name in self.before]
        said = [f"{quoted(name)} is new and not used" for name in self.added]
        said += [f"{quoted(name)} is gone and was not used" for name in unused]
        said += ["the columns are in another order"] if both != [n for n in self.before if n in both] else []
        return f"other columns than when it was described: {', '.join(said)}" if said else ""


def changes_of(head: Head, mapping: Description) -> ColumnChanges:
    """How the columns of a file differ from those of a mapping."""
    return ColumnChanges(mapping, Mapped(mapping).header_near(head))


class KeptMapping(Mapped):
    """A format by a mapping that is kept next to the store; it goes before the formats that kcas brings."""

    def claims(self, head: Head) -> bool:
        """Whether the log has the header of this mapping, and no new column that may change what is counted."""
        return super().claims(head) and not changes_of(head, self.mapping).doubtful


@dataclass(frozen=True)
class ChangedLog:
    """A log that has nearly the columns of a kept mapping, and what a person has to say before it is read."""

    name: str
    table: Mapping[str, Any]  # the kept mapping, as its file has it
    changes: ColumnChanges

    @property
    def sentence(self) -> str:
        """Why the log is not read, and what to do."""
        return (
            f'{self.name}: nearly the columns of the kept format "{self.changes.mapping.key}", but not the same: '
            f"{self.changes.words}. Nothing was read. Answer what has changed on the Data page, or run: "
            f"kcas mapping suggest {self.name}"
        )

    def suggestion(self, answers: Mapping[str, str], *, key: str | None = None) -> Suggestion:
        """The kept mapping for the log as it is now, by answers to what has changed."""
        table = dict(self.table) | {"key": key or self.changes.mapping.key}
        found = Suggestion(table, notes=[f"As kept before. Changes in the columns: {self.changes.words}"])
        names, dropped = {}, set[str]()
        for question in self.questions():
            answer = answers.get(question.topic)
            if answer is None:
                found.questions.append(question)
            elif answer == NO_MORE:
                dropped.add(question.topic.partition(":")[2])
            elif answer != NOT_NEEDED:
                names[question.topic.partition(":")[2]] = checked_answer(answer, question)
        found.table = with_columns(without_uses(table, dropped), names)
        found.table["file"] = {**found.table.get("file", {}), "known_columns": plain_columns(self.changes.header)}
        return found

    def questions(self) -> Iterator[Question]:
        """What has to be answered, the likeliest answer first."""
        changes = self.changes
        for column in changes.gone:
            best = [changes.renamed[column]] if column in changes.renamed else []
            others = [name for name in changes.candidates if name not in best]
            others.sort(key=lambda name: name in changes.renamed.values())
            may_go = [NO_MORE] if is_optional(self.table, column) else []
            about = f"{quoted(column)} is no longer in the file. Which column has it now?"
            yield Question(f"renamed:{column}", about, (*best, *others, *may_go, AGAIN), likeliest="".join(best))
        for column in changes.doubtful:
            about = f"{quoted(column)} is new. Does it change which calls are counted, or how?"
            yield Question(f"new:{column}", about, (NOT_NEEDED, AGAIN))


def checked_answer(answer: str, question: Question) -> str:
    """An answer that a question has. Raises SettingError for another."""
    if answer not in question.options:
        raise SettingError(f"{question.topic}: expected one of {', '.join(question.options)}.")
    return answer


def with_known_columns(suggestion: Suggestion, log: Log) -> Suggestion:
    """A suggested mapping with every column that its file has."""
    described = mapping_of(suggestion.table, where="The suggested mapping")
    if header := changes_of(log.head, described).header:
        suggestion.table["file"]["known_columns"] = plain_columns(header)
    return suggestion


def plain_columns(header: Iterable[str]) -> list[str]:
    """The columns of a header as a mapping keeps them: it is a file that is shared, so without persons' numbers."""
    return list(dict.fromkeys(name for name in header if name and is_shown(name)))


def with_columns(value: Any, names: Mapping[str, str], *, key: str = "") -> Any:
    """A part of a mapping with columns renamed."""
    if isinstance(value, str):
        return names.get(value, value) if key in NAMES_COLUMNS else value
    if isinstance(value, list):
        return [with_columns(each, names, key=key) for each in value]
    if not isinstance(value, dict):
        return value
    if key in ("when", "unless", "codes"):
        return {names.get(column, column): each for column, each in value.items()}
    return {inner: with_columns(each, names, key=inner) for inner, each in value.items()}


def columns_in(value: Any) -> set[str]:
    """The texts in a part of a mapping that name columns, under whatever key."""
    if isinstance(value, dict):
        return {*value, *(name for each in value.values() for name in columns_in(each))}
    return {name for each in value for name in columns_in(each)} if isinstance(value, list) else {str(value)}


def is_optional(table: Mapping[str, Any], column: str) -> bool:
    """Whether a mapping may do without a column: only uses that it need not have speak of it."""
    needed = {key: value for key, value in table.items() if key not in _OPTIONAL}
    if isinstance(file := needed.get("file"), dict):
        needed["file"] = {key: value for key, value in file.items() if key != "known_columns"}
    return column not in columns_in(needed)


def without_uses(table: Mapping[str, Any], dropped: set[str]) -> dict[str, Any]:
    """A mapping without its optional uses of some columns."""
    return {key: value for key, value in table.items() if key not in _OPTIONAL or not columns_in(value) & dropped}


def changed_log(log: Log, store: Store) -> ChangedLog | None:
    """The log as nearly one of a kept mapping; None where it is nearly none, or has the columns of one."""
    kept = kept_mappings(store)
    if not kept or any(form.claims(log.head) for form in kept):
        return None
    near = [changes for form in kept if (changes := changes_of(log.head, form.mapping)).alike]
    if not near:
        return None
    best = min(near, key=lambda changes: len(changes.gone) / len(changes.used))
    return ChangedLog(log.name, tomllib.loads(path_of(store, best.mapping.key).read_text(encoding="utf-8")), best)


def folder_of(store: Store) -> Path:
    """The folder of a store's mappings, whether it exists or not."""
    return Path(f"{os.path.realpath(store.folder)}-mappings")


def path_of(store: Store, name: str) -> Path:
    """The file of the mapping kept under a name, whether there is one or not."""
    return folder_of(store) / f"{name}.toml"


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
    folder, path = folder_of(store), path_of(store, checked_name(name))
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
