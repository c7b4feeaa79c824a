"""The rails that the suite is for, and how each is brought to every answer that there is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

import pytest
from pfennig.gateways.simulator import Simulator

from pfennig.domain.attempt import Attempt, Verb
from pfennig.domain.container import Container, Type
from pfennig.domain.methods import METHODS
from pfennig.gateways import Gateway, Request
from tests.conftest import MORNING
from tests.storage.facts import an_attempt

LATE_BY = timedelta(seconds=30)
"""How long a rail that answers late does not know the answer."""


class Says(StrEnum):
    """How a rail can answer. SILENCE ends in a no, ERROR in a yes, once the rail is asked about it."""

    YES = "yes"
    NO = "no"
    PAYER = "payer first"
    REVIEW = "review"
    LATE = "late"
    SILENCE = "silence"
    ERROR = "error"


@dataclass(frozen=True)
class Rail:
    """A gateway under test.

    make: a new one, which knows of nothing. methods: what it is for.
    provoked: the request, changed so that the rail answers it like this; late means LATE_BY after it was made.
    answered: the request after the payer, at the page that they were sent to, said yes or no, or left it.
    """

    make: Callable[[], Gateway]
    methods: tuple[str, ...]
    provoked: Callable[[Request, Says], Request]
    answered: Callable[[Request, str], Request]


SCRIPTS: dict[Says, dict[str, Any]] = {
    Says.YES: {"outcome": "approved"},
    Says.NO: {"outcome": "do_not_honour"},
    Says.PAYER: {"outcome": "challenge"},
    Says.REVIEW: {"outcome": "review_approved"},
    Says.LATE: {"outcome": "approved", "after_seconds": LATE_BY.total_seconds()},
    Says.SILENCE: {"outcome": "silence"},
    Says.ERROR: {"outcome": "error"},
}


def scripted(request: Request, says: Says) -> Request:
    """The simulator finds in the attempt what a tester queued."""
    return replace(request, attempt=replace(request.attempt, script=SCRIPTS[says]))


CHOICES = {"yes": "succeed", "no": "fail", "leaves": "cancel"}


def chosen(request: Request, answer: str) -> Request:
    """The simulator finds in the attempt what the payer chose, too."""
    script = request.attempt.script | {"choice": CHOICES[answer]}
    return replace(request, attempt=replace(request.attempt, script=script))


RAILS = {"simulator": Rail(Simulator, tuple(METHODS), scripted, chosen)}
"""Every gateway; a new one passes the suite when it stands here."""

ACCOUNT = Container(
    id="PCT_ACCOUNT",
    merchant_id="MRC_MINE",
    contract_id="GCR_MINE",
    type=Type.BANK_ACCOUNT,
    private={"owner": "Max Mustermann", "iban": "DE35500105175418493188"},
    created=MORNING,
)
CARD = replace(ACCOUNT, id="PCT_CARD", type=Type.CREDIT_CARD, private={"owner": "Max", "pan": "411111XXXXXX1111"})
INSTRUMENTS = {"creditcard": CARD, "debit": ACCOUNT}


def a_question(method: str, verb: Verb, captures: bool = False) -> Request:
    """A question about five euros, put at the moment it was written down."""
    instrument = INSTRUMENTS.get(method)
    attempt: Attempt = an_attempt(
        method=method, verb=verb, captures=captures, container_id=instrument.id if instrument else None
    )
    return Request(attempt, instrument, MORNING)


def questions(method: str) -> list[Request]:
    """Every question that a payment by this method can lead to."""
    possible = [
        a_question(method, Verb.START, captures=True),
        a_question(method, Verb.CANCEL),
        a_question(method, Verb.REFUND),
    ]
    if not METHODS[method].course.is_immediate:
        possible.append(a_question(method, Verb.START))
        if method != "prepaid":  # its money comes by itself
            possible.append(a_question(method, Verb.CAPTURE))
    return possible


CASES = [pytest.param(rail, method, id=f"{name}-{method}") for name, rail in RAILS.items() for method in rail.methods]
"""Each rail with each of its methods."""
