"""Tokens of wallets: what they are made of, and what is kept of them.

Source: docs/wire/6-payment-methods.md#68-google-pay-and-apple-pay.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from pfennig.domain.container import Type

Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
"""A part of a token. Apple's signature, the longest, has some 4,000 characters."""


class SigningKey(Struct, rename="camel"):
    """The key by which Google signed."""

    signed_key: Text
    signatures: Annotated[list[Text], Meta(min_length=1, max_length=20)]


class Header(Struct, rename="camel"):
    """The keys by which Apple encrypted."""

    ephemeral_public_key: Text
    public_key_hash: Text
    transaction_id: Text


REQUIRED: Mapping[str, tuple[str, ...]] = {
    Type.GOOGLEPAY: ("signature", "protocolVersion", "signedMessage"),
    Type.APPLEPAY: ("version", "data", "signature", "header"),
}
"""Fields that a token must have, in the words of the wire."""

WITHOUT_SIGNING_KEY = "ECv1"
"""Google's first protocol, which had no key between."""

GOOGLE_NETWORKS = {"american express": "AMEX", "mastercard": "MASTERCARD", "visa": "VISA"}
APPLE_NETWORKS = {"american express": "amex", "cup": "chinaUnionPay", "mastercard": "masterCard", "visa": "visa"}
"""The wallets' names of the networks of cards. Google Pay has no UnionPay."""

HIDDEN = "XXXXXXXX"

KEPT: Mapping[str, dict[str, Any]] = {
    Type.GOOGLEPAY: {"signedMessage": HIDDEN},
    Type.APPLEPAY: {"version": "EC_v1", "header": {"transactionId": HIDDEN}},
}
"""Fields that stand for a token afterwards: nothing of it, but those by which SDKs know its kind."""


def missing(type: str, sent: Mapping[str, Any]) -> list[str]:
    """Fields that a token lacks."""
    needed = [*REQUIRED[type]]
    if type == Type.GOOGLEPAY and sent.get("protocolVersion") != WITHOUT_SIGNING_KEY:
        needed.append("intermediateSigningKey")
    return [name for name in needed if name not in sent]


def stored_fields(type: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are stored in place of a token."""
    version = {"protocolVersion": sent["protocolVersion"]} if type == Type.GOOGLEPAY else {}
    return version | KEPT[type]
