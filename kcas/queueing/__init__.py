"""Queueing theory: Erlang formulas, general patience, and days whose arrivals and staff change."""
