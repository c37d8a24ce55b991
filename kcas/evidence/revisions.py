"""Revisions since an earlier pack: what changed, why, and by how much."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kcas.calls.definitions import standard_in_words
from kcas.errors import SettingError
from kcas.evidence import document
from kcas.evidence.document import Block, Bullets, Cell, Column, Document, Kind, Paragraph, Section, Table
from kcas.evidence.facts import Facts
from kcas.evidence.provenance import VERSION, asked_document, sha256
from kcas.reporting import words

_KEPT = ("provenance.json", "figures.json")
COMPARED = {"by-month": "Month", "by-queue": "Queue", "by-definition": "Definition"}
"""Tables whose rows are held against the earlier pack's."""
_HALVES = ("Counted as lost", "Out of", "Share lost")


@dataclass(frozen=True)
class Earlier:
    """What an earlier pack said, and what it said of itself."""

    documents: Mapping[str, Any]

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Its provenance."""
        content: Mapping[str, Any] = self.documents["provenance.json"]
        return content

    @property
    def run(self) -> str:
        """The name of its making."""
        return str(self.provenance["run"])

    @property
    def tables(self) -> Mapping[str, Any]:
        """Its tables."""
        content: Mapping[str, Any] = self.documents["figures.json"]["tables"]
        return content


def read_earlier(folder: Path) -> Earlier:
    """The pack in a folder. Raises SettingError where there is none, or another program's."""
    documents = {}
    for name in _KEPT:
        try:
            documents[name] = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise SettingError(
                f"--revises {folder}: no evidence pack: {name} is not there or cannot be read."
            ) from None
    earlier = Earlier(documents)
    try:
        _ = (
            earlier.run,
            earlier.tables,
            earlier.provenance["read"],
            earlier.provenance["cut_off"]["moment"],
            earlier.provenance["settings"]["text"],
        )
    except (KeyError, TypeError):
        raise SettingError(f"--revises {folder}: not a pack that this program made, or an altered one.") from None
    return earlier


def revisions(earlier: Earlier, now: Document, *, facts: Facts) -> Section:
    """The section that says so."""
    cut_off = earlier.provenance["cut_off"]["moment"]
    blocks: list[Block] = [
        Paragraph(f"This pack revises run {earlier.run}, which told what was known at {cut_off}."),
        Bullets(tuple(why(earlier, facts)) or ("Nothing that the figures are made from has changed.",)),
    ]
    rows = [row for key in COMPARED for row in changed(key, earlier, now)]
    if rows:
        blocks.append(_table(rows, now))
    else:
        blocks.append(Paragraph("No figure by month, queue or definition differs from the earlier pack's."))
    return Section("Revisions", tuple(blocks))


def why(earlier: Earlier, facts: Facts) -> Iterator[str]:
    """Each thing that the figures are made from and that is not as it was."""
    known = {(each["batch"], each["sha256"]) for each in earlier.provenance["read"]}
    for batch in facts.batches:
        if (batch.number, batch.record.sha256) not in known:
            brought = (
                f"{words.count(batch.added.new)} new calls, {words.count(batch.added.superseded)} corrected"
                if not facts.asked.public
                else " and ".join([*(["new calls"] if batch.added.new else []),
                                   *(["corrections"] if batch.added.superseded else [])]) or "nothing new"
            )  # fmt: skip
            yield f"A file read since, {batch.record.name}: {brought}."
    before, after = dict(earlier.provenance["asked"]), asked_document(facts.asked)
    names = {"public": "whether it is public", "from": "the first day", "until": "the first day left out"}
    for key, value in after.items():
        if before.get(key) != value:
            yield f"Asked otherwise, {names.get(key, key)}: {before.get(key)} then, {value} now."
    yield from _settings(earlier, facts)
    for each in earlier.provenance["scenarios"]:
        name = each["file"].removeprefix("inputs/scenarios/")
        content = facts.model.files.get(name)
        if content is None or sha256(content) != each["sha256"]:
            yield f"The scenario file {name} has changed: the model's figures are not the earlier ones."
    made_by = str(earlier.provenance["environment"]["kcas"])
    if made_by != VERSION:
        yield f"The software: kcas {made_by} then, {VERSION} now."


def _settings(earlier: Earlier, facts: Facts) -> Iterator[str]:
    before = list(earlier.provenance["settings"]["words"])
    after = standard_in_words(facts.standard, definition=facts.definition, service_level=facts.level)
    for line in after:
        if line not in before:
            yield f"The desk's standard now says: {line}"
    for line in before:
        if line not in after:
            yield f"It no longer says: {line}"


def changed(key: str, earlier: Earlier, now: Document) -> Iterator[tuple[Cell, ...]]:
    """Rows of a table whose halves or share are not what they were."""
    table = next((table for table in now.tables if table.key == key), None)
    old = earlier.tables.get(key)
    if table is None or old is None:
        return
    before = _rows([column["heading"] for column in old["columns"]], old["rows"])
    after = _rows([column.heading for column in table.columns], table.rows)
    for name in dict.fromkeys((*after, *before)):
        was, is_now = before.get(name), after.get(name)
        if was != is_now:
            yield (COMPARED[key], name, *_pair(was, is_now))


def _rows(headings: list[str], rows: Any) -> dict[str, tuple[Any, ...]]:
    places = [headings.index(heading) for heading in _HALVES]
    return {str(row[0]): tuple(row[place] for place in places) for row in rows}


def _pair(was: tuple[Any, ...] | None, is_now: tuple[Any, ...] | None) -> Iterator[Cell]:
    none = (document.NOT_APPLICABLE,) * 3
    old, new = was or none, is_now or none
    for one, other in zip(old, new, strict=True):
        yield from (cell if isinstance(cell, int | float) else _mark(cell) for cell in (one, other))
    if isinstance(old[2], float) and isinstance(new[2], float):
        yield document.share(new[2] - old[2])
    else:
        yield document.NOT_AVAILABLE


def _mark(cell: Any) -> Cell:
    marks = {str(mark): mark for mark in (document.CONFIDENTIAL, document.NOT_APPLICABLE)}
    return marks.get(str(cell), document.NOT_AVAILABLE)


def _table(rows: list[tuple[Cell, ...]], now: Document) -> Table:
    columns = (
        Column("Of"), Column("Which"), Column("Counted as lost, then", Kind.COUNT),
        Column("Counted as lost, now", Kind.COUNT), Column("Out of, then", Kind.COUNT),
        Column("Out of, now", Kind.COUNT), Column("Share, then", Kind.SHARE), Column("Share, now", Kind.SHARE),
        Column("Change", Kind.POINTS),
    )  # fmt: skip
    moved = [row for row in rows if isinstance(row[-1], float)]
    most = max(moved, key=lambda row: abs(float(row[-1])), default=None)
    notes = (
        (f"The largest change of a share: {words.signed(float(most[-1]))} percentage points ({most[1]}).",)
        if most
        else ()
    )
    counted = next(table.basis for table in now.tables if not table.basis.model and not table.basis.recorded)
    return Table("revisions", "What is not as it was", columns, tuple(rows), counted, notes)
