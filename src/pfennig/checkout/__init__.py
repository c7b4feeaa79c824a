"""The door for shoppers: the hosted payment page, and in the twin the bank's page behind it."""
