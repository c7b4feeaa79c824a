"""Smart.Transactions through the door: what a shop says, and what it is shown. Paying has files of its own."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from pfennig.storage import tables
from pfennig.storage.database import Database
from tests.api.conftest import Everything, card, payment_of, prepared
from tests.conftest import PUBLIC_URL, Api, Json, StoppedClock, order

ARTICLE = {
    "item_type": "article",
    "desc": "Shirt",
    "articleNumber": "A-7",
    "priceOne": 2000,
    "quantity": 2,
    "tax": 19,
}
COUPON = {"item_type": "coupon", "desc": "Welcome", "priceOne": 500, "quantity": 1}
SHIPPING = {"item_type": "shipping", "desc": "Parcel", "priceOne": 490, "tax": 19}
SHARE = {"item_type": "stakeholder_payment", "contract_id": "GCR_SELLER", "sum": 700}
PART = {"item_type": "sub_transaction", "contract_id": "GCR_SELLER", "sum": 3500, "sub_basket": [ARTICLE, COUPON]}


NONSENSE: tuple[Any, ...] = ({"id": 1}, [], "x", 7)
NOBODY: tuple[Json | None, ...] = ({}, None, {"contact": {}})


def basket(*items: Json, sum: int | None = None) -> Json:
    """The fields of an order with these items."""
    info = {"currency": "EUR"} if sum is None else {"sum": sum, "currency": "EUR"}
    return {"basket": {"products": list(items)}, "basket_info": info}


def contact_of(api: Api, **contact: Any) -> Json:
    """How a customer with this contact comes back."""
    answer: Json = api.buy(customer={"contact": contact})["customer"]["contact"]
    return answer


def count(database: Database, name: str) -> int:
    """How many rows a table has."""
    with database.view() as view:
        return view.connection.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one()


def test_a_new_transaction_is_created_and_read_back_the_same(mine: Api) -> None:
    case = mine.buy()
    assert case["status"] == "created"
    assert mine.get(f"Smart/Transactions/{case['id']}") == case


def test_a_new_transaction_has_the_fields_of_the_documentation(mine: Api) -> None:
    case = mine.buy(is_demo=True, transactionRef="Shop 7", merchantRef="7")
    stx, customer = case["id"], case["customer"]["id"]
    assert re.fullmatch("STX_[A-Z0-9]{30}", stx)
    assert re.fullmatch("PCU_[A-Z0-9]{30}", customer)
    link = f"{PUBLIC_URL}/pay?payment-method={{}}&stx={stx}&contract=GCR_MINE&server=testing"
    assert case == {
        "object": "smart.transactions",
        "id": stx,
        "merchant": {"object": "general.merchants", "id": "MRC_MINE", "companyname": "Mein Laden GmbH"},
        "contract": {"object": "general.contracts", "id": "GCR_MINE"},
        "customer": {
            "object": "payment.customers",
            "id": customer,
            "contact": {
                "name": "Max Mustermann",
                "forename": "Max",
                "surname": "Mustermann",
                "salutation": "Herr",
                "email": "max@example.net",
            },
        },
        "created": "2026-02-04T10:30:00+01:00",
        "status": "created",
        "intent": "sale",
        "transactionRef": "Shop 7",
        "merchantRef": "7",
        "basket_info": {"sum": 500, "currency": "EUR"},
        "is_demo": True,
        "application_context": order()["application_context"] | {"language": "de"},
        "payment_context": {"auto_capture": False},
        "transactions": [],
        "payment_links": {
            **{method: link.format(method) for method in ("creditcard", "debit", "invoice", "prepaid")},
            "general": link.format("").replace("payment-method=&", ""),
        },
    }


def test_an_empty_body_is_a_transaction_with_all_defaults(mine: Api) -> None:
    case = mine.post("Smart/Transactions")
    assert case["basket_info"] == {"sum": 0, "currency": "EUR"}
    assert (case["intent"], case["is_demo"]) == ("sale", False)
    assert case["application_context"] == {"language": "de"}
    assert "customer" not in case
    assert mine.get(f"Smart/Transactions/{case['id']}") == case


def test_defaults_of_the_payment_come_from_the_contract_and_the_shop_overrules_them(mine: Api) -> None:
    auto: Json = {"contract": {"id": "GCR_AUTO"}}
    assert mine.buy(**auto)["payment_context"] == {"auto_capture": True, "creditcard_schemes": ["visa"]}
    said = mine.buy(**auto, payment_context={"auto_capture": False, "accrual": True})["payment_context"]
    assert said == {"auto_capture": False, "creditcard_schemes": ["visa"], "accrual": True}
    assert mine.buy(payment_context={})["payment_context"] == {"auto_capture": False}


def test_the_language_of_the_checkout_is_one_of_ours(mine: Api) -> None:
    understood = {"en": "en", "de": "de", "de_DE": "de", "en_US": "en", "fr": "fr", "it_IT": "it"}
    wishes = understood | {None: "de", "es": "de", "": "de"}
    for wish, language in wishes.items():
        context = mine.buy(application_context={"language": wish})["application_context"]
        assert context == {"language": language}


def test_a_checkout_template_must_be_known(mine: Api) -> None:
    context = {"checkout_template": "COT_SHOP", "language": "de"}
    assert mine.buy(application_context=context)["application_context"] == context


def test_empty_return_urls_count_as_none(mine: Api) -> None:
    urls = {"url_success": "https://shop.example.test/thanks?order=7&x=%20", "url_error": "", "url_abort": None}
    case = mine.buy(application_context={"return_urls": urls})
    assert case["application_context"]["return_urls"] == {"url_success": urls["url_success"]}


def test_links_follow_the_contract_the_wish_and_the_intent(mine: Api, seller: Api) -> None:
    assert list(seller.buy()["payment_links"]) == ["creditcard", "general"]
    wish = {"payment_methods": ["prepaid", "creditcard", "paypal"]}
    assert list(mine.buy(payment_context=wish)["payment_links"]) == ["creditcard", "prepaid", "general"]
    case = mine.buy(intent="order")
    assert "payment_links" not in case
    assert case["checkout_links"] == {
        "url_checkout": f"{PUBLIC_URL}/pay?stx={case['id']}&contract=GCR_MINE&server=testing"
    }


def test_fields_that_nobody_knows_are_ignored(mine: Api) -> None:
    case = mine.buy(merchant="nonsense", status="ok", id="STX_MINE", container={"private": {"pan": "1"}}, x=[1])
    assert case["status"] == "created"
    assert case["id"] != "STX_MINE"
    assert case["merchant"]["id"] == "MRC_MINE"


def test_fields_of_others_are_borne_whatever_is_in_them(mine: Api) -> None:
    for name in ("market", "cashier", "product", "tax_amount", "tax_rate"):
        for nonsense in NONSENSE:
            assert mine.request("POST", "Smart/Transactions", json=order(**{name: nonsense})).status_code == 200


def test_what_is_only_echoed_keeps_its_shape(mine: Api) -> None:
    idents = [{"type": "card", "value": "9276", "n": 10**30, "rate": 1.5, "ok": True, "list": ["ä", {}]}]
    case = mine.buy(idents=idents, tax_rate=19, cashier="Ä")
    assert case["idents"] == idents
    assert (case["tax_rate"], case["cashier"]) == (19, "Ä")
    assert mine.get(f"Smart/Transactions/{case['id']}") == case


def test_nulls_say_nothing_when_a_transaction_is_made(mine: Api) -> None:
    names = ("is_demo", "contract", "intent", "customer", "basket", "basket_info", "transactionRef", "idents")
    case = mine.post("Smart/Transactions", dict.fromkeys(names))
    assert case["basket_info"] == {"sum": 0, "currency": "EUR"}
    inside = mine.buy(basket_info={"sum": 500, "currency": None}, customer={"contact": {"forename": None}})
    assert inside["basket_info"] == {"sum": 500, "currency": "EUR"}
    assert "customer" not in inside


# The basket


def test_a_basket_is_kept_as_it_came_and_gets_its_type(mine: Api) -> None:
    case = mine.buy(**basket(ARTICLE, COUPON, SHIPPING, sum=3990))
    assert case["basket"] == {"products": [ARTICLE, COUPON, SHIPPING], "type": "default"}
    assert case["basket_info"] == {"sum": 3990, "currency": "EUR"}


def test_where_the_sum_is_missing_the_basket_says_it(mine: Api) -> None:
    assert mine.buy(**basket(ARTICLE, COUPON, SHIPPING))["basket_info"]["sum"] == 3990


def test_the_share_of_a_stakeholder_does_not_change_what_the_payer_owes(mine: Api) -> None:
    assert mine.buy(**basket(ARTICLE, SHARE))["basket_info"]["sum"] == 4000


def test_parts_of_other_merchants_make_a_mixed_basket(mine: Api) -> None:
    case = mine.buy(**basket(PART, sum=3500))
    assert case["basket"] == {"products": [PART], "type": "mixed"}


def test_numbers_of_a_basket_may_come_as_text(mine: Api) -> None:
    item = {"id": "1", "articleNumber": 77, "priceOne": "250", "quantity": "2", "tax": "19", "group": None}
    case = mine.buy(**basket(item, sum=500))
    [shown] = case["basket"]["products"]
    assert shown | {"item_type": "article"} == {
        "id": 1,
        "item_type": "article",
        "articleNumber": 77,
        "priceOne": 250,
        "quantity": 2,
        "tax": "19",
    }


def test_the_name_of_an_item_is_taken_for_its_description(mine: Api) -> None:
    [shown] = mine.buy(**basket({"name": "Shirt", "priceOne": 100, "quantity": 1}))["basket"]["products"]
    assert shown["desc"] == "Shirt"


# The customer


def test_a_customer_is_made_for_each_transaction_that_names_none(mine: Api) -> None:
    assert mine.buy()["customer"]["id"] != mine.buy()["customer"]["id"]


def test_a_customer_is_reused_by_its_id(mine: Api, database: Database) -> None:
    before = count(database, "customers")
    case = mine.buy(customer={"id": "PCU_KNOWN"})
    assert case["customer"]["id"] == "PCU_KNOWN"
    assert case["customer"]["contact"]["email"] == "erika@example.net"
    same = {
        "id": "PCU_KNOWN",
        "contact": {"forename": "Erika", "surname": "Musterfrau", "email": "erika@example.net"},
    }
    assert mine.buy(customer=same)["customer"] == case["customer"]
    assert count(database, "customers") == before


HANDED_BACK: Json = {
    "object": "payment.customers",
    "id": "PCU_KNOWN",
    "contact": {
        "forename": "Another",
        "surname": 7,
        "dob": {"date": "1980-05-17 00:00:00.000000", "timezone_type": 1, "timezone": "+01:00"},
        "address": [{"street": None}],
    },
    "created": {"date": "2026-02-04"},
    "merchant": "MRC_MINE",
}
"""A customer as an older SDK hands it back."""


def test_an_id_wins_over_whatever_comes_with_it(mine: Api, database: Database) -> None:
    known = mine.buy(customer={"id": "PCU_KNOWN"})["customer"]
    before = count(database, "customers")
    case = mine.buy(customer=HANDED_BACK, shipping_address=HANDED_BACK, contract={"id": "GCR_MINE", "parent": []})
    assert case["customer"] == case["shipping_address"] == known
    assert mine.put(f"Smart/Transactions/{case['id']}", {"customer": HANDED_BACK})["customer"] == known
    older = mine.post("Payment/Secupaydebits", {"amount": 500, "customer": HANDED_BACK})
    assert older["customer"]["id"] == "PCU_KNOWN"
    assert older["customer"]["contact"] == known["contact"]
    assert count(database, "customers") == before


def test_an_instrument_is_the_one_with_its_id_whatever_comes_with_it(mine: Api) -> None:
    stored = mine.post(
        "Payment/Containers", {"type": "bank_account", "private": {"iban": "DE35500105175418493188", "owner": "Max"}}
    )
    handed_back = stored | {"created": 7, "private": {"iban": "nonsense"}, "type": {"id": 1}}
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/debit", {"container": handed_back})
    assert case["container"]["id"] == stored["id"]


def test_without_a_customer_the_checkout_asks(mine: Api, database: Database) -> None:
    before = count(database, "customers")
    for nobody in NOBODY:
        assert "customer" not in mine.buy(customer=nobody)
    assert count(database, "customers") == before


def test_a_shipping_address_is_a_customer_of_its_own(mine: Api) -> None:
    address = {"forename": "Erika", "address": {"street": "Goethestr.", "city": "Dresden", "country": "DE"}}
    case = mine.buy(shipping_address={"contact": address})
    shown = case["shipping_address"]
    assert shown["object"] == "payment.customers"
    assert shown["id"] != case["customer"]["id"]
    assert shown["contact"] == {"name": "Erika"} | address


def test_a_contact_is_kept_in_its_normal_form(mine: Api) -> None:
    contact = contact_of(
        mine,
        forename="Ada",
        surname="Lovelace",
        company_name="Engines Ltd",
        dob="1965-12-31",
        phone="+49 177 5555555",
        mobile="0049-123-456789",
    )
    assert contact == {
        "name": "Ada Lovelace",
        "forename": "Ada",
        "surname": "Lovelace",
        "companyname": "Engines Ltd",
        "dob": "1965-12-31T00:00:00+01:00",
        "phone": "+491775555555",
        "mobile": "0049123456789",
    }


# Changes


def test_a_change_keeps_what_is_absent_and_removes_what_is_null(mine: Api, clock: StoppedClock) -> None:
    case = mine.buy(transactionRef="Shop 7", merchantRef="7", **basket(ARTICLE, sum=4000))
    clock.advance(minutes=5)
    path = f"Smart/Transactions/{case['id']}"
    changed = mine.put(path, {"merchantRef": None, "transactionRef": "Shop 8", "customer": None, "basket": None})
    expected = case | {"transactionRef": "Shop 8", "updated": "2026-02-04T10:35:00+01:00"}
    assert changed == {k: v for k, v in expected.items() if k not in ("merchantRef", "customer", "basket")}
    assert mine.get(path) == changed


def test_an_empty_change_changes_nothing(mine: Api) -> None:
    case = mine.buy(transactionRef="7", **basket(ARTICLE, sum=4000))
    changed = mine.put(f"Smart/Transactions/{case['id']}", {})
    assert changed.pop("updated") == case["created"]
    assert changed == case


def test_what_was_read_may_be_sent_back_whole(mine: Api) -> None:
    case = mine.buy(transactionRef="7", delivery_options={"type": "collection"}, **basket(ARTICLE, sum=4000))
    changed = mine.put(f"Smart/Transactions/{case['id']}", case)
    changed.pop("updated")
    assert changed == case


def test_a_new_basket_and_its_sum_are_changed_together(mine: Api) -> None:
    case = mine.buy(**basket(ARTICLE, sum=4000))
    path = f"Smart/Transactions/{case['id']}"
    assert mine.refused("PUT", path, {"basket": {"products": [ARTICLE, SHIPPING]}})[0] == 400
    changed = mine.put(path, basket(ARTICLE, SHIPPING, sum=4490))
    assert changed["basket_info"]["sum"] == 4490
    assert len(changed["basket"]["products"]) == 2


def test_a_sum_can_be_changed_where_there_is_no_basket(mine: Api) -> None:
    case = mine.buy()
    changed = mine.put(f"Smart/Transactions/{case['id']}", {"basket_info": {"sum": 700, "currency": "EUR"}})
    assert changed["basket_info"] == {"sum": 700, "currency": "EUR"}


def test_whether_it_is_a_demo_stays_as_it_was(mine: Api) -> None:
    case = mine.buy(is_demo=True)
    path = f"Smart/Transactions/{case['id']}"
    assert mine.refused("PUT", path, {"is_demo": False}) == (403, "ProductNotAllowedException", 4003)
    assert mine.put(path, {"is_demo": True})["is_demo"] is True


def test_a_change_lets_go_of_the_reservation(mine: Api, database: Database) -> None:
    case = prepared(mine)
    changed = mine.put(f"Smart/Transactions/{case['id']}", {"basket_info": {"sum": 900, "currency": "EUR"}})
    assert (changed["status"], changed["transactions"]) == ("created", [])
    assert payment_of(mine, case)["details"]["status_simple"] == 5
    with database.view() as view:
        told = [(event.object_id, event.type) for event in view.events.all()]
    assert told == [(case["transactions"][0]["id"], "changed")] * 2  # authorised, then void
    refusal = mine.refused("POST", f"Smart/Transactions/{case['id']}/start")
    assert refusal == (403, "ProductNotAllowedException", 1003)
    again = mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", card())
    assert payment_of(mine, again)["amount"] == 900


@pytest.mark.parametrize("end", ["start", "start/prepaid", "abort", "cancel"])
def test_after_the_start_nothing_can_be_changed(mine: Api, everything: Everything, end: str) -> None:
    case = mine.buy() if end == "start/prepaid" else prepared(mine)
    path = f"Smart/Transactions/{case['id']}"
    if end == "cancel":
        mine.post(f"{path}/start")
    mine.post(f"{path}/{end}")
    before = everything()
    assert mine.refused("PUT", path, {"merchantRef": "8"}) == (403, "ProductNotAllowedException", 4001)
    assert everything() == before
