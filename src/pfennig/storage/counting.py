"""The tables of what was counted: how many rows, and up to where. Part of tables.py."""

from sqlalchemy import BigInteger, Column, Index

from pfennig.storage.columns import moment, name, table

tallies = table(
    "tallies",
    name("merchant_id"),
    name("contract_id"),
    name("noun"),
    Column("number", BigInteger, nullable=False),
    Index("ux_tallies_owner", "merchant_id", "contract_id", "noun", unique=True),
    Index(None, "contract_id"),
)

folds = table(
    "folds",
    Column("folded", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("barrier", BigInteger),
    moment("looked", nullable=False),
)
