"""Guided reading of a file: the mapping suggested for it, and what it would come to, before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kcas.api.result import plain_values
from kcas.api.store import CallStore, open_store
from kcas.errors import LogError

if TYPE_CHECKING:
    from kcas.calls.store import Store
    from kcas.desk.standard import Standard
    from kcas.ingest.column_roles import Suggestion
    from kcas.ingest.reading import Log
    from kcas.ingest.report import FileReport

ROWS_SHOWN = 10
CALL_COLUMNS = ("line", "entered", "queue", "outcome", "wait", "talk")


def suggest_mapping(
    path: Path, *, answers: Mapping[str, str] | None = None, key: str | None = None, store: Store | None = None
) -> Suggestion:
    """The mapping suggested for a file, given answers by topic. Raises LogError where it holds no table of calls.

    Where a mapping kept next to the store was for nearly the same columns, it is suggested again, with questions about
    the columns that have changed.
    """
    from kcas.importing.kept_mappings import AGAIN, changed_log, changes_of, plain_columns
    from kcas.ingest.mapping import mapping_of
    from kcas.ingest.suggestion import suggest

    log, given = only_log(path), dict(answers or {})
    changed = changed_log(log, store) if store else None
    if changed and AGAIN not in given.values():
        return changed.suggestion(given, key=key)
    given = {topic: answer for topic, answer in given.items() if answer != AGAIN}
    found = suggest(log, answers=given, key=key or (changed.changes.mapping.key if changed else "suggested"))
    if not found.questions:
        described = mapping_of(found.table, where="The suggested mapping")
        if header := changes_of(log.head, described).header:
            found.table["file"]["known_columns"] = plain_columns(header)
    return found


def only_log(path: Path) -> Log:
    """The one log in a file. Raises LogError where it holds several."""
    from kcas.ingest.reading import Log
    from kcas.ingest.unpacking import printable, sources

    found = sources(path)
    if len(found) != 1:
        raise LogError(f"{printable(path.name)}: holds {len(found):,} files. Suggest a mapping for one of them.")
    return Log(found[0])


def kept_mapping_of(path: Path, store: Store) -> Path | None:
    """The mapping kept next to a store that reads a file; None where none does.

    Raises LogError, in words, where the file has nearly the columns of one.
    """
    from kcas.importing.kept_mappings import changed_log, folder_of, kept_mappings

    log = only_log(path)
    if changed := changed_log(log, store):
        raise LogError(changed.sentence)
    own = next((form for form in kept_mappings(store) if form.claims(log.head)), None)
    return folder_of(store) / f"{own.key}.toml" if own else None


@dataclass(frozen=True)
class Trial:
    """What a file comes to by a mapping: its import summary, ten rows as read, and the totals of all of them."""

    report: FileReport
    kind: str = "calls"
    offered: int = 0
    abandoned: int = 0
    mean_wait: float | None = None  # seconds, of answered calls
    days: tuple[date, date] | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    by_day: list[dict[str, Any]] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """The question that matters: how many calls, of which days, how many abandoned, the mean wait."""
        if self.days is None or not self.offered:
            return "No call could be read from this file."
        share = f" ({self.abandoned / self.offered:.1%})"
        wait = f", mean wait {self.mean_wait:.0f} s" if self.mean_wait is not None else ""
        calls = "1 call" if self.offered == 1 else f"{self.offered:,} calls"
        return f"{calls} {days_in_words(*self.days)}, {self.abandoned:,} abandoned{share}{wait}: is that right?"

    @property
    def refusals(self) -> dict[str, int]:
        """The rejected rows of the report by column and reason, the commonest first."""
        found: dict[str, int] = {}
        for refusal in self.report.refusals:
            reason = f"{refusal.column}: {refusal.reason}" if refusal.column else refusal.reason
            found[reason] = found.get(reason, 0) + 1
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return plain_values({
            "sentence": self.sentence, "kind": self.kind, "offered": self.offered, "abandoned": self.abandoned,
            "mean_wait": self.mean_wait, "days": self.days, "rows": self.rows, "refusals": self.refusals,
            "file": self.report.to_json(),
        })  # fmt: skip


def days_in_words(first: date, last: date) -> str:
    """Two days in words: "from 1 to 30 September 2026", "on 1 September 2026"."""
    if first == last:
        return f"on {first.day} {first:%B %Y}"
    same_year, same_month = first.year == last.year, (first.year, first.month) == (last.year, last.month)
    begin = str(first.day) if same_month else f"{first.day} {first:%B}" if same_year else f"{first.day} {first:%B %Y}"
    return f"from {begin} to {last.day} {last:%B %Y}"


def try_mapping(path: Path, mapping: Path | None, *, standard: Standard | None = None) -> Trial:
    """What a file comes to by a mapping, or as a known format; it is read into a store that is thrown away.

    Raises SettingError where the mapping cannot be used, LogError where the file cannot be read.
    """
    with TemporaryDirectory(prefix="kcas-trial-") as folder:
        store = open_store(Path(folder) / "store", standard=standard)
        (report, *more) = store.ingest(path, mapping=mapping, key_file=Path(folder) / "key")
        if more:
            raise LogError(f"{path.name}: holds several files. Check one of them.")
        if report.error:
            raise LogError(report.error)
        return _trial(store, report)


def _trial(store: CallStore, report: FileReport) -> Trial:
    """The totals and first rows of a store of one file."""
    (total,) = store.measures(definition="all_offered").to_dict()["rows"]
    days = store.measures(by="day", definition="all_offered").to_dict()["rows"]
    return Trial(
        report, "intervals" if report.intervals else "calls", total["offered"] or 0, total["numerator"] or 0,
        total["average_speed_of_answer"], store.days(), _rows(store, intervals=bool(report.intervals)),
        [{"day": row["start"], "offered": row["offered"], "abandoned": row["numerator"]} for row in days],
    )  # fmt: skip


def _rows(store: CallStore, *, intervals: bool) -> list[dict[str, Any]]:
    """The first rows as they were read, on the settings' clock. Callers and agents are not among them."""
    import polars as pl

    zone = store.standard.time_zone
    if not intervals:
        frame = store.calls().sort("line").head(ROWS_SHOWN).collect().select(CALL_COLUMNS)
        return frame.with_columns(pl.col("entered").dt.convert_time_zone(zone)).to_dicts()
    long = store.store.intervals().collect().sort("start", "queue", maintain_order=True)
    long = long.filter(pl.col("threshold").is_null())
    wide = long.pivot("measure", index=["start", "end", "queue"], values="amount", aggregate_function="sum")
    return wide.head(ROWS_SHOWN).with_columns(pl.col("start", "end").dt.convert_time_zone(zone)).to_dicts()
