"""The columns of the table of methods: everything known of a way to pay. Source: docs/methods.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import Any

from pfennig.domain.container import Type
from pfennig.domain.payment_states import DetailedStatus, State
from pfennig.money import Money


@dataclass(frozen=True)
class Product:
    """A product, as the provider's books call a movement: a number, and an English name (the key of the others)."""

    number: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Products:
    """The products of a method's payments and refunds. Numbers from 900 are ours: the real ones are not public.

    authorised: of money that is only reserved; None where a payment is never that.
    """

    authorised: Product | None = None
    collected: Product
    refunded: Product


class Transfer(Enum):
    """The moment at which the payer transfers the money themselves."""

    IN_ADVANCE = "in advance"
    AFTER_DELIVERY = "after delivery"


class Refund(Enum):
    """The way of a refund: back by the rail, to the account that was debited, or to the one that transferred."""

    RAIL = "rail"
    DEBITED_ACCOUNT = "debited account"
    SENDER = "sender"


@dataclass(frozen=True, kw_only=True)
class Course:
    """The course of a payment.

    states: those that it can reach.
    statuses: where it has a detailed status of its own for a state.
    transfer: when the payer transfers the money; None where a rail fetches it.
    raisable: the states in which the amount stands with us alone, so that it can be raised. A card network or a
    payment service has reserved, or been paid, so much.
    is_lowered_once: whether a reservation can be made smaller only once.
    refund: where refunds go.
    """

    states: frozenset[State]
    statuses: Mapping[State, DetailedStatus] = field(default_factory=dict)
    transfer: Transfer | None = None
    raisable: frozenset[State] = frozenset()
    is_lowered_once: bool = False
    refund: Refund = Refund.RAIL

    @property
    def is_immediate(self) -> bool:
        """True where the money is collected with the authorisation, whatever the shop says."""
        return State.AUTHORISED not in self.states and self.transfer is None

    @property
    def is_prepaid(self) -> bool:
        """True where the payer transfers the money first."""
        return self.transfer is Transfer.IN_ADVANCE

    @property
    def is_on_invoice(self) -> bool:
        """True where the payer transfers the money once the goods are there."""
        return self.transfer is Transfer.AFTER_DELIVERY


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of a method: which payments it is for, and whose. What is None, or False, limits nothing.

    currencies: the only ones. Those of a transfer are the account's, too (domain/choice.py).
    least, most: the smallest and the largest sum, with its currency.
    countries: where a payer must live, if their address is known.
    is_for_consumers: whether companies cannot pay by it.
    is_for_one_owner: whether nobody else can get a part or a share of it.
    last_day: its last day in the world, in Germany; contracts choose whether it ends here, too.
    """

    currencies: frozenset[str] | None = None
    least: Money | None = None
    most: Money | None = None
    countries: frozenset[str] | None = None
    is_for_consumers: bool = False
    is_for_one_owner: bool = False
    last_day: date | None = None

    def has_currency(self, currency: str) -> bool:
        """False where nobody can pay in this currency."""
        return self.currencies is None or currency in self.currencies

    def fits(self, money: Money, contact: Mapping[str, Any], is_shared: bool = False) -> bool:
        """False for a sum or a payer that it is not for. is_shared: whether others get parts or shares of it."""
        country = (contact.get("address") or {}).get("country")
        is_refused = (
            (self.is_for_consumers and contact.get("companyname"))
            or (self.is_for_one_owner and is_shared)
            or (self.countries is not None and country and country not in self.countries)
        )
        return not is_refused and self.has_sum(money)

    def has_sum(self, money: Money) -> bool:
        """False for too little, too much, and for a currency in which there are limits nobody knows.

        A sum of 0 is not decided yet.
        """
        is_known = all(limit.currency == money.currency for limit in (self.least, self.most) if limit)
        is_enough = self.least is None or self.least <= money or money.amount == 0
        return is_known and is_enough and (self.most is None or money <= self.most)


@dataclass(frozen=True, kw_only=True)
class Repetition:
    """The ways to ask for money again once the payer has agreed.

    is_for_plans: whether a plan may name it. is_collected: whether we then collect what is due.
    has_series: whether a shop may ask again by the first payment's id (merchant-initiated).
    """

    is_for_plans: bool = False
    is_collected: bool = False
    has_series: bool = False


class Outside(Enum):
    """Whether the payer goes to a page of somebody else."""

    NEVER = "never"
    SOMETIMES = "sometimes"
    ALWAYS = "always"


ASKED_BY_RAIL = "You enter your payment details on the next page"
"""The hint of a method whose rail asks for card or account itself."""


CONTINUE_TO = "Continue to {institution}"
"""What the button of a method says that is confirmed on a page of somebody else."""


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """The texts and fields that a payer sees. Texts are English, the keys of their translations.

    title, hint: its two lines among the others.
    form: the template of its panel, which has these fields in their order; empty for methods without any.
    submit: what the button says that pays. icon: the glyph beside it.
    outside: whether a page of somebody else follows. institution: whose page the simulated one stands in for.
    refusal: the button by which that page says no.
    """

    title: str
    hint: str
    form: str = ""
    fields: tuple[str, ...] = ()
    submit: str = "Pay {amount}"
    icon: str = "outside"
    outside: Outside = Outside.NEVER
    institution: str = "a bank (3\N{NON-BREAKING HYPHEN}D Secure)"
    refusal: str = "Refuse authentication"

    def on_page_of_rail(self) -> "Checkout":
        """The checkout of a method whose rail asks for card or account on its own page: nothing is asked here."""
        return replace(self, form="", fields=(), hint=ASKED_BY_RAIL, submit="Continue", outside=Outside.ALWAYS)


@dataclass(frozen=True, kw_only=True)
class Mails:
    """The mails' texts about a payment that is good. Texts are English, the keys of their translations.

    subject, heading, text: for the payer; {lender} is its name. shop_subject, shop_sentences: for the merchant.
    """

    subject: str = "Your payment of {amount} to {shop}"
    heading: str = "Thank you, your payment is complete"
    text: str = "{shop} has received your payment of {amount}."
    shop_subject: str = "New payment of {amount}"
    shop_sentences: tuple[str, ...] = ("{payer} has paid {amount}.",)


@dataclass(frozen=True, kw_only=True)
class Wire:
    """The method's names in other parts of the API. name: contracts. endpoint: its legacy endpoint, if it has one.

    crowd: the sums of crowd projects, if they name it.
    """

    name: str
    endpoint: str | None = None
    crowd: str | None = None


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to pay, by its word on the wire.

    instruments: the kinds of instrument that it takes, the usual one first; empty where it needs none.
    needs_address: whether it must be known where the payer lives: who lends money wants to know.
    lends: whether somebody else lends the payer the money, who then chooses the instalments.
    """

    word: str
    wire: Wire
    products: Products
    course: Course
    limits: Limits = Limits()
    instruments: tuple[Type, ...] = ()
    needs_address: bool = False
    lends: bool = False
    repetition: Repetition = Repetition()
    checkout: Checkout
    mails: Mails = Mails()

    @property
    def takes_cards(self) -> bool:
        """True where the payer says the number of a card."""
        return Type.CREDIT_CARD in self.instruments

    @property
    def takes_debits(self) -> bool:
        """True where the payer's account is debited, for which they grant a mandate."""
        return Type.BANK_ACCOUNT in self.instruments

    @property
    def is_outside(self) -> bool:
        """True where the payer always goes to a page of somebody else."""
        return self.checkout.outside is Outside.ALWAYS

    def texts(self) -> Iterator[str]:
        """Every text of it that people may read, in English."""
        page, mails, products = self.checkout, self.mails, self.products
        yield from (page.title, page.hint, page.submit, page.institution, page.refusal)
        if self.instruments:
            yield from ((there := page.on_page_of_rail()).hint, there.submit)
        yield from (mails.subject, mails.heading, mails.text, mails.shop_subject, *mails.shop_sentences)
        yield from (one.name for one in (products.authorised, products.collected, products.refunded) if one)
        yield from (status.text for status in self.course.statuses.values())
