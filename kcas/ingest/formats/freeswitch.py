"""FreeSWITCH mod_callcenter events (`callcenter::info`), one JSON object an event as the event socket writes it.

Times are seconds since 1970. The event of a member's end tells the whole stay: joined, answered, left, and why.
Source: mod_callcenter.c of FreeSWITCH, and the module's documentation.
"""

from collections.abc import Iterator
from urllib.parse import unquote

from kcas.ingest.columns import Unreadable
from kcas.ingest.events.legs import SECOND
from kcas.ingest.events.records import Event, EventRecord, Left, first_object, read_records, text_in
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.reading import Head, Log

SUBCLASS = "callcenter::info"
ENDS = {
    "NONE": "ABANDON",  # an agent had been found, and the caller hung up before the answer
    "BREAK_OUT": "ABANDON",  # no agent had been found; also where a dial plan took the caller out
    "TIMEOUT": "EXITWITHTIMEOUT",
    "NO_AGENT_TIMEOUT": "EXITEMPTY",
    "EXIT_WITH_KEY": "EXITWITHKEY",
}
"""The module's own counter of abandoned calls counts every one of these."""


class CallCenterEvents:
    """A stream of the call-centre module's events."""

    key = "freeswitch_callcenter"
    words = "FreeSWITCH mod_callcenter events, one JSON object an event"
    encoding = "utf-8"

    def claims(self, head: Head) -> bool:
        """Whether the first object is an event of the module."""
        return _said(first_object(head), "Event-Subclass") == SUBCLASS

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The stays in queues, block by block."""
        return read_records(log, events_of, settings=settings, carried=carried)


def events_of(record: EventRecord) -> tuple[Event, ...] | Left:
    """What one record tells of a call."""
    if _said(record, "Event-Subclass") != SUBCLASS:
        return Left("another event of the switch")
    action = _said(record, "CC-Action")
    if action == "member-queue-start":
        joined = _seconds(record, "CC-Member-Joined-Time") or _seconds(record, "Event-Date-Timestamp", of=1) // SECOND
        return (_event(record, "ENTERQUEUE", joined, caller=_said(record, "CC-Member-CID-Number") or None),)
    if action == "bridge-agent-start":
        return (connected(record),)
    return (_ended(record),) if action == "member-queue-end" else Left(f"{_known(action)}: about agents or settings")


def connected(record: EventRecord) -> Event:
    """The answer."""
    joined, answered = _seconds(record, "CC-Member-Joined-Time"), _seconds(record, "CC-Agent-Answered-Time")
    agent = _said(record, "CC-Agent") or None
    return _event(record, "CONNECT", answered, agent=agent, wait=answered - joined if joined else None)


def _ended(record: EventRecord) -> Event:
    """The end of a stay: talked with an agent, or left before one answered."""
    joined, left = _seconds(record, "CC-Member-Joined-Time"), _seconds(record, "CC-Member-Leaving-Time")
    if _said(record, "CC-Cause") == "Terminated":
        answered = _seconds(record, "CC-Agent-Answered-Time")
        agent = _said(record, "CC-Agent") or None
        return _event(record, "COMPLETECALLER", left, agent=agent, wait=answered - joined, talk=left - answered)
    reason = _said(record, "CC-Cancel-Reason") or "NONE"
    if reason not in ENDS:
        raise Unreadable(f"CC-Cancel-Reason is none of {', '.join(ENDS)}.")
    return _event(record, ENDS[reason], left, wait=left - joined if joined else None)


def _event(
    record: EventRecord, name: str, second: int, *, agent: str | None = None, caller: str | None = None,
    wait: float | None = None, talk: float | None = None,
) -> Event:  # fmt: skip
    """An event of the member that a record is about."""
    for duration in (wait, talk):
        if duration is not None and duration < 0:
            raise Unreadable("its times run backwards.")
    member = _said(record, "CC-Member-Session-UUID") or _said(record, "CC-Member-UUID")
    return Event(name, second * SECOND, member, _said(record, "CC-Queue"), agent, caller, wait, talk)


def _said(record: EventRecord, name: str) -> str:
    """What a header says: the event socket writes some characters as %40."""
    return unquote(text_in(record, name))


def _seconds(record: EventRecord, name: str, *, of: int = 0) -> int:
    """A moment in seconds (or, with `of`, smaller parts) since 1970; 0 where the module wrote none."""
    text = _said(record, name)
    if text and not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Unreadable(f"{name} is no number of seconds since 1970.")
    if not text and of:
        raise Unreadable(f"{name} is missing.")
    return int(text or 0)


def _known(action: str) -> str:
    """An action's name, where it is one of the module's own."""
    ours = ("agent-offering", "bridge-agent-end", "bridge-agent-fail", "agent-status-change", "agent-state-change",
            "agent-add", "agent-del", "members-count", "agent-contact-change")  # fmt: skip
    return action if action in ours else "another action"


FORMATS = (CallCenterEvents(),)
