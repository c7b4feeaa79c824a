"""Transfers that arrive, through the lab's door."""

import pytest

from pfennig.operations import ledger
from pfennig.storage.database import Database
from tests.conftest import Api, Json


def waiting(mine: Api) -> Json:
    """A prepayment over five euros."""
    return mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/prepaid")


def transfer(mine: Api, amount: int, purpose: str, **more: str) -> Json:
    """Lets a transfer arrive."""
    body = {"amount": amount, "purpose": purpose, **more}
    answer = mine.http.post("/lab/v1/bank/transfers", json=body, headers=mine.headers)
    assert answer.status_code == 200, answer.text
    line: Json = answer.json()
    return line


def status(mine: Api, case: Json) -> tuple[str, int]:
    """Of the Smart Transaction, and the simple one of its payment."""
    case = mine.get(f"Smart/Transactions/{case['id']}")
    payment = mine.get(f"Payment/Transactions/{case['transactions'][0]['id']}")
    return case["status"], payment["details"]["status_simple"]


def in_order(database: Database) -> bool:
    """Whether the books agree with the payments."""
    with database.view() as view:
        return ledger.check_all(view)[1] == []


@pytest.mark.parametrize("purpose", ["TA {}", "ta{}", "Danke! TA-{} Max Mustermann", "TA  {}/4711"])
def test_a_transfer_with_the_number_pays_the_prepayment(mine: Api, database: Database, purpose: str) -> None:
    case = waiting(mine)
    line = transfer(mine, 500, purpose.format(case["trans_id"]))
    assert line["payment"] == case["transactions"][0]["id"]
    assert status(mine, case) == ("ok", 1)
    with database.view() as view:
        assert [event.type for event in view.events.all(object_id=line["payment"])] == ["changed", "changed"]
    assert in_order(database)


def test_too_little_waits_for_the_rest(mine: Api, database: Database) -> None:
    case = waiting(mine)
    transfer(mine, 200, f"TA {case['trans_id']}")
    assert status(mine, case) == ("pending", 10)
    assert in_order(database)
    transfer(mine, 300, f"TA {case['trans_id']}")
    assert status(mine, case) == ("ok", 1)
    assert in_order(database)


def test_what_is_too_much_stays_in_transit(mine: Api, database: Database) -> None:
    case = waiting(mine)
    transfer(mine, 700, f"TA {case['trans_id']}")
    assert status(mine, case) == ("ok", 1)
    with database.view() as view:
        assert sum(p.amount for p in view.postings.all(account="in_transit")) == 200
    assert in_order(database)


def test_a_transfer_after_the_cancellation_changes_nothing_but_the_books(mine: Api, database: Database) -> None:
    case = waiting(mine)
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    transfer(mine, 500, f"TA {case['trans_id']}")
    assert status(mine, case) == ("cancelled", 5)
    with database.view() as view:
        assert sum(p.amount for p in view.postings.all(account="in_transit")) == 500
    assert in_order(database)


def test_a_paid_prepayment_can_be_refunded(mine: Api, database: Database) -> None:
    case = waiting(mine)
    transfer(mine, 500, f"TA {case['trans_id']}")
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    assert status(mine, case) == ("cancelled", 5)
    assert in_order(database)


def test_a_refunds_number_is_not_a_payments(mine: Api, database: Database) -> None:
    case = waiting(mine)
    transfer(mine, 500, f"TA {case['trans_id']}")
    path = f"Payment/Transactions/{case['transactions'][0]['id']}/cancel"
    refund = mine.request("POST", path, json={"reduce_amount_by": 250}).json()[1]
    assert transfer(mine, 500, f"TA {refund['trans_id']}")["payment"] is None
    assert in_order(database)


def test_what_cannot_be_told_is_kept_without_a_payment(mine: Api, stranger: Api, database: Database) -> None:
    one, other = waiting(mine), waiting(mine)
    for purpose in ("thank you", "TA 99999999", f"TA {one['trans_id']} TA {other['trans_id']}", "TA 123"):
        assert transfer(mine, 500, purpose)["payment"] is None
    assert transfer(mine, 500, f"TA {one['trans_id']}", currency="CHF")["payment"] is None
    assert transfer(stranger, 500, f"TA {one['trans_id']}")["payment"] is None
    assert status(mine, one) == status(mine, other) == ("pending", 10)
    assert in_order(database)


def test_a_transfer_needs_a_token_and_an_amount(mine: Api) -> None:
    body = {"amount": 500, "purpose": "TA 40000001"}
    assert mine.http.post("/lab/v1/bank/transfers", json=body).status_code == 401
    for wrong in ({"purpose": "x"}, {"amount": 0, "purpose": "x"}, {"amount": "5", "purpose": "x"}):
        assert mine.http.post("/lab/v1/bank/transfers", json=wrong, headers=mine.headers).status_code == 400


def test_the_timeline_tells_what_happened_in_order(mine: Api, stranger: Api) -> None:
    case = waiting(mine)
    transfer(mine, 500, f"TA {case['trans_id']}")
    path = f"/lab/v1/transactions/{case['id']}/timeline"
    entries = mine.http.get(path, headers=mine.headers).json()["data"]
    assert {entry["kind"] for entry in entries} == {"request", "move", "attempt", "posting", "bank", "push"}
    moves = [entry["text"].partition(":")[0] for entry in entries if entry["kind"] == "move"]
    assert moves == ["created > pending", "created > pending", "pending > accepted", "pending > ok"]
    assert mine.http.get(path, headers=stranger.headers).status_code == 403
