"""The operator's bank account: what arrives, what merchants are owed, what leaves."""
