"""What the API offers and answers is what its description says; each deviation is written down with its reason."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from pfennig.operations import world
from pfennig.operations.older import METHODS
from pfennig.resources import RESOURCES
from pfennig.storage.database import Database
from tests.api.conftest import bought, payment_path, transfer
from tests.conftest import Api, Json

DATA = Path(__file__).parent / "data"
TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


@cache
def description() -> Json:
    """The API's description."""
    found: Json = json.loads((DATA / "openapi.json").read_text(encoding="utf-8"))
    return found


@cache
def deviations() -> dict[str, dict[str, str]]:
    """Where we differ on purpose, and why."""
    found: dict[str, dict[str, str]] = yaml.safe_load((DATA / "deviations.yaml").read_text(encoding="utf-8"))
    return found


def plain(verb: str, path: str) -> str:
    """An operation without regard to case, nor to what its parameters are called; `me` stands for an id."""
    return f"{verb.upper()} {re.sub(r'{[^}]*}', '{}', path.lower()).replace('/me/', '/{}/')}"


def spelled_out(path: str) -> list[str]:
    """An address, once for each of the older endpoints where a parameter stands for them."""
    any_of_them = "/Payment/{paymentMethod}/"
    return [path.replace(any_of_them, f"/Payment/{origin}/") for origin in METHODS] if any_of_them in path else [path]


def test_every_operation_exists_in_the_description() -> None:
    verbs = {"get", "put", "patch", "post", "delete"}
    known = {
        plain(verb, one)
        for path, offers in description()["paths"].items()
        for verb in offers
        if verb in verbs
        for one in spelled_out(path)
    }
    offered = set()
    for noun in RESOURCES:
        base = f"/api/v2/{noun.path}"
        standard = {("GET", ""): noun.list, ("POST", ""): noun.create}
        standard |= {("GET", "/{id}"): noun.get, ("PUT", "/{id}"): noun.update, ("DELETE", "/{id}"): noun.delete}
        standard |= {("PATCH", "/{id}"): noun.patch}
        offered |= {(verb, base + rest) for (verb, rest), run in standard.items() if run}
        offered |= {(action.verb, f"{base}/{{id}}/{action.path}") for action in noun.actions}
    unknown = {f"{verb} {path}" for verb, path in offered if plain(verb, path) not in known}
    assert unknown == set(deviations()["operations"])


def fields(schema: Json) -> Json:
    """The fields of an object, those of its parts among them."""
    found: Json = dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        found |= fields(resolved(part))
    return found


def resolved(schema: Json) -> Json:
    """The schema that a reference leads to."""
    while "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def differences(value: Any, schema: Json, at: str) -> Iterator[str]:
    """Where a value has a field that its schema does not know, or another type."""
    schema = resolved(schema)
    if "anyOf" in schema:
        yield from min((list(differences(value, each, at)) for each in schema["anyOf"]), key=len)
        return
    kind = "object" if "allOf" in schema else schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind != "boolean" and isinstance(value, bool))):
        yield f"{at} is no {kind}"
    elif isinstance(value, list):
        for each in value:
            yield from differences(each, schema.get("items", {}), f"{at}[]")
    elif isinstance(value, dict) and (known := fields(schema)):
        for name, each in value.items():
            if name in known:
                yield from differences(each, known[name], f"{at}.{name}")
            else:
                yield f"{at}.{name} is unknown"


CARD = {"type": "credit_card", "private": {"owner": "Max", "pan": "411111XXXXXX1111"}}
CHALLENGED = {"type": "credit_card", "private": {"owner": "Max", "pan": "463544XXXXXX2298"}}
ACCOUNT = {"type": "bank_account", "private": {"owner": "Max", "iban": "DE35500105175418493188"}}
CONTACT = {
    "forename": "Max",
    "surname": "Mustermann",
    "companyname": "Muster GmbH",
    "salutation": "Herr",
    "title": "Dr.",
    "gender": "m",
    "dob": "1965-12-31",
    "birthplace": "Köln",
    "nationality": "DE",
    "email": "max@example.net",
    "phone": "+49 177 5555555",
    "mobile": "+49 177 5555555",
    "fax": "+49 177 5555555",
    "url_website": "https://example.net",
    "picture": "https://example.net/max.png",
    "address": {
        "street": "Kolumbastr.",
        "street_number": "3",
        "additional_address_data": "Hof",
        "postal_code": "50667",
        "city": "Köln",
        "country": "DE",
        "type": "home",
    },
}
ITEM = {
    "id": 1,
    "item_type": "article",
    "desc": "Mug",
    "articleNumber": "M-1",
    "ean": "4006381333931",
    "quantity": 2,
    "priceOne": 250,
    "tax": 19,
    "group": [{"id": "7", "desc": "Kitchen", "level": 1}],
    "serialNumber": "S-1",
    "reference_id": "1",
}
EVERYTHING = {
    "customer": {"contact": CONTACT},
    "shipping_address": {"contact": CONTACT},
    "basket": {"products": [ITEM]},
    "basket_info": {"sum": 500, "currency": "EUR", "gratuity": 50},
    "transactionRef": "Your order 7",
    "merchantRef": "7",
    "tax_amount": 80,
    "tax_rate": 19,
    "market": "North",
    "cashier": "Erika",
    "product": "Mug",
    "idents": [{"type": "card", "value": "9276999999999999"}],
    "delivery_options": {"type": "collection", "store_id": "STO_1", "scheduled_slot": {"start_date": "2026-02-05"}},
    "application_context": {
        "language": "en",
        "checkout_template": "COT_SHOP",
        "return_urls": {"url_success": "https://shop.example.test/thanks"},
        "locks": {"customer": True},
        "iframe_opts": {"project_title": "Shop", "has_accepted_disclaimer": False},
        "shop_details": {"shop_system": "Shop", "user_agent": "Shop/1"},
    },
    "payment_context": {
        "auto_capture": False,
        "payment_methods": ["creditcard", "debit", "prepaid"],
        "creditcard_schemes": ["visa"],
        "accrual": False,
        "merchant_initiated": False,
        "dynamic_descriptor": {"merchant_name": "Shop", "merchant_city": "Berlin"},
    },
}


@pytest.fixture
def guide(database: Database, http: httpx.Client) -> Api:
    """The shop of the getting-started guide, whose contract has the most methods."""
    demo = world.read(world.DEMO)
    world.seed(database, demo, update=False)
    [client] = demo.merchants[0].contracts[0].clients
    return Api(http, (client.id, client.secret))


@pytest.fixture
def answers(mine: Api, guide: Api) -> list[tuple[str, str, Any]]:
    """What a shop sees in all sorts of cases: where it was seen, the name of its model, and the answer."""
    smart, paid = "Smart/Transactions", "Payment/Transactions"
    cases = [mine.buy(), guide.buy(), mine.buy(intent="order"), mine.buy(**EVERYTHING)]
    for method, body in (
        ("creditcard", {"container": CARD}),
        ("creditcard", {"container": CHALLENGED}),
        ("debit", {"container": ACCOUNT}),
        ("prepaid", None),
    ):
        case = mine.buy()
        cases.append(mine.post(f"{smart}/{case['id']}/prepare/{method}", body))
    cases.append(mine.post(f"{smart}/{cases[-2]['id']}/start"))
    cases.append(mine.post(f"{smart}/{cases[-1]['id']}/cancel"))
    seen: list[tuple[str, str, Any]] = [(smart, "SmartTransactionsProductModel", case) for case in cases]
    seen += transferred(mine)
    seen.append((f"{smart} list", "SmartTransactionsList", mine.get(smart)))
    page = mine.get(paid)
    seen.append((f"{paid} list", "PaymentTransactionsList", page))
    assert any("parents" in item for item in page["data"])
    for item in page["data"]:
        seen.append((paid, "PaymentTransactionsProductModel", mine.get(f"{paid}/{item['id']}")))
        status = mine.get(f"{paid}/{item['id']}/checkStatus")
        seen.append((f"{paid} checkStatus", "PaymentTransactionsCheckStatus", status))
    refused = mine.request("GET", f"{smart}/STX_NONE").json()
    return [*seen, *looks(mine), *kept(mine), *older(mine), ("error", "ProductExceptionPayload", refused)]


def looks(mine: Api) -> Iterator[tuple[str, str, Any]]:
    """What a shop sees of how its checkout looks."""
    at = "General/Contracts"
    yield f"{at} IframeOptions", "IframeOptions", mine.get(f"{at}/GCR_MINE/IframeOptions")
    saved = mine.post(f"{at}/GCR_MINE/savePaymentLinkConfiguration", {"background": {"enabled": False}})
    changed = mine.put(
        f"{at}/GCR_MINE", {"checkout_configuration": {"notifications": {"customer_order_mail": False}}}
    )
    for contract in (saved, changed, mine.get(f"{at}/GCR_SELLER")):
        yield at, "GeneralContractsProductModel", contract


def transferred(mine: Api) -> Iterator[tuple[str, str, Any]]:
    """What a shop sees of a transfer that it gives to a payment after it has raised its amount."""
    case = bought(mine, "prepaid")
    line = transfer(mine, 700, "thank you", iban="DE35500105175418493188", owner="Max")
    for action, body in (("IncreaseAmount", {"amount": 600}), (f"assignPayment/{line['id']}", None)):
        answer = mine.post(payment_path(case, f"/{action}"), body)
        yield "Payment/Transactions", "PaymentTransactionsProductModel", answer
    answer = mine.post("Payment/Transactions/me/getRefundBankAccount", {"trans_id": case["trans_id"]})
    yield "Payment/Transactions getRefundBankAccount", "PaymentTransactionsGetRefundBankAccount", answer


def kept(mine: Api) -> Iterator[tuple[str, str, Any]]:
    """What a shop sees of customers, containers and mandates."""
    iban = "DE35500105175418493188"
    signed: Json = {"iban": iban, "bic": "INGDDEFFXXX", "type": "COR1"}
    signed |= {"date_of_signature": "2026-02-01", "merchant_id": {"id": "MRC_MINE"}}
    for noun, body in (
        ("Customers", {"contact": CONTACT}),
        ("Containers", ACCOUNT | {"customer_id": "PCU_KNOWN"}),
        ("Containers", {"type": "paypal", "private": {"email": "max@example.net", "payer_id": "QQQQ1234"}}),
        ("Mandates", signed),
    ):
        made = mine.post(f"Payment/{noun}", body)
        yield f"Payment/{noun}", f"Payment{noun}ProductModel", made
        if noun == "Containers":
            mine.put(f"Payment/{noun}/{made['id']}/archive", {})
        yield f"Payment/{noun} list", f"Payment{noun}List", mine.get(f"Payment/{noun}")
    checked = mine.post("Payment/Containers/me/validateSingleIban", {"id": 1, "iban": iban})
    yield "Payment/Containers validateSingleIban", "PaymentContainersValidateSingleIban", checked


def older(mine: Api) -> Iterator[tuple[str, str, Any]]:
    """What a shop sees of payments by the older endpoints, drawn and cancelled alike for all."""
    at, model = "Payment/Secupay", "SecupayTransactionProductModel"
    item = {"article_number": "3211", "quantity": 2, "name": "Mug", "tax": "19", "price": 250, "total": 500}
    body: Json = {"amount": 500, "opt_data": {"has_accepted_disclaimer": True}, "customer": {"contact": CONTACT}}
    yield at, model, mine.post("Payment/Secupaycreditcards", {"amount": 500})
    yield at, model, mine.post("Payment/Secupayprepays", body | {"basket": [item], "order_id": "7"})
    paid = mine.post("Payment/Secupaydebits", body | {"container": ACCOUNT})
    yield at, model, paid
    yield f"{at} cancel", "PaymentCancelResult", mine.post(f"Payment/Secupaydebits/{paid['id']}/cancel")
    yield at, model, mine.get(f"Payment/Transactions/{paid['id']}/OldFormat")


def test_answers_are_as_described(answers: list[tuple[str, str, Any]]) -> None:
    found = {
        difference.replace(" list.data[]", "")
        for at, model, answer in answers
        for difference in differences(answer, description()["components"]["schemas"][model], at)
    }
    assert found == set(deviations()["answers"])


def test_every_deviation_has_a_reason() -> None:
    assert all(reason and reason.endswith(".") for part in deviations().values() for reason in part.values())
