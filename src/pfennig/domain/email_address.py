"""E-mail addresses: which of them mail servers understand."""

import re

import idna

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
"""An address that every mail server understands: no quotes, no comments, and only letters of ASCII."""

LONGEST_ADDRESS = 254


def is_address(text: str) -> bool:
    """True for an e-mail address to which we can write."""
    return deliverable(text) is not None


def masked_address(address: str) -> str:
    """An e-mail address that its owner recognises and others cannot use; a domain may be a family's name, too."""
    local, _, domain = address.partition("@")
    name, dot, ending = domain.rpartition(".")
    return f"{local[0]}…@{name[0]}…{dot}{ending}" if local and name else ""


def deliverable(text: str) -> str | None:
    """An e-mail address as every mail server understands it, a domain like müller.de in its letters of ASCII.

    None for what is none, and for umlauts before the @: few servers take them.
    """
    local, at, domain = text.rpartition("@")
    try:
        written = f"{local}{at}{idna.encode(domain, uts46=True).decode()}" if not domain.isascii() else text
    except idna.IDNAError:
        return None
    return written if len(written) <= LONGEST_ADDRESS and ADDRESS.fullmatch(written) else None
