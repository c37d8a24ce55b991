"""Nowcast: the rest of today, simulated from the state of the queue now."""
