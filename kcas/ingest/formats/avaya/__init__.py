"""Avaya's external call history (ECH)."""
