"""Payments by the legacy endpoints that are repeated: the first gives a number, the others name it.

Source: docs/wire/16-recurring.md#165-legacy-endpoints
"""

from dataclasses import replace
from typing import Annotated, Any

from msgspec import Meta, Struct

from pfennig.domain.payment import COLLECTED, FIRST_TRANS_ID, Payment, State
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import Malformed
from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.operations.eligibility import merchant_initiated
from pfennig.operations.pay.smart_transactions import Text
from pfennig.storage.shelf import require_known
from pfennig.storage.unit import Unit

SERIES = "older_subscription"
"""The field of a transaction for the number and the purpose of its series, in the wire's fields."""


class OtherSeries(Malformed):
    """The earlier payment was made in another way or another currency."""

    code = 3126


class Series(Struct):
    """A purpose for the first payment, or the number of an earlier one."""

    purpose: Text | None = None
    id: Annotated[int, Meta(ge=1, le=2**53)] | None = None


def find_first(call: Call, unit: Unit, series: Series, method: str, currency: str | None) -> SmartTransaction | None:
    """The transaction with which a series began, None where it begins now.

    Raises RecurringNotEnabled, OtherSeries, UnknownId.
    """
    if series.id is None:
        return None
    payment = access.visible(call, unit, unit.payments.one(seq=series.id - FIRST_TRANS_ID))
    stx = unit.smart_transactions.get(payment.smart_transaction_id) if payment else None
    first = stx if stx and stx.data.get(SERIES, {}).get("id") == series.id else None
    first = require_known(access.visible(call, unit, first), str(series.id))
    merchant_initiated.require_enabled(unit.contracts.get(first.contract_id))
    if first.method != method or currency not in (None, first.currency):
        raise OtherSeries(f"subscription {series.id} is paid by {first.method} in {first.currency}")
    return first


def stored_container_id(unit: Unit, first: SmartTransaction | None) -> str | None:
    """The container that pays again; None where the payer has to say anew what they pay with."""
    paid = unit.payments.find(first.payment_id) if first and first.payment_id else None
    if paid is None or not paid.container_id or paid.state not in COLLECTED | {State.AUTHORISED}:
        return None
    container = unit.containers.get(paid.container_id)
    is_gone = container.archived or container.deleted or container.is_spent
    return None if is_gone else container.id


def note_series(
    unit: Unit, stx: SmartTransaction, payment: Payment, series: Series, first: SmartTransaction | None
) -> None:
    """Writes down which series a transaction belongs to; one that begins has the number of its first payment."""
    data: dict[str, Any] = first.data[SERIES] if first else {"id": payment.trans_id, "purpose": series.purpose or ""}
    unit.smart_transactions.change(stx, replace(stx, data=stx.data | {SERIES: data}))
