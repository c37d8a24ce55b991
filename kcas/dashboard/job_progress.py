"""Progress of a background job on a page, with a stop button and its result."""

from collections.abc import Callable

import streamlit as st

from kcas.dashboard import display, simulation_job, what_if_session
from kcas.dashboard.simulation_job import Job

_EVERY = 0.3  # seconds between looks
Doing = Callable[[float], str]
"""What a job is doing, by the share of it that is done."""


def finished_job(kind: str, *, nothing: str, doing: Doing) -> Job | None:
    """The job of this kind; what there is to say until it is done is said, `nothing` where none was asked for."""
    job = what_if_session.soon(kind)
    if job is None:
        display.note(nothing)
    elif job.state == "running":
        _show_progress(kind, doing)
    elif job.state == "stopped":
        st.warning(display.plain(job.words))
    elif job.state == "failed":
        st.error(display.plain(job.words), icon=":material/error:")
    return job


@st.fragment(run_every=_EVERY)
def _show_progress(kind: str, doing: Doing) -> None:
    """How far it has got, with a way to stop it."""
    job = what_if_session.current_simulation(kind)
    if job is None or job.state != "running":
        st.rerun()
    st.progress(job.share, text=f"{doing(job.share)} You may leave this page and come back.")
    if st.button("Stop", key=f"stop_{kind}", icon=":material/stop:"):
        simulation_job.stop(job.name)
        st.rerun()
