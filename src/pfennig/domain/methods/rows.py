"""The table of methods: a row each, in the order of payment_links. Source: docs/wire/6-payment-methods.md."""

from datetime import date

from pfennig.domain.container import Type
from pfennig.domain.methods.method import (
    CONTINUE_TO,
    Checkout,
    Course,
    Limits,
    Mails,
    Method,
    Outside,
    Product,
    Products,
    Refund,
    Repetition,
    Transfer,
    Wire,
)
from pfennig.domain.payment_states import DetailedStatus, Simple, State
from pfennig.money import Money

RESERVED = frozenset(State) - {State.ORDERED}
"""States of a payment that is reserved first, and whose money can be taken back."""

AT_ONCE = RESERVED - {State.AUTHORISED}
"""States of a payment that is collected at once, and whose money can be taken back."""

NEVER_TAKEN_BACK = frozenset({State.ISSUE, State.RESOLVED})
"""States that only money which can be taken back comes to; what was transferred by hand never does."""

EUROS = frozenset({"EUR"})
"""SEPA knows no other money."""

MOST_BY_BANK = Money(999_999_999_99, "EUR")
"""The largest amount that SEPA has digits for."""

CREDITCARD = Method(
    word="creditcard",
    wire=Wire(name="Creditcard", endpoint="secupaycreditcards", crowd="credit_card"),
    products=Products(
        authorised=Product(218, "Credit card"), collected=Product(26, "Credit card"), refunded=Product(92, "Refund")
    ),
    course=Course(states=RESERVED, is_lowered_once=True),
    instruments=(Type.CREDIT_CARD, Type.GOOGLEPAY, Type.APPLEPAY),
    repetition=Repetition(is_for_plans=True, is_collected=True, has_series=True),
    checkout=Checkout(
        title="Credit or debit card",
        hint="Paid at once, confirmed with your bank",
        form="creditcard",
        fields=("number", "expiry", "cvv", "owner"),
        icon="card",
        outside=Outside.SOMETIMES,
    ),
)

DEBIT = Method(
    word="debit",
    wire=Wire(name="Debit", endpoint="secupaydebits", crowd="debit"),
    products=Products(
        authorised=Product(50, "Direct debit"), collected=Product(16, "Direct debit"), refunded=Product(910, "Refund")
    ),
    course=Course(
        states=RESERVED,
        statuses={State.ISSUE: DetailedStatus(903, "return debit", Simple.ISSUE)},
        raisable=frozenset({State.AUTHORISED}),
        refund=Refund.DEBITED_ACCOUNT,
    ),
    limits=Limits(currencies=EUROS, most=MOST_BY_BANK),
    instruments=(Type.BANK_ACCOUNT,),
    repetition=Repetition(is_for_plans=True, is_collected=True),
    checkout=Checkout(
        title="SEPA direct debit",
        hint="Collected from your bank account",
        form="debit",
        fields=("owner", "iban"),
        icon="bank",
    ),
    mails=Mails(
        heading="Thank you, your payment is confirmed",
        text="{shop} collects {amount} from your account by direct debit.",
    ),
)

EASYCREDIT = Method(
    word="easycredit",
    wire=Wire(name="easyCredit"),
    products=Products(
        authorised=Product(912, "easyCredit"), collected=Product(912, "easyCredit"), refunded=Product(916, "Refund")
    ),
    course=Course(states=RESERVED),
    limits=Limits(
        currencies=EUROS,
        least=Money(200_00, "EUR"),
        most=Money(10_000_00, "EUR"),
        countries=frozenset({"DE"}),
        is_for_consumers=True,
        is_for_one_owner=True,
    ),
    needs_address=True,
    lends=True,
    checkout=Checkout(
        icon="instalments",
        title="easyCredit instalments",
        hint="You agree on instalments with easyCredit",
        submit=CONTINUE_TO,
        outside=Outside.ALWAYS,
        institution="easyCredit",
        refusal="Refuse payment",
    ),
    mails=Mails(
        heading="Thank you, your order is paid",
        text="{lender} has paid {amount} to {shop}. You pay {lender} in the instalments you agreed on.",
    ),
)

EPS = Method(
    word="eps",
    wire=Wire(name="eps"),
    products=Products(collected=Product(913, "eps"), refunded=Product(917, "Refund")),
    course=Course(states=AT_ONCE),
    limits=Limits(currencies=EUROS, most=MOST_BY_BANK),
    checkout=Checkout(
        icon="bank",
        title="eps",
        hint="You confirm the transfer with your online banking",
        submit=CONTINUE_TO,
        outside=Outside.ALWAYS,
        institution="eps",
        refusal="Refuse payment",
    ),
)

GIROPAY = Method(
    word="giropay",
    wire=Wire(name="Giropay"),
    products=Products(collected=Product(914, "giropay"), refunded=Product(918, "Refund")),
    course=Course(states=AT_ONCE),
    limits=Limits(currencies=EUROS, most=MOST_BY_BANK, last_day=date(2024, 6, 30)),
    checkout=Checkout(
        icon="bank",
        title="giropay",
        hint="You confirm the transfer with your online banking",
        submit=CONTINUE_TO,
        outside=Outside.ALWAYS,
        institution="giropay",
        refusal="Refuse payment",
    ),
)

INVOICE = Method(
    word="invoice",
    wire=Wire(name="Invoice", endpoint="secupayinvoices"),
    products=Products(
        authorised=Product(267, "Purchase on invoice"),
        collected=Product(267, "Purchase on invoice"),
        refunded=Product(919, "Refund"),
    ),
    course=Course(
        states=frozenset(State) - {State.PENDING} - NEVER_TAKEN_BACK,
        statuses={State.ACCEPTED: DetailedStatus(86, "completed (invoice open)", Simple.ACCEPTED)},
        transfer=Transfer.AFTER_DELIVERY,
        raisable=frozenset({State.AUTHORISED, State.ORDERED}),
        refund=Refund.SENDER,
    ),
    needs_address=True,
    checkout=Checkout(
        title="Invoice",
        hint="You transfer the amount after delivery",
        submit="Order on invoice: {amount}",
        icon="bill",
    ),
    mails=Mails(
        subject="Your order at {shop}",
        heading="Thank you for your order",
        text="{shop} will send your order. Please transfer {amount} once it has arrived.",
        shop_subject="New order of {amount} on invoice",
        shop_sentences=(
            "{payer} has ordered for {amount} on invoice.",
            "Please send the goods and report the delivery; that makes the invoice due.",
        ),
    ),
)

PAYPAL = Method(
    word="paypal",
    wire=Wire(name="Paypal"),
    products=Products(
        authorised=Product(440, "PayPal"), collected=Product(440, "PayPal"), refunded=Product(478, "PayPal refund")
    ),
    course=Course(states=RESERVED),
    repetition=Repetition(is_for_plans=True),  # it bills its own subscriptions
    checkout=Checkout(
        icon="wallet",
        title="PayPal",
        hint="You confirm the payment at PayPal",
        submit=CONTINUE_TO,
        outside=Outside.ALWAYS,
        institution="PayPal",
        refusal="Refuse payment",
    ),
)

PREPAID = Method(
    word="prepaid",
    wire=Wire(name="Prepay", endpoint="secupayprepays", crowd="prepay"),
    products=Products(
        authorised=Product(36, "Payment in advance"),
        collected=Product(36, "Payment in advance"),
        refunded=Product(911, "Refund"),
    ),
    course=Course(
        states=AT_ONCE - NEVER_TAKEN_BACK,
        statuses={State.PENDING: DetailedStatus(25, "waiting for prepayment", Simple.PENDING)},
        transfer=Transfer.IN_ADVANCE,
        raisable=frozenset({State.PENDING}),
        refund=Refund.SENDER,
    ),
    checkout=Checkout(
        title="Bank transfer in advance",
        hint="You transfer the amount yourself",
        form="prepaid",
        submit="Order with obligation to pay: {amount}",
        icon="transfer",
    ),
)

SOFORT = Method(
    word="sofort",
    wire=Wire(name="Sofort", endpoint="secupaysofort", crowd="sofort"),
    products=Products(collected=Product(915, "Sofort"), refunded=Product(920, "Refund")),
    course=Course(states=AT_ONCE),
    limits=Limits(currencies=EUROS, most=MOST_BY_BANK, last_day=date(2025, 9, 30)),
    checkout=Checkout(
        icon="bank",
        title="Sofort",
        hint="You confirm the transfer with your online banking",
        submit=CONTINUE_TO,
        outside=Outside.ALWAYS,
        institution="Sofort",
        refusal="Refuse payment",
    ),
)

TWINT = Method(
    word="twint",
    wire=Wire(name="Twint", crowd="twint"),
    products=Products(
        authorised=Product(923, "TWINT"), collected=Product(923, "TWINT"), refunded=Product(924, "Refund")
    ),
    course=Course(states=RESERVED),
    limits=Limits(currencies=frozenset({"CHF"})),
    checkout=Checkout(
        icon="phone",
        title="TWINT",
        hint="You confirm the payment with your TWINT app",
        submit=CONTINUE_TO,
        outside=Outside.ALWAYS,
        institution="TWINT",
        refusal="Refuse payment",
    ),
)

WERO = Method(
    word="wero",
    wire=Wire(name="Wero"),
    products=Products(collected=Product(925, "Wero"), refunded=Product(926, "Refund")),
    course=Course(states=AT_ONCE),
    limits=Limits(currencies=EUROS, most=MOST_BY_BANK, countries=frozenset({"BE", "DE", "FR", "LU", "NL"})),
    checkout=Checkout(
        icon="phone",
        title="Wero",
        hint="You confirm the payment with your Wero app",
        submit=CONTINUE_TO,
        outside=Outside.ALWAYS,
        institution="Wero",
        refusal="Refuse payment",
    ),
)

ROWS = (CREDITCARD, DEBIT, EASYCREDIT, EPS, GIROPAY, INVOICE, PAYPAL, PREPAID, SOFORT, TWINT, WERO)
