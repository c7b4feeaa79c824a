"""What terminals have brought in, and what they cost."""
