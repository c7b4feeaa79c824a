"""Business cases."""
