"""The Data page describes a log that no one has described, keeps the description, and reads the next one by it."""

import io
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from openpyxl import Workbook
from streamlit.testing.v1 import AppTest

from kcas.calls.store import Store
from kcas.dashboard.job_requests import IMPORTS
from kcas.importing.kept_mappings import history_of
from tests.pages.conftest import text

Open = Callable[..., AppTest]

SEMICOLONS = """Weekly report
Invented desk
Week 12
Call ID;Date;Time;Queue;Outcome;Wait;Talk
1;16/03/2026;09:01:10;Front;Answered;0:12;3:10
2;16/03/2026;09:03:00;Front;Abandoned;0:45;
3;17/03/2026;10:30:00;Front;Answered;1:06;2:00
4;28/03/2026;11:00:00;Front;Abandoned;0:30;
5;28/03/2026;11:05:00;Front;Answered;0:03;1:00
"""
NEXT_MONTH = SEMICOLONS.replace("/03/2026", "/04/2026").replace("\n", "\n10").replace("10Call", "Call")


@pytest.fixture
def data(page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """Opens the Data page on a store with nothing in it yet."""
    monkeypatch.setenv("KCAS_KEY", str(tmp_path / "key"))
    return lambda: page("Data", store=tmp_path / "store")


def half_hours() -> bytes:
    """A mail with an invented workbook of half-hours: two days of four half-hours, ten calls each, one abandoned."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Queue report, invented"])
    sheet.append(["Interval start", "Queue", "Offered", "Answered", "Abandoned"])
    for day in (16, 17):
        for slot in range(4):
            sheet.append([datetime(2026, 3, day, 9) + timedelta(minutes=30 * slot), "Front", 10, 9, 1])  # noqa: DTZ001
    content = io.BytesIO()
    book.save(content)
    mail = EmailMessage()
    mail["Subject"] = "Your report"
    mail.set_content("Attached.")
    mail.add_attachment(content.getvalue(), maintype="application", subtype="vnd.ms-excel", filename="half-hours.xlsx")
    return mail.as_bytes()


def said(app: AppTest) -> str:
    """All that the page says, its errors, heading lines and hints too."""
    more = (*app.subheader, *app.info, *app.error, *app.warning, *app.success, *app.caption)
    return text(app) + "\n".join(str(each.value).replace("\\", "").replace("\u2060", "") for each in more)


def confirm(app: AppTest) -> AppTest:
    """Say who describes it, say yes, and wait until it has been read."""
    app.text_input(key="guided_by").set_value("A. Keeper").run()
    app.button(key="guided_yes").click().run()
    for _ in range(300):
        job = IMPORTS.state(app.session_state["reading"])
        assert job is not None
        if job.state != "running":
            assert job.state == "done", job.words
            return app.run()
        time.sleep(0.1)
    raise AssertionError("it was never read")


def test_from_a_semicolon_file_with_title_lines_to_its_calls_without_leaving_the_page(
    data: Callable[[], AppTest], tmp_path: Path
) -> None:
    app = data()
    app.file_uploader(key="files").upload("weekly-2026-12.csv", SEMICOLONS.encode()).run()
    assert not app.exception
    assert "5 calls from 16 to 28 March 2026, 2 abandoned (40.0%), mean wait 27 s: is that right?" in said(app)
    assert not Store(tmp_path / "store").exists
    app = confirm(app)
    assert not app.exception
    calls = Store(tmp_path / "store").calls().collect()
    assert calls.group_by("outcome").len().sort("outcome")["len"].to_list() == [3, 2]
    (line,) = history_of(Store(tmp_path / "store"))
    assert (line["by"], line["name"]) == ("A. Keeper", "weekly")
    # next month's file is read without a word
    app.button(key="close").click().run()
    app.file_uploader(key="files").upload("weekly-2026-16.csv", NEXT_MONTH.encode()).run()
    app.button(key="read").click().run()
    for _ in range(300):
        job = IMPORTS.state(app.session_state["reading"])
        assert job is not None
        if job.state != "running":
            break
        time.sleep(0.1)
    assert Store(tmp_path / "store").calls().collect().height == 10


def test_a_mailed_half_hour_workbook_comes_to_its_rate(data: Callable[[], AppTest], tmp_path: Path) -> None:
    app = data()
    app.file_uploader(key="files").upload("report.eml", half_hours()).run()
    assert not app.exception
    assert "80 calls from 16 to 17 March 2026, 8 abandoned (10.0%)" in said(app)
    app.selectbox(key="guided_day").set_value("2026-03-16").run()
    app.number_input(key="guided_offered").set_value(40).run()
    assert "As read: 4 abandoned of 40 offered. That agrees with your report." in said(app)
    app.number_input(key="guided_lost").set_value(7).run()
    assert "Your report differs. Nothing in the file explains it" in said(app)
    app = confirm(app)
    held = Store(tmp_path / "store").intervals().collect()
    assert held.filter(measure="offered")["amount"].sum() == 80


def test_what_a_file_does_not_settle_is_asked_before_anything_is_counted(data: Callable[[], AppTest]) -> None:
    unsettled = SEMICOLONS.replace("16/03", "06/03").replace("17/03", "07/03").replace("28/03", "08/03")
    app = data()
    app.file_uploader(key="files").upload("weekly.csv", unsettled.encode()).run()
    assert "is that right?" not in said(app)
    (question,) = [each for each in app.selectbox if each.key.endswith("_date_order")]
    question.set_value(next(option for option in question.options if "day" in option.lower())).run()
    assert "from 6 to 8 March 2026" in said(app)


def test_unknown_words_are_one_list_filled_in_and_taken_only_when_confirmed(data: Callable[[], AppTest]) -> None:
    words = SEMICOLONS.replace("Answered", "Code 7").replace("Abandoned", "Code 9")
    app = data()
    app.file_uploader(key="files").upload("weekly.csv", words.encode()).run()
    answered, abandoned = (each for each in app.selectbox if "_outcome:" in each.key)
    assert (answered.value, abandoned.value) == ("answered", "abandoned")
    assert "is that right?" not in said(app)
    press(app, "These are right")
    assert "2 abandoned (40.0%)" in said(app)
    (abandoned,) = [each for each in app.selectbox if each.key.endswith("_outcome:Code 9")]
    abandoned.set_value("voicemail")
    press(app, "These are right")
    assert "0 abandoned (0.0%)" in said(app)


def test_a_name_that_is_none_and_a_person_unsaid_are_said_in_words(data: Callable[[], AppTest]) -> None:
    app = data()
    app.file_uploader(key="files").upload("weekly.csv", SEMICOLONS.encode()).run()
    app.button(key="guided_yes").click().run()
    assert "Say who describes the format" in said(app)
    name = next(each for each in app.text_input if each.key.startswith("guided_name_"))
    name.set_value("Our Format!").run()
    assert "is no name for a format" in said(app)


def press(app: AppTest, label: str) -> AppTest:
    """Press the button with this label."""
    return next(each for each in app.button if each.label == label).click().run()


def test_a_new_word_in_next_months_file_is_settled_once_with_one_choice(
    data: Callable[[], AppTest], tmp_path: Path
) -> None:
    app = data()
    app.file_uploader(key="files").upload("weekly-2026-12.csv", SEMICOLONS.encode()).run()
    app = confirm(app)
    app.button(key="close").click().run()
    april = NEXT_MONTH.replace("10:30:00;Front;Answered", "10:30:00;Front;Voicemail")
    app.file_uploader(key="files").upload("weekly-2026-16.csv", april.encode()).run()
    assert '1 row is rejected because "Outcome" says "Voicemail". How should they be read?' in [
        each.label.replace("\\", "").replace("\u2060", "") for each in app.selectbox
    ]
    app = press(app, "Read these rows so")  # voicemail is what the word means elsewhere, and is offered
    assert "5 calls from 16 to 28 April 2026, 2 abandoned (40.0%)" in said(app)
    assert app.text_input(key="guided_by").value == "A. Keeper"
    app = confirm(app)
    calls = Store(tmp_path / "store").calls().collect()
    assert calls["outcome"].value_counts().sort("outcome")["count"].to_list() == [5, 4, 1]
    assert len(history_of(Store(tmp_path / "store"))) == 2


def test_a_renamed_column_is_asked_with_everything_else_as_before(data: Callable[[], AppTest], tmp_path: Path) -> None:
    app = data()
    app.file_uploader(key="files").upload("weekly-2026-12.csv", SEMICOLONS.encode()).run()
    app = confirm(app)
    app.button(key="close").click().run()
    april = NEXT_MONTH.replace(";Wait;", ";Waited in queue;")
    app.file_uploader(key="files").upload("weekly-2026-16.csv", april.encode()).run()
    assert '"Wait" is gone ("Waited in queue" may be the same)' in said(app)
    assert not [each for each in app.button if each.key == "read"]
    app = press(app, "These are right")
    assert "5 calls from 16 to 28 April 2026, 2 abandoned (40.0%), mean wait 27 s" in said(app)
    app = confirm(app)
    assert Store(tmp_path / "store").calls().collect().height == 10


def test_what_would_explain_a_day_that_differs_is_counted_in_the_file(data: Callable[[], AppTest]) -> None:
    passed_on = SEMICOLONS + "3;17/03/2026;10:40:00;Back;Abandoned;0:04;\n"
    app = data()
    app.file_uploader(key="files").upload("weekly.csv", passed_on.encode()).run()
    app.selectbox(key="guided_day").set_value("2026-03-17").run()
    app.number_input(key="guided_offered").set_value(1).run()
    app.number_input(key="guided_lost").set_value(1).run()
    assert "As read: 1 abandoned of 2 offered. Your report differs." in said(app)
    assert "if it counts a call that was passed on once, by how it ended last" in said(app)
    app.number_input(key="guided_lost").set_value(0).run()
    assert "if it leaves out calls abandoned within 5 seconds" in said(app)


def test_a_file_that_is_no_log_says_what_to_bring(data: Callable[[], AppTest]) -> None:
    app = data()
    app.file_uploader(key="files").upload("picture.png", b"\x89PNG\r\n\x1a\n" + b"0" * 100).run()
    assert "it looks like a PNG picture" in said(app)
    assert not [each for each in app.button if each.key in ("read", "guided_yes")]


def test_a_year_of_files_of_one_new_format_is_described_once(data: Callable[[], AppTest], tmp_path: Path) -> None:
    app = data()
    files = [
        ("march.csv", SEMICOLONS.encode()),
        ("april.csv", NEXT_MONTH.encode()),
        ("beach.csv", b"beach,sand\nsea,sun\n"),
    ]
    app.file_uploader(key="files").set_value([(name, content, "text/csv") for name, content in files]).run()
    assert "The other files that are not known yet are read with it where they have the same columns." in said(app)
    app = confirm(app)
    assert Store(tmp_path / "store").calls().collect().height == 10
    assert {batch.record.name for batch in Store(tmp_path / "store").batches()} == {"march.csv", "april.csv"}


def test_a_word_taken_for_certain_can_be_counted_otherwise(data: Callable[[], AppTest]) -> None:
    app = data()
    log = SEMICOLONS.replace(
        "4;28/03/2026;11:00:00;Front;Abandoned;0:30;", "4;28/03/2026;11:00:00;Front;Voicemail;0:30;"
    )
    app.file_uploader(key="files").upload("calls.csv", log.encode()).run()
    assert "5 calls from 16 to 28 March 2026, 1 abandoned (20.0%)" in said(app)
    (voicemail,) = [each for each in app.selectbox if each.key.endswith("_outcome:Voicemail")]
    assert voicemail.value == "voicemail"
    assert voicemail.label.endswith(" 1 row")
    assert "28/03/2026 · 11:00:00 · Front · 0:30" in said(app)  # an example, without caller or agent
    voicemail.set_value("abandoned").run()
    assert not app.exception
    assert "5 calls from 16 to 28 March 2026, 2 abandoned (40.0%)" in said(app)
