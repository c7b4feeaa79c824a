"""Conditions under which an order may be paid, or paid again without its payer."""
