"""Payment.Transactions through the door: the money as the API shows it."""

import pytest

from tests.api.conftest import REFUSED, bought, card, payment_of, prepared
from tests.conftest import Api, Change, StoppedClock


def test_a_payment_has_the_fields_of_the_documentation(mine: Api, clock: StoppedClock) -> None:
    case = mine.buy(transactionRef="Shop 7", is_demo=True)
    clock.advance(seconds=90)
    case = mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", card())
    payment = payment_of(mine, case)
    assert payment == {
        "object": "payment.transactions",
        "id": case["transactions"][0]["id"],
        "created": "2026-02-04T10:31:30+01:00",
        "updated": "2026-02-04T10:31:30+01:00",
        "merchant": {
            "object": "general.merchants",
            "id": "MRC_MINE",
            "companyname": "Mein Laden GmbH",
            "type": "11",
            "user": {"name": "Mein Laden GmbH", "companyname": "Mein Laden GmbH"},
        },
        "contract": {"object": "general.contracts", "id": "GCR_MINE"},
        "contract_id": mine.get("General/Contracts/me")["id_old"],
        "trans_id": case["trans_id"],
        "transaction_hash": case["transactions"][0]["transaction_hash"],
        "product_id": 218,
        "product": "Kreditkarte (Demo)",
        "product_raw": "Kreditkarte (Demo)",
        "zahlungsmittel_id": 0,
        "amount": 500,
        "currency": "EUR",
        "status": 9,
        "status_text": "vorautorisiert",
        "description": "Shop 7",
        "description_raw": "Shop 7",
        "accrual": False,
        "details": {
            "status": 9,
            "status_text": "vorautorisiert",
            "status_simple": 2,
            "status_simple_text": "authorized",
            "amount": 500,
            "cleared": "open",
            "description": "Shop 7",
            "description_raw": "Shop 7",
        },
        "customer": {"salutation": "Herr", "forename": "Max", "surname": "Mustermann"},
        "payment_data": "411111XXXXXX1111",
    }


@pytest.mark.parametrize(
    ("method", "reserved", "paid", "status", "simple"),
    [
        ("creditcard", 218, 26, 6, (1, "accepted")),
        ("debit", 50, 16, 6, (1, "accepted")),
        ("prepaid", None, 36, 25, (10, "pending")),
    ],
)
def test_each_method_has_its_products_and_statuses(
    mine: Api, method: str, reserved: int | None, paid: int, status: int, simple: tuple[int, str]
) -> None:
    if reserved:
        payment = payment_of(mine, prepared(mine, method))
        assert (payment["product_id"], payment["status"]) == (reserved, 9)
    payment = payment_of(mine, bought(mine, method))
    details = payment["details"]
    assert (payment["product_id"], payment["status"], details["status"]) == (paid, status, status)
    assert (details["status_simple"], details["status_simple_text"]) == simple
    assert "zahlungsmittel_id" not in payment


def test_a_bank_account_is_shown_masked(mine: Api) -> None:
    assert payment_of(mine, prepared(mine, "debit"))["payment_data"] == "DE00 XXXX XXXX 3188"


def test_the_status_of_a_payment_can_be_asked_for_alone(mine: Api) -> None:
    case = prepared(mine)
    path = f"Payment/Transactions/{case['transactions'][0]['id']}/checkStatus"
    asked = {"status": 9, "status_text": "vorautorisiert", "status_simple": 2, "status_simple_text": "authorized"}
    assert mine.get(path) == asked | {"amount": 500, "currency": "EUR"}
    mine.post(f"Smart/Transactions/{case['id']}/start")
    paid = {"status": 6, "status_text": "abgeschlossen", "status_simple": 1, "status_simple_text": "accepted"}
    assert mine.get(path) == paid | {"amount": 500, "currency": "EUR"}
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    void = {"status": 902, "status_text": "storniert", "status_simple": 5, "status_simple_text": "void"}
    assert mine.get(path) == void | {"amount": 0, "currency": "EUR"}


def test_a_refused_payment_says_so_and_holds_nothing(mine: Api) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", REFUSED)
    status = mine.get(f"Payment/Transactions/{case['transactions'][0]['id']}/checkStatus")
    assert status == {
        "status": 901,
        "status_text": "abgelehnt",
        "status_simple": 3,
        "status_simple_text": "denied",
        "amount": 0,
        "currency": "EUR",
    }


@pytest.mark.parametrize(
    ("method", "english", "german"),
    [("prepaid", "Payment in advance", "Vorkasse"), ("invoice", "Purchase on invoice", "Kauf auf Rechnung")],
)
def test_the_product_is_named_in_the_callers_language_and_in_german(
    mine: Api, contract: Change, method: str, english: str, german: str
) -> None:
    contract(methods=[method])
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/{method}")
    path = f"/api/v2/Payment/Transactions/{case['transactions'][0]['id']}"
    for language, name in (("en", english), ("de", german)):
        shown = mine.http.get(path, headers=mine.headers | {"Accept-Language": language}).json()
        assert (shown["product"], shown["product_raw"]) == (name, german)


def test_the_text_of_a_status_follows_the_language_and_the_word_for_programs_does_not(mine: Api) -> None:
    path = f"/api/v2/Payment/Transactions/{prepared(mine)['transactions'][0]['id']}"
    english = mine.http.get(path, headers=mine.headers | {"Accept-Language": "en"}).json()
    assert english["details"]["status_text"] == "pre-authorised"
    assert english["details"]["status_simple_text"] == "authorized"
    assert (english["product"], english["product_raw"]) == ("Credit card", "Kreditkarte")


def test_an_accrual_is_shown_on_the_payment(mine: Api) -> None:
    case = prepared(mine, payment_context={"accrual": True})
    assert payment_of(mine, case)["accrual"] is True
