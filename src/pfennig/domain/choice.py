"""The choice of methods: which can pay for something, by the contract, the shop, the sum, and the payer.

Source: docs/wire/6-payment-methods.md
"""

from collections.abc import Mapping
from datetime import datetime

from babel.numbers import get_territory_currencies

from pfennig.clock import GERMAN_TIME
from pfennig.domain.contexts import MitInstructions
from pfennig.domain.methods import METHODS
from pfennig.domain.parties import Contract
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import Malformed
from pfennig.money import Money


class NoMethodLeft(Malformed):
    """None of the wanted payment methods can be used for this payment."""

    code = 3043


def current(contract: Contract, now: datetime) -> list[str]:
    """The methods of a contract; without those that have ended in the world, if the contract lets them end.

    None where it is not active.
    """
    if not contract.is_active:
        return []
    known = [word for word in contract.methods if word in METHODS]
    if not contract.ends_retired_methods:
        return known
    today = now.astimezone(GERMAN_TIME).date()
    return [word for word in known if (last := METHODS[word].limits.last_day) is None or today <= last]


def agreed_methods(
    contract: Contract, stx: SmartTransaction, now: datetime, is_shared: bool, due: Money | None = None
) -> list[str]:
    """Agreed methods that the shop wants for a Smart Transaction, that suit it, and may pay again.

    is_shared: whether others get parts or shares. due: the sum that is asked at once, if it is another than its own.
    """
    possible = [
        word
        for word in wanted_methods(stx, current(contract, now))
        if suits(contract, stx, word, due or stx.money, is_shared)
    ]
    if not stx.is_for_subscription:
        return possible
    return [word for word in possible if METHODS[word].repetition.is_collected]


def pays_again(stx: SmartTransaction, word: str) -> bool:
    """True where what pays a transaction by this method pays again, or has paid before: it must be a stored one."""
    if stx.is_for_subscription:
        return True
    said = stx.payment_context.mit_instructions
    is_instructed = bool(said) and said != MitInstructions()
    return METHODS[word].repetition.has_series and (is_instructed or stx.is_merchant_initiated)


def has_currency(contract: Contract, word: str, currency: str) -> bool:
    """False where nobody can pay a contract in this currency by this method."""
    row = METHODS[word]
    arrives = row.course.transfer is None or currency in account_currencies(contract.bank_account)
    return arrives and row.limits.has_currency(currency)


def account_currencies(account: Mapping[str, str]) -> frozenset[str]:
    """The currencies in which a payer's transfer reaches an account: euros, and the money of the bank's country."""
    return frozenset({"EUR", *get_territory_currencies(account.get("iban", "")[:2])})


def suits(contract: Contract, stx: SmartTransaction, word: str, due: Money, is_shared: bool) -> bool:
    """False where a method is not for such a sum, which may not be decided yet (0), or for such a payer."""
    contact = stx.data.get("customer", {}).get("contact", {})
    return has_currency(contract, word, due.currency) and METHODS[word].limits.fits(due, contact, is_shared)


def wanted_methods(stx: SmartTransaction, methods: list[str]) -> list[str]:
    """Methods that the shop wants; all of them if it has not said which. Other words mean nothing."""
    words = {word.lower() for word in stx.payment_context.payment_methods or ()}
    return [method for method in methods if method in words] if words else methods


def require_choice(contract: Contract, stx: SmartTransaction, now: datetime, is_shared: bool) -> None:
    """Raises NoMethodLeft, which names what there is, where the shop wants only methods that cannot pay this."""
    if not stx.payment_context.payment_methods:
        return
    possible = [word for word in current(contract, now) if suits(contract, stx, word, stx.money, is_shared)]
    if possible and not wanted_methods(stx, possible):
        raise NoMethodLeft(f"payment_context.payment_methods has none of those that fit: {', '.join(possible)}")
