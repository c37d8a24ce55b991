"""Telephone numbers as switches and people write them, in one national form; and callers who withhold theirs.

Sources of the ways of writing: E.123 (spaces, brackets, hyphens), RFC 3966 (`tel:`, `;ext=`), RFC 3261 (`"Name"
<sip:…>`, `anonymous@anonymous.invalid`), and Asterisk's channel names (`SIP/…-0000001a`).
"""

import re
import unicodedata
from collections.abc import Iterable

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
LEAST = 7
"""Digits of a number that may stand among words, and still be the caller's."""
PLAIN = re.compile(r"\+?[0-9][0-9 ().\-]*", re.ASCII)
NUMBER = re.compile(r"[+(]*[0-9](?:[\s().\-/]{0,3}[0-9])*", re.ASCII)
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
WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


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
        text = next((part for part in parts if sum(map(str.isdigit, part)) >= LEAST), parts[0])
    elif "@" in text:
        text = text.split("@")[0]
    else:
        text = text.split(";")[0]
    return text.strip(AROUND)


def display_name(text: str, who: str) -> tuple[str, ...]:
    """The name before an address that is no number: of `Anonymous <sip:c8oqz8@privacy.example>` it is the word."""
    before, mark, _ = text.partition("<")
    return (before,) if mark and before.strip(AROUND) and sum(map(str.isdigit, who)) < LEAST else ()


def only_number(text: str) -> str:
    """The one number in a text that says more than it, like `01632 960123 (mobile)`; else the text itself."""
    if not any(letter.isalpha() for letter in text):
        return text
    found = [run[0] for run in NUMBER.finditer(text) if sum(map(str.isdigit, run[0])) >= LEAST]
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
    pattern = r"\w+" if any(letter.isdigit() for letter in text) else WORDS.pattern
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
