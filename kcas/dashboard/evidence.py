"""Page: making an evidence pack, and verifying one."""

from datetime import timedelta

import streamlit as st

from kcas.dashboard import display, evidence_session, session
from kcas.evidence.folder import zipped
from kcas.reporting import words

_EVERY = 1.0  # seconds
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


@st.fragment(run_every=_EVERY)
def _show_progress(name: str) -> None:
    """How far it has got, with a way to stop it."""
    job = evidence_session.job_state(name)
    if job is None or job.state != "running":
        st.rerun()
    doing = "Making the pack" if job.kind == evidence_session.MAKE else "Checking the pack"
    st.info(f"{doing}: {display.plain(job.words)}. You may leave this page and come back.", icon=":material/hourglass:")
    if st.button("Stop", key="evidence_stop", icon=":material/stop:"):
        evidence_session.stop(name)
        st.rerun()


def account(job: evidence_session.Job) -> None:
    """What became of it: the pack to download, or whether one is as it was made."""
    if job.state == "stopped":
        st.warning(display.plain(job.words), icon=":material/stop:")
    elif job.state == "failed":
        st.error(display.plain(job.words), icon=":material/error:")
    elif job.kind == evidence_session.MAKE:
        show_pack(job)
    else:
        checked(job)
    if st.button("Close this account", key="evidence_close"):
        display.set_job(PACK, "")
        st.rerun()


def show_pack(job: evidence_session.Job) -> None:
    """The pack that was made."""
    report = job.report
    st.success(display.plain(f"Made: {len(report['files']) + 2} files, run {report['run']}."), icon=":material/check:")
    st.download_button(
        "Download the pack (zip)", lambda: zipped(job.pack), file_name=f"{job.pack.name}.zip", mime="application/zip",
        key="evidence_download", on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    display.table(evidence_session.files_table(report), key="evidence_files", alt="The files of the pack")
    display.note(f"Made again by: {report['again']}")


def checked(job: evidence_session.Job) -> None:
    """Whether a pack is as it was made."""
    report = job.report
    said = evidence_session.check_verdict(report)
    (st.success if report["good"] else st.error)(display.plain(" ".join(said)))
    if report["findings"]:
        display.table(evidence_session.findings_table(report), key="evidence_findings", alt="Files not as made")


def _check() -> None:
    """Hand in a pack to be checked."""
    st.header("Check a pack", anchor=False)
    given = st.file_uploader(
        "An evidence pack, as one zip. Of a folder, say kcas evidence verify FOLDER.", type="zip", key="evidence_given"
    )
    if st.button("Check it", key="evidence_check", disabled=given is None) and given is not None:
        with display.door():
            display.set_job(PACK, evidence_session.check(given, store=session.store().folder))
            st.rerun()


watched = display.current_job(PACK)
job = evidence_session.job_state(watched) if watched else None
if job and job.state == "running":
    _show_progress(job.name)
elif job:
    account(job)
if wanted := _choose():
    preview(wanted)
    if st.button("Make the pack", key="evidence_make", type="primary", disabled=bool(job and job.state == "running")):
        with display.door():
            display.set_job(PACK, evidence_session.make_pack(wanted))
            st.rerun()
_check()
