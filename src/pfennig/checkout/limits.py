"""Limits on the use of a payment's pages: enough for people, too little for whoever tries card after card."""

from ipaddress import ip_address

import falcon

from pfennig.rates import WINDOW_SECONDS, Rates, TooFast

SENT_PER_TRANSACTION = 30
SENT_PER_ADDRESS = 120

COSTLY = ("/rails/return/", "/pay/bank")
"""Addresses that ask somebody else, or look something up for a script, however they are opened."""


def require_calm(rates: Rates, request: falcon.Request, address: str) -> None:
    """Raises TooFast for one form too many. This machine's own addresses are not counted: tests, or a proxy."""
    if request.method != "POST" and not request.path.startswith(COSTLY):
        return
    place = request.get_param("stx") or request.path
    require(rates, f"stx {place[:80]}", SENT_PER_TRANSACTION)
    if not is_own(address):
        require(rates, f"address {address}", SENT_PER_ADDRESS)


def require(rates: Rates, key: str, most: int) -> None:
    """Raises TooFast above the most for a minute."""
    if rates.count(key) > most:
        raise TooFast(f"more than {most} forms were sent within {WINDOW_SECONDS} seconds")


def is_own(address: str) -> bool:
    """True for an address of this machine itself."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
