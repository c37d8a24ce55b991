"""Does the server keep to this machine, and tell the browser to ask nobody else?"""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from kcas.dashboard import server
from kcas.errors import SettingError


def test_everything_sent_bears_the_headers_that_keep_requests_at_home() -> None:
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"server", b"x")]})
        await send({"type": "http.response.body", "body": b""})

    async def keep(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(server.Guarded(app)({"type": "http"}, None, keep))
    headers = dict(sent[0]["headers"])
    assert headers[b"server"] == b"x"
    policy = headers[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "http:" not in policy
    assert "*" not in policy


def test_a_port_in_use_is_said_and_another_proposed() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(SettingError, match=f"--port {port}: something listens there already"):
            server.serve(Path("nowhere"), port=port, browser=False)


def test_it_listens_to_this_machine_only_and_reports_to_nobody() -> None:
    settings = server.settings()
    assert settings["server.address"] == "127.0.0.1"
    assert settings["server.enableXsrfProtection"] is True
    assert settings["server.enableCORS"] is True
    assert settings["browser.gatherUsageStats"] is False
    assert settings["client.showErrorDetails"] == "none"
