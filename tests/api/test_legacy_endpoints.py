"""The legacy endpoints: the same payments as everywhere, in legacy words, each known by one hash for ever."""

import re
from itertools import permutations
from typing import Any

import httpx
import pytest

from pfennig.domain.payment import State
from pfennig.operations.checks import reconciliation
from pfennig.resources.payment.legacy import WORDS
from pfennig.storage.database import Database
from tests.api.conftest import CHALLENGED, AtTheBank, Everything, payment_of, prepared
from tests.conftest import PUBLIC_URL, Api, Json

DEBITS, CARDS, PREPAYS = "Payment/Secupaydebits", "Payment/Secupaycreditcards", "Payment/Secupayprepays"
INVOICES, SOFORT = "Payment/Secupayinvoices", "Payment/Secupaysofort"
CONTRACTS = {DEBITS: "GCR_MINE", CARDS: "GCR_MINE", PREPAYS: "GCR_MINE", INVOICES: "GCR_MINE", SOFORT: "GCR_ALL"}
GOOD_IBAN, POOR_IBAN = "DE35500105175418493188", "DE75512108001245126199"
SHOP = "https://shop.example.test"
URLS = {"url_success": f"{SHOP}/thanks", "url_failure": f"{SHOP}/sorry", "url_push": f"{SHOP}/push"}
AGREED = {"opt_data": {"language": "en_US", "has_accepted_disclaimer": True}}
AT_HOME = {
    "forename": "Max",
    "surname": "Mustermann",
    "email": "max@example.net",
    "address": {
        "street": "Musterstr.",
        "street_number": "55",
        "postal_code": "09123",
        "city": "Musterstadt",
        "country": "DE",
    },
}
BASKET = [
    {"item_type": "shipping", "name": "standard delivery", "tax": 19, "total": 100},
    {
        "article_number": 3211,
        "quantity": 2,
        "name": "Mug",
        "ean": "4123412341243",
        "tax": "19",
        "price": 300,
        "total": 600,
    },
    {"item_type": "coupon", "name": "Welcome", "total": -200},
]


def sold(mine: Api, endpoint: str = DEBITS, /, **fields: Any) -> Json:
    """A payment over five euros."""
    body = {"amount": 500, "customer": "PCU_KNOWN", "contract": CONTRACTS[endpoint], "redirect_url": URLS}
    return mine.post(endpoint, body | fields)


def account(mine: Api, iban: str = GOOD_IBAN) -> str:
    """The id of a stored bank account that is nobody's."""
    body = {"type": "bank_account", "private": {"owner": "Max Mustermann", "iban": iban}}
    return str(mine.post("Payment/Containers", body)["id"])


def debited(mine: Api, **fields: Any) -> Json:
    """A debit that was paid at once."""
    return sold(mine, container=account(mine), **AGREED, **fields)


def status(item: Json) -> tuple[str, int]:
    """The word and the number."""
    return item["status"], item["transaction_status"]


def pays(http: httpx.Client, sale: Json, **fields: str) -> str:
    """The payer fills in the form behind the link; answers where he is led to."""
    page = http.get(sale["redirect_url"]["iframe_url"].removeprefix(PUBLIC_URL)).text
    action = re.search(r'<form[^>]*action="(/pay/(?!abort)[^"]*)"', page)
    assert action, page
    own = page[action.start() :]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', own[: own.index("</form>")]))
    answer = http.post(action[1].replace("&amp;", "&"), data=hidden | fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def told(database: Database) -> list[tuple[str, str, str]]:
    """What shops are told: target, id and type of each event, in order."""
    with database.view() as view:
        return [(event.target, event.object_id, event.type) for event in view.events.all()]


def in_order(database: Database) -> bool:
    """Whether the books agree with the payments."""
    with database.view() as view:
        return reconciliation.check_all(view)[1] == []


@pytest.mark.parametrize("endpoint", CONTRACTS)
def test_a_new_payment_waits_for_its_payer_on_our_page(mine: Api, endpoint: str) -> None:
    sale = sold(mine, endpoint, purpose="Order 7", order_id=7, basket=BASKET, amount="500")
    assert sale["object"] == endpoint.lower().replace("/", ".")
    assert re.fullmatch(r"[a-z]{12}\d{8}", sale["id"])
    assert sale["id"].endswith(str(sale["trans_id"]))
    assert (sale["amount"], sale["currency"], sale["purpose"], sale["order_id"]) == (500, "EUR", "Order 7", "7")
    assert (sale["basket"], sale["accrual"], sale["payment_action"]) == (BASKET, False, "sale")
    assert sale["customer"]["id"] == "PCU_KNOWN"
    assert sale["customer"]["contact"]["surname"] == "Musterfrau"
    assert sale["redirect_url"] == URLS | {"iframe_url": sale["iframe_url"]}
    assert mine.get(f"{endpoint}/{sale['id']}") == sale
    if endpoint != PREPAYS:
        assert status(sale) == ("internal_server_status", 1)
        assert sale["iframe_url"].startswith(f"{PUBLIC_URL}/pay?payment-method=")


def test_the_least_that_is_said_is_an_amount(mine: Api) -> None:
    sale = mine.post(DEBITS, {"amount": 1})
    assert (sale["currency"], sale["purpose"], sale["order_id"], sale["basket"]) == ("EUR", "", None, None)
    assert "customer" not in sale
    ending = f"{PUBLIC_URL}/pay/result?stx="
    assert sale["redirect_url"]["url_success"].startswith(ending)
    assert sale["redirect_url"]["url_failure"].startswith(ending)
    assert mine.http.get(sale["redirect_url"]["url_failure"]).status_code == 303  # back to the form


def test_the_order_of_fields_is_of_no_importance(mine: Api) -> None:
    body = {"opt_data": {"language": "en"}, "amount": "500", "basket": BASKET, "demo": True}
    seen = []
    for order in permutations(body):
        sale = mine.post(DEBITS, {name: body[name] for name in order})
        seen.append({name: sale[name] for name in ("amount", "basket", "status")})
    assert all(each == seen[0] for each in seen)


def test_what_nobody_knows_and_what_is_null_is_passed_over(mine: Api) -> None:
    nulls = dict.fromkeys(("purpose", "order_id", "subscription", "opt_data", "container", "basket", "accrual"))
    sale = sold(mine, **nulls, experience={"positive": 1}, payment_methods=["twint"], recipient=None, status="x")
    assert status(sale) == ("internal_server_status", 1)


REFUSED: list[tuple[str, Json, str]] = [
    ("no amount", {"amount": None}, "amount"),
    ("nothing to pay", {"amount": 0}, "amount"),
    ("less than nothing", {"amount": -5}, "amount"),
    ("more than ten billion", {"amount": 10**12 + 1}, "amount"),
    ("a fraction", {"amount": 500.5}, "amount"),
    ("a fraction in text", {"amount": "500.0"}, "amount"),
    ("an amount in words", {"amount": "five"}, "amount"),
    ("an unknown currency", {"currency": "EUX"}, "currency"),
    ("a long currency", {"currency": "EURO"}, "currency"),
    ("an item of an unknown type", {"basket": [{"item_type": "bribe", "total": 500}]}, "item_type"),
    ("an item worth a fraction", {"basket": [{"total": 499.5}]}, "basket[0].total"),
    ("a basket that is no list", {"basket": {"total": 500}}, "basket"),
    ("an unknown action", {"payment_action": "later"}, "payment_action"),
    ("an accrual that is neither", {"accrual": "maybe"}, "accrual"),
    ("a purpose beyond measure", {"purpose": "x" * 2001}, "purpose"),
    ("an address of nowhere", {"redirect_url": {"url_failure": "https://"}}, "redirect_url.url_failure"),
    ("an address that runs code", {"redirect_url": {"url_success": "javascript:x"}}, "redirect_url.url_success"),
    ("a customer who is a number", {"customer": 7}, "customer"),
    ("a contract without an id", {"contract": {"object": "general.contracts"}}, "contract"),
    ("an agreement that is neither", {"opt_data": {"has_accepted_disclaimer": "perhaps"}}, "has_accepted_disclaimer"),
]


def test_a_wrong_field_is_refused_by_its_name_and_nothing_is_written(
    mine: Api, everything: Everything, subtests: pytest.Subtests
) -> None:
    before = everything()
    for name, wish, field in REFUSED:
        with subtests.test(name):
            answer = mine.request("POST", DEBITS, json={"amount": 500} | wish)
            refusal = answer.json()
            assert (answer.status_code, refusal.get("error")) == (400, "ProductFormatException")
            assert field in refusal["error_details"]
            assert everything() == before


def test_what_is_not_offered_is_refused_and_nothing_is_written(mine: Api, everything: Everything) -> None:
    no = "ProductNotAllowedException"
    archived = account(mine)
    mine.put(f"Payment/Containers/{archived}/archive", {})
    before = everything()
    for endpoint, wish, refusal in (
        (DEBITS, {"contract": "GCR_STRANGER"}, (404, "ProductNotFoundException", 3002)),
        (DEBITS, {"contract": {"id": "GCR_NOBODY"}}, (404, "ProductNotFoundException", 3002)),
        (DEBITS, {"customer": "PCU_NOBODY"}, (404, "ProductNotFoundException", 3002)),
        (DEBITS, {"container": "PCT_NOBODY"}, (404, "ProductNotFoundException", 3002)),
        (DEBITS, {"container": archived}, (403, no, 4042)),
        (SOFORT, {"contract": "GCR_MINE"}, (403, no, 4002)),
    ):
        assert mine.refused("POST", endpoint, {"amount": 500} | wish) == refusal
    assert everything() == before


def test_the_largest_amount_can_be_paid(mine: Api) -> None:
    assert debited(mine, amount=999_999_999_99)["status"] == "accepted"


def test_a_stranger_sees_nothing_and_can_do_nothing(mine: Api, stranger: Api, everything: Everything) -> None:
    sale = debited(mine)
    report = {"tracking_id": "12a3"}
    before = everything()
    for id in (sale["id"], sale["payment_id"]):
        for verb, path, body in (
            ("GET", f"{DEBITS}/{id}", None),
            ("POST", f"{DEBITS}/{id}/cancel", {}),
            ("POST", f"{DEBITS}/{id}/capture", {}),
            ("PUT", f"{DEBITS}/{id}/accrual", {"accrual": True}),
            ("PUT", f"{DEBITS}/{id}/shippingInformation", report),
            ("PUT", f"{DEBITS}/{id}/basket", {"basket": BASKET}),
            ("GET", f"Payment/Transactions/{id}/OldFormat", None),
            ("POST", f"Payment/Transactions/{id}/revokeAccrual", {}),
        ):
            assert stranger.refused(verb, path, body) == (404, "ProductNotFoundException", 3002)
    assert everything() == before


def test_hash_and_id_are_good_for_both_forms(mine: Api) -> None:
    sale = debited(mine)
    for id in (sale["id"], sale["payment_id"]):
        assert mine.get(f"{DEBITS}/{id}") == sale
        assert mine.get(f"Payment/Transactions/{id}/OldFormat") == sale
        assert mine.get(f"Payment/Transactions/{id}")["transaction_hash"] == sale["id"]
    assert mine.refused("GET", f"{DEBITS}/abcdefghijkl40000099") == (404, "ProductNotFoundException", 3002)


def test_a_debit_from_a_stored_account_is_paid_at_once(mine: Api, database: Database) -> None:
    sale = debited(mine)
    assert status(sale) == ("accepted", 6)
    assert sale["container"]["private"]["iban"] == GOOD_IBAN
    assert sale["container"]["customer"]["id"] == "PCU_KNOWN"
    assert sale["used_payment_instrument"] == {
        "type": "bank_account",
        "data": {"owner": "", "iban": "DE35XXXXXXXXXXXXXX3188", "bic": "INGDDEFFXXX", "bankname": "ING-DiBa"},
    }
    assert told(database) == [("payment.secupaydebits", sale["id"], "changed")]
    assert in_order(database)


def test_a_stored_card_that_asks_for_confirmation_leads_to_the_bank(mine: Api, at_the_bank: AtTheBank) -> None:
    asked = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", CHALLENGED)
    sale = sold(mine, CARDS, container=asked["container"]["id"], payment_action="authorization", **AGREED)
    assert status(sale) == ("internal_server_status", 1)
    assert sale["iframe_url"].startswith(f"{PUBLIC_URL}/sim/3ds/")
    at_the_bank(sale, "succeed")
    assert status(mine.get(f"{CARDS}/{sale['id']}")) == ("authorized", 9)


def test_an_account_without_an_agreement_waits_for_the_payer(mine: Api) -> None:
    sale = sold(mine, container={"id": account(mine)})
    assert status(sale) == ("internal_server_status", 1)
    assert "used_payment_instrument" not in sale


def test_the_same_account_stored_twice_pays_and_stays_nobodys(mine: Api) -> None:
    assert debited(mine)["container"]["customer"]["id"] == "PCU_KNOWN"
    second = debited(mine)
    assert status(second) == ("accepted", 6)
    assert "customer" not in second["container"]


def test_an_authorisation_is_reserved_and_captured_later(mine: Api, database: Database) -> None:
    sale = debited(mine, payment_action="authorization")
    assert (*status(sale), sale["payment_action"]) == ("authorized", 9, "authorization")
    captured = mine.post(f"{DEBITS}/{sale['id']}/capture", {"contract": {"id": "GCR_MINE"}})
    assert status(captured) == ("accepted", 6)
    assert mine.refused("POST", f"{DEBITS}/{sale['id']}/capture") == (403, "ProductNotAllowedException", 1003)
    assert in_order(database)


def test_a_prepayment_tells_where_to_transfer_and_is_accepted_by_the_transfer(mine: Api, database: Database) -> None:
    sale = sold(mine, PREPAYS)
    assert status(sale) == ("authorized", 25)
    assert sale["transfer_purpose"] == f"TA {sale['trans_id']}"
    assert sale["transfer_account"] == mine.get("General/Contracts/me")["pay_in_advance_account"] | {
        "account_owner": "secupay AG",
        "accountnumber": "1005523759",
        "bankcode": "85040061",
    }
    body = {"amount": 500, "purpose": sale["transfer_purpose"]}
    mine.http.post("/lab/v1/bank/transfers", json=body, headers=mine.headers)
    assert mine.get(f"{PREPAYS}/{sale['id']}")["status"] == "accepted"
    assert told(database) == [("payment.secupayprepays", sale["id"], "changed")] * 2
    assert in_order(database)


def test_an_invoice_is_delivered_in_legacy_words(mine: Api) -> None:
    report = {"carrier": "ACME", "tracking_id": "12a3"}
    for way, body in (("capture", {"shipping_information": report}), ("shippingInformation", report)):
        sale = sold(mine, INVOICES, **AGREED)
        assert status(sale) == ("accepted", 905)
        assert sale["transfer_purpose"] == f"TA {sale['trans_id']}"
        answer = mine.request("POST" if way == "capture" else "PUT", f"{INVOICES}/{sale['id']}/{way}", json=body)
        assert status(answer.json()) == ("accepted", 86)
    assert mine.refused("PUT", f"{INVOICES}/{sale['id']}/shippingInformation", {})[2] == 3019


def test_an_invoice_that_nobody_agreed_to_waits_for_the_payer(mine: Api, http: httpx.Client) -> None:
    sale = sold(mine, INVOICES, customer={"contact": AT_HOME})
    assert status(sale) == ("internal_server_status", 1)
    assert sale["transfer_purpose"] == f"TA {sale['trans_id']}"
    pays(http, sale)
    assert mine.get(f"{INVOICES}/{sale['id']}") == sale | {"status": "accepted", "transaction_status": 905}


def test_the_payer_pays_on_our_page_and_nothing_is_paid_twice(
    mine: Api, http: httpx.Client, database: Database
) -> None:
    sale = sold(mine)
    assert pays(http, sale, owner="Max", iban=GOOD_IBAN) == URLS["url_success"]
    paid = mine.get(f"{DEBITS}/{sale['id']}")
    assert status(paid) == ("accepted", 6)
    assert (paid["payment_id"], paid["trans_id"]) == (sale["payment_id"], sale["trans_id"])
    assert mine.get("Payment/Transactions")["count"] == 1
    assert in_order(database)


def test_a_retry_after_a_refusal_keeps_the_hash(mine: Api, http: httpx.Client, database: Database) -> None:
    sale = sold(mine, accrual=True)
    mine.put(f"{DEBITS}/{sale['id']}/accrual", {"accrual": False})
    pays(http, sale, owner="Max", iban=POOR_IBAN)
    refused = mine.get(f"{DEBITS}/{sale['id']}")
    assert (*status(refused), refused["trans_id"]) == ("denied", 901, sale["trans_id"])
    pays(http, sale, owner="Max", iban=GOOD_IBAN)
    paid = mine.get(f"{DEBITS}/{sale['id']}")
    assert (*status(paid), paid["id"], paid["accrual"]) == ("accepted", 6, sale["id"], False)
    assert paid["trans_id"] == sale["trans_id"] + 1
    assert mine.get(f"{DEBITS}/{paid['payment_id']}") == mine.get(f"{DEBITS}/{sale['payment_id']}") == paid
    assert mine.get(f"Payment/Transactions/{sale['id']}")["id"] == sale["payment_id"]
    assert told(database) == [("payment.secupaydebits", sale["id"], "changed")] * 2
    assert mine.post(f"{DEBITS}/{sale['id']}/cancel")["result"]["remaining_amount"] == 0
    assert in_order(database)


@pytest.mark.parametrize("choice", ["succeed", "fail"])
def test_a_page_elsewhere_is_where_the_payer_goes_next(
    mine: Api, http: httpx.Client, at_the_bank: AtTheBank, choice: str
) -> None:
    sale = sold(mine, SOFORT)
    path = pays(http, sale)
    asked = mine.get(f"{SOFORT}/{sale['id']}")
    assert asked["iframe_url"] == asked["redirect_url"]["iframe_url"] == PUBLIC_URL + path.partition("?")[0]
    at_the_bank(asked, choice)
    assert mine.get(f"{SOFORT}/{sale['id']}")["status"] == ("accepted" if choice == "succeed" else "denied")


def gave_back(number: int | None, left: int) -> Json:
    """What a cancellation answers, letter by letter: the refund's number, and what is left of the payment."""
    details = {"new_trans_id": number, "remaining_amount": left, "refund_waiting_for_payment": False}
    return {"new_trans_id": number, "demo": True, "result": details}


def test_a_payment_is_given_back_in_part_and_then_in_full(mine: Api, database: Database) -> None:
    sale = debited(mine, demo=True)
    path = f"{DEBITS}/{sale['id']}"
    part = mine.post(f"{path}/cancel", {"contract": "GCR_MINE", "reduce_amount_by": "200"})
    number = sale["trans_id"] + 1
    assert part == gave_back(number, left=300)
    assert mine.get(path)["status"] == "accepted"
    assert mine.refused("POST", f"{path}/cancel", {"amount": 301}) == (400, "ProductFormatException", 3018)
    rest = mine.post(f"{path}/cancel", {"amount": None, "reduce_stakeholder_payment": False})
    assert rest == gave_back(number + 1, left=0)
    assert status(mine.get(path)) == ("void", 902)
    assert mine.refused("POST", f"{path}/cancel") == (403, "ProductNotAllowedException", 4009)
    refund = mine.get(f"Payment/Transactions/{sale['id']}")["related_transactions"][0]
    assert mine.get(f"Payment/Transactions/{refund['id']}/OldFormat")["amount"] == -200
    assert {(target, id) for target, id, _ in told(database)} == {("payment.secupaydebits", sale["id"])}
    assert [type for *_, type in told(database)] == [
        "changed",
        "changed",
    ]  # accepted, void; the answers told the rest
    assert in_order(database)


def test_a_reservation_is_lowered_and_let_go(mine: Api) -> None:
    sale = debited(mine, payment_action="authorization")
    path = f"{DEBITS}/{sale['id']}"
    lowered = mine.post(f"{path}/cancel", {"reduce_amount_by": 200})
    assert lowered == gave_back(None, left=300)
    assert mine.get(path)["amount"] == 300
    assert mine.post(f"{path}/cancel") == gave_back(None, left=0)
    assert status(mine.get(path)) == ("void", 902)


def test_what_nobody_has_paid_yet_can_be_called_off(mine: Api, http: httpx.Client) -> None:
    sale = sold(mine)
    path = f"{DEBITS}/{sale['id']}"
    assert mine.refused("POST", f"{path}/cancel", {"reduce_amount_by": 1})[2] == 4009
    assert mine.post(f"{path}/cancel") == gave_back(None, left=0)
    assert status(mine.get(path)) == ("void", 902)
    assert "/pay/result" in http.get(sale["iframe_url"]).headers["Location"]
    assert mine.refused("POST", f"{path}/cancel") == (403, "ProductNotAllowedException", 4009)


def test_a_payment_of_any_kind_can_be_cancelled_with_the_legacy_answer(mine: Api) -> None:
    payment = payment_of(mine, prepared(mine))
    answer = mine.post(f"Payment/Transactions/{payment['id']}/cancel", {"return_old_format": True})
    assert answer == gave_back(None, left=0)


def test_a_payment_of_any_kind_can_be_read_in_the_legacy_form(mine: Api) -> None:
    payment = payment_of(mine, prepared(mine, transactionRef="Order 7"))
    legacy = mine.get(f"Payment/Transactions/{payment['id']}/OldFormat")
    assert (legacy["object"], legacy["id"]) == ("payment.secupaycreditcards", payment["transaction_hash"])
    assert (legacy["payment_id"], legacy["purpose"], legacy["status"]) == (payment["id"], "Order 7", "authorized")
    assert mine.get(f"{CARDS}/{legacy['id']}") == legacy


@pytest.mark.parametrize("invoice", [{"invoice_number": "R-7"}, {"tracking_id": "T-1", "carrier": "DHL"}])
def test_a_prepayment_can_have_its_invoice_before_its_money(mine: Api, invoice: Json) -> None:
    sale = sold(mine, "Payment/Secupayprepays")
    assert mine.put(f"Payment/Secupayprepays/{sale['id']}/shippingInformation", invoice)["status"] == "authorized"
    shown = mine.get(f"Payment/Transactions/{sale['payment_id']}")
    assert (shown.get("invoice_number"), shown["status"]) == (invoice.get("invoice_number"), 25)
    assert "completion_date" not in shown
    path = f"Payment/Transactions/{sale['payment_id']}/ShippingInformation"
    assert mine.put(path, {"invoice_number": "R-8"}) == {"result": True}
    assert mine.get(f"Payment/Transactions/{sale['payment_id']}")["invoice_number"] == "R-8"


def test_a_basket_can_be_replaced(mine: Api, everything: Everything) -> None:
    sale = debited(mine, basket=BASKET)
    less = [{"name": "Mug", "quantity": 1, "total": 300}]
    assert mine.put(f"{DEBITS}/{sale['id']}/basket", {"contract": None, "basket": less})["basket"] == less
    before = everything()
    for wrong in ({}, {"basket": "Mug"}, {"basket": [{"item_type": "bribe"}]}):
        assert mine.refused("PUT", f"{DEBITS}/{sale['id']}/basket", wrong)[0] == 400
    share = {"basket": [{"item_type": "sub_transaction", "total": 5}]}
    assert mine.refused("PUT", f"{DEBITS}/{sale['id']}/basket", share)[2] == 4164
    assert everything() == before


def test_the_smart_transaction_behind_it_is_not_in_the_way(mine: Api) -> None:
    sale, case = sold(mine), mine.buy()
    assert [item["id"] for item in mine.get("Smart/Transactions")["data"]] == [case["id"]]
    hidden = str(httpx.URL(sale["iframe_url"]).params["stx"])
    refusal = mine.refused("PUT", f"Smart/Transactions/{hidden}", {"basket_info": {"sum": 1}})
    assert refusal == (403, "ProductNotAllowedException", 4061)
    entries = mine.http.get(f"/lab/v1/transactions/{hidden}/timeline", headers=mine.headers).json()["data"]
    assert {entry["kind"] for entry in entries} == {"request"}


def test_the_timeline_finds_the_pushes(mine: Api) -> None:
    sale = debited(mine)
    hidden = str(httpx.URL(sale["iframe_url"]).params["stx"])
    entries = mine.http.get(f"/lab/v1/transactions/{hidden}/timeline", headers=mine.headers).json()["data"]
    assert [entry["object"] for entry in entries if entry["kind"] == "push"] == [sale["id"]]


def test_every_state_has_a_legacy_word() -> None:
    assert set(WORDS) == set(State)
