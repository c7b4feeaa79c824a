"""What a payer may say about himself: what the shop left open, and nothing else.

Source: docs/wire/5-smart-checkout.md#steps
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from pfennig.domain import payer
from pfennig.domain.contact import Contact, normalised
from pfennig.domain.payer import DETAILS
from pfennig.domain.smart_transaction import SmartTransaction, Status
from pfennig.domain.states import WrongState
from pfennig.errors import Malformed, NotAllowed
from pfennig.operations import smart_transactions
from pfennig.operations.call import Call
from pfennig.storage.unit import Unit

OPEN_TO_PAYER = frozenset({Status.CREATED, Status.FAILED})
"""While nothing is reserved: a reservation was made for those who were named then."""


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
    return [name for name in gaps(case) if all(name in names for names in wanted)]


def own(case: SmartTransaction) -> list[str]:
    """The details that the payer gave himself. A customer whom the shop named since then has none of them."""
    given = case.data.get("given", {})
    is_his = given.get("customer") == case.customer_id and not is_locked(case)
    return list(given["details"]) if given and is_his else []


def is_locked(case: SmartTransaction) -> bool:
    """True where the shop wants the customer's details left alone."""
    return bool(case.data["application_context"].get("locks", {}).get("customer"))


def complete(call: Call, id: str, details: Mapping[str, str]) -> SmartTransaction:
    """The case with what its payer says about himself, as a new customer. What the shop said stays as it is.

    Raises BadDetails with the names of what is wrong, CustomerLocked, WrongState, UnknownId.
    """
    with call.unit() as unit:
        case = unit.smart_transactions.hold(id)
        require_open(case)
        said = {name: value for name, value in details.items() if name in gaps(case) + own(case)}
        after = payer.with_details(contact(case), said)
        if wrong := payer.wrong(after, said):
            raise BadDetails(wrong)
        is_news = after != contact(case)  # the same form may come twice
        return with_payer(unit, case, after, said) if is_news else case


def require_open(case: SmartTransaction) -> None:
    """Raises WrongState once something is reserved or over, CustomerLocked where the shop does not want it."""
    if case.status not in OPEN_TO_PAYER:
        raise WrongState(f"The current status {case.status.value!r} does not allow other details")
    if is_locked(case):
        raise CustomerLocked


def with_payer(unit: Unit, case: SmartTransaction, known: Mapping[str, Any], said: Iterable[str]) -> SmartTransaction:
    """The case with a new customer, and a note of what he said himself."""
    whole = smart_transactions.plain(normalised(msgspec.convert(known, Contact)))
    customer = smart_transactions.new_customer(unit, unit.contracts.get(case.contract_id), whole)
    given = {"customer": customer["id"], "details": [name for name in DETAILS if name in {*said, *own(case)}]}
    data = case.data | {"customer": customer, "given": given}
    after = replace(case, customer_id=customer["id"], data=data, updated=unit.now)
    return unit.smart_transactions.change(case, after)


def contact(case: SmartTransaction) -> Mapping[str, Any]:
    """Who pays, as far as it is known."""
    known: Mapping[str, Any] = case.data.get("customer", {}).get("contact", {})
    return known


def gaps(case: SmartTransaction) -> list[str]:
    """The details that the case lacks."""
    return [name for name in DETAILS if not payer.detail(contact(case), name)]
