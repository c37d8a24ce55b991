"""Does the README's command bring a newcomer to a rate, from their own log, by another definition, to the calls?"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
]  # fmt: skip
PATIENCE = 240.0  # seconds for the demo to invent a year and read it in, on a busy machine
TRIED = re.compile(r"/\w+/_stcore/")
"""On a deep link Streamlit asks for its server below the page's own path first: a refusal it expects."""
NEXT_DAY = datetime(2010, 10, 1, 9, 0, tzinfo=UTC)  # the day after the invented year ends

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not here: nothing was tried in a browser"),
]


def own_log() -> str:
    """Forty calls of the day after: 4 give up after 10 s, 6 after 60 s, 30 are answered after 5 s."""
    lines = []
    for n in range(40):
        begun = int((NEXT_DAY + timedelta(minutes=n)).timestamp())
        call = f"{begun}.{n}"
        lines.append(f"{begun}|{call}|kcas-public|NONE|ENTERQUEUE||07700900{n:03}|1")
        if n < 10:
            wait = 10 if n < 4 else 60
            lines.append(f"{begun + wait}|{call}|kcas-public|NONE|ABANDON|1|1|{wait}")
        else:
            lines.append(f"{begun + 5}|{call}|kcas-public|SIP/1|CONNECT|5|{begun}.9{n}|2")
            lines.append(f"{begun + 50}|{call}|kcas-public|SIP/1|COMPLETECALLER|5|45|1")
    return "\n".join(sorted(lines, key=lambda line: int(line.split("|")[0]))) + "\n"


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo as the README starts it, in a folder of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("demo")
    # run.py sets up .venv first; where these tests run without one, the same command is given to kcas itself.
    readme = [sys.executable, str(ROOT / "run.py")] if (ROOT / ".venv").exists() else [sys.executable, "-m", "kcas"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KCAS_KEY": str(folder / "key")}
    for name in ("KCAS_STORE", "KCAS_STANDARD", "KCAS_ZONE"):
        environment.pop(name, None)
    with (folder / "said.txt").open("wb") as said:
        started = subprocess.Popen([*readme, "demo", "--no-browser", "--port", str(port)], cwd=folder, stdout=said,
                                   stderr=said, env=environment, start_new_session=True)  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/_stcore/health", started, folder / "said.txt")
        yield address
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        started.wait(timeout=30)


def wait_for(address: str, started: subprocess.Popen[bytes], said: Path) -> None:
    """Wait until the dashboard answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and started.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 (our own address)
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(f"the dashboard never answered: {said.read_text()[-2000:]}")


class Reader:
    """A person at a browser, who notes every complaint of the console and every request that leaves the machine."""

    def __init__(self, page: playwright.Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", self.heard)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("request", lambda request: self.saw(request.url))

    def heard(self, message: playwright.ConsoleMessage) -> None:
        """Note an error of the console."""
        if message.type == "error" and not TRIED.search(message.location.get("url", "")):
            self.complaints.append(f"console: {message.text} {message.location}")

    def saw(self, url: str) -> None:
        """Note a request to anybody else."""
        if not url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            self.complaints.append(f"left the page: {url}")

    def open(self, path: str = "/") -> None:
        """Go to an address of the dashboard."""
        self.page.goto(self.address + path)
        self.settled()

    def turn_to(self, title: str) -> None:
        """Choose a page."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
        playwright.expect(self.page.get_by_role("heading", name=title, level=1)).to_be_visible(timeout=30_000)
        self.settled()

    def settled(self) -> None:
        """Wait until the page has been drawn."""
        self.page.wait_for_timeout(400)
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
        playwright.expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
        self.page.wait_for_timeout(400)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.page.get_by_role("combobox", name=label).first.click()
        self.page.get_by_role("option", name=option).first.click()
        self.settled()

    @property
    def said(self) -> str:
        """All that the page says."""
        return str(self.page.get_by_test_id("stMain").inner_text()).replace("\u2060", "")


@pytest.fixture
def reader(dashboard: str, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """A person at a browser; in the dark where the test asks for it. No complaint is let pass."""
    light = getattr(request, "param", "light")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(color_scheme=light, viewport={"width": 1440, "height": 1200}).new_page()
        found = Reader(page, dashboard)
        yield found
        browser.close()
    assert not found.complaints


def test_a_newcomer_reads_a_rate_hands_in_a_log_and_asks_by_another_definition(reader: Reader, tmp_path: Path) -> None:
    reader.open()
    assert "Invented sample data" in reader.said
    assert re.search(
        r"\d+\.\d% of calls abandoned on Thursday 30 September 2010: \d+ of \d+ \(95% interval", reader.said
    )

    log = tmp_path / "invented-queue_log-2010-10.log"
    log.write_text(own_log(), encoding="utf-8")
    reader.turn_to("Logs")
    reader.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(str(log))
    reader.settled()
    reader.page.get_by_role("button", name="Read them in").click()
    playwright.expect(reader.page.get_by_text("1 of 1 file read")).to_be_visible(timeout=120_000)
    assert "40 new calls" in reader.said

    reader.turn_to("Today and lately")
    assert "25.0% of calls abandoned on Friday 1 October 2010: 10 of 40 (95% interval 14.2% to 40.2%)." in reader.said
    reader.choose("Abandonment rate", "nhs111_mds")
    assert "15.0% of calls abandoned on Friday 1 October 2010: 6 of 40" in reader.said
    assert "nhs111_mds" in reader.said
    assert "definition=nhs111_mds" in reader.page.url

    reader.turn_to("Waits")
    assert "How long callers are prepared to wait" in reader.said


def test_a_click_on_the_week_leads_to_its_calls_and_a_reload_keeps_them(reader: Reader) -> None:
    reader.open("/?definition=of_decided")
    cell = reader.page.get_by_test_id("stVegaLiteChart").nth(2).locator("svg g.mark-rect path").first
    cell.scroll_into_view_if_needed()
    cell.click(force=True)  # the label that lies on the cell takes the click, as it would a person's
    reader.settled()
    link = reader.page.get_by_role("link", name=re.compile("List the calls of \\w+s from 08:30"))
    link.click()
    playwright.expect(reader.page.get_by_role("heading", name="Calls", level=1)).to_be_visible(timeout=30_000)
    reader.settled()
    assert "weekday=" in reader.page.url
    assert "time=08%3A30" in reader.page.url
    assert "definition=of_decided" in reader.page.url
    before = re.search(r"([\d,]+) listed: counted as lost", reader.said)
    reader.page.reload()
    reader.settled()
    after = re.search(r"([\d,]+) listed: counted as lost", reader.said)
    assert before is not None
    assert after is not None
    assert before[1] == after[1]


def test_a_click_on_a_day_leads_to_its_calls(reader: Reader) -> None:
    reader.open()
    days = reader.page.get_by_test_id("stVegaLiteChart").first.locator(
        "svg g.mark-rule.role-mark line[opacity='0.001']"
    )
    days.nth(20).click(force=True)
    reader.settled()
    link = reader.page.get_by_role("link", name=re.compile(r"List the calls of \w+ \d+ \w+ 2010"))
    day = link.inner_text().split(" of ")[1]
    link.click()
    playwright.expect(reader.page.get_by_role("heading", name="Calls", level=1)).to_be_visible(timeout=30_000)
    reader.settled()
    assert re.search(r"on=2010-\d\d-\d\d", reader.page.url)
    assert day.split()[1] in re.search(r"on=2010-\d\d-(\d\d)", reader.page.url)[1]  # type: ignore[index]


def test_a_deep_link_opens_on_its_calls(reader: Reader) -> None:
    reader.open("/calls?definition=short_excluded&period=Everything&on=2010-03-01&show=all+the+rate+is+made+over")
    found = re.search(
        r"([\d,]+) listed: all the rate is made over.*calls ([\d,]+) of ([\d,]+) are counted", reader.said
    )
    assert found is not None
    assert found[1] == found[3]
    assert "abandoned within 5 s" in reader.said


@pytest.mark.parametrize("reader", ["dark"], indirect=True)
def test_the_dark_is_dark_on_every_page_and_nothing_complains(reader: Reader) -> None:
    reader.open()
    for title in ("Today and lately", "Waits", "Calls", "Logs"):
        reader.turn_to(title)
        assert "Invented sample data" in reader.said
        behind = reader.page.get_by_test_id("stApp").evaluate("element => getComputedStyle(element).backgroundColor")
        assert behind == "rgb(18, 23, 30)"
