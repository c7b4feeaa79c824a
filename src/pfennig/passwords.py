"""Passwords that people choose, kept so that a stolen copy takes long to guess. See docs/decisions/0007."""

import hashlib
import hmac
import secrets

COST, BLOCK, TIMES = 2**14, 8, 5
"""The cost of a guess: 16 MiB of memory and about 0.2 s; OWASP's second least of equals."""

SALT_BYTES = 16


def password_record(password: str) -> str:
    """The stored record of a password: how it was made, its own salt, the hash."""
    salt = secrets.token_bytes(SALT_BYTES)
    return f"scrypt:{COST}:{BLOCK}:{TIMES}:{salt.hex()}:{scrypt_hash(password, salt, COST, BLOCK, TIMES).hex()}"


def fits(password: str, stored: str | None) -> bool:
    """True for the password of which this was stored. Where nothing was stored it takes as long to say no."""
    if stored is None:
        password_record(password)
        return False
    _, cost, block, times, salt, known = stored.split(":")
    given = scrypt_hash(password, bytes.fromhex(salt), int(cost), int(block), int(times))
    return hmac.compare_digest(given, bytes.fromhex(known))


def scrypt_hash(password: str, salt: bytes, cost: int, block: int, times: int) -> bytes:
    """The scrypt hash."""
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=times)
