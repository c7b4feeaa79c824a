"""What a payer may say about himself, and about where the goods go: what the shop left open, and nothing else.

Source: docs/wire/5-smart-checkout.md#steps
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

import msgspec

from pfennig.clock import german_day
from pfennig.domain import payer
from pfennig.domain.contact import Contact, normalised
from pfennig.domain.payer import DELIVERY, DETAILS, NAMES, SALUTATION
from pfennig.domain.smart_transaction import SmartTransaction, Status
from pfennig.domain.states import WrongState
from pfennig.errors import Malformed, NotAllowed
from pfennig.operations.core.call import Call
from pfennig.operations.parties import customers
from pfennig.operations.pay import smart_transactions
from pfennig.storage.unit import Unit

OPEN_TO_PAYER = frozenset({Status.CREATED, Status.FAILED})
"""While nothing is reserved: a reservation was made for those who were named then."""


class Part(StrEnum):
    """Of whom something is said, in the words of the wire: of who pays, or of who gets the goods."""

    CUSTOMER = "customer"
    SHIPPING = "shipping_address"


ALL_OF: Mapping[Part, tuple[str, ...]] = {Part.CUSTOMER: DETAILS, Part.SHIPPING: DELIVERY}
NOTE_OF: Mapping[Part, str] = {Part.CUSTOMER: "given", Part.SHIPPING: "given_shipping"}
"""Where a case notes what the payer said himself: the id of the customer that was made of it, and which details."""


class CustomerLocked(NotAllowed):
    """Only the shop can complete your details."""

    code = 4062


class BadDetails(Malformed):
    """Some of your details are missing or cannot be right."""

    code = 3061

    def __init__(self, names: set[str]) -> None:
        super().__init__(f"{', '.join(sorted(names))} cannot be right")
        self.names = names


def missing(case: SmartTransaction, methods: Iterable[str]) -> list[str]:
    """The details that each of these methods needs and the case lacks, in the order in which people are asked."""
    wanted = [payer.needed(method) for method in methods]
    return [name for name in gaps(case, Part.CUSTOMER) if all(name in names for names in wanted)]


def is_complete(case: SmartTransaction, method: str) -> bool:
    """True where nothing is to be asked before somebody pays by this method."""
    return not missing(case, [method]) and not undelivered(case)


def asked(case: SmartTransaction, methods: Iterable[str]) -> list[str]:
    """What to ask a payer about himself: what is missing, and with his name how to address him."""
    needed = missing(case, methods)
    optional = {SALUTATION} if set(needed) & set(NAMES) else set()
    return [name for name in gaps(case, Part.CUSTOMER) if name in {*needed, *optional}]


def undelivered(case: SmartTransaction) -> list[str]:
    """What to ask about where the goods go. Goods go to the payer, where the shop knows him and says nothing else."""
    known = contact(case, Part.SHIPPING)
    if is_locked(case, Part.SHIPPING) or not payer.lacking(recipient(case)):
        return []
    return payer.lacking(known) if known else sayable(case, Part.SHIPPING)


def recipient(case: SmartTransaction) -> Mapping[str, Any]:
    """Who gets the goods, as far as it is known; empty where nothing is sent."""
    return contact(case, Part.SHIPPING) or (contact(case, Part.CUSTOMER) if is_shipped(case) else {})


def is_shipped(case: SmartTransaction) -> bool:
    """True where the shop says that it sends goods."""
    return bool(case.data.get("delivery_options", {}).get("type") == "shipping")


def sayable(case: SmartTransaction, part: Part) -> list[str]:
    """The details that the payer may say, or say anew; none while the shop has locked them, or nothing is sent."""
    is_wanted = part is Part.CUSTOMER or contact(case, part) or is_shipped(case)
    if is_locked(case, part) or not is_wanted:
        return []
    return [name for name in ALL_OF[part] if name in gaps(case, part) + own(case, part)]


def own(case: SmartTransaction, part: Part) -> list[str]:
    """The details that the payer gave himself. Somebody whom the shop named since then has none of them."""
    given = case.data.get(NOTE_OF[part], {})
    is_his = given.get(part) == case.data.get(part, {}).get("id") and not is_locked(case, part)
    return list(given["details"]) if given and is_his else []


def is_locked(case: SmartTransaction, part: Part) -> bool:
    """True where the shop wants these details left alone."""
    locks = case.application_context.locks
    return bool(locks and getattr(locks, part))


def complete(call: Call, id: str, part: Part, details: Mapping[str, str]) -> SmartTransaction:
    """The case with what its payer says, as a new customer. What the shop said stays as it is.

    Raises BadDetails with the names of what is wrong, CustomerLocked, WrongState, UnknownId.
    """
    with call.unit() as unit:
        case = unit.smart_transactions.hold(id)
        require_open(case, part)
        said = {name: value for name, value in details.items() if name in sayable(case, part)}
        known = payer.with_details(contact(case, part), said)
        if wrong := payer.wrong(known, said):
            raise BadDetails(wrong)
        after = smart_transactions.plain(normalised(msgspec.convert(known, Contact), german_day(unit.now)))
        is_news = after != contact(case, part)  # the same form may come twice
        return with_part(unit, case, part, after, said) if is_news else case


def require_open(case: SmartTransaction, part: Part) -> None:
    """Raises WrongState once something is reserved or over, CustomerLocked where the shop does not want it."""
    if case.status not in OPEN_TO_PAYER:
        raise WrongState(f"The current status {case.status.value!r} does not allow other details")
    if is_locked(case, part):
        raise CustomerLocked


def with_part(
    unit: Unit, case: SmartTransaction, part: Part, known: dict[str, Any], said: Iterable[str]
) -> SmartTransaction:
    """The case with a new customer in that part, and a note of what the payer said himself."""
    customer = customers.add_customer(unit, unit.contracts.get(case.contract_id), known)
    note = {
        part.value: customer.id,
        "details": [name for name in ALL_OF[part] if name in {*said, *own(case, part)}],
    }
    snapshot = {"id": customer.id, "contact": customer.contact}
    data = case.data | {part.value: snapshot, NOTE_OF[part]: note}
    customer_id = customer.id if part is Part.CUSTOMER else case.customer_id
    after = replace(case, customer_id=customer_id, data=data, updated=unit.now)
    return unit.smart_transactions.change(case, after)


def contact(case: SmartTransaction, part: Part) -> Mapping[str, Any]:
    """Who that is, as far as it is known."""
    known: Mapping[str, Any] = case.data.get(part, {}).get("contact", {})
    return known


def gaps(case: SmartTransaction, part: Part) -> list[str]:
    """The details that the case lacks."""
    return [name for name in ALL_OF[part] if payer.is_missing(contact(case, part), name)]
