"""Where facts are kept: tables, queries, migrations. The only SQL."""
