"""Amounts that are raised while nobody but us has noted them."""

import pytest

from pfennig.money import LARGEST_AMOUNT
from tests.api.conftest import (
    INSTRUMENTS,
    Refuses,
    bought,
    payment_of,
    payment_path,
    prepared,
    transfer,
    waiting,
)
from tests.conftest import Api

pytestmark = pytest.mark.usefixtures("books")

RAISABLE = [("prepaid", "start", 10), ("invoice", "prepare", 2), ("invoice", "start", 14), ("debit", "prepare", 2)]


@pytest.mark.parametrize(("method", "verb", "simple"), RAISABLE)
def test_an_amount_that_nobody_has_reserved_is_raised(mine: Api, method: str, verb: str, simple: int) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/{verb}/{method}", INSTRUMENTS.get(method))
    answer = mine.post(payment_path(case, "/IncreaseAmount"), {"amount": 700})
    assert (answer["amount"], answer["details"]["amount"]) == (700, 700)
    assert answer["details"]["status_simple"] == simple
    entries = mine.http.get(f"/lab/v1/transactions/{case['id']}/timeline", headers=mine.headers).json()["data"]
    raised = [entry["text"] for entry in entries if entry["text"].endswith("raised")]
    assert raised == ([] if method == "prepaid" else ["payer -2.00 EUR: raised", "in_transit +2.00 EUR: raised"])


def test_what_was_raised_is_what_has_to_come(mine: Api) -> None:
    case = waiting(mine)
    mine.post(payment_path(case, "/IncreaseAmount"), {"amount": "700"})
    transfer(mine, 500, f"TA {case['trans_id']}")
    assert payment_of(mine, case)["details"]["status_simple"] == 10
    transfer(mine, 200, f"TA {case['trans_id']}")
    assert payment_of(mine, case)["details"]["status_simple"] == 1
    case = prepared(mine, "debit")
    mine.post(payment_path(case, "/IncreaseAmount"), {"amount": 700})
    assert mine.post(payment_path(case, "/capture"))["amount"] == 700


def test_other_amounts_stay_what_they_are(mine: Api, stranger: Api, refuses: Refuses) -> None:
    over = waiting(mine)
    mine.post(f"Smart/Transactions/{over['id']}/cancel")
    shipped = mine.post(f"Smart/Transactions/{mine.buy(intent='order')['id']}/start/invoice")
    mine.put(payment_path(shipped, "/ShippingInformation"), {"tracking_id": "7"})
    for case in (over, shipped, prepared(mine), bought(mine), bought(mine, "debit")):
        refuses(payment_path(case, "/IncreaseAmount"), {"amount": 600}, 403, 4055)
    case = waiting(mine)
    for amount in (500, 499):
        refuses(payment_path(case, "/IncreaseAmount"), {"amount": amount}, 400, 3052)
    for wrong in ({}, {"amount": 0}, {"amount": 600.5}, {"amount": LARGEST_AMOUNT + 1}):
        refuses(payment_path(case, "/IncreaseAmount"), wrong, 400, 3001)
    assert stranger.refused("POST", payment_path(case, "/IncreaseAmount"), {"amount": 600}) == (
        404,
        "ProductNotFoundException",
        3002,
    )
