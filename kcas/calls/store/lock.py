"""Who may write? One writer at a time; readers never ask."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kcas.errors import StoreError
from kcas.systems import try_lock, unlock


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
            unlock(file)


def _wait(file: IO[str], *, path: Path, patience: float, writer: str) -> None:
    give_up = time.monotonic() + patience
    while not try_lock(file):
        if time.monotonic() >= give_up:
            holder = path.read_text(encoding="utf-8").strip() or "unknown"
            raise StoreError(
                f"{path.parent}: another {writer} is writing here (process {holder}). Wait for it to end, or stop it."
            )
        time.sleep(0.05)
