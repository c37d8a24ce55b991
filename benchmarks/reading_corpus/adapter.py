"""The one place where the benchmark asks kcas: a file and a person's answers in, figures or questions out."""

import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import kcas
from benchmarks.reading_corpus.truth import Figures, Question, Reading
from kcas.ingest.formats import formats
from kcas.ingest.reading import Log
from kcas.ingest.suggestion import suggest, toml_of
from kcas.ingest.unpacking import sources

TOPICS = {
    "date_order": "day first, month first or year first",
    "kind": "calls or intervals",
    "length": "how long an interval is: half-hour, hour, day, week or month",
    "zone": "the log's own time zone",
    "clock_halves": "how a 12-hour clock without AM and PM is meant: `afternoon before 8`",
    "outcome:WORD": "the outcome of the glossary for a word of the file, or `not an outcome`",
    "direction:WORD": "`leave out` or `count`, for a word such as Internal",
    "column:ROLE": "the heading of the column with the id, queue, moment, wait, offered, abandoned and so on",
    "unit:HEADING": "s, ms, min or days, for the durations of a column",
    "repeated_rows": "`count once`, `count each` or `add`, for rows that are the same or share a queue and interval",
    "legs": "`one call` where several rows are one call",
    "transfers": "`count each queue` where a caller was passed on",
    "abandoned": "how abandoned calls follow where no column counts them: `offered less answered`",
    "totals": "`leave out`",
    "header": "`none` where the first line is already a row",
}
"""Topics of questions, and what their answers say."""


def read_with_suggestion(path: Path, answers: Mapping[str, str]) -> Reading:
    """The reading of a file that no one has described, given a person's answers by topic."""
    try:
        mapping, questions = mapping_for(path, answers)
    except kcas.KcasError as error:
        return Reading(refusal=str(error))
    return figures_of_file(path, mapping=mapping, questions=questions)


def mapping_for(path: Path, answers: Mapping[str, str]) -> tuple[Path | None, tuple[Question, ...]]:
    """The suggested mapping of a file and the questions left open: neither where a format of kcas claims the file."""
    (source,) = sources(path)[:1]
    log = Log(source)
    if any(form.claims(log.head) for form in formats()):
        return None, ()
    suggestion = suggest(log, answers=answers)
    written = path.with_name(f"{path.name}.mapping.toml")
    written.write_text(toml_of(suggestion), encoding="utf-8")
    questions = (Question(each.topic, each.options, each.group, each.likeliest) for each in suggestion.questions)
    return written, tuple(questions)


def figures_of_file(path: Path, *, mapping: Path | None = None, questions: tuple[Question, ...] = ()) -> Reading:
    """The figures of a file read into an empty store, by a mapping or as a format that kcas ships."""
    with tempfile.TemporaryDirectory() as folder:
        store = kcas.open_store(Path(folder) / "store")
        try:
            reports = tuple(store.ingest(path, mapping=mapping, key_file=Path(folder) / "key"))
        except kcas.KcasError as error:
            return Reading(refusal=str(error), questions=questions)
        if errors := [report.error for report in reports if report.error]:
            return Reading(refusal=errors[0], questions=questions)
        return Reading(figures_of_store(store, intervals=any(report.intervals for report in reports)), questions)


def figures_of_store(store: kcas.CallStore, *, intervals: bool) -> Figures:
    """What all calls of a store come to."""
    (row,) = store.measures(definition="all_offered").to_dict()["rows"]
    first, last = store.days() or (date.min, date.min)
    hours = [0] * 24
    for part in store.measures(by="time-of-day").to_dict()["rows"]:
        hours[int(str(part["start"])[:2])] += part["offered"] or 0
    return Figures(
        kind="intervals" if intervals else "calls", offered=row["offered"], abandoned=row["numerator"],
        answered=row["answered"], first_day=first, last_day=last, mean_wait=row["average_speed_of_answer"],
        queues=store.queues(), hours=tuple(hours) if sum(hours) else None,
    )  # fmt: skip
