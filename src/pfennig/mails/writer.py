"""What a mail can say of a payment, in the language of the payer: names, amounts, accounts and days."""

from dataclasses import dataclass
from datetime import date

from pfennig import language
from pfennig.domain.container import Container, iban_in_groups
from pfennig.domain.legal_links import support_links
from pfennig.domain.mail import one_line
from pfennig.domain.methods import METHODS, Method
from pfennig.domain.parties import Contract, Merchant
from pfennig.domain.payment import Payment, State
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.mails import basket
from pfennig.mails.basket import Purchase
from pfennig.mails.letter import Button, Details
from pfennig.mails.terms import RHYTHMS, Terms
from pfennig.mails.transfer_code import scannable_transfer
from pfennig.money import Money
from pfennig.once import Once


@dataclass(frozen=True)
class Writer:
    """Knows what the mails about one payment say.

    instrument: what it is paid with, if the method needs one. day: of today, where the payer is.
    surplus: what arrived and is not needed, in minor units. terms: of the subscription that begins with it.
    subscription: what the shop calls the subscription that begins with it, or is billed. link: to the payment's page.
    is_test: whether no money moves. play_url: of the page that plays the bank, in the twin.
    refund: what goes back of it. retry: the day of another try to collect it.
    """

    stx: SmartTransaction
    payment: Payment
    contract: Contract
    merchant: Merchant
    instrument: Container | None
    day: date
    link: str
    is_test: bool
    play_url: str | None = None
    surplus: int = 0
    terms: Terms | None = None
    subscription: str = ""
    refund: Payment | None = None
    retry: date | None = None

    @property
    def about(self) -> Payment:
        """The payment that the mails belong to: a refund has its own."""
        return self.refund or self.payment

    @property
    def given_back(self) -> str:
        """The amount of the refund as a payer reads it."""
        return Money(abs(self.refund.amount if self.refund else 0), self.payment.currency).text_in(self.stx.language)

    @property
    def agreement(self) -> list[str]:
        """The agreement of a subscriber: what is paid when, how often, and until when."""
        return self.terms.lines(self.tongue) if self.terms else []

    @property
    def too_much(self) -> str:
        """The surplus as a payer reads it."""
        return Money(self.surplus, self.payment.currency).text_in(self.stx.language)

    @property
    def method(self) -> Method:
        """The method by which it is paid, in words."""
        return METHODS[self.payment.method]

    def say(self, message: str, **values: str) -> str:
        """A message in the payer's language and the contract's tone; the shop and the amount are known to all.

        So is who pays for the payer, where somebody lends them the money.
        """
        lender = language.say(self.method.products.collected.name, self.tongue)
        return language.say(message, self.tongue, shop=self.shop, amount=self.amount, lender=lender, **values)

    @Once
    def tongue(self) -> str:
        """The payer's language, in the tone of the contract."""
        return self.contract.branding.tongue(self.stx.language)

    def greeting(self, name: str) -> str:
        """The greeting of a mail."""
        return self.say("Hello {name},", name=name) if name else self.say("Hello,")

    def day_text(self, day: date) -> str:
        """A day as people write it."""
        return language.spoken_day(day, self.stx.language)

    @Once
    def shop(self) -> str:
        """The merchant: who sells."""
        return one_line(self.merchant.companyname)

    @Once
    def amount(self) -> str:
        """The amount of the payment as the payer reads it: what is left of it, or what was asked in vain."""
        is_denied = self.payment.state is State.DENIED
        return (self.payment.money if is_denied else self.payment.effective).text_in(self.stx.language)

    @property
    def contact(self) -> dict[str, str]:
        """The payer's contact, as far as it is known."""
        contact: dict[str, str] = self.stx.data.get("customer", {}).get("contact", {})
        return contact

    @property
    def payer(self) -> str:
        """The payer's name; empty where nobody knows it."""
        return one_line(self.contact.get("name") or self.contact.get("companyname") or "")

    @property
    def subscription_line(self) -> tuple[str, str]:
        """The subscription that begins or is billed, in the shop's words."""
        return self.say("Subscription"), one_line(self.subscription)

    @property
    def cancelling(self) -> tuple[str, ...]:
        """A sentence about how a payer cancels a subscription."""
        is_about_one = self.terms is not None or self.stx.cycle
        return (self.say("If you want to cancel the subscription, please contact {shop}."),) if is_about_one else ()

    @property
    def order(self) -> tuple[str, str]:
        """The order in the shop's words."""
        return self.say("Order"), one_line(self.stx.transaction_ref or "")

    @property
    def number(self) -> tuple[str, str]:
        """The number by which people speak of the payment; empty for one that was only just added."""
        return self.say("Payment number"), self.payment.purpose if self.payment.seq else ""

    @property
    def facts(self) -> Details:
        """The facts of a payment: amount, moment and method."""
        return (
            (self.say("Amount"), self.amount),
            (self.say("Payment method"), self.say(self.method.products.collected.name)),
            (self.say("Date"), self.day_text(self.day)),
            self.subscription_line,
            self.order,
            self.number,
        )

    @property
    def transfer(self) -> Details:
        """The transfer that the payer has to make: amount, account and purpose."""
        account = self.contract.bank_account
        return (
            (self.say("Amount"), self.amount),
            (self.say("Recipient"), one_line(account["owner"])),
            (self.say("IBAN"), iban_in_groups(account["iban"])),
            (self.say("Bank"), f"{one_line(account['bankname'])}, {account['bic']}"),
            (self.say("Reference"), self.payment.purpose),
            self.order,
        )

    @property
    def code(self) -> str:
        """The transfer as a code to scan; empty where there is none. By it, no test is paid."""
        if self.is_test and not self.play_url:
            return ""
        account, due = self.contract.bank_account, self.payment.effective
        drawn = scannable_transfer(account, due, self.payment.purpose, self.play_url)
        return drawn.png_data_uri(scale=4, border=4) if drawn else ""

    @property
    def mandate(self) -> Details:
        """The account that is debited, and the mandate for it. Of the IBAN a mail shows the last four digits."""
        if self.instrument is None:
            return ()
        account, mandate = self.instrument.private, self.instrument.mandate
        return (
            (self.say("Account holder"), one_line(account["owner"])),
            (self.say("IBAN"), self.say("ends in {digits}", digits=account["iban"][-4:])),
            (self.say("Creditor"), self.shop),
            (self.say("Creditor identifier"), mandate["creditor_id"]),
            (self.say("Mandate reference"), mandate["identification"]),
            (self.say("Type of payment"), self.say(RHYTHMS[self.stx.is_for_subscription])),
        )

    @property
    def button(self) -> Button:
        """The way to the payment's page, which always says how it stands."""
        return Button(self.say("See the payment"), self.link)

    def purchase(self, title: str) -> Purchase | None:
        """What is paid for, line by line, under this title.

        None where nobody said it, nothing is paid now, or the contract shows no baskets.
        """
        paid, is_shown = self.payment.effective, self.contract.branding.is_basket_shown
        return basket.purchase(self.stx, paid, self.tongue, title) if paid.amount and is_shown else None

    @property
    def payers_purchase(self) -> Purchase | None:
        """The basket under the title that the shop gives it on the page."""
        said = self.stx.wording.get("basket_title") or self.contract.branding.basket_title
        return self.purchase(one_line(said) or self.say("Your order"))

    @property
    def questions(self) -> tuple[str, ...]:
        """A sentence that says whom a payer can ask."""
        found = (
            link.title for link in support_links(self.contract, self.merchant, self.tongue) if link.name == "email"
        )
        return tuple(self.say("Questions? Write to {shop} at {email}.", email=email) for email in found)
