"""Suppliers' files, each with its traps, against what they come to when worked out by hand.

Beside each file stands a TOML: how the rows are to be understood, the format that must claim the file among all there
are, and the calls or intervals in UTC. A column that the table leaves out is not compared; an empty cell is null.
`totals` and `distinct` are what the table adds up to, counted by hand a second time.
"""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kcas.calls.call import OFFERED
from kcas.ingest.formats import formats
from kcas.ingest.log_format import Carried, Piece, ReadSettings, recognise
from kcas.ingest.reading import Log
from kcas.ingest.redact import Redactor
from kcas.ingest.unpacking import Source

HERE = Path(__file__).parent / "suppliers"
NUMBERS = ("line", "wait", "menu", "ring", "talk", "hold", "wrap", "amount", "threshold")


def table(text: str, kind: str) -> list[dict[str, Any]]:
    """The rows of a table written with bars; of intervals also with a column for each measure."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    rows = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    if kind == "intervals" and "measure" not in lines[0]:
        cells = [{name: row.pop(name) for name in ("start", "end", "queue")} for row in rows]
        pairs = [(cell, measure) for cell, row in zip(cells, rows, strict=True) for measure in row.items()]
        rows = [{**cell, "measure": name, "amount": amount} for cell, (name, amount) in pairs]
    return [{name: value_of(name, cell) for name, cell in row.items()} for row in rows]


def value_of(name: str, cell: str) -> object:
    """A cell's value."""
    return None if cell == "" else float(cell) if name in NUMBERS else cell


def read_by_its_format(path: Path, tmp_path: Path) -> tuple[str, list[Piece]]:
    log = Log(Source(path))
    form = recognise(log.head, formats(), name=log.name)
    settings = ReadSettings(Redactor(tmp_path / "key"))
    return form.key, list(form.read(log, settings=settings, carried=Carried()))


def in_words(frame: pl.DataFrame, columns: list[str]) -> list[dict[str, Any]]:
    """A frame's rows as the tables write them."""
    moments = [
        pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S%.3f").str.strip_suffix(".000")
        for name in columns
        if name in ("entered", "start", "end")
    ]
    numbers = [pl.col(name).cast(pl.Float64).round(6) for name in columns if name in NUMBERS]
    texts = [pl.col(name).cast(pl.String) for name in columns if name == "outcome"]
    return frame.with_columns(*moments, *numbers, *texts).select(columns).to_dicts()


def totals(calls: pl.DataFrame, intervals: pl.DataFrame) -> dict[str, float]:
    """What the rows add up to: calls by outcome with those offered, and amounts by measure."""
    outcomes = Counter(calls["outcome"].cast(pl.String))
    offered = {"offered": sum(count for outcome, count in outcomes.items() if outcome in OFFERED)} if outcomes else {}
    return {**outcomes, **offered, **dict(intervals.group_by("measure").agg(pl.col("amount").sum()).iter_rows())}


def sorted_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


@pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*.toml")))
def test_a_suppliers_file_comes_to_what_was_worked_out_by_hand(name: str, tmp_path: Path) -> None:
    wanted = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
    key, pieces = read_by_its_format(HERE / wanted["file"], tmp_path)
    assert key == wanted["format"]
    for kind in ("calls", "intervals"):
        rows = table(wanted[kind], kind) if kind in wanted else []
        frame = pl.concat([getattr(piece, kind) for piece in pieces])
        columns = list(rows[0]) if rows else frame.columns[:1]
        found = in_words(frame, columns)
        assert sorted_rows(found) == sorted_rows(rows)
    refused = [refusal.line for piece in pieces for refusal in piece.refusals]
    assert wanted["refused"] in (refused, len(refused))
    if "ignored" in wanted:
        ignored = sum((Counter(piece.ignored) for piece in pieces), Counter[str]())
        assert dict(ignored) == {words.replace("_", " ") if words.isidentifier() else words: count
                                 for words, count in wanted["ignored"].items()}  # fmt: skip
    calls, intervals = (pl.concat([getattr(piece, kind) for piece in pieces]) for kind in ("calls", "intervals"))
    if "totals" in wanted:
        assert totals(calls, intervals) == wanted["totals"]
    for column, count in wanted.get("distinct", {}).items():
        assert calls[column].drop_nulls().n_unique() == count, column
    if "lines" in wanted:
        assert sum(piece.lines for piece in pieces) == wanted["lines"]
