"""Lifetimes of what was bought with a secret, and what is over. The only SQL about that."""

from datetime import datetime

from sqlalchemy import or_, update

from pfennig.domain.idempotency_key import IdempotencyKey
from pfennig.domain.parties import Token
from pfennig.domain.session import Session
from pfennig.storage import tables
from pfennig.storage.unit import Unit


def cut_short(unit: Unit, client_id: str, secret_id: str, at: datetime) -> None:
    """Lets the tokens and sessions that a client bought with a secret end at that moment, if they would live longer.

    Those from before it was noted, by which secret, end with it, too.
    """
    for table in (tables.tokens, tables.sessions):
        bought = or_(table.c.secret_id == secret_id, table.c.secret_id.is_(None))
        longer = update(table).where(table.c.client_id == client_id, bought, table.c.expires > at)
        unit.connection.execute(longer.values(expires=at))


def expired_tokens(unit: Unit, now: datetime) -> list[Token]:
    """Tokens that are of no more use, some at a time."""
    return unit.tokens.select(unit.tokens.table.c.expires < now, limit=500)


def expired_sessions(unit: Unit, now: datetime) -> list[Session]:
    """Sessions that ended, and devices that nobody confirmed, some at a time."""
    return unit.sessions.select(unit.sessions.table.c.expires < now, limit=500)


def old_idempotency_keys(unit: Unit, before: datetime) -> list[IdempotencyKey]:
    """Keys that nobody should ask about any more, some at a time."""
    return unit.idempotency_keys.select(tables.claims.c.updated < before, limit=500)
