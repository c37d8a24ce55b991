"""Text that a spreadsheet would run as a formula, made safe for every CSV."""

import re

FORMULA = "^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20\u2212]"
"""A first character that makes a spreadsheet take text for a formula: the list of OWASP's page on CSV injection, with
the full-width forms that some locales take for the plain ones, and the minus sign. Quoting does not help."""

_FORMULA = re.compile(FORMULA)


def as_text(text: str) -> str:
    """The text as it may stand in a CSV: with an apostrophe where a spreadsheet would run it."""
    return "'" + text if _FORMULA.match(text) else text
