"""Mandates that were signed elsewhere. Source: docs/wire/6-payment-methods.md#610-mandates."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from pfennig import ids
from pfennig.clock import GERMAN_TIME
from pfennig.domain import sepa
from pfennig.domain.container import bank_account, bank_code
from pfennig.domain.mandate import Mandate, Scheme
from pfennig.errors import Malformed
from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.storage.unit import Unit

Short = Annotated[str, Meta(max_length=255)]
Identification = Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z0-9+?/:().,'-]*\Z")]
"""The reference of a mandate, as banks allow it."""


class BadSignatureDate(Malformed):
    """The date of the signature is not valid."""

    code = 3051


class Merchant(Struct):
    """A reference to a merchant by its id."""

    id: Short


class NewMandate(Struct):
    """A merchant's request for a mandate."""

    iban: Short
    bic: Short
    type: Scheme
    date_of_signature: Short
    merchant_id: Merchant
    identification: Identification | None = None


def create(call: Call, requests: Sequence[NewMandate]) -> list[Mandate]:
    """New mandates: all of them, or none. Raises BadIban, NotInSepa, BadBic, BadSignatureDate, UnknownId."""
    with call.unit() as unit:
        return [unit.mandates.add(new_mandate(call, unit, request)) for request in requests]


def new_mandate(call: Call, unit: Unit, request: NewMandate) -> Mandate:
    """The mandate of a request. Raises what `create` raises."""
    contract = access.require_merchant(call, unit, request.merchant_id.id)
    return Mandate(
        id=ids.new("PAM"),
        merchant_id=contract.merchant_id,
        contract_id=contract.id,
        type=request.type,
        data={
            "iban": debitable_iban(request.iban),
            "bic": bank_code(request.bic),
            "date_of_signature": signature_day(request.date_of_signature, unit.now),
            "identification": request.identification or new_identification(),
        },
        created=unit.now,
    )


def debitable_iban(text: str) -> str:
    """An IBAN without blanks, of an account that can be debited. Raises BadIban, NotInSepa."""
    iban = bank_account("", text).iban
    sepa.require_debitable(iban)
    return iban


def signature_day(text: str, now: datetime) -> str:
    """The day of a signature from a date or a date-time. Raises BadSignatureDate, also for days to come."""
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError:
        raise BadSignatureDate("date_of_signature must be a date such as 2026-01-31") from None
    if day > now.astimezone(GERMAN_TIME).date():
        raise BadSignatureDate("date_of_signature must not be a day to come")
    return day.isoformat()


def new_identification() -> str:
    """A reference for a mandate that came without one."""
    return ids.new("PAM").replace("_", "/")
