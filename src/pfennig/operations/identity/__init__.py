"""Identification: its cases, and the evidence for them."""
