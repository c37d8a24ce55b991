"""Viewers of the dashboard: websockets that open a page, change what counts, turn to another page, and wait."""

import asyncio
import random
import time
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE = 90.0
"""Seconds after which a redraw that has not come is taken for one that never will."""
DEFINITIONS = ["all_offered", "short_excluded", "of_decided"]
PERIODS = ["4 weeks", "13 weeks", "52 weeks"]
PAGES = ["", "moved", "waits", "calls", "logs"]


@dataclass
class Seen:
    """What the viewers saw together: how long each redraw took, the pages' errors, and what broke a viewer's visit."""

    redraws: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def watch(port: int, *, viewers: int, seconds: float, think: float, apart: float = 0.0) -> Seen:
    """Let so many viewers look for so long, the first `apart` seconds before the last."""
    seen = Seen()

    async def all_of_them() -> None:
        until = time.monotonic() + seconds
        visits = [
            _visit(
                port, seen, until=until, think=think, begin=apart * number / max(1, viewers), dice=random.Random(number)
            )
            for number in range(viewers)
        ]
        await asyncio.gather(*visits)

    asyncio.run(all_of_them())
    return seen


async def _visit(port: int, seen: Seen, *, until: float, think: float, begin: float, dice: random.Random) -> None:
    await asyncio.sleep(begin)
    try:
        async with websockets.connect(
            f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=[websockets.Subprotocol("streamlit")], max_size=None,
            origin=websockets.Origin(f"http://127.0.0.1:{port}"), open_timeout=PATIENCE, ping_interval=None,
        ) as socket:  # fmt: skip
            chosen: dict[str, str] = {}
            widgets: dict[str, str] = {}
            page = ""
            await _redraw(socket, seen, widgets, chosen, page=page)
            while time.monotonic() < until:
                await asyncio.sleep(think * (0.5 + dice.random()))
                act = dice.randrange(5)
                if act < 2:
                    chosen["definition"] = dice.choice(DEFINITIONS)
                elif act < 4:
                    chosen["period"] = dice.choice(PERIODS)
                else:
                    page = dice.choice(PAGES)
                await _redraw(socket, seen, widgets, chosen, page=page)
    except Exception as error:
        seen.broken.append(f"{type(error).__name__}: {error}")


async def _redraw(
    socket: websockets.ClientConnection, seen: Seen, widgets: dict[str, str], chosen: dict[str, str], *, page: str
) -> None:
    """Ask for a page with what was chosen in its widgets, known by the ids it gave them, and wait until it is drawn."""
    asked = BackMsg()
    asked.rerun_script.page_name = page
    for key, option in chosen.items():
        state = asked.rerun_script.widget_states.widgets.add()
        state.id, state.string_value = widgets[key], option
    began = time.monotonic()
    await socket.send(asked.SerializeToString())
    await asyncio.wait_for(_until_drawn(socket, seen, widgets), PATIENCE)
    seen.redraws.append(time.monotonic() - began)


async def _until_drawn(socket: websockets.ClientConnection, seen: Seen, widgets: dict[str, str]) -> None:
    drawn = 0
    while True:
        told = ForwardMsg()
        told.ParseFromString(await socket.recv())  # type: ignore[arg-type]
        if told.WhichOneof("type") == "delta":
            drawn += 1
            element = told.delta.new_element
            if element.WhichOneof("type") == "exception":
                seen.errors.append(element.exception.message)
            if element.WhichOneof("type") == "selectbox":
                widgets[element.selectbox.id.rpartition("-")[2]] = element.selectbox.id
        if told.WhichOneof("type") == "script_finished":
            if not drawn:
                seen.errors.append("a redraw without anything drawn")
            return
