"""Merchants and what was agreed with them."""
