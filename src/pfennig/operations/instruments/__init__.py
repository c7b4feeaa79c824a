"""Instruments that people pay with: stored, mandated, replaced by tokens of card networks."""
