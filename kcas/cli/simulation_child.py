"""A child process kept ready: its libraries are read before anyone asks, so that a click is answered at once.

It waits for one line that says which command of ours to run and in which folder, runs it within limits, and ends. The
end of its input, when the dashboard ends, ends it too.
"""

import gc
import io
import json
import os
import sys
import tempfile
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

from kcas.simulation.engines.kernel_folder import COMPILE
from kcas.systems import limit, use_utf_8

MOST_MEMORY = 12 * 2**30  # bytes of address space, most of it never touched
MOST_TIME = 900  # seconds of the processor
TRIAL: dict[str, Any] = {
    "question": "Is everything ready?",
    "day": {"opens": "09:00", "closes": "10:00"},
    "demand": {"calls_per_day": 10},
    "types": {"all": {"share": "100%", "talk": {"distribution": "fixed", "value": "3 min"},
                      "patience": {"distribution": "exponential", "mean": "3 min"}}},
    "teams": {"desk": {"agents": 1}},
}  # fmt: skip
"""An hour that no one asks about."""


def warm(*, compiling: bool) -> None:
    """Read every library that a simulation needs; compile only where that is what this process is for.

    The very command that a click runs is rehearsed on an hour of nothing: much of a first answer is paid here.
    """
    import kcas.api.simulation
    import kcas.simulation.sweep  # noqa: F401
    from kcas.cli import main
    from kcas.simulation.engines import kernel_folder
    from kcas.simulation.scenario.folder import toml

    engine = "compiled" if compiling or kernel_folder.is_ready() else "simpy"
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()), suppress(SystemExit):
        trial, progress = Path(folder) / "trial.toml", Path(folder) / "progress.json"
        trial.write_text(toml(TRIAL), encoding="utf-8")
        options = ["--replications", "2", "--engine", engine, "--json", "--progress", str(progress)]
        sys.argv = ["kcas", "compare", str(trial), str(trial), *options]
        main()
    gc.collect()
    gc.freeze()  # what has been read need not be looked through again


def _answer(task: dict[str, Any], *, unbounded: list[str]) -> None:
    """Run the command with its output in the folder; after its own words, what of it is `unbounded`."""
    from kcas.cli import main

    folder = Path(task["folder"])
    for stream, name in ((sys.stdout, "report.json"), (sys.stderr, "words.txt")):
        with (folder / name).open("wb") as file:
            os.dup2(file.fileno(), stream.fileno())
    sys.argv = ["kcas", *task["arguments"]]
    code = 0
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    for words in unbounded:
        print(words, file=sys.stderr)
    leave(code)


def leave(code: int) -> None:
    """End at once: someone waits for the answer, and to take the libraries down in order takes as long as to work."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    use_utf_8()
    warm(compiling=COMPILE in sys.argv)
    if COMPILE not in sys.argv and (said := sys.stdin.readline()):
        _answer(json.loads(said), unbounded=limit(memory=MOST_MEMORY, processor=MOST_TIME))
