"""Can everybody read the charts, in light and in dark? Contrast by the formula of WCAG 2.2 (1.4.3, 1.4.11)."""

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from kcas.reporting.palettes import DARK, LIGHT, Palette, palette

CONFIG = Path(__file__).resolve().parents[3] / ".streamlit" / "config.toml"
BOTH = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the well-known near miss


@BOTH
def test_every_text_stands_four_and_a_half_to_one(colours: Palette) -> None:
    texts = {
        "text": (colours.text, colours.background),
        "axis labels": (colours.quiet, colours.background),
        "target": (colours.target, colours.background),
        "label of the half curve": (colours.abandoned, colours.background),
        **{f"heat map step {n}": (step.text, step.fill) for n, step in enumerate(colours.steps)},
    }
    poor = {name: round(contrast(*pair), 2) for name, pair in texts.items() if contrast(*pair) < 4.5}
    assert not poor


@BOTH
def test_every_mark_stands_three_to_one(colours: Palette) -> None:
    marks = (colours.offered, colours.answered, colours.abandoned, colours.quiet, colours.target)
    assert min(contrast(mark, colours.background) for mark in marks) >= 3


@BOTH
def test_the_heat_map_goes_one_way_from_the_background(colours: Palette) -> None:
    away = [contrast(step.fill, colours.background) for step in colours.steps]
    assert all(less < more for less, more in pairwise(away))


@BOTH
def test_the_page_and_the_charts_share_their_background_and_text(colours: Palette) -> None:
    theme = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][colours.name]
    assert theme["backgroundColor"] == colours.background
    assert theme["textColor"] == colours.text
    assert contrast(theme["linkColor"], theme["backgroundColor"]) >= 4.5
    assert contrast(theme["textColor"], theme["secondaryBackgroundColor"]) >= 4.5


def test_a_reader_whose_light_is_not_known_gets_the_light_palette() -> None:
    assert palette(None) is LIGHT
    assert palette("dark") is DARK


def mixed(colour: str, background: str, *, share: float) -> str:
    """A colour laid thinly over another."""
    pairs = [(int(colour[i : i + 2], 16), int(background[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02x}" for one, other in pairs)


def test_what_is_chosen_can_be_read_on_its_own_tint_and_a_main_button_in_both_lights() -> None:
    themes = tomllib.loads(CONFIG.read_text())["theme"]
    light, dark = themes["light"]["primaryColor"], themes["dark"]["primaryColor"]
    assert contrast(light, mixed(light, LIGHT.background, share=0.25)) >= 4.5  # Streamlit's tint under the pointer
    assert contrast(dark, mixed(dark, DARK.background, share=0.25)) >= 4.5
    assert contrast("#ffffff", light) >= 4.5
    assert contrast(DARK.background, dark) >= 4.5  # showing.readable_buttons
