"""Can a planner try staffing, options, demand and handling in a browser, simulate, leave, come back, and keep it?"""

import re
from pathlib import Path

import pytest

from tests.browser.conftest import Reader, playwright

SIMULATED = re.compile(
    r"would bring abandonment from [\d.]+% to [\d.]+% \([\d.]+% to [\d.]+%\):\W+[\d.]+ points (lower|higher) \(between"
)
LONG = 120_000  # milliseconds for a simulation on a busy machine


def press(reader: Reader, name: str) -> None:
    """Press the button of that name."""
    reader.page.get_by_test_id("stButton").get_by_role("button", name=name, exact=True).click()


def part(reader: Reader, name: str) -> None:
    """Turn to a part of the page."""
    reader.page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()
    reader.settled()


def foreseen(reader: Reader) -> tuple[float, float]:
    """The two rates that theory gives, in percent."""
    values = reader.page.get_by_test_id("stMetricValue").all_inner_texts()
    before, after = (float(value.strip().removesuffix("%")) for value in values)
    return before, after


def drag(reader: Reader, label: str, *, by: int) -> None:
    """Drag a slider's knob from the middle with the mouse, so many pixels to the right."""
    knob = reader.page.get_by_role("slider", name=label)
    knob.scroll_into_view_if_needed()
    whole, box = reader.page.get_by_test_id("stSlider").filter(has=knob).bounding_box(), knob.bounding_box()
    assert whole is not None
    assert box is not None
    x, y = whole["x"] + whole["width"] / 2, box["y"] + box["height"] / 2
    reader.page.mouse.move(x, y)
    reader.page.mouse.down()
    reader.page.mouse.move(x + by / 2, y, steps=4)
    reader.page.mouse.move(x + by, y, steps=4)
    reader.page.mouse.up()
    reader.settled()


def test_theory_follows_every_change_at_once(reader: Reader) -> None:
    reader.open("/what_if")
    assert "MODEL, not observed. Invented, not measured: everything." in reader.said
    assert "Nothing is changed: abandonment stays" in reader.said
    start, same = foreseen(reader)
    assert start == same
    drag(reader, "Handling time, of what it is", by=-30)
    assert re.search(r"Calls that take \d+% less of an agent's time would bring abandonment", reader.said)
    shorter = foreseen(reader)
    assert shorter[0] == start > shorter[1]
    drag(reader, "Calls, of what they are", by=115)
    assert re.search(r"\d+% more calls", reader.said)
    assert foreseen(reader)[1] > shorter[1]
    assert re.search(r"Beyond what any data support\. [\d,]+ calls on a Monday are more than any of the", reader.said)
    reader.choose("Options to add", "assessment given up")
    assert "wider assessment given up" in reader.said.lower()
    assert re.search(r"calls=\d+&|options=assessment-given-up", reader.page.url)


def test_a_roster_is_written_into_the_table(reader: Reader) -> None:
    reader.open("/what_if")
    start, _ = foreseen(reader)
    reader.page.get_by_text("The roster, to write in").click()
    reader.settled()
    table = reader.page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    for row in (4, 5):  # from 10:00 to 11:00; a row is 35 pixels high, and the headings are one
        reader.page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + 35 * row + 18)
        reader.page.wait_for_timeout(500)  # the grid marks the cell before it listens
        editor = reader.page.locator(".gdg-input")
        if not editor.is_visible():  # a click on the cell that Enter has led to opens it already
            reader.page.keyboard.press("Enter")
        editor.fill("19")
        editor.press("Enter")
        reader.settled()
    assert "Four more agents from 10:00 to 11:00 would bring abandonment" in reader.said
    assert foreseen(reader)[1] < start


def test_a_simulation_survives_another_page_and_a_reload_and_ends_side_by_side(reader: Reader) -> None:
    reader.open("/what_if?agents=2&between=10%3A00&between=12%3A00")
    assert "Two more agents from 10:00 to 12:00 would bring abandonment" in reader.said
    reader.page.get_by_text("1,000 days", exact=True).click()
    reader.settled()
    press(reader, "Simulate")
    reader.page.wait_for_url(re.compile("simulation=[0-9a-f]{16}"), timeout=30_000)
    reader.turn_to("Waiting")
    reader.turn_to("What if")
    assert re.search("simulation=[0-9a-f]{16}", reader.page.url)
    reader.page.reload()
    reader.settled()
    playwright.expect(reader.page.get_by_text(SIMULATED)).to_be_visible(timeout=LONG)
    assert re.search(r"Two more agents from 10:00 to 12:00 would bring abandonment from", reader.said)
    assert "mean of 1,000 simulated days" in reader.said
    assert "1,000 days of each scenario with the same simulated callers" in reader.said
    for chart in ("Share abandoned", "Service level", "Mean wait, all who joined (seconds)", "Agents' time on calls"):
        reader.page.get_by_test_id("stButtonGroup").get_by_text(chart, exact=True).click()
        reader.settled()
        assert reader.page.get_by_test_id("stVegaLiteChart").count() == 2


def test_a_long_simulation_tells_how_far_it_is_and_can_be_stopped(reader: Reader) -> None:
    reader.open("/what_if?calls=150&agents=3")
    reader.page.get_by_text("5,000 days", exact=True).click()
    reader.settled()
    press(reader, "Simulate")
    playwright.expect(reader.page.get_by_text(re.compile(r"Simulating: \d+% of the days"))).to_be_visible(timeout=LONG)
    press(reader, "Stop")
    playwright.expect(reader.page.get_by_text("Stopped before it had a result.")).to_be_visible(timeout=30_000)


def test_what_is_supposed_is_kept_as_a_file_chosen_again_and_loaded_from_one(reader: Reader, tmp_path: Path) -> None:
    reader.open("/what_if?agents=1&view=Save+and+load")
    reader.page.get_by_label("Name", exact=True).fill("One more agent")
    reader.page.keyboard.press("Enter")
    reader.settled()
    press(reader, "Save")
    playwright.expect(reader.page.get_by_text("Saved as one-more-agent.toml.")).to_be_visible(timeout=30_000)
    with reader.page.expect_download() as handed:
        reader.page.get_by_role("button", name="Download the file").click()
    file = tmp_path / "another-name.toml"
    handed.value.save_as(file)
    assert 'starts_from = "today.toml"' in file.read_text()
    file.write_text(file.read_text().replace("What would one more agent do?", "Would one more be enough?"))
    reader.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(str(file))
    reader.settled()
    press(reader, "Load")
    playwright.expect(reader.page.get_by_text("another-name.toml can be chosen above")).to_be_visible(timeout=30_000)
    reader.open("/what_if?baseline=another+name")
    assert "Would one more be enough?" in reader.said


def test_several_stand_in_one_table_and_two_inputs_in_a_heat_map(reader: Reader) -> None:
    reader.open("/what_if?view=Compare+several&compared=callback&compared=more+agents")
    press(reader, "Compare")
    playwright.expect(
        reader.page.get_by_text("200 days of each scenario with the same simulated callers")
    ).to_be_visible(timeout=LONG)
    assert {"callback", "more agents"} <= set(
        reader.page.get_by_test_id("stMultiSelect").last.inner_text().splitlines()
    )
    reader.open("/what_if?view=Two+changes+at+once&across=agents&down=calls")
    press(reader, "Simulate every pair")
    playwright.expect(reader.page.get_by_text(re.compile("starting from the baseline as it is"))).to_be_visible(
        timeout=LONG
    )
    drawn = reader.page.get_by_test_id("stVegaLiteChart").last
    assert len(drawn.locator("svg g.mark-rect path").all()) == 40
    assert "pairs leave what any data support" in reader.said


def test_a_day_is_watched_as_it_happens(reader: Reader) -> None:
    reader.open("/what_if?view=Watch+a+day&day_watched=3&speed=20")
    assert "08:30. No one is waiting." in reader.said
    reader.page.get_by_test_id("stCheckbox").get_by_text("Play").click()
    playwright.expect(reader.page.get_by_text(re.compile(r"^(09|1\d):\d\d\. .* agents on a call"))).to_be_visible(
        timeout=60_000
    )
    assert re.search(r"So far \d+ answered and \d+ hung up", reader.said)


@pytest.mark.parametrize("reader", ["dark"], indirect=True)
def test_the_page_is_dark_in_the_dark(reader: Reader) -> None:
    reader.open("/what_if?agents=2")
    behind = reader.page.get_by_test_id("stApp").evaluate("element => getComputedStyle(element).backgroundColor")
    assert behind == "rgb(18, 23, 30)"
