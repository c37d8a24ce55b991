"""Cache folder of the compiled kernel.

The folder's name holds a hash of every file the code is made from, because numba itself looks only at the file
of the outermost function. It lies in the user's own cache, so a read-only installation works.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from kcas import systems

SOURCES = ("compiled_engine", "compiled_steps", "compiled_state", "machine_code", "tables")
READY = "ready"
COMPILE = "--compile"
"""Option of a child process that only compiles the kernel."""


@cache
def kernel_folder() -> Path:
    """A folder that only we may write, made if need be."""
    for base in places():
        folder = base / f"kernel-{fingerprint()}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if systems.only_ours_to_write(folder):  # code is run from here: no one else may have put it there
            return folder
    return Path(tempfile.mkdtemp(prefix="kcas-kernel-"))


def places() -> Iterator[Path]:
    """Where the code may be kept: in the user's cache, else in a folder of theirs among temporary files."""
    with suppress(RuntimeError):  # a user without a home, as in some containers
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kcas"
    yield in_temporary()


def in_temporary() -> Path:
    """A name in the temporary folder for this user."""
    return Path(tempfile.gettempdir()) / f"kcas-{systems.person()}"


@cache
def fingerprint() -> str:
    """Changes whenever the machine code would."""
    digest = hashlib.blake2b(f"{sys.version} numba {version('numba')}".encode(), digest_size=8)
    for name in SOURCES:
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    return digest.hexdigest()


def mark_ready() -> None:
    """The kernel is compiled and kept."""
    (kernel_folder() / READY).touch()


def is_ready() -> bool:
    """Will the compiled engine start without compiling?"""
    return (kernel_folder() / READY).exists()
