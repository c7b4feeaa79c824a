"""Where the goods go: asked for where nobody knows it, read back, and left alone where the shop says so."""

import re
from typing import Any

import pytest

from tests.checkout.conftest import Payer
from tests.checkout.test_customer import HOME, MAX, contact, link
from tests.conftest import Api, Json

SENT: Json = {"delivery_options": {"type": "shipping"}}
LOCKED: Json = {"application_context": {"locks": {"shipping_address": True}}}
OMA = {"forename": "Oma", "surname": "Duck"}
THERE = {"street": "Gänsestr.", "street_number": "7", "postal_code": "1010", "city": "Wien", "country": "AT"}
DEBIT = {"iban": "DE35500105175418493188", "owner": "Max"}


def asked(payer: Payer) -> list[str]:
    """What the page asks, in its order."""
    return re.findall(r'<(?:input|select) id="(\w+)"', payer.page)


def read_back(payer: Payer) -> str:
    """The delivery address as the page shows it; empty where it shows none."""
    found = re.findall(r'id="delivery".*?<p>([^<]*)</p>', payer.page, re.DOTALL)
    return found[0] if found else ""


def address(api: Api, case: Json) -> Json:
    """The delivery address as the shop sees it."""
    found: Json = api.get(f"Smart/Transactions/{case['id']}").get("shipping_address", {})
    return found


def test_an_order_that_is_sent_needs_to_know_where(mine: Api, payer: Payer) -> None:
    case = mine.buy(**SENT)
    payer.open(link(case))
    assert asked(payer) == [*OMA, *HOME]
    assert "Lieferadresse" in payer.page
    assert payer.page.count('autocomplete="shipping ') == 6
    assert payer.fields["forename"] == "Max"
    payer.send(**OMA, **HOME)
    assert 'id="methods"' in payer.page
    assert read_back(payer) == "Oma Duck, Straße des 17. Juni 135, 10623 Berlin, Deutschland"
    seen = address(mine, case)
    assert (seen["object"], seen["contact"]["name"]) == ("payment.customers", "Oma Duck")
    assert seen["contact"]["address"] == HOME | {"street": "Straße des 17. Juni", "street_number": "135"}
    assert "address" not in contact(mine, case)
    assert mine.get(f"Payment/Customers/{seen['id']}")["contact"] == seen["contact"]


@pytest.mark.parametrize("fields", [{}, {"delivery_options": {"type": "collection"}}, {"intent": "order"}])
def test_where_nothing_is_sent_nobody_is_asked_where(mine: Api, payer: Payer, fields: Json) -> None:
    case = mine.buy(**fields)
    pay = case.get("payment_links", {}).get("general") or case["checkout_links"]["url_checkout"]
    assert 'id="methods"' in payer.open(pay).page
    assert read_back(payer) == ""
    payer.go("POST", f"/pay/shipping?stx={case['id']}", data={"token": "forged", **OMA, **HOME})
    assert payer.status == 403
    assert payer.open(f"/pay/shipping?stx={case['id']}").sent_to.startswith("/pay?")
    assert address(mine, case) == {}


def test_goods_go_to_the_payer_unless_he_says_otherwise(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={"contact": MAX | {"address": THERE}}, **SENT)
    payer.open(link(case))
    assert 'id="methods"' in payer.page
    assert read_back(payer) == "Max Mustermann, Gänsestr. 7, 1010 Wien, Österreich"
    payer.open(f"/pay/shipping?stx={case['id']}")
    assert payer.fields["street"] == "Gänsestr. 7"
    payer.send(**OMA, country="AT")
    assert read_back(payer).startswith("Oma Duck, Gänsestr. 7")
    assert contact(mine, case)["name"] == "Max Mustermann"
    payer.open(f"/pay/shipping?stx={case['id']}").send(city="Graz", country="AT")
    assert address(mine, case)["contact"]["address"]["city"] == "Graz"


def test_what_the_shop_said_of_the_address_stays_and_is_read_back(mine: Api, payer: Payer) -> None:
    case = mine.buy(shipping_address={"contact": OMA | {"address": THERE}})
    before = address(mine, case)
    payer.open(link(case))
    assert read_back(payer) == "Oma Duck, Gänsestr. 7, 1010 Wien, Österreich"
    assert 'id="change-delivery"' not in payer.page
    assert payer.open(f"/pay/shipping?stx={case['id']}").sent_to.startswith("/pay?")
    assert address(mine, case) == before


def test_of_half_an_address_only_the_other_half_is_asked(mine: Api, payer: Payer) -> None:
    half = {"companyname": "Kanzlei", "address": {"street": "Am Markt 1", "city": "Jena"}}
    case = mine.buy(shipping_address={"contact": half})
    assert asked(payer.open(link(case))) == ["postal_code", "country"]
    payer.send(postal_code="0774", country="DE")
    assert payer.status == 422
    payer.send(postal_code="07743", country="DE", street="Woanders 2")
    assert read_back(payer) == "Kanzlei, Am Markt 1, 07743 Jena, Deutschland"
    assert 'id="change-delivery"' in payer.page
    assert address(mine, case)["contact"]["companyname"] == "Kanzlei"


def test_a_locked_address_is_read_back_and_not_asked_for(mine: Api, payer: Payer) -> None:
    half = {"contact": OMA | {"address": {"city": "Wien"}}}
    case = mine.buy(shipping_address=half, **SENT, **LOCKED)
    assert 'id="methods"' in payer.open(link(case)).page
    assert read_back(payer) == "Oma Duck, Wien"
    assert 'id="change-delivery"' not in payer.page
    assert 'id="methods"' in payer.open(link(mine.buy(**SENT, **LOCKED))).page


def test_a_lock_that_came_after_the_form_was_opened_holds(mine: Api, payer: Payer) -> None:
    case = mine.buy(**SENT)
    payer.open(link(case))
    mine.put(f"Smart/Transactions/{case['id']}", LOCKED)
    payer.send(**OMA, **HOME)
    assert payer.status == 403
    assert address(mine, case) == {}


def test_what_the_payer_said_of_the_delivery_is_not_typed_again_for_himself(mine: Api, payer: Payer) -> None:
    case = mine.buy(**SENT)
    payer.open(link(case)).send(**HOME).open(link(case, "invoice"))
    assert asked(payer) == list(HOME)
    assert payer.fields["street"] == HOME["street"]
    assert "shipping " not in payer.page
    payer.send(country="DE").send()
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"
    assert read_back(payer) == ""


def test_no_payment_begins_before_it_is_known_where_the_goods_go(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    payer.open(link(case, "debit"))
    mine.put(f"Smart/Transactions/{case['id']}", SENT)
    payer.send(**DEBIT)
    assert asked(payer) == [*OMA, *HOME]
    assert mine.get(f"Smart/Transactions/{case['id']}")["transactions"] == []
    payer.send(**HOME)
    assert payer.sent_to == f"/pay?{payer.sent_to.partition('?')[2]}"
    assert 'id="iban"' in payer.page


def test_the_shop_has_the_last_word_about_the_address(mine: Api, payer: Payer) -> None:
    case = mine.buy(**SENT)
    payer.open(link(case)).send(**HOME)
    assert 'id="change-delivery"' in payer.page
    shop: dict[str, Any] = {"shipping_address": {"contact": OMA | {"address": THERE}}}
    mine.put(f"Smart/Transactions/{case['id']}", shop)
    assert read_back(payer.open(link(case))).startswith("Oma Duck")
    assert 'id="change-delivery"' not in payer.page
    mine.put(f"Smart/Transactions/{case['id']}", {"shipping_address": None})
    assert asked(payer.open(link(case))) == [*OMA, *HOME]
