"""What arrived for a payment and is not needed: too much, too late, in part and then cancelled."""

from typing import Any

import pytest

from pfennig.domain.payment import Kind, State
from pfennig.domain.surplus import Step, left_over
from tests.storage.facts import a_payment

CAME = Step


def back(amount: int) -> Step:
    """A refund."""
    return Step(amount, is_refund=True)


PREPAID: dict[str, Any] = {"method": "prepaid", "state": State.ACCEPTED}


@pytest.mark.parametrize(
    ("fields", "steps", "too_much"),
    [
        ({}, [CAME(500)], 0),
        ({}, [CAME(300), CAME(400)], 200),
        ({}, [CAME(700), CAME(-200)], 0),
        ({"state": State.PENDING}, [CAME(300)], 0),
        ({"state": State.VOID}, [CAME(300)], 300),
        ({"state": State.VOID}, [CAME(300), CAME(-100)], 200),
        ({"state": State.DENIED}, [CAME(300)], 300),
        ({"refunded": 200}, [CAME(500), back(200)], 0),
        ({"refunded": 200}, [CAME(600), back(200)], 100),
        ({"refunded": 500, "state": State.VOID}, [CAME(500), back(500)], 0),
        ({"refunded": 500, "state": State.VOID}, [CAME(500), back(500), CAME(500)], 500),
        ({"method": "invoice", "refunded": 500, "state": State.VOID}, [back(500), CAME(500)], 500),
        ({"method": "invoice", "refunded": 200}, [back(200), CAME(500)], 200),
        ({"method": "invoice", "refunded": 200}, [CAME(400), back(200)], 0),
        ({"method": "invoice", "refunded": 200}, [CAME(400), back(200), CAME(200)], 200),
        ({"state": State.ISSUE}, [CAME(900)], 0),
        ({"kind": Kind.PAYOUT, "method": "payout", "state": State.PENDING}, [CAME(100)], 100),
        ({"kind": Kind.PAYOUT, "method": "payout", "state": State.ACCEPTED}, [CAME(500)], 0),
    ],
)
def test_what_is_not_needed_is_told(fields: dict[str, Any], steps: list[Step], too_much: int) -> None:
    assert left_over(a_payment(**PREPAID | fields), steps) == too_much
