"""Fields of a Smart Transaction that are refused, each by its name, on creation and on change."""

from typing import Any

import pytest

from tests.api.conftest import Everything
from tests.conftest import Api, order

TRANSACTIONS = "Smart/Transactions"
TEXT = "x" * 3000
LONG_URL = "https://shop.example.test/".ljust(2001, "x")
ARTICLE = {"item_type": "article", "priceOne": 100, "quantity": 1}


def urls(**given: Any) -> dict[str, Any]:
    """A body with these return URLs."""
    return {"application_context": {"return_urls": given}}


def item(**fields: Any) -> dict[str, Any]:
    """A body whose basket has one such item, and no sum beside it."""
    return {"basket": {"products": [ARTICLE | fields]}, "basket_info": {"currency": "EUR"}}


def part(*inside: Any, **fields: Any) -> dict[str, Any]:
    """A body with a part of another merchant."""
    sub = {"item_type": "sub_transaction", "contract_id": "GCR_SELLER", "sum": 100, "sub_basket": list(inside)}
    return {"basket": {"products": [sub | fields]}, "basket_info": {"sum": 100}}


def person(**contact: Any) -> dict[str, Any]:
    """A body with such a customer."""
    return {"customer": {"contact": contact}}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("a sum below nothing", {"basket_info": {"sum": -1}}, "basket_info.sum"),
    ("a sum above ten billion", {"basket_info": {"sum": 10**12 + 1}}, "basket_info.sum"),
    ("a sum that no computer counts", {"basket_info": {"sum": 10**30}}, "basket_info.sum"),
    ("a sum with a fraction", {"basket_info": {"sum": 500.5}}, "basket_info.sum"),
    ("a sum with a point", {"basket_info": {"sum": 500.0}}, "basket_info.sum"),
    ("a sum with a point, as text", {"basket_info": {"sum": "500.0"}}, "basket_info.sum"),
    ("a sum with an exponent, as text", {"basket_info": {"sum": "5e2"}}, "basket_info.sum"),
    ("a sum in words", {"basket_info": {"sum": "five"}}, "basket_info.sum"),
    ("a sum that is yes", {"basket_info": {"sum": True}}, "basket_info.sum"),
    ("a sum in a list", {"basket_info": {"sum": [500]}}, "basket_info.sum"),
    ("tips below nothing", {"basket_info": {"sum": 500, "gratuity": -5}}, "basket_info.gratuity"),
    ("an unknown currency", {"basket_info": {"sum": 500, "currency": "EUX"}}, "basket_info.currency"),
    ("a currency of the past", {"basket_info": {"sum": 500, "currency": "DEM"}}, "basket_info.currency"),
    ("a currency in small letters", {"basket_info": {"sum": 500, "currency": "eur"}}, "basket_info.currency"),
    ("a long currency", {"basket_info": {"sum": 500, "currency": "EURO"}}, "basket_info.currency"),
    ("no currency at all", {"basket_info": {"sum": 500, "currency": "XXX"}}, "basket_info.currency"),
    ("a sum that is no object", {"basket_info": 500}, "basket_info"),
    ("a sum beside another basket", {**item(), "basket_info": {"sum": 101}}, "basket_info.sum"),
    ("nothing beside a basket", {**item(), "basket_info": {"sum": 0}}, "basket_info.sum"),
    ("a basket worth less than nothing", item(item_type="coupon"), "basket_info.sum"),
    ("a basket above ten billion", item(priceOne=10**12, quantity=2), "basket_info.sum"),
    ("a price below nothing", item(priceOne=-100), "basket_info.sum"),
    ("a price with a fraction", item(priceOne=99.5), "basket.products[0].priceOne"),
    ("a quantity below nothing", item(quantity=-1), "basket.products[0].quantity"),
    ("a quantity of everything", item(quantity=10**18), "basket.products[0].quantity"),
    ("an item of an unknown type", item(item_type="bribe"), "item_type"),
    ("a basket that is a list", {"basket": [ARTICLE]}, "basket"),
    ("items that are an object", {"basket": {"products": ARTICLE}}, "basket.products"),
    ("a part with a wrong sum", part(ARTICLE | {"priceOne": 99}), "sub_transaction"),
    ("a part in a part", part(part(ARTICLE)["basket"]["products"][0]), "sub_basket"),
    ("an unknown intent", {"intent": "gift"}, "intent"),
    ("a customer that is a text", {"customer": "Max"}, "customer"),
    ("a name that is a number", person(forename=7), "customer.contact.forename"),
    ("a name beyond measure", person(forename="x" * 256), "customer.contact.forename"),
    ("an address that is a text", person(address="Berlin"), "customer.contact.address"),
    ("a day that does not exist", person(dob="1965-02-30"), "dob"),
    ("a day in German", person(dob="31.12.1965"), "dob"),
    ("an address that runs code", urls(url_success="javascript:alert(1)"), "url_success"),
    ("an address of a file", urls(url_error="file:///etc/passwd"), "url_error"),
    ("an address of nowhere", urls(url_abort="https://"), "url_abort"),
    ("half an address", urls(url_push="/push"), "url_push"),
    ("an address in two lines", urls(url_push="https://shop.example.test/\r\nX: y"), "url_push"),
    ("an address with a port beyond all", urls(url_push="https://shop.example.test:99999/"), "url_push"),
    ("an address beyond measure", urls(url_success=LONG_URL), "url_success"),
    ("an address that is a number", urls(url_success=7), "url_success"),
    ("an unknown template", {"application_context": {"checkout_template": "COT_NONE"}}, "checkout_template"),
    ("an answer that is neither", {"payment_context": {"auto_capture": "maybe"}}, "payment_context.auto_capture"),
    ("methods in a text", {"payment_context": {"payment_methods": "debit"}}, "payment_context.payment_methods"),
    (
        "an endless merchant on the statement",
        {"payment_context": {"dynamic_descriptor": {"merchant_name": "x" * 23}}},
        "dynamic_descriptor.merchant_name",
    ),
    ("an unknown delivery", {"delivery_options": {"type": "drone"}}, "delivery_options.type"),
    ("a reference beyond measure", {"transactionRef": TEXT}, "transactionRef"),
    ("a reference that is an object", {"merchantRef": {}}, "merchantRef"),
]


def test_a_wrong_field_is_refused_by_its_name_and_nothing_is_written(
    mine: Api, everything: Everything, subtests: pytest.Subtests
) -> None:
    case = mine.buy()
    for name, wish, field in REFUSED:
        for verb, path, body in (
            ("POST", TRANSACTIONS, order(**wish)),
            ("PUT", f"{TRANSACTIONS}/{case['id']}", wish),
        ):
            with subtests.test(f"{verb} {name}"):
                before = everything()
                answer = mine.request(verb, path, json=body)
                refusal = answer.json()
                assert (answer.status_code, refusal.get("error")) == (400, "ProductFormatException")
                assert field in refusal["error_details"]
                assert 3000 <= refusal["code"] < 4000
                assert everything() == before


def test_the_largest_values_are_fine(mine: Api) -> None:
    url = LONG_URL[:2000]
    case = mine.buy(
        basket_info={"sum": 10**12, "currency": "CHF"},
        customer={"contact": {"forename": "x" * 255}},
        transactionRef=TEXT[:2000],
        **urls(url_success=url),
    )
    assert case["basket_info"] == {"sum": 10**12, "currency": "CHF"}
    assert case["application_context"]["return_urls"] == {"url_success": url}
    assert mine.get(f"{TRANSACTIONS}/{case['id']}") == case


def test_what_a_shop_may_not_name_is_refused(mine: Api, everything: Everything) -> None:
    before = everything()
    for wish, refusal in (
        ({"contract": {"id": "GCR_STRANGER"}}, (404, "ProductNotFoundException", 3002)),
        ({"contract": {"id": "GCR_NOBODY"}}, (404, "ProductNotFoundException", 3002)),
        ({"customer": {"id": "PCU_NOBODY"}}, (404, "ProductNotFoundException", 3002)),
        ({"contract": {"id": "GCR_AUTO"}} | part(ARTICLE), (403, "ProductNotAllowedException", 4028)),
    ):
        assert mine.refused("POST", TRANSACTIONS, order(**wish)) == refusal
    assert everything() == before


def test_a_seller_cannot_sell_under_the_contract_of_its_platform(seller: Api) -> None:
    refusal = seller.refused("POST", TRANSACTIONS, order(contract={"id": "GCR_MINE"}))
    assert refusal == (404, "ProductNotFoundException", 3002)


def test_a_customer_of_another_merchant_is_not_to_be_used(stranger: Api, everything: Everything) -> None:
    before = everything()
    refusal = stranger.refused("POST", TRANSACTIONS, order(customer={"id": "PCU_KNOWN"}))
    assert refusal == (404, "ProductNotFoundException", 3002)
    assert everything() == before
