"""Write lock: one writer at a time; readers need none."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from kcas.errors import StoreError
from kcas.systems import try_lock, unlock


@contextmanager
def one_writer(
    path: Path, *, patience: float, writer: str = "ingest", before: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold the store for writing. Raises StoreError, naming who holds it, when patience runs out.

    The operating system lets go of the lock when its holder dies, however it dies. A holder may put the lock away with
    its folder (`let_go_for_good`): a process that waited for it then waits for the one in its place, once `before`,
    which makes the folder, has been called again.
    """
    with _locked(path, give_up=time.monotonic() + patience, writer=writer, before=before) as file:
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
            unlock(file)


def let_go_for_good(path: Path) -> None:
    """Put the lock file away while it is held; where an open file cannot be, it stays."""
    with suppress(OSError):
        path.unlink()


def _locked(path: Path, *, give_up: float, writer: str, before: Callable[[], None] | None) -> IO[str]:
    while True:
        try:
            if before:
                before()
            file = path.open("a+", encoding="utf-8")
        except FileNotFoundError:  # put away between the two
            if before is None or time.monotonic() > give_up:
                raise
            continue
        try:
            _wait(file, path=path, give_up=give_up, writer=writer)
            if _is_at(file, path):
                return file
        except BaseException:
            file.close()
            raise
        file.close()


def _is_at(file: IO[str], path: Path) -> bool:
    """Whether the file is still the one at this path."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(file.fileno())
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def _wait(file: IO[str], *, path: Path, give_up: float, writer: str) -> None:
    while not _lock(file, path):
        if time.monotonic() >= give_up:
            raise StoreError(
                f"{path.parent}: another {writer} is writing here (process {_holder(path)}). Wait for it to end, or "
                "stop it."
            )
        time.sleep(0.05)


def _lock(file: IO[str], path: Path) -> bool:
    try:
        return try_lock(file)
    except OSError as error:  # some network drives
        raise StoreError(
            f"{path.parent}: its drive cannot lock files ({error.strerror}), and two writers at once would spoil it. "
            "Use a folder on another drive: --store."
        ) from None


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip() or "unknown"
    except OSError:
        return "unknown"
