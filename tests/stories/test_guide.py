"""The getting-started guide, word for word, and played against a started server."""

import json
import re

import httpx
import pytest

from pfennig import demo
from pfennig.operations.worlds import world
from pfennig.settings import Settings
from pfennig.storage.database import Database
from tests.conftest import PUBLIC_URL
from tests.patience import PATIENCE_SECONDS
from tests.postgres import free_port

TOKEN_REQUEST = (
    '{ "grant_type": "client_credentials", "client_id": "00563697073442633035025909838580", '
    '"client_secret": "3382456441636938321687549172178382320163695870914358804052148567"}'
)

ORDER_REQUEST = (
    '{ "is_demo": true, "contract": { "id": "GCR_KTSST836QYITQJM1JGYIZ4F4OLKI04" }, "customer": { "contact": '
    '{ "forename": "Max", "surname": "Mustermann", "address": { "street": "Musterstr.", "street_number": "55", '
    '"postal_code": "09123", "city": "Musterstadt", "country": "DE" }, "email": "max@example.net" } }, '
    '"intent": "sale", "basket_info": { "currency": "EUR", "sum": 500 }, "application_context": '
    '{ "checkout_template": "COT_WD0DE66HN2XWJHW8JM88003YG0NEA2", "language": "de" }}'
)

ORDER_ANSWER = """
{ "object": "smart.transactions", "id": "<stx>", "merchant": { "object": "general.merchants",
"id": "MRC_G8SE48FRHVITKILAPNCEDU0NUD55W8", "companyname": "Musterhändler GmbH" }, "contract": { "object":
"general.contracts", "id": "GCR_KTSST836QYITQJM1JGYIZ4F4OLKI04" }, "customer": { "object": "payment.customers",
"id": "<pcu>", "contact": { "name": "Max Mustermann", "forename": "Max", "surname": "Mustermann", "salutation":
"Herr", "email": "max@example.net", "address": { "street": "Musterstr.", "street_number": "55", "postal_code":
"09123", "city": "Musterstadt", "country": "DE" } } }, "created": "<created>", "status": "created", "intent": "sale",
"basket_info": { "sum": 500, "currency": "EUR" }, "is_demo": true, "application_context": { "checkout_template":
"COT_WD0DE66HN2XWJHW8JM88003YG0NEA2", "language": "de" }, "payment_context": { "auto_capture": true,
"creditcard_schemes": [ "mastercard", "visa", "american express", "cup" ] }, "transactions": [], "payment_links": {
"creditcard": "<url>/pay?payment-method=creditcard&<link>", "debit": "<url>/pay?payment-method=debit&<link>",
"eps": "<url>/pay?payment-method=eps&<link>", "giropay": "<url>/pay?payment-method=giropay&<link>",
"invoice": "<url>/pay?payment-method=invoice&<link>", "paypal": "<url>/pay?payment-method=paypal&<link>",
"prepaid": "<url>/pay?payment-method=prepaid&<link>", "sofort": "<url>/pay?payment-method=sofort&<link>",
"general": "<url>/pay?<link>" } }
"""
"""The guide's answer; what differs each time stands in angle brackets. `transactions` is ours to add."""

LINK = "stx=<stx>&contract=GCR_KTSST836QYITQJM1JGYIZ4F4OLKI04&server=testing"


def test_the_guides_two_requests_get_the_guides_answers(database: Database, http: httpx.Client) -> None:
    world.seed(database, world.read(world.DEMO), update=False)
    kind = {"Content-Type": "application/json", "Accept": "application/json"}
    answer = http.post("/oauth/token", content=TOKEN_REQUEST, headers=kind)
    assert answer.status_code == 200
    token = answer.json()
    assert re.fullmatch("[0-9a-v]{26}", token.pop("access_token"))
    assert token == {"expires_in": 1200, "token_type": "bearer", "scope": "https://scope.secucard.com/e/api"}

    bearer = kind | {"Authorization": f"Bearer {answer.json()['access_token']}"}
    answer = http.post("/api/v2/Smart/Transactions", content=ORDER_REQUEST, headers=bearer)
    assert answer.status_code == 200
    case = answer.json()
    assert re.fullmatch("STX_[A-Z0-9]{30}", case["id"])
    assert re.fullmatch("PCU_[A-Z0-9]{30}", case["customer"]["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00", case["created"])
    expected = ORDER_ANSWER.replace("<link>", LINK).replace("<url>", PUBLIC_URL).replace("<stx>", case["id"])
    expected = expected.replace("<pcu>", case["customer"]["id"]).replace("<created>", case["created"])
    assert case == json.loads(expected)


def test_the_demo_pays_once_and_shows_its_timeline(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "PATIENCE_SECONDS", PATIENCE_SECONDS)
    assert demo.run(Settings(port=free_port()), once=True) == 0
    shown = capfd.readouterr().out
    assert "curl -X POST" in shown
    timeline = shown[shown.index("Timeline") :]
    for kind, text in (
        ("request", "/oauth/token"),
        ("state", "Smart Transaction ok"),
        ("push", "payment.transactions"),
    ):
        assert re.search(rf"{kind} +.*{re.escape(text)}", timeline)
