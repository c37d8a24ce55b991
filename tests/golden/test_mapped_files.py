"""Whole invented files in declared layouts, every trap of the real ones in them, beside what must come out.

`just golden` writes the expectations again; each was read by eye against the rows before it was kept.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kcas.ingest.formats import formats
from kcas.ingest.log_format import Carried, LogFormat, ReadSettings, recognise
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import read_mapping
from kcas.ingest.reading import Log
from kcas.ingest.redact import Redactor
from kcas.ingest.report import FileReport
from kcas.ingest.unpacking import Source

HERE = Path(__file__).parent / "mapped"
LOGS = sorted(path for path in HERE.iterdir() if path.suffix in (".csv", ".txt"))


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_whole_file_gives_what_is_written_beside_it(path: Path, tmp_path: Path) -> None:
    found = json.dumps(read(path, tmp_path), indent=1, ensure_ascii=False) + "\n"
    expected = path.with_suffix(".json")
    if os.environ.get("KCAS_GOLDEN") == "write":
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def read(path: Path, tmp_path: Path) -> dict[str, Any]:
    """A file's account, calls, intervals and refusals, tokens replaced by a letter for each person."""
    log, report = Log(Source(path)), FileReport(path.name)
    settings = ReadSettings(Redactor(tmp_path / "key"))
    pieces = list(form_of(path, log).read(log, settings=settings, carried=Carried()))
    for piece in pieces:
        report.note(piece)
    report.warn(log.warnings)
    told = report.to_json()
    calls = pl.concat([piece.calls for piece in pieces])
    return {
        "account": {name: told[name] for name in ("lines", "call_lines", "used", "ignored", "refused")},
        "refusals": [f"line {r.line}, {r.column or 'the whole line'}: {r.reason}" for r in report.refusals],
        "warnings": told["warnings"],
        "calls": [one_line(row) for row in lettered(calls).iter_rows(named=True)],
        "intervals": [one_line(row) for piece in pieces for row in piece.intervals.iter_rows(named=True)],
    }


def form_of(path: Path, log: Log) -> LogFormat:
    """The mapping beside the file, or the format that claims it."""
    mapping = path.with_suffix(".toml")
    return Mapped(read_mapping(mapping)) if mapping.exists() else recognise(log.head, formats(), name=log.name)


def lettered(calls: pl.DataFrame) -> pl.DataFrame:
    """The same calls with a letter for each token, in order of appearance: the tokens hang on a key made just now."""
    for column in ("agent", "caller"):
        people = calls[column].drop_nulls().unique(maintain_order=True)
        letters = [f"{column} {chr(ord('A') + number)}" for number in range(len(people))]
        calls = calls.with_columns(pl.col(column).replace_strict(people, letters, default=None))
    return calls


def one_line(row: dict[str, Any]) -> str:
    """A row's values that are there."""
    return ", ".join(f"{name} {in_words(value)}" for name, value in row.items() if value is not None)


def in_words(value: Any) -> str:
    """A value as it is best read."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{value:g}" if isinstance(value, float) else str(value)
