"""The report on the result page: how a payment stands. Source: docs/checkout.md#how-it-went."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from pfennig.checkout import texts
from pfennig.checkout import transfer as transfers
from pfennig.checkout.transfer import Transfer
from pfennig.checkout.visit import FINISHED, Visit
from pfennig.clock import german_day
from pfennig.domain.bank_days import next_bank_day
from pfennig.domain.container import WALLETS
from pfennig.domain.email_address import masked_address
from pfennig.domain.methods import METHODS, Method
from pfennig.domain.payment import Payment, State
from pfennig.domain.smart_transaction import DELIVERED, DONE, StxStatus
from pfennig.language import say, spoken_day
from pfennig.money import Money
from pfennig.operations.notifications import mails
from pfennig.operations.pay import attempts, surplus
from pfennig.storage.unit import Unit

SETTLED = DONE | DELIVERED

SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 4, 300
"""Pauses between two looks at a payment that is being checked."""


@dataclass(frozen=True)
class Report:
    """The content of a result page. notes: sentences below the ending. transfer: what the payer has to transfer.

    facts: what the payer may note, by its name. asked_again_after: the seconds after which a page without a script
    asks anew; None where it does not.
    """

    heading: str
    text: str
    kind: str
    notes: tuple[str, ...] = ()
    transfer: Transfer | None = None
    facts: tuple[tuple[str, str], ...] = ()
    asked_again_after: int | None = None

    @property
    def version(self) -> str:
        """Another one as soon as the page says something else."""
        return hashlib.sha256(repr((self.heading, self.text, self.kind, self.notes)).encode()).hexdigest()[:16]

    @property
    def may_change(self) -> bool:
        """True for a page at which the payer waits for something."""
        return self.kind in ("processing", "waiting") or self.transfer is not None


@dataclass(frozen=True)
class Teller:
    """Reports on one payment. returned: what went back, or is on its way; over: what came and is not needed."""

    unit: Unit
    visit: Visit
    payment: Payment
    transfer: Transfer | None
    returned: Money
    over: Money

    def report(self) -> Report:
        """The report about the payment."""
        ending, stx = self.ending(), self.visit.stx
        if stx.subscription_item and stx.status in SETTLED and ending.kind in ("paid", "approved"):
            ending = replace(ending, heading=texts.SUBSCRIBED.heading)
        is_shown = bool(self.transfer and self.transfer.open.amount and ending is self.transfer.ending)
        is_noted = stx.status in FINISHED and not (is_shown or stx.is_for_instrument)
        return Report(
            self.say(ending.heading),
            self.say(ending.text),
            ending.kind,
            tuple(map(self.say, (*self.notes(ending), *self.last_notes(ending, is_shown)))),
            self.transfer if is_shown else None,
            self.facts if is_noted else (),
            self.pause_seconds if ending.kind == "processing" else None,
        )

    def last_notes(self, ending: texts.Ending, is_shown: bool) -> Iterator[str]:
        """The notes on what becomes of this page."""
        stx = self.visit.stx
        if ending.kind == "processing":
            yield texts.LOOKS_AGAIN
        if self.visit.back or stx.status is StxStatus.FAILED or ending is texts.IN_REVIEW:
            return
        if is_shown:
            yield texts.SHOWN_AGAIN
        else:
            yield texts.ASK_BY_NUMBER if stx.status in FINISHED and not stx.is_for_instrument else texts.CAN_CLOSE

    def ending(self) -> texts.Ending:
        """The ending that fits the payment."""
        status = self.visit.stx.status
        if status is StxStatus.CANCELLED or self.payment.state is State.VOID:
            return self.cancelled_ending()
        if status is StxStatus.PENDING:
            return self.transfer.ending if self.transfer else texts.IN_REVIEW
        return self.settled_ending() if status in SETTLED else texts.ENDINGS.get(status, texts.UNANSWERED)

    def cancelled_ending(self) -> texts.Ending:
        """The ending of a payment that was called off, or given back."""
        if not self.returned.amount:
            return texts.ENDINGS[StxStatus.CANCELLED]
        return texts.REFUNDED if self.visit.stx.status in SETTLED else texts.CALLED_OFF

    def settled_ending(self) -> texts.Ending:
        """The ending of a payment that was paid at some time."""
        if self.payment.state is State.ISSUE:
            return texts.RETURNED if self.method.takes_debits else texts.CHARGED_BACK
        if self.visit.stx.is_for_instrument:
            return texts.REPLACED
        if not self.payment.amount:
            return texts.SUBSCRIBED
        if not self.payment.effective.amount:
            return self.cancelled_ending()
        if self.transfer and self.method.course.is_on_invoice:
            return self.transfer.ending
        if self.method.takes_debits and self.payment.container_id:  # else only the rail knows the day
            return texts.COLLECTED if self.collected_on < german_day(self.unit.now) else texts.COLLECTS
        return texts.FINANCED if self.method.lends else texts.PAID

    def notes(self, ending: texts.Ending) -> Iterator[str]:
        """The notes below the ending."""
        if ending in (texts.RETURNED, texts.CHARGED_BACK):
            yield texts.ASK_SHOP
        elif self.returned.amount and self.payment.effective.amount:
            yield texts.PARTLY_REFUNDED
        if self.over.amount:
            yield from (texts.TOO_MUCH, texts.TOO_MUCH_GOES)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The facts of the payment by their names in the payer's mail. The page's head has shop and sum.

        Links do not expire and are passed on, so there is no more of a person in them than that person recognises.
        """
        recipient = masked_address(mails.confirmation_recipient(self.unit, self.payment.id))
        return (
            (self.say("Payment method"), self.instrument_text),
            (self.say("Payment number"), self.payment.purpose),
            (self.say("Date"), spoken_day(german_day(self.payment.created), self.visit.language)),
            *([(self.say("Confirmation sent to"), recipient)] if recipient else []),
        )

    @property
    def instrument_text(self) -> str:
        """The method, and which card, account or wallet it was, as far as the payer needs to recognise it."""
        name = self.say(self.method.products.collected.name)
        instrument = self.unit.containers.find(self.payment.container_id or "")
        if instrument is None:
            return name
        digits, wallet = instrument.last_digits, WALLETS.get(instrument.type)
        known = wallet or (say("ends in {digits}", self.visit.language, digits=digits) if digits else "")
        return f"{name}, {known}" if known else name

    @property
    def pause_seconds(self) -> int:
        """The seconds until a page without a script asks again: the longer it has waited, the more."""
        waited = (self.unit.now - self.payment.created).total_seconds()
        return round(min(max(waited / 4, SHORTEST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS))

    def say(self, text: str) -> str:
        """A text in the language of the page, with all that may be in it."""
        visit, language = self.visit, self.visit.language
        amounts = {"amount": self.amount.text_in(language), "returned": self.returned.text_in(language)}
        if self.transfer and self.transfer.open.amount:
            amounts |= self.transfer.amounts(language)
        return say(
            text,
            language,
            **amounts,
            shop=visit.merchant.companyname,
            surplus=self.over.text_in(language),
            day=spoken_day(self.collected_on, language),
            lender=say(self.method.products.collected.name, language),
        )

    @property
    def method(self) -> Method:
        """The method by which it is paid, in words."""
        return METHODS[self.payment.method]

    @property
    def amount(self) -> Money:
        """The amount that was paid, with what went back of it."""
        return Money(self.payment.effective.amount + self.returned.amount, self.payment.currency)

    @property
    def collected_on(self) -> date:
        """The day on which a debit is collected: the bank day after it was accepted, as the payer's mail says."""
        accepted = self.unit.moves.all(object_id=self.payment.id, after=State.ACCEPTED)
        return next_bank_day(german_day(min((move.created for move in accepted), default=self.payment.created)))


def report(unit: Unit, visit: Visit) -> Report:
    """The report about how a visit went."""
    payment = unit.payments.find(visit.stx.payment_id or "")
    if payment:
        transfer, over = transfers.awaited_transfer(unit, visit, payment), surplus.of(unit, payment)
        back = Money(returned_amount(unit, payment, over), payment.currency)
        return Teller(unit, visit, payment, transfer, back, Money(over, payment.currency)).report()
    return plain(visit, texts.ENDINGS.get(visit.stx.status, texts.UNANSWERED))


def plain(visit: Visit, ending: texts.Ending) -> Report:
    """An ending that knows no more than the shop and the sum."""
    amounts = {"shop": visit.merchant.companyname, "amount": visit.due.text_in(visit.language)}
    heading, text = (say(each, visit.language, **amounts) for each in (ending.heading, ending.text))
    return Report(heading, text, ending.kind)


def returned_amount(unit: Unit, payment: Payment, over: int) -> int:
    """The amount that goes back of a payment; of an invoice, which need not be paid yet, no more than has come."""
    if not METHODS[payment.method].course.is_on_invoice:
        return payment.refunded
    return (
        max(attempts.received_amount(unit, payment) - over - payment.effective.amount, 0) if payment.refunded else 0
    )
