"""Encryption, and marks by keys that the database does not have."""
