"""Characters that a file format can hold, and the marks for those it cannot.

XML, and so DOCX, XLSX, ODS and SVG, refuses most control characters; no page shows them. Each becomes its picture from
Unicode's own block of them (␀ for NUL). What is no character at all becomes the replacement character.
"""

import re
import unicodedata

NO_CHARACTER = "\ufffd"
SHOWN_BY_CODE = "characters that the typeface of this file does not have are shown by their code, such as [U+1F600]"

_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: 0x2421}
_NONE = re.compile("[\x80-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")  # and the last two of each plane, below

_DRAWN = (
    "\n\u0020-\u007e\u00a0-\u00ac\u00ae-\u024f\u038e-\u03a1\u03a3-\u03ce\u03d0-\u0513\u05d0-\u05ea\u1ea0-\u1ef9"
    "\u2012-\u2022\u2026\u202f\u2030\u2032-\u2034\u2039\u203a\u20a0-\u20b5\u2122\u2190-\u2195\u2211\u2212"
    "\u2248\u2260\u2264\u2265\u25a0\u25b2\u25bc\u25cf"
)
"""Of what Liberation Sans draws, the part that is met in writing; a test asks the typeface itself."""
_NOT_DRAWN = re.compile(f"[^{_DRAWN}]")


def showable(text: str) -> str:
    """The text with a visible mark for each character that files and pages cannot hold."""
    return "".join(
        NO_CHARACTER if _NONE.match(character) or ord(character) & 0xFFFE == 0xFFFE else character
        for character in text.translate(_PICTURES)
    )


def drawable(text: str) -> str:
    """The text in characters that the bundled typeface has; any other is written as its code, "[U+1F600]"."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _NOT_DRAWN.sub(lambda found: f"[U+{ord(found.group()):04X}]", lines)
