"""Is the first simulated result on the screen within a second of the click? The what-if page in a real browser.

Each time the page is opened again with `today.toml` and two agents more, *Simulate* is clicked, and the clock runs
until the sentence of 200 days of each is there to read. In the same run and browser: a click on a bare Streamlit page
of one button, and how long SimPy as tutorials write it takes for as many calls.

    python benchmarks/what_if.py [tries, default 7]
"""

import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from playwright.sync_api import Page, sync_playwright  # noqa: E402
from simulated_desk import CALLS_A_DAY, plain_load  # noqa: E402
from simulation import TODAY, tutorial  # noqa: E402

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
]  # fmt: skip
WANTED = 1.0
"""Seconds from the click to the first simulated result."""
ASKED = "/what_if?baseline=today&agents=2"
SAID = rf"\b{TODAY} days of each scenario"
GETTING_READY = 8.0  # seconds in which a reader would look at the page, and the next child process gets ready
CALLS = 700 * TODAY * 2  # of both scenarios
BARE = """
import streamlit as st
if st.button("Simulate", key="simulate"):
    st.subheader("Simulated")
"""
TIMED = """said => new Promise(found => {
    const button = document.querySelector('.st-key-simulate button'), began = performance.now();
    const look = () => { if (new RegExp(said).test(document.querySelector('[data-testid="stMain"]').innerText))
        found((performance.now() - began) / 1000); else requestAnimationFrame(look); };
    button.click(); look(); })"""
"""Clicks, and gives the seconds until the page says so."""


@contextmanager
def served(command: list[str], *, port: int, folder: Path) -> Iterator[str]:
    """The address at which a command serves pages."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "KCAS_STORE": str(folder / "store")}
    started = subprocess.Popen(command, cwd=folder, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               start_new_session=True)  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        while started.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).close()  # noqa: S310 (our own address)
                break
            except OSError:
                time.sleep(0.3)
        yield address
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        started.wait(timeout=30)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def clicked(page: Page, address: str, *, said: str) -> float:
    """Seconds from a click on Simulate until the page says so."""
    page.goto(address)
    page.wait_for_selector(".st-key-simulate button", timeout=60_000)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
    page.wait_for_timeout(GETTING_READY * 1000)
    assert not re.search(said, page.inner_text('[data-testid="stMain"]')), "the result is there before the click"
    return float(page.evaluate(TIMED, said))


def main() -> None:
    """Click, and print the seconds."""
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as name, sync_playwright() as started:
        folder = Path(name)
        (folder / "bare.py").write_text(BARE)
        ports = free_port(), free_port()
        ours = [sys.executable, "-m", "kcas", "dashboard", "--no-browser", "--port", str(ports[0])]
        bare = [sys.executable, "-m", "streamlit", "run", str(folder / "bare.py"), "--server.headless=true",
                f"--server.port={ports[1]}"]  # fmt: skip
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 1200}).new_page()
        with served(ours, port=ports[0], folder=folder) as here, served(bare, port=ports[1], folder=folder) as there:
            clicked(page, here + ASKED, said=SAID)  # the first reader's page draws what later ones keep
            times = [clicked(page, here + ASKED, said=SAID) for _ in range(tries)]
            plain = [clicked(page, there, said="Simulated") for _ in range(tries)]
        browser.close()
    began = time.process_time()
    tutorial(plain_load(round(CALLS / CALLS_A_DAY)))
    outside = time.process_time() - began
    middle, base = statistics.median(times), statistics.median(plain)
    print(f"{os.cpu_count()} processors, of which {os.getloadavg()[0]:.1f} were wanted in the last minute")
    print(f"What if, from the click to {TODAY} simulated days of two scenarios: {middle:.2f} s", end="")
    print(f" (from {min(times):.2f} to {max(times):.2f})   wanted {WANTED:g} s")
    print(f"A bare page with a button: {base:.2f} s   ours {middle / base:.1f} : 1")
    print(f"As many calls in tutorial SimPy, without a page: {outside:.2f} s   ours {middle / outside:.2f} : 1")


if __name__ == "__main__":
    main()
