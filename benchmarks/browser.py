"""Does a real browser show a page, a change of page and a changed widget as fast as a person expects?

Opens a running dashboard in Chromium and times each act until the page is drawn. The load of the machine is printed:
figures from a busy one say little. With a second port, both dashboards are timed in turn, as one against the other:
    python run.py demo --no-browser --port 8501
    python benchmarks/browser.py 8501 [another port]
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

COLD, PAGE, CHANGED = 2.0, 0.6, 0.3  # seconds
ROUNDS = 5
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
DRAWN = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    return app && app.getAttribute('data-test-script-state') === 'notRunning'
        && !document.querySelector('[data-testid="stSkeleton"]') && document.querySelector('h1');
}"""
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


def timed(page: Any, act: Callable[[], Any]) -> float:
    """Seconds until the page is drawn after an act."""
    began = time.perf_counter()
    act()
    page.wait_for_timeout(20)  # until the browser has told the server
    page.wait_for_function(DRAWN)
    page.evaluate(FRAMES)
    return time.perf_counter() - began - 0.02


def acts(browser: Any, port: int) -> Iterator[tuple[str, float, float]]:
    """Each act with the seconds that it took and those that it may take."""
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.set_default_timeout(60_000)
    yield "first page, cold", timed(page, lambda: page.goto(f"http://127.0.0.1:{port}/")), COLD
    for _ in range(ROUNDS):
        for period in ("4 weeks", "13 weeks"):
            page.get_by_label("Period").first.click()
            option = page.get_by_role("option", name=period).first
            option.wait_for()
            yield "changed widget", timed(page, option.click), CHANGED
        for name in ("Trend", "Waiting", "Overview"):
            yield "page change", timed(page, page.get_by_role("link", name=name, exact=True).first.click), PAGE
    page.close()


def main() -> None:
    """Print the middle of each kind of act, for each port."""
    from playwright.sync_api import sync_playwright

    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for port in map(int, sys.argv[1:]):
            found: dict[str, list[float]] = {}
            limits = {}
            for what, took, limit in acts(browser, port):
                found.setdefault(what, []).append(took)
                limits[what] = limit
            for what, times in found.items():
                middle = statistics.median(times)
                over = "" if middle <= limits[what] else f"   over {limits[what]:g} s"
                print(f"{port}  {what:18} {middle:6.2f} s, at most {max(times):.2f}{over}")
        browser.close()


if __name__ == "__main__":
    main()
