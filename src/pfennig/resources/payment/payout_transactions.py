"""Payment.Secupaypayout on the wire: money that a merchant pays to others.

Source: docs/wire/13-payouts.md#payout-transactions
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pfennig.domain.container import with_legacy_names
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.settlement import Remittance
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.operations.books import payout_orders, remittances
from pfennig.operations.core.call import Call
from pfennig.resources import plain, references
from pfennig.resources.payment import legacy
from pfennig.resources.resource import Asked, Json, Post, Resource, moving
from pfennig.storage.queries import payment_hashes
from pfennig.storage.unit import Unit

WORDS: Mapping[State, str] = {State.PENDING: "pending", State.ACCEPTED: "accepted", State.VOID: "void"}
"""The status in the legacy words."""


def create(call: Call, asked: Asked) -> Json:
    """POST Payment/Secupaypayout: the payout, and where to send the money for it."""
    payout = payout_orders.create(call, asked.body_as(payout_orders.PayoutRequest))
    with call.view() as view:
        return shows(call, view, [payout])[0]


def create_without_customer(call: Call, asked: Asked) -> Json:
    """POST Payment/Secupaypayout/me/PayoutWithoutCustomer: what was asked for, with the numbers of all lines."""
    payout = payout_orders.create(call, asked.body_as(payout_orders.PayoutRequest))
    with call.view() as view:
        return echo_json(view, payout)


def created_before(call: Call, asked: Asked, made: Sequence[str]) -> Json:
    """The answer to a payout that was made before."""
    with call.view() as view:
        return echo_json(view, next(each for each in view.payments.all(id=set(made)) if each.kind is Kind.PAYOUT))


def cancel(call: Call, asked: Asked) -> Json:
    """POST Payment/Secupaypayout/{id}/cancel: that nothing is paid out any more."""
    with call.view() as view:
        payout = payout_orders.find(call, view, asked.id)
    return legacy.cancellation_json(call, [payout_orders.cancel(call, payout.id)])


Part = tuple[Payment, Remittance, Mapping[str, Any]]
"""A line: its payment, its transfer, and what was said of it."""


def parts(unit: Unit, payout: Payment) -> list[Part]:
    """The lines of a payout, in their order."""
    lines = unit.payments.all(parent_id=payout.id, kind=Kind.TRANSFER)
    transfers = {each.about_id: each for each in unit.remittances.all(about_id={line.id for line in lines})}
    said = unit.smart_transactions.get(payout.smart_transaction_id).data[payout_orders.ORIGIN]
    return [(line, transfers[line.id], words) for line, words in zip(lines, said, strict=True)]


def assign_invoice(call: Call, asked: Asked) -> Json:
    """POST Payment/Secupaypayout/{id}/assignExternalInvoicePdf/{document}: the file that is its invoice now."""
    with call.view() as view:
        payout = payout_orders.find(call, view, asked.id)
    return legacy.with_invoice(call, asked, payout)


def shows(call: Call, unit: Unit, page: list[Payment]) -> list[Json]:
    """Payouts; there is no list of them, so each looks up by itself what it refers to."""
    return [render(unit, payout) for payout in page]


def render(unit: Unit, payout: Payment) -> Json:
    """One payout as JSON."""
    stx = unit.smart_transactions.get(payout.smart_transaction_id)
    return {
        **references.reference("payment.secupaypayout", payout.transaction_hash),
        "trans_id": payout.trans_id,
        "payment_id": payout.id,
        "status": WORDS[payout.state],
        "transaction_status": str(payout.status.number),
        "amount": payout.amount,
        "currency": payout.currency,
        "purpose": stx.transaction_ref,
        **({"order_id": stx.merchant_ref} if stx.merchant_ref else {}),
        "transaction_list": [item(*part) for part in parts(unit, payout)],
        **transfer(unit, payout),
    }


def item(line: Payment, remittance: Remittance, said: Mapping[str, Any]) -> Json:
    """One line of a payout as JSON, without the account."""
    names = ("transaction_hash", "transaction_id", "container_id")
    return {
        "item_type": "transaction_payout",
        **({"reference_id": line.reference_id} if line.reference_id else {}),
        "name": remittance.account.get("owner", ""),
        **{name: said[name] for name in names if name in said},
        "total": line.amount,
    }


def transfer(unit: Unit, payout: Payment) -> Json:
    """The account where the merchant sends the money, and the purpose to write."""
    account = with_legacy_names(unit.contracts.get(payout.contract_id).bank_account)
    return {"transfer_purpose": payout.purpose, "transfer_account": account}


def execution_day_json(stx: SmartTransaction) -> Json:
    """The day on which it shall go out, as it was said."""
    day = stx.data.get(remittances.EXECUTION_DATE)
    return {"execution_date": day} if day else {}


def echo_json(unit: Unit, payout: Payment) -> Json:
    """A payout as it was asked for without a customer, with numbers."""
    stx = unit.smart_transactions.get(payout.smart_transaction_id)
    return {
        "amount": payout.amount,
        "currency": payout.currency,
        "contract_id": payout.contract_id,
        "purpose": stx.transaction_ref,
        "trans_id": payout.trans_id,
        **execution_day_json(stx),
        "payout_list": [entry(unit, *part) for part in parts(unit, payout)],
        "transfer_account": with_legacy_names(unit.contracts.get(payout.contract_id).bank_account),
    }


def entry(unit: Unit, line: Payment, remittance: Remittance, said: Mapping[str, Any]) -> Json:
    """One line of payout_list as JSON, with the account only where the merchant named it."""
    others = {"origin_transaction", "transaction_hash", "transaction_id", "container_id"}
    is_named = payout_orders.NAMED in said or not said.keys() & others
    return {
        "amount": line.amount,
        "purpose": remittance.purpose,
        **({"reference": line.reference_id} if line.reference_id else {}),
        **({"recipient": said["recipient"]} if "recipient" in said else {}),
        **({"bank_account": dict(remittance.account)} if is_named else {}),
        **origin(unit, said),
        "trans_id": line.trans_id,
    }


def origin(unit: Unit, said: Mapping[str, Any]) -> Json:
    """The number of the transaction whose payer is paid, where that was said."""
    if "origin_transaction" in said:
        return {"origin_transaction": said["origin_transaction"]}
    paid = payment_hashes.payment_by_hash(unit, said.get("transaction_hash", "")) or unit.payments.find(
        said.get("transaction_id", "")
    )
    return {"origin_transaction": paid.trans_id} if paid else {}


secupaypayout = Resource(
    name="Payment.Secupaypayout",
    prefix="PCI",
    body=payout_orders.PayoutRequest,
    get=plain.get(payout_orders.find, shows),
    create=create,
    actions=(
        moving(
            Post(
                "PayoutWithoutCustomer",
                create_without_customer,
                body=payout_orders.PayoutRequest,
                again=created_before,
            )
        ),
        moving(Post("cancel", cancel)),
        Post("assignExternalInvoicePdf/{document}", assign_invoice, body=legacy.Invoice),
    ),
    moving={"POST": frozenset()},
)
