"""Alembic's entrance: it runs inside the connection and transaction that `migrate` opened."""

from alembic import context

from pfennig.storage.indexes import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
