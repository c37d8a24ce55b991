"""Panels that explain the last day, nowcast today, and explain a change since a date, on request.

Background job that runs an attribution or a nowcast in a child process.

What was once worked out is there for every visitor, until no one has looked at it for a day. Another version of the
store, of the program or of the standard is another question.
"""

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

import kcas
from kcas.dashboard import display, session
from kcas.dashboard.job_folder import Jobs, environment, file_text, place, words_of
from kcas.dashboard.session import Choice
from kcas.desk.opening_hours import A_DAY
from kcas.desk.standard import Standard
from kcas.reporting import attribution, nowcast, words
from kcas.systems import apart

_LONGEST = 600.0
"""Seconds after which the child is stopped."""
MOST_KEPT = 200
"""Answers kept; of more the longest unused go."""

PROGRESS = "progress.json"

_TOO_LONG = "It took too long."

one_at_a_time = threading.Lock()
jobs = Jobs("kcas-reason-")


@dataclass(frozen=True)
class _Job:
    """Whether it is still worked out, or what came of it."""

    name: str
    state: str  # "running", "done" or "failed"
    words: str = ""
    share: float | None = None  # done so far, where the command tells it
    report: dict[str, Any] = field(default_factory=dict)


def name_of(stamp: str, words: Sequence[str], *, standard: Standard, program: str | None = None) -> str:
    """The job's name: the same question of the same store, by the same standard and program, has the same."""
    made_of = [stamp, program or this_program(), repr(standard), *words]
    return hashlib.blake2b(json.dumps(made_of).encode(), digest_size=8).hexdigest()


@cache
def this_program() -> str:
    """The program's version and a fingerprint of its code: a checkout changes without its version."""
    root = Path(kcas.__file__).parent
    code = hashlib.blake2b(digest_size=8)
    for path in sorted(root.rglob("*.py")):
        code.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{kcas.__version__} {code.hexdigest()}"


def start(name: str, words: Sequence[str]) -> None:
    """Begin to work it out, unless it is under way or done. Raises TooManyJobs."""
    with one_at_a_time:
        if job_state(name) is None:
            with place():
                _begin(name, words)


def _begin(name: str, words: Sequence[str]) -> None:
    jobs.clear_old(most=MOST_KEPT - 1)
    folder = jobs.folder(name)
    folder.mkdir(mode=0o700, exist_ok=True)
    tells = ["--progress", str(folder / PROGRESS)] if words[0] == "explain" else []
    command = [sys.executable, "-m", "kcas", *words, "--json", *tells]
    with (folder / "report.json").open("wb") as out, (folder / "words.txt").open("wb") as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, **apart(),
                                 env=environment())  # fmt: skip
    jobs.follow(name, child, longest=_LONGEST, late=lambda: jobs.end(name, words=_TOO_LONG))


def job_state(name: str) -> _Job | None:
    """How it stands; None where no one asked, or no one has looked for a day. A look at an answer keeps it."""
    folder = jobs.folder(name)
    if not (folder / "pid").exists():
        return None
    if jobs.clear_if_old(name):
        return None
    if (report := _answer(folder)) is not None:
        jobs.keep(name)
        return _Job(name, "done", words=words_of(folder / "words.txt"), report=report)
    if jobs.alive(name):
        if time.time() - (folder / "pid").stat().st_mtime > _LONGEST:
            jobs.end(name, words=_TOO_LONG)
        return _Job(name, "running", share=_progress(folder))
    words = words_of(folder / "words.txt") or file_text(folder / "stopped")
    return _Job(name, "failed", words=words or "It ended without an answer.")


def _progress(folder: Path) -> float | None:
    """The share that is done; None where it is not told, or not yet."""
    try:
        told = json.loads(file_text(folder / PROGRESS))
        return float(min(0.99, told["done"] / max(1, told["of"])))
    except ValueError:
        return None


def _answer(folder: Path) -> dict[str, Any] | None:
    """What was worked out; None where it is not there yet, or never will be."""
    try:
        return dict(json.loads(file_text(folder / "report.json")))
    except ValueError:
        return None


_EVERY = 1.0
"""Seconds between looks at a child."""


def reasons(choice: Choice, half_hours: pl.DataFrame) -> None:
    """One question about the last day: how it will end while it is not over, else why it was so."""
    ends = session.ends_within(choice.last)
    closes = closing_time(choice.last)
    queues = [word for queue in choice.queues for word in ("--queue", queue)]
    if ends and nowcast.not_over(half_hours, day=choice.last, at=ends, closes=closes):
        asked = ["today", "--now", f"{choice.last}T{ends:%H:%M:%S}", *by(choice), *queues]
        question("How will today end? (model)", asked, key="today", show=will_end)
    else:
        label = f"Why was {words.day(choice.last)} so? (model)"
        question(label, ["explain", "--day", str(choice.last), *by(choice), *queues], key="why", show=was_so)


def since(choice: Choice, day: date) -> None:
    """One question about a date: why is the rate what it is from then on, against all before."""
    queues = [word for queue in choice.queues for word in ("--queue", queue)]
    label = f"Why has it been so since {words.day(day)}? (model)"
    question(label, ["explain", "--since", str(day), *by(choice), *queues], key="why_since", show=was_so)


def by(choice: Choice) -> list[str]:
    """The definition chosen, as a command's options."""
    rate = choice.definition
    return ["--definition", rate.key, *(["--short", f"{rate.short:g} s"] if rate.short is not None else [])]


def closing_time(day: date) -> float | None:
    """When the desk closes on a day, in seconds after midnight; None where the standard states no hours."""
    hours = session.standard()
    span = hours.opening.span(day, holidays=hours.holidays)
    return (60.0 * min(span[1], A_DAY) if span else 0.0) if hours.opening.stated else None


def question(label: str, asked: Sequence[str], *, key: str, show: Callable[[dict[str, Any]], None]) -> None:
    """A button that has it worked out, then the answer."""
    name = name_of(session.stamp(), asked, standard=session.standard())
    job = job_state(name)
    if job is None:
        if st.button(display.plain(label), key=key, icon=":material/help:"):
            try:
                start(name, asked)
            except RuntimeError as error:
                st.warning(display.plain(error))
                return
            st.rerun()
    elif job.state == "running":
        _show_progress(job.name)
    elif job.state == "failed":
        display.note(f"{label} {job.words}")
    else:
        with st.container(border=True):
            show(job.report)


@st.fragment(run_every=_EVERY)
def _show_progress(name: str) -> None:
    """Says that it is under way, until it is not."""
    job = job_state(name)
    if job is None or job.state != "running":
        st.rerun()
    said = "Working it out from the log: some seconds. You may go on, and come back."
    if job is not None and job.share is not None:
        st.progress(job.share, text=said)
    else:
        display.note(said)


def was_so(report: dict[str, Any]) -> None:
    """The sentence, the small chart, and the detail behind it."""
    st.markdown(f"**Why (model, not proof).** {display.plain(report['sentence'])}")
    if report["holidays"]["now"] and len(report["dates"]) == 1:
        display.note(report["notes"][0])  # that the day is a holiday, and what it stands against
    rows = report["shares"]
    chart = attribution.attribution_chart(rows, palette=display.palette())
    display.chart(chart, key="why_chart", alt=attribution.chart_words(rows))
    with st.expander("The figures, and how they were made"):
        display.table(attribution.attribution_table(rows), key="why_rows", alt="Each share of the difference")
        for said in [*report["notes"], report["definition"]["words"]]:
            display.note(said)


def will_end(report: dict[str, Any]) -> None:
    """The sentences and the small chart."""
    first, ending, *rest = report["sentences"]
    st.markdown(f"**How today will end (model).** {display.plain(ending)} {display.plain(rest[0])}")
    chart = nowcast.nowcast_chart(report, palette=display.palette())
    display.chart(chart, key="today_chart", alt=f"{first} {ending}")
    for said in [first, *rest[1:], *report["notes"], f"By: {report['definition']['words']}."]:
        display.note(said)
