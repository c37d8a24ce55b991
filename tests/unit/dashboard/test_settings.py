"""The settings of the dashboard's server: those of the one file, whatever folder it is started in."""

from pathlib import Path

import pytest

from kcas.dashboard import server

FILE = """
[server]
address = "127.0.0.1"
[theme]
headingFontSizes = ["2rem", "1rem"]
[theme.dark]
linkColor = "#8cc4f5"
"""


def test_each_setting_has_its_whole_name_those_of_the_theme_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "streamlit.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.setattr(server, "CONFIGS", (tmp_path / "none.toml", tmp_path / "streamlit.toml"))
    assert server.settings() == {
        "server.address": "127.0.0.1",
        "theme.headingFontSizes": ["2rem", "1rem"],
        "theme.dark.linkColor": "#8cc4f5",
    }


def test_the_dashboard_answers_this_machine_alone_and_keeps_its_colours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = server.settings()
    assert found["server.address"] == "127.0.0.1"
    assert found["client.showErrorDetails"] == "none"
    assert found["theme.light.primaryColor"] == "#165894"
