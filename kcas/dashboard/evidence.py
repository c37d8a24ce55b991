"""Page: making an evidence pack, and verifying one."""

from datetime import timedelta
from typing import Any

import streamlit as st

from kcas.api.evidence import EvidenceCheck
from kcas.dashboard import display, evidence_session, job_progress, session
from kcas.dashboard.job_requests import PACKS, MadePack, VerifyPack
from kcas.evidence.folder import unzipped, zipped
from kcas.jobs import Job, Request
from kcas.reporting import words

PACK = "evidence"  # the job of this page
WHOLE, CHOSEN = "Every day of the log", "The days chosen in the sidebar"
PUBLIC, INTERNAL = "Public", "Internal"
KINDS = {
    PUBLIC: "For publication: no row of a call, and counts of so few that someone might be known are not shown.",
    INTERNAL: "Not for publication: every count, and a list of the calls behind them. No caller and no agent.",
}
COUNTED = "They are counted from every call of these days, which takes some seconds for millions of calls."
FILES = (
    ("report.html, report.pdf, report.docx", "the narrative: five sentences, the four points, the figures"),
    ("tables.xlsx, tables.ods, tables/", "every table, for spreadsheets and as CSV"),
    ("charts/", "the charts as pictures"),
    ("provenance.json, SHA256SUMS", "what it was made from, and every file's fingerprint"),
    ("inputs/", "the standard and the scenarios it was made by"),
)


def _choose() -> evidence_session.Wanted | None:
    """Which days, which day of change, and for whom."""
    held, choice = session.everything(), session.choice()
    left, middle, right = st.columns(3, vertical_alignment="top")
    days = left.radio("Days", (WHOLE, CHOSEN), key="evidence_days")
    first, last = (held.first, held.last) if days == WHOLE else (choice.first, choice.last)
    left.markdown(f":small[{display.plain(words.days(first, last))}]")
    if last - first < timedelta(days=2):
        st.info("There must be calls before and after a day. Choose more days in the sidebar.")
        return None
    usual = session.standard().day_of_change
    changed = middle.date_input(
        "Day of the change", value=usual if usual and first < usual <= last else first + (last - first) / 2,
        min_value=first + timedelta(days=1), max_value=last, format="DD/MM/YYYY", key="evidence_changed",
    )  # fmt: skip
    kind = right.radio("For whom", (PUBLIC, INTERNAL), key="evidence_kind")
    right.markdown(f":small[{display.plain(KINDS[kind])}]")
    everything = days == WHOLE
    return evidence_session.Wanted(
        changed, kind == PUBLIC, None if everything else first, None if everything else last + timedelta(days=1)
    )


def preview(wanted: evidence_session.Wanted) -> None:
    """The five sentences, where they are asked for, and what will be in the pack."""
    said, files = st.columns([3, 2], gap="large")
    if said.toggle(
        "Show the five sentences it begins with", key="evidence_sentences", bind="query-params", help=COUNTED
    ):
        sentences = evidence_session.sentences(wanted)
        said.markdown("\n".join(f"- {display.plain(sentence)}" for sentence in sentences))
    files.markdown("**What will be in it**")
    listed = [*FILES, *([] if wanted.public else [("calls.csv", "the calls themselves")])]
    files.markdown("\n".join(f"- {display.plain(name)}: {display.plain(what)}" for name, what in listed))


def doing(job: Job[Any]) -> str:
    """What is being done."""
    what = "Checking" if isinstance(job.request, VerifyPack) else "Making"
    return f"{what} the pack: {job.words or 'beginning'}."


def account(job: Job[MadePack | EvidenceCheck]) -> None:
    """What became of it: the pack to download, or whether one is as it was made."""
    if isinstance(job.result, MadePack):
        show_pack(job.result)
    elif isinstance(job.result, EvidenceCheck):
        checked(job.result)
    if st.button("Close this account", key="evidence_close"):
        display.set_job(PACK, "")
        st.rerun()


def show_pack(pack: MadePack) -> None:
    """The pack that was made."""
    st.success(display.plain(f"Made: {len(pack.files) + 2} files, run {pack.run}."), icon=":material/check:")
    st.download_button(
        "Download the pack (zip)", lambda: zipped(pack.folder), file_name=f"{pack.folder.name}.zip",
        mime="application/zip", key="evidence_download", on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    display.table(evidence_session.files_table(pack), key="evidence_files", alt="The files of the pack")
    display.note(f"Made again by: {pack.again}")


def checked(check: EvidenceCheck) -> None:
    """Whether a pack is as it was made."""
    (st.success if check.good else st.error)(display.plain(" ".join(check.sentences)))
    if check.found.findings:
        display.table(evidence_session.findings_table(check), key="evidence_findings", alt="Files not as made")


def _check() -> None:
    """Hand in a pack to be checked."""
    st.header("Check a pack", anchor=False)
    given = st.file_uploader(
        "An evidence pack, as one zip. Of a folder, say kcas evidence verify FOLDER.", type="zip", key="evidence_given"
    )
    if st.button("Check it", key="evidence_check", disabled=given is None) and given is not None:
        request = VerifyPack(session.call_store())
        with display.door():
            job_progress.start(PACKS, PACK, request, given=lambda folder: unzipped(given, folder))
            st.rerun()


job = job_progress.show(PACKS, PACK, Request, doing=doing)  # type: ignore[type-abstract]
busy = job is not None and job.state == "running"
if job and not busy:
    account(job)
if wanted := _choose():
    preview(wanted)
    if st.button("Make the pack", key="evidence_make", type="primary", disabled=busy):
        with display.door():
            job_progress.start(PACKS, PACK, evidence_session.pack_request(wanted))
            st.rerun()
_check()
