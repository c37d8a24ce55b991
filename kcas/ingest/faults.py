"""Faults of kcas itself met while one file is read: told with a reference, written down without a word of the file.

A maintainer needs to know where the program failed, and must not see what the log held. So an entry has the kinds of
exception, the modules and their lines, and never a message, a value or a path of the machine. The reference is made
of the same parts: one fault has one reference, however many files meet it.
"""

import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from traceback import walk_tb

import kcas

STOPS = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""What ends a command on purpose. All else is a fault, also what a library raises past `Exception` when it panics."""

LARGEST = 1 << 20
"""Bytes of the record of faults; a larger one starts again."""

LIBRARIES = ("polars", "deltalake", "numpy")


class FaultRecord:
    """The record of faults beside a store, for its owner alone."""

    def __init__(self, store: Path) -> None:
        folder = Path(os.path.abspath(store))  # without following links: one that leads in a circle is no fault here
        self.path = folder.with_name(f"{folder.name}-faults.log")

    def words(self, error: BaseException, *, name: str) -> str:
        """What a person is told of a fault met with one file, once it is written down."""
        if isinstance(error, MemoryError):
            return f"{name}: needs more memory than there is. Nothing of it was kept. Read it in smaller parts."
        reference = self.write(error)
        place = f"{self.path.name}, beside the store, says where" if self.holds(reference) else "it could not be noted"
        return (
            f"{name}: a fault in kcas, not in the file. Nothing of it was kept. Please report it with the reference "
            f"{reference} ({place})."
        )

    def write(self, error: BaseException) -> str:
        """Write a fault down unless it is there already, and return its reference."""
        lines = list(places(error))
        reference = sha256("\n".join([kcas.__version__, *lines]).encode()).hexdigest()[:10]
        if not self.holds(reference):
            head = f"{reference} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {versions()}"
            with suppress(OSError):
                self._append("\n".join([head, *(f"    {line}" for line in lines)]) + "\n")
        return reference

    def holds(self, reference: str) -> bool:
        """Whether a fault of this reference is written down."""
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        return any(line.startswith(f"{reference} ") for line in text.splitlines())

    def _append(self, text: str) -> None:
        """Add to the record, which only its owner may read."""
        full = self.path.exists() and self.path.stat().st_size > LARGEST
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if full else os.O_APPEND), 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)


def places(error: BaseException) -> Iterator[str]:
    """The kinds of exception, the last first, each with the modules and lines it came through."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield f"{type(each).__module__}.{type(each).__qualname__}"
        for frame, line in walk_tb(each.__traceback__):
            yield f"  {frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"
        each = each.__cause__ or each.__context__


def versions() -> str:
    """The program's version, Python's and those of the libraries that read and keep."""
    found = [f"kcas {kcas.__version__}", f"Python {platform.python_version()}"]
    for library in LIBRARIES:
        with suppress(PackageNotFoundError):
            found.append(f"{library} {version(library)}")
    return ", ".join(found)
