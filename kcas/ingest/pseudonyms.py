"""Pseudonyms in a piece of a log: what every reader's calls and intervals go through before they are stored.

References of calls and contacts become keyed digests, whatever columns they were made of; numbers in the names of
queues and types become keyed marks. One place for all formats, so that a new one cannot leave it out.
"""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from kcas.ingest.log_format import Piece
from kcas.ingest.masking import masked
from kcas.ingest.redact import IN_NAMES, Redactor

IDENTITIES = ("leg", "contact")
NAMES = ("queue", "type")


def pseudonymised(piece: Piece, redactor: Redactor) -> Piece:
    """The piece with digests and marks in the place of references and numbers, and its account of how many."""
    calls, of_calls = with_marks(with_digests(piece.calls, redactor), redactor)
    intervals, of_intervals = with_marks(piece.intervals, redactor)
    warnings = {**piece.warnings}
    for words, times in (*of_calls.items(), *of_intervals.items()):
        warnings[words] = warnings.get(words, 0) + times
    ignored = {masked(rule): count for rule, count in piece.ignored.items()}
    if len(ignored) < len(piece.ignored):  # two rules that differ in a number alone
        ignored = {}
        for rule, count in piece.ignored.items():
            ignored[masked(rule)] = ignored.get(masked(rule), 0) + count
    return replace(piece, calls=calls, intervals=intervals, warnings=warnings, ignored=ignored)


def with_digests(calls: pl.DataFrame, redactor: Redactor) -> pl.DataFrame:
    """Calls whose references are keyed digests."""
    if calls.is_empty():
        return calls
    return calls.with_columns(redactor.identities(calls[name], kind=name) for name in IDENTITIES)


def with_marks(rows: pl.DataFrame, redactor: Redactor) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Rows whose names hold no number, and how many did."""
    counts = {}
    for name in NAMES:
        if name in rows.columns and rows.height:
            column, count = redactor.names(rows[name])
            rows = rows.with_columns(column)
            if count:
                counts[IN_NAMES.format(name)] = count
    return rows, counts
