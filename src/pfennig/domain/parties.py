"""Merchants, their contracts, the clients that act for them, and their customers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from pfennig.domain.approval import Approval
from pfennig.domain.branding import Branding
from pfennig.domain.history import RefundPush
from pfennig.domain.picture import Picture

FIRST_OLD_ID = 1_000_000
"""The number before the first legacy number of merchants, contracts and stores."""


@dataclass(frozen=True, kw_only=True)
class Merchant:
    """A merchant.

    email: where we write to about payments; None where nobody wants to read of them.
    contact: who that is, in the wire's fields; None where only the name is known.
    public_data: what it says of itself to everybody, legal_details and urls.
    """

    id: str
    companyname: str
    email: str | None = None
    contact: dict[str, Any] | None = None
    public_data: dict[str, Any] | None = None
    updated: datetime | None = None
    created: datetime
    seq: int = 0

    @property
    def id_old(self) -> int:
        """The merchant's number in a legacy API; it never changes."""
        return FIRST_OLD_ID + self.seq


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A contract between a merchant and the operator.

    parent_id: the platform's contract above this one, or None.
    methods: the ways to pay, in the words of the wire.
    wallets: whose tokens creditcard takes, in the words of the wire; None for no wallet.
    payment_context: defaults for every Smart Transaction.
    fees: what the platform keeps, by method: basis_points, fixed, minimum.
    has_recurring: whether it may ask for money while the payer is away.
    ends_retired_methods: whether methods that the world has ended end here, too, by the clock.
    bank_account: where payers send transfers to (owner, iban, bic, bankname).
    url_push: where events go if a transaction names no address.
    push_delay_seconds: how long pushes about its own calls and its payers' steps wait; None for the server's setting.
    refund_push: who gets events about refunds that it asked for itself.
    checkout: what it says about its checkout.
    has_customer_mails, has_merchant_mails: whether payers and the merchant get mails about payments.
    state: only an active one can be paid with.
    project: what its platform calls it.
    details: what else was said when it was asked for.
    payout_account: where the merchant's money goes to (owner, iban, bic, bankname). asked_account: where it shall go.
    third_parties: credentials at other payment services, by name and environment.
    rails: by name of those that it has named, which methods they serve, and the credentials that it has there.
    creditor_id: under which its direct debits are collected; None for the server's.
    mark: by what one sees that the account is the one that we have written; None without data keys. terms_mark: the
    same for account, rails and creditor together.
    """

    id: str
    merchant_id: str
    parent_id: str | None = None
    methods: list[str] = field(default_factory=list)
    wallets: list[str] | None = None
    payment_context: dict[str, Any] = field(default_factory=dict)
    fees: dict[str, dict[str, int]] = field(default_factory=dict)
    has_mixed_baskets: bool = False
    has_recurring: bool = False
    ends_retired_methods: bool = False
    bank_account: dict[str, str] = field(default_factory=dict)
    url_push: str | None = None
    push_delay_seconds: int | None = None
    refund_push: RefundPush = RefundPush.CONTRACT
    checkout: dict[str, Any] | None = None
    has_customer_mails: bool = True
    has_merchant_mails: bool = True
    state: Approval = Approval.ACTIVE
    project: str | None = None
    details: dict[str, Any] | None = None
    payout_account: dict[str, str] | None = None
    asked_account: dict[str, str] | None = None
    third_parties: dict[str, Any] | None = None
    rails: dict[str, Any] | None = field(default=None, repr=False)
    creditor_id: str | None = None
    updated: datetime | None = None
    created: datetime
    mark: str | None = field(default=None, repr=False, compare=False)
    terms_mark: str | None = field(default=None, repr=False, compare=False)
    seq: int = 0

    @property
    def id_old(self) -> int:
        """The contract's number in a legacy API; it never changes."""
        return FIRST_OLD_ID + self.seq

    @property
    def is_active(self) -> bool:
        """True where somebody may pay under it."""
        return self.state is Approval.ACTIVE

    def rail_of(self, method: str) -> str | None:
        """The rail that it has named for a method, None if it has named none."""
        return next((name for name, rail in (self.rails or {}).items() if method in rail["methods"]), None)

    def credentials_at(self, rail: str) -> Mapping[str, str]:
        """The contract's credentials at a rail, by the names that the rail gives to them."""
        credentials: Mapping[str, str] = (self.rails or {}).get(rail, {}).get("credentials", {})
        return credentials

    @property
    def branding(self) -> Branding:
        """The branding of the contract's checkout."""
        return msgspec.convert(self.checkout or {}, Branding)

    @property
    def logo_path(self) -> str | None:
        """The path of the contract's logo; None if there is none."""
        return self.picture_path(self.branding.logo)

    def picture_path(self, picture: Picture | None) -> str | None:
        """The path of a picture of its branding, with the hash of the picture in it; None for none."""
        return f"/pay/logo/{self.id}/{picture.digest}" if picture else None


def by_name(contract_id: str | None) -> str:
    """The id of a contract; PCR_ and the same characters behind it is its former name."""
    text = contract_id or ""
    return f"GCR_{text[4:]}" if text.startswith("PCR_") else text


@dataclass(frozen=True, kw_only=True)
class Client:
    """A client: credentials that act for a merchant, by default under one contract."""

    id: str
    merchant_id: str
    contract_id: str
    name: str = ""
    is_revoked: bool = False
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Secret:
    """One secret of a client, as its digest. `id` is the digest. ends: None while nobody has said when."""

    id: str
    client_id: str
    merchant_id: str
    ends: datetime | None = None
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Token:
    """An access token, as its digest. `id` is the digest.

    session_id: whose only token it is; a client has many. secret_id: by which secret it was bought.
    """

    id: str
    client_id: str
    merchant_id: str
    contract_id: str
    session_id: str | None = None
    secret_id: str | None = None
    expires: datetime
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Key:
    """A random key that all processes share. `id` says what for."""

    id: str
    value: str
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Template:
    """A checkout template that a Smart Transaction may name."""

    id: str
    title: str
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A customer of a merchant. `contact` holds the wire's fields."""

    id: str
    merchant_id: str
    contract_id: str
    contact: dict[str, Any]
    created: datetime
    updated: datetime | None = None
    seq: int = 0
