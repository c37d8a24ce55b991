"""Typeface of the files, shipped with the program so that they look the same on every machine."""

from pathlib import Path

FAMILY = "Liberation Sans"
ALIKE = f"{FAMILY}, Arial, Helvetica, sans-serif"
"""For files that carry no typeface: all of these have letters of one width."""
FOLDER = Path(__file__).parent
