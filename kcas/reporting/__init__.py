"""Tables, charts and sentences, by subject, for the screen, the pack and the command line."""
