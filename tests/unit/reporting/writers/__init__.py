"""The files that leave, each read again by something that is not its writer."""
