"""The transfer that a payer still has to make.

Source: docs/wire/4-smart-transactions.md#412-payment_instructions
"""

from dataclasses import dataclass
from typing import Any

from pfennig.checkout import qr, texts
from pfennig.checkout.visit import Visit
from pfennig.domain.container import iban_in_groups
from pfennig.domain.payment import Payment
from pfennig.domain.smart_transaction import StxStatus
from pfennig.money import Money
from pfennig.operations.books import bank
from pfennig.storage.unit import Unit


@dataclass(frozen=True)
class Transfer:
    """A payment by transfer, and how much of it is open."""

    payment: Payment
    account: dict[str, str]
    open: Money

    @property
    def arrived_amount(self) -> Money:
        """The amount that came so far, without what was too much."""
        return Money(self.payment.effective.amount - self.open.amount, self.open.currency)

    @property
    def ending(self) -> texts.Ending:
        """The ending for a transfer: what is still to be done, or that nothing is."""
        if not self.open.amount:
            return texts.PAID
        if self.arrived_amount.amount:
            return texts.PARTLY_PAID
        return texts.INVOICED if self.payment.course.is_on_invoice else texts.ENDINGS[StxStatus.PENDING]

    def amounts(self, language: str) -> dict[str, str]:
        """The amounts that such a page speaks of."""
        due = self.open if self.open.amount else self.payment.effective
        return {"amount": due.text_in(language), "arrived": self.arrived_amount.text_in(language)}

    def instructions(self, language: str) -> dict[str, Any] | None:
        """The details of the transfer that is still to be made; None if none is."""
        if not self.open.amount:
            return None
        return {
            **self.account,
            "iban": iban_in_groups(self.account["iban"]),
            "iban_plain": self.account["iban"],
            "purpose": self.payment.purpose,
            "amount": self.open.text_in(language),
            "qr_svg": qr.svg(self.account, self.open, self.payment.purpose),
        }


def awaited_transfer(unit: Unit, visit: Visit, payment: Payment | None) -> Transfer | None:
    """The transfer that a visit's payment is made by; None for other methods, and once there is nothing to pay."""
    if payment is None or not payment.awaits_transfer:
        return None
    return Transfer(payment, visit.contract.bank_account, Money(bank.still_open(unit, payment), payment.currency))
