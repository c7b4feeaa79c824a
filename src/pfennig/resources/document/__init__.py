"""Files that were handed in."""
