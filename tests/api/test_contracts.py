"""Contracts and merchants as shops ask about them."""

import pytest

from tests.api.conftest import card
from tests.conftest import Api, Json

WANTED = {"currency": "EUR", "is_demo": True}


def names(api: Api, path: str, **more: object) -> list[str]:
    """The methods that a contract names."""
    answer = api.request("POST", f"General/Contracts/{path}", json=WANTED | more)
    assert answer.status_code == 200, answer.text
    found: list[str] = answer.json()
    return found


def test_a_contract_names_its_methods_in_words_of_its_own(mine: Api) -> None:
    path = "GCR_ALL/getAvailablePaymentMethods"
    first, *_, last = names(mine, path)
    assert (first, last, len(names(mine, path))) == ("Creditcard", "Wero", 10)
    assert names(mine, path, apiv2_products=True)[-3:] == ["prepay", "sofort", "wero"]
    assert mine.request("GET", "Payment/Contracts/GCR_MINE/paymentMethods").json() == [
        "creditcard",
        "debit",
        "invoice",
        "prepaid",
    ]


def test_for_a_transaction_it_names_what_can_pay_that(mine: Api) -> None:
    case = mine.buy(payment_context={"payment_methods": ["debit", "prepaid"]})
    path = f"GCR_MINE/getAvailablePaymentMethods/{case['id']}"
    assert names(mine, path) == ["Debit", "Prepay"]


@pytest.mark.parametrize(
    ("sum", "currency", "contact", "is_there"),
    [
        (199_99, "EUR", {}, False),
        (200_00, "EUR", {}, True),
        (10_000_00, "EUR", {}, True),
        (10_000_01, "EUR", {}, False),
        (500_00, "CHF", {}, False),
        (500_00, "EUR", {"companyname": "Muster GmbH"}, False),
    ],
)
def test_instalments_are_for_consumers_and_have_limits(
    mine: Api, sum: int, currency: str, contact: Json, is_there: bool
) -> None:
    person = {"forename": "Max", "surname": "Muster", "email": "m@example.net"} | contact
    case = mine.buy(
        contract={"id": "GCR_ALL"},
        basket_info={"sum": sum, "currency": currency},
        customer={"contact": person},
    )
    path = f"GCR_ALL/getAvailablePaymentMethods/{case['id']}"
    assert ("easyCredit" in names(mine, path)) is is_there
    if not is_there:
        refusal = mine.refused("POST", f"Smart/Transactions/{case['id']}/prepare/easycredit")
        assert refusal == (403, "ProductNotAllowedException", 4002)


def test_a_contract_shows_where_transfers_go(mine: Api) -> None:
    contract = mine.get("General/Contracts/GCR_MINE")
    assert contract["object"] == "general.contracts"
    assert contract["merchant"]["companyname"] == "Mein Laden GmbH"
    assert contract["pay_in_advance_account"]["iban"] == "DE81850400611005523759"
    assert contract == mine.get("General/Contracts/me")
    assert mine.get("General/Contracts/GCR_SELLER")["parent"]["id"] == "GCR_MINE"
    assert mine.request("GET", "General/Contracts/GCR_MINE/AvailableCurrencies").json()[0] == "EUR"


def test_a_platform_sees_the_contracts_and_merchants_below_it_and_no_others(mine: Api, seller: Api) -> None:
    contracts = mine.get("General/Contracts")
    assert {item["id"] for item in contracts["data"]} == {"GCR_MINE", "GCR_ALL", "GCR_AUTO", "GCR_SELLER"}
    assert contracts["count"] == 4
    assert {item["id"] for item in mine.get("General/Merchants")["data"]} == {"MRC_MINE", "MRC_SELLER"}
    assert [item["id"] for item in seller.get("General/Merchants")["data"]] == ["MRC_SELLER"]
    assert mine.get("General/Merchants/me")["companyname"] == "Mein Laden GmbH"
    assert mine.get("General/Merchants", count=1, offset=1, fields="id")["data"] == [{"id": "MRC_MINE"}]
    for path in ("General/Contracts/GCR_STRANGER", "General/Merchants/MRC_STRANGER", "General/Contracts/GCR_MINE"):
        api = seller if path.endswith("MINE") else mine
        assert api.refused("GET", path) == (404, "ProductNotFoundException", 3002)
    for path in ("General/Contracts/GCR_NONE", "General/Merchants/MRC_NONE"):
        assert mine.refused("GET", path)[0] == 404


def test_what_a_contract_holds_back_is_let_go_at_once(mine: Api, stranger: Api) -> None:
    cases = [mine.buy(payment_context={"accrual": True}) for _ in range(2)]
    paid = [mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", card()) for case in cases]
    payments = [f"Payment/Transactions/{case['transactions'][0]['id']}" for case in paid]
    mine.request("POST", f"{payments[0]}/cancel", json={"reduce_amount_by": 100})
    assert stranger.refused("POST", "General/Contracts/GCR_MINE/revokeAccrual")[0] == 404
    assert all(mine.get(path)["accrual"] for path in payments)
    assert mine.request("POST", "General/Contracts/GCR_MINE/revokeAccrual").status_code == 204
    assert not any(item["accrual"] for item in mine.get("Payment/Transactions")["data"])


def notifications(contract: Json) -> Json:
    """Who gets mails, as a contract shows it."""
    found: Json = contract["checkout_configuration"]["notifications"]
    return found


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_a_shop_says_who_gets_mails_and_the_rest_of_its_contract_stays(mine: Api, verb: str) -> None:
    before = mine.get("General/Contracts/GCR_MINE")
    assert notifications(before) == {"merchant_order_mail": True, "customer_order_mail": True}
    body = {"checkout_configuration": {"notifications": {"merchant_order_mail": False}}, "approved": False}
    after = mine.request(verb, "General/Contracts/me", json=body).json()
    assert notifications(after) == {"merchant_order_mail": False, "customer_order_mail": True}
    assert after | {"checkout_configuration": None} == before | {"checkout_configuration": None}
    empty: list[Json] = [{}, {"checkout_configuration": None}, {"checkout_configuration": {}}]
    for nothing in (*empty, after):
        assert mine.request(verb, "General/Contracts/GCR_MINE", json=nothing).json() == after
    assert mine.get("General/Contracts/GCR_MINE") == after
    assert mine.request(verb, "General/Contracts/GCR_MINE", json=before).json() == before


def test_who_gets_mails_is_for_the_merchant_to_say(mine: Api, stranger: Api) -> None:
    body = {"checkout_configuration": {"notifications": {"customer_order_mail": False}}}
    for api, id in ((mine, "GCR_SELLER"), (stranger, "GCR_MINE")):
        refusal = api.refused("PATCH", f"General/Contracts/{id}", body)
        assert refusal[::2] == ((403, 2101) if api is mine else (404, 3002))
    assert mine.refused("PUT", "General/Contracts/GCR_NONE", body)[0] == 404
    wrong = {"checkout_configuration": {"notifications": {"customer_order_mail": "perhaps"}}}
    assert mine.refused("PUT", "General/Contracts/me", wrong) == (400, "ProductFormatException", 3001)
    assert notifications(mine.get("General/Contracts/GCR_SELLER"))["customer_order_mail"]


@pytest.mark.parametrize("body", [{}, {"currency": "EUR"}, {"currency": "XXX", "is_demo": True}, {"is_demo": True}])
def test_the_question_for_methods_names_currency_and_mode(mine: Api, body: Json) -> None:
    answer = mine.refused("POST", "General/Contracts/GCR_MINE/getAvailablePaymentMethods", body)
    assert answer[:2] == (400, "ProductFormatException")
