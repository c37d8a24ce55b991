"""Reading ahead changes when things are made, never what comes out or what goes wrong."""

import threading
from collections.abc import Iterator

import pytest

from kcas.errors import LogError
from kcas.ingest.folder_entries import read_ahead


def test_the_items_come_out_in_their_order() -> None:
    assert list(read_ahead(range(1000))) == list(range(1000))
    assert list(read_ahead([])) == []


def test_what_the_items_raise_is_raised_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise LogError("cut short")

    found = []
    with pytest.raises(LogError, match="cut short"):
        found.extend(read_ahead(items()))
    assert found == [1]


def test_no_more_is_made_than_is_wanted_and_the_thread_ends() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    coming = read_ahead(items(), pieces=2)
    assert next(coming) == 0
    coming.close()  # type: ignore[attr-defined]
    assert len(made) <= 5
    assert not any(thread.name == "reading ahead" for thread in threading.enumerate())
