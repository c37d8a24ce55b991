"""What a folder has gained is seen once: a log is known by its content, whatever its name is now."""

import shutil
from pathlib import Path

import pytest

from kcas.errors import LogError
from kcas.importing.watch import LEFT, Rest, at_rest, files_in, tails
from kcas.ingest.formats.asterisk.queue_log import AsteriskQueueLog
from kcas.ingest.reading import lines_of

GROWS = AsteriskQueueLog().claims


def line(number: int) -> str:
    return f"{1767312000 + number}|c{number}|Duty|NONE|ENTERQUEUE||07700900001|1\n"


class Kept(dict[str, int]):
    """The places as a store would keep them."""

    def place(self, key: str) -> int:
        return self.get(key, 0)


def gained(
    folder: Path, kept: Kept, *, keep: bool = True, rest: Rest | None = None, now: float = 0.0
) -> list[list[int]]:
    """For each log that grew, the numbers of the lines gained; and keep how far they go."""
    found = []
    for tail in tails(files_in(folder), grows=GROWS, places=kept.place, rest=rest or Rest(), now=now):
        found.append([line.number for block in tail.blocks() for line in lines_of(block)])
        if keep:
            kept.update(tail.positions())
        tail.file.close()
    return found


def test_lines_are_gained_once_and_numbered_as_in_the_whole_log(tmp_path: Path) -> None:
    kept, log = Kept(), tmp_path / "queue_log"
    log.write_text(line(1) + line(2))
    assert gained(tmp_path, kept, keep=False) == [[1, 2]]
    assert gained(tmp_path, kept) == [[1, 2]]  # the first time was not kept
    assert gained(tmp_path, kept) == []
    with log.open("a") as file:
        file.write(line(3))
    assert gained(tmp_path, kept) == [[3]]


def test_half_a_line_waits_for_its_other_half(tmp_path: Path) -> None:
    kept, log = Kept(), tmp_path / "queue_log"
    log.write_text(line(1)[:20])
    assert gained(tmp_path, kept) == []
    log.write_text(line(1) + line(2)[:9])
    assert gained(tmp_path, kept) == [[1]]
    log.write_text(line(1) + line(2))
    assert gained(tmp_path, kept) == [[2]]


def test_the_last_line_of_a_log_that_was_left_long_ago_needs_no_line_end(tmp_path: Path) -> None:
    kept, log, rest = Kept(), tmp_path / "queue_log", Rest()
    log.write_text(line(1) + line(2).rstrip("\n"))
    at_rest(files_in(tmp_path), rest=rest, now=0.0, settle=5.0, grows=GROWS)
    assert gained(tmp_path, kept, rest=rest, now=LEFT - 1) == [[1]]
    assert gained(tmp_path, kept, rest=rest, now=LEFT) == [[2]]
    assert gained(tmp_path, kept, rest=rest, now=LEFT) == []


def test_a_renamed_log_is_the_same_log_and_comes_before_the_one_after_it(tmp_path: Path) -> None:
    kept, log = Kept(), tmp_path / "queue_log"
    log.write_text(line(1) + line(2))
    gained(tmp_path, kept)
    with log.open("a") as file:
        file.write(line(3))
    log.rename(tmp_path / "queue_log.1")
    log.write_text(line(4) + line(5))
    assert gained(tmp_path, kept) == [[3], [1, 2]]


def test_a_log_copied_and_cut_is_finished_in_its_copy_and_begun_anew(tmp_path: Path) -> None:
    kept, log = Kept(), tmp_path / "queue_log"
    log.write_text(line(1) + line(2))
    gained(tmp_path, kept)
    with log.open("a") as file:
        file.write(line(3))
    shutil.copy(log, tmp_path / "queue_log.1")
    log.write_text(line(4))
    assert gained(tmp_path, kept) == [[3], [1]]
    assert gained(tmp_path, kept) == []


def test_two_logs_that_begin_with_the_same_line_are_told_apart(tmp_path: Path) -> None:
    kept = Kept()
    (tmp_path / "north").write_text(line(1) + line(2))
    gained(tmp_path, kept)
    (tmp_path / "south").write_text(line(1) + line(3) + line(4))
    assert gained(tmp_path, kept) == [[1, 2, 3]]
    for name in ("north", "south"):
        with (tmp_path / name).open("a") as file:
            file.write(line(5))
    assert sorted(gained(tmp_path, kept)) == [[3], [4]]


def test_a_log_cut_while_it_is_read_is_said_to_be(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(line(1) + line(2))
    for tail in tails([log], grows=GROWS, places=Kept().place, rest=Rest(), now=0.0):
        log.write_text("")
        with pytest.raises(LogError, match="queue_log: was cut while it was read"):
            list(tail.blocks())
        return
    pytest.fail("no log was found")


def test_a_whole_file_is_handed_on_once_when_nobody_writes_to_it(tmp_path: Path) -> None:
    rest, table = Rest(), tmp_path / "calls.csv"

    def ready(now: float) -> list[str]:
        return [path.name for path in at_rest(files_in(tmp_path), rest=rest, now=now, settle=5.0, grows=GROWS)]

    table.write_text("a,b\n")
    assert ready(0.0) == []
    table.write_text("a,b\n1,2\n")
    assert ready(4.0) == []
    assert ready(8.9) == []
    assert ready(9.0) == ["calls.csv"]
    assert ready(20.0) == []
    table.write_text("a,b\n1,2\n3,4\n")
    assert ready(21.0) == []
    assert ready(26.0) == ["calls.csv"]


def test_hidden_empty_and_half_arrived_files_and_growing_logs_are_not_whole_files(tmp_path: Path) -> None:
    for name in (".hidden.csv", "half.csv.part", "half.tmp"):
        (tmp_path / name).write_text("a,b\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "queue_log").write_text(line(1))
    assert at_rest(files_in(tmp_path), rest=Rest(), now=9.0, settle=0.0, grows=GROWS) == []


def test_an_unreadable_log_is_told_of_and_the_others_are_read(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(line(ord(name)))
    told: list[tuple[str, str]] = []

    def places(key: str) -> int:
        told.append(("asked", key))
        if len(told) == 1:
            raise ZeroDivisionError
        return 0

    wrong: list[str] = []
    found = tails(
        files_in(tmp_path),
        grows=GROWS,
        places=places,
        rest=Rest(),
        now=0.0,
        failed=lambda path, e: wrong.append(path.name),
    )
    assert [tail.name for tail in found] == ["b", "c"]
    assert wrong == ["a"]


def test_a_log_read_to_its_end_is_not_looked_into_again_until_it_changes(tmp_path: Path) -> None:
    kept, rest, log = Kept(), Rest(), tmp_path / "queue_log"
    log.write_text(line(1))
    assert gained(tmp_path, kept, rest=rest) == [[1]]
    assert gained(tmp_path, kept, rest=rest) == []
    with_no_store = Rest(settled=rest.settled)
    assert list(tails([log], grows=GROWS, places=lambda key: 1 // 0, rest=with_no_store, now=0.0)) == []
    with log.open("a") as file:
        file.write(line(2))
    assert gained(tmp_path, kept, rest=rest) == [[2]]


def test_a_file_not_read_for_no_fault_of_its_own_is_handed_on_again(tmp_path: Path) -> None:
    rest, table = Rest(), tmp_path / "calls.csv"
    table.write_text("a")
    assert at_rest([table], rest=rest, now=1.0, settle=0.0, grows=GROWS) == [table]
    assert at_rest([table], rest=rest, now=2.0, settle=0.0, grows=GROWS) == []
    rest.hand_back([table])
    assert at_rest([table], rest=rest, now=3.0, settle=0.0, grows=GROWS) == [table]
