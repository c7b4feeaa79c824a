"""Encrypt what says who people are and where their money is, where the database was given keys.

Source: docs/decisions/0015-personal-data.md
"""

import hmac
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import JSON, Column, Dialect, Engine, Text, TypeDecorator

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet

MARK = "sealed:gAAAAA"
"""The beginning of everything encrypted: our word, and the version and first digits of a Fernet token's time."""


class NoKey(Exception):
    """A refusal to read what is encrypted by none of the keys."""


class BadKeys(ValueError):
    """Keys that cannot be read; the text does not repeat them."""


class Keyring:
    """Encrypts with the first key; opens with any of them. Without keys nothing is encrypted."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        """keys: 32 bytes each, in URL-safe base64, as `new_key` makes them. Raises BadKeys."""
        self.newest: Fernet | None = None
        self.all: MultiFernet | None = None
        if keys:
            self.newest, self.all = fernets(keys)
        self.markers = [hmac.digest(urlsafe_b64decode(key), b"pfennig: marks of rows", "sha256") for key in keys]

    def close(self, text: str) -> str:
        """The text, encrypted. An empty one stays empty, so that it can be asked for."""
        if self.newest is None or not text:
            return text
        return "sealed:" + self.newest.encrypt(text.encode()).decode()

    def open(self, text: str) -> str:
        """The plain text of what was encrypted; texts from before there were keys stay as they are. Raises NoKey."""
        if not text.startswith(MARK):
            return text
        if self.all is None:
            raise NoKey
        from cryptography.fernet import InvalidToken

        try:
            return self.all.decrypt(token(text)).decode()
        except InvalidToken:
            raise NoKey from None

    def is_newest(self, text: str) -> bool:
        """True for what the first key encrypted, and for what need not be encrypted."""
        if self.newest is None or not text:
            return True
        from cryptography.fernet import InvalidToken

        try:
            return text.startswith(MARK) and bool(self.newest.decrypt(token(text)))
        except InvalidToken:
            return False

    def mark(self, text: str) -> str | None:
        """A mark that shows that we wrote this: 64 hexadecimal digits by the first key, None without keys."""
        return mark_by(self.markers[0], text) if self.markers else None

    def has_marked(self, text: str, mark: str) -> bool:
        """Whether a mark of this text was made with any of the keys."""
        return any(hmac.compare_digest(mark_by(each, text).encode(), mark.encode()) for each in self.markers)


def fernets(keys: Sequence[str]) -> "tuple[Fernet, MultiFernet]":
    """What encrypts with the first key, and what opens with any. Raises BadKeys.

    It takes a while to import, and a server without keys starts faster without it.
    """
    from cryptography.fernet import Fernet, MultiFernet

    try:
        known = [Fernet(key) for key in keys]
    except ValueError:
        raise BadKeys("each key must be 32 bytes in URL-safe base64; `pfennig keys new` prints one") from None
    return known[0], MultiFernet(known)


def mark_by(marker: bytes, text: str) -> str:
    """The mark of a text."""
    return hmac.digest(marker, text.encode(errors="surrogatepass"), "sha256").hex()


OPEN = Keyring()

SEALS: WeakKeyDictionary[Dialect, Keyring] = WeakKeyDictionary()
"""The keyring of each database. Column types know nothing else of the database that they work for."""


def new_key() -> str:
    """A fresh key."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def token(text: str) -> bytes:
    """The encrypted token, without our word before it."""
    return text.removeprefix("sealed:").encode()


def use_seal(engine: Engine, seal: Keyring) -> None:
    """Uses this keyring for whatever the engine reads and writes from now on."""
    SEALS[engine.dialect] = seal


def seal_of(dialect: Dialect) -> Keyring:
    """The seal of the database that speaks this dialect."""
    return SEALS.get(dialect, OPEN)


class EncryptedText(TypeDecorator[str]):
    """Text that is encrypted at rest."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypts a value on its way to the database."""
        return None if value is None else seal_of(dialect).close(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypts a value on its way from the database. Raises NoKey."""
        return seal_of(dialect).open(value) if value and value.startswith(MARK) else value

    def encrypted_parts(self, value: str | None) -> Iterable[str]:
        """The parts of a stored value that are encrypted, or should be."""
        return [value] if value else []


class EncryptedJson(TypeDecorator[Any]):
    """JSON that is encrypted at rest, as a JSON string; empty values stay as they are.

    parts: if it says any, only these fields of an object are encrypted, so that the others can be asked for.
    """

    impl = JSON
    cache_ok = True

    def __init__(self, parts: tuple[str, ...] = (), nullable: bool = False) -> None:
        super().__init__(none_as_null=nullable)
        self.parts = parts

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Encrypts a value on its way to the database."""
        seal = seal_of(dialect)
        return value if seal.newest is None else self.each(value, lambda part: encrypt_json(seal, part))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Decrypts a value on its way from the database. Raises NoKey."""
        return (
            self.each(value, lambda part: decrypt_json(dialect, part)) if self.parts else decrypt_json(dialect, value)
        )

    def each(self, value: Any, change: Any) -> Any:
        """The value with a change to all of it, or to its parts."""
        if not self.parts:
            return change(value)
        return value | {name: change(value[name]) for name in self.parts if name in value}

    def encrypted_parts(self, value: Any) -> Iterable[str]:
        """The parts of a stored value that are encrypted, or should be."""
        whole = [value[name] for name in self.parts if name in value] if self.parts else [value]
        return [part if isinstance(part, str) else msgspec.json.encode(part).decode() for part in whole if part]


def encrypt_json(seal: Keyring, value: Any) -> Any:
    """A value of JSON, encrypted; nothing stays nothing."""
    return seal.close(msgspec.json.encode(value).decode()) if value else value


def decrypt_json(dialect: Dialect, value: Any) -> Any:
    """The plain value of what was encrypted; other values stay as they are. Raises NoKey."""
    is_closed = isinstance(value, str) and value.startswith(MARK)
    return msgspec.json.decode(seal_of(dialect).open(value)) if is_closed else value


def sealed_text(label: str, nullable: bool = False) -> Column[str]:
    """A column for text about people."""
    return Column(label, EncryptedText, nullable=nullable)


def sealed_json(label: str, *parts: str, nullable: bool = False) -> Column[Any]:
    """A column for JSON about people, or with parts that are."""
    return Column(label, EncryptedJson(parts, nullable), nullable=nullable)
