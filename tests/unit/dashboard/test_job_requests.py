"""Requests of the pages: a question has one name, uploads have safe ones, and answers come without calls."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kcas.api.scenario import Scenario
from kcas.api.store import CallStore
from kcas.calls.store import Store
from kcas.dashboard.job_requests import TRIAL, Compare, Explain, put_files, question_name, safe_name
from kcas.desk.opening_hours import Holidays
from kcas.desk.standard import Standard
from kcas.job_files import Run, read, write


def asked(standard: Standard, **more: object) -> Explain:
    """Why was this day so?"""
    question = Explain(CallStore(Store(Path("store")), standard), (), "all_offered", None, day=date(2010, 4, 6))
    return replace(question, **more)  # type: ignore[arg-type]


def test_another_store_question_standard_or_program_is_another_question() -> None:
    desk = Standard()
    names = [
        question_name("store 7", asked(desk)),
        question_name("store 8", asked(desk)),
        question_name("store 7", asked(desk, queues=("public",))),
        question_name("store 7", asked(desk, day=date(2010, 4, 7))),
        question_name("store 7", asked(replace(desk, time_zone="Asia/Jerusalem"))),
        question_name("store 7", asked(replace(desk, holidays=Holidays(of_england=False)))),
        question_name("store 7", asked(desk), program="0.0.9"),
    ]
    assert len(set(names)) == len(names)
    assert question_name("store 7", asked(Standard())) == names[0]


def test_a_comparison_sent_from_the_child_gives_what_it_gave_there(tmp_path: Path) -> None:
    start = Scenario(TRIAL, name="start")
    request = Compare((start, start.change(agents=1)), 20, Standard())
    write(tmp_path / "request", request)
    there = read(tmp_path / "request").work(Run(tmp_path))
    write(tmp_path / "result", there)
    here = read(tmp_path / "result")
    assert here.to_dict() == there.to_dict()
    assert here.to_frame().equals(there.to_frame())
    assert here.first.to_frame("intervals").equals(there.first.to_frame("intervals"))
    assert here.first.projection.by == {}


def test_uploaded_files_have_names_of_their_own_and_the_last_mapping_holds(tmp_path: Path) -> None:
    sent = [("a.csv", b"1"), ("x/a.csv", b"2"), ("old.toml", b"3"), ("new.toml", b"4")]
    put_files([(name, io.BytesIO(content)) for name, content in sent], tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == {
        "a.csv": b"1", "2-a.csv": b"2",
    }  # fmt: skip
    assert [path.name for path in (tmp_path / "mapping").iterdir()] == ["new.toml"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("march.csv", "march.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\logs\\=cmd|' /c calc'!A0.csv", "c calc_A0.csv"),
        ("![x](http://x.invalid/a.png).log", "a.png).log"),
        ("..", "log"),
        ("-rf", "rf"),
    ],
)
def test_a_file_name_keeps_nothing_that_means_anything_to_a_machine(given: str, kept: str) -> None:
    assert safe_name(given) == kept
