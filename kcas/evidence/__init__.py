"""What we show, and what leaves."""
