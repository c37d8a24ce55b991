"""What has been read, held, refused, and why? And how are more logs handed in?"""

import polars as pl
import streamlit as st

from kcas.calls.reconciliation import reconciliation
from kcas.dashboard import address, intake_job, session, showing
from kcas.evidence import ledger, tables

LOGS = (
    "A log from the telephone system; .gz and .zip too. A mapping (.toml) may be handed in beside a log nobody knows."
)
EVERY = 1.0  # seconds
READING = "reading"  # the job of this page


def hand_in() -> None:
    """Take files from the browser and begin to read them."""
    files = st.file_uploader(LOGS, accept_multiple_files=True, key="files")
    if st.button("Read them in", key="read", type="primary", disabled=not files) and files:
        with showing.door():
            address.keep(READING, intake_job.start([(file.name, file) for file in files], store=session.store().folder))
            st.rerun()


@st.fragment(run_every=EVERY)
def follow(name: str) -> None:
    """How far the reading has got, with a way to stop it."""
    job = intake_job.look(name)
    if job is None or job.state != "running":
        st.rerun()
    st.progress(job.share, text=f"Reading: {job.share:.0%} of the files. You may leave this page and come back.")
    if st.button("Stop", key="stop", icon=":material/stop:"):
        intake_job.stop(name)
        st.rerun()


def account(job: intake_job.Job) -> None:
    """What became of what was handed in."""
    files = job.report.get("files", [])
    if job.state == "stopped":
        st.warning(showing.plain(job.words), icon=":material/stop:")
    elif not files:
        st.error(showing.plain(job.words), icon=":material/error:")
    else:
        refused = ledger.refusals(files)
        (st.warning if job.words or refused.height else st.success)(showing.plain(ledger.totals(files)))
        became = ledger.report(files)
        showing.table(became, key="report", alt="What became of each file",
                     column_config=showing.thousands(became))  # fmt: skip
        for line in ledger.said(files):
            showing.note(line)
        show_refused(refused, key="now")
    if st.button("Close this account", key="close"):
        address.keep(READING, "")
        st.rerun()


def show_refused(table: pl.DataFrame, *, key: str) -> None:
    """Refused lines with where and why, and a file of them."""
    if table.is_empty():
        return
    showing.note("Refused lines: nothing was made of them. Put them right in the log and hand it in again.")
    showing.table(table, key=f"refused_{key}", alt="Refused lines, and why")
    st.download_button(
        "Download the refused lines (CSV)", lambda: tables.csv(table), file_name="refused-lines.csv", mime="text/csv",
        key=f"download_refused_{key}", on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def all_files() -> None:
    """The ledger of every file, and the line that must balance."""
    batches = session.batches()
    st.header("Every file read so far", anchor=False)
    if not batches:
        showing.note("None yet.")
        return
    read = ledger.ledger(batches, zone=session.standard().time_zone)
    showing.table(read, key="ledger", alt="The ledger", column_config=showing.thousands(read))
    showing.note("Lines = calls + used + ignored + refused, of every file. Calls are new, held already or corrected.")
    if session.contents():
        showing.note("All of it together, whatever the sidebar chooses:")
        showing.note(reconciliation(session.rows(session.everything(), by="total")))
    show_refused(ledger.refused_of(batches), key="ever")


watched = address.kept(READING)
job = intake_job.look(watched) if watched else None
if job and job.state == "running":
    follow(job.name)
else:
    if job:
        account(job)
    hand_in()
all_files()
