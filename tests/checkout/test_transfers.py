"""What the page says of a transfer: where to, and after a part of it has arrived, how much is still missing."""

import re
from dataclasses import replace

import httpx
import pytest
import segno

from pfennig.checkout import qr
from pfennig.checkout.visit import Visit
from pfennig.demo import Form
from pfennig.mails.stand_in import LABEL
from pfennig.mails.transfer_code import epc_code
from pfennig.money import Money
from pfennig.operations.core.call import Call, Platform
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
    found = re.findall(r'id="instructions">.*?<dd[^>]*>([^<]*)</dd>', payer.page, re.DOTALL)
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
    assert "data-version=" in payer.page
    arrive(mine, case, 120)
    assert due(payer, case) == "3,80 €"
    assert heading(payer) == "Bitte überweisen Sie noch 3,80 €"
    assert "1,20\xa0€ sind eingegangen, 3,80\xa0€ fehlen noch." in payer.page
    assert http.get(f"/qr/epc?stx={case['id']}").status_code == 200
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


def drawn(platform: Platform, case: Json, is_demo: bool = False) -> list[list[bool]]:
    """The modules of the code of its transfer, dark ones True."""
    call = Call(platform, None, "de", merchant_id="MRC_MINE")
    with call.view() as view:
        stx = replace(view.smart_transactions.get(case["id"]), is_demo=is_demo)
        payment = view.payments.get(stx.payment_id or "")
        merchant, contract = view.merchants.get(stx.merchant_id), view.contracts.get(stx.contract_id)
    code = qr.transfer_code(Visit(call, stx, merchant, contract), payment.money, payment.purpose)
    return [[*map(bool, row)] for row in code.matrix] if code else []


def test_no_banking_app_pays_by_the_code_of_a_test(mine: Api, platform: Platform) -> None:
    case = ordered(mine, "prepaid")
    found = drawn(platform, case)
    address = segno.make_qr(f"{PUBLIC_URL}/sim/transfer?stx={case['id']}", error="h", boost_error=False)
    plain = [[*map(bool, row)] for row in address.matrix]
    changed = [(x, y) for y, row in enumerate(found) for x, module in enumerate(row) if module != plain[y][x]]
    assert changed
    assert len(LABEL) * len(LABEL[0]) < len(plain) ** 2 * 0.1
    middle = len(plain) // 2
    assert all(abs(x - middle) <= len(LABEL[0]) // 2 and abs(y - middle) <= len(LABEL) // 2 for x, y in changed)


def test_where_money_moves_the_code_is_one_for_banking_apps(mine: Api, platform: Platform) -> None:
    account = {"owner": "secupay AG", "iban": "DE81850400611005523759", "bic": "COBADEFFXXX"}
    case = ordered(mine, "prepaid")
    usual = epc_code(account, Money(500, "EUR"), f"TA {case['trans_id']}")
    assert usual
    operator = replace(platform, can=replace(platform.can, moves_money=True))
    assert drawn(operator, case) == [[*map(bool, row)] for row in usual.matrix]
    assert drawn(operator, case, is_demo=True) == []


def test_who_scans_the_code_of_a_test_lets_the_transfer_arrive(mine: Api, payer: Payer) -> None:
    case = ordered(mine, "prepaid")
    payer.open(f"/sim/transfer?stx={case['id']}").send(choice="half")
    assert due(payer, case) == "2,50 €"
    payer.open(f"/sim/transfer?stx={case['id']}")
    form = Form.first(payer.page)
    assert payer.send(choice="whole").sent_to.startswith("/pay/result")
    assert due(payer, case) == ""
    assert payer.open(f"/sim/transfer?stx={case['id']}").sent_to.startswith("/pay/result")
    payer.go("POST", form.action, data={**form.fields, "choice": "whole"})
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"
    assert "mehr als nötig" not in payer.open(f"/pay/result?stx={case['id']}").page
    assert payer.open(f"/sim/transfer?stx={mine.buy()['id']}").status == 404


def test_each_detail_can_be_copied_as_a_bank_takes_it(mine: Api, payer: Payer) -> None:
    case = ordered(mine, "prepaid")
    payer.open(f"/pay/result?stx={case['id']}&lang=de")
    copied = dict(re.findall(r'id="copy-(\w+)"[^>]*data-copy="([^"]*)"', payer.page))
    assert copied == {
        "amount": "5,00",
        "owner": "secupay AG",
        "iban": "DE81850400611005523759",
        "bic": "COBADEFFXXX",
        "purpose": f"TA {case['trans_id']}",
    }
    assert "secupay AG nimmt die Zahlung für Mein Laden GmbH entgegen." in payer.page
