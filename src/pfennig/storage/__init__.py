"""Storage of facts: tables, queries, migrations. The only SQL."""
