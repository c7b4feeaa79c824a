"""The base of every operation: the call, its rights, and what it writes down."""
