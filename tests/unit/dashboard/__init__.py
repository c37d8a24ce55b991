"""Tests of what the dashboard does without a browser."""
