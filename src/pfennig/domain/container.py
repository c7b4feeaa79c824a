"""A container: a payment instrument that was stored, and the mandate that goes with a bank account.

Source: docs/wire/6-payment-methods.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from pfennig.domain import card
from pfennig.errors import Malformed

LONGEST_OWNER = 70
"""Characters of a name in a SEPA file."""

GERMAN_BANK, GERMAN_ACCOUNT = slice(4, 12), slice(12, 22)
"""Positions of the old bank code and account number in a German IBAN."""

NUMBERS = ("iban", "email", "payer_id")
"""The fields by which money could be asked for elsewhere; a card's number is masked from the start."""


class Type(StrEnum):
    """The kind of instrument."""

    BANK_ACCOUNT = "bank_account"
    CREDIT_CARD = "credit_card"
    PAYPAL = "paypal"
    GOOGLEPAY = "googlepay"
    APPLEPAY = "applepay"


WALLETS: Mapping[str, str] = {Type.GOOGLEPAY: "Google Pay", Type.APPLEPAY: "Apple Pay"}
"""The wallets, as people call them. Their tokens pay as a card does."""


class BadIban(Malformed):
    """The IBAN is not valid."""

    code = 3031


class BadOwner(Malformed):
    """The name of the holder is too long."""

    code = 3039


class BadBic(Malformed):
    """The BIC is not valid."""

    code = 3036


@dataclass(frozen=True, kw_only=True)
class Container:
    """A stored instrument. `private` holds the wire's fields; a card's number is always masked.

    token: that of a card network, in the wire's fields; None where nobody asked for one.
    notification_url: where events about the token go.
    fingerprint: by what the database distinguishes a customer's instruments; None while nobody's may be the same.
    used: when it first paid; from then on it stays the same instrument, for the books.
    archived: when it stopped paying. deleted: when it vanished from sight.
    """

    id: str
    merchant_id: str
    contract_id: str
    customer_id: str | None = None
    type: Type
    private: dict[str, Any]
    mandate: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] | None = None
    notification_url: str | None = None
    fingerprint: str | None = None
    used: datetime | None = None
    archived: datetime | None = None
    deleted: datetime | None = None
    updated: datetime | None = None
    created: datetime
    seq: int = 0

    @property
    def identity(self) -> str:
        """The facts that make it this instrument and no other; of a card with its masked number also its last month.

        Of a wallet's token nothing is kept, so each is an instrument of its own.
        """
        known = self.private
        match self.type:
            case Type.BANK_ACCOUNT:
                return str(known["iban"])
            case Type.CREDIT_CARD:
                return f"{known['pan']} {known['expiration_date']}"
            case Type.PAYPAL:
                return str(known.get("payer_id") or known["email"]).casefold()
            case Type.GOOGLEPAY | Type.APPLEPAY:
                return self.id

    @property
    def is_spent(self) -> bool:
        """True for what pays once and has: Apple's tokens."""
        return self.type is Type.APPLEPAY and self.used is not None

    @property
    def masked_fields(self) -> dict[str, Any]:
        """The wire's fields for those who may see it, but not use it elsewhere."""
        return {name: masked_text(text) if name in NUMBERS else text for name, text in self.private.items()}

    @property
    def last_digits(self) -> str:
        """The last four digits of a card or a bank account; empty for other instruments, and once it is erased."""
        return str(self.private.get("iban") or self.private.get("pan") or "")[-4:]

    @property
    def payment_data(self) -> str:
        """The masked instrument for back offices: country and last four digits of a bank account, a wallet's name."""
        if self.type in WALLETS:
            return WALLETS[self.type]
        number = str(self.private.get("iban") or self.private.get("pan") or "")
        return f"{number[:2]}00 XXXX XXXX {number[-4:]}" if self.type is Type.BANK_ACCOUNT else number


def without_fields(container: Container, at: datetime) -> Container:
    """A container that was put away for good: its fields say nothing any more."""
    nothing = dict.fromkeys(container.private, "")
    archived = container.archived or at
    return replace(container, private=nothing, fingerprint=None, archived=archived, updated=at)


@dataclass(frozen=True)
class BankAccount:
    """A bank account with what follows from its IBAN; bic and bankname are empty where nobody knows."""

    owner: str
    iban: str
    bic: str
    bankname: str


def checked_owner(owner: str) -> str:
    """The name of a holder. Raises BadOwner for what no bank would take, CardNumberInName."""
    if len(owner) > LONGEST_OWNER:
        raise BadOwner(f"the owner has more than {LONGEST_OWNER} characters")
    card.require_none(owner, "the owner")
    return owner


def bank_account(owner: str, iban: str) -> BankAccount:
    """The account behind an IBAN. Raises BadOwner, CardNumberInName, BadIban; its text does not repeat the number."""
    account = account_of_iban(iban, checked_owner(owner))
    if account is None:
        raise BadIban("iban is not a valid IBAN")
    return account


def account_of_iban(iban: str, owner: str = "") -> BankAccount | None:
    """The account behind an IBAN, None if that is not valid."""
    try:
        number = IBAN(iban, validate_bban=True)
        bic = number.bic
    except (SchwiftyException, ValueError):
        return None
    return BankAccount(owner, number.compact, str(bic) if bic else "", number.bank_name or "")


def bank_code(bic: str) -> str:
    """A BIC in its usual form. Raises BadBic."""
    try:
        return BIC(bic).compact
    except (SchwiftyException, ValueError):
        raise BadBic("bic is not a valid BIC") from None


def masked_text(number: str) -> str:
    """The first and the last four characters, X between; nothing but X of what is short."""
    return number[:4] + "X" * (len(number) - 8) + number[-4:] if len(number) > 8 else "X" * len(number)


def iban_in_groups(iban: str) -> str:
    """An IBAN in groups of four, as people read it."""
    return " ".join(re.findall(".{1,4}", iban))


def with_legacy_names(account: Mapping[str, str]) -> dict[str, str]:
    """An account with the bank code and number that earlier answers show; only German IBANs hold those."""
    names = {"account_owner": account.get("owner", "")} if account else {}
    iban = account.get("iban", "")
    if iban.startswith("DE"):
        names |= {"accountnumber": iban[GERMAN_ACCOUNT].lstrip("0"), "bankcode": iban[GERMAN_BANK]}
    return {**account, **names}
