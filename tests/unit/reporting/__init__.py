"""Tests of what we show."""
