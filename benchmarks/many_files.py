"""Processor time to read a folder of many small files, per file: an exchange that writes a file a few minutes.

`python benchmarks/many_files.py [FILES]`. Each file is a queue_log of ten invented calls. Prints the processor time per
file in all and of every 500 files, so that a cost that grows with the store shows; and checks every call is kept.
"""

import random
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kcas.calls.store import Store
from kcas.desk.standard import Standard
from kcas.importing.run import ImportRequest, import_files

CALLS_A_FILE, START, AIM = 10, 1_735_689_600, 180 / 5_000
EVERY = 500


def make(folder: Path, *, files: int) -> None:
    """Invented logs, one for each ten minutes."""
    dice = random.Random(20261201)
    for number in range(files):
        lines = []
        for call in range(CALLS_A_FILE):
            at, wait = START + number * 600 + call * 50, dice.randint(1, 30)
            name = f"{at}.{number * CALLS_A_FILE + call}"
            lines.append(f"{at}|{name}|Duty|NONE|ENTERQUEUE||0163296{dice.randint(0, 9999):04}|1")
            if dice.random() < 0.2:
                lines.append(f"{at + wait}|{name}|Duty|NONE|ABANDON|1|1|{wait}")
            else:
                lines.append(f"{at + wait}|{name}|Duty|Agent/{dice.randint(1, 9)}|CONNECT|{wait}|{name}x|4")
                lines.append(f"{at + wait + 10}|{name}|Duty|Agent/1|COMPLETECALLER|{wait}|10|1")
        (folder / f"log-{number:05}").write_text("\n".join(lines) + "\n")


def main(files: int) -> None:
    """Make the files, read them in, print the processor time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "logs").mkdir()
        make(folder / "logs", files=files)
        store, seen, marks = Store(folder / "store"), [""], [time.process_time()]

        def progress(file: str, done: int, total: int) -> None:
            if file != seen[-1]:
                seen.append(file)
                if len(seen) % EVERY == 1:
                    marks.append(time.process_time())

        asked = ImportRequest(key_file=folder / "key", progress=progress)
        reports = import_files([folder / "logs"], store=store, standard=Standard(), asked=asked)
        took = time.process_time() - marks[0]
        assert sum(report.new for report in reports) == files * CALLS_A_FILE == store.calls().collect().height
        assert len(store.batches()) == files
        for number, (begun, ended) in enumerate(pairwise(marks), start=1):
            print(f"up to file {number * EVERY:6,}: {(ended - begun) / EVERY:.4f} s a file")
        verdict = "reached" if took / files <= AIM else "MISSED"
        print(f"{files:,} files: {took:.1f} s of processor time, {took / files:.4f} s a file; {verdict} ({AIM:.3f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
