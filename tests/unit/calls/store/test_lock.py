"""The lock of a store, where a drive has none."""

import errno
import os
from pathlib import Path

import pytest

from kcas.calls.store.lock import one_writer
from kcas.errors import StoreError


@pytest.mark.skipif(os.name == "nt", reason="Windows locks by another function")
def test_a_drive_that_cannot_lock_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(StoreError) as refused, one_writer(tmp_path / "writer.lock", patience=0.0):
        raise AssertionError("no one may write without the lock")
    assert str(refused.value).startswith(f"{tmp_path}: its drive cannot lock files (No locks available)")
