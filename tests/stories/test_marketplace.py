"""A marketplace from its sellers' first day to the payout, with every party's balance worked out by hand."""

from dataclasses import replace

from pfennig.operations.books import settlement
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.parties import clients
from pfennig.storage.database import Database
from tests import marketplace
from tests.api.conftest import card
from tests.api.test_onboarding import ASKED, REQUEST, decided
from tests.conftest import Api
from tests.marketplace import PLATFORM, mixed

PRICES = [{"product_id": 26, "disagio": "1.50", "fix": "0.25"}]
"""Of 53.50 EUR 1.05, as 80.25 cents are rounded half up; of 20.00 EUR 0.55."""


def test_two_sellers_one_basket_and_a_share_for_the_marketplace(
    mine: Api, database: Database, platform: Platform
) -> None:
    # Two sellers are asked for and let in; one of them calls by himself. The marketplace has an account, too.
    anna_sells, bert_sells = (let_in(mine, name) for name in ("Anna", "Bert"))
    with database.unit() as unit:
        client, secret = clients.add(unit, anna_sells, "Anna's shop")
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, payout_account=marketplace.ACCOUNT))
    seller = Api(mine.http, (client.id, secret))

    # Sold, and held back until the goods are there.
    case = mine.buy(**mixed(anna_sells, bert_sells), intent="order", payment_context={"accrual": True})
    case = mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", card())
    assert case["status"] == "received"
    anna, bert = (f"Payment/Transactions/{each['id']}" for each in case["transactions"][1:])
    assert marketplace.balances(database) == {
        PLATFORM: (0, 161 + 100),
        anna_sells: (0, 5350 - 161 - 105),
        bert_sells: (0, 2000 - 100 - 55),
    }

    # Anna ships by herself, for Bert the marketplace does.
    seller.put(f"{anna}/ShippingInformation", {"carrier": "ACME", "tracking_id": "7"})
    mine.put(f"{bert}/ShippingInformation", {"tracking_id": "8"})
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "shipped"

    # Half of what Bert sold comes back, and half of the marketplace's share in it; the fee stays paid.
    answer = mine.request("POST", f"{bert}/cancel", json={"reduce_amount_by": 1000, "reason": "broken"}).json()
    assert [item["amount"] for item in answer] == [2000, -1000]
    assert mine.get(f"Payment/Transactions/{case['transactions'][0]['id']}/checkStatus")["amount"] == 6350

    # As long as it is held back nobody is paid out.
    operator = Call(platform, None, "de", role="operator")
    assert settlement.run(operator) == []

    # Anna's money is let go, and later that of the others.
    mine.post(f"{anna}/revokeAccrual")
    assert marketplace.balances(database) == {
        PLATFORM: (161, 50),
        anna_sells: (5350 - 161 - 105, 0),
        bert_sells: (0, 2000 - 100 - 55 - 1000 + 50),
    }
    mine.post(f"{bert}/revokeAccrual")
    assert marketplace.balances(database) == {PLATFORM: (211, 0), anna_sells: (5084, 0), bert_sells: (895, 0)}

    # All are paid out: once, however often somebody tries. The books are even.
    paid = {each.contract_id: each.amount for each in settlement.run(operator) if each.payout}
    assert paid == {PLATFORM: 211, anna_sells: 5084, bert_sells: 895}
    assert settlement.run(operator) == []
    assert marketplace.balances(database) == {}
    assert marketplace.accounts(database) == {"payer": -6350, "platform_fee": 160, "bank_clearing": 6190}
    [payout] = seller.get("Payment/Payouts")["data"]
    assert (payout["transaction_volume"], payout["stakeholder_amount"], payout["invoice_amount"]) == (5350, 161, 105)
    assert (payout["payout_amount"], payout["simple_status_description"]) == (5084, "accepted")
    [invoice] = seller.get("Payment/Invoices")["data"]
    assert (invoice["amount"], invoice["tax_amount"], invoice["total_amount"]) == (88, 17, 105)
    assert seller.get(anna)["details"]["cleared"] == "cleared"
    assert seller.get(anna)["payout_date"] == payout["date"]

    # The rest of Bert's comes back, too: he and the marketplace owe what they were paid for it, and wait for more.
    mine.request("POST", f"{bert}/cancel")
    assert mine.get(f"{bert}/checkStatus")["status_simple"] == 5
    owed = {PLATFORM: (-50, 0), bert_sells: (-950, 0)}
    assert marketplace.balances(database) == owed
    assert [each.payout for each in settlement.run(operator)] == [None, None]
    assert marketplace.balances(database) == owed
    assert marketplace.differences(database) == []


def let_in(mine: Api, name: str) -> str:
    """The contract of a new seller, whom the operator has activated."""
    contract: str = mine.post(REQUEST, ASKED | {"project": name, "pricing": PRICES})["contract"]["id"]
    decided(mine, contract)
    return contract
