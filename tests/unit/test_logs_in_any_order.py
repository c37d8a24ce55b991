"""A log cut into files and read into a store in any order is the log read at once."""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from kcas.calls.store import Store
from kcas.desk.standard import Standard
from kcas.importing.run import ImportRequest, import_files
from tests.unit.ingest.formats.read_back import latest


def kept(folder: Path, files: list[list[str]]) -> dict[str, dict[str, object]]:
    """What a store holds after reading these files one after the other."""
    folder.mkdir()
    store = Store(folder / "store")
    for number, lines in enumerate(files):
        file = folder / f"queue_log.{number}"
        file.write_text("".join(f"{line}\n" for line in lines))
        asked = ImportRequest(format="asterisk_queue_log", key_file=folder.parent / "token.key")
        (report,) = import_files([file], store=store, standard=Standard(), asked=asked)
        assert report.error is None
        assert report.lines == len(lines)
    return latest([store.calls().drop("batch").collect()])


CRASH = """1767312000|c1|Duty|NONE|ENTERQUEUE||07700900001|1
1767312001|c2|Duty|NONE|ENTERQUEUE||07700900002|1
1767312003|c3|Duty|NONE|ENTERQUEUE||07700900003|1
1767312010|c1|Duty|Ann|CONNECT|10|x|2
1767312015|c2|Duty|NONE|ABANDON|1|1|14
1767312900|NONE|NONE|NONE|QUEUESTART|
1767312950|c4|Duty|NONE|ENTERQUEUE||07700900001|1""".splitlines()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (2, 1, 0), (1, 2, 0), (0, 2, 1), (1, 0, 2)])
def test_a_crash_told_before_what_came_before_it(tmp_path: Path, order: tuple[int, ...]) -> None:
    files = [CRASH[:3], CRASH[3:5], CRASH[5:]]
    told = kept(tmp_path / "parts", [files[number] for number in order])
    assert [row["outcome"] for row in sorted(told.values(), key=lambda row: str(row["entered"]))] == [
        "answered", "abandoned", "failed", "open",
    ]  # fmt: skip
    assert len({row["contact"] for row in told.values()}) == 4


@pytest.mark.parametrize("seed", range(4))
def test_the_real_log_in_parts_in_any_order(shared: Path, tmp_path: Path, seed: int) -> None:
    lines = (shared / "data/asterisk_queue_log/queue_log_2018").read_text().splitlines()
    dice = random.Random(seed)
    cuts = sorted(dice.sample(range(1, len(lines)), 5))
    parts = [lines[a:b] for a, b in pairwise([0, *cuts, len(lines)])]
    dice.shuffle(parts)
    assert kept(tmp_path / "parts", parts) == kept(tmp_path / "whole", [lines])
