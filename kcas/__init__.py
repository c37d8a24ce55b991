"""Abandoned calls at a contact centre: counted from its telephone logs, and projected by a queue model."""

__version__ = "0.1.0"
