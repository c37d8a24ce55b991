"""Asterisk's queue_log, as a file and as a database table."""
