"""Provenance of a pack: its inputs, versions and the command that recreates it."""

import hashlib
import json
import shlex
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import kcas
from kcas.calls.standard_words import standard_in_words
from kcas.calls.store.record import Batch
from kcas.evidence.facts import Facts, PackRequest
from kcas.evidence.provenance_tables import of_lines, refused

VERSION = kcas.__version__
SHAPE = 1
"""Of the document; a later program may read an earlier shape."""
ROOT = Path(kcas.__file__).resolve().parents[1]
MADE_BY = (
    "altair", "deltalake", "holidays", "lxml", "narwhals", "numba", "numpy", "odfdo", "pillow",
    "polars", "pyarrow", "python-docx", "scipy", "simpy", "typst", "tzdata", "vl-convert-python", "xlsxwriter",
)  # fmt: skip
"""Packages that have a hand in the bytes of a pack."""


def sha256(content: bytes) -> str:
    """A file's fingerprint."""
    return hashlib.sha256(content).hexdigest()


def asked_document(asked: PackRequest) -> dict[str, Any]:
    """What was asked for, for a program."""
    return {
        "since": asked.changed and asked.changed.isoformat(), "public": asked.public, "queues": list(asked.queues),
        "from": asked.first and asked.first.isoformat(), "until": asked.until and asked.until.isoformat(),
        "definition": asked.definition, "short": asked.short,
        "service_level": asked.service_level, "within": asked.within, "zone": asked.zone,
        "days": asked.days, "seed": asked.seed,
    }  # fmt: skip


def asked_again(told: Mapping[str, Any], *, as_at: str) -> PackRequest:
    """The same, read back, as at the pack's cut-off."""
    return PackRequest(
        changed=date.fromisoformat(told["since"]) if told["since"] else None,
        public=bool(told["public"]),
        queues=tuple(told["queues"]),
        first=date.fromisoformat(told["from"]) if told["from"] else None,
        until=date.fromisoformat(told["until"]) if told["until"] else None,
        definition=told["definition"],
        short=told["short"],
        service_level=told["service_level"],
        within=told["within"],
        zone=told["zone"],
        as_at=datetime.fromisoformat(as_at),
        days=int(told["days"]),
        seed=int(told["seed"]),
    )


def run_of(facts: Facts, *, inputs: Mapping[str, bytes]) -> str:
    """The name of the making: a fingerprint of all that goes into it, so that the same making has the same name."""
    made_of = {
        "asked": asked_document(facts.asked),
        "cut_off": facts.cut_off.isoformat(),
        "read": [[batch.number, batch.record.identity] for batch in facts.batches],
        "inputs": {name: sha256(content) for name, content in sorted(inputs.items())},
        "version": VERSION,
    }
    return sha256(json.dumps(made_of, sort_keys=True).encode())[:12]


def provenance(
    facts: Facts, *, run: str, inputs: Mapping[str, bytes], files: Mapping[str, bytes], earlier: str | None
) -> dict[str, Any]:
    """The whole document."""
    years = range(facts.first.year, facts.last.year + 1)
    return {
        "shape": SHAPE,
        "desk": facts.standard.name,
        "run": run,
        "made": facts.cut_off.isoformat(),
        "cut_off": {"moment": facts.cut_off.isoformat(), "batch": facts.batches[-1].number},
        "asked": asked_document(facts.asked),
        "period": {"first": facts.first.isoformat(), "last": facts.last.isoformat()},
        "again": command(facts, earlier=earlier is not None),
        "read": [file_read(batch, public=facts.asked.public) for batch in facts.batches],
        "settings": {
            "words": standard_in_words(facts.standard, definition=facts.definition, service_level=facts.level),
            "small_counts": facts.standard.small_counts,
            "file": "inputs/standard.toml",
            "text": inputs["inputs/standard.toml"].decode("utf-8"),
        },
        "holidays": [{"day": day.isoformat(), "name": name} for day, name in
                     facts.standard.holidays.named(years=years).items()],
        "scenarios": [
            {"file": name, "sha256": sha256(content), "text": content.decode("utf-8")}
            for name, content in inputs.items()
            if name.startswith("inputs/scenarios/")
        ],
        "scenarios_missing": list(facts.model.missing),
        "model": {"days": facts.asked.days, "seed": facts.asked.seed},
        "revises": earlier,
        "environment": environment(),
        "files": {name: {"sha256": sha256(content), "size": len(content)} for name, content in sorted(files.items())},
    }  # fmt: skip


def file_read(batch: Batch, *, public: bool) -> dict[str, Any]:
    """A file read: its fingerprint, and what became of its rows."""
    record = batch.record
    rules = {} if public else {"ignored_by": dict(record.ignored), "forgotten": batch.added.forgotten}
    return {
        "batch": batch.number, "read_in": batch.committed.isoformat(), "name": record.name, "sha256": record.sha256,
        "reading": record.reading, "size": record.size, "format": record.format, **of_lines(batch, public=public),
        **rules,
        "refusals": [
            {"line": refusal["line"], "column": refusal["column"], "reason": reason}
            for refusal, reason in refused(batch, public=public)
        ],
    }  # fmt: skip


def command(facts: Facts, *, earlier: bool) -> str:
    """What makes the pack again, from within its own folder; only the store is to be named."""
    asked = facts.asked
    words = ["kcas", "evidence", "--out", "../again", "--public" if asked.public else "--internal",
             *(["--since", asked.changed.isoformat()] if asked.changed else []),
             "--as-at", facts.cut_off.isoformat()]  # fmt: skip
    for option, value in (
        ("--from", asked.first), ("--until", asked.until),
        ("--definition", asked.definition),
        ("--short", None if asked.short is None else f"{asked.short:g} s"), ("--service-level", asked.service_level),
        ("--within", None if asked.within is None else f"{asked.within:g} s"), ("--zone", asked.zone),
    ):  # fmt: skip
        words += [option, str(value)] if value is not None else []
    for queue in asked.queues:
        words += ["--queue", queue]
    words += ["--days", str(asked.days), "--seed", str(asked.seed), "--standard", "inputs/standard.toml",
              "--scenarios", "inputs/scenarios"]  # fmt: skip
    words += ["--revises", "inputs/earlier"] if earlier else []
    return " ".join(shlex.quote(word) for word in [*words, "--store", "STORE"])


def environment() -> dict[str, Any]:
    """What made the bytes: the program, its commit where it is run from a checkout, Python, and the packages."""
    held = {each.metadata["Name"].lower(): each.version for each in distributions() if each.metadata["Name"]}
    return {
        "kcas": kcas.__version__,
        "commit": commit() or "not run from a checkout",
        "python": ".".join(map(str, sys.version_info[:3])),
        "packages": {name: held[name] for name in MADE_BY if name in held},
    }


def commit() -> str | None:
    """The commit of the checkout that the program is run from, marked where files differ from it; None elsewhere."""
    if not (ROOT / ".git").exists():
        return None
    try:
        found, changed = (
            subprocess.run(
                ["git", "-C", str(ROOT), *words], capture_output=True, encoding="utf-8", check=True, timeout=20
            )
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() + (" and changes not committed" if changed.stdout.strip() else "")
