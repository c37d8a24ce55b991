"""Writes docs/measures.md from the drawings: `python -m tests.spec.written`."""

from pathlib import Path
from typing import Any

from kcas.calls.definitions import RATES, Definition, ServiceLevel
from tests.spec.drawn_measures import CHAPTERS, MORNING, Drawn

PAPER = Path(__file__).resolve().parents[2] / "docs" / "measures.md"
OPENING = """# What is counted, and by whose definition

Written from `tests/spec`, where every picture below is held to the product: `python -m tests.spec.written`.

A call is one caller's stay in one queue. Counts add and rates follow: a rate is made last, from the two counts that
stand beside it, and bears its 95 % interval (Wilson). A rate is never averaged, and a period's percentile is of its
calls, never of its days'. Calls still `open` when the log ended are counted as offered and kept out of every rate.

A = abandoned (`abandoned` and `abandoned_ringing`), N = answered, O = offered less open.
"""
FIRST = "The morning"


def paper() -> str:
    """The whole of docs/measures.md."""
    chapters = [f"## {name}\n\n{keys(chapter)}" + "\n".join(sections(chapter)) for name, chapter in CHAPTERS.items()]
    return OPENING + "\n" + "\n".join(chapters)


def keys(chapter: tuple[Drawn, ...]) -> str:
    """The table of a chapter's keys: the formula, what it makes of the morning, and who publishes it so."""
    rows = [row for picture in chapter if (row := key_row(picture))]
    if not rows:
        return ""
    heading = "| key | formula | of the morning | that is | who publishes it so |\n|---|---|---|---|---|\n"
    return heading + "\n".join(rows) + "\n\n"


def key_row(picture: Drawn) -> str | None:
    """The row of a key, where the picture is of the morning's calls."""
    if picture.calls != MORNING or not (picture.rate or picture.level) or picture.standard:
        return None
    if picture.rate:
        rate = RATES[picture.rate["key"]]
        words = Definition(rate.key, picture.rate.get("short", rate.short)).words.split(";")[0]
        cells = (f"`{rate.key}`", words, picture.rows[0]["rate"], picture.says, rate.published_by)
    else:
        words = ServiceLevel(picture.level["key"], picture.level["within"], picture.level["short"]).words
        cells = (f"`{picture.level['key']}`", words, picture.rows[0]["service_level"], picture.says, "")
    return f"| {' | '.join(cells)} |"


def sections(chapter: tuple[Drawn, ...]) -> list[str]:
    """The drawings of a chapter that its table of keys does not hold."""
    return [section(picture) for picture in chapter if not key_row(picture)]


def section(picture: Drawn) -> str:
    """One drawing: what it says, its calls, and what a hand makes of them."""
    calls = "" if picture.calls == MORNING and picture.heading != FIRST else picture.calls
    drawings = [f"```text\n{aligned(lines)}\n```\n" for lines in (calls, picture.table) if lines]
    told = f"{picture.says}{' (The morning.)' if picture.calls and not calls else ''}\n"
    names = list(picture.rows[0])
    table = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    table += [f"| {' | '.join(figure(row[name]) for name in names)} |" for row in picture.rows]
    question = [line for line in [asked(picture)] if line]
    return "\n".join([f"### {picture.heading}\n", told, *drawings, *question, *table]) + "\n"


def aligned(picture: str) -> str:
    """A picture with its columns under their headings."""
    cells = [line.split() for line in picture.strip().splitlines()]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join(lines)


def asked(picture: Drawn) -> str:
    """The options of `kcas measures` that put this question."""
    options = [f"--by {picture.by}"] if picture.by != "total" else []
    options += [f"--definition {picture.rate['key']}"] if picture.rate else []
    options += [f"--short {picture.rate['short']}"] if "short" in picture.rate else []
    options += [f"--service-level {picture.level['key']} --within {picture.level['within']}"] if picture.level else []
    options += [f"--short {picture.level['short']}"] if "short" in picture.level and picture.standard else []
    return f"`kcas measures {' '.join(options)}`\n" if options else ""


def figure(value: Any) -> str:
    """A figure as the paper writes it."""
    return "not available" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    PAPER.write_text(paper(), encoding="utf-8")
