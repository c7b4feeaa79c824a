"""Privacy, access and erasure: what is held about a person. Amounts, books, moves and bank lines stay.

Source: docs/operators.md#personal-data
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pfennig.domain.bank import Receipt
from pfennig.domain.container import Container, without_fields
from pfennig.domain.ident import DECIDED, OPEN_CASE, IdentRequest
from pfennig.domain.ident import without_personal_data as emptied_person
from pfennig.domain.mail import Mail
from pfennig.domain.methods import Refund
from pfennig.domain.parties import Contract, Customer, Merchant
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.settlement import Remittance
from pfennig.domain.smart_transaction import Json, SmartTransaction
from pfennig.domain.subscription import MOVES, Subscription
from pfennig.domain.upload import Document, Upload
from pfennig.operations.books import bank
from pfennig.operations.core import audit
from pfennig.operations.files import uploads
from pfennig.operations.pay import surplus
from pfennig.operations.privacy import retention
from pfennig.storage.queries import lookups
from pfennig.storage.unit import Unit

PAYS, RECEIVES = retention.PEOPLE

UNDER_WAY = frozenset({State.AUTHORISED, State.PENDING, State.ORDERED, State.ISSUE})
"""States in which money is still to move, or somebody wants it back."""

CONTESTABLE_FOR = timedelta(days=396)
"""Thirteen months in which a payer may say that they never allowed a debit; then the mandate has to be shown."""


class StillNeeded(Exception):
    """Some of it is still needed; the text says what and why."""


@dataclass(frozen=True)
class PersonalData:
    """The personal data of somebody: all that names them, or belongs to a payment of theirs.

    remittances: what our bank transfers for their payments, or to those merchants. merchants: those they speak for,
    with their contracts, but for credentials elsewhere.
    """

    customers: list[Customer]
    transactions: list[SmartTransaction]
    payments: list[Payment]
    containers: list[Container]
    subscriptions: list[Subscription]
    receipts: list[Receipt]
    remittances: list[Remittance]
    mails: list[Mail]
    merchants: list[Merchant]
    contracts: list[Contract]
    idents: list[IdentRequest]
    documents: list[Document]
    uploads: list[Upload]


def personal_data(view: Unit, who: str) -> PersonalData:
    """Personal data about a customer, PCU_…, or about everybody with an e-mail address. Raises UnknownId.

    Contacts may be encrypted, so each transaction is looked at: of the customer's merchant, or of all.
    """
    merchants: list[Merchant] = []
    if "@" in who:
        merchants = [one for one in lookups.pages(view.merchants) if is_reached({"email": one.email}, who)]
        customers = [one for one in lookups.pages(view.customers) if is_reached(one.contact, who)]
        transactions = list(lookups.pages(view.smart_transactions))
    else:
        customers = [view.customers.get(who)]
        own = view.smart_transactions.table.c.merchant_id == customers[0].merchant_id
        transactions = list(lookups.pages(view.smart_transactions, own))
    ids = {customer.id for customer in customers}
    named = [stx for stx in transactions if any(is_about(stx, part, ids, who) for part in (PAYS, RECEIVES))]
    paid = {stx.id for stx in named if is_about(stx, PAYS, ids, who)}
    payments = view.payments.all(smart_transaction_id=paid)
    used = view.containers.by_id(payment.container_id for payment in payments)
    kept = {container.id: container for container in view.containers.all(customer_id=ids)}
    idents = [one for one in lookups.pages(view.ident_requests) if tasks(one, customers, who)]
    handed_in = {task for one in idents for task in tasks(one, customers, who)}
    documents = view.documents.all(object_id={payment.id for payment in payments} | handed_in)
    given = {part.receipt_id for part in view.allocations.all(smart_transaction_id=paid)}
    settled = view.payouts.all(merchant_id={merchant.id for merchant in merchants})
    paid_out = {one.id for one in payments} | {one.id for one in settled}
    paid_out |= {one.id for one in view.returns.all(smart_transaction_id=paid)}
    return PersonalData(
        customers,
        named,
        payments,
        list((kept | used).values()),
        view.subscriptions.all(customer_id=ids),
        list(view.receipts.by_id(given).values()),
        view.remittances.all(about_id=paid_out),
        view.mails.all(smart_transaction_id=paid),
        merchants,
        [replace(one, third_parties=None) for one in view.contracts.all(merchant_id={one.id for one in merchants})],
        idents,
        documents,
        list(view.uploads.by_id(document.upload_id for document in documents).values()),
    )


def tasks(request: IdentRequest, customers: list[Customer], who: str) -> set[str]:
    """The tasks of a request in which somebody with this e-mail address, or this customer's, is to be identified.

    A customer is known to their own merchant only.
    """
    known = {str(one.contact.get("email", "")) for one in customers if one.merchant_id == request.merchant_id}
    addresses = {who} if "@" in who else known - {""}
    return {
        person["transaction_id"]
        for person in request.persons
        for address in addresses
        if is_reached(person.get("contact", {}), address)
    }


def is_about(stx: SmartTransaction, part: str, ids: set[str], who: str) -> bool:
    """True where this part of a transaction names one of these customers, or that e-mail address."""
    named = stx.data.get(part, {})
    return named.get("id") in ids or is_reached(named.get("contact", {}), who)


def is_reached(contact: Json, who: str) -> bool:
    """True for a contact with that e-mail address."""
    return str(contact.get("email", "")).casefold() == who.casefold()


def note_export(unit: Unit, found: PersonalData) -> None:
    """A line in the audit trail for each customer and merchant whose data was handed out."""
    for customer in found.customers:
        audit.note(unit, audit.OPERATOR, "export", "customer", customer.id, customer.merchant_id)
    for merchant in found.merchants:
        audit.note(unit, audit.OPERATOR, "export", "merchant", merchant.id, merchant.id)


@dataclass(frozen=True)
class Erased:
    """The result of an erasure: what was emptied, and who else got goods that the person paid for."""

    transactions: int
    containers: int
    mails: int
    recipients: list[str]


def erase(unit: Unit, id: str) -> Erased:
    """Takes out everything that says who a customer is. Raises StillNeeded, and then nothing was; UnknownId."""
    customer, found = unit.customers.hold(id), personal_data(unit, id)
    transactions = [unit.smart_transactions.hold(stx.id) for stx in found.transactions]  # so nobody pays them now
    paid = [stx for stx in transactions if is_about(stx, PAYS, {id}, id)]
    payments = unit.payments.all(smart_transaction_id={stx.id for stx in paid})
    if reasons := [*retention_reasons(unit, payments), *unfinished_business(found)]:
        raise StillNeeded("; ".join(reasons))
    unit.customers.change(customer, retention.empty_customer(customer, unit.now))
    for stx in transactions:
        parts = retention.PEOPLE if stx in paid else (RECEIVES,)
        unit.smart_transactions.change(stx, retention.empty_transaction(stx, unit.now, parts))
    own = [container for container in found.containers if container.customer_id in (None, id)]
    for container in own:
        unit.containers.change(container, without_fields(container, unit.now))
    for mail in found.mails:
        unit.mails.change(mail, replace(retention.empty_mail(mail, unit.now), is_open=False))
    for request in found.idents:
        gone = tasks(request, found.customers, id)
        persons = [emptied_person(one) if one["transaction_id"] in gone else one for one in request.persons]
        unit.ident_requests.change(request, replace(request, persons=persons, updated=unit.now))
    for remittance in found.remittances:
        unit.remittances.change(remittance, retention.empty_remittance(remittance, unit.now))
    uploads.detach(unit, found.documents)
    for attempt in unit.attempts.all(payment_id={payment.id for payment in payments}):
        unit.attempts.change(attempt, retention.empty_attempt(attempt, unit.now))
    audit.note(unit, audit.OPERATOR, "erase", "customer", id, customer.merchant_id)
    recipients = {stx.data[RECEIVES]["id"] for stx in paid if RECEIVES in stx.data} - {id}
    return Erased(len(transactions), len(own), len(found.mails), sorted(recipients))


def unfinished_business(found: PersonalData) -> Iterator[str]:
    """Things besides payments that are not over yet: identifications, transfers, subscriptions."""
    asked = [one.id for one in found.idents if one.status not in DECIDED and one.case_status in OPEN_CASE]
    ordered = [one.id for one in found.remittances if one.is_open]
    billed = [one.id for one in found.subscriptions if MOVES[one.status]]
    yield from (f"{id} is not over yet" for id in (*asked, *ordered, *billed))


def retention_reasons(unit: Unit, payments: list[Payment]) -> Iterator[str]:
    """Payments for which it must still be known who paid, and why."""
    for payment in payments:
        if reason := reason_to_keep(unit, payment, unit.now):
            yield f"{payment.id} {reason}"


def reason_to_keep(unit: Unit, payment: Payment, now: datetime) -> str | None:
    """The reason why it must be known who paid; None if it need not."""
    if payment.state in UNDER_WAY or unit.attempts.one(payment_id=payment.id, is_open=True):
        return "is not over yet"
    if payment.kind is Kind.REFUND:
        return None
    if payment.awaits_transfer and bank.still_open(unit, payment):
        return "is still to be paid"
    if surplus.of(unit, payment):
        return "has money that belongs to no order"
    is_debit = payment.course.refund is Refund.DEBITED_ACCOUNT
    if is_debit and payment.state not in (State.CREATED, State.DENIED) and now - payment.updated < CONTESTABLE_FOR:
        return "was debited less than thirteen months ago, and its mandate may have to be shown"
    return None
