"""Exactly one format claims a log, or the message says which could; a piece accounts for every line of it."""

from pathlib import Path
from typing import Any

import pytest

from kcas.errors import AccountError, LogError
from kcas.ingest.log_format import Piece, Refusal, recognise
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import mapping_of
from kcas.ingest.reading import Log
from kcas.ingest.unpacking import Source


def form(key: str, *, column: str = "Queue") -> Mapped:
    table: dict[str, Any] = {
        "key": key, "words": key, "queue": {"column": column}, "entered": [{"column": "At", "format": "epoch s"}],
        "outcome": [{"when": {"Left": "*"}, "gives": "abandoned"}],
    }  # fmt: skip
    return Mapped(mapping_of(table, where=key))


@pytest.fixture
def log(tmp_path: Path) -> Log:
    (tmp_path / "log.csv").write_text("At,Queue,Left\n1717397259,Adults,yes\n")
    return Log(Source(tmp_path / "log.csv"))


def test_the_one_format_that_claims_a_log_reads_it(log: Log) -> None:
    assert recognise(log.head, [form("theirs", column="Skill"), form("ours")], name="log.csv").key == "ours"


def test_where_two_could_read_it_the_message_says_which(log: Log) -> None:
    with pytest.raises(LogError, match=r"log\.csv: several formats could read it \(one, two\)\. Say which"):
        recognise(log.head, [form("two"), form("one")], name="log.csv")


def test_where_none_could_the_message_says_what_is_known(log: Log) -> None:
    with pytest.raises(LogError, match=r"no known format claims it\. Known: theirs\."):
        recognise(log.head, [form("theirs", column="Skill")], name="log.csv")


def test_a_piece_that_loses_a_line_cannot_be_made() -> None:
    refusal = Refusal(3, "Wait", "is empty.")
    assert Piece(lines=4, call_lines=1, used=1, ignored={"header": 1}, refusals=(refusal,)).lines == 4
    with pytest.raises(AccountError, match="5 lines were read and 4 accounted for"):
        Piece(lines=5, call_lines=1, used=1, ignored={"header": 1}, refusals=(refusal,))
