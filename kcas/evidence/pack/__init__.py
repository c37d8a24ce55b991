"""The evidence pack: what recommendation 10 can be shown to have done, in a folder that anyone can check."""
