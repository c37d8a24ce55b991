"""Monitoring: whether the rate has changed by more than random variation."""
