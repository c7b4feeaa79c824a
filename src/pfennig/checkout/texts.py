"""The pages' texts about methods, results and reasons. English is the key of the translations (locale/)."""

from dataclasses import dataclass

from pfennig.domain.attempt import Reason
from pfennig.domain.smart_transaction import StxStatus
from pfennig.operations.pay.payers import Part


@dataclass(frozen=True)
class Detail:
    """A detail about the payer: its name, and what to do about a wrong one."""

    label: str
    wrong: str


ABOUT_PAYER = {
    "salutation": Detail("Salutation (optional)", "Please choose one of these salutations, or none"),
    "forename": Detail("First name", "Please enter your first name"),
    "surname": Detail("Last name", "Please enter your last name"),
    "email": Detail("E-mail", "Please enter an e-mail address such as name@example.com"),
    "street": Detail("Street and house number", "Please enter your street and house number"),
    "postal_code": Detail("Postal code", "Please enter your postal code; in Germany it has 5 digits"),
    "city": Detail("City", "Please enter your city"),
    "country": Detail("Country", "Please choose your country"),
}
ABOUT_DELIVERY = {
    "forename": Detail("Recipient's first name", "Please enter the recipient's first name"),
    "surname": Detail("Recipient's last name", "Please enter the recipient's last name"),
    "street": Detail("Street and house number", "Please enter the street and house number"),
    "postal_code": Detail("Postal code", "Please enter the postal code; in Germany it has 5 digits"),
    "city": Detail("City", "Please enter the city"),
    "country": Detail("Country", "Please choose the country"),
}
ASKED = {Part.CUSTOMER: ABOUT_PAYER, Part.SHIPPING: ABOUT_DELIVERY}
SALUTATIONS = {"": "Not specified", "Frau": "Ms", "Herr": "Mr"}
TITLES = {Part.CUSTOMER: "Your details", Part.SHIPPING: "Delivery address"}
WHY_DELIVERY = "Where should your order be sent?"
WHY_PERSON = "We need these details for the payment."
WHY_ADDRESS = "This payment method needs your address."
WHY_AGAIN = "You can correct here what you entered."

REFUSAL = "Refuse authentication"
"""The button by which the sheet of a wallet says no."""

NOTHING_DUE = {"Paid at once, confirmed with your bank": "Confirmed with your bank"}
"""Hints of methods where nothing is to be paid today."""

CARD_FORM = {
    "title": "Card details",
    "test": "Only test cards can be used here. Never enter a real card number.",
    "insecure": "This form works over https and on localhost only: elsewhere browsers do not encrypt.",
    "number": "Card number",
    "number_hint": "We accept {schemes}.",
    "expiry": "Valid until",
    "expiry_hint": "MM/YY, as on the card",
    "cvv": "Security code",
}
"""The card form in shops' own pages."""

REASONS = {
    Reason.INSUFFICIENT_FUNDS: "Your bank refused the payment because the account does not have enough funds.",
    Reason.DO_NOT_HONOUR: "Your bank refused the payment. Please use another card or ask your bank.",
    Reason.CARD_LOST: "Your bank refused the payment. Please use another card or ask your bank.",
    Reason.CARD_EXPIRED: "Your card has expired. Please use another one.",
    Reason.ISSUER_UNAVAILABLE: "Your bank could not be reached. Please try again later or pay in another way.",
    Reason.AUTHENTICATION_UNAVAILABLE: "Your bank could not confirm that it is you who is paying.",
    Reason.AUTHENTICATION_TIMEOUT: "Your bank did not confirm in time that it is you who is paying.",
    Reason.AUTHENTICATION_FAILED: "Your bank could not confirm that it is you who is paying.",
    Reason.PAYER_CANCELLED: "You cancelled the confirmation.",
    Reason.SERVICE_REFUSED: "The payment service refused the payment. Please choose another payment method.",
    Reason.ACCOUNT_REFUSED: "This bank account cannot be used here. Please choose another payment method.",
}


UNCHARGED = "Nothing was charged."

FAILED = "The last attempt did not succeed."


@dataclass(frozen=True)
class Ending:
    """The look and the text of a result page."""

    kind: str
    heading: str
    text: str


PAID = Ending("paid", "Thank you, your payment is complete", "{shop} has received your payment of {amount}.")
COLLECTS = Ending(
    "approved", "Thank you, your payment is confirmed", "{shop} collects {amount} from your account on {day}."
)
COLLECTED = Ending("paid", PAID.heading, "{shop} has collected {amount} from your account by direct debit.")
"""Endings of a direct debit: until its day, and after it."""

FINANCED = Ending(
    "paid",
    "Thank you, your order is paid",
    "{lender} has paid {amount} to {shop}. You pay {lender} in the instalments you agreed on.",
)
SUBSCRIBED = Ending("paid", "Thank you, your subscription is set up", "{shop} charges nothing today.")
"""Endings of an order that costs nothing at once; the heading is that of every order of a subscription."""

REPLACED = Ending(
    "paid",
    "Thank you, your new payment method is saved",
    "Your subscription is paid this way from now on. Nothing is charged today.",
)

ENDINGS = {
    StxStatus.OK: PAID,
    StxStatus.RECEIVED: PAID,
    StxStatus.COLLECTION: PAID,
    StxStatus.SHIPPED: PAID,
    StxStatus.COLLECTED: PAID,
    StxStatus.APPROVED: Ending(
        "approved", "Thank you, your payment is confirmed", "{shop} now completes your order of {amount}."
    ),
    StxStatus.PENDING: Ending(
        "waiting", "Please transfer {amount}", "Your order goes ahead as soon as your transfer has arrived."
    ),
    StxStatus.FAILED: Ending("failed", "The payment did not succeed", UNCHARGED),
    StxStatus.CANCELLED: Ending(
        "cancelled", "This payment was cancelled", "If money was paid, you get it back the way you paid."
    ),
    StxStatus.ABORTED: Ending(
        "aborted",
        "This payment has ended",
        "Nothing was charged. If you still want to buy, please start again in the shop.",
    ),
}

INVOICED = Ending(
    "approved",
    "Thank you for your order",
    "{shop} will send your order. Please transfer {amount} once it has arrived.",
)

PARTLY_PAID = Ending(
    "waiting", "Please transfer another {amount}", "{arrived} has arrived, {amount} is still missing."
)

CALLED_OFF = Ending("cancelled", "This payment was cancelled", "You get {returned} back the way you paid.")
REFUNDED = Ending("cancelled", "Your payment was refunded", "You get {returned} back the way you paid.")
PARTLY_REFUNDED = "You get {returned} of it back the way you paid."

RETURNED = Ending("returned", "Your direct debit was returned", "Your bank did not pay {amount} to {shop}.")
CHARGED_BACK = Ending("returned", "This payment was charged back", "Your bank has taken {amount} back from {shop}.")
ASK_SHOP = "Please ask {shop} what to do now."
"""The sentence below what the payer's bank took back: what follows from it, only the shop knows."""

ASK_BY_NUMBER = "You can close this page. If you have a question, please give {shop} the payment number."
"""The sentence below what has ended, where no page of the shop follows."""

TOO_MUCH = "{surplus} more than needed has arrived."
TOO_MUCH_GOES = "{shop} can send it back to your account, or use it for another order."

UNANSWERED = Ending(
    "processing",
    "Your payment is being checked",
    "This usually takes less than a minute. Nothing is charged twice.",
)
"""The ending while nobody knows yet what the bank says."""

IN_REVIEW = Ending(
    "processing",
    "Your payment is being checked",
    "This can take until the next working day. You can close this page; nothing is charged twice.",
)

LOOKS_AGAIN = "This page shows by itself how it went."
"""The sentence on a page that asks again."""

CAN_CLOSE = "You can close this page."
"""The sentence on a page that leads nowhere else."""

SHOWN_AGAIN = "The link of this page shows these details again."
"""The sentence below the details of a transfer, where no page of the shop follows."""

WHY_OTHER_RECIPIENT = "{owner} takes the payment for {shop}."
"""The reason why a transfer does not go to the shop."""

GONE = Ending("problem", "This payment link does not work", "Please go back to the shop and start again from there.")
NO_PAGE = Ending("problem", "There is no page here", "Please check the address.")
NO_METHOD = Ending("problem", "There is no way to pay here", "Please go back to the shop and ask for another way.")
LOCKED = Ending("problem", "Some of your details are missing", "Please ask {shop} to complete them.")
NOTHING_TO_PAY = Ending("problem", "There is nothing to pay", "Please go back to the shop; nothing is open here.")
EXPIRED_FORM = Ending("problem", "This form is out of date", "Nothing was sent. Please fill in a new one.")
NOT_AVAILABLE = Ending("problem", "This payment method is not available", "Please choose another one.")
TROUBLE = Ending(
    "problem",
    "Something went wrong on our side",
    "Please look in a moment how your payment stands. Nothing is charged twice.",
)
TOO_FAST = Ending("problem", "That was too fast", "Please wait a minute, then try again. Nothing was charged twice.")
NOT_NOW = Ending("problem", "This is no longer possible", "The payment has moved on in the meantime.")
