"""Who may write? One writer at a time; readers never ask."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kcas.errors import StoreError


@contextmanager
def one_writer(path: Path, *, patience: float, writer: str = "ingest") -> Iterator[None]:
    """Hold the store for writing. Raises StoreError, naming who holds it, when patience runs out.

    The operating system lets go of the lock when its holder dies, however it dies.
    """
    with path.open("a+", encoding="utf-8") as file:
        _wait(file, path=path, patience=patience, writer=writer)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
            _unlock(file)


def _wait(file: IO[str], *, path: Path, patience: float, writer: str) -> None:
    give_up = time.monotonic() + patience
    while not _try_lock(file):
        if time.monotonic() >= give_up:
            holder = path.read_text(encoding="utf-8").strip() or "unknown"
            raise StoreError(
                f"{path.parent}: another {writer} is writing here (process {holder}). Wait for it to end, or stop it."
            )
        time.sleep(0.05)


if sys.platform == "win32":
    import msvcrt

    FAR = 1 << 40
    """Locked bytes cannot be read on Windows, so the lock lies far behind the text."""

    def _try_lock(file: IO[str]) -> bool:
        try:
            os.lseek(file.fileno(), FAR, os.SEEK_SET)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: IO[str]) -> None:
        os.lseek(file.fileno(), FAR, os.SEEK_SET)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
