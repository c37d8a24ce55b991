"""A supplier's log becomes calls."""
