"""Documents for merchants: statements of payouts, invoices, and the operator's bank files."""
