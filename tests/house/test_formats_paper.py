"""The paper on formats: its example reads its sample, and it names every format and every setting there is."""

import re
from pathlib import Path

from kcas.ingest.formats import formats
from kcas.ingest.log_format import Carried, ReadSettings
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import OF_CALLS, OF_INTERVALS, read_mapping
from kcas.ingest.reading import Log
from kcas.ingest.redact import Redactor
from kcas.ingest.unpacking import Source

PAPER = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


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


def test_every_format_and_every_setting_is_in_the_paper() -> None:
    names = {form.key for form in formats()} | set(OF_CALLS) | set(OF_INTERVALS)
    missing = [
        name for name in names if f"`{name}`" not in PAPER and f"[[{name}]]" not in PAPER and f"`{name}," not in PAPER
    ]
    assert missing == []
