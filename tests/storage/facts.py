"""Facts to put on a shelf, with everything in them that the test at hand does not care about."""

from typing import Any

from pfennig import ids
from pfennig.domain.attempt import Attempt, Verb
from pfennig.domain.bank import Receipt
from pfennig.domain.parties import Customer
from pfennig.domain.payment import Kind, Payment
from pfennig.domain.smart_transaction import Intent, SmartTransaction
from tests.conftest import MORNING


def a_case(**fields: Any) -> SmartTransaction:
    """A Smart Transaction over five euros."""
    usual: dict[str, Any] = {
        "id": ids.new("STX"),
        "merchant_id": "MRC_MINE",
        "contract_id": "GCR_MINE",
        "intent": Intent.SALE,
        "amount": 500,
        "currency": "EUR",
        "is_demo": False,
        "language": "de",
        "created": MORNING,
    }
    return SmartTransaction(**(usual | fields))


def a_customer(**fields: Any) -> Customer:
    """Somebody who pays."""
    usual: dict[str, Any] = {
        "id": ids.new("PCU"),
        "merchant_id": "MRC_MINE",
        "contract_id": "GCR_MINE",
        "contact": {"surname": "Mustermann"},
        "created": MORNING,
    }
    return Customer(**(usual | fields))


def a_payment(**fields: Any) -> Payment:
    """A new payment over five euros."""
    usual: dict[str, Any] = {
        "id": ids.new("PCI"),
        "merchant_id": "MRC_MINE",
        "contract_id": "GCR_MINE",
        "smart_transaction_id": "STX_ONE",
        "method": "debit",
        "amount": 500,
        "currency": "EUR",
        "hash_word": ids.new_hash_word(),
        "is_demo": False,
        "created": MORNING,
        "updated": MORNING,
    }
    return Payment(**(usual | fields))


def a_refund(**fields: Any) -> Payment:
    """Five euros that go back."""
    return a_payment(**({"kind": Kind.REFUND, "amount": -500} | fields))


def an_attempt(**fields: Any) -> Attempt:
    """A rail that is asked for five euros."""
    usual: dict[str, Any] = {
        "id": ids.new("ATT"),
        "merchant_id": "MRC_MINE",
        "smart_transaction_id": "STX_ONE",
        "payment_id": "PCI_ONE",
        "verb": Verb.START,
        "method": "debit",
        "amount": 500,
        "currency": "EUR",
        "created": MORNING,
        "updated": MORNING,
    }
    return Attempt(**(usual | fields))


def a_receipt(**fields: Any) -> Receipt:
    """A bank line over five euros."""
    usual: dict[str, Any] = {
        "id": ids.new("RCP"),
        "merchant_id": "MRC_MINE",
        "contract_id": "GCR_MINE",
        "amount": 500,
        "currency": "EUR",
        "purpose": "thank you",
        "iban": "DE35500105175418493188",
        "owner": "Anna",
        "created": MORNING,
    }
    return Receipt(**(usual | fields))
