"""The tables of what was counted, and of what was sealed: how many rows, and up to where. Part of tables.py."""

from sqlalchemy import BigInteger, Column, Index, Text

from pfennig.storage.tables.columns import moment, name, table

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

links = table(
    "links",
    Column("number", BigInteger, nullable=False),
    name("noun"),
    Column("after", BigInteger, nullable=False),
    Column("upto", BigInteger, nullable=False),
    Column("marks", Text, nullable=False),
    name("digest"),
    Index("ux_links_number", "number", unique=True),
    Index(None, "noun", "number"),
    Index(None, "created"),
)
