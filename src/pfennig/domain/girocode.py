"""The code by which banking apps read a transfer (EPC QR, "girocode"): for which transfers there is one."""

from collections.abc import Mapping

from pfennig.money import Money

LONGEST_OWNER = 70
"""Characters of a name in a SEPA transfer, and so in the code for it."""

LARGEST_AMOUNT = 99_999_999_999
"""Cents; the standard ends here."""


def is_possible(account: Mapping[str, str], money: Money) -> bool:
    """True where a code says this transfer: some euros, within the standard, to somebody whose name fits into it."""
    is_sum = money.currency == "EUR" and 0 < money.amount <= LARGEST_AMOUNT
    return is_sum and 0 < len(account.get("owner", "").strip()) <= LONGEST_OWNER
