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
    return re.findall(r'<(?:input|select) id="\w+-shipping_(\w+)"', payer.panel)


def there(**details: str) -> Json:
    """What a form says about the delivery."""
    return {f"shipping_{name}": value for name, value in details.items()}


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
    payer.open(link(case, "debit"))
    assert asked(payer) == [*OMA, *HOME]
    assert "Lieferadresse" in payer.panel
    assert payer.panel.count('autocomplete="shipping ') == 6
    assert payer.fields["shipping_forename"] == "Max"
    payer.send(**there(**OMA, **HOME), **DEBIT)
    assert payer.sent_to == "https://shop.example.test/success?order=7"
    seen = address(mine, case)
    assert (seen["object"], seen["contact"]["name"]) == ("payment.customers", "Oma Duck")
    assert seen["contact"]["address"] == HOME | {"street": "Straße des 17. Juni", "street_number": "135"}
    assert "address" not in contact(mine, case)
    assert mine.get(f"Payment/Customers/{seen['id']}")["contact"] == seen["contact"]


def test_who_says_who_they_are_and_where_it_goes_says_their_name_once(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={}, **SENT)
    assert asked(payer.open(link(case, "debit"))) == list(HOME)
    payer.send(**MAX, **there(**HOME), **DEBIT)
    assert address(mine, case)["contact"]["name"] == "Max Mustermann"


def test_an_address_that_the_method_needs_is_where_it_goes(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={}, **SENT)
    assert asked(payer.open(link(case, "invoice"))) == []
    payer.send(**MAX, **HOME)
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"
    assert contact(mine, case)["address"]["city"] == "Berlin"
    assert address(mine, case) == {}


@pytest.mark.parametrize("fields", [{}, {"delivery_options": {"type": "collection"}}, {"intent": "order"}])
def test_where_nothing_is_sent_nobody_is_asked_where(mine: Api, payer: Payer, fields: Json) -> None:
    case = mine.buy(**fields)
    pay = case.get("payment_links", {}).get("general") or case["checkout_links"]["url_checkout"]
    assert 'id="methods"' in payer.open(pay).page
    assert read_back(payer) == ""
    assert asked(payer.open(f"/pay?stx={case['id']}&change=shipping_address")) == []
    assert address(mine, case) == {}


def test_goods_go_to_the_payer_unless_he_says_otherwise(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={"contact": MAX | {"address": THERE}}, **SENT)
    payer.open(link(case, "debit"))
    assert asked(payer) == []
    assert read_back(payer) == "Max Mustermann, Gänsestr. 7, 1010 Wien, Österreich"
    [change] = re.findall(r'id="change-delivery" href="([^"]+)"', payer.page)
    payer.open(change.replace("&amp;", "&")).choose("debit")
    payer.open(f"/pay?stx={case['id']}&change=shipping_address&payment-method=debit")
    assert payer.fields["shipping_street"] == "Gänsestr. 7"
    payer.send(**there(**OMA, country="AT"), **DEBIT)
    assert address(mine, case)["contact"]["name"] == "Oma Duck"
    assert address(mine, case)["contact"]["address"]["city"] == "Wien"
    assert contact(mine, case)["name"] == "Max Mustermann"


def test_what_the_shop_said_of_the_address_stays_and_is_read_back(mine: Api, payer: Payer) -> None:
    case = mine.buy(shipping_address={"contact": OMA | {"address": THERE}})
    before = address(mine, case)
    payer.open(link(case))
    assert read_back(payer) == "Oma Duck, Gänsestr. 7, 1010 Wien, Österreich"
    assert 'id="change-delivery"' not in payer.page
    assert asked(payer.open(f"/pay?stx={case['id']}&change=shipping_address")) == []
    assert address(mine, case) == before


def test_of_half_an_address_only_the_other_half_is_asked(mine: Api, payer: Payer) -> None:
    half = {"companyname": "Kanzlei", "address": {"street": "Am Markt 1", "city": "Jena"}}
    case = mine.buy(shipping_address={"contact": half})
    assert asked(payer.open(link(case, "debit"))) == ["postal_code", "country"]
    payer.send(**there(postal_code="0774", country="DE"), **DEBIT)
    assert payer.status == 422
    refused = DEBIT | {"iban": "DE12"}
    assert payer.send(**there(postal_code="07743", country="DE", street="Woanders 2"), **refused).status == 422
    payer.send(**there(country="DE"), **DEBIT)
    assert address(mine, case)["contact"]["companyname"] == "Kanzlei"
    assert address(mine, case)["contact"]["address"]["street"] == "Am Markt 1"


def test_a_locked_address_is_read_back_and_not_asked_for(mine: Api, payer: Payer) -> None:
    half = {"contact": OMA | {"address": {"city": "Wien"}}}
    case = mine.buy(shipping_address=half, **SENT, **LOCKED)
    assert 'id="methods"' in payer.open(link(case)).page
    assert read_back(payer) == "Oma Duck, Wien"
    assert 'id="change-delivery"' not in payer.page
    assert 'id="methods"' in payer.open(link(mine.buy(**SENT, **LOCKED))).page


def test_a_lock_that_came_after_the_form_was_opened_holds(mine: Api, payer: Payer) -> None:
    case = mine.buy(**SENT)
    payer.open(link(case, "debit"))
    mine.put(f"Smart/Transactions/{case['id']}", LOCKED)
    payer.send(**there(**OMA, **HOME), **DEBIT)
    assert payer.status == 403
    assert address(mine, case) == {}


BROKE = {"number": "4000000000009995", "expiry": "12/39", "cvv": "123", "owner": "Max"}


def test_what_the_payer_said_of_the_delivery_is_not_typed_again_for_himself(mine: Api, payer: Payer) -> None:
    case = mine.buy(**SENT)
    payer.open(link(case, "creditcard")).send(**there(**HOME), **BROKE).open(link(case, "invoice"))
    assert asked(payer) == []
    assert payer.fields["street"] == HOME["street"]
    assert "shipping " not in payer.page
    payer.send(country="DE")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"
    assert read_back(payer) == ""


def test_no_payment_begins_before_it_is_known_where_the_goods_go(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    payer.open(link(case, "debit"))
    mine.put(f"Smart/Transactions/{case['id']}", SENT)
    payer.send(**DEBIT)
    assert asked(payer) == [*OMA, *HOME]
    assert mine.get(f"Smart/Transactions/{case['id']}")["transactions"] == []
    assert payer.sent_to.startswith("/pay?")
    assert 'id="debit-iban"' in payer.panel


def test_the_shop_has_the_last_word_about_the_address(mine: Api, payer: Payer) -> None:
    case = mine.buy(**SENT)
    payer.open(link(case, "creditcard")).send(**there(**HOME), **BROKE).open(link(case))
    assert 'id="change-delivery"' in payer.page
    shop: dict[str, Any] = {"shipping_address": {"contact": OMA | {"address": THERE}}}
    mine.put(f"Smart/Transactions/{case['id']}", shop)
    assert read_back(payer.open(link(case))).startswith("Oma Duck")
    assert 'id="change-delivery"' not in payer.page
    mine.put(f"Smart/Transactions/{case['id']}", {"shipping_address": None})
    assert asked(payer.open(link(case, "debit"))) == [*OMA, *HOME]
