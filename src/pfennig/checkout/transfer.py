"""The transfer that a payer still has to make.

Source: docs/wire/4-smart-transactions.md#412-payment_instructions
"""

from dataclasses import dataclass

from markupsafe import Markup

from pfennig.checkout import qr, texts
from pfennig.checkout.visit import Visit
from pfennig.domain.container import iban_in_groups
from pfennig.domain.payment import Payment
from pfennig.domain.smart_transaction import StxStatus
from pfennig.language import say
from pfennig.money import Money
from pfennig.operations.books import bank
from pfennig.storage.unit import Unit


@dataclass(frozen=True)
class Row:
    """A detail of a transfer. id: of its element. plain: what is copied, if that is not the text."""

    id: str
    name: str
    text: str
    plain: str = ""

    @property
    def clipboard_text(self) -> str:
        """The text that a bank's form takes."""
        return self.plain or self.text


@dataclass(frozen=True)
class Instructions:
    """The details of a transfer for a page. why: the reason why it does not go to the shop. code: as markup.

    bank: its name. play_url: the page on which it arrives, in the twin.
    """

    rows: tuple[Row, ...]
    bank: str
    why: str
    code: Markup | None
    play_url: str | None


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

    def instructions(self, visit: Visit) -> Instructions | None:
        """The details of the transfer that is still to be made; None if none is."""
        if not self.open.amount:
            return None
        account, purpose, language = self.account, self.payment.purpose, visit.language
        rows = (
            Row("amount", say("Amount", language), self.open.text_in(language), sum_in_a_form(self.open, language)),
            Row("owner", say("Recipient", language), account["owner"]),
            Row("iban", "IBAN", iban_in_groups(account["iban"]), account["iban"]),
            Row("purpose", say("Reference", language), purpose),
            Row("bic", "BIC", account["bic"]),
        )
        shop = visit.merchant.companyname
        return Instructions(
            rows=tuple(row for row in rows if row.text),
            bank=account["bankname"],
            why=say(texts.WHY_OTHER_RECIPIENT, language, owner=account["owner"], shop=shop)
            if account["owner"] != shop
            else "",
            code=qr.svg(visit, self.open, purpose),
            play_url=None if visit.call.platform.can.moves_money else visit.url("/sim/transfer"),
        )


def sum_in_a_form(money: Money, language: str) -> str:
    """A sum as a bank's form takes it: without a currency, and without signs between thousands."""
    return f"{money.units:f}" if language.startswith("en") else f"{money.units:f}".replace(".", ",")


def awaited_transfer(unit: Unit, visit: Visit, payment: Payment | None) -> Transfer | None:
    """The transfer that a visit's payment is made by; None for other methods, and once there is nothing to pay."""
    if payment is None or not payment.awaits_transfer:
        return None
    return Transfer(payment, visit.contract.bank_account, Money(bank.still_open(unit, payment), payment.currency))
