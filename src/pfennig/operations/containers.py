"""Instruments that people pay with: taken by id, or kept anew. Source: docs/wire/6-payment-methods.md."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig import ids
from pfennig.domain import card
from pfennig.domain.container import Container, Type, bank_account
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import Malformed, NotAllowed
from pfennig.gateways.simulator.instruments import NUMBERS
from pfennig.operations import access
from pfennig.operations.call import Call
from pfennig.storage.database import Unit

Short = Annotated[str, Meta(max_length=255)]
Maybe = UnsetType

TYPES = {"creditcard": Type.CREDIT_CARD, "debit": Type.BANK_ACCOUNT}
"""Which instrument a method needs; the others need none."""

CREDITOR_ID = "DE98ZZZ09999999999"
"""The creditor id that German banks publish for tests."""


class InstrumentMissing(Malformed):
    """The payment details are missing."""

    code = 3032


class WrongInstrument(Malformed):
    """These payment details do not fit the payment method."""

    code = 3033


class BadCard(Malformed):
    """The card number is not valid."""

    code = 3034


class BadExpiry(Malformed):
    """The card's expiry date is not valid."""

    code = 3035


class NotATestCard(NotAllowed):
    """Only test cards can be used here. Never enter a real card number."""

    code = 4031


class SchemeNotAccepted(NotAllowed):
    """This card network is not accepted."""

    code = 4032


class Private(Struct):
    """The fields of an instrument that we know; the card form's cryptograms are not among them."""

    owner: Short | Maybe = UNSET
    iban: Short | Maybe = UNSET
    pan: Short | Maybe = UNSET
    expiration_date: Short | Maybe = UNSET
    issuer: Short | Maybe = UNSET


class Instrument(Struct):
    """A stored instrument by id, or a new one."""

    id: Short | Maybe = UNSET
    type: Short | Maybe = UNSET
    private: Private | Maybe = UNSET


def instrument(
    call: Call, unit: Unit, case: SmartTransaction, method: str, wish: Instrument | None
) -> Container | None:
    """The container to pay from: the stored one, or a new one; None where the method needs none.

    Raises InstrumentMissing, WrongInstrument, NotYours, UnknownId, and what the new instrument may be refused for.
    """
    type = TYPES.get(method)
    if type is None:
        return None
    if wish is None or (wish.id is UNSET and wish.private is UNSET):
        raise InstrumentMissing(f"container is missing; {method} needs a container of type {type.value}")
    if wish.id is not UNSET:
        return stored(call, unit, wish.id, type)
    if (wish.type or type) != type:
        raise WrongInstrument(f"container.type must be {type.value} for {method}")
    private = wish.private or Private()
    known = unit.containers.add(
        Container(
            id=ids.new("PCT"),
            merchant_id=case.merchant_id,
            contract_id=case.contract_id,
            customer_id=case.customer_id,
            type=type,
            private=account_fields(private) if type is Type.BANK_ACCOUNT else card_fields(case, private, unit.now),
            mandate=mandate() if type is Type.BANK_ACCOUNT else {},
            created=unit.now,
        )
    )
    return known


def stored(call: Call, unit: Unit, id: str, type: Type) -> Container:
    """A container by its id. Raises NotYours, UnknownId, WrongInstrument."""
    container = unit.containers.get(id)
    access.require(call, unit, container)
    if container.type is not type:
        raise WrongInstrument(f"container {container.id} is not of type {type.value}")
    return container


def account_fields(private: Private) -> dict[str, str]:
    """A bank account in the wire's fields, with bank and BIC found by the IBAN. Raises InstrumentMissing, BadIban."""
    if not private.iban:
        raise InstrumentMissing("container.private.iban is missing")
    account = bank_account(private.owner or "", private.iban)
    return {"owner": account.owner, "iban": account.iban, "bic": account.bic, "bankname": account.bankname}


def card_fields(case: SmartTransaction, private: Private, now: datetime) -> dict[str, str]:
    """A card in the wire's fields, its number masked before anything else is done with it.

    Raises InstrumentMissing, BadCard, BadExpiry, NotATestCard, SchemeNotAccepted.
    """
    if not private.pan:
        raise InstrumentMissing("container.private.pan is missing")
    number = card.digits(private.pan)
    known = card.masked(number)
    if number.isdigit():
        require_test_card(number)
    elif known.scheme is None:
        raise BadCard("container.private.pan is not a card number")
    accepted = case.data["payment_context"].get("creditcard_schemes")
    if accepted and known.scheme not in accepted:
        raise SchemeNotAccepted(f"{known.scheme} is not among creditcard_schemes")
    return {
        "owner": private.owner or "",
        "pan": known.pan,
        "expiration_date": expiration(private.expiration_date or "", now),
        "issuer": (private.issuer or known.scheme or "").upper(),
    }


def require_test_card(number: str) -> None:
    """Raises BadCard for what is no card number, NotATestCard for what could be somebody's."""
    if not card.is_valid(number):
        raise BadCard("container.private.pan is not a card number")
    if number not in NUMBERS:
        raise NotATestCard("container.private.pan is not one of the test cards")


def expiration(text: str, now: datetime) -> str:
    """The last month of validity as a date-time, from 2027-03, a date-time or 03/27. Raises BadExpiry."""
    if not text:
        return ""
    month = text[:7] if text[:7].count("-") == 1 else card.expiry(text, now.date())
    try:
        return datetime.fromisoformat(f"{month}-01T00:00:00+00:00").isoformat()
    except ValueError:
        raise BadExpiry(
            "container.private.expiration_date must be a month that is not over, such as 2027-03"
        ) from None


def mandate() -> dict[str, str]:
    """The mandate that comes with a bank account."""
    return {"identification": ids.new("PAM").replace("_", "/"), "type": "CORE", "creditor_id": CREDITOR_ID}
