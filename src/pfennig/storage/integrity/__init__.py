"""Proof that nobody else changed rows: the chain, marks, and new keys."""
