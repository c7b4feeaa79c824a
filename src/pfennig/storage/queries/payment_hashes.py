"""Payments by their legacy hash."""

import re

from sqlalchemy import and_, or_

from pfennig.domain.payment import FIRST_TRANS_ID, Payment
from pfennig.storage import tables
from pfennig.storage.unit import Unit

HASH = re.compile(r"([a-z]{12}(?:\d{5,15}_)?)(\d{5,15})")
"""The legacy id of a payment: twelve letters and its number; a part has those of the whole before it."""


def payment_by_hash(unit: Unit, text: str) -> Payment | None:
    """The payment with this legacy id."""
    match = HASH.fullmatch(text)
    if not match:
        return None
    table = tables.payments.c
    is_made = and_(
        table.seq == int(match[2]) - FIRST_TRANS_ID, table.hash_word == match[1], table.given_hash.is_(None)
    )
    return next(iter(unit.payments.select(or_(is_made, table.given_hash == text), limit=1)), None)
