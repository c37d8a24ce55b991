"""The contact centre's settings: hours, holidays, targets, changes made, and the units they are written in."""
