"""The groups of commands: a file for each, with `register`. What they share is in common.py."""
