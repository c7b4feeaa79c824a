"""Movements of money."""
