"""The text of each kind of mail, in the language of the payer. Source: docs/operators.md#mails.

A new kind is a function here, and a row of `LETTERS`.
"""

from collections.abc import Callable, Mapping

from babel.dates import format_date

from pfennig.domain.bank_days import next_bank_day
from pfennig.domain.mail import Kind, one_line
from pfennig.mails import events
from pfennig.mails.letter import Button, Letter
from pfennig.mails.writer import Writer


def write(writer: Writer, kind: Kind) -> Letter:
    """The mail of that kind."""
    return LETTERS[kind](writer)


def transfer_details(writer: Writer) -> Letter:
    """The mail that says where a payer sends the money for a prepayment."""
    return Letter(
        subject=writer.say("Your order at {shop}: please transfer {amount}"),
        heading=writer.say("Please transfer {amount}"),
        greeting=writer.greeting(writer.payer),
        sentences=(writer.say("Your order goes ahead as soon as your transfer has arrived."),),
        details=writer.transfer,
        notes=writer.questions,
        button=Button(writer.say("See the transfer details"), writer.link),
        code=writer.code,
        purchase=writer.payers_purchase,
    )


def payer_confirmation(writer: Writer) -> Letter:
    """The mail that confirms to payers that they have paid, are debited, or transfer once the goods are there."""
    said = writer.method.mails
    subject, heading, text = writer.say(said.subject), writer.say(said.heading), writer.say(said.text)
    details = writer.transfer if writer.method.course.is_on_invoice else writer.facts
    if writer.terms:
        subject = writer.say("Your subscription at {shop}")
        heading = writer.say("Thank you, your subscription is set up")
    elif writer.stx.cycle:
        name, month = (
            writer.subscription_line[1] or writer.shop,
            format_date(writer.day, "LLLL y", locale=writer.stx.language),
        )
        subject = heading = writer.say("Payment for your subscription {name}, {month}", name=name, month=month)
    if not writer.payment.amount:
        text, details = (
            writer.say("{shop} charges nothing today."),
            (writer.subscription_line, writer.order, writer.number),
        )
    return Letter(
        subject,
        heading,
        greeting=writer.greeting(writer.payer),
        sentences=(text, *writer.agreement),
        details=details,
        notes=(*writer.cancelling, *writer.questions),
        button=writer.button,
        code=writer.code if details == writer.transfer else "",
        purchase=writer.payers_purchase,
    )


def mandate_notice(writer: Writer) -> Letter:
    """The mail about a coming debit, its creditor and mandate; the rules of SEPA want payers to know before."""
    collected = writer.day_text(next_bank_day(writer.day))
    return Letter(
        subject=writer.say("{shop} collects {amount} by direct debit on {day}", day=collected),
        heading=writer.say("Notice of your SEPA direct debit"),
        greeting=writer.greeting(writer.payer),
        sentences=(
            writer.say("By the mandate that you granted, {shop} collects {amount} from your account."),
            writer.say("Please make sure that the account has enough funds on the day of collection."),
        ),
        details=(
            (writer.say("Amount"), writer.amount),
            (writer.say("Day of collection"), collected),
            *writer.mandate,
            writer.subscription_line,
            writer.order,
            writer.number,
        ),
        notes=(
            writer.say("You can claim a refund within eight weeks from the debit; your bank's terms apply."),
            *writer.questions,
        ),
        button=writer.button,
    )


def merchant_confirmation(writer: Writer) -> Letter:
    """The mail that tells a merchant that somebody has paid, or has ordered on invoice."""
    payer = writer.payer or writer.say("The payer")
    said = writer.method.mails
    subject = writer.say(said.shop_subject)
    sentences = tuple(writer.say(sentence, payer=payer) for sentence in said.shop_sentences)
    if not writer.payment.amount:
        subject = writer.say("New subscription")
        sentences = (writer.say("{payer} has subscribed.", payer=payer),)
    details = (
        (writer.say("Payer"), writer.payer),
        (writer.say("E-mail"), one_line(writer.contact.get("email") or "")),
        (writer.say("Your reference"), one_line(writer.stx.merchant_ref or "")),
    )
    return Letter(
        subject,
        heading=subject,
        greeting=writer.greeting(writer.shop),
        sentences=(*sentences, *writer.agreement),
        details=(*details, *writer.facts),
        purchase=writer.purchase(writer.say("Order")),
    )


def surplus_notice(writer: Writer) -> Letter:
    """The mail to a payer who has transferred more than the payment needs, or too late."""
    return Letter(
        subject=writer.say("{surplus} more than needed has arrived at {shop}", surplus=writer.too_much),
        heading=writer.say("{surplus} more than needed has arrived", surplus=writer.too_much),
        greeting=writer.greeting(writer.payer),
        sentences=(
            writer.say("This much of your transfers is not needed for the payment below."),
            writer.say("{shop} can send it back to your account, or use it for another order."),
        ),
        details=(
            (writer.say("Not needed"), writer.too_much),
            (writer.say("Date"), writer.day_text(writer.day)),
            writer.order,
            writer.number,
        ),
        notes=writer.questions,
        button=writer.button,
    )


def merchant_surplus_notice(writer: Writer) -> Letter:
    """The mail to a merchant about money that belongs to no order, and what can be done with it."""
    subject = writer.say("{surplus} more than needed has arrived", surplus=writer.too_much)
    return Letter(
        subject=subject,
        heading=subject,
        greeting=writer.greeting(writer.shop),
        sentences=(
            writer.say("This much has arrived for the payment below, and it does not need it."),
            writer.say("Please send it back, or give it to another payment."),
        ),
        details=(
            (writer.say("Not needed"), writer.too_much),
            (writer.say("Payer"), writer.payer),
            (writer.say("Your reference"), one_line(writer.stx.merchant_ref or "")),
            (writer.say("Date"), writer.day_text(writer.day)),
            writer.order,
            writer.number,
        ),
    )


LETTERS: Mapping[Kind, Callable[[Writer], Letter]] = {
    Kind.TRANSFER_DETAILS: transfer_details,
    Kind.PAYER_CONFIRMATION: payer_confirmation,
    Kind.MANDATE_NOTICE: mandate_notice,
    Kind.MERCHANT_CONFIRMATION: merchant_confirmation,
    Kind.SURPLUS_NOTICE: surplus_notice,
    Kind.MERCHANT_SURPLUS_NOTICE: merchant_surplus_notice,
    Kind.RENEWAL_FAILED: events.renewal_failed,
    Kind.SUBSCRIPTION_ENDED: events.subscription_ended,
    Kind.REFUND_NOTICE: events.refund_notice,
    Kind.CHARGE_BACK_NOTICE: events.charge_back_notice,
}
"""What writes each kind of mail."""
