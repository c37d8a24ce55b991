"""Callers' numbers and agents' names become keyed tokens, and nobody's number is guessed from one."""

import hashlib
import os
from pathlib import Path

import polars as pl
import pytest

from kcas.errors import SettingError
from kcas.ingest.redact import Redactor, normal


@pytest.mark.parametrize(
    "written",
    [
        "01622 123456",
        "+441622123456",
        "0044 1622 123456",
        "441622123456",
        "+44 (0)1622 123-456",
        "sip:+441622123456@desk.example;x=1",
        '"01622123456"',
    ],
)
def test_one_caller_is_one_token_however_the_number_is_written(tmp_path: Path, written: str) -> None:
    assert normal(written) == "01622123456"
    redactor = Redactor(tmp_path / "key")
    assert redactor.caller(written) == redactor.caller("01622123456")


def test_other_countries_keep_their_plus() -> None:
    assert normal("0033 1 23 45 67 89") == normal("+33123456789") == "+33123456789"


@pytest.mark.parametrize(
    "written", ["", "0", "anonymous", "Anonymous", "Withheld", "sip:anonymous@x", "out of area", "<unknown>"]
)
def test_a_withheld_number_has_no_token(tmp_path: Path, written: str) -> None:
    assert Redactor(tmp_path / "key").caller(written) is None


def test_the_token_is_the_keyed_hash_of_the_national_number(tmp_path: Path) -> None:
    redactor = Redactor(tmp_path / "key")
    key = bytes.fromhex((tmp_path / "key").read_text()) if redactor.key else b""
    expected = hashlib.blake2b(b"01622123456", key=key, person=b"caller", digest_size=16).hexdigest()
    assert redactor.callers(pl.Series(["+441622123456", None, "0"])).to_list() == [expected, None, None]


def test_two_desks_with_their_own_keys_share_no_token(tmp_path: Path) -> None:
    assert Redactor(tmp_path / "a").caller("01622123456") != Redactor(tmp_path / "b").caller("01622123456")


def test_no_caller_token_is_made_where_none_is_kept(tmp_path: Path) -> None:
    redactor = Redactor(tmp_path / "key", keep_callers=False)
    assert redactor.callers(pl.Series(["01622123456"])).to_list() == [None]
    assert not (tmp_path / "key").exists()


def test_an_agent_has_a_token_of_another_kind_than_a_caller(tmp_path: Path) -> None:
    redactor = Redactor(tmp_path / "key")
    token = redactor.agent("7009") or ""
    assert token.startswith("agent-")
    assert (redactor.caller("7009") or "")[:16] != token.removeprefix("agent-")


def test_the_key_is_the_owners_alone_and_stays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key"
    first = Redactor(path).key
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert Redactor(path).key == first
    assert [p.name for p in path.parent.iterdir()] == ["key"]


def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert Redactor(path).key
    path.chmod(0o644)
    with pytest.raises(SettingError, match="others can read"):
        Redactor(path).caller("01622123456")


@pytest.mark.parametrize("content", ["", "hello", "ab" * 31, "é"])
def test_a_key_file_that_is_not_a_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(SettingError, match="not a key"):
        Redactor(path).caller("01622123456")
