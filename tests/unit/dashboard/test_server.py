"""Does the server keep to this machine, and tell the browser to ask nobody else?"""

import socket
from pathlib import Path

import pytest

from kcas.dashboard import server
from kcas.errors import SettingError


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
