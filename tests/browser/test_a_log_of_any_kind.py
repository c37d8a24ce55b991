"""From the drop of a log that no one has described to its rate, on one page: delimited text, and a mailed workbook."""

import io
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.browser.conftest import CHROMIUM, FLAGS, ROOT, Reader, playwright, wait_for

PICTURES = os.environ.get("KCAS_PICTURES", "")
"""A folder for pictures of every state, for a person to look at; none are taken where it is not named."""


def semicolons(*, month: int = 3, words: tuple[str, str] = ("Answered", "Caller hung up in queue")) -> str:
    """Three title lines, days first, times apart, minutes and seconds: 5 of 40 calls a day abandoned, invented."""
    rows = ["Northgate Telecom weekly call report;;;;;;", "Invented contact centre;;;;;;", "Printed 20/04/2026;;;;;;"]
    rows.append("Call ref;Date;Time;Service;Result;Queue time;Talk time")
    for day in range(16, 21):
        for call in range(40):
            lost, clock = call % 8 == 7, f"{9 + call // 20:02}:{3 * (call % 20):02}:{call % 60:02}"
            times = f"{words[1]};1:{call % 60:02};" if lost else f"{words[0]};0:{call % 60:02};3:{call:02}"
            queue = "Adults" if call % 3 else "Duty team"
            rows.append(f"{month}{day}{call:02};{day}/{month:02}/2026;{clock};{queue};{times}")
    return "\r\n".join(rows) + "\r\n"


def mailed_workbook() -> bytes:
    """A mail with an invented workbook of half-hours: 64 half-hours in four days, 12 calls each, 3 abandoned."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Half-hourly queue report (invented)"])
    sheet.append(["Interval start", "Queue", "Calls offered", "Calls answered", "Calls abandoned", "ASA"])
    for day in range(16, 20):
        for slot in range(16):
            start = datetime(2026, 3, day, 9) + timedelta(minutes=30 * slot)  # noqa: DTZ001
            sheet.append([start, "Public line", 12, 9, 3, timedelta(seconds=40)])
    content = io.BytesIO()
    book.save(content)
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "Queue report", "reports@supplier.example"
    mail.set_content("Your report is attached.")
    mail.add_attachment(content.getvalue(), maintype="application", subtype="vnd.ms-excel", filename="half-hours.xlsx")
    return mail.as_bytes()


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reader]:
    """A person at a dashboard that has no calls yet, in the light and at the width that the test asks for."""
    light, width = getattr(request, "param", ("light", 1440))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KCAS_KEY": str(tmp_path / "key")}
    for name in ("KCAS_STORE", "KCAS_STANDARD", "KCAS_ZONE"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "kcas", "dashboard", "--no-browser", "--port", str(port)]
    with (tmp_path / "said.txt").open("wb") as said:
        server = subprocess.Popen(command, cwd=tmp_path, stdout=said, stderr=said, env=environment,
                                  start_new_session=True)  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/_stcore/health", server, tmp_path / "said.txt")
        with playwright.sync_playwright() as started:
            browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            view = {"width": width, "height": 1400}
            reader = Reader(browser.new_context(color_scheme=light, viewport=view).new_page(), address)
            yield reader
            browser.close()
        assert not reader.complaints
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def drop(reader: Reader, file: Path, content: bytes) -> None:
    """Upload a file on the Data page."""
    file.write_bytes(content)
    reader.page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(str(file))
    reader.settled()


def picture(reader: Reader, name: str) -> None:
    """A picture of the whole page, where a person has asked for pictures."""
    if PICTURES:
        width = reader.page.viewport_size["width"] if reader.page.viewport_size else 0
        light = (reader.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") and "dark") or "light"
        size = reader.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        reader.page.set_viewport_size({"width": width, "height": max(1400, int(size))})
        reader.page.wait_for_timeout(600)
        reader.page.screenshot(path=str(Path(PICTURES) / f"{name}-{light}-{width}.png"))
        reader.page.set_viewport_size({"width": width, "height": 1400})


def press(reader: Reader, label: str) -> None:
    """Press a button."""
    reader.page.get_by_role("button", name=label).click()
    reader.settled()


def confirm(reader: Reader) -> None:
    """Say who describes the file and that its totals are right, and wait until it has been read."""
    name = reader.page.get_by_label("Your name, kept with the description")
    if not name.input_value():
        name.fill("A. Manager")
        name.press("Enter")
        reader.settled()
    press(reader, "Yes, that is right")
    playwright.expect(reader.page.get_by_text("1 of 1 file read")).to_be_visible(timeout=120_000)
    reader.settled()


def nothing_is_cut_off(reader: Reader) -> None:
    """No part of the page is wider than the window."""
    wide = reader.page.evaluate("""() => [...document.querySelectorAll('[data-testid=stMain] *')]
        .filter(each => each.getBoundingClientRect().right > innerWidth + 1
            && !each.closest('[data-testid=stDataFrame]') && !each.closest('[role=listbox]'))
        .map(each => each.className + ' ' + each.innerText).slice(0, 5)""")
    assert wide == []


@pytest.mark.parametrize("desk", [("light", 1440), ("dark", 390)], indirect=True)
def test_a_file_with_title_lines_becomes_a_rate_without_leaving_the_page(desk: Reader, tmp_path: Path) -> None:
    desk.open("/logs")
    picture(desk, "1-empty")
    drop(desk, tmp_path / "northgate-2026-03.csv", semicolons().encode("cp1252"))
    assert "200 calls from 16 to 20 March 2026, 25 abandoned (12.5%)" in desk.said
    nothing_is_cut_off(desk)
    picture(desk, "2-described")
    confirm(desk)
    assert "200 new calls" in desk.said
    picture(desk, "3-read")
    press(desk, "Close this account")

    # next month's file has a new word: one choice, and the others are as before
    april = semicolons(month=4).replace("Caller hung up in queue;1:07", "Left voicemail;1:07")
    drop(desk, tmp_path / "northgate-2026-04.csv", april.encode("cp1252"))
    assert "5 rows are rejected" in desk.page.get_by_test_id("stForm").inner_text().replace("\u2060", "")
    nothing_is_cut_off(desk)
    picture(desk, "4-new-word")
    press(desk, "Read these rows so")
    assert "200 calls from 16 to 20 April 2026, 20 abandoned (10.0%)" in desk.said
    confirm(desk)
    press(desk, "Close this account")

    # the month after a column has another name
    may = semicolons(month=5).replace("Queue time", "Time in queue")
    drop(desk, tmp_path / "northgate-2026-05.csv", may.encode("cp1252"))
    assert "is gone" in desk.said
    picture(desk, "5-renamed")
    press(desk, "These are right")
    assert "200 calls from 16 to 20 May 2026, 25 abandoned (12.5%)" in desk.said
    confirm(desk)
    press(desk, "Close this account")
    picture(desk, "6-all-read")
    desk.open("/")
    assert "12.5% of calls abandoned on Wednesday 20 May 2026: 5 of 40" in desk.said


@pytest.mark.parametrize("desk", [("light", 1440), ("light", 390)], indirect=True)
def test_a_mailed_half_hour_workbook_becomes_a_rate_without_leaving_the_page(desk: Reader, tmp_path: Path) -> None:
    desk.open("/logs")
    drop(desk, tmp_path / "report.eml", mailed_workbook())
    assert "768 calls from 16 to 19 March 2026, 192 abandoned (25.0%), mean wait 40 s" in desk.said
    nothing_is_cut_off(desk)
    desk.choose("Compare with a day you know", "2026-03-17")
    for label, figure in (("Calls offered, by", "192"), ("Calls abandoned, by", "46")):
        desk.page.get_by_label(label).fill(figure)
        desk.page.get_by_label(label).press("Enter")
        desk.settled()
    assert "As read: 48 abandoned of 192 offered. Your report differs." in desk.said
    picture(desk, "7-workbook-differs")
    desk.page.get_by_label("Calls abandoned, by").fill("48")
    desk.page.get_by_label("Calls abandoned, by").press("Enter")
    desk.settled()
    assert "That agrees with your report." in desk.said
    confirm(desk)
    picture(desk, "8-workbook-read")
    desk.open("/")
    assert "25.0% of calls abandoned on Thursday 19 March 2026: 48 of 192" in desk.said
