"""Postings only grow, payments keep the rate of their fee, and a chain seals what the books have said."""

import sqlalchemy as sa
from alembic import op

from pfennig.storage.migrations.frozen import create_table, is_sqlite, moment, refusal

revision = "0025"
down_revision = "0024"

FIXED = (
    *("seq", "id", "created", "merchant_id", "contract_id", "payment_id", "smart_transaction_id"),
    *("entry_id", "account", "amount", "currency", "why"),
)
"""What a posting says. Only which payout has settled it is written later, and once."""

WAS_ACCEPTED = "EXISTS (SELECT 1 FROM moves WHERE moves.object_id = payments.id AND moves.after = 'accepted')"

TAKEN = (
    "(SELECT coalesce(sum(amount), 0) FROM postings WHERE postings.payment_id = payments.id "
    "AND account = 'platform_fee')"
)


def upgrade() -> None:
    """Adds columns, a table and guards."""
    op.add_column("payments", sa.Column("fee_rate", sa.JSON(), nullable=True))
    keep_rates()
    note_held()
    make_links()
    guard_postings()


def keep_rates() -> None:
    """Nobody knows by which rate earlier fees were taken: contracts change. So what is kept is what was taken."""
    sold = f"kind IN ('payment', 'part') AND {WAS_ACCEPTED}"
    op.execute(f"UPDATE payments SET fee_rate = {json_of(TAKEN)} WHERE {sold}")  # noqa: S608 - words of ours


def json_of(amount: str) -> str:
    """SQL of the rate that says nothing but an amount."""
    text = f"""'{{"taken": ' || {amount} || '}}'"""
    return text if is_sqlite() else f"({text})::json"


def note_held() -> None:
    """Whatever is held back has a line that says so. Until now those had none that began so."""
    op.execute(
        "INSERT INTO audit (id, merchant_id, object_id, noun, verb, by, address, created) "
        "SELECT 'AUD_0024' || substr(id, 5), merchant_id, id, 'payment', 'hold back', 'upgrade', '', created "
        "FROM payments WHERE is_held AND kind IN ('payment', 'mixed', 'part') AND NOT EXISTS "
        "(SELECT 1 FROM audit WHERE audit.object_id = payments.id AND audit.verb IN ('hold back', 'let go'))"
    )


def make_links() -> None:
    """The chain."""
    number = sa.BigInteger()
    create_table(
        "links",
        moment("created"),
        sa.Column("number", number, nullable=False),
        sa.Column("noun", sa.String(length=80), nullable=False),
        sa.Column("after", number, nullable=False),
        sa.Column("upto", number, nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
    )
    op.create_index("ux_links_number", "links", ["number"], unique=True)
    op.create_index(op.f("ix_links_noun_number"), "links", ["noun", "number"], unique=False)
    op.create_index(op.f("ix_links_created"), "links", ["created"], unique=False)


def guard_postings() -> None:
    """Lets the database refuse to change or remove what only grows."""
    same = " AND ".join(f"NEW.{name} {'IS' if is_sqlite() else 'IS NOT DISTINCT FROM'} OLD.{name}" for name in FIXED)
    settles = f"WHEN (NOT (OLD.payout_id IS NULL AND NEW.payout_id IS NOT NULL AND {same}))"
    guard("postings", "UPDATE", settles)
    guard("postings", "DELETE")
    for table in ("links", "payouts", "invoices", "allocations"):
        guard(table, "UPDATE")
        guard(table, "DELETE")
    differs = "IS NOT" if is_sqlite() else "IS DISTINCT FROM"
    put_elsewhere = f"NEW.batch_id {differs} OLD.batch_id"
    guard("remittances", "UPDATE", f"WHEN (OLD.batch_id IS NOT NULL AND {put_elsewhere})")
    guard("remittances", "DELETE")
    if is_sqlite():  # INSERT OR REPLACE removes rows without asking the guard of that
        guard("postings", "INSERT", "WHEN EXISTS (SELECT 1 FROM postings WHERE id = NEW.id OR seq = NEW.seq)")
    else:
        for table in ("postings", "links", "moves", "audit"):
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def guard(table: str, verb: str, condition: str = "") -> None:
    """Refuses something, under a condition or always."""
    head = f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} FOR EACH ROW"
    op.execute(f"{head} {condition} {refusal(table)}")
