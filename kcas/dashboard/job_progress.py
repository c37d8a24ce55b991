"""Widgets of a job on a page: running, with a stop button; stopped; failed; and the job once it is over."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from kcas.dashboard import display
from kcas.jobs import Job, Jobs, Request

Answer = TypeVar("Answer")
A_MOMENT, LOOK = 1.2, 0.02  # seconds
_EVERY = 0.3  # seconds between looks
Doing = Callable[[Job[Any]], str]
"""What a job that runs is doing, in a sentence."""


def start(jobs: Jobs, key: str, request: Request[Any], *, given: Callable[[Path], object] | None = None) -> None:
    """Start a job and follow it under this key, in place of one that runs. Raises TooManyJobs."""
    older = display.current_job(key)
    if older and (job := jobs.state(older)) and job.state == "running":
        jobs.stop(older)
    display.set_job(key, jobs.start(request, given=given))


def at_click(jobs: Jobs, key: str, request: Request[Any], *, given: Callable[[Path], object] | None = None) -> None:
    """The same before the page is drawn again: what is wrong is said there."""
    with display.door():
        start(jobs, key, request, given=given)


def followed(jobs: Jobs, key: str, of: type[Request[Answer]]) -> Job[Answer] | None:
    """The job of this kind that the visitor follows, from the address or from before; None where there is none.

    One just started is given a moment: most are done within it.
    """
    name = display.current_job(key)
    job = jobs.state(name) if name else None
    while job and job.state == "running" and job.age < A_MOMENT:
        time.sleep(LOOK)
        job = jobs.state(name)
    return job if job and isinstance(job.request, of) else None


def show(jobs: Jobs, key: str, of: type[Request[Answer]], *, doing: Doing, nothing: str = "") -> Job[Answer] | None:
    """Show how the job that the visitor follows stands, all but its result; the job.

    `nothing` is said where there is none.
    """
    _get_ready(jobs, jobs.prefix)
    job = followed(jobs, key, of)
    if job is None:
        if nothing:
            display.note(nothing)
    elif job.state == "running":
        running(jobs, job.name, key=key, doing=doing)
    elif job.state == "stopped":
        st.warning(display.plain(job.words), icon=":material/stop:")
    elif job.state == "failed":
        st.error(display.plain(job.words), icon=":material/error:")
    return job


@st.fragment(run_every=_EVERY)
def running(jobs: Jobs, name: str, *, key: str, doing: Doing, stoppable: bool = True) -> None:
    """How far a job has got, with a way to stop it unless others wait for it too."""
    job = jobs.state(name)
    if job is None or job.state != "running":
        st.rerun()
    said = f"{doing(job)} You may leave this page and come back."
    if job.share is None and job.words:
        st.info(display.plain(said), icon=":material/hourglass:")
    else:
        st.progress(job.share or 0.0, text=said)
    if stoppable and st.button("Stop", key=f"stop_{key}", icon=":material/stop:"):
        jobs.stop(name)
        st.rerun()


@st.cache_resource(show_spinner=False)
def _get_ready(_jobs: Jobs, prefix: str) -> bool:
    """See to it, once, that a job of this kind can start at a click."""
    _jobs.get_ready()
    return True
