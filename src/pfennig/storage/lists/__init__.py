"""Lists in SQL: what they can be asked by, and how long they are."""
