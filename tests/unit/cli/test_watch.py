"""`kcas watch` reads a growing, rotated log once, though it is killed at any moment; a real child process is."""

import os
import random
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from kcas.calls.store import Store
from kcas.importing.tokens import with_digests
from kcas.ingest.formats.asterisk.queue_log import AsteriskQueueLog
from tests.commands import kcas_begun, kcas_says
from tests.unit.ingest.formats.read_back import latest, read_back, settings_in

ROOT = Path(__file__).resolve().parents[3]
START = 1_767_312_000


def invented(calls: int, dice: random.Random) -> list[str]:
    """A log of callers who wait, talk or hang up, several at once."""
    lines: list[tuple[int, int, str]] = []
    for number in range(calls):
        at, call = START + 7 * number, f"{START}.{number}"
        wait, talk = dice.randint(0, 60), dice.randint(5, 120)
        lines.append((at, number, f"{call}|Duty|NONE|ENTERQUEUE||0770090{number:04}|1"))
        if dice.random() < 0.25:
            lines.append((at + wait, number, f"{call}|Duty|NONE|ABANDON|1|1|{wait}"))
        else:
            lines.append((at + wait, number, f"{call}|Duty|Ann|CONNECT|{wait}|x|1"))
            lines.append((at + wait + talk, number, f"{call}|Duty|Ann|COMPLETEAGENT|{wait}|{talk}|1"))
    return [f"{at}|{text}\n" for at, _, text in sorted(lines, key=lambda line: line[0])]


def start(folder: Path, store: Path, key: Path) -> BaseProcess:
    words = ("watch", folder, "--store", store, "--every", 0.2, "--settle", 0.3)
    return kcas_begun(ROOT, *words, settings=os.environ | {"KCAS_KEY": str(key)})


@contextmanager
def watching(folder: Path, store: Path, key: Path) -> Iterator[list[BaseProcess]]:
    """A child that watches; put another in its place to go on with that one."""
    child = [start(folder, store, key)]
    try:
        yield child
    finally:
        child[0].kill()
        child[0].join()


def until(done: Callable[[], bool], *, patience: float = 60.0) -> None:
    end = time.monotonic() + patience
    while not done():
        assert time.monotonic() < end, "the watcher did not come so far"
        time.sleep(0.1)


def said(*words: object, settings: dict[str, str]) -> str:
    """What a command writes that has worked."""
    done = kcas_says(ROOT, *words, settings=settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(store: Path) -> dict[str, dict[str, object]]:
    return latest([Store(store).calls().drop("batch").collect()]) if Store(store).exists else {}


def grown(folder: Path, log: Path, lines: list[str], dice: random.Random, *, between: Callable[[], None]) -> None:
    """Write the log as a switch does, rotated in both ways, some lines in two halves."""
    at = rotated = 0
    while at < len(lines):
        step = dice.randint(1, 40)
        text = "".join(lines[at : at + step])
        cut = dice.randint(0, len(text))
        for half in (text[:cut], text[cut:]):
            with log.open("a") as file:
                file.write(half)
            time.sleep(dice.random() * 0.05)
        at += step
        if dice.random() < 0.15:
            rotated += 1
            if dice.random() < 0.5:
                log.rename(folder / f"queue_log.{rotated}")
            else:
                shutil.copy(log, folder / f"queue_log.{rotated}")
                log.write_text("")
        between()


def watched_and_killed(tmp_path: Path, *, calls: int, kills: float, seed: int) -> int:
    """Hold what a killed and restarted watcher kept against one reading of all lines; how often it was killed."""
    dice, killed = random.Random(seed), 0
    folder, store, key = tmp_path / "logs", tmp_path / "store", tmp_path / "token.key"
    folder.mkdir()
    lines = invented(calls, dice)
    (tmp_path / "whole").write_text("".join(lines))
    settings = settings_in(tmp_path)
    calls = read_back(AsteriskQueueLog(), tmp_path / "whole", settings=settings).calls
    expected = latest([with_digests(calls, settings.redactor)])
    with watching(folder, store, key) as child:

        def kill_perhaps() -> None:
            nonlocal killed
            if dice.random() < kills:
                time.sleep(dice.random() * 1.5)  # it works from the first moment: its libraries are there
                child[0].kill()
                child[0].join()
                child[0] = start(folder, store, key)
                killed += 1

        grown(folder, folder / "queue_log", lines, dice, between=kill_perhaps)
        until(lambda: told(store) == expected)
        time.sleep(1)
        assert told(store) == expected
        before = Store(store).version()
        time.sleep(1)
        assert Store(store).version() == before  # nothing is read again
    return killed


@pytest.mark.skipif(os.name == "nt", reason="Windows does not rename a file that is open")
def test_a_killed_watcher_goes_on_with_no_gap_and_no_doubling(tmp_path: Path) -> None:
    assert watched_and_killed(tmp_path, calls=150, kills=0.2, seed=20100301)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows does not rename a file that is open")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_watcher_killed_again_and_again(tmp_path: Path, seed: int) -> None:
    assert watched_and_killed(tmp_path, calls=600, kills=0.35, seed=seed) > 5


def test_once_reads_what_is_there_and_stops(tmp_path: Path) -> None:
    folder, store = tmp_path / "logs", tmp_path / "store"
    folder.mkdir()
    (folder / "queue_log").write_text("".join(invented(5, random.Random(1))))
    environment = os.environ | {"KCAS_KEY": str(tmp_path / "token.key")}
    for new in (5, None):
        answer = said("watch", folder, "--store", store, "--once", "--json", settings=environment)
        assert (f'"new": {new}' in answer) if new else (answer == "")


def test_a_clock_put_back_between_two_looks_changes_nothing(tmp_path: Path) -> None:
    folder, store, log = tmp_path / "logs", tmp_path / "store", tmp_path / "logs" / "queue_log"
    folder.mkdir()
    environment = os.environ | {"KCAS_KEY": str(tmp_path / "token.key")}
    for line in (
        f"{START}|{START}.0|Duty|NONE|CONFIGRELOAD|",
        f"{START + 60}|{START}.1|Duty|NONE|ENTERQUEUE||07700900001|1",
        f"{START + 40}|{START}.1|Duty|NONE|ABANDON|1|1|35",
    ):
        with log.open("a") as file:
            file.write(line + "\n")
        said("watch", folder, "--store", store, "--once", settings=environment)
    assert [(call["outcome"], call["wait"]) for call in told(store).values()] == [("abandoned", 35)]


def test_a_store_inside_the_folder_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "queue_log").write_text("".join(invented(3, random.Random(1))))
    environment = os.environ | {"KCAS_KEY": str(tmp_path / ".token.key")}
    for answers in (1, 0):
        answer = said("watch", tmp_path, "--store", tmp_path / "store", "--once", "--json", settings=environment)
        assert answer.count('"file"') == answers


def test_a_folder_that_is_not_there_is_a_persons_mistake(tmp_path: Path) -> None:
    answer = kcas_says(ROOT, "watch", tmp_path / "nowhere", "--once")
    assert answer.returncode == 1
    assert "nowhere: there is no such folder to watch." in answer.stderr


def test_what_was_ignored_is_said_by_the_name_of_its_rule(tmp_path: Path) -> None:
    log = Path(__file__).resolve().parents[2] / "golden" / "asterisk_queue_log" / "no_concern_of_callers.log"
    environment = os.environ | {"KCAS_KEY": str(tmp_path / "token.key"), "COLUMNS": "300"}
    answer = said("ingest", log, "--store", tmp_path / "store", settings=environment)
    assert "unknown event DID (1)" in answer
    assert "OUTDIAL: outbound (1)" in answer
    assert "07700" not in answer


def test_a_zip_whose_log_is_not_compressed_is_unpacked_and_a_zip_in_it_is_no_log(tmp_path: Path) -> None:
    folder, lines = tmp_path / "logs", []
    folder.mkdir()
    for n in range(20):
        at = 1_772_442_000 + 60 * n
        lines += [f"{at}|{n}.1|Q|NONE|ENTERQUEUE||01632{n:06d}|1\n", f"{at + 9}|{n}.1|Q|NONE|ABANDON|1|1|9\n"]
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_STORED) as file:
        file.writestr("queue_log", "".join(lines))
    with zipfile.ZipFile(folder / "outer.zip", "w", zipfile.ZIP_STORED) as file:
        file.writestr("queue_log", "".join(lines))
        file.writestr("again.zip", inner.read_bytes())
    environment = os.environ | {"KCAS_KEY": str(tmp_path / "key")}
    done = kcas_says(ROOT, "watch", folder, "--once", "--store", tmp_path / "store", settings=environment)
    assert "20 new calls, 0 completed, 0 refused" in done.stdout
    assert "again.zip: not a telephone log: it looks like a zip" in done.stdout + done.stderr
    assert [batch.record.name for batch in Store(tmp_path / "store").batches()] == ["outer.zip/queue_log"]
