"""The invented desk of the pages' tests."""

from tests.pages.conftest import desk

__all__ = ["desk"]
