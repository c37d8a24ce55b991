"""Is an answer found again by the same question only, and does what nobody looks at go?"""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kcas.dashboard import attribution
from kcas.dashboard.attribution import name_of
from kcas.dashboard.job_folder import KEPT
from kcas.desk.opening_hours import Holidays
from kcas.desk.standard import Standard
from kcas.systems import process

ASKED = ["explain", "--day", "2010-04-06"]
OVER = 2**22 + 1  # beyond the largest number of a process


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    attribution.jobs.children.clear()


def answered(name: str, *, unused: float, report: str = '{"sentence": "so"}') -> Path:
    """What a child that has ended left behind, and for how many seconds nobody has looked."""
    folder = attribution.jobs.folder(name)
    folder.mkdir()
    (folder / "pid").write_text(str(OVER), encoding="ascii")
    (folder / "report.json").write_text(report, encoding="utf-8")
    then = time.time() - unused
    os.utime(folder, (then, then))
    return folder


def test_another_store_question_standard_or_program_is_another_question() -> None:
    desk = Standard()
    names = [
        name_of("store 7", ASKED, standard=desk),
        name_of("store 8", ASKED, standard=desk),
        name_of("store 7", [*ASKED, "--queue", "public"], standard=desk),
        name_of("store 7", ASKED, standard=replace(desk, time_zone="Asia/Jerusalem")),
        name_of("store 7", ASKED, standard=replace(desk, holidays=Holidays(of_england=False))),
        name_of("store 7", ASKED, standard=desk, program="0.0.9"),
    ]
    assert len(set(names)) == len(names)
    assert name_of("store 7", ASKED, standard=Standard()) == names[0]


def test_an_answer_looked_at_within_a_day_is_kept_for_another() -> None:
    folder = answered("0" * 16, unused=KEPT - 60)
    job = attribution.job_state("0" * 16)
    assert job is not None
    assert (job.state, job.report) == ("done", {"sentence": "so"})
    assert time.time() - folder.stat().st_mtime < 60


def test_an_answer_that_nobody_looked_at_for_a_day_is_no_longer_there() -> None:
    folder = answered("0" * 16, unused=KEPT + 60)
    assert attribution.job_state("0" * 16) is None
    assert not folder.exists()


def test_a_failure_is_not_kept_by_looking_so_that_it_can_be_asked_again() -> None:
    folder = answered("0" * 16, unused=KEPT - 60, report="")
    job = attribution.job_state("0" * 16)
    assert job is not None
    assert job.state == "failed"
    assert time.time() - folder.stat().st_mtime > KEPT - 120


def test_of_too_many_answers_the_longest_unused_go() -> None:
    names = [f"{number:016x}" for number in range(5)]
    for number, name in enumerate(names):
        answered(name, unused=100.0 - number, report=json.dumps({"number": number}))
    attribution.job_state(names[0])  # the oldest, but now used
    attribution.jobs.clear_old(most=3)
    assert sorted(name for name, _ in attribution.jobs.held()) == [names[0], names[3], names[4]]


def test_while_it_runs_it_says_how_far_it_has_got() -> None:
    folder = answered("0" * 16, unused=0, report="")
    (folder / "pid").write_text(str(process(os.getpid())), encoding="ascii")
    before = attribution.job_state("0" * 16)
    (folder / "progress.json").write_text('{"done": 3, "of": 12}', encoding="utf-8")
    after = attribution.job_state("0" * 16)
    assert before is not None
    assert after is not None
    assert (before.state, before.share, after.state, after.share) == ("running", None, "running", 0.25)
