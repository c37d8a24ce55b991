"""Is every act of re-basing kept whole, in order and for good, whoever writes and whatever is torn?"""

import json
import multiprocessing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kcas.calls.store.lock import one_writer
from kcas.errors import SettingError, StoreError
from kcas.monitoring.rebasing import FILE, LOCK, Rebasings, active_rebasings

APRIL = date(2010, 4, 1)
DAYS = [date(2010, 3, 1) + timedelta(days=n) for n in range(120)]
WHO = {"name": "A. Smith, performance team", "reason": "new telephone system"}


def add(record: Rebasings, day: date = APRIL, *, queues: tuple[str, ...] = ()) -> int:
    return record.add(day, points=DAYS, by="day", queues=queues, **WHO).number


def test_nothing_on_record_is_no_re_basing(tmp_path: Path) -> None:
    assert Rebasings(tmp_path).acts() == ()
    assert Rebasings(tmp_path).in_force() == ()
    assert list(tmp_path.iterdir()) == []  # asking writes nothing


def test_an_act_is_read_back_by_another_as_it_was_recorded(tmp_path: Path) -> None:
    act = Rebasings(tmp_path).add(APRIL, points=DAYS, by="day", queues=["staff", "duty"], **WHO)
    assert Rebasings(tmp_path).acts() == (act,)
    assert (act.number, act.day, act.name, act.reason) == (1, APRIL, WHO["name"], WHO["reason"])
    assert act.queues == ("duty", "staff")
    assert abs(act.recorded - datetime.now(UTC)) < timedelta(minutes=1)


def test_an_undoing_is_an_act_and_erases_nothing(tmp_path: Path) -> None:
    record = Rebasings(tmp_path)
    add(record)
    before = (tmp_path / FILE).read_bytes()
    record.undo(1, name="B. Jones", reason="the wrong day")
    assert (tmp_path / FILE).read_bytes().startswith(before)
    assert [(act.number, act.day, act.undoes) for act in record.acts()] == [(1, APRIL, None), (2, None, 1)]
    assert record.in_force() == ()
    assert add(record) == 3  # the same day may be taken again
    assert [act.number for act in record.in_force()] == [3]


@pytest.mark.parametrize("number", [2, 7, 0, -1])
def test_only_a_re_basing_can_be_undone(tmp_path: Path, number: int) -> None:
    record = Rebasings(tmp_path)
    add(record)
    record.undo(1, name="B. Jones", reason="the wrong day")
    with pytest.raises(SettingError, match="no re-basing has that number"):
        record.undo(number, name="B. Jones", reason="again")
    with pytest.raises(SettingError, match="undone already"):
        record.undo(1, name="B. Jones", reason="again")
    assert len(record.acts()) == 2


def test_as_at_a_moment_later_acts_are_not_known(tmp_path: Path) -> None:
    record = Rebasings(tmp_path)
    add(record)
    record.undo(1, name="B. Jones", reason="the wrong day")
    first, second = record.acts()
    assert [act.number for act in record.in_force(as_at=first.recorded)] == [1]
    assert record.in_force(as_at=second.recorded) == ()
    assert record.acts(first.recorded - timedelta(seconds=1)) == ()


def test_a_clock_put_back_does_not_put_an_act_before_the_one_it_follows(tmp_path: Path) -> None:
    record = Rebasings(tmp_path)
    add(record)
    later = json.loads((tmp_path / FILE).read_text()) | {"recorded": "2999-01-01T00:00:00+00:00"}
    del later["sha256"]  # as an older kcas wrote it
    (tmp_path / FILE).write_text(json.dumps(later) + "\n")
    record.undo(1, name="B. Jones", reason="the wrong day")
    first, second = record.acts()
    assert second.recorded > first.recorded


def test_a_line_that_was_not_written_to_its_end_was_never_recorded(tmp_path: Path) -> None:
    record = Rebasings(tmp_path)
    add(record)
    kept = (tmp_path / FILE).read_bytes()
    for cut in (1, len(kept) // 2, len(kept) - 1):
        (tmp_path / FILE).write_bytes(kept + kept[:cut])
        assert len(record.acts()) == 1
    assert add(record, APRIL + timedelta(days=30)) == 2
    assert (tmp_path / FILE).read_bytes().startswith(kept)
    assert len(record.acts()) == 2


def test_a_record_that_somebody_spoilt_is_told_by_its_line(tmp_path: Path) -> None:
    record = Rebasings(tmp_path)
    add(record)
    with (tmp_path / FILE).open("a") as file:
        file.write('{"number": 2}\n')
    with pytest.raises(StoreError, match=r"rebasings.jsonl, line 2: not an act of re-basing"):
        record.acts()


def test_names_and_reasons_may_hold_anything_that_can_be_printed(tmp_path: Path) -> None:
    hostile = "=1+1 <script>alert(1)</script> **bold** {\"a\": '\\n'} Łódź ☎"
    Rebasings(tmp_path).add(APRIL, name=hostile, reason=hostile, points=DAYS, by="day")
    [act] = Rebasings(tmp_path).acts()
    assert (act.name, act.reason) == (hostile, hostile)


@pytest.mark.parametrize(
    ("name", "reason", "wrong"),
    [
        ("", "why", "the name is missing"),
        ("  ", "why", "the name is missing"),
        ("A. Smith", "", "the reason is missing"),
        ("A" * 121, "why", "the name has 121 letters"),
        ("A. Smith", "w" * 10_000, "the reason has 10,000 letters"),
        ("A. Smith\nB. Jones", "why", "the name holds letters that cannot be printed"),
        ("A. Smith", "turned \u202eround", "the reason holds letters that cannot be printed"),
    ],
)
def test_an_act_without_a_name_and_a_reason_is_refused(tmp_path: Path, name: str, reason: str, wrong: str) -> None:
    with pytest.raises(SettingError, match=wrong):
        Rebasings(tmp_path).add(APRIL, name=name, reason=reason, points=DAYS, by="day")
    assert Rebasings(tmp_path).acts() == ()


def test_twelve_points_must_follow_and_lie_between(tmp_path: Path) -> None:
    record = Rebasings(tmp_path)
    with pytest.raises(SettingError, match="2010-06-18: 11 days from there so far"):
        add(record, DAYS[-11])
    assert add(record, DAYS[-12]) == 1
    with pytest.raises(SettingError, match=r"11 days from there before 2010-06-17"):
        add(record, DAYS[-23])
    assert add(record, DAYS[-24]) == 2
    with pytest.raises(SettingError, match="limits are recalculated from there already"):
        add(record, DAYS[-24])
    with pytest.raises(SettingError, match="has no day before it"):
        add(record, DAYS[0])


def test_a_queue_has_its_own_re_basings(tmp_path: Path) -> None:
    record = Rebasings(tmp_path)
    add(record)
    add(record, queues=("duty",))
    assert [act.number for act in record.in_force()] == [1]
    assert [act.number for act in record.in_force(queues=["duty"])] == [2]
    assert record.in_force(queues=["duty", "staff"]) == ()


def _adds(folder: Path, first: int) -> None:
    for n in range(10):
        add(Rebasings(folder), queues=(f"queue {first + n}",))


def test_many_may_write_at_once_and_none_is_lost(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_adds, args=(tmp_path, 10 * n)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    acts = Rebasings(tmp_path).acts()
    assert [act.number for act in acts] == list(range(1, 31))
    assert {act.queues for act in acts} == {(f"queue {n}",) for n in range(30)}
    assert [act.recorded for act in acts] == sorted(act.recorded for act in acts)


def test_in_force_is_in_order_of_days_not_of_acts(tmp_path: Path) -> None:
    record = Rebasings(tmp_path)
    add(record, DAYS[60])
    add(record, DAYS[30])
    assert [act.begins for act in active_rebasings(record.acts())] == [DAYS[30], DAYS[60]]


def test_a_folder_that_cannot_be_written_is_told_without_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot be written: No such file or directory\. Nothing was recorded"):
        add(Rebasings(tmp_path / "nowhere"))


def test_a_writer_who_holds_the_record_is_named(tmp_path: Path) -> None:
    with (
        one_writer(tmp_path / LOCK, patience=1),
        pytest.raises(StoreError, match=r"another re-basing is writing here \(process \d+\)"),
    ):
        add(Rebasings(tmp_path, patience=0.1))
