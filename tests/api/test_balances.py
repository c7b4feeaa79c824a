"""What a merchant has: what is available, and what is pending, by contract and currency."""

from dataclasses import replace

import pytest

from pfennig.operations.core import ledger
from pfennig.storage.database import Database
from tests.api.conftest import bought, card, payment_of, prepared
from tests.api.test_outcomes import lab
from tests.conftest import Api, Json


def balance(api: Api) -> tuple[int, int]:
    """What is available and what is pending, in euros."""
    [euros] = balances(api) or [{"contract": "GCR_MINE", "currency": "EUR", "available": 0, "pending": 0}]
    assert (euros["contract"], euros["currency"]) == ("GCR_MINE", "EUR")
    return euros["available"], euros["pending"]


def balances(api: Api) -> list[Json]:
    """What the lab tells of the caller's money."""
    answer = api.http.get("/lab/v1/balances", headers=api.headers)
    assert answer.status_code == 200, answer.text
    data: list[Json] = answer.json()["data"]
    return data


def give_back(mine: Api, case: Json, amount: int) -> None:
    """Refunds a part."""
    path = f"Payment/Transactions/{case['transactions'][0]['id']}/cancel"
    assert mine.request("POST", path, json={"reduce_amount_by": amount}).status_code == 200


def test_a_reservation_is_pending_and_available_once_it_is_collected(mine: Api) -> None:
    assert balances(mine) == []
    case = prepared(mine)
    assert balance(mine) == (0, 500)
    mine.post(f"Smart/Transactions/{case['id']}/start")
    assert balance(mine) == (500, 0)
    give_back(mine, case, 200)
    assert balance(mine) == (300, 0)
    give_back(mine, case, 300)
    assert balance(mine) == (0, 0)


def test_what_is_held_back_is_pending_with_its_refunds_until_it_is_let_go(mine: Api) -> None:
    case = bought(mine, payment_context={"accrual": True})
    give_back(mine, case, 200)
    assert balance(mine) == (0, 300)
    bought(mine)
    assert balance(mine) == (500, 300)
    mine.post(f"Payment/Transactions/{payment_of(mine, case)['id']}/revokeAccrual")
    assert balance(mine) == (800, 0)


def test_an_invoice_is_pending_until_its_goods_are_shipped(mine: Api) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/invoice")
    assert balance(mine) == (0, 500)
    path = f"Payment/Transactions/{case['transactions'][0]['id']}/ShippingInformation"
    mine.put(path, {"tracking_id": "7"})
    assert balance(mine) == (500, 0)


def test_a_transfer_is_pending_while_it_is_too_little_and_what_is_too_much_stays_so(mine: Api) -> None:
    case = bought(mine, "prepaid")
    assert balance(mine) == (0, 0)
    lab(mine, "bank/transfers", amount=200, purpose=f"TA {case['trans_id']}")
    assert balance(mine) == (0, 200)
    lab(mine, "bank/transfers", amount=400, purpose=f"TA {case['trans_id']}")
    assert balance(mine) == (500, 100)


def test_the_fee_is_not_the_merchants_and_a_charge_back_takes_it_below_nothing(mine: Api, database: Database) -> None:
    with database.unit() as unit:
        contract = unit.contracts.get("GCR_MINE")
        unit.contracts.change(contract, replace(contract, fees={"creditcard": {"basis_points": 150, "fixed": 25}}))
    mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/creditcard", card("400000XXXXXX2206"))
    assert balance(mine) == (467, 0)
    lab(mine, "clock/advance", days=10)
    assert balance(mine) == (-33, 0)


def test_each_currency_and_each_contract_has_its_own(mine: Api, stranger: Api, database: Database) -> None:
    bought(mine)
    bought(mine, basket_info={"sum": 300, "currency": "CHF"})
    prepared(mine, contract={"id": "GCR_AUTO"})
    bought(stranger)
    francs, euros = ({"contract": "GCR_MINE", "currency": name, "pending": 0} for name in ("CHF", "EUR"))
    assert balances(mine) == [francs | {"available": 300}, euros | {"available": 500}]
    assert balances(stranger) == [{"contract": "GCR_STRANGER", "currency": "EUR", "available": 500, "pending": 0}]
    with database.view() as view:
        told = [(one.contract_id, one.currency, one.available) for one in ledger.balances(view)]
    assert told == [
        ("GCR_AUTO", "EUR", 500),
        ("GCR_MINE", "CHF", 300),
        ("GCR_MINE", "EUR", 500),
        ("GCR_STRANGER", "EUR", 500),
    ]


def test_whoever_asks_shows_a_token_and_only_asks(mine: Api) -> None:
    assert mine.http.get("/lab/v1/balances").status_code == 401
    assert mine.http.post("/lab/v1/balances", headers=mine.headers).status_code == 405


@pytest.mark.parametrize("action", ["abort", "cancel"])
def test_what_was_let_go_is_neither(mine: Api, action: str) -> None:
    case = prepared(mine) if action == "abort" else bought(mine)
    mine.post(f"Smart/Transactions/{case['id']}/{action}")
    assert balance(mine) == (0, 0)
