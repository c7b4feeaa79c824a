"""What is encrypted, and marked with keys that the database does not have."""
