"""What a call is, and what we count of it."""
