"""The text of each mail, in the language of the payer. Source: docs/operators.md#mails."""

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from pfennig import language
from pfennig.domain.bank_days import next_bank_day
from pfennig.domain.container import Container, iban_in_groups
from pfennig.domain.mail import Kind, one_line
from pfennig.domain.methods import METHODS, Method
from pfennig.domain.parties import Contract, Merchant
from pfennig.domain.payment import Payment
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.mails.terms import RHYTHMS, Terms
from pfennig.money import Money
from pfennig.once import Once

Details = tuple[tuple[str, str], ...]
"""Labels and what they label; what is empty is not shown."""


@dataclass(frozen=True)
class Letter:
    """The content of a mail, in the order in which it is read."""

    subject: str
    heading: str
    greeting: str
    sentences: tuple[str, ...]
    details: Details
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Writer:
    """Writes the mails about one payment.

    instrument: what it is paid with, if the method needs one. day: of today, where the payer is.
    surplus: what arrived and is not needed, in minor units. terms: of the subscription that begins with it.
    subscription: what the shop calls the subscription that begins with it, or is billed.
    """

    stx: SmartTransaction
    payment: Payment
    contract: Contract
    merchant: Merchant
    instrument: Container | None
    day: date
    surplus: int = 0
    terms: Terms | None = None
    subscription: str = ""

    def write(self, kind: Kind) -> Letter:
        """The mail of that kind."""
        match kind:
            case Kind.TRANSFER_DETAILS:
                return self.transfer_details()
            case Kind.PAYER_CONFIRMATION:
                return self.payer_confirmation()
            case Kind.MANDATE_NOTICE:
                return self.mandate_notice()
            case Kind.MERCHANT_CONFIRMATION:
                return self.merchant_confirmation()
            case Kind.SURPLUS_NOTICE:
                return self.surplus_notice()
            case Kind.MERCHANT_SURPLUS_NOTICE:
                return self.merchant_surplus_notice()

    def transfer_details(self) -> Letter:
        """The mail that says where a payer sends the money for a prepayment."""
        return Letter(
            subject=self.say("Your order at {shop}: please transfer {amount}"),
            heading=self.say("Please transfer {amount}"),
            greeting=self.greeting(self.payer),
            sentences=(self.say("Your order goes ahead as soon as your transfer has arrived."),),
            details=self.transfer,
            notes=self.questions,
        )

    def payer_confirmation(self) -> Letter:
        """The mail that confirms to payers that they have paid, are debited, or transfer once the goods are there."""
        said = self.method.mails
        subject, heading, text = self.say(said.subject), self.say(said.heading), self.say(said.text)
        details = self.transfer if self.method.course.is_on_invoice else self.facts
        if self.terms:
            subject = self.say("Your subscription at {shop}")
            heading = self.say("Thank you, your subscription is set up")
        elif self.stx.cycle:
            name, month = (
                self.subscription_line[1] or self.shop,
                format_date(self.day, "LLLL y", locale=self.stx.language),
            )
            subject = heading = self.say("Payment for your subscription {name}, {month}", name=name, month=month)
        if not self.payment.amount:
            text, details = (
                self.say("{shop} charges nothing today."),
                (self.subscription_line, self.order, self.number),
            )
        sentences, notes = (text, *self.agreement), (*self.cancelling, *self.questions)
        return Letter(subject, heading, self.greeting(self.payer), sentences, details, notes)

    def mandate_notice(self) -> Letter:
        """The mail about a coming debit, its creditor and mandate; the rules of SEPA want payers to know before."""
        collected = self.day_text(next_bank_day(self.day))
        return Letter(
            subject=self.say("{shop} collects {amount} by direct debit on {day}", day=collected),
            heading=self.say("Notice of your SEPA direct debit"),
            greeting=self.greeting(self.payer),
            sentences=(
                self.say("By the mandate that you granted, {shop} collects {amount} from your account."),
                self.say("Please make sure that the account has enough funds on the day of collection."),
            ),
            details=(
                (self.say("Amount"), self.amount),
                (self.say("Day of collection"), collected),
                *self.mandate,
                self.subscription_line,
                self.order,
                self.number,
            ),
            notes=(
                self.say("You can claim a refund within eight weeks from the debit; your bank's terms apply."),
                *self.questions,
            ),
        )

    def merchant_confirmation(self) -> Letter:
        """The mail that tells a merchant that somebody has paid, or has ordered on invoice."""
        payer = self.payer or self.say("The payer")
        said = self.method.mails
        subject = self.say(said.shop_subject)
        sentences = tuple(self.say(sentence, payer=payer) for sentence in said.shop_sentences)
        if not self.payment.amount:
            subject = self.say("New subscription")
            sentences = (self.say("{payer} has subscribed.", payer=payer),)
        details = (
            (self.say("Payer"), self.payer),
            (self.say("E-mail"), one_line(self.contact.get("email") or "")),
            (self.say("Your reference"), one_line(self.stx.merchant_ref or "")),
        )
        return Letter(
            subject, subject, self.greeting(self.shop), (*sentences, *self.agreement), (*details, *self.facts)
        )

    def surplus_notice(self) -> Letter:
        """The mail to a payer who has transferred more than the payment needs, or too late."""
        return Letter(
            subject=self.say("{surplus} more than needed has arrived at {shop}", surplus=self.too_much),
            heading=self.say("{surplus} more than needed has arrived", surplus=self.too_much),
            greeting=self.greeting(self.payer),
            sentences=(
                self.say("This much of your transfers is not needed for the payment below."),
                self.say("{shop} can send it back to your account, or use it for another order."),
            ),
            details=(
                (self.say("Not needed"), self.too_much),
                (self.say("Date"), self.day_text(self.day)),
                self.order,
                self.number,
            ),
            notes=self.questions,
        )

    def merchant_surplus_notice(self) -> Letter:
        """The mail to a merchant about money that belongs to no order, and what can be done with it."""
        subject = self.say("{surplus} more than needed has arrived", surplus=self.too_much)
        return Letter(
            subject=subject,
            heading=subject,
            greeting=self.greeting(self.shop),
            sentences=(
                self.say("This much has arrived for the payment below, and it does not need it."),
                self.say("Please send it back, or give it to another payment."),
            ),
            details=(
                (self.say("Not needed"), self.too_much),
                (self.say("Payer"), self.payer),
                (self.say("Your reference"), one_line(self.stx.merchant_ref or "")),
                (self.say("Date"), self.day_text(self.day)),
                self.order,
                self.number,
            ),
        )

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
        """The amount of the payment as the payer reads it."""
        return self.payment.effective.text_in(self.stx.language)

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
        """The number by which people speak of the payment."""
        return self.say("Payment number"), self.payment.purpose

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
    def questions(self) -> tuple[str, ...]:
        """A sentence that says whom a payer can ask."""
        email = self.merchant.email
        return (self.say("Questions? Write to {shop} at {email}.", email=email),) if email else ()
