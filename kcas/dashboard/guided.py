"""Guided reading on the Data page: what an uploaded file is, what it does not settle, what it comes to.

A file is looked at in a folder that is the user's alone and removed at once; the page keeps only the questions, the
answers and the totals. Nothing is stored before the totals have been confirmed.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import polars as pl
import streamlit as st

from kcas.api.guided import (
    QUESTION_LISTS,
    Difference,
    Identified,
    Question,
    Suggestion,
    Trial,
    checked_name,
    differences,
    explained,
    history_of,
    identify,
    keep_mapping,
    outcome_choices,
    rows_in_words,
    suggest_mapping,
    toml_of,
    try_mapping,
    with_remedies,
)
from kcas.dashboard import display, session
from kcas.dashboard.job_requests import safe_name

NEW = (
    "This format is not known yet. kcas suggests how to read the file and asks what the file does not settle. Nothing "
    "is stored until you have confirmed the totals. The description is then kept, and reads next month's file."
)
OTHERS = "The other files that are not known yet are read with it where they have the same columns."
CHANGED = "The description kept before still holds for everything else. Say what has become of these columns."
SOME_REJECTED = (
    "This file is read by the format kept under this name, but some of its rows would be rejected. Say what they mean, "
    "or read the file without them."
)
HEADINGS = {
    "line": "Line", "entered": "Entered", "queue": "Queue", "outcome": "Outcome", "wait": "Wait (s)",
    "talk": "Talk (s)", "start": "From", "end": "To", "offered": "Offered", "answered": "Answered",
    "abandoned": "Abandoned", "abandoned_total": "Abandoned", "wait_answered": "Wait of answered calls (s)",
    "wait_abandoned": "Wait of abandoned calls (s)",
}  # fmt: skip
TRIED_UP_TO = 64 << 20
"""Bytes of a file of a kept format that is read on trial for rejected rows; a larger one is imported at once."""
FEW_WORDS = 6
"""Words of outcomes that are listed unfolded."""
_STATE = "guided"
_ONE = Lock()
"""One file is tried at a time for all visitors: each trial reads the whole file."""


@dataclass
class _Open:
    """An uploaded file: what it is, the questions asked and answered so far, and what it came to."""

    file: str
    what: Identified
    questions: dict[str, Question] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    suggested: dict[tuple[str, ...], Suggestion] = field(default_factory=dict)
    remedies: dict[str, str] = field(default_factory=dict)
    tried: dict[str, Trial] = field(default_factory=dict)
    differences: dict[tuple[str, str], list[Difference]] = field(default_factory=dict)


def readable(files: Sequence[Any]) -> list[Any]:
    """The uploaded files that can be read as they are; of the others the page says what they are."""
    if any(file.name.lower().endswith(".toml") for file in files):  # a mapping that says how to read the others
        return list(files)
    found, states = [], st.session_state.setdefault(_STATE, {})
    for gone in states.keys() - {file.file_id for file in files}:
        del states[gone]
    for file in files:
        with display.door():
            what = _opened(file).what
            if what.state == "no log":
                st.error(display.plain(what.words), icon=":material/error:")
            elif what.state in ("known", "kept"):
                found.append(file)
    return found


def describe(files: Sequence[Any]) -> list[Any]:
    """Guide a person through the first file that cannot be read as it is.

    Once its mapping is kept: that file, and all the others that can be read now.
    """
    if any(file.name.lower().endswith(".toml") for file in files):
        return []
    for file in files:
        with display.door():
            state = _opened(file)
            unread = state.what.state in ("changed", "unknown")
            if unread and not _described(file, state, files):
                return []
            if unread or (state.what.state == "kept" and file.size <= TRIED_UP_TO and _corrected(file, state)):
                st.session_state[_STATE] = {}  # what was not known may be known by the mapping just kept
                return [each for each in files if _opened(each).what.state in ("known", "kept")]
    return []


def _described(file: Any, state: _Open, files: Sequence[Any]) -> bool:
    """Describe a file whose format is not known, or has changed; whether its mapping has been confirmed and is kept."""
    changed = state.what.state == "changed"
    with st.container(border=True):
        st.subheader(display.plain(file.name), anchor=False)
        why = state.what.words.partition(": ")[2].partition(". Nothing was read")[0]
        display.note(f"It has {why}. {CHANGED}" if changed else NEW)
        if sum(_opened(each).what.state in ("changed", "unknown") for each in files) > 1:
            display.note(OTHERS)
        suggestion = _suggestion(file, state)
        _ask(state)
        if suggestion.questions:
            return False
        if suggestion.notes:
            display.note(" ".join(f"{each.rstrip('.')}." for each in suggestion.notes))
        _outcomes(state, suggestion)
        mapping = _tried(file, state, toml_of(suggestion))
        return _kept(state, mapping, name=state.what.format or _name_from(file))


def _corrected(file: Any, state: _Open) -> bool:
    """Say of a file of a kept format which rows would be rejected; whether its mapping now says what they mean."""
    mapping = state.what.mapping
    if not _trial(file, state, mapping).remedies:
        return False
    with st.container(border=True):
        st.subheader(display.plain(f"{file.name}: {state.what.format}"), anchor=False)
        display.note(SOME_REJECTED)
        changed = _tried(file, state, mapping)
        return bool(state.remedies) and _kept(state, changed, name=state.what.format)


def _tried(file: Any, state: _Open, mapping: str) -> str:
    """Show what the file comes to by a mapping and take the remedies chosen; the mapping with them."""
    first = _trial(file, state, mapping)
    place = st.container()
    _remedy(state, first)
    mapping = with_remedies(mapping, state.remedies, first.remedies) if state.remedies else mapping
    trial = _trial(file, state, mapping)
    with place:
        _show(trial)
    _compare(file, state, trial, mapping)
    return mapping


def _kept(state: _Open, mapping: str, *, name: str) -> bool:
    """Ask who describes the format and under which name; whether it is kept now."""
    history = history_of(session.store())
    left, right = st.columns(2)
    name = left.text_input("Name of this format", name, key=f"guided_name_{state.file}")
    by = right.text_input("Your name, kept with the description", history[-1]["by"] if history else "", key="guided_by")
    with display.door():
        mapping = re.sub(r'(?m)^key *= *"[^"]*"', f'key = "{checked_name(name)}"', mapping, count=1)
        if st.button("Yes, that is right: keep the description and read it in", key="guided_yes", type="primary"):
            keep_mapping(session.store(), mapping, name=name, by=by)
            return True
        st.download_button(
            "Download the mapping (TOML)", mapping, file_name=f"{name}.toml", mime="application/toml",
            key="guided_mapping", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
    return False


def _name_from(file: Any) -> str:
    """A name for the format from the file's, without its numbers: next month's file has others."""
    letters = re.sub(r"[^a-z]+", "_", Path(file.name).stem.lower()).strip("_")
    return letters[:40] or "our_log"


def _opened(file: Any) -> _Open:
    """What is known of an uploaded file, looked at once."""
    states: dict[str, _Open] = st.session_state.setdefault(_STATE, {})
    if file.file_id not in states:
        with _written(file) as path:
            states[file.file_id] = _Open(file.file_id, identify(path, session.store().folder))
    return states[file.file_id]


def _suggestion(file: Any, state: _Open) -> Suggestion:
    """The mapping by the answers given, worked out once for them; its questions are remembered."""
    given = tuple(f"{topic}={answer}" for topic, answer in sorted(state.answers.items()))
    if given not in state.suggested:
        with st.spinner("Looking at the file"), _written(file) as path:
            name, store = state.what.format or _name_from(file), session.store().folder
            state.suggested[given] = suggest_mapping(path, answers=state.answers, key=name, store=store)
    for question in state.suggested[given].questions:
        state.questions.setdefault(question.topic, question)
    return state.suggested[given]


def _ask(state: _Open) -> None:
    """The questions of a file: one that stands alone is answered as it is chosen, those filled in with one press."""
    alone = [each for each in state.questions.values() if not each.group and not each.likeliest]
    for question in alone:
        _choose(question, answer=state.answers.get(question.topic, ""), key=_key(state, question))
    if state.answers != (answers := state.answers | _chosen(state, alone)):
        state.answers = answers
        st.rerun()
    together = [each for each in state.questions.values() if each not in alone]
    if not together:
        return
    with st.form(f"guided_questions_{state.file}"):
        for group in dict.fromkeys(each.group for each in together):
            if group:
                st.markdown(f"**{QUESTION_LISTS[group]}**")
            for question in (each for each in together if each.group == group):
                _choose(
                    question, answer=state.answers.get(question.topic, question.likeliest), key=_key(state, question)
                )
        if st.form_submit_button("These are right", key=f"guided_confirm_{state.file}", type="primary"):
            state.answers |= _chosen(state, together)
            st.rerun()


def _outcomes(state: _Open, suggestion: Suggestion) -> None:
    """Each word that says how a call ended, with its rows, an example and what it counts as, to be changed."""
    certain = [each for each in outcome_choices(suggestion) if each.topic not in state.questions]
    if not certain:
        return
    with st.expander(f"How calls ended: {len(certain)} words of the file", key=f"guided_words_{state.file}",
                     expanded=len(certain) <= FEW_WORDS):  # fmt: skip
        for question in certain:
            _choose(question, answer=question.likeliest, key=_key(state, question))
            display.note(f"For example: {question.evidence}" if question.evidence else "No example.")
    changed = _chosen(state, certain)
    changed = {each.topic: changed[each.topic] for each in certain if changed[each.topic] != each.likeliest}
    if changed:
        state.answers = state.answers | changed
        st.rerun()


def _remedy(state: _Open, trial: Trial) -> None:
    """What may be said of rejected rows, in one form."""
    if not trial.remedies:
        return
    questions = [remedy.question for remedy in trial.remedies]
    with st.form(f"guided_remedies_{state.file}"):
        st.markdown("**Rows that are rejected, or may be no calls**")
        for question in questions:
            _choose(question, answer=state.remedies.get(question.topic, question.likeliest), key=_key(state, question))
        if st.form_submit_button("Read these rows so"):
            state.remedies = _chosen(state, questions)
            st.rerun()


def _choose(question: Question, *, answer: str, key: str) -> None:
    st.selectbox(
        display.plain(question.words), question.options, key=key, placeholder="Choose an answer",
        index=question.options.index(answer) if answer in question.options else None,
        help=display.plain(question.evidence) if question.evidence else None,
    )  # fmt: skip


def _key(state: _Open, question: Question) -> str:
    return f"guided_{state.file}_{question.topic}"


def _chosen(state: _Open, questions: Sequence[Question]) -> dict[str, str]:
    """What is chosen on the page, by topic."""
    given = {each.topic: st.session_state.get(_key(state, each)) for each in questions}
    return {topic: str(answer) for topic, answer in given.items() if answer is not None}


@contextmanager
def _written(file: Any) -> Iterator[Path]:
    """The file in a folder of its own, which is removed afterwards."""
    with TemporaryDirectory(prefix="kcas-guided-") as folder:
        path = Path(folder) / safe_name(file.name)
        path.write_bytes(file.getbuffer())
        yield path


@contextmanager
def _written_with(file: Any, mapping: str) -> Iterator[tuple[Path, Path]]:
    """The file, and a mapping next to it."""
    with _ONE, _written(file) as path:
        described = path.parent / "mapping.toml"
        described.write_text(mapping, encoding="utf-8")
        yield path, described


def _trial(file: Any, state: _Open, mapping: str) -> Trial:
    """What the file comes to, worked out once for each mapping."""
    if mapping not in state.tried:
        with st.spinner("Reading the file on trial"), _written_with(file, mapping) as (path, described):
            state.tried[mapping] = try_mapping(path, described, standard=session.standard())
    return state.tried[mapping]


def _show(trial: Trial) -> None:
    """The question, the first rows as read, and the account of lines."""
    st.subheader(display.plain(trial.sentence), anchor=False)
    rows = pl.DataFrame([{HEADINGS.get(name, name): _text(cell) for name, cell in row.items()} for row in trial.rows])
    display.table(rows, key="guided_rows", alt="The first ten rows as they would be read")
    report = trial.report
    ignored = [f"{rule} ({times:,})" for rule, times in report.ignored.items()]
    display.note(
        f"Lines: {report.lines:,} = {report.call_lines:,} calls + {report.used:,} used + "
        f"{sum(report.ignored.values()):,} ignored + {report.refused:,} rejected. "
        f"Ignored: {'; '.join(ignored) or 'none'}. "
        f"Abandoned, of all calls offered: {trial.abandoned:,} of {trial.offered:,}."
    )
    rejected = [f"Rejected, {rows_in_words(times)}: {why}" for why, times in trial.refusals.items()]
    for line in (*report.warnings_in_words, *rejected):
        display.note(f"{line.rstrip('.')}.")


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:g}"
    return "" if cell is None else f"{cell:%Y-%m-%d %H:%M:%S}" if hasattr(cell, "hour") else str(cell)


def _compare(file: Any, state: _Open, trial: Trial, mapping: str) -> None:
    """A check against a day that the person knows, and what would explain a difference."""
    days = {str(row["day"])[:10]: row for row in trial.by_day}
    left, middle, right = st.columns(3)
    day = left.selectbox("Compare with a day you know", list(days), index=None, key="guided_day")
    if day is None:
        return
    offered = middle.number_input("Calls offered, by your own report", min_value=0, value=None, key="guided_offered")
    abandoned = right.number_input("Calls abandoned, by your own report", min_value=0, value=None, key="guided_lost")
    as_read = (days[day]["offered"] or 0, days[day]["abandoned"] or 0)
    found = f"As read: {as_read[1]:,} abandoned of {as_read[0]:,} offered."
    if (offered, abandoned) == (None, None):
        display.note(found)
    elif offered in (None, as_read[0]) and abandoned in (None, as_read[1]):
        st.success(display.plain(f"{found} That agrees with your report."), icon=":material/check:")
    else:
        reasons = explained(as_read, (offered, abandoned), _differences(file, state, mapping, date.fromisoformat(day)))
        st.warning(display.plain(f"{found} Your report differs. {reasons[0]}"), icon=":material/compare_arrows:")
        for reason in reasons[1:]:
            display.note(f"{reason}.")


def _differences(file: Any, state: _Open, mapping: str, day: date) -> list[Difference]:
    """Every way to count that day otherwise, worked out once."""
    asked = mapping, day.isoformat()
    if asked not in state.differences:
        with st.spinner("Counting in other ways"), _written_with(file, mapping) as (path, described):
            state.differences[asked] = differences(path, described, day, standard=session.standard())
    return state.differences[asked]
