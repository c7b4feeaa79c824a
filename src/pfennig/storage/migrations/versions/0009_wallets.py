"""Which wallets a contract has, and room for the card form's key."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Adds the one and widens the other. A private key has some 1,700 characters."""
    op.add_column("contracts", sa.Column("wallets", sa.JSON(), nullable=True))
    with op.batch_alter_table("keys", table_kwargs={"sqlite_autoincrement": True}) as keys:
        keys.alter_column("value", existing_type=sa.String(255), type_=sa.Text(), existing_nullable=False)
