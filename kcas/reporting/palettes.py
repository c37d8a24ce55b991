"""Colours of the charts, light and dark.

Text stands at least 4.5:1 against what it is written on, marks 3:1 against their background; a test computes
both. Colour never carries meaning alone: shapes, dashes, words and numbers say the same.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class _Step:
    """One step of a heat map: the cell's colour, and the colour of what is written in it."""

    fill: str
    text: str


@dataclass(frozen=True)
class Palette:
    """The colours of every chart in one light."""

    name: str
    background: str
    text: str
    quiet: str  # axis labels, notes
    grid: str  # hairlines, which mean nothing
    offered: str
    answered: str
    abandoned: str
    target: str
    steps: tuple[_Step, ...]  # from few lost to many


LIGHT = Palette(
    name="light",
    background="#ffffff",
    text="#1b2430",
    quiet="#4a5565",
    grid="#e3e7ec",
    offered="#6b7280",
    answered="#1d6fb8",
    abandoned="#c2410c",
    target="#1b2430",
    steps=(
        _Step("#fff7ef", "#1b2430"),
        _Step("#fde2c8", "#1b2430"),
        _Step("#fbbf8a", "#1b2430"),
        _Step("#f08c4a", "#1b2430"),
        _Step("#bf4a10", "#ffffff"),
        _Step("#7c2a06", "#ffffff"),
    ),
)

DARK = Palette(
    name="dark",
    background="#12171e",
    text="#e9eef4",
    quiet="#b3bdc9",
    grid="#2b333d",
    offered="#9aa5b1",
    answered="#6db3f2",
    abandoned="#ff9a5a",
    target="#e9eef4",
    steps=(
        _Step("#1b222b", "#e9eef4"),
        _Step("#3a2a20", "#e9eef4"),
        _Step("#663a1c", "#ffffff"),
        _Step("#9a4a14", "#ffffff"),
        _Step("#f08c4a", "#12171e"),
        _Step("#ffd0a6", "#12171e"),
    ),
)


def palette(theme: str | None) -> Palette:
    """The palette for the reader's light; light where it is not known."""
    return DARK if theme == "dark" else LIGHT
