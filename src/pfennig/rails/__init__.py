"""The doors of rails: what they report by themselves, and payers who come back from their pages."""
