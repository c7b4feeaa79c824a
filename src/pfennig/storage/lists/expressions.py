"""Expressions for names of the wire that are no columns: values that follow from others, and other rows."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, Tuple, and_, case, func, select, tuple_

from pfennig.domain.mandate import STATUS
from pfennig.domain.methods import own_statuses
from pfennig.domain.payment import STATUSES, DetailedStatus, Kind
from pfennig.storage import tables

Expression = ColumnElement[Any]
Through = tuple[Any, Select[Any]]
"""A column, and the ids that it must be among; a condition on the other row is put to the ids."""

parents = tables.payments.alias("parents")
children = tables.payments.alias("children")
merchants, transactions, payments = tables.merchants, tables.smart_transactions, tables.payments
containers, allocations, receipts = tables.containers, tables.allocations, tables.receipts

follows = tables.smart_transactions.alias("follows")
followed = select(follows.c.id).join(
    # No index has the payment of a transaction, because it changes too often.
    payments,
    and_(payments.c.smart_transaction_id == follows.c.id, payments.c.id == follows.c.payment_id),
)

PAID: Through = (transactions.c.id, followed)
"""The way from a Smart Transaction to the payment that it follows."""

PAID_WITH: Through = (transactions.c.id, followed.join(containers, containers.c.id == payments.c.container_id))
"""The way from a Smart Transaction to the container of that payment."""

TRANSACTION: Through = (
    tuple_(payments.c.smart_transaction_id, payments.c.merchant_id),
    select(transactions.c.id, transactions.c.merchant_id),
)
"""The way from a payment to its Smart Transaction. Many merchants have the same names, so the merchant helps."""

PARENT: Through = (payments.c.parent_id, select(parents.c.id))
"""The way from a refund to what it gives back."""

CHILDREN: Through = (payments.c.id, select(children.c.parent_id))
"""The way from a payment to its refunds."""

ARRIVED: Through = (
    payments.c.id,
    select(allocations.c.payment_id).join(receipts, receipts.c.id == allocations.c.receipt_id),
)
"""The way from a payment to the bank lines that were given to it."""


def largest(expression: Expression, through: Through) -> Expression:
    """The largest value that the other rows have which belong to a row."""
    column, ids = through
    own = list(column.clauses) if isinstance(column, Tuple) else [column]
    belongs = (other == mine for other, mine in zip(ids.selected_columns, own, strict=True))
    query = ids.with_only_columns(func.max(expression), maintain_column_froms=True).where(*belongs)
    return query.correlate(own[0].table).scalar_subquery()


def merchant(merchant_id: Expression) -> Through:
    """The way from a row to its merchant."""
    return merchant_id, select(merchants.c.id)


def payment_status(pick: Callable[[DetailedStatus], object]) -> Expression:
    """The status of a payment on the wire, which follows from its state and method."""
    is_other = payments.c.kind != Kind.REFUND
    special = [
        (and_(is_other, payments.c.state == state, payments.c.method == method), pick(status))
        for state, method, status in own_statuses()
    ]
    usual = [(payments.c.state == state, pick(status)) for state, status in STATUSES.items()]
    return case(*special, *usual)


def mandate_status() -> Expression:
    """The status of a mandate on the wire, which follows from its type."""
    return case(*((tables.mandates.c.type == kind, number) for kind, number in STATUS.items()))
