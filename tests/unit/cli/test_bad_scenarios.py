"""Is a scenario that cannot be run refused by every command before anything runs, in a line that says what is wrong?"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
GOOD = """
question = "Does it run?"
[day]
opens = "09:00"
closes = "12:00"
[demand]
calls_per_day = 60
[types.public]
share = "100%"
talk = { distribution = "exponential", mean = "5 min" }
patience = { distribution = "exponential", mean = "3 min" }
[teams.desk]
agents = 2
"""
DEEP = "[" * 5000 + "]" * 5000
COMMANDS = {
    "scenario check": ("scenario", "check", "bad.toml"),
    "simulate": ("simulate", "bad.toml"),
    "compare": ("compare", "good.toml", "bad.toml", "--replications", "1", "--engine", "simpy"),
    "exact day": ("exact", "day", "bad.toml"),
    "sweep": ("sweep", "bad.toml"),
}
WRONG: dict[str, tuple[str, str]] = {
    "more calls than memory holds": (GOOD.replace("= 60", "= 1e9"), "up to 1,000,000"),
    "redials without end": (
        GOOD.replace("= 60", "= 1000000") + '[redials]\ndelay = {distribution = "fixed", value = "1 s"}\ntimes = 20\n',
        "fit in memory",
    ),
    "no one is rostered": (GOOD.replace("agents = 2", "agents = 0"), "no one is on the phones"),
    "all at other work": (
        GOOD + '[other_work.visits]\nteam = "desk"\nagents = 2\n', "no one is on the phones at any time from 09:00",
    ),
    "a shift after closing": (
        GOOD.replace("agents = 2", 'shifts = [{agents = 2, from = "13:00", to = "14:00"}]'), "no one is on the phones",
    ),
    "no team": (GOOD.split("[teams")[0], "teams is missing"),
    "no calls": (GOOD.replace("= 60", "= 0"), "above 0"),
    "no calls at any time": (GOOD.replace("= 60", "= 60\nshape = [0, 0, 0, 0, 0, 0]"), "every weight is zero"),
    "every call needless": (GOOD + '[training]\ninappropriate = "100%"\n', "no one rings"),
    "no patience": (GOOD.replace('"3 min"', '"0 s"'), "from 0.001 s"),
    "no one waits": (GOOD.replace('"3 min"', '"3 min", hang_up_at_once = "100%"'), "no one would wait"),
    "a billion agents": (GOOD.replace("agents = 2", "agents = 1000000000"), "from 0 to 20,000"),
    "a shift that ends first": (
        GOOD.replace("agents = 2", 'shifts = [{agents = 2, from = "12:00", to = "09:00"}]'), "not after it begins",
    ),
    "breaks that overlap": (
        GOOD.replace(
            "agents = 2",
            'shifts = [{agents = 2, from = "09:00", to = "12:00", breaks = [{from = "10:00", to = "11:00"}, '
            '{from = "10:30", to = "10:45"}]}]',
        ),
        "begins before the one at 10:00 ends",
    ),
    "a unit left out": (GOOD.replace('"5 min"', "5"), "has no unit"),
    "an unknown key": (GOOD.replace("agents = 2", "agnets = 2"), "Did you mean 'agents'?"),
    "a circle": ('starts_from = "bad.toml"\nquestion = "Why?"\n', "round in a circle"),
    "out of the folder": ('starts_from = "../../good.toml"\nquestion = "Why?"\n', "is outside"),
    "an absolute path": ('starts_from = "/etc/hostname"\nquestion = "Why?"\n', "is outside"),
    "a million characters": (GOOD + "#" + "x" * 1_000_001, "larger than 1,000,000 bytes"),
    "not a number": (GOOD.replace("= 60", "= nan"), "nan is not valid"),
    "endless": (GOOD.replace("= 60", "= inf"), "inf is not valid"),
    "lists within lists": (f"{GOOD}x = {DEEP}\n", "more than 50 deep"),
    "keys within keys": (GOOD + "a." * 5000 + "a = 1\n", "more than 50 deep"),
    "thousands of digits": (GOOD.replace("= 60", f"= {'9' * 5000}"), "thousands of digits"),
    "a duration of a million digits": (GOOD.replace("5 min", "5" * 900_000), "is not a duration"),
    "a menu without end": (
        GOOD + '[telephone.menu]\nlength = {distribution = "fixed", value = "24 h"}\n', "lasts too long",
    ),
    "a name that moves the cursor": (GOOD.replace("[types.public]", '[types."a\\u001b[2J"]'), "is not valid as a name"),
    "a mixture within a mixture": (
        GOOD.replace(
            '{ distribution = "exponential", mean = "3 min" }',
            '{ distribution = "mixture", parts = [{ share = "100%", distribution = "mixture", parts = [] }] }',
        ),
        "no mixture within a mixture",
    ),
}  # fmt: skip


def refused(kcas: Run, words: tuple[str, ...], says: str) -> None:
    """Exit 1, nothing answered, and at most two lines that say what is wrong."""
    code, out, err = kcas(*words)
    assert code == 1
    assert out == ""
    assert says in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) <= 2
    assert len(err) < 600


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a good scenario, where commands are run."""
    (tmp_path / "good.toml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("case", WRONG)
def test_a_scenario_that_cannot_be_run_is_refused_in_a_line(kcas: Run, folder: Path, case: str, command: str) -> None:
    text, says = WRONG[case]
    (folder / "bad.toml").write_text(text)
    refused(kcas, COMMANDS[command], says)


@pytest.mark.parametrize(
    ("content", "says"), [(b"\xff\xfe\x00\x01" * 99, "not UTF-8 text"), (b"\0" * 99, "line 1"), (b"", "is missing")]
)
def test_what_is_no_text_is_no_scenario(kcas: Run, folder: Path, content: bytes, says: str) -> None:
    (folder / "bad.toml").write_bytes(content)
    refused(kcas, COMMANDS["simulate"], says)


@pytest.mark.skipif(os.name == "nt", reason="there are no such files there")
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "circle of links", "link out of the folder"])
def test_what_is_no_file_is_not_waited_for(kcas: Run, folder: Path, kind: str) -> None:
    bad = folder / "bad.toml"
    if kind == "pipe":
        os.mkfifo(bad)
    elif kind == "folder":
        bad.mkdir()
    elif kind == "link out of the folder":
        (folder / "out.toml").symlink_to("/etc/hostname")
        bad.write_text('starts_from = "out.toml"\nquestion = "Why?"\n')
    else:
        bad.symlink_to("/dev/zero" if kind == "device" else bad)
    says = {"circle of links": "leads back to itself", "link out of the folder": "is outside"}.get(kind, "not a file")
    refused(kcas, COMMANDS["scenario check"], says)


def test_days_that_would_not_fit_in_memory_are_refused(kcas: Run, folder: Path) -> None:
    says = "1,000,000 days of 6 intervals would not fit in memory. Ask for 555,555 days at most"
    refused(kcas, ("simulate", "good.toml", "--replications", "1000000"), says)


def test_a_file_saved_by_notepad_with_its_mark_is_read(kcas: Run, folder: Path) -> None:
    (folder / "bad.toml").write_text(GOOD, encoding="utf-8-sig")
    code, out, _ = kcas(*COMMANDS["scenario check"])
    assert code == 0
    assert "Does it run?" in out
