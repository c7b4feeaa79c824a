"""Merchants and their customers, and the clients that call."""
