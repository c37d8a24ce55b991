"""Callers' numbers and agents' names as keyed tokens, made before anything is stored or shown.

A token is a keyed hash (BLAKE2b as a MAC) of the number in its national form: the same caller has the same token,
and no one without the key can try numbers until one fits. The key is made at first use, outside the store.

Telephone numbers as switches and people write them, in one national form; and callers who withhold theirs.

Sources of the ways of writing: E.123 (spaces, brackets, hyphens), RFC 3966 (`tel:`, `;ext=`), RFC 3261 (`"Name"
<sip:…>`, `anonymous@anonymous.invalid`), and Asterisk's channel names (`SIP/…-0000001a`).
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute

from kcas.ingest.keys import fingerprint_of, read_key
from kcas.ingest.masking import masked

WITHHELD_WORDS = frozenset(
    {
        "anonymous", "anonym", "withheld", "private", "restricted", "blocked", "hidden", "suppressed", "secret",
        "unknown", "unavailable", "unavail", "undefined", "unidentified", "unlisted", "null", "nan", "nil", "none",
        "na", "n", "payphone", "unobtainable", "coinphone", "coinbox", "international", "asterisk", "withhold",
        "barred", "undisclosed", "empty",
    }
)  # fmt: skip
"""What switches write for a caller who gave no number; any of these decides it."""
WITHHELD_PHRASES = frozenset(
    {
        "out of area", "not available", "not provided", "not disclosed", "not known", "not given", "not shown",
        "not displayed", "not presented", "not present", "no number", "no caller", "no caller id", "no callerid",
        "no cli", "no clip", "no id", "no name", "no address", "no caller line id", "ex directory", "pay phone",
        "coin phone", "coin box", "number not available", "no information", "interaction with other service",
    }
)  # fmt: skip
BESIDE_WITHHELD = frozenset(
    {
        "number", "numbers", "no", "num", "caller", "callers", "call", "calling", "party", "id", "callerid", "cli",
        "clid", "clip", "line", "name", "user", "user's", "users", "the", "by", "of", "a", "from", "telephone", "phone",
        "tel", "presentation", "identity", "address", "information", "is", "was", "network", "request",
        "caller's", "invalid", "localhost",
    }
)  # fmt: skip
"""Words that may stand beside those without making them a name."""
SPELT_ON_KEYS = frozenset({"266696687", "7378742833", "86282452253"})
"""ANONYMOUS, RESTRICTED and UNAVAILABLE on a telephone's keys, as some carriers send them."""

AROUND = " \t\r\n'\"=\u200e\u200f\u202a\u202b\u202c"
_LEAST = 7
"""Digits of a number that may stand among words, and still be the caller's."""
PLAIN = re.compile(r"\+?[0-9][0-9 ().\-]*", re.ASCII)
_NUMBER = re.compile(r"[+(]*[0-9](?:[\s().\-/]{0,3}[0-9])*", re.ASCII)
BRACKETS = re.compile(r"<([^<>]*)>")
SCHEME = re.compile(r"(?:sips?|tel|callto|h323|iax2?):(?://)?", re.ASCII | re.IGNORECASE)
CHANNEL = re.compile(
    r"(?:sip|pjsip|iax2?|dahdi|zap|local|chan_sip|h323|sccp|skinny|mgcp|ooh323|khomp|mobile)/(.+)",
    re.ASCII | re.IGNORECASE,
)
TURN = re.compile(r"-[0-9a-f]{8}(?:;[12])?$", re.ASCII | re.IGNORECASE)
"""The turn of a channel of Asterisk: eight hexadecimal digits after its peer."""
EXTENSION = re.compile(r"(?:[;,#].*|\s*(?:x|ext\.?|extn\.?|extension)\s*[:.]?\s*\d{1,6})\s*$", re.ASCII | re.IGNORECASE)
SPACING = re.compile(r"[\s().\-/\u00a0\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
CAMEL = re.compile(r"([a-z])([A-Z])", re.ASCII)
_WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def normal(number: str, *, withheld: frozenset[str] = frozenset()) -> str:
    """A number in its national form, so that every way of writing it is one caller; "" where it was withheld.

    `withheld` are further texts of a desk's own that mean so, as `words_of_all` has them.
    """
    if not PLAIN.fullmatch(number):
        text = unicodedata.normalize("NFKC", number).strip(AROUND)
        who = user_part(text)
        names = {text, who, *display_name(text, who)}
        if any(is_withheld(name, more=withheld) for name in names):
            return ""
        number = EXTENSION.sub("", only_number(who))
    elif withheld and plain_words(number) in withheld:
        return ""
    plain = SPACING.sub("", number.replace("(0)", ""))
    digits = plain.removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        return number.casefold()
    return "" if not digits.strip("0") or digits in SPELT_ON_KEYS else national(plain)


def user_part(text: str) -> str:
    """Who is meant in an address: the number in `"Name" <sip:number@host;…>`, `tel:number` or `SIP/number-0000001a`."""
    if (inside := BRACKETS.search(text)) and inside[1].strip():
        text = inside[1].strip()
    if scheme := SCHEME.match(text):
        text = re.split("[@;:]", text[scheme.end() :])[0]
    elif channel := CHANNEL.fullmatch(text):
        parts = [TURN.sub("", part).split("@")[0] for part in channel[1].split("/")]
        text = next((part for part in parts if sum(map(str.isdigit, part)) >= _LEAST), parts[0])
    elif "@" in text:
        text = text.split("@")[0]
    else:
        text = text.split(";")[0]
    return text.strip(AROUND)


def display_name(text: str, who: str) -> tuple[str, ...]:
    """The name before an address that is no number: of `Anonymous <sip:c8oqz8@privacy.example>` it is the word."""
    before, mark, _ = text.partition("<")
    return (before,) if mark and before.strip(AROUND) and sum(map(str.isdigit, who)) < _LEAST else ()


def only_number(text: str) -> str:
    """The one number in a text that says more than it, like `01632 960123 (mobile)`; else the text itself."""
    if not any(letter.isalpha() for letter in text):
        return text
    found = [run[0] for run in _NUMBER.finditer(text) if sum(map(str.isdigit, run[0])) >= _LEAST]
    return found[0] if len(found) == 1 else text


def is_withheld(text: str, *, more: frozenset[str] = frozenset()) -> bool:
    """Whether a text stands for a caller who gave no number."""
    words = plain_words(text)
    if words in more:
        return True
    if any(letter.isdigit() for letter in text):
        return not text.strip().lstrip("+-").strip("0 .") or text.strip() == "-1"
    if not words:
        return True  # a dash, a star, nothing
    if words in WITHHELD_PHRASES:
        return True
    said = words.split()
    rest = [word for word in said if word not in BESIDE_WITHHELD and word not in ("not", "available", "unknown")]
    return bool(rest or "unknown" in said or "available" in said) and all(word in WITHHELD_WORDS for word in rest)


def plain_words(text: str) -> str:
    """A text's words in small letters with one blank between them."""
    spread = CAMEL.sub(r"\1 \2", text).casefold()
    pattern = r"\w+" if any(letter.isdigit() for letter in text) else _WORDS.pattern
    return " ".join(re.findall(pattern, spread))


def words_of_all(texts: Iterable[str]) -> frozenset[str]:
    """A desk's own texts for a withheld number, as `normal` takes them."""
    return frozenset(filter(None, map(plain_words, texts)))


def national(digits: str) -> str:
    """+44, 0044 and 44 before ten digits are the zero of a British number; other countries keep their plus."""
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    if digits.startswith("+44"):
        return "0" + digits[3:].lstrip("0")
    if digits.startswith("44") and len(digits) == 12:
        return "0" + digits[2:]
    return digits


def normal_before(number: str) -> str:
    """A number as stores of the first layout took it, whose tokens may still be there."""
    text = number.strip().strip('"').strip()
    address = re.match(r"(?:sips?|tel):([^@;]+)", text, re.ASCII | re.IGNORECASE)
    text = (address[1] if address else text).casefold()
    plain = re.sub(r"[\s().\-/]", "", text.replace("(0)", ""), flags=re.ASCII)
    return national(plain) if plain.lstrip("+").isascii() and plain.lstrip("+").isdigit() else text


CALLER_BYTES = 16
AGENT_BYTES = 8  # a desk has hundreds of agents, and their tokens are read by people
IDENTITY_BYTES = 12
"""Of a leg or a contact: among a hundred million two are alike once in ten billion stores."""
MARK_BYTES = 4  # of a number in a queue's name: there are few, and people read them
LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")
"""A mark holds no digits, so that a masked name is not masked again."""
_REMEMBERED = 100_000
"""Tokens kept at hand while a log is read event by event: some 25 MB."""
IN_NAMES = "{}: a number of six digits or more in its name, kept as a keyed mark"
SHORT_REFERENCE = r"^[0-9]+\.[0-9]+$"
SHORTEST_NUMBER = 6
"""Digits: a reference like "77.5", with fewer about its dot, can hold no one's number, and no letter is in it."""
NATIONAL = r"^0[1-9][0-9]{4,}$"


class Redactor:
    """Makes tokens with one key, and remembers those it made one by one recently."""

    def __init__(
        self,
        key_file: Path,
        *,
        keep_callers: bool = True,
        withheld: Collection[str] = (),
        erased: Collection[str] = (),
        make_key: bool = True,
    ):
        self.erased = frozenset(erased)
        self.key_file, self.keep_callers, self.make_key = key_file, keep_callers, make_key
        self.withheld = words_of_all(withheld)
        self._made: dict[str, str | None] = {}
        self._marks: dict[str, str] = {}

    @cached_property
    def key(self) -> bytes:
        """The key, made at first use where it may be."""
        return read_key(self.key_file, make=self.make_key)

    @property
    def fingerprint(self) -> str:
        """What tells the key from others."""
        return fingerprint_of(self.key)

    def caller(self, number: str | None) -> str | None:
        """A caller's token; none where the number was withheld or no caller tokens are kept."""
        if not number or not self.keep_callers:
            return None
        if number not in self._made:
            if len(self._made) >= _REMEMBERED:
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
        normal_forms = all_normal(numbers, withheld=self.withheld)
        made = hashes(normal_forms, key=self.key, person=b"caller", size=CALLER_BYTES)
        if not self.erased:
            return made
        return [None if token and self.erasure(token) in self.erased else token for token in made]

    def tokens_of(self, number: str) -> frozenset[str]:
        """The tokens a caller may have in a store: that of the number, and that of its spelling in older stores."""
        now = normal(number, withheld=self.withheld)
        forms = [now, normal_before(number)] if now else []
        made = hashes(pa.array(forms, pa.string()), key=self.key, person=b"caller", size=CALLER_BYTES)
        return frozenset(token for token in made if token)

    def erasure(self, token: str) -> str:
        """What is kept of an erased caller, so that no token is kept again: a keyed digest of the token."""
        return hashlib.blake2b(token.encode(), key=self.key, person=b"erased", digest_size=CALLER_BYTES).hexdigest()

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

    def identities(self, texts: pl.Series, *, kind: str) -> pl.Series:
        """A keyed digest of each call's or contact's reference; `kind` is "leg" or "contact"."""
        if not len(texts) or texts.null_count() == len(texts):
            return texts
        return pl.Series(texts.name, self._digests(texts.to_arrow(), person=kind.encode()), dtype=pl.String)

    def references(self, texts: pl.Series) -> pl.Series:
        """A keyed digest of each reference that many rows share."""
        return each_once(texts, lambda each: self._digests(each, person=b"reference"))

    def _digests(self, texts: pa.Array, *, person: bytes) -> list[str | None]:
        """Keyed digests of references; one too short to hold a number stays as it is."""
        made = hashes(texts, key=self.key, person=person, size=IDENTITY_BYTES)
        short = pa.compute.less_equal(pa.compute.utf8_length(texts), SHORTEST_NUMBER)  # the dot is one of them
        plain = pa.compute.and_(short, pa.compute.match_substring_regex(texts, SHORT_REFERENCE))
        for row in np.flatnonzero(plain.fill_null(False)):
            made[row] = texts[int(row)].as_py()
        return made

    def names(self, texts: pl.Series) -> tuple[pl.Series, int]:
        """A column of names with every number of six digits or more as a keyed mark; and how many rows that changed."""
        distinct = texts.drop_nulls().unique()
        new = {name: marked for name in distinct if (marked := self.name(name)) != name}
        if not new:
            return texts, 0
        return texts.replace(new), int(texts.is_in(list(new)).sum())

    def name(self, text: str) -> str:
        """A name with every number of six digits or more as a keyed mark; two numbers never become one name."""
        return masked(text, self._mark)

    def _mark(self, digits: str) -> str:
        if digits not in self._marks:
            number = national(digits).encode()
            made = hashlib.blake2b(number, key=self.key, person=b"mark", digest_size=MARK_BYTES).hexdigest()
            self._marks[digits] = f"number-{made.translate(LETTERS)}"
        return self._marks[digits]


def all_normal(numbers: pa.Array, *, withheld: frozenset[str] = frozenset()) -> pa.Array:
    """Numbers in their national form; most are so written, and are seen to be so all at once."""
    plain = pa.compute.match_substring_regex(numbers, NATIONAL)
    if pa.compute.all(plain, skip_nulls=True, min_count=0).as_py() and not any("0" in words for words in withheld):
        return numbers
    return pa.array([number and normal(number, withheld=withheld) for number in numbers.to_pylist()], pa.string())


def each_once(values: pl.Series, tokens: Callable[[pa.Array], list[str | None]]) -> pl.Series:
    """A column's tokens, each distinct value asked for once."""
    distinct = values.drop_nulls().unique()
    made = pl.Series(values.name, tokens(pa.array(distinct.to_list(), pa.string())), dtype=pl.String)
    return values.replace_strict(distinct, made, default=None, return_dtype=pl.String)


def hashes(texts: pa.Array, *, key: bytes, person: bytes, size: int) -> list[str | None]:
    """Keyed hashes; none where there is no text. Of one kind they are never those of another."""
    begun = hashlib.blake2b(key=key, person=person, digest_size=size).copy
    found: list[str | None] = []
    for text in texts.cast(pa.large_binary()).to_pylist():
        if not text:
            found.append(None)
            continue
        one = begun()  # the key has been taken in already: a third of the work is spared
        one.update(text)
        found.append(one.hexdigest())
    return found
