"""Guided reading of a file: the mapping suggested for it, and what it would come to, before anything is stored.

Where the totals differ from a person's own report of a day, every usual reason for that is tried on the file itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kcas.api.result import plain_values
from kcas.api.store import CallStore, open_store
from kcas.errors import KcasError, LogError
from kcas.importing.kept_mappings import (
    AGAIN,
    changed_log,
    checked_name,
    history_of,
    keep_mapping,
    kept_mappings,
    path_of,
    with_known_columns,
)
from kcas.importing.rejections import Remedy, remedies, total_of_queues
from kcas.ingest.column_roles import AS_SUGGESTED, QUESTION_LISTS, Question, Suggestion
from kcas.ingest.formats import formats
from kcas.ingest.log_format import UnknownFormat, recognise
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import read_mapping
from kcas.ingest.reading import Log
from kcas.ingest.suggested_calls import OUTCOME_OPTIONS
from kcas.ingest.suggestion import suggest, toml_of
from kcas.ingest.unpacking import printable, sources

if TYPE_CHECKING:
    import polars as pl

    from kcas.desk.standard import Standard
    from kcas.ingest.report import FileReport

__all__ = [
    "AS_SUGGESTED", "QUESTION_LISTS", "Difference", "Identified", "Question", "Remedy", "Suggestion", "Trial",
    "checked_name", "differences", "explained", "history_of", "identify", "keep_mapping", "kept_mapping_of",
    "outcome_choices", "preview", "read_mapping", "rows_in_words", "suggest_mapping", "toml_of",
    "try_mapping", "with_remedies",
]  # fmt: skip

ROWS_SHOWN = 10
CALL_COLUMNS = ("line", "entered", "queue", "outcome", "wait", "talk")
SHORT = (2, 3, 5, 6, 10, 15, 20, 30)
"""Seconds within which systems leave abandoned calls out of their reports."""
_TOTALS = "a total"
"""The rule by which a suggested mapping leaves out rows of totals."""


def suggest_mapping(
    path: Path,
    *,
    answers: Mapping[str, str] | None = None,
    key: str | None = None,
    store: Path | None = None,
    sheet: str = "",
) -> Suggestion:
    """The mapping suggested for a file, or a workbook's sheet, given answers by topic.

    Raises LogError where it holds no table of calls.

    Where a mapping kept next to the store was for nearly the same columns, it is suggested again, with questions about
    the columns that have changed.
    """
    log, given = _only_log(path), dict(answers or {})
    changed = changed_log(log, open_store(store).store) if store else None
    if changed and AGAIN not in given.values():
        return changed.suggestion(given, key=key)
    given = {topic: answer for topic, answer in given.items() if answer != AGAIN}
    named = key or (changed.changes.mapping.key if changed else "suggested")
    found = suggest(log, answers=given, key=named, sheet=sheet)
    return found if found.questions else with_known_columns(found, log)


def _only_log(path: Path) -> Log:
    """The one log in a file. Raises LogError where it holds several."""
    found = sources(path)
    if len(found) != 1:
        raise LogError(f"{printable(path.name)}: holds {len(found):,} files. Suggest a mapping for one of them.")
    return Log(found[0])


def rows_in_words(rows: int) -> str:
    """A number of rows in words."""
    return "1 row" if rows == 1 else f"{rows:,} rows"


def outcome_choices(suggestion: Suggestion) -> list[Question]:
    """How the calls of each word are counted, as a question that is answered already; another answer changes it."""
    return [
        Question(
            f"outcome:{word}", f"{printable(word) or 'No word'}: {rows_in_words(suggestion.counts[word])}",
            OUTCOME_OPTIONS, suggestion.examples.get(word, ""), likeliest=gives,
        )
        for word, gives in suggestion.outcomes.items()
        if gives in OUTCOME_OPTIONS
    ]  # fmt: skip


def preview(path: Path, suggestion: Suggestion, *, standard: Standard | None = None) -> dict[str, Any] | None:
    """What a file comes to by a suggestion without open questions; None where it has some, or cannot be read by it."""
    if suggestion.questions:
        return None
    with TemporaryDirectory(prefix="kcas-preview-") as folder:
        described = Path(folder) / "mapping.toml"
        described.write_text(toml_of(suggestion), encoding="utf-8")
        try:
            found = try_mapping(path, described, standard=standard)
        except KcasError:
            return None
    return plain_values({
        "calls": found.report.call_lines, "offered": found.offered, "answered": found.answered,
        "abandoned": found.abandoned, "rate": found.abandoned / found.offered if found.offered else None,
        "from": found.days and found.days[0], "to": found.days and found.days[1], "refused": found.report.refused,
    })  # fmt: skip


@dataclass(frozen=True)
class Identified:
    """What a file is, before it is read: whether it can be read as it is, or what has to be said first."""

    state: str  # "known", "kept", "changed", "unknown" or "no log"
    format: str = ""  # the key of the format that reads it, or of the kept one that it is nearly of
    words: str = ""  # why it is not read as it is
    mapping: str = ""  # the kept mapping that reads it, as TOML


def identify(path: Path, folder: Path) -> Identified:
    """What a file is, for the store of a folder. A packed one with several logs is left to the import."""
    found = sources(path)
    if len(found) != 1:
        return Identified("known")
    log, store = Log(found[0]), open_store(folder).store
    if own := next((form for form in kept_mappings(store) if form.claims(log.head)), None):
        return Identified("kept", own.key, mapping=path_of(store, own.key).read_text(encoding="utf-8"))
    try:
        return Identified("known", recognise(log.head, formats(), name=log.name).key)
    except UnknownFormat as error:
        if changed := changed_log(log, store):
            return Identified("changed", changed.changes.mapping.key, changed.sentence)
        return Identified("unknown", words=str(error))
    except LogError as error:
        return Identified("no log", words=str(error))


def kept_mapping_of(path: Path, store: CallStore) -> Path | None:
    """The mapping kept next to a store that reads a file; None where none does.

    Raises LogError, in words, where the file has nearly the columns of one.
    """
    log = _only_log(path)
    if changed := changed_log(log, store.store):
        raise LogError(changed.sentence)
    own = next((form for form in kept_mappings(store.store) if form.claims(log.head)), None)
    return path_of(store.store, own.key) if own else None


@dataclass(frozen=True)
class Trial:
    """What a file comes to by a mapping: its import summary, ten rows as read, and the totals of all of them."""

    report: FileReport
    kind: str = "calls"
    offered: int = 0
    answered: int | None = None  # None where an interval table does not say
    abandoned: int = 0
    mean_wait: float | None = None  # seconds, of answered calls
    days: tuple[date, date] | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    by_day: list[dict[str, Any]] = field(default_factory=list)
    remedies: tuple[Remedy, ...] = ()

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
            "sentence": self.sentence, "kind": self.kind, "offered": self.offered,
            "answered": self.answered,
            "abandoned": self.abandoned, "mean_wait": self.mean_wait, "days": self.days, "rows": self.rows,
            "refusals": self.refusals,
            "remedies": [remedy.question.to_dict() for remedy in self.remedies], "file": self.report.to_json(),
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
    with _on_trial(path, mapping, standard=standard) as (store, report):
        (total,) = store.measures(definition="all_offered").to_dict()["rows"]
        days = store.measures(by="day", definition="all_offered").to_dict()["rows"]
        return Trial(
            report, "intervals" if report.intervals else "calls", total["offered"] or 0, total["answered"],
            total["numerator"] or 0, total["average_speed_of_answer"], store.days(),
            _rows(store, intervals=bool(report.intervals)),
            [{"day": row["start"], "offered": row["offered"], "abandoned": row["numerator"]} for row in days],
            _remedies(path, mapping, store, report) if mapping else (),
        )  # fmt: skip


def _remedies(path: Path, mapping: Path, store: CallStore, report: FileReport) -> tuple[Remedy, ...]:
    """What a person may say of the rejected rows, and of a queue that may be a total."""
    described = read_mapping(mapping)
    totals = total_of_queues(described, _by_queue(store))
    if not report.refusals:
        return totals
    cells = partial(Mapped(described).cells, _only_log(path))
    return totals + remedies(cells, described, report.refusals, refused=report.refused)


def _by_queue(store: CallStore, **days: date) -> dict[str, tuple[int, int]]:
    """Calls offered and abandoned of each queue."""
    if store.days() is None:
        return {}
    rows = store.measures(by="queue", definition="all_offered", **days).to_dict()["rows"]  # type: ignore[arg-type]
    return {row["queue"]: (row["offered"] or 0, row["numerator"] or 0) for row in rows}


def with_remedies(mapping: str, chosen: Mapping[str, str], found: Sequence[Remedy]) -> str:
    """A mapping's TOML with the remedies that a person chose, by topic."""
    table = tomllib.loads(mapping)
    for remedy in found:
        if option := chosen.get(remedy.question.topic):
            table = remedy.change(table, option)
    return toml_of(Suggestion(table))


@contextmanager
def _on_trial(path: Path, mapping: Path | None, *, standard: Standard | None) -> Iterator[tuple[CallStore, FileReport]]:
    """A store of one file, which is thrown away, and what became of the file's lines."""
    with TemporaryDirectory(prefix="kcas-trial-") as folder:
        store = open_store(Path(folder) / "store", standard=standard)
        (report, *more) = store.ingest(path, mapping=mapping, key_file=Path(folder) / "key")
        if more:
            raise LogError(f"{path.name}: holds several files. Check one of them.")
        if report.error:
            raise LogError(report.error)
        yield store, report


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


@dataclass(frozen=True)
class Difference:
    """One reason for which a report of a day may have other figures: how it counts, and by how much that differs."""

    kind: str  # "totals", "transfers", "left out", "short"
    words: str  # what such a report does
    offered: int
    abandoned: int


def differences(path: Path, mapping: Path, day: date, *, standard: Standard | None = None) -> list[Difference]:
    """Every way to count a day otherwise that the file itself can show, with what each adds or takes away."""
    with _on_trial(path, mapping, standard=standard) as (store, report):
        as_read = _of_day(store, day)
        found = [*_totals_among_queues(store, day, as_read)]
        if not report.intervals:
            calls = store.calls(since=day, until=day + timedelta(days=1)).collect()
            found += [*_transfers(calls), *_short(calls)]
    table = tomllib.loads(mapping.read_text(encoding="utf-8"))
    for kind, words, variant in _variants(table):
        offered, abandoned = _of_variant(path, variant, day, standard=standard) or as_read
        found.append(Difference(kind, words, offered - as_read[0], abandoned - as_read[1]))
    return [each for each in found if each.offered or each.abandoned]


def _of_day(store: CallStore, day: date) -> tuple[int, int]:
    """Calls offered and abandoned of a day."""
    rows = store.measures(by="day", definition="all_offered").to_dict()["rows"]
    found = [row for row in rows if str(row["start"])[:10] == day.isoformat()]
    return (found[0]["offered"] or 0, found[0]["numerator"] or 0) if found else (0, 0)


def _of_variant(
    path: Path, table: Mapping[str, Any], day: date, *, standard: Standard | None
) -> tuple[int, int] | None:
    """The same by another mapping; None where the file cannot be read by it."""
    with TemporaryDirectory(prefix="kcas-variant-") as folder:
        described = Path(folder) / "mapping.toml"
        described.write_text(toml_of(Suggestion(dict(table))), encoding="utf-8")
        try:
            with _on_trial(path, described, standard=standard) as (store, _):
                return _of_day(store, day)
        except LogError:
            return None


def _variants(table: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The mapping with rows counted that it leaves out, or rows of a call counted apart: the kind, in words, itself."""
    rules = table.get("ignore", [])
    counted = [rule for rule in rules if rule["rule"] != _TOTALS]
    file = {key: value for key, value in table.get("file", {}).items() if key != "footer"}
    if counted != rules or "footer" in table.get("file", {}):
        yield "totals", "counts the rows of totals as calls too", {**table, "ignore": counted, "file": file}
    for rule in counted:
        others = [each for each in rules if each["rule"] != rule["rule"]]
        yield "left out", f'counts the rows left out here as "{rule["rule"]}"', {**table, "ignore": others}
    queue, leg = table.get("queue", {}).get("column"), table.get("leg", [])
    if table.get("same_leg") == "one call" and queue and queue not in leg:
        legs = [leg] if isinstance(leg, str) else leg
        yield "transfers", "counts a call once in each queue that it came to", {**table, "leg": [*legs, queue]}


def _totals_among_queues(store: CallStore, day: date, as_read: tuple[int, int]) -> Iterator[Difference]:
    """A queue that has as many calls as all others together, and so may be their total."""
    queues = _by_queue(store, since=day, until=day + timedelta(days=1)) if as_read[0] else {}
    for queue, (offered, abandoned) in queues.items():
        if len(queues) > 2 and (2 * offered, 2 * abandoned) == as_read:
            words = f'leaves out "{queue}", which has as many calls as all other queues together and may be a total'
            yield Difference("totals", words, -offered, -abandoned)


def _transfers(calls: pl.DataFrame) -> Iterator[Difference]:
    """A call that was passed on, counted once with how it ended last."""
    import polars as pl

    known = calls.filter(pl.col("contact").is_not_null()).sort("entered", "line")
    last = known.unique("contact", keep="last", maintain_order=True)
    words = "counts a call that was passed on once, by how it ended last"
    yield Difference("transfers", words, last.height - known.height, _abandoned(last) - _abandoned(known))


def _abandoned(calls: pl.DataFrame) -> int:
    import polars as pl

    return calls.filter(pl.col("outcome").cast(pl.String).is_in(["abandoned", "abandoned_ringing"])).height


def _short(calls: pl.DataFrame) -> Iterator[Difference]:
    """Calls abandoned soon, left out of both figures or of the abandoned ones."""
    import polars as pl

    before = 0
    for seconds in SHORT:
        short = _abandoned(calls.filter(pl.col("wait") <= seconds))
        if short > before:
            about = f"calls abandoned within {seconds} seconds"
            yield Difference("short", f"leaves out {about}", -short, -short)
            yield Difference("short", f"does not count {about} as abandoned, but as offered", 0, -short)
        before = short


def explained(
    as_read: tuple[int, int], reported: tuple[int | None, int | None], found: Sequence[Difference]
) -> list[str]:
    """Sentences on why a report has other figures: what fits it exactly, or what each usual reason would give."""
    fits = [
        some for size in (1, 2) for some in combinations(found, size)
        if len({each.kind for each in some}) == size and _agrees(as_read, reported, some)
    ]  # fmt: skip
    best = [some for some in fits if len(some) == len(fits[0])]
    if best:
        return [f"Your report's figures fit if it {' and '.join(each.words for each in some)}." for some in best]
    if not found:
        return ["Nothing in the file explains it: no total, no call passed on, none left out and none abandoned soon."]
    each = [f"If it {one.words}: {as_read[1] + one.abandoned:,} of {as_read[0] + one.offered:,}" for one in found]
    return ["No usual reason gives exactly your figures. What each would give:", *each]


def _agrees(as_read: tuple[int, int], reported: tuple[int | None, int | None], some: Sequence[Difference]) -> bool:
    """Whether a report counts so: the figures that were given are those as read, changed by these differences."""
    offered = as_read[0] + sum(each.offered for each in some)
    abandoned = as_read[1] + sum(each.abandoned for each in some)
    return reported[0] in (None, offered) and reported[1] in (None, abandoned)
