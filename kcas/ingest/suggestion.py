"""Suggestion of a mapping for a file that no one has described, with the questions that the file leaves open.

Headings are compared with the synonyms in `words/` and every column's values with what its role needs. What neither
settles is a question, never a guess: without its answer there is no mapping.
"""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from kcas.calls.call import OUTCOMES
from kcas.errors import LogError
from kcas.ingest.file_rows import BEFORE, BLANK, HEADER, Row, header_of, rows_of, text_of_cell
from kcas.ingest.masking import masked
from kcas.ingest.reading import Log
from kcas.ingest.sniffing import Sniffed, sniff
from kcas.ingest.value_forms import (
    ORDERS,
    UNITS,
    DurationForm,
    MomentForm,
    counts,
    decimal_sign,
    duration_form,
    empty_words,
    moment_form,
    percentage_places,
    said,
)

WORDS = Path(__file__).parent / "words"
ROWS_LOOKED_AT = 200_000
MOST_WORDS = 40
"""Distinct texts in a column of outcomes or of kinds of call."""
NOT_AN_OUTCOME = "not an outcome"
LEAVE_OUT, COUNT = "leave out", "count"
NEEDED = {"calls": ("outcome",), "intervals": ("answered",)}
DURATION_ROLES = ("wait", "talk", "hold", "wrap")
SPOKEN = frozenset({"call", "calls", "in", "the", "of", "acd", "total", "number", "no", "count"})
_UNIT = re.compile(r"[\(\[](?:s|ms|sec|secs|seconds|min|mins|minutes|h?h?:?mm?:ss|hh:mm|utc|gmt|local)[\)\]]", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """Something that the file does not settle: its topic, in words, the answers there are, and what speaks for them."""

    topic: str
    words: str
    options: tuple[str, ...]
    evidence: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"topic": self.topic, "words": self.words, "options": list(self.options), "evidence": self.evidence}


@dataclass(frozen=True)
class Column:
    """A column of a file: its heading, the texts in its cells, and the role that its heading may mean."""

    name: str
    texts: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """Its distinct texts that say something."""
        return said(self.texts)


@dataclass
class Suggestion:
    """A mapping's tables, its open questions, and what was taken for certain, in words."""

    table: dict[str, Any]
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)  # word of the file -> outcome
    counts: dict[str, int] = field(default_factory=dict)  # word of the file -> rows that have it

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        questions = [question.to_dict() for question in self.questions]
        return {"mapping": self.table, "questions": questions, "notes": self.notes}


def suggest(log: Log, *, answers: Mapping[str, str] | None = None, key: str = "suggested") -> Suggestion:
    """The mapping of a file, given answers by topic. Raises LogError where it holds no table of calls."""
    sniffed = sniff(log)
    columns, layout = table_of(log, sniffed)
    file = _File(columns, answers or {}, Suggestion({"key": key, "words": "A file as it was suggested"}))
    file.suggestion.table["file"] = layout
    kind = _kind(file)
    maker = _calls if kind == "calls" else _intervals
    maker(file)
    return file.suggestion


@dataclass
class _File:
    """A file's columns, the answers to questions, and the suggestion as far as it has come."""

    columns: list[Column]
    answers: Mapping[str, str]
    suggestion: Suggestion
    roles: dict[str, Column] = field(default_factory=dict)

    def ask(self, question: Question) -> str:
        """The answer to a question; where there is none it stays open and its first option holds meanwhile."""
        answer = self.answers.get(question.topic)
        if answer is None:
            self.suggestion.questions.append(question)
            return question.options[0]
        return answer

    def note(self, words: str) -> None:
        """Say what was taken for certain."""
        self.suggestion.notes.append(words)


def table_of(log: Log, sniffed: Sniffed) -> tuple[list[Column], dict[str, Any]]:
    """The columns of a file with their texts, and the table [file] of its mapping."""
    layout = sniffed.layout
    if any(doubt.setting == "columns" for doubt in sniffed.unsure):
        raise LogError(f"{log.name}: no row looks like a header. Write the mapping by hand, with its columns.")
    rows = list(islice(rows_of(log, layout), ROWS_LOOKED_AT))
    header = header_of([row for row in rows if row.left_out == HEADER][: layout.header_rows])
    data = [row for row in rows if not row.left_out and not row.fault]
    if not header or not data:
        raise LogError(f"{log.name}: holds no table with a header and rows.")
    footer = _footers(rows)
    data = [row for row in data if _first(row) not in footer]
    texts = [[text_of_cell(cell) for cell in row.cells] for row in data]
    columns = [Column(name, tuple(row[place] for row in texts)) for place, name in enumerate(header) if name]
    twice = [name for name, times in Counter(header).items() if times > 1 and name]
    columns = [column for column in columns if column.name not in twice]
    return columns, _file_table(layout, footer)


def _file_table(layout: Any, footer: Sequence[str]) -> dict[str, Any]:
    """The table [file]: what differs from what is seen from each file anyway."""
    names = {";": "semicolon", "\t": "tab", "|": "bar", ",": "comma"}
    said_of: dict[str, Any] = {"kind": layout.kind}
    if layout.kind == "delimited":
        said_of |= {"delimiter": names.get(layout.delimiter, layout.delimiter), "encoding": layout.encoding}
    if layout.sheet:
        said_of["sheet"] = layout.sheet
    if footer:
        said_of["footer"] = list(footer)
    return said_of


def _footers(rows: Sequence[Row]) -> tuple[str, ...]:
    """The texts that rows of totals and closing lines begin with."""
    labels = {*_synonyms("totals", "label"), *_synonyms("totals", "closing")}
    around = (row for row in rows if row.left_out not in (BEFORE, HEADER, BLANK) and row.cells)
    return tuple(dict.fromkeys(first for row in around if plain(first := _first(row)) in labels))


def _first(row: Row) -> str:
    """The first text of a row."""
    return next((text for cell in row.cells if (text := text_of_cell(cell).strip())), "")


@cache
def _languages() -> tuple[dict[str, Any], ...]:
    """The synonyms of every language, English first."""
    paths = sorted(WORDS.glob("*.toml"), key=lambda path: (path.stem != "en", path.stem))
    return tuple(tomllib.loads(path.read_text(encoding="utf-8")) for path in paths)


@cache
def _synonyms(kind: str, role: str) -> tuple[str, ...]:
    """The headings or words of a role, in every language, as `plain` has them."""
    return tuple(plain(word) for words in _languages() for word in words.get(kind, {}).get(role, ()))


@cache
def plain(text: str) -> str:
    """A heading or word without case, accents, units and marks: "CallStart (UTC)" is "call start"."""
    text = _UNIT.sub(" ", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).casefold().replace("ß", "ss")
    text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w%]|_", " ", text).split())


def rank(kind: str, role: str, name: str) -> int | None:
    """How well a heading says a role: 0 is best; None where it does not."""
    heading, known = plain(name), _synonyms(kind, role)
    if heading in known:
        return 0
    bare = _bare(heading)
    return 1 if bare and bare in {_bare(each) for each in known} else None


def _bare(heading: str) -> str:
    """A heading without the words that say little."""
    return " ".join(word for word in heading.split() if word not in SPOKEN)


def _kind(file: _File) -> str:
    """Calls or intervals, by the columns there are. Raises LogError where they are neither."""
    numbers = {role: _named(file, "intervals", role, counts) for role in ("offered", "answered", "abandoned")}
    shares = [each for each in file.columns if rank("intervals", "share", each.name) is not None]
    outcome = _named(file, "calls", "outcome", _few)
    counted = sum(bool(found) for found in numbers.values()) + bool(shares)
    if counted >= 2 and not (outcome and _named(file, "calls", "id", _distinct)):
        return "intervals"
    if outcome or _named(file, "intervals", "abandoned", _few):
        return "calls"
    raise LogError(
        "This file has no columns that look like calls with their outcomes, or like calls offered, answered and "
        "abandoned. Bring the list of calls or the interval report of the queues."
    )


def _named(file: _File, kind: str, role: str, fits: Any) -> list[Column]:
    """The columns whose heading says a role and whose values fit it, the best first."""
    found = [(rank(kind, role, each.name), each) for each in file.columns]
    ranked = [(best, each) for best, each in found if best is not None and fits(each.texts)]
    return [each for _, each in sorted(ranked, key=lambda pair: pair[0])]


def _few(texts: Sequence[str]) -> bool:
    """Whether a column has few distinct texts, none of them a moment."""
    words = said(texts)
    return 0 < len(words) <= MOST_WORDS and not (len(words) > 2 and moment_form(words))


def _distinct(texts: Sequence[str]) -> bool:
    """Whether a column names each row or each call: few rows share a text."""
    words = said(texts)
    return bool(words) and len(words) > len([text for text in texts if text]) / 8 and not moment_form(words)


def _take(file: _File, kind: str, role: str, fits: Any) -> Column | None:
    """The column of a role. Where two are as likely, a person is asked."""
    taken = {id(each) for each in file.roles.values()}
    found = [each for each in _named(file, kind, role, fits) if id(each) not in taken]
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


def _moment(file: _File, kind: str) -> dict[str, Any]:
    """Where a row's moment stands. Raises LogError where no column has one."""
    whole = _take_moment(file, kind)
    if whole:
        return whole
    day = _take(file, kind, "day", lambda texts: _tells(texts, day=True, clock=False))
    clock = _take(file, kind, "clock", lambda texts: _tells(texts, day=False, clock=True))
    if not day:
        raise LogError("This file has no column with the date and time of its rows that can be read.")
    day_form = _form(file, day)
    if not clock:
        if kind == "calls":
            raise LogError("This file has dates and no times of day.")
        return {"column": day.name, "format": day_form[0]}
    written = moment_form(clock.texts)
    assert written is not None  # noqa: S101 (it was chosen by that)
    _halves(file, clock)
    told = {"column": clock.name, "format": written.form.text, "day": day.name, "day_format": day_form[0]}
    return told | ({"range": written.range} if written.range else {})


def _take_moment(file: _File, kind: str) -> dict[str, Any] | None:
    """The column with a day and a time, by its heading, or because it is the only one."""
    column = _take(file, kind, "moment", lambda texts: _tells(texts, day=True, clock=True))
    if column is None:
        alone = [each for each in file.columns if _tells(each.texts, day=True, clock=True)]
        column = alone[0] if len(alone) == 1 and not _only_later(alone[0]) else None
    if column is None:
        return None
    file.roles["moment"] = column
    _halves(file, column)
    written, marked_as = _form(file, column)
    return {"column": column.name, "format": written} | ({"range": marked_as} if marked_as else {})


def _only_later(column: Column) -> bool:
    """Whether a column's heading says that it is the moment of an answer or an end."""
    return any(rank("calls", role, column.name) is not None for role in ("answered_at", "ended_at"))


def _tells(texts: Sequence[str], *, day: bool, clock: bool) -> bool:
    """Whether a column's moments tell their day and their time of day."""
    written = moment_form(texts)
    if written is None:
        return False
    told = written.form
    has_clock = not told.parts or any(part.tells == "hour" for part in told.parts)
    return told.has_day == day and has_clock == clock


def _form(file: _File, column: Column) -> tuple[str, str]:
    """The form of a column's days, and a range's mark; the order of day and month is asked where both are possible."""
    written = moment_form(column.texts)
    assert written is not None  # noqa: S101 (it was chosen by that)
    order = next(iter(written.by_order))
    if len(written.by_order) > 1:
        order = file.ask(_about_order(column, written))
        order = order if order in written.by_order else next(iter(written.by_order))
    return written.by_order[order], written.range


def _about_order(column: Column, written: MomentForm) -> Question:
    options = tuple(order for order in ORDERS if order in written.by_order)
    return Question(
        "date_order", f"Which comes first in the dates of {column.name!r}?", options,
        f"No day is above the 12th: {column.words[0]!r} may be either.",
    )  # fmt: skip


def _halves(file: _File, column: Column) -> None:
    """Refuse a twelve-hour clock that has no AM and PM: which half a time is in cannot be said in a mapping."""
    hours = {int(found[1]) for text in column.words if (found := re.search(r"(?<!\d)(\d{1,2}):\d\d", text))}
    halves = any(re.search(r"\d ?[ap]\.? ?m", text, re.IGNORECASE) for text in column.words[:1])
    if not halves and hours and max(hours) <= 12 and min(hours) >= 1 and len(hours) >= 8:
        raise LogError(f"The times in {column.name!r} run from 1 to 12 without AM and PM. Export them on a 24-hour clock.")


def _zone(file: _File, written: str, name: str) -> None:
    """The zone that a heading names."""
    if re.search(r"\b(UTC|GMT)\b", name) and "ZZZ" not in written and "+hh" not in written:
        file.suggestion.table["zone"] = "UTC"


def _calls(file: _File) -> None:
    """A mapping whose rows are calls."""
    table = file.suggestion.table
    outcome = _take(file, "calls", "outcome", _few) or _take(file, "intervals", "abandoned", _few)
    if outcome is None:
        raise LogError("This file has no column that says how a call ended.")
    entered = _moment(file, "calls")
    _zone(file, entered["format"], entered["column"])
    _queue(file, "calls")
    identity = _take(file, "calls", "id", _distinct)
    leg = _take(file, "calls", "leg", _few)
    for role in ("agent", "caller"):
        if column := _take(file, "calls", role, bool):
            table[role] = {"column": column.name} | _unknown(column)
    _durations(file)
    table["entered"] = [entered]
    _identity(file, identity, leg)
    _directions(file)
    _outcomes(file, outcome)


def _queue(file: _File, kind: str) -> None:
    """The column of queues, or one name for all where there is none."""
    column = _take(file, kind, "queue", lambda texts: len(said(texts)) <= 500)
    if column is None:
        file.suggestion.table["queue"] = {"constant": "All calls"}
        file.note("No column names a queue: all calls are of one.")
        return
    told: dict[str, Any] = {"column": column.name}
    if any(not text.strip() for text in column.texts):
        told["otherwise"] = "(no queue)"
    file.suggestion.table["queue"] = told
    labels = [word for word in column.words if plain(word) in _synonyms("totals", "label")]
    if labels and len(column.words) > len(labels):
        file.suggestion.table.setdefault("ignore", []).append({"when": {column.name: labels}, "rule": "a total"})
        file.note(f"Rows whose {column.name} is {', '.join(labels)} are totals and left out.")


def _unknown(column: Column) -> dict[str, Any]:
    """The texts of a column that mean that nothing is known."""
    words = empty_words(column.texts)
    return {"unknown": words} if words else {}


def _durations(file: _File) -> None:
    """The durations of a call, and its wait as a difference where two moments tell it."""
    for role in DURATION_ROLES:
        column = _take(file, "calls", role, lambda texts: duration_form("", texts) is not None)
        if column:
            written = _unit(file, column)
            told = {"column": column.name, "format": written.format, **_unknown(column)}
            file.suggestion.table[role] = told
    later = [
        _take(file, "calls", role, lambda texts: _tells(texts, day=True, clock=True)) for role in ("answered_at", "ended_at")
    ]
    entered = file.roles.get("moment")
    if "wait" not in file.suggestion.table and entered and later[0]:
        ends = [column for column in later if column]
        forms = {tuple((moment_form(column.texts) or MomentForm({})).by_order.items()) for column in ends}
        written = moment_form(entered.texts)
        if written and forms == {tuple(written.by_order.items())}:
            form, _ = _form(file, entered)
            file.suggestion.table["wait"] = {"until": [column.name for column in ends], "format": form}
            file.note(f"The wait is the time from {entered.name} to {ends[0].name}.")


def _unit(file: _File, column: Column) -> DurationForm:
    """The form of a column's durations; its unit is asked where it is not certain."""
    written = duration_form(column.name, column.texts)
    assert written is not None  # noqa: S101 (it was chosen by that)
    if written.decimal:
        file.suggestion.table["decimal"] = written.decimal
    if not written.options:
        return written
    unit = file.ask(
        Question(f"unit:{column.name}", f"In what unit is {column.name!r}?", written.options, written.evidence)
    )
    return DurationForm(UNITS.get(unit, "s"), decimal=written.decimal)


def _identity(file: _File, identity: Column | None, leg: Column | None) -> None:
    """What tells a call from all others: its number, with its queue where it was passed on."""
    table = file.suggestion.table
    rows = list(zip(*(column.texts for column in file.columns), strict=True))
    if identity is None:
        if len(set(rows)) < len(rows):
            _ask_repeats(file, len(rows) - len(set(rows)))
        return
    table["leg"] = table["contact"] = [identity.name]
    if len(identity.words) == len([text for text in identity.texts if text.strip()]):
        return
    calls: dict[str, set[tuple[str, ...]]] = {}
    for number, row in zip(identity.texts, rows, strict=True):
        calls.setdefault(number, set()).add(row)
    several = {number for number, found in calls.items() if len(found) > 1}
    if not several:
        file.note("Rows come more than once, the same in every cell: each is counted once.")
        return
    _several_rows(file, identity, several, leg)


def _ask_repeats(file: _File, times: int) -> None:
    """Ask about rows that are the same, where no number tells whether they are one call."""
    about = f"{times:,} rows are the same as another, and no column has a number of the call. Are they one call each?"
    answer = file.ask(Question("repeated_rows", about, ("count once", "count each"), f"{times:,} rows"))
    if answer == "count once":
        file.suggestion.table["leg"] = [column.name for column in file.columns]


def _several_rows(file: _File, identity: Column, several: set[str], leg: Column | None) -> None:
    """A call in several rows: passed on to other queues, or offered to several telephones."""
    table, queue, outcome = file.suggestion.table, file.roles.get("queue"), file.roles["outcome"]
    vain = {word for word in outcome.words if plain(word) in _synonyms("outcomes", "ringing_in_vain")}
    queues: Counter[tuple[str, str]] = Counter()
    if queue:
        table["leg"] = [identity.name, queue.name]
        keys = zip(identity.texts, queue.texts, outcome.texts, strict=True)
        queues = Counter((number, name) for number, name, word in keys if word.strip() not in vain)
    if vain or (queues and max(queues.values()) == 1):
        table["same_leg"] = "one call"
        file.note("Rows with the same number are one call, or one stay in each queue.")
        return
    about = f"{len(several):,} calls have several rows with the same number. What are they?"
    options = ("one call", "count each")
    if file.ask(Question("legs", about, options, f"{len(several):,} numbers come again")) == "one call":
        table["same_leg"] = "one call"
    elif leg:
        table["leg"] = [*table["leg"], leg.name]


def _directions(file: _File) -> None:
    """Outgoing and internal calls are left out, and contacts that are no calls."""
    column = _take(file, "calls", "direction", _few)
    if column:
        known = {word: _meaning("directions", word) for word in column.words}
        if any(known.values()):
            out = [word for word, meaning in known.items() if meaning in ("out", "internal")]
            out += [word for word, meaning in known.items() if not meaning and _left_out(file, column, word)]
            _ignore(file, column, out, "an outgoing or internal call")
    media = _take(file, "calls", "media", _few)
    if media:
        _ignore(file, media, [word for word in media.words if _meaning("media", word) == "other"], "not a telephone call")


def _left_out(file: _File, column: Column, word: str) -> bool:
    question = Question(
        f"direction:{word}", f"Are rows whose {column.name} is {masked(word)!r} incoming calls?", (COUNT, LEAVE_OUT),
        f"{column.texts.count(word):,} rows",
    )  # fmt: skip
    return file.ask(question) == LEAVE_OUT


def _ignore(file: _File, column: Column, words: Sequence[str], rule: str) -> None:
    """Leave out the rows with these words, and say so."""
    if words:
        file.suggestion.table.setdefault("ignore", []).append({"when": {column.name: list(words)}, "rule": rule})
        file.note(f"Rows whose {column.name} is {', '.join(map(masked, words))} are left out: {rule}.")


def _meaning(kind: str, word: str) -> str:
    """What a word means in any of the languages; empty where they do not know it."""
    known: dict[str, None] = {role: None for words in _languages() for role in words.get(kind, {})}
    return next((role for role in known if plain(word) in _synonyms(kind, role)), "")


def _outcomes(file: _File, column: Column) -> None:
    """A rule for each word that says how a call ended; a word that the glossary does not settle is asked."""
    suggestion = file.suggestion
    left_out = {word for rule in suggestion.table.get("ignore", ()) for word in rule["when"].get(column.name, ())}
    counted = Counter(text.strip() for text in column.texts)
    suggestion.counts = dict(counted)
    one_call = suggestion.table.get("same_leg") == "one call"
    rules: dict[str, list[str]] = {}
    for word, times in counted.items():
        if word in left_out:
            continue
        outcome = _outcome(file, column, word, times, one_call=one_call)
        suggestion.outcomes[word] = outcome
        if outcome != "ringing_in_vain":
            rules.setdefault(outcome, []).append(word)
    _ignore(file, column, rules.pop(NOT_AN_OUTCOME, []), "not a call that ended")
    order = sorted(rules, key=list(OUTCOMES).index)
    suggestion.table["outcome"] = [{"when": {column.name: rules[each]}, "gives": each} for each in order]


def _outcome(file: _File, column: Column, word: str, times: int, *, one_call: bool) -> str:
    """The outcome that a word means, or the answer to the question about it."""
    meaning = _meaning("outcomes", word)
    if meaning and (meaning != "ringing_in_vain" or one_call):
        return meaning
    example = "No cell" if not word else masked(word)
    about = f"{times:,} rows say {example!r} in {column.name!r}. How did these calls end?"
    return file.ask(Question(f"outcome:{word}", about, (*OUTCOMES, NOT_AN_OUTCOME), f"{times:,} rows"))


def _intervals(file: _File) -> None:
    """A mapping whose rows are a queue's intervals."""
    table = file.suggestion.table
    table["kind"] = "intervals"
    amounts = _amounts(file)
    _queue(file, "intervals")
    start = _moment(file, "intervals")
    _zone(file, start["format"], start["column"])
    table["start"], table["length"] = start, _length(file, start)
    table["amount"] = amounts


def _amounts(file: _File) -> list[dict[str, Any]]:
    """The measures of an interval table."""
    found = {role: _take(file, "intervals", role, counts) for role in ("offered", "answered", "abandoned")}
    told = [{"column": column.name, "measure": _MEASURES[role]} for role, column in found.items() if column]
    if not found["abandoned"]:
        told.append(_abandoned_otherwise(file, found["offered"], found["answered"]))
    elif found["offered"] and found["answered"]:
        _check_sums(file, found["offered"], found["answered"], found["abandoned"])
    signs = {decimal_sign(column.texts) for column in found.values() if column} - {""}
    if len(signs) == 1:
        file.suggestion.table["decimal"] = signs.pop()
    for role, measure, base in (("asa", "wait_answered", "answered"), ("ata", "wait_abandoned", "abandoned")):
        column, of = _take(file, "intervals", role, lambda texts: duration_form("", texts) is not None), found[base]
        if column and of:
            written = _unit(file, column)
            told.append({"column": column.name, "measure": measure, "format": written.format, "times": of.name} | _unknown(column))
    if "asa" not in file.roles and (
        total := _take(file, "intervals", "wait", lambda texts: duration_form("", texts) is not None)
    ):
        told.append({"column": total.name, "measure": "wait_answered", "format": _unit(file, total).format})
    return told


_MEASURES = {"offered": "offered", "answered": "answered", "abandoned": "abandoned_total"}


def _abandoned_otherwise(file: _File, offered: Column | None, answered: Column | None) -> dict[str, Any]:
    """Abandoned calls where no column counts them: by their share, or as the difference that a person confirms."""
    column = _take(file, "intervals", "share", lambda texts: percentage_places(texts) is not None)
    if column and offered:
        most = max(float(re.sub(r"\D", "", text) or 0) for text in offered.texts)
        if most * 0.5 * 10.0 ** -(percentage_places(column.texts) or 0) / 100 >= 0.5:
            raise LogError(
                f"Abandoned calls stand only as percentages in {column.name!r}, too coarse for their number. "
                "Bring a report that counts them."
            )
        return {"column": column.name, "measure": "abandoned_total", "percent_of": offered.name}
    if not offered or not answered:
        raise LogError("This table has no column of abandoned calls, and none to work them out from.")
    options = ("offered less answered", "not known")
    about = "No column counts abandoned calls. Were all calls that were not answered abandoned?"
    answer = file.ask(Question("abandoned", about, options, f"{offered.name} and {answered.name} are counted"))
    if answer != options[0]:
        raise LogError("Without abandoned calls there is no rate. Bring a report that counts them.")
    return {"column": offered.name, "less": answered.name, "measure": "abandoned_total"}


def _check_sums(file: _File, offered: Column, answered: Column, abandoned: Column) -> None:
    """Ask which column is meant where more calls are answered and abandoned than were offered."""
    rows = [
        [int(re.sub(r"[.,]0+$|\D", "", text) or 0) for text in row]
        for row in zip(offered.texts, answered.texts, abandoned.texts, strict=True)
    ]
    over = sum(some[1] + some[2] > some[0] for some in rows)
    if over > len(rows) / 4:
        about = f"In {over:,} of {len(rows):,} rows more calls were answered and abandoned than offered. Which is right?"
        name = file.ask(Question("column:offered", about, (offered.name, "none"), f"{over:,} rows"))
        if name == "none":
            file.suggestion.notes.append("The calls offered are those answered and abandoned.")


def _length(file: _File, start: Mapping[str, Any]) -> Any:
    """How long an interval is: as its range says, or the smallest step between two."""
    if start.get("range"):
        return "range"
    columns = {column.name: column for column in file.columns}
    steps, has_clock = _steps(columns, start)
    if has_clock:
        minutes = min(steps, default=0)
        if minutes in (15, 30, 60):
            return f"{minutes} min"
    elif "D" not in start["format"]:
        return "month"
    elif steps and min(steps) == 1440:
        return "day"
    elif steps and all(step % 10080 == 0 for step in steps):
        return "week"
    elif steps and min(steps) >= 28 * 1440:
        return "month"
    options = {"half-hour": "30 min", "hour": "60 min", "quarter-hour": "15 min", "day": "day", "week": "week", "month": "month"}
    evidence = f"the smallest step between two is {min(steps, default=0):,} minutes"
    return options.get(file.ask(Question("length", "How long is an interval?", tuple(options), evidence)), "day")


def _steps(columns: Mapping[str, Column], start: Mapping[str, Any]) -> tuple[set[int], bool]:
    """The steps between intervals in minutes, and whether they tell a time of day."""
    from kcas.ingest.moment_forms import MINUTE, form

    read = form(start["format"], where="a column")
    has_clock = not read.parts or any(part.tells == "hour" for part in read.parts)
    moments = sorted({read(text) // MINUTE for text in columns[start["column"]].words})
    return {second - first for first, second in zip(moments, moments[1:], strict=False)} - {0}, has_clock


def toml_of(suggestion: Suggestion) -> str:
    """The mapping as commented TOML, its open questions and what was taken for certain first."""
    lines = ["# A suggested mapping. Look at it, change what is wrong, and name it."]
    for question in suggestion.questions:
        lines.append(f"# NOT CERTAIN: {_comment(question.words)} ({', '.join(question.options)}) {_comment(question.evidence)}")
    lines += [f"# {_comment(note)}" for note in suggestion.notes]
    tables: list[str] = []
    for key, value in suggestion.table.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for one in value:
                tables += ["", f"[[{key}]]", *(f"{_name(name)} = {_value(each)}" for name, each in one.items())]
        elif key == "file":
            tables += ["", "[file]", *(f"{_name(name)} = {_value(each)}" for name, each in value.items())]
        else:
            lines.append(f"{_name(key)} = {_value(value)}")
    return "\n".join([*lines, *tables, ""])


def _comment(text: str) -> str:
    """A text that stays in its comment's line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _name(key: str) -> str:
    """A key, quoted where it must be."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quoted(key)


def _value(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_name(key)} = {_value(each)}' for key, each in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    """A text between quotation marks, every character that means something written out."""
    plain_text = "".join(
        f"\\u{ord(letter):04x}" if not letter.isprintable() else f"\\{letter}" if letter in '"\\' else letter
        for letter in text
    )
    return f'"{plain_text}"'
