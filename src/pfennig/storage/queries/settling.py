"""Debts to contracts, and what payouts have settled of them. A posting belongs to one payout at most.

What a contract is owed is available unless it is held back, and only what is left of a payment can be: a payment
that is held back keeps what it has brought in, less its fee, shares, refunds and charge-backs, if that is more than
nothing and was not paid out. Whatever goes beyond that is a debt, which nothing holds back.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, Subquery, and_, case, func, or_, select, update

from pfennig.domain.ledger import FEE, OWED_TO_OWNER, Balance, LedgerAccount
from pfennig.domain.payment import Kind
from pfennig.domain.settlement import PostedLine
from pfennig.storage import tables
from pfennig.storage.unit import Unit

posted, paid, payouts = tables.postings.c, tables.payments.c, tables.payouts.c
above = tables.payments.alias("above").c

Condition = ColumnElement[bool]

IS_BELOW: Condition = paid.kind.in_((Kind.REFUND, Kind.SHARE))
ORIGIN = case((paid.refund_id.is_not(None), above.parent_id), (IS_BELOW, paid.parent_id), else_=paid.id)
"""The payment, or the part of one, that a posting comes from in the end: refunds and shares have their own."""

IS_HELD = func.coalesce(case((IS_BELOW, above.is_held), else_=paid.is_held), False)

FITS: Condition = and_(
    paid.currency == posted.currency,
    or_(
        and_(posted.account == LedgerAccount.MERCHANT, paid.contract_id == posted.contract_id),
        and_(posted.account == LedgerAccount.SHARES, IS_BELOW),
    ),
    or_(posted.account == LedgerAccount.SHARES, paid.merchant_id == posted.merchant_id),
)
"""The condition that a posting's payment can be its reason. The rest only the check of the books looks at."""


def with_payments() -> FromClause:
    """Postings beside the payment that they are about, and what that is a refund or a share of."""
    joined = tables.postings.outerjoin(tables.payments, paid.id == posted.payment_id)
    return joined.outerjoin(above.id.table, above.id == paid.parent_id)


def unsettled_postings(*where: Condition) -> Subquery:
    """The postings nobody was paid for yet, by merchant, contract and currency, and by payment if held back."""
    held_by = case((IS_HELD, ORIGIN)).label("held_by")
    by = (posted.merchant_id, posted.contract_id, posted.currency, held_by)
    query = select(*by, func.sum(posted.amount).label("amount")).select_from(with_payments())
    return query.where(tables.UNSETTLED, *where).group_by(*by).subquery()


def is_withheld(unsettled: Subquery) -> Condition:
    """The condition that so much is held back: what is left of a payment, and never a debt."""
    return and_(unsettled.c.held_by.is_not(None), unsettled.c.amount > 0)


def balances_owed(unit: Unit, *where: Condition) -> list[tuple[str, Balance]]:
    """The debt to each contract in each currency, as far as it is not paid out, with its merchant.

    This is the one answer to what is available; what is pending of it is held back.
    """
    each = unsettled_postings(*where)
    held = func.sum(case((is_withheld(each), each.c.amount), else_=0))
    by = (each.c.merchant_id, each.c.contract_id, each.c.currency)
    query = select(*by, func.sum(each.c.amount) - held, held).group_by(*by).order_by(*by)
    rows = unit.connection.execute(query)
    return [(merchant, Balance(id, currency, int(free), int(rest))) for merchant, id, currency, free, rest in rows]


def balances(unit: Unit, contract_id: str | None) -> list[Balance]:
    """The available and the pending balance, by contract and currency; of one contract, or of all."""
    where = [posted.contract_id == contract_id] if contract_id else []
    found = {(each.contract_id, each.currency): each for _, each in balances_owed(unit, *where)}
    by = (posted.contract_id, posted.currency)
    known = (*OWED_TO_OWNER, LedgerAccount.IN_TRANSIT)
    transit = func.sum(case((posted.account == LedgerAccount.IN_TRANSIT, posted.amount), else_=0))
    query = select(*by, transit).where(posted.account.in_(known), *where).group_by(*by).order_by(*by)
    rows = [
        (found.get((id, currency), Balance(id, currency, 0, 0)), int(coming))
        for id, currency, coming in unit.connection.execute(query)
    ]
    return [Balance(each.contract_id, each.currency, each.available, each.pending + more) for each, more in rows]


def count_strange(unit: Unit, contract_id: str, currency: str) -> int:
    """The number of postings that would be paid to a contract for which no payment is a reason."""
    own = (tables.UNSETTLED, posted.contract_id == contract_id, posted.currency == currency)
    query = select(func.count()).select_from(with_payments()).where(*own, ~func.coalesce(FITS, False))
    return unit.connection.execute(query).scalar_one()


def settle(unit: Unit, payout_id: str, contract_id: str, currency: str) -> list[PostedLine]:
    """Settles all that is available to a contract by a payout; answers the sums.

    What another payout took in the meantime is not in it: the database looks again before it writes.
    """
    own = (tables.UNSETTLED, posted.contract_id == contract_id, posted.currency == currency)
    each = unsettled_postings(*own)
    kept = select(each.c.held_by).where(is_withheld(each))
    free = select(posted.seq).select_from(with_payments()).where(*own, or_(~IS_HELD, ORIGIN.not_in(kept)))
    unit.connection.execute(
        update(tables.postings).where(tables.UNSETTLED, posted.seq.in_(free)).values(payout_id=payout_id)
    )
    return lines_in(unit, payout_id)


def lines_in(unit: Unit, payout_id: str) -> list[PostedLine]:
    """The sums of a payout's postings, but for its own."""
    by = (posted.account, paid.kind, posted.why)
    query = select(*by, func.sum(posted.amount)).outerjoin(tables.payments, paid.id == posted.payment_id)
    query = query.where(posted.payout_id == payout_id, posted.payment_id != payout_id)
    lines = unit.connection.execute(query.group_by(*by))
    return [
        (LedgerAccount(account), Kind(kind) if kind else None, why, int(amount))
        for account, kind, why, amount in lines
    ]


def is_paid_out(unit: Unit, payment_ids: set[str]) -> bool:
    """True where something of these payments was paid out, and none of them has anything left that was not."""
    own = and_(posted.payment_id.in_(payment_ids), posted.account.in_(OWED_TO_OWNER))
    settled = select(posted.seq).where(own, posted.payout_id.is_not(None)).limit(1)
    by = (posted.contract_id, ORIGIN)
    left = select(func.sum(posted.amount)).select_from(with_payments()).where(own, tables.UNSETTLED).group_by(*by)
    has_left = select(left.having(func.sum(posted.amount) > 0).exists())
    read = unit.connection.execute
    return bool(read(settled).first()) and not read(has_left).scalar_one()


def last_number(unit: Unit, contract_id: str, currency: str) -> int:
    """The number of the last payout of a contract in a currency, 0 before the first."""
    query = select(func.max(payouts.number)).where(payouts.contract_id == contract_id, payouts.currency == currency)
    return unit.connection.execute(query).scalar_one() or 0


def payout_dates(unit: Unit, ids: set[str]) -> dict[str, datetime]:
    """The last date on which these payments were paid out to their merchants; those that were not are left out."""
    lines = unit.postings.all(payment_id=ids, account=LedgerAccount.MERCHANT) if ids else []
    known = unit.payouts.by_id(line.payout_id for line in lines)
    settled = [(line.payment_id, known[line.payout_id]) for line in lines if line.payout_id in known]
    return {id: payout.created for id, payout in sorted(settled, key=lambda each: each[1].seq)}


def by_payment(unit: Unit, payout_id: str) -> Iterator[tuple[str, bool, int]]:
    """The lines of a payout: payment, whether it is its fee, and how much the contract got, in their order."""
    is_fee = (posted.why == FEE).label("is_fee")
    query = select(posted.payment_id, is_fee, func.sum(posted.amount), func.min(posted.seq).label("first"))
    query = query.where(posted.payout_id == payout_id, posted.payment_id != payout_id)
    query = query.where(posted.account.in_(OWED_TO_OWNER)).group_by(posted.payment_id, is_fee).order_by("first")
    for id, fee, amount, _ in unit.connection.execute(query):
        yield id, bool(fee), int(amount)
