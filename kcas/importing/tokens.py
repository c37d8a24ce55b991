"""Tokens between the readers and the store: the key a store was written with, and references of older stores.

The only other place, beside the intake, that knows both how tokens are made and where calls are kept.

Pseudonyms in a piece of a log: what every reader's calls and intervals go through before they are stored.

References of calls and contacts become keyed digests, whatever columns they were made of; numbers in the names of
queues and types become keyed marks. One place for all formats, so that a new one cannot leave it out.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from kcas.calls.store import Store
from kcas.calls.store.write import PLAIN as PLAIN
from kcas.desk.standard import Standard
from kcas.errors import SettingError
from kcas.ingest.formats.asterisk.lines import known_rule
from kcas.ingest.keys import key_path
from kcas.ingest.log_format import Piece
from kcas.ingest.masking import masked, shape
from kcas.ingest.redact import IN_NAMES, Redactor

IDENTITIES = ("leg", "contact")
_NAMES = ("queue", "type")


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
    for name in _NAMES:
        if name in rows.columns and rows.height:
            column, count = redactor.names(rows[name])
            rows = rows.with_columns(column)
            if count:
                counts[IN_NAMES.format(name)] = count
    return rows, counts


ASTERISK = "asterisk_queue_log"
QUOTED = re.compile(r'(?:a number of \d+ digits|"(?P<text>.*)")(?= (?:is|holds|cannot) )', re.DOTALL)
A_MOMENT = re.compile(r"\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(?= is (?:before 1970|in the future))")
REFERENCE = re.compile(r"[0-9a-f]{24}")
CALL_ID, QUEUE = 3, 4
"""Their places in an event kept for a call that is not whole yet."""


def redactor_for(store: Store, standard: Standard, *, key_file: Path | None = None) -> Redactor:
    """The maker of a store's tokens. Raises SettingError where the key here is not the store's."""
    kept = store.exists
    held = store.key if kept else None
    tokens_held = held is not None or (kept and holds_tokens(store))
    redactor = Redactor(
        key_file or key_path(),
        keep_callers=standard.keep_caller_tokens,
        withheld=standard.withheld,
        erased=store.erased if kept else (),
        make_key=not tokens_held,
    )
    if tokens_held and not redactor.key_file.exists():
        raise SettingError(
            f"{redactor.key_file}: there is no key here, and {store.folder} holds tokens made with one. Restore it "
            "from its copy (kcas key restore FILE), or say where it is in KCAS_KEY."
        )
    if held:
        store.check_key(redactor.fingerprint)
    return redactor


def holds_tokens(store: Store) -> bool:
    """Whether any call bears a token of a caller or an agent."""
    some = store.calls().filter(pl.col("caller").is_not_null() | pl.col("agent").is_not_null()).head(1)
    return bool(some.select(pl.len()).collect().item())


def bring_up_to_date(store: Store, redactor: Redactor) -> int:
    """Let a store of an older version hold digests in the place of references, and masked names; how it joins them."""
    if store.identities == 0:
        asterisk = [each.number for each in store.batches() if each.record.format.startswith(ASTERISK)]
        store.rewrite(
            calls=lambda rows: calls_in_digests(rows, redactor, asterisk=asterisk),
            intervals=lambda rows: with_marks(rows, redactor)[0],
            loose=lambda event: event_in_digests(event, redactor),
            notes=notes_without_texts,
            key=redactor.fingerprint,
        )
    return store.identities


def calls_in_digests(rows: pl.DataFrame, redactor: Redactor, *, asterisk: Collection[int]) -> pl.DataFrame:
    """Calls as an older version kept them, with the digests and names that this one would give them.

    `asterisk` are the batches read from an Asterisk log, whose references had the call id and the queue in clear.
    """
    marked, _ = with_marks(rows, redactor)
    middle = pl.concat_str(pl.lit("/"), "queue", pl.lit("/"), pl.col("entered").dt.epoch("s").cast(pl.String))
    parts = rows.select(
        "leg",
        "contact",
        theirs=pl.col("batch").is_in(list(asterisk)),
        call=pl.col("leg").str.split(middle).list.first(),
        after=pl.col("leg").str.split(middle).list.slice(1).list.join(""),
        second=pl.col("entered").dt.epoch("s").cast(pl.String),
    ).with_columns(queue=marked["queue"])
    parts = parts.with_columns(redactor.references(parts["call"]), keyed=redactor.references(parts["contact"]))
    leg = pl.concat_str("call", pl.lit("/"), "queue", pl.lit("/"), "second", "after")
    told = parts.select(
        leg=pl.when("theirs").then(leg).otherwise("leg"), contact=pl.when("theirs").then("keyed").otherwise("contact")
    )
    return with_digests(marked.with_columns(told["leg"], told["contact"]), redactor)


def event_in_digests(event: str, redactor: Redactor) -> str:
    """An event kept for a call that is not whole yet, its call id a digest and its queue's name masked."""
    parts = json.loads(event)
    if parts[CALL_ID] and not REFERENCE.fullmatch(parts[CALL_ID]):
        parts[CALL_ID] = redactor.references(pl.Series([parts[CALL_ID]]))[0]
    if parts[QUEUE]:
        parts[QUEUE] = redactor.name(parts[QUEUE])
    return json.dumps(parts)


def notes_without_texts(notes: Mapping[str, Any]) -> dict[str, Any]:
    """The ledger's line of a file with its name masked, and refusals that repeat no field's text."""
    file = dict(notes["file"])
    file["name"] = masked(file["name"])
    file["refusals"] = [{**each, "reason": without_text(each["reason"])} for each in file["refusals"]]
    ignored: dict[str, int] = {}
    for rule, count in file["ignored"].items():
        ignored[known_rule(rule)] = ignored.get(known_rule(rule), 0) + count
    return {**notes, "file": {**file, "ignored": ignored}}


def without_text(reason: str) -> str:
    """An older version's reason for a refusal, with the shape of the text it repeats."""
    reason = A_MOMENT.sub("a moment", reason)
    return QUOTED.sub(lambda found: shape(found["text"]) if found["text"] else "text", reason, count=1)
