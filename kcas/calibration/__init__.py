"""From the desk's own log to its own model: arrivals, handling, patience, staff, and what the log does not show."""
