"""Roles of a file's columns, from their headings and their values: which is the moment, the queue, the wait.

Headings are compared with the synonyms in `words/`, by language. Where two columns may have a role, a person is asked.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from kcas.errors import SettingError
from kcas.ingest.masking import masked
from kcas.ingest.value_forms import (
    UNITS,
    DurationForm,
    counts,
    distinct_texts,
    duration_form,
    empty_words,
    moment_form,
    percentage_places,
)

WORDS = Path(__file__).parent / "words"


OWN_ZONE = "the contact centre's own"
PERHAPS_QUEUES = ("extension", "team", "department", "line", "number dialled", "site")
MOST_WORDS = 40
"""Distinct texts in a column of outcomes or of kinds of call."""


SPOKEN = frozenset({"call", "calls", "in", "the", "of", "acd", "total", "number", "no", "count"})


_UNIT = re.compile(
    r"[\(\[](?:s|ms|sec|secs|seconds|min|mins|minutes|h?h?:?mm?:ss|hh:mm|utc|gmt|local)[\)\]]", re.IGNORECASE
)


QUESTION_LISTS = {
    "outcomes": "How did the calls with these words end?",
    "units": "In what unit are these durations?",
    "columns": "What is in these columns?",
}
"""Questions of one kind, which a person sees as one list and confirms at once."""
AS_SUGGESTED = "as suggested"
"""The answer to a group: the likeliest option of each of its questions."""


@dataclass(frozen=True)
class Question:
    """Something that the file does not settle: its topic, in words, the answers there are, and what speaks for them.

    Questions of one `group` are one of QUESTION_LISTS, with the `likeliest` option of each filled in; "" is none.
    """

    topic: str
    words: str
    options: tuple[str, ...]
    evidence: str = ""
    group: str = ""
    likeliest: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "topic": self.topic, "words": self.words, "options": list(self.options), "evidence": self.evidence,
            "group": self.group, "likeliest": self.likeliest,
        }  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a file: its heading, the texts in its cells, and the role that its heading may mean."""

    name: str
    texts: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """Its distinct texts that say something."""
        return distinct_texts(self.texts)


@dataclass
class Suggestion:
    """A mapping's tables, its open questions, and what was taken for certain, in words."""

    table: dict[str, Any]
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)  # word of the file -> outcome
    counts: dict[str, int] = field(default_factory=dict)  # word of the file -> rows that have it
    examples: dict[str, str] = field(default_factory=dict)  # word of the file -> some cells of its first row, masked

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        open_words = {question.topic.removeprefix("outcome:") for question in self.questions}
        return {
            "mapping": self.table,
            "unsure": [{"what": each.topic, "why": each.words, "choices": list(each.options)}
                       for each in self.questions],
            "outcomes": [
                {"value": word, "rows": self.counts[word], "gives": None if word in open_words else gives}
                for word, gives in self.outcomes.items()
            ],
            "questions": [question.to_dict() for question in self.questions],
            "notes": self.notes,
        }  # fmt: skip


@dataclass
class OpenFile:
    """A file's columns, the answers to questions, and the suggestion as far as it has come."""

    columns: list[Column]
    answers: Mapping[str, str]
    suggestion: Suggestion
    roles: dict[str, Column] = field(default_factory=dict)

    def ask(self, question: Question, *, meanwhile: str = "") -> str:
        """The answer to a question; where there is none it stays open, and `meanwhile` or its first option holds."""
        answer = self.answers.get(question.topic)
        if answer is None and self.answers.get(question.group) == AS_SUGGESTED:
            answer = question.likeliest or None
        if answer is None:
            self.suggestion.questions.append(question)
            return meanwhile or question.options[0]
        if question.topic.startswith("column:") and answer not in question.options:
            raise SettingError(f"{question.topic}: expected one of {', '.join(question.options)}.")
        return answer

    def note(self, words: str) -> None:
        """Say what was taken for certain."""
        self.suggestion.notes.append(words)


def quoted(name: str) -> str:
    """A column or a word as a message has it: without what may be a person's number."""
    return f'"{masked(" ".join(name.split()))}"'


def is_shown(name: str) -> bool:
    """Whether a column or a word is shown as it stands: nothing in it may be a person's number."""
    return masked(name) == name


@cache
def _languages() -> tuple[dict[str, Any], ...]:
    """The synonyms of every language, English first."""
    paths = sorted(WORDS.glob("*.toml"), key=lambda path: (path.stem != "en", path.stem))
    return tuple(tomllib.loads(path.read_text(encoding="utf-8")) for path in paths)


@cache
def synonyms(kind: str, role: str) -> tuple[str, ...]:
    """The headings or words of a role, in every language, as `normalised` has them."""
    return tuple(normalised(word) for words in _languages() for word in words.get(kind, {}).get(role, ()))


@cache
def normalised(text: str) -> str:
    """A heading or word without case, accents, units and marks: "CallStart (UTC)" is "call start"."""
    text = _UNIT.sub(" ", text)
    text = re.sub(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])", " ", text).casefold().replace("ß", "ss")
    text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w%]|_", " ", text).split())


def rank(kind: str, role: str, name: str) -> int | None:
    """How well a heading says a role: 0 is best; None where it does not."""
    heading, known = normalised(name), synonyms(kind, role)
    if heading in known or re.sub(r" (s|sec|secs|seconds|ms|utc|gmt)$", "", heading) in known:
        return 0
    bare, joined = _bare(heading), heading.replace(" ", "")  # "callsoffered", as databases write it
    alike = bare in _in_short(kind, role) if bare else False
    return 1 if alike or joined in _in_one_word(kind, role) else None


@cache
def _in_short(kind: str, role: str) -> frozenset[str]:
    return frozenset(map(_bare, synonyms(kind, role)))


@cache
def _in_one_word(kind: str, role: str) -> frozenset[str]:
    return frozenset(each.replace(" ", "") for each in synonyms(kind, role))


def _bare(heading: str) -> str:
    """A heading without the words that say little."""
    return " ".join(word for word in heading.split() if word not in SPOKEN)


def columns_named(file: OpenFile, kind: str, role: str, fits: Any) -> list[Column]:
    """The columns whose heading says a role and whose values fit it, the best first."""
    found = [(rank(kind, role, each.name), each) for each in file.columns]
    ranked = [(best, each) for best, each in found if best is not None and fits(each.texts)]
    return [each for _, each in sorted(ranked, key=lambda pair: pair[0])]


def is_category(texts: Sequence[str]) -> bool:
    """Whether a column has few distinct texts, none of them a moment."""
    words = distinct_texts(texts)
    return 0 < len(words) <= MOST_WORDS and not (len(words) > 2 and moment_form(words))


def is_reference(texts: Sequence[str]) -> bool:
    """Whether a column names each row or each call: few rows share a text."""
    words = distinct_texts(texts)
    return bool(words) and len(words) > len([text for text in texts if text]) / 8 and not moment_form(words)


def column_of(file: OpenFile, kind: str, role: str, fits: Any) -> Column | None:
    """The column of a role. Where two are as likely, a person is asked."""
    taken = {id(each) for each in file.roles.values()}
    found = [each for each in columns_named(file, kind, role, fits) if id(each) not in taken]
    topic = f"column:{role.replace('_', ' ')}"
    if topic in file.answers:
        found = [each for each in file.columns if each.name == file.answers[topic]]
    elif len(found) > 1 and rank(kind, role, found[0].name) == rank(kind, role, found[1].name):
        same = found[0].texts == found[1].texts
        if not same:
            options = tuple(each.name for each in found)
            name = file.ask(Question(topic, f"Which column is the {role.replace('_', ' ')}?", options))
            found = [each for each in found if each.name == name]
    if not found:
        return None
    file.roles[role] = found[0]
    return found[0]


def meaning_of(kind: str, word: str) -> str:
    """What a word means in any of the languages; empty where they do not know it."""
    known: dict[str, None] = {role: None for words in _languages() for role in words.get(kind, {})}
    return next((role for role in known if normalised(word) in synonyms(kind, role)), "")


def queue_of(file: OpenFile, kind: str) -> Column | None:
    """The column of queues, by its heading or by a person's answer."""
    return column_of(file, kind, "queue", lambda texts: len(distinct_texts(texts)) <= 500) or _asked_queue(file)


def set_queue(file: OpenFile, column: Column | None) -> None:
    """The queue of each row, or one name for all where no column says it."""
    if column is None:
        file.suggestion.table["queue"] = {"constant": "All calls"}
        file.note("No column names a queue: all calls are of one.")
        return
    told: dict[str, Any] = {"column": column.name}
    if any(not text.strip() for text in column.texts):
        told["otherwise"] = "(no queue)"
    file.suggestion.table["queue"] = told
    labels = [word for word in column.words if normalised(word) in synonyms("totals", "label")]
    if labels and len(column.words) > len(labels):
        file.suggestion.table.setdefault("ignore", []).append({"when": {column.name: labels}, "rule": "a total"})
        file.note(f"Rows whose {column.name} is {', '.join(labels)} are totals and left out.")


def _may_be_queue(column: Column) -> bool:
    """Whether a column may name queues, though no heading says so: few texts that are nothing else."""
    known = ("direction", "media", "leg", "agent", "caller", "id", "ignored")
    names = len(column.words) > 1 or normalised(column.name) in PERHAPS_QUEUES or _is_name(column.words)
    named = any(rank("calls", role, column.name) is not None for role in known)
    if not column.words or not names or len(column.words) > MOST_WORDS or named or counts(column.texts):
        return False
    return not (moment_form(column.texts) or duration_form("", column.texts) or percentage_places(column.texts))


def _is_name(words: Sequence[str]) -> bool:
    """Whether the only text of a column may name something: letters, and no yes, no or time zone."""
    return all(word.isalpha() and len(word) > 3 and normalised(word) not in ("true", "false") for word in words)


def _asked_queue(file: OpenFile) -> Column | None:
    """The column that a person names as the queue, where one of those left over may be it."""
    taken = {id(each) for each in file.roles.values()}
    left = [each for each in file.columns if id(each) not in taken and _may_be_queue(each)]
    if not left:
        return None
    options = (*(each.name for each in left), "none")
    name = file.ask(Question("column:queue", "Which column names the queue?", options, "no heading says so"))
    return next((each for each in left if each.name == name), None)


def unknown_words(column: Column) -> dict[str, Any]:
    """The texts of a column that mean that nothing is known."""
    words = empty_words(column.texts)
    return {"unknown": words} if words else {}


def unit_of_column(file: OpenFile, column: Column) -> DurationForm:
    """The form of a column's durations; its unit is asked where it is not certain."""
    written = duration_form(column.name, column.texts)
    assert written is not None  # noqa: S101 (it was chosen by that)
    if written.decimal:
        file.suggestion.table.setdefault("decimal", written.decimal)
    if not written.options:
        return written
    about, options, asked = f"In what unit is {column.name!r}?", written.options, file.suggestion.questions
    of_others = [each.likeliest for each in asked if each.group == "units" and each.likeliest in options]
    likeliest = of_others[0] if of_others else options[0]  # one system writes its durations in one unit
    unit = file.ask(Question(f"unit:{column.name}", about, options, written.evidence, "units", likeliest))
    return DurationForm(UNITS.get(unit, "s"), decimal=written.decimal)


def leave_out_rows(file: OpenFile, column: Column, words: Sequence[str], rule: str) -> None:
    """Leave out the rows with these words, and say so."""
    if words:
        file.suggestion.table.setdefault("ignore", []).append({"when": {column.name: list(words)}, "rule": rule})
        file.note(f"Rows whose {column.name} is {', '.join(map(masked, words))} are left out: {rule}.")


def ask_about_sheets(file: OpenFile, alike: Sequence[str]) -> bool:
    """Whether all sheets with the same columns are one table, by a person's answer."""
    about = f"{len(alike):,} sheets have the same columns: {', '.join(map(masked, alike))}. Are all of them read?"
    options = ("all of them", f"only {alike[0]}")
    evidence = "a sheet that repeats the others would be counted again"
    return file.ask(Question("sheets", about, options, evidence)) == options[0]
