"""The life of every other method: invoice, and those whose payer goes to somebody else's page."""

from typing import Any

import httpx
import pytest

from pfennig.operations import ledger
from pfennig.storage.database import Database
from tests.api.conftest import AtTheBank
from tests.conftest import Api, Json

REPORT = {"carrier": "ACME", "tracking_id": "12a3", "invoice_number": "INV-7", "order_id": "ORD-7"}


def buy(mine: Api, **fields: Any) -> Json:
    """A Smart Transaction that can be paid by every method."""
    return mine.buy(contract={"id": "GCR_ALL"}, **fields)


def paid(mine: Api, case: Json) -> Json:
    """The leading payment of a Smart Transaction."""
    fresh = mine.get(f"Smart/Transactions/{case['id']}")
    return mine.get(f"Payment/Transactions/{fresh['transactions'][0]['id']}")


def status_of(payment: Json) -> tuple[int, int]:
    """Detailed and simple status."""
    return payment["details"]["status"], payment["details"]["status_simple"]


def in_order(database: Database) -> bool:
    """Whether the books agree with the payments."""
    with database.view() as view:
        return ledger.check_all(view)[1] == []


@pytest.mark.parametrize("way", ["capture", "ShippingInformation", "setDelivery"])
def test_an_invoice_waits_for_its_goods_and_is_accepted_by_the_delivery(
    mine: Api, database: Database, way: str
) -> None:
    case = buy(mine, intent="order")
    path = f"Smart/Transactions/{case['id']}"
    assert mine.post(f"{path}/prepare/invoice")["status"] == "approved"
    case = mine.post(f"{path}/start")
    assert case["status"] == "received"
    assert case["payment_instructions"]["purpose"] == f"TA {case['trans_id']}"
    payment = paid(mine, case)
    assert status_of(payment) == (905, 14)
    assert payment["details"]["status_simple_text"] == "waiting for shipment"
    assert in_order(database)
    if way == "setDelivery":
        options = {"delivery_options": {"shipped_at": "2026-02-04T10:00:00+01:00", "tracking_code": "12a3"}}
        assert mine.post(f"{path}/setDelivery", options)["status"] == "shipped"
    elif way == "capture":
        answer = mine.post(f"Payment/Transactions/{payment['id']}/capture", {"shipping_information": REPORT})
        assert (answer["invoice_number"], answer["order_id"]) == ("INV-7", "ORD-7")
        assert answer["completion_date"] == "2026-02-04T10:30:00+01:00"
    else:
        assert mine.put(f"Payment/Transactions/{payment['id']}/ShippingInformation", REPORT) == {"result": True}
    assert status_of(paid(mine, case)) == (86, 1)
    assert mine.get(path)["status"] == "shipped"
    assert in_order(database)


def test_a_shipping_report_names_a_tracking_or_an_invoice_number(mine: Api) -> None:
    case = buy(mine)
    mine.post(f"Smart/Transactions/{case['id']}/start/invoice")
    path = f"Payment/Transactions/{paid(mine, case)['id']}/ShippingInformation"
    assert mine.refused("PUT", path, {"carrier": "ACME"}) == (400, "ProductFormatException", 3019)
    assert status_of(paid(mine, case)) == (905, 14)


def test_an_invoice_that_is_not_delivered_can_be_cancelled(mine: Api, database: Database) -> None:
    case = buy(mine)
    mine.post(f"Smart/Transactions/{case['id']}/start/invoice")
    assert mine.post(f"Smart/Transactions/{case['id']}/cancel")["status"] == "cancelled"
    assert status_of(paid(mine, case)) == (902, 5)
    assert in_order(database)


def test_goods_to_be_picked_up_are_collected_once(mine: Api) -> None:
    slot = {"type": "collection", "store_id": "STO_1"}
    case = buy(mine, intent="order", delivery_options=slot)
    path = f"Smart/Transactions/{case['id']}"
    assert mine.post(f"{path}/start/invoice")["status"] == "collection"
    done = {"delivery_options": {"type": "collection", "delivered_at": "2026-02-05T10:00:00+01:00"}}
    assert mine.post(f"{path}/setDelivery", done)["status"] == "collected"
    assert mine.refused("POST", f"{path}/setDelivery", done)[:2] == (403, "ProductNotAllowedException")


def test_shipping_is_reported_again_and_each_report_replaces_the_one_before(mine: Api) -> None:
    case = buy(mine, intent="order")
    path = f"Smart/Transactions/{case['id']}"
    mine.post(f"{path}/start/invoice")
    first = {"delivery_options": {"shipped_by": "ACME", "tracking_code": "1"}}
    second = {"delivery_options": {"tracking_code": "2"}}
    mine.post(f"{path}/setDelivery", first)
    options = mine.post(f"{path}/setDelivery", second)["delivery_options"]
    assert options == {"type": "shipping", "tracking_code": "2"}


@pytest.mark.parametrize("method", ["paypal", "easycredit", "sofort"])
@pytest.mark.parametrize("choice", ["succeed", "fail", "cancel"])
def test_the_payer_goes_to_another_page_and_comes_back(
    mine: Api, at_the_bank: AtTheBank, database: Database, method: str, choice: str
) -> None:
    case = buy(mine)
    path = f"Smart/Transactions/{case['id']}"
    urls = {"callback_urls": {"success_url": "https://shop.example.test/ok"}}
    case = mine.post(f"{path}/prepare/{method}", urls)
    assert (case["status"], case["payment_method"]) == ("created", method)
    assert f"/sim/{method}/ATT_" in case["iframe_url"]
    at_the_bank(case, choice)
    approved = "ok" if method == "sofort" else "approved"
    assert mine.get(path)["status"] == (approved if choice == "succeed" else "failed")
    if choice == "succeed" and method != "sofort":
        assert mine.post(f"{path}/start")["status"] == "ok"
    assert in_order(database)


def test_the_simulated_page_leads_to_the_shops_callbacks(mine: Api, http: httpx.Client) -> None:
    for choice, end in (("succeed", "ok"), ("fail", "no"), ("cancel", "no")):
        case = buy(mine)
        urls = {"success_url": "https://shop.example.test/ok", "failure_url": "https://shop.example.test/no"}
        case = mine.post(f"Smart/Transactions/{case['id']}/prepare/paypal", {"callback_urls": urls})
        page = http.get(case["iframe_url"]).text
        token = page.split('name="token" value="')[1].split('"')[0]
        answer = http.post(case["iframe_url"], data={"token": token, "choice": choice})
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"https://shop.example.test/{end}"


def test_transfer_details_are_told_by_payment_and_by_transaction(mine: Api) -> None:
    case = buy(mine)
    case = mine.post(f"Smart/Transactions/{case['id']}/start/prepaid")
    id = case["transactions"][0]["id"]
    told = mine.post(f"Payment/Transactions/{id}/getPaymentInstructions")
    assert told["payment_instructions"]["purpose"] == f"TA {case['trans_id']}"
    assert (told["lang"], told["amount"], told["currency"]) == ("de", "5,00\xa0€", "EUR")
    assert mine.post(f"Payment/Transactions/me/getPaymentInstructions/{case['id']}") == told
    card = buy(mine)
    card = mine.post(f"Smart/Transactions/{card['id']}/prepare/paypal")
    path = f"Payment/Transactions/{card['transactions'][0]['id']}/getPaymentInstructions"
    assert mine.refused("POST", path) == (403, "ProductNotAllowedException", 4011)
