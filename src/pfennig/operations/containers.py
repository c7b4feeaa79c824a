"""Instruments that people pay with: taken by id, or kept anew. Source: docs/wire/6-payment-methods.md."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig import ids
from pfennig.clock import read_moment
from pfennig.domain import card, wallet
from pfennig.domain.container import WALLETS, Container, Type, bank_account, bank_code, checked_owner
from pfennig.domain.contexts import Address, require_address
from pfennig.domain.methods import MethodNotAvailable
from pfennig.domain.parties import Contract
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import Conflict, Malformed, NotAllowed
from pfennig.operations import access, card_form
from pfennig.operations.call import Call
from pfennig.storage.shelf import known
from pfennig.storage.unit import Unit

Short = Annotated[str, Meta(max_length=255)]
Sealed = Annotated[str, Meta(max_length=20_000)]
Maybe = UnsetType

CARD = "creditcard"
TYPES = {CARD: (Type.CREDIT_CARD, Type.GOOGLEPAY, Type.APPLEPAY), "debit": (Type.BANK_ACCOUNT,)}
"""Which instruments a method takes, the usual one first; the others need none."""

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


class InstrumentKnown(Conflict):
    """This customer has these payment details already."""

    code = 4041


class Archived(NotAllowed):
    """These payment details were put away."""

    code = 4042


class CardExpired(NotAllowed):
    """Your card has expired. Please use another one."""

    code = 4048


class Spent(NotAllowed):
    """These payment details can be used only once. Please start anew."""

    code = 4047


class Private(
    Struct,
    rename={
        "signing_key": "intermediateSigningKey",
        "protocol_version": "protocolVersion",
        "signed_message": "signedMessage",
    },
):
    """The fields of an instrument, of whatever type. Of cryptograms and tokens nothing is kept."""

    owner: Short | Maybe = UNSET
    iban: Short | Maybe = UNSET
    bic: Short | Maybe = UNSET
    bankname: Short | Maybe = UNSET
    purpose: Short | Maybe = UNSET
    pan: Short | Maybe = UNSET
    expiration_date: Short | Maybe = UNSET
    issuer: Short | Maybe = UNSET
    email: Short | Maybe = UNSET
    payer_id: Short | Maybe = UNSET
    transact_container: Sealed | Maybe = UNSET
    transact_skey_pubkey: Sealed | Maybe = UNSET
    transact_skey_keyname: Short | Maybe = UNSET
    transact_hash: Short | Maybe = UNSET
    signature: wallet.Text | Maybe = UNSET
    signing_key: wallet.SigningKey | Maybe = UNSET
    protocol_version: Literal["ECv2"] | Maybe = UNSET
    signed_message: wallet.Text | Maybe = UNSET
    version: Literal["EC_v1"] | Maybe = UNSET
    data: wallet.Text | Maybe = UNSET
    header: wallet.Header | Maybe = UNSET


class Instrument(Struct):
    """A stored instrument by id, or a new one."""

    id: Short | Maybe = UNSET
    type: Short | Maybe = UNSET
    private: Private | Maybe = UNSET
    token: Private | Maybe = UNSET
    request_token: bool | Maybe = UNSET
    notification_url: Address | Maybe = UNSET

    def __post_init__(self) -> None:
        require_address(self, "notification_url", "container")
        self.private = self.private or self.token  # the guide's name for what the SDKs send as `private`


def instrument(
    call: Call, unit: Unit, case: SmartTransaction, method: str, wish: Instrument | None
) -> Container | None:
    """The container to pay from: the stored one, or a new one; None where the method needs none.

    Of an instrument that the customer has already there is no second one: what is stored pays.
    Raises InstrumentMissing, WrongInstrument, Archived, Spent, MethodNotAvailable, NotYours, UnknownId, and what the
    new one may be refused for.
    """
    types = TYPES.get(method)
    if types is None:
        return None
    if wish is None or (wish.id is UNSET and wish.private is UNSET):
        raise InstrumentMissing(f"container is missing; {method} needs a container of type {types[0].value}")
    if wish.id is not UNSET:
        return stored(call, unit, case, wish.id, types)
    type = next((type for type in types if type == (wish.type or types[0])), None)
    if type is None:
        raise WrongInstrument(f"container.type must be {types[0].value} for {method}")
    require_contracted(call, unit.contracts.get(case.contract_id), type)
    private = wish.private or Private()
    new = Container(
        id=ids.new("PCT"),
        merchant_id=case.merchant_id,
        contract_id=case.contract_id,
        customer_id=case.customer_id,
        type=type,
        private=fields_of(call, unit, case, type, private),
        mandate=mandate() if type is Type.BANK_ACCOUNT else {},
        used=unit.now,
        created=unit.now,
    )
    new = sealed(call, new)
    added = unit.containers.add_if_new(new)
    if added:
        return added
    same = required(unit.containers.one(merchant_id=new.merchant_id, fingerprint=new.fingerprint))
    return stored(call, unit, case, same.id, types)


def stored(call: Call, unit: Unit, case: SmartTransaction, id: str, types: tuple[Type, ...]) -> Container:
    """A container by its id, from now on one that has paid.

    Raises NotYours, UnknownId, Archived, WrongInstrument, Spent, CardExpired, MethodNotAvailable.
    """
    container = usable(call, unit, id)
    if container.merchant_id != case.merchant_id:  # a platform sees those of its sellers, but they are theirs
        raise access.NotYours(f"{container.id} belongs to another merchant")
    if container.type not in types:
        raise WrongInstrument(f"container {container.id} is not of type {types[0].value}")
    require_contracted(call, unit.contracts.get(case.contract_id), container.type)
    if container.is_spent:
        raise Spent(f"container {container.id} of type {container.type} has paid already")
    if is_expired(container, unit.now):
        raise CardExpired(f"the card of container {container.id} has expired")
    return unit.containers.change(container, replace(container, used=container.used or unit.now))


def is_expired(container: Container, now: datetime) -> bool:
    """True for a card that no longer pays because its last month is over."""
    return card.is_over(container.private.get("expiration_date") or "", now.date())


def require_contracted(call: Call, contract: Contract, type: Type) -> None:
    """Raises MethodNotAvailable for a wallet that the contract does not have, or that no rail takes."""
    if type in WALLETS and (type not in (contract.wallets or ()) or CARD not in call.platform.gateways):
        raise MethodNotAvailable


def find(call: Call, unit: Unit, id: str) -> Container:
    """An instrument by its id. Raises UnknownId."""
    return visible(call, unit, unit.containers.find(id), id)


def held(call: Call, unit: Unit, id: str) -> Container:
    """An instrument by its id, kept from others until the unit ends. Raises UnknownId."""
    return visible(call, unit, unit.containers.find_held(id), id)


def usable(call: Call, unit: Unit, id: str) -> Container:
    """An instrument, held, that can still pay. Raises Archived, UnknownId."""
    container = held(call, unit, id)
    if container.archived:
        raise Archived
    return container


def visible(call: Call, unit: Unit, container: Container | None, id: str) -> Container:
    """The instrument, if there is one that the caller may see. Raises UnknownId."""
    seen = access.seen(call, unit, container)
    return known(None if seen and seen.deleted else seen, id)


def required(container: Container | None) -> Container:
    """What was written. Raises InstrumentKnown if nothing was."""
    if container is None:
        raise InstrumentKnown
    return container


def sealed(call: Call, container: Container) -> Container:
    """The container with a fingerprint by which the database allows a customer each instrument once.

    It is made with the platform's key: the possible IBANs are few enough to try them all.
    """
    if container.customer_id is None:
        return replace(container, fingerprint=None)
    words = ("container", container.customer_id, container.type, container.identity)
    return replace(container, fingerprint=ids.sign(call.platform.signing_key, *words))


def fields_of(call: Call, unit: Unit, case: SmartTransaction, type: Type, private: Private) -> dict[str, Any]:
    """What is kept of an instrument that pays now, in the wire's fields. Raises what it may be refused for."""
    match type:
        case Type.BANK_ACCOUNT:
            return account_fields(private)
        case Type.CREDIT_CARD:
            return card_fields(call, unit, case, private)
    return wallet_fields(type, private)


def wallet_fields(type: Type, private: Private) -> dict[str, Any]:
    """What stands for a wallet's token. Raises InstrumentMissing."""
    sent = msgspec.to_builtins(private)
    if missing := [name for name in wallet.REQUIRED[type] if name not in sent]:
        raise InstrumentMissing(f"container.private.{missing[0]} is missing")
    return wallet.KEPT[type]


def account_fields(private: Private) -> dict[str, str]:
    """A bank account in the wire's fields; bank and BIC follow from the IBAN where they were not said.

    Raises InstrumentMissing, BadOwner, CardNumberInName, BadIban, BadBic.
    """
    if not private.iban:
        raise InstrumentMissing("container.private.iban is missing")
    account = bank_account(private.owner or "", private.iban)
    fields = {
        "owner": account.owner,
        "iban": account.iban,
        "bic": bank_code(private.bic) if private.bic else account.bic,
        "bankname": private.bankname or account.bankname,
    }
    return fields | ({"purpose": private.purpose} if private.purpose else {})


def card_fields(call: Call, unit: Unit, case: SmartTransaction, private: Private) -> dict[str, str]:
    """A card in the wire's fields, its number masked before anything else is done with it.

    Raises InstrumentMissing, BadOwner, CardNumberInName, BadCard, BadExpiry, NotATestCard, BadCryptogram,
    SchemeNotAccepted.
    """
    if not private.pan:
        raise InstrumentMissing("container.private.pan is missing")
    number = card.digits(private.pan)
    seen = card.masked(number)
    if number.isdigit():
        require_test_card(call, number)
    elif seen.scheme is None:
        raise BadCard("container.private.pan is not a card number")
    if private.transact_skey_keyname == card_form.KEY_NAME:
        require_fit(call, unit, private, seen)
    accepted = case.data["payment_context"].get("creditcard_schemes")
    if accepted and seen.scheme not in accepted:
        raise SchemeNotAccepted(f"{seen.scheme} is not among creditcard_schemes")
    return {
        "owner": checked_owner(private.owner or ""),
        "pan": seen.pan,
        "expiration_date": expiration(private.expiration_date or "", unit.now),
        "issuer": (private.issuer or seen.scheme or "").upper(),
    }


def require_fit(call: Call, unit: Unit, private: Private, seen: card.Masked) -> None:
    """Raises BadCryptogram unless our card form encrypted the number behind this mask; BadCard, NotATestCard."""
    cryptogram = card_form.Cryptogram(
        container=private.transact_container or "",
        session_key=private.transact_skey_pubkey or "",
        digest=private.transact_hash or "",
    )
    number = card_form.opened(unit, cryptogram)
    require_test_card(call, number)
    if card.masked(number) != seen:
        raise card_form.BadCryptogram("container.private.pan is not the number in transact_container")


def require_test_card(call: Call, number: str) -> None:
    """Raises BadCard for what is no card number, NotATestCard for what could be somebody's."""
    if not card.is_valid(number):
        raise BadCard("container.private.pan is not a card number")
    if number not in call.platform.card_numbers:
        raise NotATestCard("container.private.pan is not one of the test cards")


def expiration(text: str, now: datetime) -> str:
    """The last month of validity as a date-time, from 2027-03, a date-time or 03/27. Raises BadExpiry."""
    if not text:
        return ""
    month = text[:7] if text[:7].count("-") == 1 else card.expiry(text, now.date())
    try:
        first = read_moment(f"{month}-01T00:00:00+00:00").isoformat()
        if card.is_over(first, now.date()):
            raise ValueError
        return first
    except ValueError:
        raise BadExpiry(
            "container.private.expiration_date must be a month that is not over, such as 2027-03"
        ) from None


def mandate() -> dict[str, str]:
    """The mandate that comes with a bank account."""
    return {"identification": ids.new("PAM").replace("_", "/"), "type": "CORE", "creditor_id": CREDITOR_ID}
