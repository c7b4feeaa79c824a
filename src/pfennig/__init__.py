"""Pfennig: a payment platform you run yourself that speaks the secuconnect API v2."""
