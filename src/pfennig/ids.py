"""Values that must not be guessed: ids, tokens, secrets, and their digests."""

import base64
import hashlib
import hmac
import secrets
import string
from functools import cache

ALPHABET = string.ascii_uppercase + string.digits
BODY_LENGTH = 30


def new(prefix: str) -> str:
    """A fresh id: STX_ and 30 of A-Z and 0-9. Source: docs/wire/3-conventions.md#35-ids-and-references."""
    return prefix + "_" + random_text(ALPHABET, BODY_LENGTH)


def new_event() -> str:
    """A fresh id of a push event: evt_ and 32 hex digits."""
    return "evt_" + secrets.token_hex(16)


def new_hash_word() -> str:
    """Twelve lower-case letters, the first part of a payment's hash."""
    return random_text(string.ascii_lowercase, 12)


def random_text(alphabet: str, length: int) -> str:
    """A random text of this length. All its characters are drawn as one number, two of them at a time."""
    pairs = pairs_of(alphabet)
    number = secrets.randbelow(len(alphabet) ** length)
    text = ""
    for _ in range(length // 2):
        number, place = divmod(number, len(pairs))
        text += pairs[place]
    return text + alphabet[number] if length % 2 else text


@cache
def pairs_of(alphabet: str) -> list[str]:
    """Every two characters beside each other."""
    return [one + other for one in alphabet for other in alphabet]


def new_token() -> str:
    """A fresh access token: 128 random bits as 26 characters of 0-9 and a-v."""
    return base64.b32hexencode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def new_refresh_token() -> str:
    """A fresh refresh token, 40 hex digits."""
    return secrets.token_hex(20)


def new_device_code() -> str:
    """A fresh code by which a device asks for its session, 32 hex digits."""
    return secrets.token_hex(16)


def new_user_code() -> str:
    """A fresh code to be read out and typed: 8 letters and digits, none of which looks like another."""
    return random_text("abcdefghjkmnpqrstuvwxyz23456789", 8)


def new_pickup_code() -> str:
    """A fresh code by which somebody picks up goods: 6 digits."""
    return random_text(string.digits, 6)


def new_client() -> str:
    """A fresh client id, 32 hex digits."""
    return secrets.token_hex(16)


def new_secret() -> str:
    """A fresh client secret, 64 hex digits."""
    return secrets.token_hex(32)


def new_nonce() -> str:
    """A fresh word that marks what a page may run or fetch: 128 random bits."""
    return secrets.token_urlsafe(16)


def new_support() -> str:
    """A fresh support id, 32 hex digits; it joins an error that somebody got to its line in the log."""
    return secrets.token_hex(16)


def new_request() -> str:
    """A fresh id of a request, 32 hex digits; it joins all that is logged on its way."""
    return secrets.token_hex(16)


def digest(secret: str) -> str:
    """The SHA-256 by which a random secret is stored and found; never use it for what people choose."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """True when both are equal, compared in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def sign(key: bytes, *words: str) -> str:
    """A MAC over the words in their order, safe in forms."""
    return hmac.digest(key, "\x1f".join(words).encode(), "sha256").hex()
