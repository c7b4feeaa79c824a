"""What contracts are owed, and what payouts have settled of it. A posting belongs to one payout at most."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select, update

from pfennig.domain.ledger import FEE, OWED_TO_OWNER, Account
from pfennig.domain.payment import Kind
from pfennig.domain.settlement import Line, Payout
from pfennig.storage import tables
from pfennig.storage.unit import Unit

posted, paid, payouts = tables.postings.c, tables.payments.c, tables.payouts.c


def is_free() -> ColumnElement[bool]:
    """The condition that a posting is not of a payment that is held back."""
    return ~exists(select(paid.seq).where(paid.id == posted.payment_id, paid.is_held))


def owed(unit: Unit) -> list[tuple[str, str, str, int]]:
    """Merchant, contract, currency and amount wherever something is not settled and not held back."""
    by = (posted.merchant_id, posted.contract_id, posted.currency)
    query = select(*by, func.sum(posted.amount)).where(tables.UNSETTLED, is_free()).group_by(*by).order_by(*by)
    return [(*of, int(amount)) for *of, amount in unit.connection.execute(query)]


def settle(unit: Unit, payout_id: str, contract_id: str, currency: str) -> list[Line]:
    """Puts all that a contract is owed into a payout, and answers what it adds up to.

    What another payout took in the meantime is not in it: the database looks again before it writes.
    """
    own = (tables.UNSETTLED, posted.contract_id == contract_id, posted.currency == currency)
    unit.connection.execute(update(tables.postings).where(*own, is_free()).values(payout_id=payout_id))
    by = (posted.account, paid.kind, posted.why)
    query = select(*by, func.sum(posted.amount)).outerjoin(tables.payments, paid.id == posted.payment_id)
    lines = unit.connection.execute(query.where(posted.payout_id == payout_id).group_by(*by))
    return [
        (Account(account), Kind(kind) if kind else None, why, int(amount)) for account, kind, why, amount in lines
    ]


def last_number(unit: Unit, contract_id: str, currency: str) -> int:
    """The number of the last payout of a contract in a currency, 0 before the first."""
    query = select(func.max(payouts.number)).where(payouts.contract_id == contract_id, payouts.currency == currency)
    return unit.connection.execute(query).scalar_one() or 0


def payout_dates(unit: Unit, ids: set[str]) -> dict[str, datetime]:
    """When these payments were paid out to their merchants last; those that were not are left out."""
    query = select(posted.payment_id, func.max(payouts.seq)).join(tables.payouts, payouts.id == posted.payout_id)
    query = query.where(posted.payment_id.in_(ids), posted.account == Account.MERCHANT).group_by(posted.payment_id)
    last = {id: int(seq) for id, seq in unit.connection.execute(query)}
    moments = {each.seq: each.created for each in unit.payouts.all(seq=set(last.values()))} if last else {}
    return {id: moments[seq] for id, seq in last.items()}


def settled(unit: Unit, payout_ids: set[str]) -> dict[str, dict[Account, int]]:
    """What the postings in each of these payouts add up to, its own among them: nothing, if all is well."""
    query = select(posted.payout_id, posted.account, func.sum(posted.amount))
    query = query.where(posted.payout_id.in_(payout_ids)).group_by(posted.payout_id, posted.account)
    found: dict[str, dict[Account, int]] = {}
    for id, account, amount in unit.connection.execute(query):
        found.setdefault(id, {})[Account(account)] = int(amount)
    return found


def by_payment(unit: Unit, payout_id: str) -> Iterator[tuple[str, bool, int]]:
    """What is in a payout: payment, whether it is the fee of it, and how much the contract got, in their order."""
    is_fee = (posted.why == FEE).label("is_fee")
    query = select(posted.payment_id, is_fee, func.sum(posted.amount), func.min(posted.seq).label("first"))
    query = query.where(posted.payout_id == payout_id, posted.payment_id != payout_id)
    query = query.where(posted.account.in_(OWED_TO_OWNER)).group_by(posted.payment_id, is_fee).order_by("first")
    for id, fee, amount, _ in unit.connection.execute(query):
        yield id, bool(fee), int(amount)


def after(unit: Unit, seq: int, limit: int) -> list[Payout]:
    """Payouts in the order they were made, from behind that number."""
    return unit.payouts.select(payouts.seq > seq, limit=limit)
