"""Pfennig: a payment platform you run yourself that speaks the secuconnect API v2."""

__version__ = "0.1.0"
