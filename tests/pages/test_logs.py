"""Are logs handed in, followed, stopped and accounted for, line by line?"""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kcas.calls.store import Store
from kcas.dashboard.job_requests import IMPORTS
from tests.pages.conftest import text

Open = Callable[..., AppTest]

QUEUE_LOG = b"""1790000000|1790000000.1|NONE|NONE|QUEUESTART|
1790000000|1790000000.1|kcas|NONE|ENTERQUEUE||07700900001|1
1790000030|1790000000.1|kcas|NONE|ABANDON|1|1|30
1790000100|1790000100.2|kcas|NONE|ENTERQUEUE||07700900002|1
1790000105|1790000100.2|kcas|SIP/1|CONNECT|5|1790000101.3|2
1790000165|1790000100.2|kcas|SIP/1|COMPLETECALLER|5|60|1
not a line of a queue log
"""


@pytest.fixture
def logs(page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """Opens the Logs page on a store with nothing in it yet."""
    monkeypatch.setenv("KCAS_KEY", str(tmp_path / "key"))
    return lambda: page("Data", store=tmp_path / "store")


def read(app: AppTest, name: str, content: bytes) -> AppTest:
    """Hand in a file and wait until it has been read."""
    app.file_uploader(key="files").upload(name, content).run()
    app.button(key="read").click().run()
    for _ in range(300):
        job = IMPORTS.state(app.session_state["reading"])
        assert job is not None
        if job.state != "running":
            return app.run()
        time.sleep(0.1)
    raise AssertionError("it was never read")


def test_a_handed_in_log_is_read_and_every_line_accounted_for(logs: Callable[[], AppTest], tmp_path: Path) -> None:
    app = read(logs(), "queue_log", QUEUE_LOG)
    assert not app.exception
    row = app.dataframe[0].value.iloc[0]
    assert row["Format"] == "asterisk_queue_log"
    assert row["Lines"] == 7
    assert row["= calls"] + row["+ used"] + row["+ ignored"] + row["+ refused"] == 7
    assert (row["+ refused"], row["New"]) == (1, 2)
    assert app.dataframe[1].value.iloc[0]["Line"] == 7  # the refused one
    assert "offered 2 = answered 1 + abandoned 1" in text(app)
    assert Store(tmp_path / "store").calls().collect().height == 2


def test_the_log_itself_is_deleted_once_read_for_it_holds_numbers(logs: Callable[[], AppTest]) -> None:
    app = read(logs(), "queue_log", QUEUE_LOG)
    folder = IMPORTS.folder(app.session_state["reading"])
    assert not (folder / "given").exists()
    assert not any("07700900001" in path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())
    assert folder.stat().st_mode & 0o077 == 0


def test_the_same_log_again_brings_nothing_new(logs: Callable[[], AppTest]) -> None:
    app = read(logs(), "queue_log", QUEUE_LOG)
    app.button(key="close").click().run()
    assert "reading" not in app.query_params
    app = read(app, "queue_log", QUEUE_LOG)
    assert app.dataframe[0].value.iloc[0]["What happened"] == "nothing new: all of it is held already"
    assert len(app.dataframe[2].value) == 1  # the ledger has it once


def test_a_file_that_no_format_knows_says_so_and_keeps_nothing(logs: Callable[[], AppTest], tmp_path: Path) -> None:
    app = logs()
    app.file_uploader(key="files").upload("holiday.csv", b"beach,sand\nsea,sun\n").run()
    assert not app.exception
    assert "no columns that look like calls" in app.error[0].value
    assert not [button for button in app.button if button.key in ("read", "guided_yes")]
    assert not Store(tmp_path / "store").batches()


def test_a_reading_can_be_stopped_and_leaves_nothing_half_read(
    logs: Callable[[], AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = logs()
    many = b"".join(b"1790000%03d|1790000%03d.1|kcas|NONE|ENTERQUEUE||07700900001|1\n" % (n, n) for n in range(1000))
    app.file_uploader(key="files").upload("queue_log", many * 20).run()
    app.button(key="read").click().run()
    assert "Reading" in app.progress[0].text
    app.button(key="stop_reading").click().run()
    assert "Stopped" in app.warning[0].value
    assert not Store(tmp_path / "store").batches()


def test_refused_lines_can_be_downloaded(logs: Callable[[], AppTest]) -> None:
    app = read(logs(), "queue_log", QUEUE_LOG)
    assert {button.key for button in app.get("download_button")} == {"download_refused_now", "download_refused_ever"}


def test_nothing_handed_in_yet_says_so(logs: Callable[[], AppTest]) -> None:
    app = logs()
    assert "None yet." in text(app)
    assert app.button(key="read").disabled


def test_a_name_from_an_address_that_is_no_jobs_is_nobodys() -> None:
    assert IMPORTS.state("../../etc/passwd") is None
    assert IMPORTS.state("0123456789abcdef") is None
