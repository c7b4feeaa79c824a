"""Transactions of card terminals, and what they cost."""
