"""Platforms ask for contracts below their own, and the operator decides."""

from collections.abc import Callable
from typing import Any

import pytest

from pfennig.storage.database import Database
from tests.api.conftest import Everything, Refuses, card
from tests.conftest import Api, Json
from tests.described import known
from tests.marketplace import basket, part
from tests.push.conftest import outbox

REQUEST = "Payment/Contracts/me/requestId"
ASKED: Json = known().example("POST Payment/Contracts/{id}/requestId")
CLONE: Json = known().example("POST Payment/Contracts/{id}/clone")
PUSH = "https://shop.example.com/push"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

Decide = Callable[..., Json]


def asked(**fields: Any) -> Json:
    """A request with other fields; None leaves one out."""
    return {name: value for name, value in (ASKED | fields).items() if value is not None}


def person(**fields: Any) -> Json:
    """A contact with other fields; None leaves one out."""
    contact = {name: value for name, value in (ASKED["contact"] | fields).items() if value is not None}
    return asked(contact=contact)


def decided(api: Api, contract: str, decision: str = "activate", status: int = 200) -> Json:
    """What the operator's decision answers."""
    answer = api.http.post(f"/lab/v1/contracts/{contract}/{decision}", headers=api.headers)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


def sold(contract: str) -> Json:
    """An order of which one contract gets all."""
    return basket(part(contract, 500))


def test_a_platform_asks_for_a_seller_and_hears_when_he_may_sell(mine: Api, database: Database) -> None:
    made = mine.post(REQUEST, ASKED)
    id, merchant, store = (made[name]["id"] for name in ("contract", "merchant", "store"))
    assert made["contract"]["object"] == "general.contracts"
    assert len(made["apikey"]) == 40
    assert made["payin_account"]["iban"] == "DE81850400611005523759"
    contract = mine.get(f"General/Contracts/{id}")
    assert (contract["approved"], contract["description"]) == (False, "Kaffeewerk")
    assert contract["parent"]["id"] == "GCR_MINE"
    with database.view() as view:
        assert view.contracts.get(id).has_recurring is view.contracts.get("GCR_MINE").has_recurring is True
    shown = mine.get(f"General/Merchants/{merchant}")
    assert (shown["type"], shown["companyname"], shown["store_name"]) == ("1", "Kaffeewerk GmbH", "Kaffeewerk Köln")
    assert (shown["user"]["project_name"], shown["parent"]["id"]) == ("Kaffeewerk", "MRC_MINE")
    assert shown["user"]["address"][0]["address_formatted"] == "Kolumbastr. 3, 50667 Köln, DE"
    assert mine.get(f"General/Stores/{store}")["merchant"]["id"] == merchant

    case = mine.buy(**sold(id))
    refusal = mine.refused("POST", f"Smart/Transactions/{case['id']}/start/creditcard", card())
    assert refusal == (403, "ProductNotAllowedException", 4100)
    assert mine.request("GET", f"Payment/Contracts/{id}/paymentMethods").json() == []

    assert decided(mine, id)["state"] == "active"
    assert [(event.object_id, event.target, event.type, event.url) for event in outbox(database)] == [
        (id, "general.contracts", "changed", PUSH)
    ]
    assert mine.get(f"General/Contracts/{id}")["approved"] is True
    assert mine.get(f"General/Merchants/{merchant}")["type"] == "11"
    assert mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", card())["status"] == "ok"


RECORDED: Json = {
    "project": "Kaffeewerk",
    "payin_account": False,
    "contact": {
        "salutation": "Mr.",
        "forename": "John",
        "surname": "Doe",
        "mobile": "",
        "address": {
            "street": "Example Street",
            "street_number": "6a",
            "city": "Examplecity",
            "postal_code": "01234",
            "country": "Germany",
        },
    },
    "payout_account": {"iban": "DE35500105175418493188", "bic": "", "owner": ""},
}
"""As little as a client said whose answer was recorded."""


def test_an_answer_has_the_contract_itself_and_as_a_reference(mine: Api) -> None:
    made = mine.post(REQUEST, RECORDED)
    contract = mine.get(f"Payment/Contracts/{made['id']}")
    assert made == {
        "object": "general.contracts",
        "id": contract["id"],
        "id_old": contract["id_old"],
        "parent": {"object": "general.contracts", "id": "GCR_MINE"},
        "merchant": {"object": "general.merchants", "id": contract["merchant"]["id"]},
        "approved": False,
        "created": "2026-02-04T10:30:00+01:00",
        "contract": {"object": "general.contracts", "id": contract["id"]},
        "apikey": made["apikey"],
    }
    address = mine.get(f"General/Merchants/{made['merchant']['id']}")["user"]["address"][0]
    assert address["address_formatted"] == "Example Street 6a, 01234 Examplecity, DE"


def test_legacy_numbers_run_and_stay(mine: Api) -> None:
    first = mine.post(REQUEST, RECORDED | {"create_first_store": True})
    second = mine.post(REQUEST, RECORDED | {"project": "Teewerk", "create_first_store": True})
    for noun, field in (
        ("General/Contracts", "contract"),
        ("General/Merchants", "merchant"),
        ("General/Stores", "store"),
    ):
        numbers = [mine.get(f"{noun}/{made[field]['id']}")["id_old"] for made in (first, second)]
        assert numbers[0] > 1_000_000
        assert numbers[1] == numbers[0] + 1
        [found] = mine.get(noun, q=f"id_old:{numbers[0]}")["data"]
        assert (found["id"], found["id_old"]) == (first[field]["id"], numbers[0])
    assert mine.get(f"General/Contracts/{first['id']}")["id_old"] == first["id_old"]
    assert mine.get(f"General/Stores/{first['store']['id']}")["has_beacon"] is False


def test_a_requested_contract_has_what_was_said_and_else_what_its_platform_has(mine: Api, database: Database) -> None:
    look = {"show_basket": False, "submit_button_title": "Spenden", "logo_base64": PIXEL, "cession": "formal"}
    prices = [{"product_id": 26, "disagio": "1.45", "disagio_min": "0.05", "fix": "0.25"}]
    event = {"event_date": "2026-08-01", "event_description": "Sommerfest"}
    body = asked(
        iframe_opts=look, pricing=prices, event_details=event, payin_account=False, notes=None, url_push=None
    )
    made = mine.post(REQUEST, body | {"notes": None})
    id = made["contract"]["id"]
    assert "payin_account" not in made
    shown = mine.get(f"General/Contracts/{id}")
    assert shown["event_details"] == event
    assert "pay_in_advance_account" not in shown
    options = mine.get(f"General/Contracts/{id}/IframeOptions")
    assert (options["submit_button_title"], options["is_basket_shown"]) == ("Spenden", False)
    assert options["project_logo"].startswith("https://pay.example.test/pay/logo/")
    assert options["language_formality"] == "formal"
    with database.view() as view:
        contract, above = view.contracts.get(id), view.contracts.get("GCR_MINE")
    assert contract.methods == ["creditcard", "debit"]  # nobody can transfer money to it
    assert contract.fees == {"creditcard": {"basis_points": 145, "fixed": 25, "minimum": 5}}
    assert (contract.wallets, contract.payment_context) == (above.wallets, above.payment_context)
    assert contract.payout_account == {
        "owner": "Erika Musterfrau",
        "iban": "DE35500105175418493188",
        "bic": "INGDDEFFXXX",
        "bankname": "ING-DiBa",
    }
    assert contract.details is not None
    assert contract.details["merchant_category"] == 901


def test_who_can_be_reached_in_several_ways_is_reached_by_the_first(mine: Api) -> None:
    several = person(email=[{"type": "office", "email": "erste@example.net"}], phone=[{"phone": "0221 5"}])
    merchant = mine.post(REQUEST, several)["merchant"]["id"]
    [email] = mine.get(f"General/Merchants/{merchant}")["user"]["email"]
    assert email["email_formatted"] == "erste@example.net"


BAD: dict[str, tuple[Json, int, int]] = {
    "no project": (asked(project=None), 400, 3001),
    "an empty project": (asked(project=""), 400, 3001),
    "a project without end": (asked(project="x" * 256), 400, 3001),
    "nobody": (asked(contact=None), 400, 3100),
    "an unknown contact": (asked(contact="CNT_NONE"), 404, 3002),
    **{f"no {name}": (person(**{name: None}), 400, 3100) for name in ("forename", "surname")},
    "no street": (person(address={"postal_code": "50667", "city": "Köln"}), 400, 3100),
    "no day of birth": (person(dob="1980-02-30"), 400, 3021),
    "no mail address": (person(email="erika"), 400, 3104),
    "no account": (asked(payout_account=None), 400, 3100),
    "no IBAN": (asked(payout_account={"iban": "DE35500105175418493189"}), 400, 3031),
    "no bank": (asked(payout_account={"iban": "DE00000000000000000000"}), 400, 3031),
    "no BIC": (asked(payout_account=ASKED["payout_account"] | {"bic": "NOBANK"}), 400, 3036),
    "an unknown category": (asked(merchant_category=7777), 400, 3101),
    "a price for nothing": (asked(pricing=[{"product_id": 1, "fix": "1"}]), 400, 3102),
    "a price that is none": (asked(pricing=[{"product_id": 26, "fix": "-1"}]), 400, 3001),
    "a logo that is none": (asked(iframe_opts={"logo_base64": "Zm9v"}), 400, 3103),
    "a logo in another code": (asked(iframe_opts={"logo_base64": "§"}), 400, 3103),
    "a push to nowhere": (asked(url_push="ftp://shop.example.com"), 400, 3016),
    "a website that is none": (asked(url_website="shop"), 400, 3016),
    "a card without number": (
        asked(additional_data={"create_card": {"app_language": "de", "card_type": "plastic"}}), 400, 3100
    ),
    "a day that is none": (asked(funding_end="2026-02-30"), 400, 3001),
    "an event of a stranger": (
        asked(merchant_id="MRC_STRANGER", event_details={"event_date": "2026-08-01", "event_description": "Fest"}),
        404,
        3002,
    ),
    "an event that is none": (asked(merchant_id="MRC_SELLER"), 400, 3100),
    "below a stranger": (asked(contract_id="GCR_STRANGER"), 404, 3002),
    "below a seller": (asked(contract_id="GCR_SELLER"), 403, 2101),
    "below nobody": (asked(contract_id="GCR_NONE"), 404, 3002),
}  # fmt: skip


def test_a_request_that_cannot_be_right_is_refused_and_leaves_nothing(refuses: Refuses) -> None:
    for body, status, code in BAD.values():
        refuses(REQUEST, body, status, code)


@pytest.mark.parametrize("action", ["requestId", "clone"])
def test_nobody_asks_in_the_name_of_strangers_nor_of_his_sellers(refuses: Refuses, action: str) -> None:
    body = ASKED if action == "requestId" else CLONE
    for id, status, code in (("GCR_STRANGER", 404, 3002), ("GCR_SELLER", 403, 2101), ("GCR_NONE", 404, 3002)):
        refuses(f"Payment/Contracts/{id}/{action}", body, status, code)


def test_a_project_has_one_contract_at_its_platform(mine: Api, stranger: Api, everything: Everything) -> None:
    mine.post(REQUEST, ASKED)
    stranger.post(REQUEST, ASKED)
    before = everything()
    for path, body in ((REQUEST, ASKED), ("Payment/Contracts/GCR_MINE/clone", CLONE | {"project": "Kaffeewerk"})):
        assert mine.refused("POST", path, body) == (409, "ProductDuplicateException", 4101)
    assert everything() == before


def test_a_seller_cannot_put_his_platform_below_himself(seller: Api, mine: Api, everything: Everything) -> None:
    before = everything()
    body = asked(merchant_id="MRC_MINE", event_details={"event_date": "2026-08-01", "event_description": "Fest"})
    assert seller.refused("POST", REQUEST, body)[::2] == (404, 3002)
    assert seller.refused("POST", REQUEST, asked(contract_id="GCR_MINE"))[::2] == (404, 3002)
    assert everything() == before


def test_for_an_event_a_merchant_gets_one_more_contract(mine: Api) -> None:
    event = {"event_date": "2026-08-01", "event_description": "Sommerfest"}
    made = mine.post(REQUEST, asked(merchant_id="MRC_SELLER", event_details=event, contact=None))
    assert made["merchant"]["id"] == "MRC_SELLER"


def test_a_contract_for_oneself_waits_as_others_do(mine: Api) -> None:
    body = CLONE | {"payin_account": True}
    contract = mine.post("Payment/Contracts/PCR_MINE/clone", body)
    assert (contract["object"], contract["parent"]["id"]) == ("general.contracts", "GCR_MINE")
    assert (contract["approved"], contract["demo"]) == (False, True)
    assert contract["pay_in_account"]["owner"] == "secupay AG"
    assert mine.get(f"Payment/Contracts/{contract['id'].replace('GCR', 'PCR')}") == contract
    assert mine.get(f"General/Contracts/{contract['id']}")["merchant"]["id"] == "MRC_MINE"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"payment_data": None}, 400, 3100),
        ({"payment_data": {"iban": "DE1"}}, 400, 3031),
        ({"payment_data": CLONE["payment_data"] | {"bic": "X"}}, 400, 3036),
        ({"url_push": "nowhere"}, 400, 3016),
        ({"contract_id": "GCR_STRANGER"}, 404, 3002),
    ],
)
def test_a_clone_that_cannot_be_right_is_refused(refuses: Refuses, change: Json, status: int, code: int) -> None:
    refuses("Payment/Contracts/GCR_MINE/clone", CLONE | change, status, code)


def test_the_account_of_a_clone_has_two_names(mine: Api, database: Database) -> None:
    account = CLONE["payment_data"]
    body = {name: value for name, value in CLONE.items() if name != "payment_data"} | {"payout_account": account}
    made = mine.post("Payment/Contracts/GCR_MINE/clone", body)
    with database.view() as view:
        assert (view.contracts.get(made["id"]).payout_account or {})["iban"] == account["iban"]


def test_contracts_are_listed_with_those_below_and_found_by_their_approval(mine: Api, seller: Api) -> None:
    new = mine.post(REQUEST, ASKED)["contract"]["id"]
    assert mine.get("Payment/Contracts")["count"] == 5
    assert [each["id"] for each in mine.get("Payment/Contracts", q="approved:false")["data"]] == [new]
    assert [each["id"] for each in seller.get("Payment/Contracts")["data"]] == ["GCR_SELLER"]
    assert seller.refused("GET", f"Payment/Contracts/{new}") == (404, "ProductNotFoundException", 3002)


def test_the_same_key_twice_makes_one_contract_and_answers_alike(mine: Api) -> None:
    mine.headers |= {"Idempotency-Key": "seller-7"}
    assert mine.post(REQUEST, ASKED) == mine.post(REQUEST, ASKED)


def test_an_approval_can_be_withdrawn_and_given_again_but_an_end_is_one(mine: Api, database: Database) -> None:
    id = mine.post(REQUEST, ASKED)["contract"]["id"]
    for decision, state in (("reject", "rejected"), ("activate", "active"), ("reject", "rejected")):
        assert decided(mine, id, decision)["state"] == state
    assert len(outbox(database)) == 2  # that it was refused at first has changed nothing
    assert mine.refused("POST", f"General/Contracts/{id}/terminate")[::2] == (403, 4100)
    decided(mine, id)
    assert mine.post(f"General/Contracts/{id}/terminate") == {"result": True}
    assert mine.refused("POST", f"General/Contracts/{id}/terminate")[::2] == (403, 4100)
    for decision in ("activate", "reject"):
        assert decided(mine, id, decision, status=403)["code"] == 4001
    assert decided(mine, id, "forget", status=404)["code"] == 3109
    assert len(outbox(database)) == 4


def test_what_was_paid_before_a_contract_ended_goes_on(mine: Api, books: None) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", card())
    other = mine.buy()
    assert mine.post("General/Contracts/me/terminate") == {"result": True}
    refusal = mine.refused("POST", f"Smart/Transactions/{other['id']}/prepare/creditcard", card())
    assert refusal == (403, "ProductNotAllowedException", 4100)
    assert "creditcard" not in mine.get(f"Smart/Transactions/{other['id']}")["payment_links"]
    older = {"amount": 500, "payment_action": "authorization"}
    assert mine.refused("POST", "Payment/Secupaycreditcards", older)[::2] == (403, 4100)
    assert mine.post(f"Smart/Transactions/{case['id']}/start")["status"] == "ok"
    assert mine.post(f"Smart/Transactions/{case['id']}/cancel")["status"] == "cancelled"
    assert mine.refused("POST", REQUEST, ASKED)[::2] == (403, 4100)


def test_strangers_end_nothing_and_decide_nothing(mine: Api, stranger: Api, everything: Everything) -> None:
    before = everything()
    for action in ("terminate", "updateBankAccount", "revokeAccrual"):
        body = ASKED["payout_account"] if action == "updateBankAccount" else {}
        assert stranger.refused("POST", f"General/Contracts/GCR_MINE/{action}", body)[0] == 404
    decided(stranger, "GCR_MINE", "reject", status=404)
    assert everything() == before


@pytest.mark.parametrize("product", ["General", "Payment"])
def test_another_account_for_payouts_counts_once_the_operator_has_taken_it(
    mine: Api, database: Database, product: str
) -> None:
    account = {"iban": "DE37503240001000000524", "owner": "Neu", "verification_document": "DUP_7"}
    path = f"{product}/Contracts/me/updateBankAccount"
    assert decided(mine, "GCR_MINE", "account", status=403)["code"] == 4102
    assert mine.post(path, account) == {"result": True}
    with database.view() as view:
        assert view.contracts.get("GCR_MINE").payout_account is None
    decided(mine, "GCR_MINE", "account")
    with database.view() as view:
        contract = view.contracts.get("GCR_MINE")
    assert (contract.payout_account or {})["iban"] == account["iban"]
    assert contract.asked_account is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"iban": "DE37503240001000000525"}, 3031),
        ({"bic": "X"}, 3036),
        ({"iban": None}, 3001),
        ({"owner": "\U0001f389"}, 3185),
        ({"owner": "x" * 71}, 3039),
    ],
)
@pytest.mark.parametrize("product", ["General", "Payment"])
def test_an_account_that_does_not_exist_is_refused(refuses: Refuses, change: Json, code: int, product: str) -> None:
    refuses(f"{product}/Contracts/me/updateBankAccount", {"iban": "DE37503240001000000524"} | change, 400, code)


CONFIGURATION = "General/Contracts/GCR_MINE/ThirdPartyConfiguration"


def configured(api: Api, verb: str, **services: Any) -> Json:
    """What a change of the credentials answers."""
    answer = api.request(verb, CONFIGURATION, json=services)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def test_credentials_elsewhere_are_kept_and_never_told(mine: Api, seller: Api, database: Database) -> None:
    live, test = ({"client_id": f"id-{n}", "client_secret": f"hush-{n}"} for n in (1, 2))
    assert mine.get(CONFIGURATION) == {}
    assert configured(mine, "POST", paypal={"live": live}) == {"paypal": {"live": {"client_id": "id-1"}}}
    both = {"live": {"client_id": "id-1"}, "sandbox": {"client_id": "id-2"}}
    assert configured(mine, "PATCH", paypal={"sandbox": test})["paypal"] == both
    configured(mine, "POST", saferpay={"live": live})
    assert configured(mine, "PUT", paypal={"sandbox": test}) == {
        "paypal": {"sandbox": {"client_id": "id-2"}},
        "saferpay": {"live": {"client_id": "id-1"}},
    }
    assert mine.get("General/Contracts/GCR_MINE")["paypal_configuration"] == {"sandbox": {"client_id": "id-2"}}
    assert "hush" not in mine.request("GET", "General/Contracts").text + mine.request("GET", CONFIGURATION).text
    with database.view() as view:
        kept = view.contracts.get("GCR_MINE").third_parties or {}
    assert kept["paypal"]["sandbox"]["client_secret"] == "hush-2"
    assert set(mine.request("DELETE", f"{CONFIGURATION}/PayPal").json()) == {"saferpay"}
    assert mine.request("DELETE", f"{CONFIGURATION}/saferpay").json() == {}


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE"])
def test_credentials_are_for_their_own_merchant_to_set(
    mine: Api, stranger: Api, everything: Everything, verb: str
) -> None:
    before = everything()
    end = "/paypal" if verb == "DELETE" else ""
    half = {"paypal": {"live": {"client_id": "id"}}}
    whole = {"paypal": {"live": {"client_id": "id", "client_secret": "hush"}}}
    assert mine.refused(verb, f"{CONFIGURATION.replace('MINE', 'SELLER')}{end}", whole)[::2] == (403, 2101)
    assert stranger.refused(verb, f"{CONFIGURATION}{end}", whole)[::2] == (404, 3002)
    if verb == "DELETE":
        assert mine.refused(verb, f"{CONFIGURATION}/klarna")[::2] == (404, 3105)
    else:
        assert mine.refused(verb, CONFIGURATION, half)[::2] == (400, 3001)
    assert everything() == before
