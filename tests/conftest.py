"""What every test may ask for."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real logs and reference numbers beside the project; tests that want it skip where it is not."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here: real logs and reference numbers were not tried")
    return SHARED
