"""Remedies for rejected rows: what a mapping would have to say so that they are read, for a person to choose from.

A rejection shows the shape of a field only. Here the words themselves are counted, without those that may hold a
person's number.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from kcas.calls.call import OUTCOMES
from kcas.ingest.column_roles import Question, is_shown, meaning_of, quoted
from kcas.ingest.log_format import Refusal
from kcas.ingest.mapping import Mapping as Description

LEFT_OUT, NOT_KNOWN, NO_QUEUE, A_QUEUE = "leave these rows out", "not known", "(no queue)", "a queue like the others"
MOST_WORDS = 8
"""Distinct words of a column that are offered one by one: more are no words but values written in another way."""
RULE = "left out after they were rejected"


Cells = Callable[[Sequence[str]], Iterable[tuple[str, int, str]]]
"""Every cell of some columns of a log: the column, the line and the text."""


@dataclass(frozen=True)
class Remedy:
    """Rows that are rejected for one word in one column, or may be no calls, and what a person may say of them."""

    column: str
    word: str
    rows: int
    options: tuple[str, ...]  # the likeliest first
    certain: bool = False  # whether the first option is what the word means elsewhere
    doubt: str = ""  # why the rows may be no calls, where they are not rejected

    @property
    def question(self) -> Question:
        """As it is asked: one choice for all rows with the word."""
        rows = "1 row is" if self.rows == 1 else f"{self.rows:,} rows are"
        says = f'says "{self.word}"' if self.word else "is empty"
        why = self.doubt or f"{rows} rejected because {quoted(self.column)} {says}. How should they be read?"
        return Question(
            f"rejected:{self.column}:{self.word}", why, self.options, likeliest=self.options[0] if self.certain else ""
        )

    def change(self, table: Mapping[str, Any], option: str) -> dict[str, Any]:
        """A mapping by which the rows are read so."""
        if option == A_QUEUE:
            return dict(table)
        if option == LEFT_OUT:
            rule = {"when": {self.column: [self.word]}, "rule": RULE}
            return {**table, "ignore": [*table.get("ignore", ()), rule]}
        if option == NO_QUEUE:
            return {**table, "queue": {**table["queue"], "otherwise": NO_QUEUE}}
        if option == NOT_KNOWN:
            add = partial(_with_unknown, column=self.column, word=self.word)
            return {key: value if key == "file" else add(value) for key, value in table.items()}
        return {**table, "outcome": _with_outcome(table["outcome"], self.column, self.word, option)}

    def toml(self, option: str) -> str:
        """What a person writes into the mapping's file for an option, line by line."""
        column, word = _quoted(self.column), _quoted(self.word)
        if option == LEFT_OUT:
            return f'[[ignore]]\nwhen = {{ {column} = {word} }}\nrule = "{RULE}"'
        if option == NO_QUEUE:
            return f'queue = {{ column = {column}, otherwise = "{NO_QUEUE}" }}'
        if option == NOT_KNOWN:
            return f"unknown = [{word}]    # where column = {column}"
        return f'[[outcome]]\nwhen = {{ {column} = {word} }}\ngives = "{option}"'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _with_outcome(rules: Sequence[Mapping[str, Any]], column: str, word: str, gives: str) -> list[dict[str, Any]]:
    """Rules of outcomes with one more word, in the order in which outcomes go before each other."""
    names = list(OUTCOMES)
    for at, rule in enumerate(rules):
        said = rule["when"].get(column)
        if rule["gives"] == gives and len(rule["when"]) == 1 and isinstance(said, str | list):
            words = [said] if isinstance(said, str) else said
            return [*rules[:at], {**rule, "when": {column: [*words, word]}}, *rules[at + 1 :]]  # type: ignore[list-item]
    later = (at for at, rule in enumerate(rules) if names.index(rule["gives"]) > names.index(gives))
    at = next(later, len(rules))
    return [*rules[:at], {"when": {column: [word]}, "gives": gives}, *rules[at:]]  # type: ignore[list-item]


def _with_unknown(value: Any, *, column: str, word: str) -> Any:
    """A part of a mapping in which a word of a column means that nothing is known."""
    if isinstance(value, list):
        return [_with_unknown(each, column=column, word=word) for each in value]
    if not isinstance(value, dict) or value.get("column") not in (column, [column]):
        return value
    known = value.get("unknown", [])
    return {**value, "unknown": [*([known] if isinstance(known, str) else known), word]}


def remedies(cells: Cells, mapping: Description, refusals: Sequence[Refusal], *, refused: int) -> tuple[Remedy, ...]:
    """What may be said of the rejected rows of a log, the commonest first; `refused` of them there are in all."""
    lines: dict[str, set[int]] = {}
    for each in refusals:
        if each.column and _options(mapping, each.column, "", reason=each.reason):
            lines.setdefault(each.column, set()).add(each.line)
    reasons = {each.column: each.reason for each in refusals if each.column}
    found = []
    for column, words in _words_of(cells, lines, every=refused > len(refusals)).items():
        for word, rows in words.most_common(MOST_WORDS) if len(words) <= MOST_WORDS else ():
            options = _options(mapping, column, word, reason=reasons[column])
            if options and is_shown(word):
                meaning = meaning_of("outcomes", word)
                found.append(_remedy(column, word, rows, options, meaning))
    return tuple(sorted(found, key=lambda remedy: -remedy.rows))


def total_of_queues(mapping: Description, calls: Mapping[str, tuple[int, int]]) -> tuple[Remedy, ...]:
    """A queue that has as many calls, offered and abandoned, as all others together: it may be their total."""
    column, offered, abandoned = mapping.queue.column, *(sum(each[at] for each in calls.values()) for at in (0, 1))
    if column is None or len(calls) < 3:
        return ()
    halves = [queue for queue, each in calls.items() if (2 * each[0], 2 * each[1]) == (offered, abandoned)]
    about = 'The queue "{}" has as many calls as all other queues together. Is it their total?'
    return tuple(
        Remedy(column, queue, calls[queue][0], (LEFT_OUT, A_QUEUE), doubt=about.format(queue)) for queue in halves
    )


def _remedy(column: str, word: str, rows: int, options: Sequence[str], meaning: str) -> Remedy:
    """A remedy with the outcome that its word means first."""
    certain = meaning in options
    ordered = (meaning, *(option for option in options if option != meaning)) if certain else tuple(options)
    return Remedy(column, word, rows, ordered, certain)


def _options(mapping: Description, column: str, word: str, *, reason: str) -> tuple[str, ...]:
    """What may be said of rows that are rejected for a word in a column."""
    if reason.endswith("no outcome this mapping knows."):
        return (*OUTCOMES, LEFT_OUT)
    durations = {name for ways in mapping.durations.values() for way in ways for name in way.columns}
    if column in durations | {name for amount in mapping.amounts for name in amount.columns}:
        return (NOT_KNOWN, LEFT_OUT)
    if column == mapping.queue.column:
        return (LEFT_OUT,) if word else (NO_QUEUE, LEFT_OUT)
    return (LEFT_OUT,) if column in {name for when in mapping.entered for name in (when.column, when.day)} else ()


def _words_of(cells: Cells, lines: Mapping[str, Collection[int]], *, every: bool) -> dict[str, Counter[str]]:
    """How often each word is in the rejected rows, by column; where not every one is listed, in all of those words."""
    listed: dict[str, Counter[str]] = {column: Counter() for column in lines}
    in_all: dict[str, Counter[str]] = {column: Counter() for column in lines}
    for column, line, word in cells(tuple(lines)):
        in_all[column][word] += every
        listed[column][word] += line in lines[column]
    if every:
        return {column: Counter({word: in_all[column][word] for word in +listed[column]}) for column in listed}
    return {column: +words for column, words in listed.items()}
