"""Calls drawn as text, for tests: one line a call, columns under their headings, `-` where nothing is known."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl

from kcas.calls.call import SCHEMA, check

NUMBERS = ("wait", "menu", "ring", "talk", "hold", "wrap")


def drawn(picture: str, *, day: str = "2010-04-12", zone: str = "Europe/London") -> pl.LazyFrame:
    """The calls of a picture. `entered` is a wall clock of the day, or a whole moment with its offset."""
    lines = [line.split() for line in picture.strip().splitlines() if line.strip()]
    headings, *rows = lines
    calls = [call(dict(zip(headings, row, strict=True)), number, day=day, zone=zone) for number, row in enumerate(rows)]
    frame = pl.DataFrame(calls, schema={**SCHEMA, "outcome": pl.String()}).cast({"outcome": SCHEMA["outcome"]})
    return check(frame).lazy()


def call(cells: dict[str, str], number: int, *, day: str, zone: str) -> dict[str, object]:
    """One call of a picture."""
    known = {name: (None if text == "-" else text) for name, text in cells.items()}
    row: dict[str, object] = {
        **dict.fromkeys(SCHEMA),
        "leg": f"leg/{number}",
        "queue": "desk",
        "line": number + 1,
        **known,
    }
    for name in NUMBERS:
        text = known.get(name)
        row[name] = None if text is None else float(text)
    row["entered"] = moment(str(known.get("entered") or "10:00"), day=day, zone=zone)
    return row


def moment(text: str, *, day: str, zone: str) -> datetime:
    """A moment from a wall clock of the day, or from ISO 8601 with an offset."""
    if "T" in text:
        return datetime.fromisoformat(text).astimezone(UTC)
    clock = text if text.count(":") == 2 else f"{text}:00"
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
