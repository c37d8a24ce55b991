"""The door for suppliers in code: found by an entry point, and said plainly where one cannot be used."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

import kcas.ingest.formats as door
from kcas.errors import LogError, SettingError
from kcas.ingest.formats import formats
from kcas.ingest.formats.freeswitch import CallCenterEvents
from kcas.ingest.log_format import NotALog, recognise
from kcas.ingest.reading import Log
from kcas.ingest.unpacking import Source

MAPPING = Path(__file__).resolve().parents[3] / "golden" / "mapped" / "desk.toml"


class Theirs(CallCenterEvents):
    """Another package's supplier."""

    key = "their_switch"


def brought(monkeypatch: pytest.MonkeyPatch, value: object) -> tuple[str, ...]:
    """The keys of all formats where another package brings this."""
    module = ModuleType("their_package")
    module.brought = value  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "their_package", module)
    point = EntryPoint("theirs", "their_package:brought", door.GROUP)
    monkeypatch.setattr(door, "entry_points", lambda group: [point] if group == door.GROUP else [])
    formats.cache_clear()
    try:
        return tuple(form.key for form in formats())
    finally:
        formats.cache_clear()


def test_a_package_brings_formats_or_a_mapping_file(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("formats_of_theirs")
    package.FORMATS = (Theirs(),)  # type: ignore[attr-defined]
    assert "their_switch" in brought(monkeypatch, package)
    assert "golden_desk" in brought(monkeypatch, MAPPING)


@pytest.mark.parametrize(
    ("value", "words"),
    [((CallCenterEvents(),), "has the name of another"), (7, "brings no formats"), ((7,), "brings no formats")],
)
def test_what_cannot_be_used_is_said_with_the_package(
    monkeypatch: pytest.MonkeyPatch, value: object, words: str
) -> None:
    with pytest.raises(SettingError, match=rf"The package their_package \(entry point kcas.formats: theirs\).*{words}"):
        brought(monkeypatch, value)


def test_a_package_that_fails_as_it_is_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("theirs", "no_such_package", door.GROUP)
    monkeypatch.setattr(door, "entry_points", lambda group: [point])
    formats.cache_clear()
    with pytest.raises(SettingError, match=r"no_such_package.*cannot be loaded: ModuleNotFoundError"):
        formats()
    formats.cache_clear()


CLID = '"""""" <01632960353>","01632960353","500","from-queue","SIP/t-3","SIP/101-1","Queue","500,t,,,300"'
CDR = {
    "plain": '"","01632960351","500","from-queue","""x"" <01632960351>","SIP/t-1","SIP/101-1","Queue","500,t,,,300",'
    '"2026-03-02 09:00:00","2026-03-02 09:00:01","2026-03-02 09:02:00",120,119,"ANSWERED","DOCUMENTATION","1.1",""',
    "clid first": f'{CLID},"2026-03-02 09:00:00","","2026-03-02 09:02:00","120","0","NO ANSWER","3","","1.3","",7',
    "of the database": "calldate;clid;src;dst;dcontext;channel;dstchannel;lastapp;duration;billsec;disposition",
}


@pytest.mark.parametrize("layout", CDR)
def test_asterisks_call_detail_is_refused_by_name_with_the_file_to_bring(tmp_path: Path, layout: str) -> None:
    (tmp_path / "Master.csv").write_text(CDR[layout] + "\n")
    log = Log(Source(tmp_path / "Master.csv"))
    with pytest.raises(NotALog, match=r"call detail record \(CDR\) of Asterisk.*Bring the file queue_log"):
        recognise(log.head, formats(), name=log.name)


def test_a_format_that_is_refused_is_none_of_those_offered(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("nothing that anyone knows\n")
    log = Log(Source(tmp_path / "other.txt"))
    with pytest.raises(LogError) as said:
        recognise(log.head, formats(), name=log.name)
    assert "asterisk_cdr" not in str(said.value)
    assert "twilio_task_router" in str(said.value)
