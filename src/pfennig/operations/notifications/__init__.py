"""Mails to payers and merchants, and what could not be delivered."""
