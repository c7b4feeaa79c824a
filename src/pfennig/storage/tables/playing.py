"""The tables of the twin: what testers queue, and what the simulated rail plays. Part of tables.py."""

from sqlalchemy import Column, Integer

from pfennig.storage.tables.columns import flag, name, table, when_open

outcomes = table(
    "outcomes",
    name("merchant_id"),
    name("method", nullable=True),
    name("verb"),
    name("outcome", nullable=True),
    Column("after_seconds", Integer),
    flag("is_open"),
    when_open("ix_outcomes_open", "merchant_id", "seq"),
)

scenarios = table(
    "scenarios",
    name("outcome", nullable=True),
    Column("after_seconds", Integer),
    name("choice", nullable=True),
    Column("months", Integer),
)
