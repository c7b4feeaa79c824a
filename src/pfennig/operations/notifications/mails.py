"""Write mails to payers and merchants in the unit of the change; the worker sends them.

Source: docs/operators.md#mails
"""

from dataclasses import replace
from typing import Any

from msgspec import UNSET, UnsetType

from pfennig import ids
from pfennig.clock import german_day
from pfennig.domain.email_address import deliverable
from pfennig.domain.mail import WITH_INSTRUCTIONS, Kind, Mail, asked_for, one_line
from pfennig.domain.parties import Contract
from pfennig.domain.payment import Payment
from pfennig.domain.smart_transaction import SmartTransaction, StxStatus
from pfennig.domain.subscription import RUNNING, Subscription
from pfennig.mails.drawing import draw
from pfennig.mails.letters import write
from pfennig.mails.look import look_of
from pfennig.mails.transfer_code import play_url
from pfennig.mails.writer import Writer
from pfennig.operations.core import access, audit
from pfennig.operations.core.call import Call
from pfennig.operations.eligibility import subscription_orders
from pfennig.storage.queries import lookups
from pfennig.storage.unit import Unit

MOST_SHOWN = 100


def follow(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment | None) -> None:
    """Writes the mails that a payment asks for which has just moved its transaction, as far as somebody wants them.

    Where nobody could ever send or see them, there are none.
    """
    if payment and stx.cycle and stx.status is StxStatus.FAILED:
        write_failed_renewal(call, unit, stx, payment)
    elif payment:
        write_kinds(call, unit, stx, payment, asked_for(payment, stx.subscription_item is not None))


def write_failed_renewal(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment) -> None:
    """The mail about a payment of a subscription that failed, unless its payer tries it themselves just now."""
    subscription, attempt = (
        unit.subscriptions.get(stx.subscription_id or ""),
        unit.attempts.one(payment_id=payment.id),
    )
    if subscription.status in RUNNING and (attempt is None or attempt.payer_is_away):
        retry = german_day(subscription.next_billing) if subscription.next_billing else None
        write_kinds(call, unit, stx, payment, (Kind.RENEWAL_FAILED,), retry=retry)


def write_end(call: Call, unit: Unit, subscription: Subscription) -> None:
    """The mail about the end of a subscription that was running."""
    order = unit.smart_transactions.get(subscription.smart_transaction_id)
    if payment := unit.payments.find(order.payment_id or ""):
        write_kinds(call, unit, order, payment, (Kind.SUBSCRIPTION_ENDED,))


def write_refund(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment, refund: Payment) -> None:
    """The mail about money that has gone back of a payment."""
    write_kinds(call, unit, stx, payment, (Kind.REFUND_NOTICE,), refund=refund)


def write_charge_back(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment) -> None:
    """The mail about a payment that the payer's bank has taken back, the first time that it does."""
    write_kinds(call, unit, stx, payment, (Kind.CHARGE_BACK_NOTICE,))


def write_surplus(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment, amount: int) -> None:
    """The mails about what arrived for a payment and is not needed, the first time that there is some."""
    kinds = (Kind.SURPLUS_NOTICE, Kind.MERCHANT_SURPLUS_NOTICE)
    write_kinds(call, unit, stx, payment, kinds, surplus=amount)


def write_kinds(
    call: Call, unit: Unit, stx: SmartTransaction, payment: Payment, kinds: tuple[Kind, ...], **more: Any
) -> None:
    """Mails of these kinds, as far as somebody wants them. more: what else their writer must know."""
    if not kinds or not call.platform.keeps_mails:
        return
    contract, merchant = unit.contracts.get(payment.contract_id), unit.merchants.get(payment.merchant_id)
    play = None if call.platform.can.moves_money else play_url(call.platform.public_url, stx)
    writer = Writer(
        stx,
        payment,
        contract,
        merchant,
        instrument=unit.containers.find(payment.container_id) if payment.container_id else None,
        day=german_day(unit.now),
        link=call.platform.url(stx.page),
        is_test=play is not None or stx.is_demo,
        play_url=play,
        terms=subscription_orders.terms(unit, stx) if stx.subscription_item else None,
        subscription=subscription_orders.subscription_name(unit, stx),
        **more,
    )
    for kind in kinds:
        recipient = one_line((merchant.email if kind.is_for_merchant else writer.contact.get("email")) or "")
        if recipient and is_wanted(contract, kind):
            keep(call, unit, writer, kind, recipient)


def instructs(unit: Unit, payment_id: str) -> bool:
    """True where a mail tells the payer where to transfer the money: it was sent, or is on its way."""
    written = unit.mails.all(payment_id=payment_id, kind=[*WITH_INSTRUCTIONS])
    return any(mail.is_sent or mail.is_open for mail in written)


def confirmation_recipient(unit: Unit, payment_id: str) -> str:
    """The address to which the payer's confirmation was sent, or is on its way; empty where none is."""
    written = unit.mails.all(payment_id=payment_id, kind=Kind.PAYER_CONFIRMATION)
    return next((mail.recipient for mail in written if mail.is_sent or mail.is_open), "")


def is_wanted(contract: Contract, kind: Kind) -> bool:
    """Whether the contract has mails of this kind."""
    return contract.has_merchant_mails if kind.is_for_merchant else contract.has_customer_mails


def set_wanted(call: Call, contract_id: str, by_payers: bool | UnsetType, by_merchant: bool | UnsetType) -> Contract:
    """The contract with other settings for mails; absent ones stay. Raises NotYours, UnknownId."""
    with call.unit() as unit:
        contract = access.require_own_contract(call, unit, contract_id)
        after = replace(
            contract,
            has_customer_mails=contract.has_customer_mails if by_payers is UNSET else by_payers,
            has_merchant_mails=contract.has_merchant_mails if by_merchant is UNSET else by_merchant,
            updated=unit.now,
        )
        audit.note(unit, call, "change notifications of", "contract", contract.id, contract.merchant_id)
        return unit.contracts.change(contract, after)


def keep(call: Call, unit: Unit, writer: Writer, kind: Kind, recipient: str) -> None:
    """Puts a mail into the outbox, unless the payment has one of this kind already."""
    stx, letter, address = writer.stx, write(writer, kind), deliverable(recipient)
    look = look_of(writer.contract, writer.merchant, call.platform.public_url, writer.tongue)
    look = look.for_merchant if kind.is_for_merchant else look
    text, html = draw(letter, look, writer.tongue, writer.is_test)
    mail = Mail(
        id=ids.new("MAI"),
        merchant_id=stx.merchant_id,
        smart_transaction_id=stx.id,
        payment_id=writer.about.id,
        kind=kind,
        recipient=address or recipient,
        language=stx.language,
        subject=letter.subject,
        text=text,
        html=html,
        due=unit.now,
        answer="" if address else "this is no address that can be written to",
        is_open=address is not None and call.platform.mail_server is not None,
        created=unit.now,
    )
    unit.mails.add_later_if_new(mail)
    if mail.is_open:
        unit.after.append(call.platform.wake)


def newest(call: Call, transaction_id: str | None) -> list[Mail]:
    """Mails of the caller's merchant, or of one Smart Transaction, newest first. Raises UnknownId."""
    with call.view() as view:
        if transaction_id is None:
            return lookups.newest_mails(view, MOST_SHOWN, merchant_id=call.client.merchant_id)
        stx = access.get(call, view, view.smart_transactions, transaction_id)
        return lookups.newest_mails(view, MOST_SHOWN, smart_transaction_id=stx.id)
