"""What the pages say, which scripts they have, and a way on from whatever went wrong."""

import base64
import hashlib
import re

import httpx
import pytest
from structlog.testing import capture_logs

from pfennig.demo import Form
from pfennig.operations.core.call import Call, Platform
from pfennig.twin import payer as sim
from tests.api.conftest import REFUSED
from tests.checkout.conftest import Payer
from tests.conftest import PUBLIC_URL, Api, Change, Json

SHOP = "https://shop.example.test"
CHALLENGED = {"number": "4635440000002298", "expiry": "12/39", "cvv": "123", "owner": "Max"}


def general(case: Json) -> str:
    """The link with all methods."""
    link: str = case["payment_links"]["general"]
    return link


def test_the_inventory_names_every_script_of_a_page_with_the_hash_of_what_is_served(
    mine: Api, http: httpx.Client, payer: Payer
) -> None:
    payer.open(general(mine.buy()))
    answer = http.get("/pay/scripts.json")
    scripts = answer.json()["scripts"]
    loaded = re.findall(r'<script src="([^"]+)" integrity="([^"]+)"', payer.page)
    assert loaded
    assert set(loaded) <= {(script["url"], script["integrity"]) for script in scripts}
    for script in scripts:
        served = http.get(script["url"]).content
        assert script["integrity"] == "sha384-" + base64.b64encode(hashlib.sha384(served).digest()).decode()
        assert script["why"]


def test_the_contract_says_in_which_order_methods_stand_and_the_links_stay_as_they_are(
    mine: Api, payer: Payer, contract: Change
) -> None:
    contract(methods=["prepaid", "invoice", "creditcard", "debit", "prepaid"])
    case = mine.buy(payment_context={"payment_methods": ["creditcard", "invoice", "prepaid"]})
    payer.open(general(case))
    assert re.findall(r'id="method-(\w+)"', payer.page) == ["prepaid", "invoice", "creditcard"]
    assert [*case["payment_links"]] == ["creditcard", "invoice", "prepaid", "general"]
    agreed = mine.request("GET", "Payment/Contracts/GCR_MINE/paymentMethods").json()
    assert agreed == ["creditcard", "debit", "invoice", "prepaid"]


def test_a_direct_debit_shows_its_mandate(mine: Api, payer: Payer) -> None:
    payer.open(mine.buy()["payment_links"]["debit"])
    assert "SEPA-Lastschriftmandat" in payer.page
    assert "Ich ermächtige Mein Laden GmbH" in payer.page
    assert payer.fields["owner"] == "Max Mustermann"


def test_a_prepayment_shows_where_to_send_the_money(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    payer.open(case["payment_links"]["prepaid"]).send()
    number = mine.get(f"Smart/Transactions/{case['id']}")["trans_id"]
    assert "DE81 8504 0061 1005 5237 59" in payer.page
    assert f'<dd id="purpose" dir="auto">TA {number}</dd>' in payer.page
    assert 'role="img" aria-label="QR-Code' in payer.page


# The wrong way, and the way on from there


def test_a_link_with_somebody_elses_contract_says_nothing_about_the_payment(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    payer.open(f"/pay?stx={case['id']}&contract=GCR_STRANGER&lang=en")
    assert payer.status == 404
    assert "This payment link does not work" in payer.page
    assert "Mein Laden" not in payer.page
    assert "5,00" not in payer.page


def test_who_comes_back_after_a_refusal_reads_why(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", REFUSED)
    payer.open(f"{general(case)}&lang=en")
    assert "the account does not have enough funds. Nothing was charged." in payer.page
    assert 'class="box"' in payer.page


def chosen(payer: Payer) -> list[str]:
    """The method whose panel stands open."""
    return re.findall(r'name="payment-method"[^>]* value="(\w+)" checked', payer.page)


def test_a_refused_method_is_not_chosen_again_and_one_that_was_left_is(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    assert chosen(payer.open(general(case))) == ["creditcard"]
    payer.open(case["payment_links"]["creditcard"]).send(**CHALLENGED).send(choice="cancel")
    assert chosen(payer.open(general(case))) == ["creditcard"]
    mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", REFUSED)
    assert chosen(payer.open(general(case))) == ["debit"]


BANK_PAGES = ["easycredit", "paypal", "eps", "giropay", "sofort", "twint", "wero"]


@pytest.mark.parametrize("method", BANK_PAGES)
def test_between_a_method_of_others_and_their_page_there_is_none_of_ours(
    mine: Api, payer: Payer, method: str
) -> None:
    at_home = {"street": "Am Markt 1", "postal_code": "07743", "city": "Jena", "country": "DE"}
    contact = {"forename": "Max", "surname": "Mustermann", "email": "max@example.net", "address": at_home}
    currency = "CHF" if method == "twint" else "EUR"
    wish = {"sum": 25000, "currency": currency}
    case = mine.buy(contract={"id": "GCR_ALL"}, basket_info=wish, customer={"contact": contact})
    payer.open(general(case))
    form = Form.first(payer.page, f"/pay/{method}?")
    payer.go("POST", form.action, data=form.fields)
    assert payer.sent_to.startswith(f"/sim/{method}/")


def test_a_form_of_one_method_does_not_pay_by_another(mine: Api, payer: Payer) -> None:
    case = mine.buy(contract={"id": "GCR_ALL"}, basket_info={"sum": 25000})
    form = Form.first(payer.open(general(case)).page, "/pay/paypal?")
    payer.go("POST", form.action.replace("paypal", "sofort"), data=form.fields)
    assert payer.status == 403
    assert mine.get(f"Smart/Transactions/{case['id']}")["transactions"] == []


@pytest.mark.parametrize("method", ["paypal", "bitcoin", ""])
def test_a_method_that_is_not_offered_leads_to_those_that_are(mine: Api, payer: Payer, method: str) -> None:
    payer.open(f"{general(mine.buy())}&payment-method={method}")
    assert payer.status == 200
    assert 'id="methods"' in payer.page
    assert ('id="notice"' in payer.page) is bool(method)


def test_a_form_of_a_method_that_was_withdrawn_leads_to_the_others(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    payer.open(case["payment_links"]["debit"])
    mine.put(f"Smart/Transactions/{case['id']}", {"payment_context": {"payment_methods": ["creditcard", "prepaid"]}})
    payer.send(iban="DE35500105175418493188", owner="Max")
    assert payer.status == 403
    assert "Diese Zahlungsart ist nicht verfügbar" in payer.page
    [again] = re.findall(r'id="again" href="([^"]+)"', payer.page)
    assert 'id="method-prepaid"' in payer.open(again.replace("&amp;", "&")).page


def test_where_nothing_is_offered_any_more_the_shop_is_the_way_on(mine: Api, payer: Payer, contract: Change) -> None:
    case = mine.buy(payment_context={"payment_methods": ["debit"]})
    contract(methods=["creditcard"])
    payer.open(general(case))
    assert payer.status == 403
    assert f'href="{SHOP}/error?order=7"' in payer.page


def test_where_there_is_nothing_to_pay_the_page_says_so(mine: Api, payer: Payer) -> None:
    payer.open(general(mine.buy(basket_info={"sum": 0})))
    assert payer.status == 403
    assert "Es gibt nichts zu bezahlen" in payer.page


def test_a_tampered_form_pays_nothing_and_leads_to_a_new_one(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    for forged in ({"token": "0" * 64}, {"key": "KEY_OTHER"}):
        payer.open(case["payment_links"]["debit"]).send(iban="DE35500105175418493188", owner="Max", **forged)
        assert payer.status == 403
        assert "Mein Laden GmbH" in payer.page
        assert 'id="again"' in payer.page
    assert mine.get(f"Smart/Transactions/{case['id']}")["transactions"] == []


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"a=1&" * 200, b"a" * (2**20 + 1)])
def test_a_form_that_cannot_be_read_gets_a_page(mine: Api, http: httpx.Client, body: bytes) -> None:
    answer = http.post(f"/pay/debit?stx={mine.buy()['id']}&lang=en", content=body)
    assert answer.status_code in (400, 413)
    assert "This form is out of date" in answer.text


@pytest.mark.parametrize("path", ["creditcard", "abort", "leave"])
def test_the_address_of_a_form_leads_to_the_payment(mine: Api, payer: Payer, path: str) -> None:
    case = mine.buy()
    assert payer.open(f"/pay/{path}?stx={case['id']}").status == 200
    assert payer.sent_to.startswith("/pay?stx=")


def test_a_refused_card_can_be_corrected_in_the_same_form(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    form = payer.open(case["payment_links"]["creditcard"]).answer
    broke, good = {**CHALLENGED, "number": "4000000000009995"}, {**CHALLENGED, "number": "4111111111111111"}
    for _ in range(2):
        payer.answer = form
        payer.send(**broke)
        assert "nicht gedeckt" in payer.page
    assert len(mine.get("Payment/Transactions")["data"]) == 1
    payer.answer = form
    assert payer.send(**good).sent_to == f"{SHOP}/success?order=7"
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"


def test_a_test_card_is_not_typed_twice_and_a_code_is(mine: Api, payer: Payer) -> None:
    payer.open(mine.buy()["payment_links"]["creditcard"]).send(**CHALLENGED | {"expiry": "13/39"})
    assert payer.status == 422
    assert (payer.fields["number"], payer.fields["expiry"]) == (CHALLENGED["number"], "13/39")
    assert payer.fields["cvv"] == ""


def test_only_the_networks_of_the_payment_are_named_and_taken(mine: Api, payer: Payer) -> None:
    case = mine.buy(payment_context={"creditcard_schemes": ["visa"]})
    payer.open(case["payment_links"]["creditcard"])
    assert '<span class="card-mark">Visa</span>' in payer.page
    assert "Mastercard" not in payer.page
    payer.send(**CHALLENGED | {"number": "5555555555554444"})
    assert payer.status == 422
    assert "Dieses Kartennetz wird nicht akzeptiert" in payer.page


@pytest.mark.parametrize("wanted", [["visa", "mastercard"], ["mastercard"], []])
def test_a_network_that_the_contract_lacks_cannot_be_wished_for(mine: Api, payer: Payer, wanted: list[str]) -> None:
    case = mine.buy(contract={"id": "GCR_AUTO"}, payment_context={"creditcard_schemes": wanted})
    assert case["payment_context"]["creditcard_schemes"] == ["visa"]
    page = payer.open(case["payment_links"]["creditcard"]).page
    assert re.findall(r'class="card-mark">(\w+)', page) == ["Visa"]


def test_an_answer_at_the_bank_to_what_was_given_up_leads_to_the_payment(
    mine: Api, http: httpx.Client, platform: Platform
) -> None:
    payer, other = Payer(http), Payer(http)
    case = mine.buy()
    payer.open(case["payment_links"]["creditcard"]).send(**CHALLENGED)
    bank = payer.answer
    assert "/sim/3ds/" in payer.sent_to
    other.open(case["payment_links"]["creditcard"]).send(**CHALLENGED)
    payer.answer = bank
    payer.go("POST", bank.request.url.path, data={"token": payer.fields["token"], "choice": "succeed"})
    assert payer.sent_to.startswith("/pay?stx=")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "created"
    attempt = other.answer.request.url.path.rpartition("/")[2]
    sim.answer(Call(platform, None, "de"), attempt, "succeed")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"


def test_a_broken_page_says_so_without_details(
    mine: Api, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = mine.buy()
    monkeypatch.setattr("pfennig.checkout.pages.summary", lambda visit: 1 // 0)
    with capture_logs() as log:  # not drawn in colours, which takes a second
        answer = http.get(f"{PUBLIC_URL}/pay?stx={case['id']}", headers={"Accept-Language": "en"})
    assert [line["event"] for line in log] == ["bug", "request"]
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "ZeroDivision" not in answer.text
