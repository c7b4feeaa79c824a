"""The key of the card form: RSA, around a key of AES-GCM. Twin only.

Whoever needs it imports it then: that takes a while, and a server starts faster without it.
"""

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

KEY_BITS = 2048
NONCE_BYTES = 12
WRAPPING = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


def new_key() -> str:
    """A fresh private key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_key(pem: str) -> bytes:
    """The public key in its DER form (SPKI)."""
    return private_key(pem).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def decrypt(pem: str, wrapped: bytes, sealed: bytes) -> str:
    """What was encrypted. wrapped: the key that did it, by RSA-OAEP. sealed: nonce and text. Raises ValueError."""
    key = private_key(pem).decrypt(wrapped, WRAPPING)
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
    except InvalidTag:
        raise ValueError("it was changed, or encrypted with another key") from None


def private_key(pem: str) -> rsa.RSAPrivateKey:
    """The private key itself. Checking its primes again would take longer than all the rest."""
    return cast(
        rsa.RSAPrivateKey, load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    )
