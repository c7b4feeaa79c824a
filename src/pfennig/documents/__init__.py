"""What merchants get on paper: statements of payouts, invoices, and the operator's bank files."""
