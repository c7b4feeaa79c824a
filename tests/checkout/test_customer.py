"""The page asks for what is missing about the payer, for nothing else, and changes nothing else."""

import re
from typing import Any

import pytest

from tests.checkout.conftest import Payer
from tests.conftest import Api, Json

MAX = {"forename": "Max", "surname": "Mustermann", "email": "max@example.net"}
HOME = {"street": "Straße des 17. Juni 135", "postal_code": "10623", "city": "Berlin", "country": "DE"}
CARD = {"number": "4111111111111111", "expiry": "12/39", "cvv": "123", "owner": "Max"}
SHOP = {"url_error": "https://shop.example.test/error?order=7"}


def link(case: Json, method: str = "general") -> str:
    """The payment link of a method."""
    found: str = case["payment_links"][method]
    return found


def contact(api: Api, case: Json) -> Json:
    """The customer's details as the shop sees them."""
    found: Json = api.get(f"Smart/Transactions/{case['id']}").get("customer", {}).get("contact", {})
    return found


def asked(payer: Payer) -> set[str]:
    """The details that the open form asks for."""
    return {name for name in (*MAX, *HOME) if f'name="{name}"' in payer.panel}


def test_an_empty_customer_is_asked_for_name_and_mail_in_the_form_that_pays(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={})
    assert asked(payer.open(link(case))) == set(MAX)
    assert 'id="creditcard-number"' in payer.panel
    assert payer.send(**MAX, **CARD).sent_to == "https://shop.example.test/success?order=7"
    seen = mine.get(f"Smart/Transactions/{case['id']}")
    assert seen["customer"]["contact"] == MAX | {"name": "Max Mustermann", "salutation": "Herr"}
    assert mine.get(f"Payment/Customers/{seen['customer']['id']}")["contact"] == seen["customer"]["contact"]
    assert seen["status"] == "approved"


def test_a_complete_customer_is_asked_nothing(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={"contact": {**MAX, "address": HOME | {"street_number": "135"}}})
    for method in ("general", "creditcard", "invoice"):
        assert asked(payer.open(link(case, method))) == set()


def test_a_method_that_needs_an_address_asks_for_it_and_no_other_does(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    for method in ("general", "creditcard", "debit", "prepaid"):
        assert asked(payer.open(link(case, method))) == set()
    assert asked(payer.open(link(case)).choose("invoice")) == set(HOME)
    payer.send(**HOME)
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"
    address = {"street": "Straße des 17. Juni", "street_number": "135"}
    assert contact(mine, case)["address"] == HOME | address


def test_a_list_of_countries_stands_in_the_open_form_only(mine: Api, payer: Payer) -> None:
    case = mine.buy(contract={"id": "GCR_ALL"}, basket_info={"sum": 25000})
    assert "<select" not in payer.open(link(case)).page
    assert payer.choose("invoice").page.count("<select") == 1
    assert re.search(r'<a class="method" id="method-easycredit" href="[^"]*payment-method=easycredit', payer.page)


def test_everything_that_the_method_of_a_link_needs_is_asked_at_once(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={"contact": {"surname": "Mustermann", "address": {"city": "Berlin"}}})
    assert asked(payer.open(link(case, "invoice"))) == {*MAX, *HOME} - {"surname", "city"}
    payer.send(**MAX, **HOME)
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"


def test_nobody_is_asked_for_a_postal_code_that_their_country_does_not_have(mine: Api, payer: Payer) -> None:
    kowloon = {"street": "Nathan Road 1", "country": "HK"}
    known = mine.buy(customer={"contact": {**MAX, "address": kowloon}})
    assert asked(payer.open(link(known, "invoice"))) == set()
    case = mine.buy(customer={"contact": MAX})
    payer.open(link(case, "invoice")).send(**kowloon, postal_code="", city="")
    assert contact(mine, case)["address"]["country"] == "HK"


def test_what_the_shop_said_stays_whatever_is_sent(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={"contact": {"forename": "Erika", "companyname": "Kanzlei", "email": "e@example.net"}})
    assert asked(payer.open(link(case, "prepaid"))) == {"surname"}
    payer.send(surname="Musterfrau", forename="Eva", email="eva@example.net", companyname="Andere")
    seen = contact(mine, case)
    assert (seen["name"], seen["companyname"], seen["email"]) == ("Erika Musterfrau", "Kanzlei", "e@example.net")


def test_a_customer_whom_others_know_is_left_alone(mine: Api, payer: Payer) -> None:
    known = mine.post("Payment/Customers", {"contact": {"forename": "Max"}})
    case = mine.buy(customer={"id": known["id"]})
    payer.open(link(case, "prepaid")).send(**MAX)
    seen = mine.get(f"Smart/Transactions/{case['id']}")["customer"]
    assert seen["id"] != known["id"]
    assert seen["contact"]["name"] == "Max Mustermann"
    assert mine.get(f"Payment/Customers/{known['id']}") == known


def test_the_same_form_sent_twice_makes_one_customer_and_one_payment(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={})
    form = payer.open(link(case)).answer
    broke = CARD | {"number": "4000000000009995"}
    payer.send(**MAX, **broke)
    first = mine.get(f"Smart/Transactions/{case['id']}")
    payer.answer = form
    payer.send(**MAX, **broke)
    assert mine.get(f"Smart/Transactions/{case['id']}") == first
    assert len(first["transactions"]) == 1


def test_what_a_refused_payer_said_is_not_asked_again_and_can_be_changed(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={})
    payer.open(link(case)).send(**MAX | {"email": "max@example.nte"}, **CARD | {"number": "4000000000009995"})
    assert asked(payer.open(link(case))) == set()
    [change] = re.findall(r'id="change" href="([^"]+)"', payer.page)
    payer.open(change.replace("&amp;", "&")).choose("debit")
    payer.open(f"/pay?stx={case['id']}&change=customer&payment-method=debit")
    assert payer.fields["email"] == "max@example.nte"
    payer.send(email="max@example.net", iban="DE35500105175418493188", owner="Max")
    assert contact(mine, case)["email"] == "max@example.net"


def test_what_the_shop_says_since_is_not_the_payers_to_change(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={})
    payer.open(link(case)).send(**MAX, **CARD | {"number": "4000000000009995"})
    mine.put(f"Smart/Transactions/{case['id']}", {"customer": {"contact": MAX | {"email": "shop@example.net"}}})
    assert 'id="change"' not in payer.open(link(case)).page
    assert asked(payer.open(f"/pay?stx={case['id']}&change=customer")) == set()


def test_a_payer_may_say_how_to_address_him_and_need_not(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={})
    payer.open(link(case))
    assert '<select id="creditcard-salutation" name="salutation" autocomplete="honorific-prefix">' in payer.panel
    assert re.findall(r'<option value="(\w*)"', payer.panel) == ["", "Frau", "Herr"]
    payer.send(**MAX | {"forename": "Eva", "surname": "Beispiel"}, **CARD | {"number": "4000000000009995"})
    assert "salutation" not in contact(mine, case)
    changed = f"/pay?stx={case['id']}&change=customer&payment-method=debit"
    payer.open(changed).send(salutation="Majestät", iban="DE35500105175418493188", owner="Max")
    assert payer.status == 422
    assert 'id="debit-salutation-error"' in payer.page
    payer.open(changed).send(salutation="Frau", iban="DE35500105175418493188", owner="Max")
    assert contact(mine, case)["salutation"] == "Frau"


def test_a_salutation_that_was_chosen_stays_chosen(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={})
    payer.open(link(case) + "&lang=en").send(salutation="Frau", **CARD)
    assert payer.status == 422
    assert '<option value="Frau" selected>Ms<option' in payer.page


@pytest.mark.parametrize("known", [MAX, {"salutation": "Mr.", "email": "max@example.net"}])
def test_a_salutation_is_not_asked_without_the_name_nor_where_the_shop_has_said_it(
    mine: Api, payer: Payer, known: Json
) -> None:
    case = mine.buy(customer={"contact": known})
    assert 'name="salutation"' not in payer.open(link(case, "invoice")).page


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("forename", " "),
        ("surname", ""),
        ("surname", "x" * 300),
        ("email", "max"),
        ("email", "max@example"),
        ("email", "max@ex ample.net"),
        ("street", "\t"),
        ("postal_code", "1234"),
        ("country", "XX"),
        ("country", ""),
    ],
)
def test_what_cannot_be_right_is_explained_and_everything_typed_is_kept(
    mine: Api, payer: Payer, name: str, value: str
) -> None:
    case = mine.buy(customer={})
    typed = {**MAX, **HOME, name: value}
    payer.open(link(case, "invoice")).send(**typed)
    assert payer.status == 422
    assert re.search(rf'id="invoice-{name}"[^>]* aria-invalid="true" autofocus', payer.page)
    assert f'id="invoice-{name}-error"' in payer.page
    assert payer.page.count('aria-invalid="true"') == 1
    assert {n: v for n, v in payer.fields.items() if n in typed and n != "country"} == {
        n: v for n, v in typed.items() if n != "country"
    }
    assert contact(mine, case) == {}


def test_mistakes_about_the_payer_and_the_card_are_said_at_once_in_their_order(mine: Api, payer: Payer) -> None:
    payer.open(link(mine.buy(customer={}))).send(**MAX | {"email": "max"}, **CARD | {"expiry": "01/20", "cvv": "1"})
    found = re.findall(r'<li><a href="#creditcard-(\w+)"', payer.panel)
    assert found == ["email", "expiry", "cvv"] or found == ["email", "number", "expiry", "cvv"]


def test_a_postal_code_is_what_it_is_in_its_country(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    payer.open(link(case, "invoice")).send(**HOME | {"postal_code": "W1A 1AA", "country": "GB", "city": "London"})
    assert contact(mine, case)["address"]["postal_code"] == "W1A 1AA"


LOCKED: Json = {"application_context": {"locks": {"customer": True}, "return_urls": SHOP}}


def test_a_locked_customer_is_the_shops_to_complete(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={"contact": {"forename": "Max"}}, **LOCKED)
    payer.open(link(case))
    assert payer.status == 403
    assert "Mein Laden GmbH" in payer.page
    assert f'href="{SHOP["url_error"]}"' in payer.page
    assert "<form" not in payer.page


def test_a_lock_that_came_after_the_form_was_opened_holds(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={})
    payer.open(link(case))
    mine.put(f"Smart/Transactions/{case['id']}", LOCKED)
    payer.send(**MAX, **CARD)
    assert payer.status == 403
    assert contact(mine, case) == {}


def test_a_locked_customer_without_address_may_pay_by_what_needs_none(mine: Api, payer: Payer) -> None:
    case = mine.buy(**LOCKED)
    payer.open(link(case, "invoice"))
    assert payer.status == 200
    assert 'id="method-creditcard"' in payer.page
    assert 'id="method-invoice"' not in payer.page
    assert 'id="panel-invoice"' not in payer.page
    assert 'id="notice"' in payer.page


@pytest.mark.parametrize("form", ["creditcard", "invoice"])
def test_no_payment_begins_while_something_is_missing(mine: Api, payer: Payer, form: str) -> None:
    address = {"address": HOME}
    case = mine.buy(customer={"contact": {**MAX, **address}})
    payer.open(link(case, form))
    mine.put(f"Smart/Transactions/{case['id']}", {"customer": None})
    payer.send(**CARD)
    assert asked(payer) >= set(MAX)
    assert mine.get(f"Smart/Transactions/{case['id']}")["transactions"] == []


@pytest.mark.parametrize("end", ["abort", "start/prepaid"])
def test_after_the_end_nobody_changes_who_paid(mine: Api, payer: Payer, end: str) -> None:
    case = mine.buy(customer={})
    payer.open(link(case))
    before = mine.post(f"Smart/Transactions/{case['id']}/{end}")
    payer.send(**MAX | {"email": "other@example.net"}, **CARD)
    assert "/pay/result" in payer.sent_to
    assert mine.get(f"Smart/Transactions/{case['id']}") == before


def test_a_form_that_is_not_ours_is_out_of_date(mine: Api, payer: Payer) -> None:
    case = mine.buy(customer={})
    payer.open(link(case)).send(token="forged", **MAX, **CARD)
    assert payer.status == 403
    assert 'id="again"' in payer.page
    assert contact(mine, case) == {}


def test_countries_have_the_names_of_the_payers_language_in_its_order(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    german: Any = payer.open(link(case, "invoice")).page
    assert '<option value="DE" selected>Deutschland<option' in german
    assert german.index("Ägypten") < german.index("Albanien") < german.index("Österreich") < german.index("Polen")
    assert '<option value="DE" selected>Germany<option' in payer.open(link(case, "invoice") + "&lang=en").page
    polish: Any = payer.open(link(case, "invoice") + "&lang=pl").page
    assert '<option value="PL" selected>Polska<option' in polish
    assert polish.index("Litwa") < polish.index("Łotwa") < polish.index("Luksemburg")
