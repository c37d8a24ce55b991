"""Many viewers at once: every redraw comes, none with an error, and the server can be ended.

Polars has two threads here, as on a small machine: with a Python function inside Polars the server stopped for ever
within 35 seconds of ten viewers.
"""

from collections.abc import Callable

import pytest

from tests.server.conftest import Server
from tests.server.viewers import Seen, watch


def all_is_well(server: Server, seen: Seen, *, redraws: int) -> None:
    """No viewer was left waiting or saw an error, and so many redraws came at least; then the server can be ended."""
    log = server.log.read_text(errors="replace")
    assert (seen.broken, seen.errors) == ([], []), log[-3000:]
    assert "Traceback" not in log
    assert len(seen.redraws) >= redraws
    assert server.answers()
    assert server.end() in (0, 130), log[-3000:]


def test_five_viewers_may_open_a_fresh_server_in_the_same_second(served: Callable[..., Server]) -> None:
    server = served()
    all_is_well(server, watch(server.port, viewers=5, seconds=0, think=0), redraws=5)


def test_ten_viewers_are_served_for_fifteen_seconds(served: Callable[..., Server]) -> None:
    server = served()
    all_is_well(server, watch(server.port, viewers=10, seconds=15, think=0.5), redraws=20)


@pytest.mark.slow
def test_sixty_viewers_are_served_for_a_minute(served: Callable[..., Server]) -> None:
    server = served()
    all_is_well(server, watch(server.port, viewers=60, seconds=60, think=4, apart=10), redraws=120)
