"""The card form's token for shops: a card number that only this server can read. Twin only.

Source: docs/wire/5-smart-checkout.md#card-form
"""

import base64
from dataclasses import dataclass
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from pfennig import ids
from pfennig.domain.parties import Key
from pfennig.errors import Malformed
from pfennig.operations.core.call import Call
from pfennig.storage.unit import Unit

KEY_NAME = "card-form.pem"
"""The key's name on the wire, and its id among the keys."""

KEY_BITS = 2048
NONCE_BYTES = 12
WRAPPING = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


class BadCryptogram(Malformed):
    """The encrypted card data cannot be used. Please enter the card again."""

    code = 3037


@dataclass(frozen=True)
class Cryptogram:
    """A sealed card number as it comes back.

    container: base64 of a nonce and the number, encrypted by AES-GCM. session_key: base64 of its key, by RSA-OAEP.
    digest: SHA-256 of `container` in hex. One of the number itself would give it away: too few fit behind a mask.
    """

    container: str
    session_key: str
    digest: str


def find_or_make_public_key(call: Call) -> str:
    """The key to encrypt with, base64 of its DER form (SPKI). It is made when somebody asks for it first."""
    with call.view() as view:
        kept = view.keys.find(KEY_NAME)
    if kept is None:
        text = new_key()
        with call.unit() as unit:
            unit.keys.add_if_new(Key(id=KEY_NAME, value=text, created=unit.now))
            kept = unit.keys.get(KEY_NAME)  # another process may have been faster
    der = private_key(kept).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def decrypt_number(unit: Unit, cryptogram: Cryptogram) -> str:
    """The card number in a cryptogram. Raises BadCryptogram."""
    kept = unit.keys.find(KEY_NAME)
    if kept is None or not ids.same(ids.digest(cryptogram.container), cryptogram.digest.lower()):
        raise BadCryptogram("container.private.transact_hash does not fit to transact_container")
    try:
        key = private_key(kept).decrypt(base64.b64decode(cryptogram.session_key, validate=True), WRAPPING)
        sealed = base64.b64decode(cryptogram.container, validate=True)
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
    except (ValueError, InvalidTag):  # from None: nothing of what was in it goes into a log
        raise BadCryptogram("container.private.transact_container cannot be decrypted") from None


def new_key() -> str:
    """A fresh private key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def private_key(kept: Key) -> rsa.RSAPrivateKey:
    """The private key itself. Checking its primes again would take longer than all the rest."""
    key = load_pem_private_key(kept.value.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    return cast(rsa.RSAPrivateKey, key)
