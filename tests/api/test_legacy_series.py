"""The legacy endpoints' way to repeat a payment: the number of an earlier one."""

import pytest

from tests.api.conftest import CHALLENGED, AtTheBank, Refuses, account, card
from tests.conftest import Api, Change, Json

DEBITS, CARDS = "Payment/Secupaydebits", "Payment/Secupaycreditcards"
AGREED = {"opt_data": {"has_accepted_disclaimer": True}}
pytestmark = pytest.mark.usefixtures("books")


def first(api: Api, endpoint: str = DEBITS, instrument: Json | None = None) -> int:
    """The number of a series whose first payment, over five euros, was made."""
    instrument = instrument or (account() if endpoint == DEBITS else card())
    wish = {"amount": 500, "customer": "PCU_KNOWN", "subscription": {"purpose": "Club"}} | AGREED | instrument
    sale = api.post(endpoint, wish)
    assert sale["subscription"]["purpose"] == "Club"
    number: int = sale["subscription"]["id"]
    return number


@pytest.mark.parametrize("endpoint", [DEBITS, CARDS])
def test_a_payment_is_repeated_by_its_number_alone(mine: Api, endpoint: str) -> None:
    number = first(mine, endpoint)
    again = mine.post(endpoint, {"subscription": {"id": number}})
    assert (again["amount"], again["currency"], again["status"]) == (500, "EUR", "accepted")
    assert again["subscription"] == {"id": number, "purpose": "Club"}
    assert again["customer"]["id"] == "PCU_KNOWN"
    assert again["used_payment_instrument"]["type"] == ("bank_account" if endpoint == DEBITS else "credit_card")
    assert mine.post(endpoint, {"subscription": {"id": number}, "amount": 900})["amount"] == 900


def test_a_card_that_asks_its_payer_asks_only_the_first_time(mine: Api, at_the_bank: AtTheBank) -> None:
    number = first(mine, CARDS, CHALLENGED)
    waiting = mine.post(CARDS, {"subscription": {"id": number}})
    assert waiting["status"] == "internal_server_status", "the first is not paid, so the payer says anew how he pays"
    assert "container" not in waiting
    before = mine.get("Payment/Transactions", q=f"trans_id:{number}")["data"][0]
    at_the_bank(mine.get(f"{CARDS}/{before['id']}"), "succeed")
    assert mine.post(CARDS, {"subscription": {"id": number}})["status"] == "accepted"


def test_what_was_put_away_pays_no_more(mine: Api) -> None:
    number = first(mine)
    paid = mine.get("Payment/Transactions", q=f"trans_id:{number}")["data"][0]
    container = mine.get(f"{DEBITS}/{paid['id']}")["container"]["id"]
    mine.put(f"Payment/Containers/{container}/archive", {})
    assert mine.post(DEBITS, {"subscription": {"id": number}})["status"] == "internal_server_status"


@pytest.mark.parametrize(
    ("endpoint", "wish", "status", "code"),
    [
        (CARDS, {}, 400, 3126),
        (DEBITS, {"currency": "CHF"}, 400, 3126),
        (DEBITS, {"subscription": {"id": 7}}, 404, 3002),
        (DEBITS, {"subscription": {"id": 0}}, 400, 3001),
        (DEBITS, {"subscription": {"id": "seven"}}, 400, 3001),
        (DEBITS, {"subscription": {"purpose": "x" * 2001}}, 400, 3001),
        (DEBITS, {"subscription": {"purpose": "Club"}}, 400, 3125),
    ],
)
def test_a_series_that_is_none_is_refused(
    mine: Api, refuses: Refuses, endpoint: str, wish: Json, status: int, code: int
) -> None:
    refuses(endpoint, {"subscription": {"id": first(mine)}} | wish, status, code)


def test_a_series_is_its_merchants_and_needs_his_contract(
    mine: Api, stranger: Api, refuses: Refuses, contract: Change
) -> None:
    number = first(mine)
    ordinary = mine.post(DEBITS, {"amount": 500})["trans_id"]
    refuses(DEBITS, {"subscription": {"id": ordinary}}, 404, 3002)
    assert stranger.refused("POST", DEBITS, {"subscription": {"id": number}})[::2] == (404, 3002)
    contract(recurring=False)
    refuses(DEBITS, {"subscription": {"id": number}}, 403, 4121)
