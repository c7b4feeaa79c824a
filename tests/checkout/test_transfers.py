"""What the page says of a transfer: where to, and after a part of it has arrived, how much is still missing."""

import re

import httpx
import pytest

from tests.api.conftest import payment_path, transfer
from tests.checkout.conftest import Payer
from tests.conftest import PUBLIC_URL, Api, Json

PLACE = {"street": "Am Markt 1", "postal_code": "07743", "city": "Jena", "country": "DE"}
MAX = {"forename": "Max", "surname": "Mustermann", "email": "max@example.net", "address": PLACE}


def ordered(api: Api, method: str) -> Json:
    """A payment of five euros that waits for its transfer; an invoice, whose goods were sent."""
    case = api.buy(customer={"contact": MAX})
    path = f"Smart/Transactions/{case['id']}"
    if method == "prepaid":
        return api.post(f"{path}/start/prepaid")
    api.post(f"{path}/start/invoice")
    return api.post(f"{path}/setDelivery", {"delivery_options": {"shipped_at": "2026-02-04"}})


def arrive(api: Api, case: Json, cents: int) -> None:
    """Lets so much of it come."""
    transfer(api, cents, f"TA {case['trans_id']}")


def due(payer: Payer, case: Json) -> str:
    """What is to be transferred, by the page's details; empty where it shows none."""
    payer.open(f"/pay/result?stx={case['id']}")
    found = re.findall(r'id="instructions">.*?<dd>([^<]*)</dd>', payer.page, re.DOTALL)
    return found[0].replace("\xa0", " ") if found else ""


def heading(payer: Payer) -> str:
    """What the page says first."""
    return str(re.findall(r"<h1>([^<]*)</h1>", payer.page)[0]).replace("\xa0", " ")


@pytest.mark.parametrize("method", ["prepaid", "invoice"])
def test_after_a_part_the_page_asks_for_the_rest_and_says_what_has_come(
    mine: Api, http: httpx.Client, payer: Payer, method: str
) -> None:
    case = ordered(mine, method)
    assert due(payer, case) == "5,00 €"
    whole = http.get(f"/qr/epc?stx={case['id']}").content
    arrive(mine, case, 120)
    assert due(payer, case) == "3,80 €"
    assert heading(payer) == "Bitte überweisen Sie noch 3,80 €"
    assert "1,20\xa0€ sind eingegangen, 3,80\xa0€ fehlen noch." in payer.page
    assert http.get(f"/qr/epc?stx={case['id']}").content != whole
    answer = mine.post(payment_path(case, "/getPaymentInstructions"))
    assert (answer["amount"], answer["currency"]) == ("3,80\xa0€", "EUR")
    seen = mine.get(f"Smart/Transactions/{case['id']}")
    assert seen["payment_instructions"] == case["payment_instructions"]
    arrive(mine, case, 380)
    assert due(payer, case) == ""
    assert "Mein Laden GmbH hat Ihre Zahlung von 5,00\xa0€ erhalten." in payer.page
    assert http.get(f"/qr/epc?stx={case['id']}").status_code == 404
    assert mine.post(payment_path(case, "/getPaymentInstructions"))["amount"] == "0,00\xa0€"


def test_what_was_cancelled_need_not_be_transferred(mine: Api, payer: Payer) -> None:
    case = ordered(mine, "prepaid")
    mine.request("POST", payment_path(case, "/cancel"), json={"reduce_amount_by": 200})
    assert due(payer, case) == "3,00 €"
    assert heading(payer) == "Bitte überweisen Sie 3,00 €"
    arrive(mine, case, 100)
    assert due(payer, case) == "2,00 €"


def test_an_invoice_that_was_cancelled_asks_for_nothing(mine: Api, payer: Payer) -> None:
    case = ordered(mine, "invoice")
    mine.request("POST", payment_path(case, "/cancel"), json={})
    assert due(payer, case) == ""
    assert heading(payer) == "Diese Zahlung wurde storniert"


def test_too_much_is_no_reason_to_transfer_more(mine: Api, payer: Payer) -> None:
    case = ordered(mine, "invoice")
    arrive(mine, case, 700)
    assert due(payer, case) == ""
    assert payer.open(f"{PUBLIC_URL}/pay?stx={case['id']}&lang=en").status == 200
    assert "Mein Laden GmbH has received your payment of €5.00." in payer.page
