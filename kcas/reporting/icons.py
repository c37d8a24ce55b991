"""Variation and assurance icons of Making Data Count, told apart by shape and word."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from kcas.monitoring.rate_chart import RateChart
from kcas.reporting.palettes import Palette

WIDE, HIGH = 132, 104  # pixels
FONT = "Segoe UI, DejaVu Sans, sans-serif"  # of the reader's own: a picture brings none
UP, DOWN, LEVEL = "up", "down", "level"


@dataclass(frozen=True)
class Icon:
    """A picture, the words in it, and what it means in a sentence."""

    name: str
    word: str
    meaning: str
    picture: str  # SVG


VARIATION = {
    "common_cause": ("Ordinary", "The newest {by} varies as the {by}s before it did.", LEVEL),
    "special_cause_concern": ("Concern: higher", "The newest {by} is part of a signal that the rate is higher.", UP),
    "special_cause_improvement": ("Improving: lower", "The newest {by} is part of a signal that it is lower.", DOWN),
}
ASSURED = {
    "consistent_pass": ("Meets target", "Ordinary variation alone would meet the target every time.", DOWN),
    "consistent_fail": ("Misses target", "Ordinary variation alone would miss the target every time.", UP),
    "inconsistent": ("Now and then", "Ordinary variation alone would meet the target now and miss it then.", LEVEL),
}


def icons(chart: RateChart, *, palette: Palette) -> list[Icon]:
    """The two icons of a chart of weeks or months; none without limits, one without a target."""
    found = []
    if chart.by != "day" and chart.variation:
        word, meaning, way = VARIATION[chart.variation]
        meaning = meaning.format(by=chart.by)
        found.append(Icon("Variation", word, meaning, _tile(word, _points_to(way, palette), palette)))
    if chart.by != "day" and chart.assurance:
        word, meaning, way = ASSURED[chart.assurance]
        found.append(Icon("Assurance", word, meaning, _tile(word, _against_target(way, palette), palette)))
    return found


def _tile(word: str, drawing: str, palette: Palette) -> str:
    """A drawing in a frame, its word beneath."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{HIGH}" viewBox="0 0 {WIDE} {HIGH}">'
        f"<title>{escape(word)}</title>"
        f'<rect x="1" y="1" width="{WIDE - 2}" height="72" rx="10" fill="{palette.background}" stroke="{palette.quiet}"'
        f' stroke-width="1.5"/>{drawing}'
        f'<text x="{WIDE // 2}" y="95" text-anchor="middle" font-family="{FONT}" font-size="15" font-weight="600"'
        f' fill="{palette.text}">{escape(word)}</text></svg>'
    )


def _points_to(way: str, palette: Palette) -> str:
    """Points between two limits; or an arrow through one of them."""
    if way == LEVEL:
        dots = "".join(_dot(x, y, palette.offered) for x, y in ((28, 40), (47, 31), (66, 43), (85, 33), (104, 38)))
        return _line(20, palette.quiet) + _line(54, palette.quiet) + dots
    colour = palette.abandoned if way == UP else palette.answered
    arrow = (
        f'<path d="M66 60 V18 M50 32 L66 14 L82 32" fill="none" stroke="{colour}" stroke-width="6"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )
    turned = arrow if way == UP else f'<g transform="rotate(180 66 37)">{arrow}</g>'
    return _line(37, palette.quiet) + turned


def _against_target(way: str, palette: Palette) -> str:
    """Points below the target's line, above it, or on both sides of it."""
    rows = {DOWN: (46, 54, 48, 56, 50), UP: (18, 26, 20, 28, 22), LEVEL: (24, 50, 28, 46, 26)}[way]
    line = f'<path d="M14 37 H118" stroke="{palette.target}" stroke-width="2.5" stroke-dasharray="7 4"/>'
    colour = {DOWN: palette.answered, UP: palette.abandoned, LEVEL: palette.offered}[way]
    return line + "".join(_dot(x, y, colour) for x, y in zip((28, 47, 66, 85, 104), rows, strict=True))


def _dot(x: int, y: int, colour: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="5" fill="{colour}"/>'


def _line(y: int, colour: str) -> str:
    return f'<path d="M14 {y} H118" stroke="{colour}" stroke-width="1.5" stroke-dasharray="5 4"/>'
