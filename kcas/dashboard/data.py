"""Page: files imported, rows rejected and why, and uploading more."""

from collections.abc import Sequence
from typing import IO

import polars as pl
import streamlit as st

from kcas.api.observed import ImportResult
from kcas.calls.rates import reconciliation
from kcas.dashboard import display, guided, job_progress, session
from kcas.dashboard.job_requests import IMPORTS, ImportLogs, put_files
from kcas.jobs import Job
from kcas.reporting import import_summary, tables

LOGS = "Logs as your telephone system wrote them, of any kind; .gz and .zip too. A mapping (.toml) may go with them."
READING = "reading"  # the job of this page


def hand_in() -> None:
    """Take files from the browser and begin to read them."""
    files = st.file_uploader(LOGS, accept_multiple_files=True, key="files")
    ready = guided.readable(files)
    if ready or not files:
        pressed = st.button("Read them in", key="read", type="primary", disabled=not files)
    described = guided.describe(files)
    if described or (ready and pressed):
        read_in([(file.name, file) for file in described or ready])


def read_in(files: Sequence[tuple[str, IO[bytes]]]) -> None:
    """Start to read files; the last mapping among them describes the others."""
    request = ImportLogs(session.call_store())
    with display.door():
        job_progress.start(IMPORTS, READING, request, given=lambda folder: put_files(files, folder))
        st.rerun()


def account(job: Job[ImportResult]) -> None:
    """What became of what was uploaded."""
    if job.state == "done":
        files = [each.to_json() for each in job.answer.reports]
        refused = import_summary.refusals(files)
        errors = [each.error for each in job.answer.reports if each.error]
        (st.warning if errors or refused.height else st.success)(display.plain(import_summary.totals(files)))
        became = import_summary.report(files)
        display.table(became, key="report", alt="What became of each file",
                     column_config=display.thousands(became))  # fmt: skip
        for line in (*job.answer.repairs, *import_summary.file_notes(files)):
            display.note(line)
        show_refused(refused, key="now")
    if st.button("Close this account", key="close"):
        display.set_job(READING, "")
        st.rerun()


def show_refused(table: pl.DataFrame, *, key: str) -> None:
    """Refused lines with where and why, and a file of them."""
    if table.is_empty():
        return
    display.note("Refused lines: nothing was made of them. Put them right in the log and upload it again.")
    display.table(table, key=f"refused_{key}", alt="Refused lines, and why")
    st.download_button(
        "Download the refused lines (CSV)", lambda: tables.csv(table), file_name="refused-lines.csv", mime="text/csv",
        key=f"download_refused_{key}", on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def all_files() -> None:
    """The ledger of every file, and the line that must balance."""
    batches = session.batches()
    st.header("Every file read so far", anchor=False)
    if not batches:
        display.note("None yet.")
        return
    read = import_summary.ledger(batches, zone=session.standard().time_zone)
    display.table(read, key="ledger", alt="The ledger", column_config=display.thousands(read))
    display.note("Lines = calls + used + ignored + refused, of every file. Calls are new, held already or corrected.")
    if session.contents():
        display.note("All of it together, regardless of the sidebar:")
        display.note(reconciliation(session.rows(session.everything(), by="total")))
    show_refused(import_summary.refused_of(batches), key="ever")


job = job_progress.show(IMPORTS, READING, ImportLogs, doing=lambda job: f"Reading: {job.share or 0:.0%} of the files.")
if job is None or job.state != "running":
    if job:
        account(job)
    hand_in()
all_files()
