"""Does the README's command bring a newcomer to a rate, from their own log, by another definition, to the calls?"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.browser.conftest import Reader, playwright

NEXT_DAY = datetime(2010, 10, 1, 9, 0, tzinfo=UTC)  # the day after the invented year ends


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


def test_a_newcomer_reads_a_rate_hands_in_a_log_and_asks_by_another_definition(reader: Reader, tmp_path: Path) -> None:
    reader.open()
    assert "Invented sample data" in reader.said
    assert re.search(
        r"\d+\.\d% of calls abandoned on Thursday 30 September 2010: \d+ of \d+ \(95% interval", reader.said
    )

    log = tmp_path / "invented-queue_log-2010-10.log"
    log.write_text(own_log(), encoding="utf-8")
    reader.turn_to("Data")
    reader.page.locator("[data-testid=stFileUploaderDropzoneInput][multiple]").set_input_files(str(log))
    reader.settled()
    reader.page.get_by_role("button", name="Read them in").click()
    playwright.expect(reader.page.get_by_text("1 of 1 file read")).to_be_visible(timeout=120_000)
    assert "40 new calls" in reader.said

    reader.turn_to("Overview")
    assert "25.0% of calls abandoned on Friday 1 October 2010: 10 of 40 (95% interval 14.2% to 40.2%)." in reader.said
    reader.choose("Abandonment rate", "nhs111_mds")
    assert "15.0% of calls abandoned on Friday 1 October 2010: 6 of 40" in reader.said
    assert "nhs111_mds" in reader.said
    assert "definition=nhs111_mds" in reader.page.url

    reader.turn_to("Waiting")
    assert "Caller patience" in reader.said


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
    for title in ("Overview", "Waiting", "Calls", "Data"):
        reader.turn_to(title)
        assert "Invented sample data" in reader.said
        behind = reader.page.get_by_test_id("stApp").evaluate("element => getComputedStyle(element).backgroundColor")
        assert behind == "rgb(18, 23, 30)"
