"""Identification of people."""
