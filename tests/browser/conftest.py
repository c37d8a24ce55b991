"""The demo's dashboard as the README starts it, and a person at a browser."""

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives a browser, and is skipped with a reason where there is none."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            if not Path(CHROMIUM).exists():
                item.add_marker(pytest.mark.skip(reason="Chromium is not here: nothing was tried in a browser"))


@pytest.fixture(scope="package")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo as the README starts it, in a folder of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("demo")
    # run.py sets up .venv first; where these tests run without one, the same command is given to kcas itself.
    readme = [sys.executable, str(ROOT / "run.py")] if (ROOT / ".venv").exists() else [sys.executable, "-m", "kcas"]
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "KCAS_KEY": str(folder / "key"),
        "KCAS_SCENARIOS": str(folder / "scenarios"),
    }  # fmt: skip
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


@pytest.fixture(scope="package")
def browser() -> Iterator[playwright.Browser]:
    """A browser, started once; each test has a profile of its own in it. It ends with this folder's tests, for while
    it is driven no other test can start an event loop."""
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def reader(dashboard: str, browser: playwright.Browser, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """A person at a browser; in the dark where the test asks for it. No complaint is let pass."""
    light = getattr(request, "param", "light")
    profile = browser.new_context(color_scheme=light, viewport={"width": 1440, "height": 1200})
    found = Reader(profile.new_page(), dashboard)
    yield found
    profile.close()
    assert not found.complaints
