"""One caller is one number however it is written, and a withheld number is nobody's."""

import pytest

from kcas.ingest.redact import normal, words_of_all

WRITTEN = [
    "01632 960123", "01632960123", "SIP/01632960123", "SIP/01632960123-0000001a", "PJSIP/+441632960123-0000abcd",
    "SIP/01632960123@10.0.0.1", "SIP/trunk/01632960123", "Local/01632960123@from-internal-00000012;1",
    '"Jane Smith" <01632960123>', '"Jane Smith" <sip:+441632960123@desk.example>;tag=1', "<01632960123>",
    '"Smith, Jane" <SIP/01632960123>', "Jane Smith <tel:+44-1632-960123>", "tel:+441632960123", "TEL:+441632960123",
    "tel:01632960123;ext=12", "01632960123;ext=12", "01632 960123 x12", "01632 960123 ext. 12", "+44 1632 960123",
    "0044 1632 960123", "00441632960123", "441632960123", "+44 (0)1632 960123", "(01632) 960-123", "01632.960.123",
    "sip:01632960123@x;user=phone", "sip:01632960123:5060", "+44 01632 960123", "01632–960123", "01632\u00a0960123",
    "\u202a01632960123\u202c", "'01632960123", '="01632960123"', "０１６３２９６０１２３", "01632 960123 (mobile)",
    "Tel: 01632 960123", "callto:01632960123", "01632960123@10.0.0.1", "Jane Smith 01632 960123",
]  # fmt: skip
WITHHELD = [
    "", "0", "-", "-1", "--", "?", "*", "+", "00000000000", "n/a", "NA", "nil", "None", "NULL", "(null)", "NaN",
    "Anonymous", "anonymous", "Anonymous Caller", "anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid",
    '"Anonymous" <sip:anonymous@anonymous.invalid>', "Anonymous <sip:c8oqz84zk7z@privacy.example>", "Anonymous;x=1",
    "Withheld", "WITHHELD NUMBER", "Withheld Number", "WithheldNumber", "Number withheld", "number-withheld",
    "CLI withheld", "Caller ID withheld", "Withheld by caller", '"Withheld" <withheld>', "[withheld]", "withheld.",
    "Private", "Private Number", "private_number", "PRIVATE CALLER", "Private No.", "Restricted", "Restricted Number",
    "sip:restricted@10.0.0.1", "Unknown", "<unknown>", "Unknown Caller", "UNKNOWN_NUMBER", "Unavailable",
    "Number Unavailable", "unavailable@unknown.invalid", "Not available", "Not Provided", "not known", "Blocked",
    "Blocked Number", "Caller ID Blocked", "No Caller ID", "No number", "NO_CLI", "Hidden Number", "Suppressed",
    "Out of area", "out-of-area", "Payphone", "Pay phone", "Coin phone", "International", "International call",
    "Ex-directory", "asterisk", "undefined", "Network withheld", "Number unobtainable", "266696687", '"" <>',
]  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN)
def test_one_caller_is_found_under_every_usual_spelling(written: str) -> None:
    assert normal(written) == "01632960123"


@pytest.mark.parametrize("written", WITHHELD)
def test_a_number_withheld_in_any_usual_words_is_nobodys(written: str) -> None:
    assert normal(written) == ""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Jane Smith", "jane smith"), ("Jane Private", "jane private"), ("Anna None", "anna none"), ("7009", "7009"),
        ("999", "999"), ("0033 1 23 45 67 89", "+33123456789"), ("SIP/7009-0000001a", "7009"), ("user1", "user1"),
    ],
)  # fmt: skip
def test_names_extensions_and_other_countries_stay_themselves(written: str, expected: str) -> None:
    assert normal(written) == expected


def test_a_desk_can_add_its_own_words_for_a_number_withheld() -> None:
    own = words_of_all(["Rufnummer unterdrückt", "01632 000000"])
    assert normal("RUFNUMMER  unterdrückt") != ""
    assert normal("Rufnummer unterdrückt", withheld=own) == normal("rufnummer-unterdrückt", withheld=own) == ""
    assert normal("01632 000000", withheld=own) == ""
    assert normal("01632 000001", withheld=own) == "01632000001"
