"""TestChangedPaymentStatus: a status is reached by what leads there in life, or not at all."""

from dataclasses import replace

import httpx
import pytest

from pfennig import application
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from pfennig.storage.database import Database
from tests.api.conftest import CHALLENGED, INSTRUMENTS, Everything, bought, prepared, transfer
from tests.conftest import MINE, PUBLIC_URL, Api, Json

REVIEWED = {"container": {"private": {"owner": "Max", "iban": "DE56512108001234567800"}}}


def force(api: Api, id: str, number: int, word: str = "debits") -> Json:
    """The payment after the test asked for a status."""
    return api.post(f"Payment/Secupay{word}/{id}/TestChangedPaymentStatus", {"new_status_id": number})


def payment(case: Json) -> str:
    """The id of the payment that a Smart Transaction follows."""
    return str(case["transactions"][0]["id"])


def statuses(api: Api, id: str) -> tuple[int, int]:
    """Detailed and simple status."""
    answer = api.get(f"Payment/Transactions/{id}/checkStatus")
    return answer["status"], answer["status_simple"]


@pytest.mark.parametrize("word", ["debits", "prepays", "invoices", "creditcards", "sofort"])
@pytest.mark.parametrize("name", ["id", "transaction_hash"])
def test_a_prepayment_is_paid_by_its_transfer(mine: Api, database: Database, word: str, name: str) -> None:
    case = bought(mine, "prepaid")
    answer = force(mine, case["transactions"][0][name], 6, word)
    assert (answer["status"], answer["transaction_status"]) == ("accepted", 6)
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"
    with database.view() as view:
        assert [line.amount for line in view.receipts.all()] == [500]
        assert reconciliation.check_all(view) == (1, [])


def test_only_what_is_missing_of_a_prepayment_is_transferred(mine: Api, database: Database) -> None:
    case = bought(mine, "prepaid")
    transfer(mine, 200, f"TA {case['trans_id']}")
    force(mine, payment(case), 6, "prepays")
    with database.view() as view:
        assert [line.amount for line in view.receipts.all()] == [200, 300]


@pytest.mark.parametrize(("method", "numbers"), [("creditcard", (69,)), ("debit", (903, 69))])
def test_money_is_taken_back_and_returns(
    mine: Api, database: Database, method: str, numbers: tuple[int, ...]
) -> None:
    case = bought(mine, method)
    for number in numbers:
        assert force(mine, payment(case), number)["status"] == "issue"
        assert force(mine, payment(case), 906)["status"] == "issue_resolved"
    with database.view() as view:
        events = view.events.all(object_id=payment(case))
        assert len(events) == 1 + 2 * len(numbers)
        assert reconciliation.check_all(view) == (1, [])


def test_a_reservation_is_let_go(mine: Api) -> None:
    case = prepared(mine)
    assert force(mine, payment(case), 902, "creditcards")["status"] == "void"
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "created"


@pytest.mark.parametrize(("number", "status", "word"), [(6, "ok", "accepted"), (901, "failed", "denied")])
def test_a_review_comes_to_an_end(mine: Api, number: int, status: str, word: str) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/debit", REVIEWED)
    assert case["status"] == "pending"
    assert force(mine, payment(case), number)["status"] == word
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == status


@pytest.mark.parametrize(
    ("verb", "number", "status"), [("start", 6, "ok"), ("prepare", 9, "approved"), ("start", 901, "failed")]
)
def test_the_payer_answers_at_the_bank(mine: Api, verb: str, number: int, status: str) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/{verb}/creditcard", CHALLENGED)
    force(mine, payment(case), number, "creditcards")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == status


def test_the_status_that_there_is_changes_nothing(mine: Api, everything: Everything) -> None:
    case = bought(mine)
    before = everything()
    assert force(mine, payment(case), 6)["status"] == "accepted"
    assert everything() == before


@pytest.mark.parametrize(
    ("method", "number"),
    [("creditcard", 9), ("creditcard", 25), ("creditcard", 12345), ("debit", 902), ("prepaid", 69), ("prepaid", 901)],
)
def test_where_nothing_leads_it_is_refused(mine: Api, everything: Everything, method: str, number: int) -> None:
    case = bought(mine, method) if INSTRUMENTS[method] else bought(mine, "prepaid")
    before = everything()
    path = f"Payment/Secupaydebits/{payment(case)}/TestChangedPaymentStatus"
    assert mine.refused("POST", path, {"new_status_id": number}) == (403, "ProductNotAllowedException", 4020)
    assert everything() == before


def test_a_status_is_a_number_and_the_payment_ones_own(mine: Api, stranger: Api) -> None:
    path = f"Payment/Secupaydebits/{payment(bought(mine))}/TestChangedPaymentStatus"
    for body in ({}, {"new_status_id": "paid"}, {"new_status_id": None}):
        assert mine.refused("POST", path, body)[0] == 400
    assert stranger.refused("POST", path, {"new_status_id": 69})[0] == 404


def test_an_operator_does_not_offer_it(mine: Api, platform: Platform) -> None:
    path = f"Payment/Secupaydebits/{payment(bought(mine))}/TestChangedPaymentStatus"
    app = application.create(replace(platform, can=Abilities()))
    with httpx.Client(transport=httpx.WSGITransport(app), base_url=PUBLIC_URL) as client:
        assert Api(client, MINE).refused("POST", path, {"new_status_id": 69})[0] == 404
