"""The text of mails about what happens to a payment or a subscription later on. Source: docs/operators.md#mails."""

from pfennig.domain.methods import Refund
from pfennig.mails.letter import Button, Letter
from pfennig.mails.writer import Writer

WAYS_BACK = {
    Refund.RAIL: "The money goes back the way you paid. That can take a few days.",
    Refund.DEBITED_ACCOUNT: "The money goes to the account that was debited. That can take a few days.",
    Refund.SENDER: "The money goes to the account that you transferred it from. That can take a few days.",
}
"""Where a payer finds what was refunded."""


def renewal_failed(writer: Writer) -> Letter:
    """The mail to a subscriber whose payment failed: when it is tried again, and what they can do."""
    subject = writer.say("The payment for your subscription {name} failed", name=subscription_name(writer))
    if writer.retry:
        next_try = writer.say("It is tried again on {day}.", day=writer.day_text(writer.retry))
    else:
        next_try = writer.say("It is not tried again by itself, and the subscription is suspended.")
    return Letter(
        subject=subject,
        heading=subject,
        greeting=writer.greeting(writer.payer),
        sentences=(
            writer.say("{shop} could not collect {amount}."),
            next_try,
            writer.say("You can also pay it yourself at once, by the same or another payment method."),
        ),
        details=writer.facts,
        notes=(
            writer.say("If you want to change the payment method of the subscription, please contact {shop}."),
            *writer.questions,
        ),
        button=Button(writer.say("Pay now"), writer.link),
    )


def subscription_ended(writer: Writer) -> Letter:
    """The mail to a subscriber about the end: nothing more is collected."""
    subject = writer.say("Your subscription {name} has ended", name=subscription_name(writer))
    return Letter(
        subject=subject,
        heading=subject,
        greeting=writer.greeting(writer.payer),
        sentences=(writer.say("{shop} collects nothing more for it."),),
        details=(
            writer.subscription_line,
            (writer.say("Date"), writer.day_text(writer.day)),
            writer.order,
            writer.number,
        ),
        notes=writer.questions,
    )


def refund_notice(writer: Writer) -> Letter:
    """The mail to a payer about money that goes back to them."""
    course, refund = writer.method.course, writer.given_back
    sentences = writer.say("{shop} has refunded {refund}.", refund=refund), writer.say(WAYS_BACK[course.refund])
    if course.is_on_invoice:  # who may not have transferred anything yet
        off = writer.say("{shop} has taken {refund} off your order.", refund=refund)
        sentences = off, writer.say("What you have transferred of it already goes back to your account.")
    return Letter(
        subject=writer.say("Your refund of {refund} from {shop}", refund=refund),
        heading=writer.say("Your refund of {refund}", refund=refund),
        greeting=writer.greeting(writer.payer),
        sentences=sentences,
        details=(
            (writer.say("Refund"), refund),
            *writer.facts[1:],
        ),
        notes=writer.questions,
        button=writer.button,
    )


def charge_back_notice(writer: Writer) -> Letter:
    """The mail to a payer whose bank has taken a payment back: a return debit, or a charge-back."""
    heading, text = ("Your direct debit was returned", "Your bank did not pay {amount} to {shop}.")
    if not writer.method.takes_debits:
        heading, text = ("This payment was charged back", "Your bank has taken {amount} back from {shop}.")
    return Letter(
        subject=writer.say(heading),
        heading=writer.say(heading),
        greeting=writer.greeting(writer.payer),
        sentences=(writer.say(text), writer.say("Please ask {shop} what to do now.")),
        details=writer.facts,
        notes=writer.questions,
        button=writer.button,
    )


def subscription_name(writer: Writer) -> str:
    """The subscription as its payer knows it: by its name, else by the shop."""
    return writer.subscription_line[1] or writer.shop
