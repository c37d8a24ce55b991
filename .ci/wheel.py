"""The wheel as a person has it: built, installed into an empty environment, tried from an empty folder.

The folders have blanks and letters outside ASCII in their names, the streams are those of a Windows pipe. Standard
library only; what asks the dashboard runs in the new environment.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import run  # noqa: E402  (the launcher: it makes environments on machines without ensurepip, too)

PAGES = {
    "": b"Invented sample data",
    "what_if": b"What if",  # finds the scenarios that came with the program
    "words_used": b"Abandon",  # reads the glossary
}
"""Pages by their addresses, and words that each shows."""
LOOKS_AT = """
import asyncio, sys
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

async def page(port, name):
    address, seen = f"ws://127.0.0.1:{port}/_stcore/stream", b""
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None,
                                  origin=f"http://127.0.0.1:{port}") as socket:
        asked = BackMsg()
        asked.rerun_script.page_name = name
        await socket.send(asked.SerializeToString())
        while True:
            told = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), 120))
            kind = told.WhichOneof("type")
            if kind == "delta":
                seen += told.SerializeToString()
                if told.delta.new_element.WhichOneof("type") == "exception":
                    sys.exit(f"{name or 'first page'}: {told.delta.new_element.exception}")
            if kind == "script_finished":
                return seen

sys.stdout.buffer.write(asyncio.run(page(int(sys.argv[1]), sys.argv[2])))
"""


def main() -> None:
    """Build, install, try; says what fails, and ends with an error then."""
    with tempfile.TemporaryDirectory(prefix="kcas wheel – σ ") as folder:
        bin_folder = installed(Path(folder))
        nowhere = Path(folder) / "an empty folder – Zoë"
        nowhere.mkdir()
        home = {"HOME": str(nowhere), "USERPROFILE": str(nowhere), "APPDATA": str(nowhere)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KCAS_", "XDG_"))}
        environment = {**kept, **home, "PYTHONIOENCODING": "cp1252"}
        try_commands(bin_folder, nowhere, environment)
        try_demo(bin_folder, nowhere, environment)
    say("the wheel works")


def installed(folder: Path) -> Path:
    """The folder of commands of a new environment with the locked requirements and the wheel in it."""
    run.VENV = folder / "environment"
    run.BIN = run.VENV / run.BIN.name
    run.PYTHON = run.BIN / run.PYTHON.name
    run.make_venv()
    pip = [*run.pip_command(), "--quiet", "--disable-pip-version-check"]
    say("building the wheel")
    check([*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT])
    [wheel] = folder.glob("kcas-*.whl")
    say(f"installing {wheel.name}")
    check([*pip, "install", "--require-hashes", "-r", ROOT / run.LOCKS[0]])
    check([*pip, "install", "--no-deps", wheel])
    return run.BIN


def try_commands(bin_folder: Path, nowhere: Path, environment: dict[str, str]) -> None:
    """Commands that need no calls, from a folder with nothing in it."""
    for words in (["--version"], ["simulate", "today", "--replications", "20"], ["scenario", "check", "callback"]):
        say(f"kcas {' '.join(words)}")
        told = check([bin_folder / "kcas", *words], cwd=nowhere, env=environment)
        assert told.decode("utf-8").strip(), words


def try_demo(bin_folder: Path, nowhere: Path, environment: dict[str, str]) -> None:
    """`kcas demo` until its pages have come, and its end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    say(f"kcas demo --no-browser --port {port}")
    with (nowhere / "told.txt").open("wb") as told:
        command = [str(bin_folder / "kcas"), "demo", "--no-browser", "--port", str(port)]
        demo = subprocess.Popen(command, cwd=nowhere, env=environment, stdout=told, stderr=subprocess.STDOUT)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", demo)
            for name, words in PAGES.items():
                say(f"page {name or 'first'}")
                shown = check([run.PYTHON, "-c", LOOKS_AT, str(port), name], env=environment)
                assert words in shown, f"{name}: {words.decode()!r} is not on the page"
            demo.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
            demo.wait(timeout=30)
        finally:
            if demo.poll() is None:
                demo.kill()
                demo.wait()
            said = (nowhere / "told.txt").read_text(encoding="utf-8")
            print(said[-2000:], flush=True)
        assert "Traceback" not in said, said
        assert "python3 run.py" not in said, "the wheel has no run.py"


def wait_for(address: str, demo: "subprocess.Popen[bytes]") -> None:
    """Until the server answers; five minutes at most."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        assert demo.poll() is None, f"the demo ended with {demo.returncode}"
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
            assert answer.status == 200
            return
        time.sleep(0.5)
    raise TimeoutError(address)


def check(command: list[object], *, cwd: Path | None = None, env: dict[str, str] | None = None) -> bytes:
    """What a command wrote; its own words are shown where it fails."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=env, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} … ended with {done.returncode}: {done.stdout.decode('utf-8', 'replace')[-2000:]}")
    return done.stdout


def say(words: str) -> None:
    """Tell what is done now."""
    print(f"   {words}", flush=True)


if __name__ == "__main__":
    main()
