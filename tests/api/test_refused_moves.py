"""Wrong amounts, somebody else's ids, wrong moments: the API says so, and nothing is written."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import CHALLENGED, REFUSED, Everything, bought, card, payment_of, prepared
from tests.api.test_outcomes import lab
from tests.conftest import Api, Json

FORMAT, FORBIDDEN = "ProductFormatException", "ProductNotAllowedException"
NOT_YOURS = (404, "ProductNotFoundException", 3002)
UNKNOWN = (404, "ProductNotFoundException", 3002)
NOT_NOW = (403, FORBIDDEN, 4001)
NOT_TO_COLLECT = (403, FORBIDDEN, 1003)
ONLY_THE_WHOLE = (403, FORBIDDEN, 4012)
NOTHING_LEFT = (403, FORBIDDEN, 4009)
TOO_MUCH = (400, FORMAT, 3018)
NO_AMOUNT = (400, FORMAT, 3001)

Refusals = list[tuple[str, Json | None, tuple[int, str, int]]]
"""What is asked for, with which body, and how it is refused."""

TRACKED = {"tracking_id": "7"}
DELIVERED = {"delivery_options": {"tracking_code": "7"}}


def charged_back(mine: Api) -> Json:
    """A Smart Transaction whose money the payer's bank has taken back."""
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/creditcard", card("400000XXXXXX2206"))
    lab(mine, "clock/advance", days=10)
    return case


def given_back(mine: Api) -> Json:
    """A Smart Transaction whose payment was refunded in full."""
    case = bought(mine)
    mine.request("POST", f"Payment/Transactions/{case['transactions'][0]['id']}/cancel")
    return case


MOMENTS: dict[str, tuple[Callable[[Api], Json], Refusals, Refusals]] = {
    "while the payer is at the bank": (
        lambda mine: mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", CHALLENGED),
        [("capture", None, NOT_TO_COLLECT), ("cancel", None, NOTHING_LEFT)],
        [("start", None, NOT_TO_COLLECT), ("cancel", None, NOT_NOW), ("setDelivery", DELIVERED, NOT_NOW)],
    ),
    "once the payer was refused": (
        lambda mine: mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", REFUSED),
        [("capture", None, NOT_TO_COLLECT), ("cancel", None, NOTHING_LEFT)],
        [("start", None, NOT_TO_COLLECT), ("cancel", None, NOT_NOW), ("setDelivery", DELIVERED, NOT_NOW)],
    ),
    "while money is reserved": (
        prepared,
        [
            ("capture", {"amount": 499}, ONLY_THE_WHOLE),
            ("capture", {"amount": 501}, ONLY_THE_WHOLE),
            ("capture", {"amount": -500}, NO_AMOUNT),
            ("cancel", {"reduce_amount_by": 501}, TOO_MUCH),
            ("cancel", {"reduce_amount_by": 10**12}, TOO_MUCH),
        ],
        [("cancel", None, NOT_NOW), ("setDelivery", DELIVERED, NOT_NOW)],
    ),
    "while a transfer is awaited": (
        lambda mine: bought(mine, "prepaid"),
        [("capture", None, NOT_TO_COLLECT), ("cancel", {"reduce_amount_by": 501}, TOO_MUCH)],
        [("start", None, NOT_TO_COLLECT), ("abort", None, NOT_NOW), ("setDelivery", DELIVERED, NOT_NOW)],
    ),
    "while an invoice waits for its goods": (
        lambda mine: mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/invoice"),
        [("cancel", {"reduce_amount_by": 501}, TOO_MUCH), ("cancel", {"reduce_amount_by": "all"}, NO_AMOUNT)],
        [("start", None, NOT_TO_COLLECT), ("abort", None, NOT_NOW), ("prepare/prepaid", None, NOT_NOW)],
    ),
    "once it was paid": (
        bought,
        [
            ("capture", None, NOT_TO_COLLECT),
            ("cancel", {"reduce_amount_by": 501}, TOO_MUCH),
            ("cancel", {"reduce_amount_by": -1}, NO_AMOUNT),
            ("cancel", {"reduce_amount_by": 1.5}, NO_AMOUNT),
            ("cancel", {"amount": -1}, NO_AMOUNT),
        ],
        [
            ("start", None, NOT_TO_COLLECT),
            ("start/creditcard", card(), NOT_TO_COLLECT),
            ("prepare/creditcard", card(), NOT_NOW),
            ("abort", None, NOT_NOW),
        ],
    ),
    "once it was given back": (
        given_back,
        [("capture", None, NOT_TO_COLLECT), ("cancel", None, NOTHING_LEFT), ("cancel", {"amount": 1}, NOTHING_LEFT)],
        [("start", None, NOT_TO_COLLECT), ("prepare/prepaid", None, NOT_NOW), ("abort", None, NOT_NOW)],
    ),
    "once it was charged back": (
        charged_back,
        [("capture", None, NOT_TO_COLLECT), ("cancel", None, NOT_NOW)],
        [("start", None, NOT_TO_COLLECT), ("cancel", None, NOT_NOW), ("abort", None, NOT_NOW)],
    ),
}
"""How a Smart Transaction gets there, and what is refused then of its payment and of itself."""


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_does_not_fit_the_moment_is_refused_and_nothing_is_written(
    mine: Api, everything: Everything, subtests: pytest.Subtests, moment: str
) -> None:
    begin, of_payment, of_case = MOMENTS[moment]
    case = begin(mine)
    payment = f"Payment/Transactions/{case['transactions'][0]['id']}"
    before = everything()
    for path, refusals in ((payment, of_payment), (f"Smart/Transactions/{case['id']}", of_case)):
        for action, body, refusal in refusals:
            with subtests.test(action, body=body):
                assert mine.refused("POST", f"{path}/{action}", body) == refusal
                assert everything() == before


def test_a_refund_can_neither_be_collected_nor_given_back(mine: Api, everything: Everything) -> None:
    refund = payment_of(mine, given_back(mine))["related_transactions"][0]["id"]
    before = everything()
    assert mine.refused("POST", f"Payment/Transactions/{refund}/capture") == NOT_TO_COLLECT
    assert mine.refused("POST", f"Payment/Transactions/{refund}/cancel") == NOTHING_LEFT
    assert mine.refused("PUT", f"Payment/Transactions/{refund}/ShippingInformation", TRACKED) == NOT_NOW
    assert everything() == before


ACTIONS: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("GET", "/checkStatus", None),
    ("POST", "/capture", None),
    ("POST", "/cancel", None),
    ("POST", "/cancel", {"reduce_amount_by": 1}),
    ("POST", "/revokeAccrual", None),
    ("POST", "/getPaymentInstructions", None),
    ("PUT", "/ShippingInformation", TRACKED),
]


@pytest.mark.parametrize("method", ["creditcard", "prepaid"])
def test_a_payment_of_somebody_else_and_one_that_is_none_stay_out_of_reach(
    mine: Api, stranger: Api, everything: Everything, subtests: pytest.Subtests, method: str
) -> None:
    case = (prepared if method == "creditcard" else bought)(mine, method)
    before = everything()
    for verb, action, body in ACTIONS:
        with subtests.test(f"{verb} {action}", body=body):
            for id, refusal in (
                (case["transactions"][0]["id"], NOT_YOURS),
                (case["transactions"][0]["transaction_hash"], NOT_YOURS),
                ("PCI_000000000000000000000000000000", UNKNOWN),
                (case["id"], UNKNOWN),
            ):
                assert stranger.refused(verb, f"Payment/Transactions/{id}{action}", body) == refusal
            assert everything() == before
    for action in ("", "/start", "/start/prepaid", "/prepare/prepaid", "/abort", "/cancel"):
        path = f"Smart/Transactions/{case['id']}{action}"
        assert stranger.refused("POST" if action else "GET", path, {} if action else None) == NOT_YOURS, action
    assert everything() == before
