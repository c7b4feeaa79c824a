"""What every operation stands on: the call, its rights, and what it writes down."""
