"""The stored fields of an instrument, by its kind: the wire's, checked, without what nobody may keep.

Source: docs/wire/6-payment-methods.md.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.clock import read_moment
from pfennig.domain import card, sepa, wallet
from pfennig.domain.container import Type, bank_account, bank_code, checked_owner
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import Malformed, NotAllowed, Refusal
from pfennig.operations.core.call import Call
from pfennig.operations.instruments import card_form
from pfennig.storage.unit import Unit

Short = Annotated[str, Meta(max_length=255)]
Sealed = Annotated[str, Meta(max_length=20_000)]
Maybe = UnsetType


class InstrumentMissing(Malformed):
    """The payment details are missing."""

    code = 3032


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
    protocol_version: Literal["ECv2", "ECv1"] | Maybe = UNSET
    signed_message: wallet.Text | Maybe = UNSET
    version: Literal["EC_v1"] | Maybe = UNSET
    data: wallet.Text | Maybe = UNSET
    header: wallet.Header | Maybe = UNSET


def fields_of(call: Call, unit: Unit, stx: SmartTransaction, type: Type, private: Private) -> dict[str, Any]:
    """The stored fields of an instrument that pays now. Raises what it may be refused for."""
    match type:
        case Type.BANK_ACCOUNT:
            return account_fields(private)
        case Type.CREDIT_CARD:
            return card_fields(call, unit, stx, private)
    return wallet_fields(type, private)


def faults(call: Call, unit: Unit, stx: SmartTransaction, type: Type, private: Private) -> Iterator[Refusal]:
    """All faults for which an account or a card would be refused, and not only the first of them."""
    checks: list[Callable[[], object]] = [lambda: checked_owner(private.owner or "")]
    if type is Type.BANK_ACCOUNT:
        checks += [lambda: sepa.require_debitable(bank_account("", private.iban or "").iban)]
    else:
        checks += [
            lambda: accepted_card(call, unit, stx, private),
            lambda: expiration(private.expiration_date or "", unit.now),
        ]
    for check in checks:
        try:
            check()
        except Refusal as refusal:
            yield refusal


def wallet_fields(type: Type, private: Private) -> dict[str, Any]:
    """The fields that stand for a wallet's token. Raises InstrumentMissing."""
    sent = msgspec.to_builtins(private)
    if missing := wallet.missing(type, sent):
        raise InstrumentMissing(f"container.private.{missing[0]} is missing")
    return wallet.stored_fields(type, sent)


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


def card_fields(call: Call, unit: Unit, stx: SmartTransaction, private: Private) -> dict[str, str]:
    """A card in the wire's fields, its number masked before anything else is done with it.

    Raises InstrumentMissing, BadOwner, CardNumberInName, BadCard, BadExpiry, NotATestCard, BadCryptogram,
    SchemeNotAccepted.
    """
    seen = accepted_card(call, unit, stx, private)
    return {
        "owner": checked_owner(private.owner or ""),
        "pan": seen.pan,
        "expiration_date": expiration(private.expiration_date or "", unit.now),
        "issuer": (private.issuer or seen.scheme or "").upper(),
    }


def accepted_card(call: Call, unit: Unit, stx: SmartTransaction, private: Private) -> card.Masked:
    """A card's number, masked. Raises InstrumentMissing, BadCard, NotATestCard, BadCryptogram, SchemeNotAccepted."""
    if not private.pan:
        raise InstrumentMissing("container.private.pan is missing")
    number = card.digits(private.pan)
    seen = card.masked_number(number)
    if number.isdigit():
        require_test_card(call, number)
    elif seen.scheme is None:
        raise BadCard("container.private.pan is not a card number")
    if private.transact_skey_keyname == card_form.KEY_NAME:
        require_fit(call, unit, private, seen)
    accepted = stx.payment_context.creditcard_schemes
    if accepted and seen.scheme not in accepted:
        raise SchemeNotAccepted(f"{seen.scheme} is not among creditcard_schemes")
    return seen


def require_fit(call: Call, unit: Unit, private: Private, seen: card.Masked) -> None:
    """Raises BadCryptogram unless our card form encrypted the number behind this mask; BadCard, NotATestCard."""
    cryptogram = card_form.Cryptogram(
        container=private.transact_container or "",
        session_key=private.transact_skey_pubkey or "",
        digest=private.transact_hash or "",
    )
    number = card_form.decrypt_number(unit, cryptogram)
    require_test_card(call, number)
    if card.masked_number(number) != seen:
        raise card_form.BadCryptogram("container.private.pan is not the number in transact_container")


def require_test_card(call: Call, number: str) -> None:
    """Raises BadCard for what is no card number, NotATestCard for what could be somebody's."""
    if not card.is_valid(number):
        raise BadCard("container.private.pan is not a card number")
    if number not in call.platform.can.test_data.numbers:
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
