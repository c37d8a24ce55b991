"""How does a caller's number or an agent's name become a token before anything is stored or shown?

A token is a keyed hash (BLAKE2b as a MAC) of the number in its national form: the same caller has the same token,
and nobody without the key can try numbers until one fits. The key is made at first use, outside the store.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute

from kcas import systems
from kcas.errors import SettingError

KEY_BYTES = 32
CALLER_BYTES = 16
AGENT_BYTES = 8  # a desk has hundreds of agents, and their tokens are read by people
REMEMBERED = 100_000
"""Tokens kept at hand while a log is read event by event: some 25 MB."""

WITHHELD = frozenset(
    {
        "0", "-", "-1", "n/a", "na", "nil", "none", "null", "anonymous", "withheld", "number-withheld", "private",
        "restricted", "blocked", "unknown", "<unknown>", "unavailable", "no-number", "payphone", "international",
        "out-of-area", "asterisk",
    }
)  # fmt: skip
"""What switches write for a caller who gave no number."""

NATIONAL = r"^0[1-9][0-9]{4,}$"
SPACING = re.compile(r"[\s().\-/]", re.ASCII)
ADDRESS = re.compile(r"(?:sips?|tel):([^@;]+)", re.ASCII | re.IGNORECASE)


def normal(number: str) -> str:
    """A number in its national form, so that every way of writing it is one caller; "" where it was withheld."""
    text = number.strip().strip('"').strip()
    address = ADDRESS.match(text)
    text = (address[1] if address else text).casefold()
    if not text or text in WITHHELD or text.replace(" ", "-") in WITHHELD:
        return ""
    plain = SPACING.sub("", text.replace("(0)", ""))
    if not plain.lstrip("+").isascii() or not plain.lstrip("+").isdigit():
        return text
    return national(plain)


def national(digits: str) -> str:
    """+44, 0044 and 44 before ten digits are the nought of a British number; other countries keep their plus."""
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    if digits.startswith("+44"):
        return "0" + digits[3:]
    if digits.startswith("44") and len(digits) == 12:
        return "0" + digits[2:]
    return digits


class Redactor:
    """Makes tokens with one key, and remembers those it made one by one lately."""

    def __init__(self, key_file: Path, *, keep_callers: bool = True):
        self.key_file, self.keep_callers = key_file, keep_callers
        self._made: dict[str, str | None] = {}

    @cached_property
    def key(self) -> bytes:
        """The key, made at first use."""
        return read_key(self.key_file)

    def caller(self, number: str | None) -> str | None:
        """A caller's token; none where the number was withheld or no caller tokens are kept."""
        if not number or not self.keep_callers:
            return None
        if number not in self._made:
            if len(self._made) >= REMEMBERED:
                self._made.clear()
            (self._made[number],) = self.caller_tokens(pa.array([number]))
        return self._made[number]

    def callers(self, numbers: pl.Series) -> pl.Series:
        """The tokens of a column of numbers."""
        return each_once(numbers, self.caller_tokens)

    def caller_tokens(self, numbers: pa.Array) -> list[str | None]:
        """Many callers' tokens."""
        if not self.keep_callers:
            return [None] * len(numbers)
        return hashes(all_normal(numbers), key=self.key, person=b"caller", size=CALLER_BYTES)

    def agent(self, name: str | None) -> str | None:
        """An agent's token, short enough to be told apart by a person."""
        return self.agent_tokens(pa.array([name], pa.string()))[0]

    def agents(self, names: pl.Series) -> pl.Series:
        """The tokens of a column of agents' names."""
        return each_once(names, self.agent_tokens)

    def agent_tokens(self, names: pa.Array) -> list[str | None]:
        """Many agents' tokens."""
        known = pa.array([name.strip().casefold() if name else None for name in names.to_pylist()], pa.string())
        tokens = hashes(known, key=self.key, person=b"agent", size=AGENT_BYTES)
        return [f"agent-{token}" if token else None for token in tokens]

    def lines(self, texts: pl.Series) -> pl.Series:
        """A keyed hash of each text as it is: tells lines apart where one may hold a caller's number."""
        told = hashes(pa.array(texts.to_list(), pa.string()), key=self.key, person=b"line", size=CALLER_BYTES)
        return pl.Series(texts.name, told, dtype=pl.String)


def all_normal(numbers: pa.Array) -> pa.Array:
    """Numbers in their national form; most are so written, and are seen to be so all at once."""
    plain = pa.compute.match_substring_regex(numbers, NATIONAL)
    if pa.compute.all(plain, skip_nulls=True, min_count=0).as_py():
        return numbers
    return pa.array([number and normal(number) for number in numbers.to_pylist()], pa.string())


def each_once(values: pl.Series, tokens: Callable[[pa.Array], list[str | None]]) -> pl.Series:
    """A column's tokens, each distinct value asked for once."""
    distinct = values.drop_nulls().unique()
    made = pl.Series(values.name, tokens(pa.array(distinct.to_list(), pa.string())), dtype=pl.String)
    return values.replace_strict(distinct, made, default=None, return_dtype=pl.String)


def hashes(texts: pa.Array, *, key: bytes, person: bytes, size: int) -> list[str | None]:
    """Keyed hashes; none where there is no text. Of one kind they are never those of another."""
    begun = hashlib.blake2b(key=key, person=person, digest_size=size).copy
    found: list[str | None] = []
    for text in texts.cast(pa.binary()).to_pylist():
        if not text:
            found.append(None)
            continue
        one = begun()  # the key has been taken in already: a third of the work is spared
        one.update(text)
        found.append(one.hexdigest())
    return found


def key_path() -> Path:
    """Where the key is: KCAS_KEY, or the person's own settings folder."""
    if said := os.environ.get("KCAS_KEY"):
        return Path(said)
    return systems.settings_folder() / "kcas" / "token.key"


def read_key(path: Path) -> bytes:
    """The key in a file that only its owner can read; made there if there is none."""
    try:
        if not path.exists():
            make_key(path)
        if systems.others_can_read(path):
            raise SettingError(f"{path}: others can read this key, and with it guess callers' numbers. chmod 600 it.")
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise SettingError(f"{path}: the key for callers' tokens cannot be read or made ({error.strerror}).") from None
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingError(f"{path}: not a key of ours (expected {2 * KEY_BYTES} hexadecimal digits).")
    return key


def make_key(path: Path) -> None:
    """A new key, complete or not there at all; where another program made one first, that one stands."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        systems.flush(file.fileno())
    with suppress(FileExistsError):
        systems.put_new(draft, path)
