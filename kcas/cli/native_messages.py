"""Messages that compiled libraries write past Python to the error stream, hidden while logs are read.

A library that panics (Polars, Arrow, Delta) prints its message to file descriptor 2 before Python sees an exception,
and the message may repeat the text at hand: a caller's number, on a screen or in a page's record of the job. So the
descriptor leads nowhere while logs are read, and Python's own `sys.stderr` goes on to where it led. This is done once
for a whole command, not around each call: descriptors belong to all threads.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ERRORS = 2
"""The descriptor of the error stream, by the C standard."""


@contextmanager
def native_messages_hidden() -> Iterator[None]:
    """Let nothing but Python's own words through to the error stream."""
    stream = sys.stderr
    try:
        led_to = os.dup(ERRORS)
    except OSError:  # the stream is closed: nothing can be written there
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    own = None
    try:
        if descriptor_of(stream) == ERRORS:
            stream.flush()
            own = open(led_to, "w", buffering=1, encoding=stream.encoding, errors=stream.errors, closefd=False)  # noqa: SIM115
            sys.stderr = own
        os.dup2(nowhere, ERRORS)
        yield
    finally:
        if own is not None:
            own.flush()
            sys.stderr = stream
        os.dup2(led_to, ERRORS)
        os.close(nowhere)
        os.close(led_to)


def descriptor_of(stream: object) -> int | None:
    """The file descriptor of a stream; None where it has none, as in a test."""
    try:
        return int(stream.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return None
