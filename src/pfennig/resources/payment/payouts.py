"""Payment.Payouts on the wire: what merchants were paid out. Source: docs/wire/13-payouts.md#payouts."""

from typing import Any

from pfennig.clock import wire_time
from pfennig.domain.parties import Merchant
from pfennig.domain.settlement import ORDERED, PAID, PRODUCT, Payout, Remittance
from pfennig.operations.core.call import Call
from pfennig.operations.files import downloads
from pfennig.resources import plain, references
from pfennig.resources.resource import Json, Resource
from pfennig.resources.rows import Rows
from pfennig.storage.lists import names
from pfennig.storage.unit import Unit


def shows(call: Call, unit: Unit, page: list[Payout]) -> list[Json]:
    """A page of payouts."""
    merchants = unit.merchants.by_id(payout.merchant_id for payout in page)
    sent = unit.remittances.all(about_id={payout.id for payout in page}) if page else []
    transfers = {each.about_id: each for each in sent}
    return [render(call, unit, each, merchants[each.merchant_id], transfers[each.id]) for each in page]


def render(call: Call, unit: Unit, payout: Payout, merchant: Merchant, transfer: Remittance) -> Json:
    """One payout as JSON."""
    status = ORDERED if transfer.is_open else PAID
    item: dict[str, Any] = {
        **references.reference("payment.payouts", payout.id),
        "merchant": references.merchant(merchant),
        "store_name": merchant.companyname,
        "trans_id": payout.trans_id,
        "product_id": PRODUCT,
        "date": wire_time(payout.created),
        "amount": payout.amount,
        "currency": payout.currency,
        "simple_status_id": status.simple.value,
        "simple_status_description": status.simple.text,
        "trans_status_id": status.number,
        "receiver": transfer.account.get("owner", ""),
        "purpose": payout.purpose,
        "transaction_volume": payout.volume,
        "refund_amount": payout.refunds,
        "stakeholder_amount": payout.shares,
        "claim_amount": payout.claims,
        "invoice_amount": payout.fees,
        "misc_amount": payout.misc,
        "payout_amount": payout.amount,
    }
    kinds = ("csv", "pdf")
    links = [{"url": downloads.address(call, unit, f"{payout.id}.{kind}"), "type": kind} for kind in kinds]
    return item | {"documents": links}


ROWS = Rows(Unit.payouts, shows, names.PAYOUTS)

payouts = Resource(name="Payment.Payouts", prefix="PPO", rows=ROWS, list=plain.list_of(ROWS), get=plain.one_of(ROWS))
