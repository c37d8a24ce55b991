"""The one place where the benchmark asks kcas: a file and a person's answers in, figures or questions out.

Mapping suggestions are not there yet: a file that no shipped format claims comes back as `cannot`. To connect them,
let `mapping_for` return the suggested mapping as a TOML file, or the questions that it leaves open, by the topics of
`TOPICS`. What follows, from mapping to figures, stays as it is.
"""

import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import kcas
from benchmarks.reading_corpus.truth import Figures, Question, Reading

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

UNKNOWN = "no known format claims it"


def read_with_suggestion(path: Path, answers: Mapping[str, str]) -> Reading:
    """The reading of a file that no one has described, given a person's answers by topic."""
    mapping, questions = mapping_for(path, answers)
    return figures_of_file(path, mapping=mapping, questions=questions)


def mapping_for(path: Path, answers: Mapping[str, str]) -> tuple[Path | None, tuple[Question, ...]]:
    """The suggested mapping of a file and the questions left open: none of either until kcas suggests one."""
    return None, ()


def figures_of_file(path: Path, *, mapping: Path | None = None, questions: tuple[Question, ...] = ()) -> Reading:
    """The figures of a file read into an empty store, by a mapping or as a format that kcas ships."""
    with tempfile.TemporaryDirectory() as folder:
        store = kcas.open_store(Path(folder) / "store")
        try:
            (report,) = store.ingest(path, mapping=mapping, key_file=Path(folder) / "key")
        except kcas.KcasError as error:
            return Reading(refusal=str(error), questions=questions)
        if report.error:
            known = UNKNOWN not in report.error
            return Reading(refusal=report.error, questions=questions) if known else Reading(cannot="no suggestions yet")
        return Reading(figures_of_store(store, intervals=report.intervals > 0), questions)


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
        queues=store.queues(), hours=tuple(hours),
    )  # fmt: skip
