"""The dashboard's server as a process of its own, and who comes to it."""
