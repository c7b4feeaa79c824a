"""Payments: parts, shares, refunds and payouts, too."""
