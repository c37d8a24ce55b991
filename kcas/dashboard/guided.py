"""Guided reading on the Data page: what a file of an unknown format is, what it does not settle, what it comes to.

A file is looked at in a folder that is the user's alone and removed at once; the page keeps only the questions, the
answers and the totals. Nothing is stored before the totals have been confirmed.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import polars as pl
import streamlit as st

from kcas.api.guided import Trial, suggest_mapping, try_mapping
from kcas.dashboard import display, import_job, session
from kcas.importing.kept_mappings import checked_name, keep_mapping
from kcas.ingest.column_roles import QUESTION_LISTS, Question, Suggestion
from kcas.ingest.suggestion import toml_of

OFFER = "One log of an unknown format, as your telephone system wrote it"
HOW = (
    "kcas suggests how to read the file and asks what the file does not settle. Nothing is stored until you have "
    "confirmed what it comes to. The description is then kept, and next month's file is read by it without a question."
)
DIFFERENCES = (
    "Common reasons for a difference: a total row counted as a queue, a transferred call counted in each queue, "
    "internal calls, and calls abandoned within a few seconds, which some systems leave out."
)
HEADINGS = {
    "line": "Line", "entered": "Entered", "queue": "Queue", "outcome": "Outcome", "wait": "Wait (s)",
    "talk": "Talk (s)", "start": "From", "end": "To",
}  # fmt: skip
_STATE = "guided"
_ONE = Lock()
"""One file is tried at a time for all visitors: each trial reads the whole file."""


@dataclass
class _Open:
    """A file that is being described: the questions asked so far, and what it came to by these answers."""

    file: str
    questions: dict[str, Question] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)  # topics of lists that a person has confirmed
    tried: dict[str, Trial] = field(default_factory=dict)


def describe() -> Any | None:
    """Ask for a file and describe it; the file once its mapping has been confirmed and is kept."""
    with st.expander("Describe a log of an unknown format", icon=":material/help:"):
        display.note(HOW)
        file = st.file_uploader(OFFER, key="guided_file")
        if not file:
            return None
        with display.door():
            name = checked_name(
                st.text_input("Name of this format", _name_from(file), key=f"guided_name_{file.file_id}")
            )
            mapping = _mapping(file, name)
            if mapping is None:
                return None
            trial = _trial(file, mapping)
            _show(trial)
            by = st.text_input("Your name, kept with the description", key="guided_by")
            if st.button("Yes, that is right: keep the description and read it in", key="guided_yes", type="primary"):
                keep_mapping(session.store(), mapping, name=name, by=by)
                return file
            st.download_button(
                "Download the mapping (TOML)", mapping, file_name=f"{name}.toml", mime="application/toml",
                key="guided_mapping", on_click="ignore", icon=":material/download:",
            )  # fmt: skip
    return None


def _name_from(file: Any) -> str:
    """A name for the format from the file's, without its numbers: next month's file has others."""
    letters = re.sub(r"[^a-z]+", "_", Path(file.name).stem.lower()).strip("_")
    return letters[:40] or "our_log"


def _opened(file: Any) -> _Open:
    state = st.session_state.get(_STATE)
    if not isinstance(state, _Open) or state.file != file.file_id:
        state = st.session_state[_STATE] = _Open(file.file_id)
    return state


def _mapping(file: Any, name: str) -> str | None:
    """The mapping as TOML by the answers given; None while a question is open."""
    state = _opened(file)
    suggestion = _suggestion(file, _answers(state), name)
    for question in suggestion.questions:
        state.questions.setdefault(question.topic, question)
    for group, questions in _lists(state).items():
        if group:
            _ask_together(group, questions, state)
        else:
            for question in questions:
                _ask(question, key=_key(state, question.topic))
    display.note(" ".join(f"{each.rstrip('.')}." for each in suggestion.notes))
    if suggestion.questions:
        st.info("Answer the questions above to see what the file comes to.", icon=":material/help:")
        return None
    return toml_of(suggestion)


def _lists(state: _Open) -> dict[str, list[Question]]:
    """The questions in lists that are confirmed at once; under "" those that stand alone."""
    lists: dict[str, list[Question]] = {}
    for question in state.questions.values():
        lists.setdefault(question.group, []).append(question)
    alone = [group for group, questions in lists.items() if len(questions) == 1 and group]
    for group in alone:
        lists.setdefault("", []).extend(lists.pop(group))
    return lists


def _ask_together(group: str, questions: list[Question], state: _Open) -> None:
    """A list of questions with the likeliest answer of each filled in; nothing is taken before it is confirmed."""
    with st.form(key=f"{_key(state, group)}_list"):
        st.markdown(f"**{QUESTION_LISTS[group]}**")
        for question in questions:
            _ask(question, key=_key(state, question.topic), filled=True)
        if st.form_submit_button("These are right", key=f"{_key(state, group)}_confirm"):
            state.confirmed |= {question.topic for question in questions}
            st.rerun()


def _answers(state: _Open) -> dict[str, str]:
    """The answers given: at once where a question stands alone, after the confirmation where it is one of a list."""
    alone = {question.topic for question in _lists(state).get("", [])}
    given = {topic: st.session_state.get(_key(state, topic)) for topic in alone | state.confirmed}
    return {topic: str(answer) for topic, answer in given.items() if answer is not None}


def _ask(question: Question, *, key: str, filled: bool = False) -> None:
    """Ask for an answer; `filled` shows the likeliest one as chosen."""
    index = question.options.index(question.likeliest) if filled and question.likeliest else None
    st.selectbox(
        display.plain(question.words), question.options, index=index, key=key, placeholder="Choose an answer",
        help=display.plain(question.evidence) if question.evidence else None,
    )  # fmt: skip


def _key(state: _Open, topic: str) -> str:
    return f"guided_{state.file}_{topic}"


@contextmanager
def _written(file: Any) -> Iterator[Path]:
    """The file in a folder of its own, which is removed afterwards."""
    with TemporaryDirectory(prefix="kcas-guided-") as folder:
        path = Path(folder) / import_job.safe_name(file.name)
        path.write_bytes(file.getbuffer())
        yield path


def _suggestion(file: Any, answers: dict[str, str], name: str) -> Suggestion:
    with _written(file) as path:
        return suggest_mapping(path, answers=answers, key=name)


def _trial(file: Any, mapping: str) -> Trial:
    """What the file comes to, worked out once for each mapping."""
    tried = _opened(file).tried
    if mapping not in tried:
        with st.spinner("Reading the file on trial"), _ONE, _written(file) as path:
            described = path.parent / "mapping.toml"
            described.write_text(mapping, encoding="utf-8")
            tried[mapping] = try_mapping(path, described, standard=session.standard())
    return tried[mapping]


def _show(trial: Trial) -> None:
    """The first rows as read, the rejected ones by reason, the account of lines, and the question."""
    st.subheader(display.plain(trial.sentence), anchor=False)
    report = trial.report
    display.note(
        f"Lines: {report.lines:,} = {report.call_lines:,} read + {report.used:,} used + "
        f"{sum(report.ignored.values()):,} ignored + {report.refused:,} rejected. By the definition all_offered: "
        f"{trial.abandoned:,} abandoned of {trial.offered:,} offered."
    )
    for line in (*report.warnings_in_words, *(f"Rejected, {n:,} times: {why}" for why, n in trial.refusals.items())):
        display.note(f"{line}.")
    rows = pl.DataFrame([{HEADINGS.get(name, name): _text(cell) for name, cell in row.items()} for row in trial.rows])
    display.table(rows, key="guided_rows", alt="The first ten rows as they would be read")
    _compare(trial)


def _text(cell: object) -> str:
    return "" if cell is None else f"{cell:%Y-%m-%d %H:%M:%S}" if hasattr(cell, "hour") else str(cell)


def _compare(trial: Trial) -> None:
    """A check against a day that the person knows."""
    days = {str(row["day"])[:10]: row for row in trial.by_day}
    day = st.selectbox("Compare with a day you know", list(days), index=None, key="guided_day")
    if day is None:
        return
    offered = st.number_input(
        "Calls offered that day, by your own report", min_value=0, value=None, key="guided_offered"
    )
    abandoned = st.number_input(
        "Calls abandoned that day, by your own report", min_value=0, value=None, key="guided_lost"
    )
    row = days[day]
    found = f"As read: {row['abandoned']:,} abandoned of {row['offered']:,} offered."
    same = offered in (None, row["offered"]) and abandoned in (None, row["abandoned"])
    display.note(f"{found} That agrees with your report." if same else f"{found} {DIFFERENCES}")
