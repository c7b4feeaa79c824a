"""Settlement: payouts to merchants, their invoices, and the transfers of the operator's bank."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, moment, words

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Makes the tables, and the columns by which postings and contracts know of them. So far nothing is settled."""
    op.add_column("contracts", sa.Column("payout_account", sa.JSON(), nullable=True))
    op.add_column("postings", sa.Column("payout_id", sa.String(length=80), nullable=True))
    op.create_index(op.f("ix_postings_payout_id"), "postings", ["payout_id"], unique=False)
    unsettled = sa.text("payout_id IS NULL AND account IN ('merchant_payable', 'stakeholder_share')")
    op.create_index(
        "ix_postings_unsettled",
        "postings",
        ["contract_id", "currency"],
        unique=False,
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
    make_payouts()
    make_invoices()
    make_remittances()


def under_contract() -> "list[sa.Column[Any]]":
    """The columns that each of these things begins with: whose it is, and how much."""
    whose = [moment("created"), *words("merchant_id", "contract_id")]
    amount: sa.Column[Any] = sa.Column("amount", sa.BigInteger(), nullable=False)
    return [*whose, sa.Column("currency", sa.String(length=3), nullable=False), amount]


def make_payouts() -> None:
    """What merchants got."""
    parts = ("volume", "refunds", "shares", "claims", "fees", "misc")
    create_table(
        "payouts",
        *under_contract(),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in parts),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payouts_amount_is_above_0")),
        sa.CheckConstraint(
            "amount = volume - refunds - shares - claims - fees - misc",
            name=op.f("ck_payouts_amount_is_what_is_left"),
        ),
    )
    op.create_index(op.f("ix_payouts_merchant_id_seq"), "payouts", ["merchant_id", "seq"], unique=False)
    op.create_index("ux_payouts_number", "payouts", ["contract_id", "currency", "number"], unique=True)


def make_invoices() -> None:
    """What the operator took."""
    create_table(
        "invoices",
        *under_contract(),
        sa.Column("payout_id", sa.String(length=80), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("tax_percent", sa.Integer(), nullable=False),
    )
    op.create_index(op.f("ix_invoices_merchant_id_seq"), "invoices", ["merchant_id", "seq"], unique=False)
    op.create_index("ux_invoices_payout", "invoices", ["payout_id"], unique=True)


def make_remittances() -> None:
    """What the operator's bank is to transfer."""
    create_table(
        "remittances",
        *under_contract(),
        sa.Column("about_id", sa.String(length=80), nullable=False),
        sa.Column("account", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.String(length=80), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        moment("paid", nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_remittances_amount_is_above_0")),
    )
    op.create_index("ux_remittances_about", "remittances", ["about_id"], unique=True)
    op.create_index(op.f("ix_remittances_batch_id"), "remittances", ["batch_id"], unique=False)
    op.create_index(
        "ix_remittances_open",
        "remittances",
        ["seq"],
        unique=False,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
