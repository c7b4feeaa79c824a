"""The payments of a project's supporters, in one statement."""

from datetime import datetime

from sqlalchemy import and_, case, exists, func, select

from pfennig.domain.crowd import Supports
from pfennig.domain.payment import COLLECTED, Kind
from pfennig.storage import tables
from pfennig.storage.queries import settling
from pfennig.storage.unit import Unit

paid, posted, payouts = tables.payments.c, tables.postings.c, tables.payouts.c


def by_method(unit: Unit, merchant_id: str, currency: str, since: datetime) -> list[Supports]:
    """The income of a merchant by each method, and what of it came since then and was not paid out."""
    left = paid.amount - paid.refunded
    is_settled = exists(select(posted.seq).where(posted.payment_id == paid.id, posted.payout_id.is_not(None)))
    young = func.sum(case((and_(paid.created > since, ~is_settled), left), else_=0))
    query = select(paid.method, func.count(), func.sum(left), young).where(
        paid.merchant_id == merchant_id,
        paid.currency == currency,
        paid.kind.in_((Kind.PAYMENT, Kind.PART)),
        paid.state.in_(COLLECTED),
        left > 0,
    )
    rows = unit.connection.execute(query.group_by(paid.method))
    return [Supports(method, count, int(amount), int(fresh)) for method, count, amount, fresh in rows]


def owed_and_paid_out(unit: Unit, merchant_id: str, currency: str) -> tuple[int, int]:
    """The debt to a merchant, held back or not, and what was paid out to it."""
    found = [each for _, each in settling.balances_owed(unit, posted.merchant_id == merchant_id)]
    owed = sum(each.available + each.pending for each in found if each.currency == currency)
    sent = select(func.sum(payouts.amount)).where(payouts.merchant_id == merchant_id, payouts.currency == currency)
    return owed, int(unit.connection.execute(sent).scalar_one() or 0)
