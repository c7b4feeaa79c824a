"""How a simulated payment can go: what the rail says at once, and what it reports later.

Cards and accounts of the test data follow a plot, and testers queue one by its name. Source: docs/lab.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pfennig.domain.attempt import Reason
from pfennig.domain.calendar import Later, Occasion


class Answer(StrEnum):
    """What the rail says unless it refuses with a reason."""

    YES = "yes"
    PAYER = "payer"
    REVIEW = "review"


@dataclass(frozen=True)
class Plot:
    """One way for a payment to go.

    text: for people, in English. later: what follows once the money was collected, or is in review.
    answers_after: how long the rail does not know. fails: whether the first question ends in an error, or in silence.
    """

    says: Answer | Reason
    text: str
    later: tuple[Later, ...] = ()
    answers_after: timedelta = timedelta()
    fails: bool = False


CHARGED_BACK = Later(Occasion.CHARGED_BACK, timedelta(days=10))

PLOTS: Mapping[str, Plot] = {
    "approved": Plot(Answer.YES, "Paid without a question"),
    "frictionless": Plot(Answer.YES, "3-D Secure without a question to the payer"),
    "challenge": Plot(Answer.PAYER, "Asks the payer to confirm (3-D Secure)"),
    "authentication_failed": Plot(Reason.AUTHENTICATION_FAILED, "3-D Secure fails"),
    "authentication_unavailable": Plot(Reason.AUTHENTICATION_UNAVAILABLE, "3-D Secure is not available"),
    "authentication_timeout": Plot(
        Reason.AUTHENTICATION_TIMEOUT, "3-D Secure gets no answer within a minute", answers_after=timedelta(minutes=1)
    ),
    "insufficient_funds": Plot(Reason.INSUFFICIENT_FUNDS, "Refused: not enough money"),
    "do_not_honour": Plot(Reason.DO_NOT_HONOUR, "Refused by the bank"),
    "card_lost": Plot(Reason.CARD_LOST, "Refused: reported as lost"),
    "card_expired": Plot(Reason.CARD_EXPIRED, "Refused: expired"),
    "issuer_unavailable": Plot(Reason.ISSUER_UNAVAILABLE, "Refused: the bank cannot be reached"),
    "account_refused": Plot(Reason.ACCOUNT_REFUSED, "Refused by the risk check"),
    "review_approved": Plot(
        Answer.REVIEW, "In review, accepted a day later", (Later(Occasion.APPROVED, timedelta(days=1)),)
    ),
    "review_refused": Plot(
        Answer.REVIEW,
        "In review, refused a day later",
        (Later(Occasion.REFUSED, timedelta(days=1), Reason.ACCOUNT_REFUSED),),
    ),
    "charged_back": Plot(Answer.YES, "Paid, charged back 10 days later", (CHARGED_BACK,)),
    "charge_back_won": Plot(
        Answer.YES,
        "Paid, charged back 10 days later, resolved 30 days after that",
        (CHARGED_BACK, Later(Occasion.RESOLVED, timedelta(days=40))),
    ),
    "returned_ac04": Plot(
        Answer.YES,
        "Paid, returned 2 days later: account closed (AC04)",
        (Later(Occasion.RETURNED, timedelta(days=2), "AC04"),),
    ),
    "returned_am04": Plot(
        Answer.YES,
        "Paid, returned 5 days later: not enough money (AM04)",
        (Later(Occasion.RETURNED, timedelta(days=5), "AM04"),),
    ),
    "returned_md06": Plot(
        Answer.YES,
        "Paid, returned 40 days later: the payer objected (MD06)",
        (Later(Occasion.RETURNED, timedelta(days=40), "MD06"),),
    ),
    "silence": Plot(Reason.ISSUER_UNAVAILABLE, "No answer; asked again, the rail knows of nothing", fails=True),
    "error": Plot(Answer.YES, "An error; asked again, the rail has done it", fails=True),
}
