"""The life of every other method: invoice, and those whose payer goes to somebody else's page."""

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from pfennig.operations.checks import reconciliation
from pfennig.storage.database import Database
from tests.api.conftest import AtTheBank, Everything, transfer
from tests.conftest import Api, Change, Json

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
        return reconciliation.check_all(view)[1] == []


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


def test_goods_to_be_picked_up_have_a_code_until_they_were(mine: Api) -> None:
    case = buy(mine, intent="order", delivery_options={"type": "collection", "store_id": "STO_1"})
    path = f"Smart/Transactions/{case['id']}"
    assert "code" not in case["delivery_options"]
    options = mine.post(f"{path}/start/prepaid")["delivery_options"]
    assert re.fullmatch("[0-9]{6}", options["code"])
    assert options == {"type": "collection", "store_id": "STO_1", "code": options["code"]}
    transfer(mine, 500, f"TA {mine.get(path)['trans_id']}")
    after = mine.get(path)
    assert (after["status"], after["delivery_options"]) == ("collection", options)
    done = {"type": "collection", "delivered_at": "2026-02-05T10:00:00+01:00"}
    assert mine.post(f"{path}/setDelivery", {"delivery_options": done})["delivery_options"] == done


@pytest.mark.parametrize("again", ["collection", "shipping"])
def test_a_sale_is_picked_up_once_too(mine: Api, everything: Everything, again: str) -> None:
    case = buy(mine, delivery_options={"type": "collection"})
    path = f"Smart/Transactions/{case['id']}"
    mine.post(f"{path}/start/invoice")
    assert mine.post(f"{path}/setDelivery", {"delivery_options": {"delivered_at": "2026-02-05"}})["status"] == "ok"
    before = everything()
    assert mine.refused("POST", f"{path}/setDelivery", {"delivery_options": {"type": again}})[::2] == (403, 4001)
    assert everything() == before


def test_who_was_to_pick_up_may_get_it_sent_instead(mine: Api) -> None:
    case = buy(mine, intent="order", delivery_options={"type": "collection"})
    path = f"Smart/Transactions/{case['id']}"
    mine.post(f"{path}/start/invoice")
    sent = {"delivery_options": {"type": "shipping", "shipped_by": "ACME"}}
    for _ in range(2):
        after = mine.post(f"{path}/setDelivery", sent)
        assert (after["status"], after["delivery_options"]) == ("shipped", sent["delivery_options"])


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
    case = buy(mine, basket_info={"sum": 500_00, "currency": "EUR"})
    path = f"Smart/Transactions/{case['id']}"
    urls = {"callback_urls": {"success_url": "https://shop.example.test/ok"}}
    case = mine.post(f"{path}/prepare/{method}", urls)
    assert (case["status"], case["payment_method"]) == ("created", method)
    assert f"/sim/{method}/ATT_" in case["iframe_url"]
    at_the_bank(case, choice)
    approved = "ok" if method == "sofort" else "approved"
    assert mine.get(path)["status"] == {"succeed": approved, "fail": "failed", "cancel": "created"}[choice]
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


def test_the_legacy_amount_of_an_invoices_cancel_is_what_remains(mine: Api, database: Database) -> None:
    case = buy(mine)
    mine.post(f"Smart/Transactions/{case['id']}/start/invoice")
    path = f"Payment/Transactions/{paid(mine, case)['id']}"
    mine.request("POST", f"{path}/cancel", json={"amount": 100})
    assert mine.get(f"{path}/checkStatus")["amount"] == 100
    assert in_order(database)


def test_a_refund_to_another_account_is_refused(mine: Api) -> None:
    case = buy(mine)
    mine.post(f"Smart/Transactions/{case['id']}/start/invoice")
    path = f"Payment/Transactions/{paid(mine, case)['id']}"
    refusal = mine.refused("POST", f"{path}/cancel", {"container_id": "PCT_1"})
    assert refusal == (403, "ProductNotAllowedException", 4013)
    assert mine.get(f"{path}/checkStatus")["amount"] == 500


def test_the_transfer_is_told_for_what_is_left_and_no_longer_once_it_is_cancelled(
    mine: Api, http: httpx.Client
) -> None:
    case = buy(mine)
    case = mine.post(f"Smart/Transactions/{case['id']}/start/prepaid")
    path = f"Payment/Transactions/{case['transactions'][0]['id']}"
    mine.request("POST", f"{path}/cancel", json={"reduce_amount_by": 200})
    assert mine.post(f"{path}/getPaymentInstructions")["amount"] == "3,00\xa0€"
    assert "3,00" in http.get(f"/pay/result?stx={case['id']}").text.split('id="instructions"')[1]
    assert http.get(f"/qr/epc?stx={case['id']}").headers["Content-Type"] == "image/png"
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    assert mine.refused("POST", f"{path}/getPaymentInstructions")[0] == 403
    assert http.get(f"/qr/epc?stx={case['id']}").status_code == 404


def test_an_invoice_has_a_code_to_scan(mine: Api, http: httpx.Client) -> None:
    case = buy(mine)
    case = mine.post(f"Smart/Transactions/{case['id']}/start/invoice")
    code = http.get(case["payment_instructions"]["girocode_url"])
    assert (code.status_code, code.headers["Content-Type"]) == (200, "image/png")


def test_the_code_is_named_only_while_there_is_one(mine: Api, contract: Change) -> None:
    def told(case: Json) -> Json:
        found: Json = mine.get(f"Smart/Transactions/{case['id']}")["payment_instructions"]
        return found

    case = mine.post(f"Smart/Transactions/{buy(mine)['id']}/start/prepaid")
    assert "girocode_url" in told(case)
    for amount in (case["basket_info"]["sum"] - 100, 100):
        transfer(mine, amount, told(case)["purpose"])
    assert "girocode_url" not in told(case)
    contract(bank_account={"owner": "Laden AG", "bic": "", "bankname": "", "iban": "CH9300762011623852957"})
    francs = mine.buy(basket_info={"sum": 500, "currency": "CHF"})
    assert "girocode_url" not in told(mine.post(f"Smart/Transactions/{francs['id']}/start/prepaid"))


def test_an_account_that_no_code_can_say_takes_no_page_down(
    mine: Api, http: httpx.Client, database: Database
) -> None:
    case = mine.post(f"Smart/Transactions/{buy(mine)['id']}/start/prepaid")
    with database.unit() as unit:
        contract = unit.contracts.get(case["contract"]["id"])
        unit.contracts.change(contract, replace(contract, bank_account=contract.bank_account | {"owner": "x" * 71}))
    page = http.get(f"/pay/result?stx={case['id']}")
    assert (page.status_code, "x" * 71 in page.text) == (200, True)
    assert http.get(f"/qr/epc?stx={case['id']}").status_code == 404
    assert "girocode_url" not in mine.get(f"Smart/Transactions/{case['id']}")["payment_instructions"]


def test_a_new_attempt_gives_up_the_approval_of_the_one_before(mine: Api) -> None:
    case = buy(mine)
    path = f"Smart/Transactions/{case['id']}"
    assert mine.post(f"{path}/prepare/invoice")["status"] == "approved"
    assert mine.post(f"{path}/prepare/paypal")["status"] == "created"


def test_only_a_whole_reservation_is_captured(mine: Api) -> None:
    case = buy(mine)
    mine.post(f"Smart/Transactions/{case['id']}/prepare/invoice")
    path = f"Payment/Transactions/{paid(mine, case)['id']}"
    assert mine.refused("POST", f"{path}/capture", {"amount": 300}) == (403, "ProductNotAllowedException", 4012)
    assert mine.post(f"{path}/capture", {"amount": 500, "shipping_information": REPORT})["details"]["status"] == 86


def test_a_sellers_instrument_does_not_pay_for_its_platform(mine: Api, seller: Api) -> None:
    account = {"private": {"owner": "Max", "iban": "DE35500105175418493188"}}
    container = seller.post("Payment/Containers", account)
    case = mine.buy()
    body = {"container": {"id": container["id"]}}
    refusal = mine.refused("POST", f"Smart/Transactions/{case['id']}/start/debit", body)
    assert refusal == (403, "ProductNotAllowedException", 2101)


def test_empty_arrays_stand_for_nothing(mine: Api) -> None:
    case = mine.post("Smart/Transactions", {"basket_info": {"sum": 500}, "customer": [], "basket": []})
    assert "customer" not in case
    assert mine.post(f"Smart/Transactions/{case['id']}/prepare/prepaid", {"container": []})["status"] == "pending"


def test_an_abort_form_from_before_does_not_end_what_was_approved(mine: Api, http: httpx.Client) -> None:
    case = mine.buy(contract={"id": "GCR_ALL"})
    page = http.get(f"/pay?stx={case['id']}").text.split('action="/pay/abort')[1]
    token = page.split('name="token" value="')[1].split('"')[0]
    mine.post(f"Smart/Transactions/{case['id']}/prepare/invoice")
    answer = http.post(f"/pay/abort?stx={case['id']}", data={"token": token})
    assert "/pay/result" in answer.headers["Location"]
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"
