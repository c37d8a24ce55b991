"""One file for each supplier's layout; a supplier's words stop here."""
