"""An audit trail, room for what is encrypted, and a way to find the transactions of a customer."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, is_sqlite, moment, refusal

revision = "0016"
down_revision = "0015"

APPEND_ONLY = ("audit", "moves")

WIDER = {
    "merchants": {"email": 255},
    "receipts": {"purpose": 255, "iban": 80, "owner": 255},
    "mails": {"recipient": 255},
}
"""What needs more room once it is encrypted."""

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""


def upgrade() -> None:
    """Makes the table and the guards."""
    create_table(
        "audit",
        sa.Column("merchant_id", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=False),
        sa.Column("noun", sa.String(length=80), nullable=False),
        sa.Column("verb", sa.String(length=80), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=80), nullable=False),
        moment("created"),
    )
    op.create_index(op.f("ix_audit_object_id_seq"), "audit", ["object_id", "seq"], unique=False)
    table, columns = "smart_transactions", ["customer_id", "seq"]
    op.create_index(op.f("ix_smart_transactions_customer_id_seq"), table, columns, unique=False)
    op.drop_index(op.f("ix_smart_transactions_customer_id"), table)
    for changed, wider in WIDER.items():
        with op.batch_alter_table(changed, table_kwargs={"sqlite_autoincrement": True}) as batch:
            for name, length in wider.items():
                batch.alter_column(name, existing_type=sa.String(length), type_=sa.Text())
    guard()


def guard() -> None:
    """Lets the database refuse to change or to remove what only grows."""
    if not is_sqlite():
        op.execute(REFUSE)
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            head = f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            op.execute(head + ("" if is_sqlite() else "FOR EACH ROW ") + refusal(table))
