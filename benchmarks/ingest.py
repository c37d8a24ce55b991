"""How fast does a log become calls in a sealed store, beside a bare read and beside the script one would write?

Makes calls as a mapped delimited file (invented), then, each in a process of its own: polars.read_csv of it and
nothing else; pandas reading, parsing and grouping it; and ours, with tokens made, to a committed and sealed store.
Last, the strict reader alone on a quoted file.    python benchmarks/ingest.py [--calls N]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROWS_A_PART = 500_000
CALLS_A_SECOND, TIMES_BARE, MEMORY, STRICT = 300_000, 12.0, 2 << 30, 60_000

MAPPING = """
key = "benchmark"
words = "Invented calls, to be timed"
zone = "Europe/London"
leg = "Call"
queue = { column = "Queue" }
agent = { column = "Agent" }
caller = { column = "Number" }
wait = { column = "Wait", format = "m:ss" }
talk = { column = "Talk", format = "m:ss" }
wrap = { column = "Wrap" }
[[entered]]
column = "Started"
format = "YYYY-MM-DD hh:mm:ss"
[[outcome]]
when = { Result = "Answered" }
gives = "answered"
[[outcome]]
when = { Result = "Abandoned" }
gives = "abandoned"
[[outcome]]
when = { Result = "Voicemail" }
gives = "voicemail"
"""

TIMED = "import time; began = time.perf_counter()\n{}\nprint(time.perf_counter() - began)"

BARE = "import polars; polars.read_csv({log!r})"

PANDAS = """
import pandas as pd
calls = pd.read_csv({log!r}, dtype={{"Number": str}})
calls["Started"] = pd.to_datetime(calls["Started"], format="%Y-%m-%d %H:%M:%S")
calls["Started"] = calls["Started"].dt.tz_localize("Europe/London", ambiguous="NaT", nonexistent="shift_forward")
for column in ("Wait", "Talk"):
    parts = calls[column].str.split(":", expand=True).astype(int)
    calls[column] = parts[0] * 60 + parts[1]
lost = calls["Result"] == "Abandoned"
calls.assign(lost=lost).groupby(["Queue", calls["Started"].dt.date])[["lost", "Wait", "Talk"]].agg(["sum", "count"])
"""

OURS = """
from pathlib import Path
from kcas.calls.store import Store
from kcas.importing.run import ImportRequest, import_files
from kcas.desk.standard import Standard
asked = ImportRequest(mapping=Path({mapping!r}), key_file=Path({key!r}))
(report,) = import_files([Path({log!r})], store=Store(Path({store!r})), standard=Standard(), asked=asked)
assert (report.new, report.refused, report.error) == ({calls}, 0, None), report
"""

STRICTLY = """
from pathlib import Path
from kcas.ingest.log_format import Carried, ReadSettings
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import read_mapping
from kcas.ingest.reading import Log
from kcas.ingest.redact import Redactor
from kcas.ingest.unpacking import Source
form, settings = Mapped(read_mapping(Path({mapping!r}))), ReadSettings(Redactor(Path({key!r})))
pieces = form.read(Log(Source(Path({log!r}))), settings=settings, carried=Carried())
assert sum(piece.call_lines for piece in pieces) == {calls}
"""


def make_log(path: Path, *, calls: int, quoted: bool = False) -> None:
    """Invented calls over 300 days, in order; every caller rings five times in the mean."""
    import numpy as np
    import polars as pl

    dice = np.random.default_rng(20100330)
    with path.open("wb") as file:
        for start in range(0, calls, ROWS_A_PART):
            rows = min(ROWS_A_PART, calls - start)
            span = 300 * 86_400 * rows / calls
            at = np.sort(dice.uniform(0, span, rows)) + 300 * 86_400 * start / calls
            micros = pl.Series((at * 1e6).astype(np.int64) + 1_735_689_600_000_000).cast(pl.Datetime("us"))
            result = dice.choice(np.array(["Answered", "Abandoned", "Voicemail"]), rows, p=[0.85, 0.13, 0.02])
            talk = np.where(result == "Answered", dice.exponential(240, rows), 0)
            part = pl.DataFrame(
                {
                    "Call": np.arange(start, start + rows) + 100_000_000,
                    "Queue": dice.choice(np.array(["Adults", "Children", "Blue badge", "Out of hours"]), rows),
                    "Started": micros.dt.strftime("%Y-%m-%d %H:%M:%S"),
                    "Wait": minutes(dice.exponential(60, rows)),
                    "Talk": minutes(talk),
                    "Wrap": dice.exponential(30, rows).astype(int),
                    "Result": result,
                    "Agent": dice.integers(0, 200, rows),
                    "Number": dice.integers(0, max(1, calls // 5), rows) + 7_700_000_000,
                }
            ).with_columns(pl.format("C{}", "Call"), pl.format("Agent {}", "Agent"), pl.format("0{}", "Number"))
            part.write_csv(file, include_header=start == 0, quote_style="always" if quoted else "necessary")


def minutes(seconds):  # type: ignore[no-untyped-def]
    """Seconds as m:ss."""
    import polars as pl

    whole = pl.Series(seconds.astype(int))
    return pl.select(pl.format("{}:{}", whole // 60, (whole % 60).cast(pl.String).str.zfill(2))).to_series()


def timed(name: str, script: str) -> tuple[float, int]:
    """Seconds a script says it took, and the most memory its process had."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    child = subprocess.Popen([sys.executable, "-c", TIMED.format(script)], stdout=subprocess.PIPE, env=environment)
    assert child.stdout is not None
    told = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{name} failed")
    seconds, memory, work = float(told), usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime
    print(f"{name:38} {seconds:8.2f} s   {work:8.2f} s of work   {memory / (1 << 20):7,.0f} MiB", flush=True)
    return seconds, memory


def verdict(words: str, reached: bool) -> None:
    """One claim and whether it was reached."""
    print(f"  {'reached' if reached else 'MISSED '}  {words}")


def main() -> None:
    """Make the files, time the four, print the ratios."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=10_000_000)
    options.add_argument("--folder", type=Path, help="keep the made log here and use it again")
    chosen = options.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    log, mapping, store = folder / f"{chosen.calls}.csv", folder / "mapping.toml", folder / "store"
    mapping.write_text(MAPPING)
    shutil.rmtree(store, ignore_errors=True)
    if not log.exists():
        make_log(log, calls=chosen.calls)
    quoted, lines = folder / "quoted.csv", min(chosen.calls, 500_000)
    make_log(quoted, calls=lines, quoted=True)
    said = {"log": str(log), "mapping": str(mapping), "key": str(folder / "key"), "store": str(store)}
    print(f"{chosen.calls:,} calls, {log.stat().st_size / (1 << 20):,.0f} MiB, {os.cpu_count()} cores")
    bare, _ = timed("polars.read_csv and nothing else", BARE.format(**said))
    script, _ = timed("pandas: read, parse, group", PANDAS.format(**said))
    ours, memory = timed("kcas: tokens, committed and sealed", OURS.format(calls=chosen.calls, **said))
    said["log"] = str(quoted)
    strict, _ = timed(f"kcas, strict reader, {lines:,} lines", STRICTLY.format(calls=lines, **said))
    pace = chosen.calls / ours
    verdict(f"{pace:,.0f} calls a second (at least {CALLS_A_SECOND:,})", pace >= CALLS_A_SECOND)
    verdict(f"{ours / bare:.1f} times the bare read (at most {TIMES_BARE:g})", ours / bare <= TIMES_BARE)
    verdict(f"{script / ours:.2f} times as fast as the pandas script (more than 1)", script > ours)
    verdict(f"{memory / (1 << 30):.2f} GiB of memory (under 2)", memory < MEMORY)
    verdict(f"{lines / strict:,.0f} strict lines a second (at least {STRICT:,})", lines / strict >= STRICT)
    shutil.rmtree(store)
    if not chosen.folder:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
