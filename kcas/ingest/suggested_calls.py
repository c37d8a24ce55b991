"""Suggestion of a mapping for a file whose rows are calls."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from kcas.calls.call import OUTCOMES
from kcas.errors import LogError
from kcas.ingest.column_roles import (
    MOST_WORDS,
    Column,
    OpenFile,
    Question,
    column_of,
    is_category,
    is_reference,
    leave_out_rows,
    meaning_of,
    normalised,
    queue_of,
    rank,
    set_queue,
    synonyms,
    unit_of_column,
    unknown_words,
)
from kcas.ingest.masking import masked
from kcas.ingest.suggested_moments import (
    entry_of_rows,
    form_of_column,
    queue_filled_down,
    set_zone,
    tells,
)
from kcas.ingest.value_forms import (
    MomentForm,
    duration_form,
    moment_form,
)

NOT_AN_OUTCOME = "not an outcome"
OUTCOME_OPTIONS = (*OUTCOMES, NOT_AN_OUTCOME)
"""What a word that says how a call ended may count as."""


LEAVE_OUT = "leave out"


DURATION_ROLES = ("wait", "talk", "hold", "wrap")


def calls_of_file(file: OpenFile) -> None:
    """A mapping whose rows are calls."""
    table = file.suggestion.table
    outcome = column_of(file, "calls", "outcome", is_category) or column_of(file, "intervals", "abandoned", is_category)
    if outcome is None:
        raise LogError("This file has no column that says how a call ended.")
    entered = entry_of_rows(file, "calls")
    set_zone(file, entered["format"], entered["column"])
    set_queue(file, queue_filled_down(file, queue_of(file, "calls")))
    identity = column_of(file, "calls", "id", is_reference)
    leg = column_of(file, "calls", "leg", is_category)
    for role in ("agent", "caller"):
        if column := column_of(file, "calls", role, bool):
            table[role] = {"column": column.name} | unknown_words(column)
    _durations(file, whole_day="afternoon_before" not in entered)
    table["entered"] = [entered]
    _directions(file)
    _identity(file, identity, leg)
    _outcomes(file, outcome)


def _durations(file: OpenFile, *, whole_day: bool) -> None:
    """The durations of a call, and its wait as a difference where two moments of a clock of 24 hours tell it."""
    for role in DURATION_ROLES:
        column = column_of(file, "calls", role, lambda texts: duration_form("", texts) is not None)
        if column:
            written = unit_of_column(file, column)
            told = {"column": column.name, "format": written.format, **unknown_words(column)}
            file.suggestion.table[role] = told
    if "wait" not in file.suggestion.table and whole_day:
        _wait_by_difference(file)


def _wait_by_difference(file: OpenFile) -> None:
    """The wait as the time from the entry to the answer, or else to the end, where these moments have their days."""
    later = [
        column_of(file, "calls", role, lambda texts: tells(texts, day=True, clock=True))
        for role in ("answered_at", "ended_at")
    ]
    entered, ends = file.roles.get("moment") or file.roles.get("day"), [column for column in later if column]
    if entered is None or later[0] is None:
        return
    orders = (moment_form(entered.texts) or MomentForm({})).by_order
    forms = {tuple((moment_form(column.texts) or MomentForm({})).by_order.items()) for column in ends}
    if len(forms) == 1 and (form := dict(forms.pop()).get(next(iter(orders), ""))):
        form = form if len(orders) == 1 else form_of_column(file, later[0])[0]
        file.suggestion.table["wait"] = {"until": [column.name for column in ends], "format": form}
        clock = file.roles.get("clock", entered)
        file.note(f"The wait is the time from {clock.name} to {later[0].name}.")


def _identity(file: OpenFile, identity: Column | None, leg: Column | None) -> None:
    """What tells a call from all others: its number, with its queue where it was passed on."""
    table = file.suggestion.table
    counted = [place for place in range(len(file.columns[0].texts)) if not _is_left_out(file, place)]
    rows = [tuple(column.texts[place] for column in file.columns) for place in counted]
    if identity is None:
        if len(set(rows)) < len(rows):
            _ask_repeats(file, len(rows) - len(set(rows)))
        return
    table["leg"] = table["contact"] = [identity.name]
    if len(identity.words) == len([text for text in identity.texts if text.strip()]):
        return
    calls: dict[str, set[tuple[str, ...]]] = {}
    for place, row in zip(counted, rows, strict=True):
        calls.setdefault(identity.texts[place], set()).add(row)
    several = {number for number, found in calls.items() if len(found) > 1}
    if not several:
        file.note("Rows come more than once, the same in every cell: each is counted once.")
        return
    _several_rows(file, identity, several, leg)


def _is_left_out(file: OpenFile, place: int) -> bool:
    """Whether a rule of the mapping leaves a row out."""
    columns = {column.name: column for column in file.columns}
    rules = (rule["when"].items() for rule in file.suggestion.table.get("ignore", ()))
    return any(columns[name].texts[place].strip() in words for when in rules for name, words in when)


def _ask_repeats(file: OpenFile, times: int) -> None:
    """Ask about rows that are the same, where no number tells whether they are one call."""
    about = f"{times:,} rows are the same as another, and no column has a number of the call. Are they one call each?"
    answer = file.ask(Question("repeated_rows", about, ("count once", "count each"), f"{times:,} rows"))
    if answer == "count once":
        file.suggestion.table["leg"] = [column.name for column in file.columns]


def _several_rows(file: OpenFile, identity: Column, several: set[str], leg: Column | None) -> None:
    """A call in several rows: passed on to other queues, or offered to several telephones."""
    table, queue, outcome = file.suggestion.table, file.roles.get("queue"), file.roles["outcome"]
    vain = {word for word in outcome.words if normalised(word) in synonyms("outcomes", "ringing_in_vain")}
    queues: Counter[tuple[str, str]] = Counter()
    if queue:
        table["leg"] = [identity.name, queue.name]
        rows = set(zip(*(column.texts for column in file.columns), strict=True))  # each row once
        number, name, word = (file.columns.index(column) for column in (identity, queue, outcome))
        queues = Counter((row[number], row[name]) for row in rows if row[word].strip() not in vain)
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


def _directions(file: OpenFile) -> None:
    """Outgoing and internal calls are left out, and contacts that are no calls."""
    column = column_of(file, "calls", "direction", is_category)
    if column:
        known = {word: meaning_of("directions", word) for word in column.words}
        if any(known.values()):
            out = [word for word, meaning in known.items() if meaning in ("out", "internal")]
            out += [word for word, meaning in known.items() if not meaning and _left_out(file, column, word)]
            leave_out_rows(file, column, out, "an outgoing or internal call")
    media = column_of(file, "calls", "media", is_category)
    if media:
        leave_out_rows(
            file, media, [word for word in media.words if meaning_of("media", word) == "other"], "not a telephone call"
        )


def _left_out(file: OpenFile, column: Column, word: str) -> bool:
    question = Question(
        f"direction:{word}", f"Are rows whose {column.name} is {masked(word)!r} incoming calls?", ("count", LEAVE_OUT),
        f"{column.texts.count(word):,} rows",
    )  # fmt: skip
    return file.ask(question) == LEAVE_OUT


def _outcomes(file: OpenFile, column: Column) -> None:
    """A rule for each word that says how a call ended; a word that the glossary does not settle is asked."""
    suggestion = file.suggestion
    left_out = {word for rule in suggestion.table.get("ignore", ()) for word in rule["when"].get(column.name, ())}
    counted = Counter(text.strip() for text in column.texts)
    suggestion.counts = dict(counted)
    suggestion.examples = _examples(file, column)
    one_call = suggestion.table.get("same_leg") == "one call"
    rules: dict[str, list[str]] = {}
    likely = _likely_outcomes(file, column, counted)
    for word, times in counted.items():
        if word in left_out:
            continue
        if masked(word) != word:  # it may be a person's number, and a mapping is a file that is shared
            file.note(
                f"{times:,} rows say {masked(word)!r} in {column.name!r}: they are rejected, as it holds a number."
            )
            continue
        outcome = _outcome(file, column, word, times, one_call=one_call, likeliest=likely[word])
        suggestion.outcomes[word] = outcome
        if outcome != "ringing_in_vain":
            rules.setdefault(outcome, []).append(word)
    leave_out_rows(file, column, rules.pop(NOT_AN_OUTCOME, []), "not a call that ended")
    order = sorted(rules, key=list(OUTCOMES).index)
    suggestion.table["outcome"] = [{"when": {column.name: rules[each]}, "gives": each} for each in order]


def _examples(file: OpenFile, column: Column) -> dict[str, str]:
    """The first row of each word in a few of its cells: when, where, how long. Callers and agents are left out."""
    shown = [file.roles[role] for role in ("moment", "day", "clock", "queue", "wait", "talk") if role in file.roles]
    found: dict[str, str] = {}
    for number, text in enumerate(column.texts):
        if text.strip() not in found:
            found[text.strip()] = masked(" · ".join(each.texts[number] for each in shown if each.texts[number]))
    return found


def _outcome(file: OpenFile, column: Column, word: str, times: int, *, one_call: bool, likeliest: str) -> str:
    """The outcome that a word means, or the answer to the question about it."""
    meaning = meaning_of("outcomes", word)
    if meaning and (meaning != "ringing_in_vain" or one_call) and f"outcome:{word}" not in file.answers:
        return meaning
    example = "No cell" if not word else masked(word)
    about = f"{times:,} rows say {example!r} in {column.name!r}. How did these calls end?"
    evidence = f"{times:,} rows"
    return file.ask(Question(f"outcome:{word}", about, OUTCOME_OPTIONS, evidence, "outcomes", likeliest))


YES, NO = ("y", "yes", "true", "t", "1"), ("n", "no", "false", "f", "0")


def _likely_outcomes(file: OpenFile, column: Column, counted: Counter[str]) -> dict[str, str]:
    """The likeliest outcome of each word, to be confirmed by a person; empty where nothing speaks for one.

    A word with talk is answered. Of the others, what is in the word itself counts, then how often it is there.
    """
    spoken = _spoken(file, column)
    says_abandoned = rank("intervals", "abandoned", column.name) is not None
    found = dict.fromkeys(counted, "")
    for word, times in counted.items():
        if says_abandoned and normalised(word) in (*YES, *NO):
            found[word] = "abandoned" if normalised(word) in YES else "answered"
        elif spoken and spoken[word] > times / 2:
            found[word] = "answered"
        else:
            found[word] = meaning_of("outcomes", word) or _outcome_within(word)
            found[word] = "" if spoken and found[word] == "answered" else found[word]
    silent = [word for word, _ in counted.most_common() if word and not found[word]]
    if spoken and silent and "abandoned" not in found.values():
        found[silent[0]] = "abandoned"
    return {word: outcome if outcome in OUTCOMES else "" for word, outcome in found.items()}


def _spoken(file: OpenFile, column: Column) -> Counter[str]:
    """How many rows of each word have a talk; none at all where no column says it."""
    talk = file.roles.get("talk")
    if talk is None:
        return Counter()
    rows = zip(column.texts, talk.texts, strict=True)
    return Counter(word.strip() for word, text in rows if re.search("[1-9]", text))


def _outcome_within(word: str) -> str:
    """The outcome of which a word holds a known word or a likely part."""
    text = f" {normalised(word)} "
    for kind in ("likely_outcomes", "outcomes"):
        for outcome in reversed(OUTCOMES):  # "menu hang-up": the narrower word decides
            if any(f" {known} " in text for known in synonyms(kind, outcome)):
                return "" if outcome == "answered" and re.search(" (not|no) ", text) else outcome
    return ""


def roles_by_values(file: OpenFile) -> dict[str, str]:
    """Answers with the columns of a file without a header, one list of questions with what their values look like."""
    likely = _likely_columns(file.columns)
    answers, examples = dict(file.answers), {each.name: _example(each) for each in file.columns}
    names = tuple(each.name for each in file.columns)
    for role, column in likely.items():
        words = f"The file has no header. Which column is the {role.replace('_', ' ')}?"
        evidence = f"{column.name}: {examples[column.name]}"
        question = Question(f"column:{role}", words, (*names, "none"), evidence, "columns", column.name)
        name = file.ask(question, meanwhile=column.name)
        answers[question.topic] = name
    return {topic: answer for topic, answer in answers.items() if answer != "none" or not topic.startswith("column:")}


def _example(column: Column) -> str:
    """What a person needs to see of a column that has no name: a few of its texts, numbers masked, if they are few."""
    words = column.words
    shown = words[:3] if len(words) <= MOST_WORDS or duration_form("", words) or moment_form(words) else []
    return ", ".join(map(masked, shown)) or f"{len(words):,} different texts"


def _likely_columns(columns: Sequence[Column]) -> dict[str, Column]:
    """The likeliest column of each role by its values. Raises LogError where none says how calls ended."""
    texts = {each.name: [text.strip() for text in each.texts] for each in columns}
    known = {each.name: sum(bool(meaning_of("outcomes", text)) for text in texts[each.name]) for each in columns}
    outcome = max(columns, key=lambda each: known[each.name])
    if known[outcome.name] < len(outcome.texts) / 2:
        raise LogError("This file has no header, and no column that says how its calls ended.")
    found = {"outcome": outcome}
    left = [each for each in columns if each is not outcome and each.words]

    def take(role: str, fits: Callable[[Column], bool]) -> None:
        for column in left:
            if fits(column):
                found[role] = column
                left.remove(column)
                return

    take("moment", lambda each: tells(each.texts, day=True, clock=True))
    if "moment" not in found:
        take("day", lambda each: tells(each.texts, day=True, clock=False))
        take(
            "clock", lambda each: tells(each.texts, day=False, clock=True) and not _is_spoken(each, outcome, "answered")
        )
    take("caller", lambda each: all(_TELEPHONE.fullmatch(text) for text in each.words))
    take("direction", lambda each: all(meaning_of("directions", text) for text in each.words))
    take("id", lambda each: len(each.words) == len(each.texts) and is_reference(each.texts))
    durations = [each for each in left if duration_form("", each.texts)]
    left = [each for each in left if each not in durations]
    take("queue", lambda each: is_category(each.texts) and all(each.texts))
    waits = [each for each in durations if _is_spoken(each, outcome, "abandoned")]
    talks = [each for each in durations if each not in waits and _is_spoken(each, outcome, "answered")]
    found |= {"wait": waits[0]} if len(waits) == 1 else {}
    found |= {"talk": talks[0]} if talks else {}
    return found


_TELEPHONE = re.compile(r"[+0][\d ()-]{8,}")


def _is_spoken(column: Column, outcome: Column, meaning: str) -> bool:
    """Whether most rows of an outcome have a value in a column that is not zero."""
    rows = zip(outcome.texts, column.texts, strict=True)
    values = [text for word, text in rows if meaning_of("outcomes", word.strip()) == meaning]
    return bool(values) and sum(bool(re.search("[1-9]", text)) for text in values) > len(values) / 2
