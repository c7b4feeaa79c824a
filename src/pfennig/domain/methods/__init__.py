"""The ways to pay. All that is known of one is its row (rows.py): whatever else differs by method asks there.

A row that is put into METHODS later is as good as the others: nothing keeps a copy of the table but what is made when
a process starts (the legacy endpoints, the columns of searches, and the words of plans). Source: docs/methods.md.
"""

from collections.abc import Iterator

from pfennig.domain.methods.method import Course, Method, Product, Refund, Transfer
from pfennig.domain.methods.rows import ROWS
from pfennig.domain.payment_states import STATUSES, DetailedStatus, Simple, State
from pfennig.errors import NotAllowed, NotFound

__all__ = ["METHODS", "Course", "Method", "MethodNotAvailable", "Product", "Refund", "Transfer", "UnknownMethod"]

METHODS: dict[str, Method] = {row.word: row for row in ROWS}
"""Every method by its word, in the order of payment_links."""

CARD = "creditcard"
"""The method by which the tokens of wallets pay, too."""

PAYOUT = "payout"
"""The word that stands for the method of a merchant's payment to others."""

PAID_OUT = Course(
    states=frozenset({State.CREATED, State.PENDING, State.ACCEPTED, State.VOID}),
    statuses={
        State.PENDING: DetailedStatus(25, "waiting for prepayment", Simple.PENDING),
        State.ACCEPTED: DetailedStatus(17, "paid out", Simple.ACCEPTED),
    },
    refund=Refund.SENDER,
)
"""The course of such a payment."""


class UnknownMethod(NotFound):
    """This payment method does not exist."""

    code = 3041


class MethodNotAvailable(NotAllowed):
    """This payment method is not available."""

    code = 4002

    def __init__(self) -> None:
        super().__init__("Payment method not available (for this customer)")


def get_method(word: str) -> str:
    """The method by its word, in any capitals. Raises UnknownMethod."""
    method = word.lower()
    if method not in METHODS:
        raise UnknownMethod(f"There is no payment method {word[:40]!r}; there are {', '.join(METHODS)}")
    return method


def course(word: str) -> Course:
    """The course of payments by a method, or of payouts."""
    return PAID_OUT if word == PAYOUT else METHODS[word].course


def own_statuses() -> Iterator[tuple[State, str, DetailedStatus]]:
    """The detailed statuses that only a method has, or payouts: the state, the word of the method, the status."""
    for word in (PAYOUT, *METHODS):
        yield from ((state, word, status) for state, status in course(word).statuses.items())


def status(state: State, word: str) -> DetailedStatus:
    """The detailed status of a payment by a method."""
    return course(word).statuses.get(state, STATUSES[state])


def by_transfer() -> list[str]:
    """The methods whose payer transfers the money themselves, and must know where to."""
    return [word for word, row in METHODS.items() if row.course.transfer]


def repeatable() -> list[str]:
    """The methods by which we can collect again without the payer."""
    return [word for word, row in METHODS.items() if row.repetition.is_collected]
