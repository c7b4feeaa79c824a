"""Plans, subscriptions, payments without the payer, and tokens of card networks."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, moment, words

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Makes the tables, and adds the columns. Until now nothing was repeated."""
    for table, name in (("contracts", "has_recurring"), ("attempts", "payer_is_away")):
        flag: sa.Column[bool] = sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)
        op.add_column(table, flag)
    op.add_column("containers", sa.Column("token", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("containers", sa.Column("notification_url", sa.String(length=2000), nullable=True))
    op.add_column("appointments", sa.Column("object_id", sa.String(length=80), nullable=True))
    op.create_index(op.f("ix_appointments_object_id"), "appointments", ["object_id"])
    op.add_column("smart_transactions", sa.Column("subscription_id", sa.String(length=80), nullable=True))
    op.add_column("smart_transactions", sa.Column("cycle", sa.Integer(), nullable=True))
    op.create_index("ux_smart_transactions_cycle", "smart_transactions", ["subscription_id", "cycle"], unique=True)
    create_table(
        "plans",
        *words("merchant_id", "contract_id", "status"),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        moment("updated", nullable=True),
        moment("created"),
    )
    op.create_index(op.f("ix_plans_merchant_id_seq"), "plans", ["merchant_id", "seq"])
    create_table(
        "subscriptions",
        *words("merchant_id", "contract_id", "smart_transaction_id", "plan_id"),
        sa.Column("customer_id", sa.String(length=80), nullable=True),
        *words("container_id", "method", "status"),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("phases", sa.JSON(), nullable=False),
        moment("start_at"),
        *counts("completed", "tries", "skipped_months", "skipped_days"),
        moment("next_billing", nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        moment("updated", nullable=True),
        moment("created"),
    )
    op.create_index(op.f("ix_subscriptions_merchant_id_seq"), "subscriptions", ["merchant_id", "seq"])
    op.create_index(op.f("ix_subscriptions_customer_id"), "subscriptions", ["customer_id"])
    op.create_index("ux_subscriptions_order", "subscriptions", ["smart_transaction_id"], unique=True)


def counts(*names: str) -> "list[sa.Column[object]]":
    """Columns of small numbers."""
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]
