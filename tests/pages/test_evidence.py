"""Is a pack previewed, made, stopped, downloaded and checked from the page, by what was chosen there?"""

import io
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kcas.dashboard.job_requests import PACKS
from kcas.errors import SettingError
from kcas.evidence.folder import PROVENANCE, unzipped, zipped
from tests.pages.conftest import text

Open = Callable[..., AppTest]
TITLE = "Evidence"


@pytest.fixture
def opened(page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """Opens the page, with no scenario to simulate: that is tried elsewhere, and takes its time."""
    monkeypatch.setenv("KCAS_SCENARIOS", str(tmp_path))
    return lambda: page(TITLE)


def done(app: AppTest) -> AppTest:
    """Wait until what was begun has ended."""
    for _ in range(1200):
        job = PACKS.state(app.session_state["evidence"])
        assert job is not None
        if job.state != "running":
            return app.run()
        time.sleep(0.1)
    raise AssertionError("it never ended")


def pack_of(app: AppTest) -> Path:
    job = PACKS.state(app.session_state["evidence"])
    assert job is not None
    folder: Path = job.answer.folder
    return folder


def test_the_five_sentences_are_shown_before_anything_is_made_where_they_are_asked_for(
    opened: Callable[[], AppTest],
) -> None:
    app = opened()
    assert "the share of calls abandoned was" not in text(app)
    said = text(app.toggle(key="evidence_sentences").set_value(True).run())
    # from the middle of the log, Saturday 24 October, on: 19 weekdays of 4 lost in 40, then 10 in 40 and 2 in 20
    assert "the share of calls abandoned was 10.7% (88 of 820" in said
    assert "it was 10.0% (80 of 800" in said
    assert "The verdict is “not enough data”" in said
    assert "Counted by “all_offered”" in said


def test_another_day_of_change_makes_other_sentences(opened: Callable[[], AppTest]) -> None:
    app = opened()
    app.toggle(key="evidence_sentences").set_value(True).run()
    app.date_input(key="evidence_changed").set_value(date(2026, 11, 2)).run()
    # five weeks of five days before, 4 of 40 each
    assert "From 28 September to 1 November 2026, it was 10.0% (100 of 1,000" in text(app)


def test_the_days_chosen_at_the_side_can_be_told_of_instead(opened: Callable[[], AppTest]) -> None:
    app = opened()
    app.toggle(key="evidence_sentences").set_value(True).run()
    app.selectbox(key="period").select("4 weeks").run()
    app.radio(key="evidence_days").set_value("The days chosen in the sidebar").run()
    assert "24 October to 20 November 2026" in text(app)


def test_an_internal_pack_lists_the_calls_and_is_marked_so(opened: Callable[[], AppTest]) -> None:
    app = opened()
    assert "calls.csv" not in text(app)
    app.radio(key="evidence_kind").set_value("Internal").run()
    assert "calls.csv: the calls themselves" in text(app)
    assert "Not for publication" in text(app)


def test_a_pack_is_made_downloaded_checked_and_found_out_when_altered(opened: Callable[[], AppTest]) -> None:
    app = opened()
    app.button(key="evidence_make").click().run()
    app = done(app)
    assert not app.exception
    assert "Made:" in app.success[0].value
    files = next(table.value for table in app.dataframe if "SHA-256" in table.value.columns)
    assert {"report.html", "provenance.json"} - set(files["File"]) == {"provenance.json"}  # that holds the others'
    sent = zipped(pack_of(app))
    app.button(key="evidence_close").click().run()
    assert not app.success

    app.file_uploader(key="evidence_given").upload("pack.zip", sent).run()
    app.button(key="evidence_check").click().run()
    app = done(app)
    assert "every file came out the same" in app.success[0].value

    app.file_uploader(key="evidence_given").upload("pack.zip", altered(sent)).run()
    app.button(key="evidence_close").click().run()
    app.button(key="evidence_check").click().run()
    app = done(app)
    assert "Do not rely on this copy" in app.error[0].value
    found = next(table.value for table in app.dataframe if "What" in table.value.columns)
    assert found[["File", "What"]].to_numpy().tolist() == [["report.html", "altered"]]


def altered(sent: bytes) -> bytes:
    """The same zip with another word in the report."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sent)) as given, zipfile.ZipFile(made, "w") as out:
        for name in given.namelist():
            content = given.read(name)
            out.writestr(name, content.replace(b"verdict", b"VERDICT") if name.endswith("report.html") else content)
    return made.getvalue()


def test_the_making_can_be_stopped(opened: Callable[[], AppTest]) -> None:
    app = opened()
    app.button(key="evidence_make").click().run()
    app.button(key="stop_evidence").click().run()
    assert "Stopped. No half of a pack is left." in app.warning[0].value.replace("\\", "")
    assert not (PACKS.folder(app.session_state["evidence"]) / "made").exists()


def test_what_is_no_pack_is_said_to_be_none(opened: Callable[[], AppTest]) -> None:
    app = opened()
    app.file_uploader(key="evidence_given").upload("pack.zip", b"not a zip").run()
    app.button(key="evidence_check").click().run()
    assert "not a zip that can be opened" in app.error[0].value.replace("\\", "")


@pytest.mark.parametrize("name", ["../../evil.txt", "/etc/evil", "C:/evil", "a/../../evil"])
def test_a_zip_that_would_write_elsewhere_is_not_opened(tmp_path: Path, name: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        out.writestr("pack/" + PROVENANCE, "{}")
        out.writestr(name, "x")
    with pytest.raises(SettingError, match="would be written somewhere else"):
        unzipped(made, tmp_path / "given")
    assert list(tmp_path.iterdir()) == []


def test_a_jobs_name_from_an_address_is_never_a_path() -> None:
    assert PACKS.state("../../etc") is None
    assert PACKS.state("0123456789abcdef") is None
