"""Scenarios of the simulated rail: what it says at once, and what it reports later.

Cards and accounts of the test data follow a scenario, and testers queue one by its name. Source: docs/lab.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pfennig.domain.attempt import Reason
from pfennig.domain.calendar import Later, Occasion


class RailAnswer(StrEnum):
    """The rail's answer unless it refuses with a reason."""

    YES = "yes"
    PAYER = "payer"
    REVIEW = "review"


@dataclass(frozen=True)
class Scenario:
    """One way for a payment to go.

    text: for people, in English. later: what follows once the money was collected, or is in review.
    answers_after: how long the rail does not know. fails: whether the first question ends in an error, or in silence.
    """

    says: RailAnswer | Reason
    text: str
    later: tuple[Later, ...] = ()
    answers_after: timedelta = timedelta()
    fails: bool = False


CHARGED_BACK = Later(Occasion.CHARGED_BACK, timedelta(days=10))

SCENARIOS: Mapping[str, Scenario] = {
    "approved": Scenario(RailAnswer.YES, "Paid without a question"),
    "frictionless": Scenario(RailAnswer.YES, "3-D Secure without a question to the payer"),
    "challenge": Scenario(RailAnswer.PAYER, "Asks the payer to confirm (3-D Secure)"),
    "authentication_failed": Scenario(Reason.AUTHENTICATION_FAILED, "3-D Secure fails"),
    "authentication_unavailable": Scenario(Reason.AUTHENTICATION_UNAVAILABLE, "3-D Secure is not available"),
    "authentication_timeout": Scenario(
        Reason.AUTHENTICATION_TIMEOUT, "3-D Secure gets no answer within a minute", answers_after=timedelta(minutes=1)
    ),
    "insufficient_funds": Scenario(Reason.INSUFFICIENT_FUNDS, "Refused: not enough money"),
    "do_not_honour": Scenario(Reason.DO_NOT_HONOUR, "Refused by the bank"),
    "card_lost": Scenario(Reason.CARD_LOST, "Refused: reported as lost"),
    "card_expired": Scenario(Reason.CARD_EXPIRED, "Refused: expired"),
    "issuer_unavailable": Scenario(Reason.ISSUER_UNAVAILABLE, "Refused: the bank cannot be reached"),
    "account_refused": Scenario(Reason.ACCOUNT_REFUSED, "Refused by the risk check"),
    "review_approved": Scenario(
        RailAnswer.REVIEW, "In review, accepted a day later", (Later(Occasion.APPROVED, timedelta(days=1)),)
    ),
    "review_refused": Scenario(
        RailAnswer.REVIEW,
        "In review, refused a day later",
        (Later(Occasion.REFUSED, timedelta(days=1), Reason.ACCOUNT_REFUSED),),
    ),
    "charged_back": Scenario(RailAnswer.YES, "Paid, charged back 10 days later", (CHARGED_BACK,)),
    "charge_back_won": Scenario(
        RailAnswer.YES,
        "Paid, charged back 10 days later, resolved 30 days after that",
        (CHARGED_BACK, Later(Occasion.RESOLVED, timedelta(days=40))),
    ),
    "returned_ac04": Scenario(
        RailAnswer.YES,
        "Paid, returned 2 days later: account closed (AC04)",
        (Later(Occasion.RETURNED, timedelta(days=2), "AC04"),),
    ),
    "returned_am04": Scenario(
        RailAnswer.YES,
        "Paid, returned 5 days later: not enough money (AM04)",
        (Later(Occasion.RETURNED, timedelta(days=5), "AM04"),),
    ),
    "returned_md06": Scenario(
        RailAnswer.YES,
        "Paid, returned 40 days later: the payer objected (MD06)",
        (Later(Occasion.RETURNED, timedelta(days=40), "MD06"),),
    ),
    "silence": Scenario(Reason.ISSUER_UNAVAILABLE, "No answer; asked again, the rail knows of nothing", fails=True),
    "error": Scenario(RailAnswer.YES, "An error; asked again, the rail has done it", fails=True),
}
