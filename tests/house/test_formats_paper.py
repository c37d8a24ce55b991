"""The paper on formats: its example reads its sample, and it names every format and every setting there is."""

import re
from pathlib import Path

import polars as pl

from kcas.ingest.formats import formats
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import OF_CALLS, OF_INTERVALS, read_mapping
from kcas.ingest.reading import Log
from kcas.ingest.redact import Redactor
from kcas.ingest.unpacking import Source
from tests.unit.ingest.formats.read_back import whole

ROOT = Path(__file__).resolve().parents[2]
PAPER = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
SUPPLIERS = ROOT / "tests" / "golden" / "suppliers"


def block(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", PAPER, re.DOTALL)
    assert found
    return found[1]


def test_the_example_mapping_reads_the_example_file(tmp_path: Path) -> None:
    (tmp_path / "our_switch.toml").write_text(block("toml"))
    (tmp_path / "calls.csv").write_text(block("csv"))
    form = Mapped(read_mapping(tmp_path / "our_switch.toml"))
    log = Log(Source(tmp_path / "calls.csv"))
    assert form.claims(log.head)
    (piece,) = form.read(log, settings=ReadSettings(Redactor(tmp_path / "key")), carried=Carried())
    assert piece.calls.select("leg", "outcome", "wait", "talk").rows() == [
        ("our_switch/A1/Adults", "answered", 25.0, 250.0),
        ("our_switch/A2/Adults", "abandoned", 65.0, None),
    ]
    assert piece.calls["caller"].is_null().to_list() == [False, True]
    assert piece.ignored == {"header": 1, "a test call": 1}
    assert [(refusal.line, refusal.column) for refusal in piece.refusals] == [(5, "Waited")]


def example(key: str, folder: Path) -> Piece:
    """The file that follows the mapping of that key in the paper, read by it."""
    found = re.search(rf'```toml\n(key = "{key}".*?)```\n\n```(?:csv|json)\n(.*?)```', PAPER, re.DOTALL)
    assert found
    (folder / "mapping.toml").write_text(found[1])
    (folder / "log.csv").write_text(found[2])
    form = Mapped(read_mapping(folder / "mapping.toml"))
    log = Log(Source(folder / "log.csv"))
    return whole(form.read(log, settings=ReadSettings(Redactor(folder / "key")), carried=Carried()))


def test_the_example_of_values_made_of_others_is_read(tmp_path: Path) -> None:
    piece = example("made_of_others", tmp_path)
    assert piece.calls.select("outcome", "wait", "talk", "menu").rows() == [
        ("answered", 12.0, 90.0, 20.0), ("abandoned", 33.0, None, 5.0),
    ]  # fmt: skip
    entered = piece.calls["entered"].dt.strftime("%d/%m %H:%M:%S").to_list()
    assert entered == ["02/03 09:00:20", "02/07 08:00:05"]
    assert piece.ignored == {"header": 1, "a short contact that is no call": 1}


def test_the_example_of_several_rows_of_a_call_is_read(tmp_path: Path) -> None:
    piece = example("phones_that_rang", tmp_path)
    assert piece.calls.select("outcome", "wait", "talk").rows() == [
        ("answered", 22.0, 95.0), ("abandoned", 30.0, None),
    ]  # fmt: skip
    assert (piece.call_lines, piece.used) == (2, 2)


def test_the_example_of_an_interval_table_is_read(tmp_path: Path) -> None:
    piece = example("half_hours", tmp_path)
    assert dict(piece.intervals.select("measure", "amount").rows()) == {
        "answered": 940, "abandoned_total": 80, "offered": 1020, "wait_answered": 28_200,
    }  # fmt: skip
    (times,) = piece.intervals.select("start", "end").unique().rows()
    assert [f"{time:%d/%m %H:%M}" for time in times] == ["02/03 08:30", "02/03 09:00"]


def test_the_example_of_records_that_change_is_read(tmp_path: Path) -> None:
    piece = example("stays_of_contacts", tmp_path)
    calls = piece.calls.sort("entered")
    assert calls.select("line", "queue", "outcome", "wait").rows() == [
        (1, "Adults", "overflowed", 60.0), (1, "Duty", "answered", 12.5),
    ]  # fmt: skip
    assert calls["entered"].dt.strftime("%H:%M:%S").to_list() == ["09:00:00", "09:01:00"]
    assert piece.ignored["an earlier record of the same call"] == 1


def test_the_example_of_weeks_is_read(tmp_path: Path) -> None:
    piece = example("weeks_of_a_queue", tmp_path)
    rows = piece.intervals.select(pl.col("start").dt.strftime("%d/%m"), "queue", "measure", "amount").rows()
    assert sorted(rows) == [  # 900 x 30 s, 905 x 24 s
        ("02/03", "Public line", "abandoned_total", 120), ("02/03", "Public line", "offered", 1020),
        ("02/03", "Public line", "wait_answered", 27_000), ("09/03", "Public line", "abandoned_total", 85),
        ("09/03", "Public line", "offered", 990), ("09/03", "Public line", "wait_answered", 21_720),
    ]  # fmt: skip


def test_the_example_of_the_clock_change_is_read(tmp_path: Path) -> None:
    piece = example("night_of_the_clock_change", tmp_path)
    starts = piece.intervals.sort("start").select(pl.col("start").dt.strftime("%d %H:%M"), "amount").rows()
    assert starts == [  # in UTC: summer time ends at 01:00
        ("24 23:30", 1), ("25 00:00", 2), ("25 00:30", 3), ("25 01:00", 4), ("25 01:30", 5), ("25 02:00", 6),
    ]  # fmt: skip


def test_the_mapping_for_a_3cx_reads_its_file_and_no_wait_of_an_answered_call(tmp_path: Path) -> None:
    found = re.search(r'```toml\n(key = "threecx_cdr".*?)```', PAPER, re.DOTALL)
    assert found
    (tmp_path / "mapping.toml").write_text(found[1])
    log = Log(Source(SUPPLIERS / "threecx_cdr.log"))  # invented rows, in the form of a real file
    piece = whole(
        Mapped(read_mapping(tmp_path / "mapping.toml")).read(
            log, settings=ReadSettings(Redactor(tmp_path / "key")), carried=Carried()
        )
    )
    assert piece.calls.select("line", "queue", "outcome", "wait", "talk").rows() == [
        (1, "610", "answered", None, None),
        (5, "610", "answered", None, None),
        (7, "610", "abandoned", 33.0, None),
        (11, "611", "abandoned", 4.0, None),
    ]
    assert [refusal.line for refusal in piece.refusals] == [12]


def test_every_format_and_every_setting_is_in_the_paper() -> None:
    names = {form.key for form in formats()} | set(OF_CALLS) | set(OF_INTERVALS)
    missing = [
        name for name in names if f"`{name}`" not in PAPER and f"[[{name}]]" not in PAPER and f"`{name}," not in PAPER
    ]
    assert missing == []
