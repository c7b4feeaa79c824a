"""A seller from the request to the sale: asked for, looked at, activated, sold through, and let go."""

from pfennig.storage.database import Database
from tests import marketplace
from tests.api.conftest import card
from tests.api.test_onboarding import ASKED, PUSH, REQUEST, decided
from tests.conftest import Api
from tests.marketplace import PLATFORM, basket, part, share
from tests.push.conftest import outbox


def test_a_seller_is_let_in_sells_and_leaves(mine: Api, database: Database) -> None:
    prices = [{"product_id": 26, "disagio": "1.50", "fix": "0.25"}]
    seller = mine.post(REQUEST, ASKED | {"pricing": prices})["contract"]["id"]

    # Nobody can buy of her yet, and the platform learns when that changes.
    case = mine.buy(**basket(part(seller, 5350, share(161), reference_id="1002")))
    pay = f"Smart/Transactions/{case['id']}/start/creditcard"
    assert mine.refused("POST", pay, card())[::2] == (403, 4100)
    decided(mine, seller)
    assert [(event.object_id, event.url) for event in outbox(database)] == [(seller, PUSH)]
    assert mine.get(f"General/Contracts/{seller}")["approved"]

    # 53.50 EUR: 1.61 for the platform, 1.05 for whoever runs it, the rest for her.
    paid = mine.post(pay, card())
    assert paid["status"] == "ok"
    assert marketplace.balances(database) == {PLATFORM: (161, 0), seller: (5350 - 161 - 105, 0)}
    sold = mine.get(f"Payment/Transactions/{paid['transactions'][1]['id']}")
    assert (sold["contract"]["id"], sold["reference_id"]) == (seller, "1002")

    # She moves to another bank, and in the end leaves; what she sold can still be given back.
    mine.post(f"General/Contracts/{seller}/updateBankAccount", {"iban": "DE37503240001000000524"})
    decided(mine, seller, "account")
    assert mine.post(f"General/Contracts/{seller}/terminate") == {"result": True}
    again = mine.buy(**basket(part(seller, 5350)))
    assert mine.refused("POST", f"Smart/Transactions/{again['id']}/start/creditcard", card())[::2] == (403, 4100)
    mine.request("POST", f"Payment/Transactions/{sold['id']}/cancel")
    assert marketplace.balances(database) == {seller: (-105, 0)}
    assert marketplace.differences(database) == []
