"""Let go of what was kept long enough, bit by bit. Amounts, books, moves and the audit trail stay.

Source: docs/operators.md#personal-data
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pfennig.domain.attempt import Attempt
from pfennig.domain.bank import Receipt
from pfennig.domain.container import without_fields as without_instrument
from pfennig.domain.history import Event
from pfennig.domain.ident import IdentRequest
from pfennig.domain.ident import without_personal_data as without_person
from pfennig.domain.mail import Mail
from pfennig.domain.notice import Report
from pfennig.domain.parties import Contract, Customer, Merchant
from pfennig.domain.retention import RULES
from pfennig.domain.settlement import Remittance
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.operations.core.call import Call
from pfennig.operations.files import uploads
from pfennig.storage.queries import retention
from pfennig.storage.unit import Unit

PEOPLE = ("customer", "shipping_address")
"""Parts of a transaction that say who pays and who gets the goods."""


def purge(call: Call, noun: str, seq: int) -> int:
    """Removes or empties what is old among the next rows behind that number, by the real clock.

    Answers the number to go on from; 0 when all were seen, to begin anew.
    """
    with call.platform.database.view() as view:
        before = view.real_now - timedelta(days=call.platform.retention[noun])
        end = retention.window_end(view, noun, seq)
        found = retention.old_in_window(view, noun, before, seq, end) if end else []
    if found:
        with call.platform.database.unit() as unit:
            let_go(unit, noun, found)
    return end or 0


def let_go(unit: Unit, noun: str, old: list[Any]) -> None:
    """Removes events and files; of all others only takes out what they say of people.

    What was changed meanwhile is left.
    """
    if noun in REMOVED:
        return REMOVED[noun](unit, old)
    shelf = retention.shelf(unit, noun)
    for seen in old:
        if shelf.find(seen.id) and shelf.hold(seen.id) == seen:
            shelf.change(seen, EMPTIED[noun](seen, unit.real_now))


def remove_events(unit: Unit, events: Sequence[Event]) -> None:
    """Removes pushes, with all tries to deliver them."""
    gone = {event.id for event in events}
    unit.deliveries.remove(event_id=gone)
    unit.events.remove(id=gone)


REMOVED: Mapping[str, Callable[[Unit, Any], None]] = {
    "events": remove_events,
    "uploads": uploads.remove,
    "invoices": uploads.detach,
    "papers": uploads.detach,
}
"""Nouns that are removed as a whole, and how."""


def empty_mail(mail: Mail, now: datetime) -> Mail:
    """A mail of which only is known that there was one. Mail servers name people in their answers, too."""
    return replace(mail, recipient="", subject="", text="", html="", answer="")


def empty_attempt(attempt: Attempt, now: datetime) -> Attempt:
    """An attempt without the addresses in it, and without what its rail said."""
    return replace(attempt, return_urls={}, page=None, details=None)


def empty_report(report: Report, now: datetime) -> Report:
    """A report of which only is known what has happened and when: it may come again, or one that happened before."""
    return replace(report, reason="")


def empty_customer(customer: Customer, now: datetime) -> Customer:
    """A customer of whom only the id is left."""
    return replace(customer, contact={}, updated=now)


def empty_contract(contract: Contract, now: datetime) -> Contract:
    """A contract of which nothing is left but what was sold under it."""
    return replace(contract, details=None, payout_account=None, asked_account=None, third_parties=None, rails=None)


def empty_merchant(merchant: Merchant, now: datetime) -> Merchant:
    """A merchant by name: that stands in the books of others."""
    return replace(merchant, contact=None, email=None)


def empty_transaction(stx: SmartTransaction, now: datetime, parts: Sequence[str] = PEOPLE) -> SmartTransaction:
    """A transaction that names people only by their ids, in these parts of it."""
    known = {name: stx.data[name] | {"contact": {}} for name in parts if name in stx.data}
    return replace(stx, data=stx.data | known, updated=now)


def empty_receipt(receipt: Receipt, now: datetime) -> Receipt:
    """A bank line that names nobody."""
    return replace(receipt, iban="", owner="", purpose="")


def empty_remittance(remittance: Remittance, now: datetime) -> Remittance:
    """A transfer that names nobody."""
    return replace(remittance, account={}, salt=None, purpose="")


def empty_ident(request: IdentRequest, now: datetime) -> IdentRequest:
    """An identification of which only is known that there was one, and how it ended."""
    return replace(request, persons=[without_person(each) for each in request.persons], updated=now)


EMPTIED: Mapping[str, Callable[[Any, datetime], Any]] = {
    "mails": empty_mail,
    "attempts": empty_attempt,
    "reports": empty_report,
    "containers": without_instrument,
    "customers": empty_customer,
    "contracts": empty_contract,
    "merchants": empty_merchant,
    "transactions": empty_transaction,
    "idents": empty_ident,
    "receipts": empty_receipt,
    "remittances": empty_remittance,
}


@dataclass(frozen=True)
class Due:
    """The number of a noun's rows that were kept long enough."""

    noun: str
    days: int
    count: int


def due(view: Unit, days: Mapping[str, int]) -> list[Due]:
    """The number of rows that would go now, by noun."""
    now = view.real_now
    return [Due(n, days[n], retention.count_old(view, n, now - timedelta(days=days[n]))) for n in RULES]
