"""Details that a payer may give of themselves and of the delivery: only what the shop left open.

Source: docs/wire/5-smart-checkout.md#steps
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

import msgspec

from pfennig.clock import german_day
from pfennig.domain import payer
from pfennig.domain.contact import Contact, normal_contact
from pfennig.domain.payer import DELIVERY, DETAILS, NAMES, SALUTATION
from pfennig.domain.smart_transaction import SmartTransaction, StxStatus
from pfennig.domain.states import WrongState
from pfennig.errors import Malformed, NotAllowed
from pfennig.operations.core.call import Call
from pfennig.operations.parties import customers
from pfennig.operations.pay import smart_transactions
from pfennig.storage.unit import Unit

OPEN_TO_PAYER = frozenset({StxStatus.CREATED, StxStatus.FAILED})
"""Statuses while nothing is reserved: a reservation was made for those who were named then."""


class Part(StrEnum):
    """The part of a transaction that details are about, in the words of the wire: the payer, or the recipient."""

    CUSTOMER = "customer"
    SHIPPING = "shipping_address"


ALL_OF: Mapping[Part, tuple[str, ...]] = {Part.CUSTOMER: DETAILS, Part.SHIPPING: DELIVERY}
NOTE_OF: Mapping[Part, str] = {Part.CUSTOMER: "given", Part.SHIPPING: "given_shipping"}
"""The note in a transaction about its payer's details: the customer that was made of them, and which they are."""


class CustomerLocked(NotAllowed):
    """Only the shop can complete your details."""

    code = 4062


class BadDetails(Malformed):
    """Some of your details are missing or cannot be right."""

    code = 3061

    def __init__(self, names: set[str]) -> None:
        super().__init__(f"{', '.join(sorted(names))} cannot be right")
        self.names = names


def missing(stx: SmartTransaction, methods: Iterable[str]) -> list[str]:
    """The details that each of these methods needs and the transaction lacks, in the order of the form."""
    wanted = [payer.needed_details(method) for method in methods]
    return [name for name in gaps(stx, Part.CUSTOMER) if all(name in names for names in wanted)]


def is_complete(stx: SmartTransaction, method: str) -> bool:
    """True where nothing is to be asked before somebody pays by this method."""
    return not missing(stx, [method]) and not delivery_details_to_ask(stx)


def details_to_ask(stx: SmartTransaction, methods: Iterable[str]) -> list[str]:
    """Details to ask a payer about themselves: what is missing, and with their name how to address them."""
    needed = missing(stx, methods)
    if set(needed).isdisjoint(NAMES):
        return needed
    return [name for name in gaps(stx, Part.CUSTOMER) if name in {*needed, SALUTATION}]


def delivery_details_to_ask(stx: SmartTransaction) -> list[str]:
    """Details to ask about the delivery: it goes to the payer, if the shop knows them and says nothing else."""
    known = contact(stx, Part.SHIPPING)
    if is_locked(stx, Part.SHIPPING) or not payer.lacking(recipient(stx)):
        return []
    return payer.lacking(known) if known else sayable(stx, Part.SHIPPING)


def recipient(stx: SmartTransaction) -> Mapping[str, Any]:
    """The recipient of the goods, as far as known; empty where nothing is sent."""
    return contact(stx, Part.SHIPPING) or (contact(stx, Part.CUSTOMER) if is_shipped(stx) else {})


def is_shipped(stx: SmartTransaction) -> bool:
    """True where the shop says that it sends goods."""
    return bool(stx.data.get("delivery_options", {}).get("type") == "shipping")


def sayable(stx: SmartTransaction, part: Part) -> list[str]:
    """The details that the payer may say, or say anew; none while the shop has locked them, or nothing is sent."""
    is_wanted = part is Part.CUSTOMER or contact(stx, part) or is_shipped(stx)
    if is_locked(stx, part) or not is_wanted:
        return []
    open_to_them = {*gaps(stx, part), *own(stx, part)}
    return [name for name in ALL_OF[part] if name in open_to_them]


def own(stx: SmartTransaction, part: Part) -> list[str]:
    """The details that the payer gave themselves. Somebody whom the shop named since then has none of them."""
    given = stx.data.get(NOTE_OF[part], {})
    is_his = given.get(part) == stx.data.get(part, {}).get("id") and not is_locked(stx, part)
    return list(given["details"]) if given and is_his else []


def is_locked(stx: SmartTransaction, part: Part) -> bool:
    """True where the shop wants these details left alone."""
    locks = stx.application_context.locks
    return bool(locks and getattr(locks, part))


def complete(call: Call, id: str, part: Part, details: Mapping[str, str]) -> SmartTransaction:
    """The transaction with what its payer says, as a new customer. What the shop said stays as it is.

    Raises BadDetails with the names of what is wrong, CustomerLocked, WrongState, UnknownId.
    """
    with call.unit() as unit:
        stx = unit.smart_transactions.hold(id)
        require_open(stx, part)
        if wrong := wrong_details(stx, part, details):
            raise BadDetails(wrong)
        said = own_words(stx, part, details)
        known = payer.with_details(contact(stx, part), said)
        after = smart_transactions.plain(normal_contact(msgspec.convert(known, Contact), german_day(unit.now)))
        is_news = after != contact(stx, part)  # a form may be sent twice
        return store_part(unit, stx, part, after, said) if is_news else stx


def own_words(stx: SmartTransaction, part: Part, details: Mapping[str, str]) -> dict[str, str]:
    """The details among these that are the payer's to say."""
    return {name: value for name, value in details.items() if name in sayable(stx, part)}


def wrong_details(stx: SmartTransaction, part: Part, details: Mapping[str, str]) -> set[str]:
    """Details among these that are missing or cannot be right, as far as they are the payer's to say."""
    said = own_words(stx, part, details)
    return payer.wrong(payer.with_details(contact(stx, part), said), said)


def require_open(stx: SmartTransaction, part: Part) -> None:
    """Raises WrongState once something is reserved or over, CustomerLocked where the shop does not want it."""
    if stx.status not in OPEN_TO_PAYER:
        raise WrongState(f"The current status {stx.status.value!r} does not allow other details")
    if is_locked(stx, part):
        raise CustomerLocked


def store_part(
    unit: Unit, stx: SmartTransaction, part: Part, known: dict[str, Any], said: Iterable[str]
) -> SmartTransaction:
    """The transaction with a new customer in that part, and a note of what the payer said themselves."""
    customer = customers.add_customer(unit, unit.contracts.get(stx.contract_id), known)
    note = {
        part.value: customer.id,
        "details": [name for name in ALL_OF[part] if name in {*said, *own(stx, part)}],
    }
    snapshot = {"id": customer.id, "contact": customer.contact}
    data = stx.data | {part.value: snapshot, NOTE_OF[part]: note}
    customer_id = customer.id if part is Part.CUSTOMER else stx.customer_id
    after = replace(stx, customer_id=customer_id, data=data, updated=unit.now)
    return unit.smart_transactions.change(stx, after)


def contact(stx: SmartTransaction, part: Part) -> Mapping[str, Any]:
    """The contact of a payer or recipient, as far as it is known."""
    known: Mapping[str, Any] = stx.data.get(part, {}).get("contact", {})
    return known


def gaps(stx: SmartTransaction, part: Part) -> list[str]:
    """The details that the transaction lacks."""
    known = contact(stx, part)
    return [name for name in ALL_OF[part] if payer.is_missing(known, name)]
