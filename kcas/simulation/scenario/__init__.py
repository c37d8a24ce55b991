"""A scenario: its schema, its file, its checks, and what it assumes."""
