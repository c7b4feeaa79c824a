"""Rules: states, amounts, baskets, bank accounts, cards. No SQL, no HTTP, no clock, no chance."""
