"""Alembic's entrance: it runs inside the connection and transaction that `migrate` opened."""

from alembic import context
from sqlalchemy import MetaData

from pfennig.storage.migrations.frozen import NAMES

context.configure(
    connection=context.config.attributes["connection"], target_metadata=MetaData(naming_convention=NAMES)
)
context.run_migrations()
