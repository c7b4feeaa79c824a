"""Questions that ask for more than equal values."""
