"""A scenario becomes calls."""
