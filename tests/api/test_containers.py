"""Payment/Containers: instruments kept for the next time."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pfennig.storage.database import Database
from tests.api.conftest import CHALLENGED, Everything, account, bought, card, prepared
from tests.conftest import ON_BOTH, Api, Json, StoppedClock

CONTAINERS = "Payment/Containers"
IBAN = "DE37503240001000000524"
OTHER_IBAN = "DE35500105175418493188"
UNKNOWN = (404, "ProductNotFoundException", 3002)
NOT_YOURS = (404, "ProductNotFoundException", 3002)
KNOWN = (409, "ProductNotAllowedException", 4041)
PUT_AWAY = (403, "ProductNotAllowedException", 4042)
BANK = {
    "owner": "John Doe",
    "iban": IBAN,
    "bic": "FTSBDEFAXXX",
    "bankname": "ABN AMRO Bank, Frankfurt Branch",
}


def new(iban: str = IBAN, **fields: Any) -> Json:
    """A bank account as a shop sends it."""
    return {"type": "bank_account", "private": {"owner": "John Doe", "iban": iban}} | fields


def person(api: Api, name: str = "John") -> str:
    """The id of a new customer."""
    id: str = api.post("Payment/Customers", {"contact": {"forename": name, "surname": "Doe"}})["id"]
    return id


def test_a_bank_account_is_kept_with_its_bank_and_a_mandate(mine: Api) -> None:
    customer = person(mine)
    made = mine.post(CONTAINERS, new(customer={"id": customer}))
    assert made["id"].startswith("PCT_")
    assert made["mandate"]["identification"].startswith("PAM/")
    assert made == {
        "object": "payment.containers",
        "id": made["id"],
        "merchant": {"object": "general.merchants", "id": "MRC_MINE", "companyname": "Mein Laden GmbH"},
        "contract": {"object": "general.contracts", "id": "GCR_MINE"},
        "customer": {"object": "payment.customers", "id": customer},
        "type": "bank_account",
        "public": BANK,
        "private": BANK,
        "created": "2026-02-04T10:30:00+01:00",
        "mandate": {
            "sepa_mandate_id": "1",
            "identification": made["mandate"]["identification"],
            "type": "CORE",
            "creditor_id": "DE98ZZZ09999999999",
            "status": "3",
            "iban": IBAN,
            "bic": "FTSBDEFAXXX",
        },
    }
    assert mine.get(f"{CONTAINERS}/{made['id']}") == made
    assert mine.get(CONTAINERS) == {"count": 1, "data": [made]}


def test_the_type_may_be_missing_and_the_iban_be_written_as_people_do(mine: Api) -> None:
    made = mine.post(CONTAINERS, {"private": {"iban": "de37 5032 4000 1000 0005 24", "purpose": "Rent"}})
    assert made["type"] == "bank_account"
    assert made["private"] == BANK | {"owner": "", "purpose": "Rent"}


def test_what_the_shop_knows_of_the_bank_is_kept(mine: Api) -> None:
    said = {"owner": "John Doe", "iban": IBAN, "bic": "COBADEFFXXX", "bankname": "My bank"}
    assert mine.post(CONTAINERS, new(private=said))["public"] == said


def test_a_paypal_account_may_be_kept(mine: Api) -> None:
    known = {"email": "john@example.net", "payer_id": "QQQQ1234"}
    made = mine.post(CONTAINERS, {"type": "paypal", "customer": {}, "private": known})
    assert made["public"] == made["private"] == known
    assert "customer" not in made
    assert "mandate" not in made


def test_a_card_is_kept_by_paying_with_it(mine: Api) -> None:
    body = card()["container"]
    assert mine.refused("POST", CONTAINERS, body) == (403, "ProductNotAllowedException", 4040)
    private = {"expiration_date": "2027-03", "transact_hash": "abc", "transact_container": "def"}
    case = mine.buy()
    paid = mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", card(**private))
    made = mine.get(f"{CONTAINERS}/{paid['container']['id']}")
    assert made["private"] == made["public"]
    assert made["private"] == {
        "owner": "Max Mustermann",
        "pan": "411111XXXXXX1111",
        "expiration_date": "2027-03-01T00:00:00+00:00",
        "issuer": "VISA",
    }
    assert made["customer"]["id"] == case["customer"]["id"]
    refusal = mine.refused("PUT", f"{CONTAINERS}/{made['id']}", {"private": body["private"]})
    assert refusal == (403, "ProductNotAllowedException", 4040)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (new(iban="DE37503240001000000525"), 3031),
        (new(private={"owner": "John Doe"}), 3032),
        (new(private=None), 3032),
        (new(private={"iban": IBAN, "bic": "NOPE"}), 3036),
        (new(private="iban"), 3001),
        (new(type="gold"), 3001),
        (new(type="googlepay"), 3032),
        (new(customer="PCU_KNOWN"), 3001),
        ({"type": "paypal", "private": {"iban": IBAN}}, 3032),
    ],
)
def test_a_wrong_instrument_is_refused_and_nothing_is_written(
    mine: Api, everything: Everything, body: Json, code: int
) -> None:
    before = everything()
    assert mine.refused("POST", CONTAINERS, body) == (400, "ProductFormatException", code)
    assert everything() == before


def test_a_customer_who_is_not_there_or_not_mine_is_refused(mine: Api, stranger: Api, everything: Everything) -> None:
    his = person(stranger)
    before = everything()
    assert mine.refused("POST", CONTAINERS, new(customer={"id": "PCU_NOBODY"})) == UNKNOWN
    assert mine.refused("POST", CONTAINERS, new(customer_id=his)) == NOT_YOURS
    assert mine.refused("POST", CONTAINERS, new(merchant_id="MRC_STRANGER")) == NOT_YOURS
    assert everything() == before


def test_a_customer_has_an_instrument_once_but_others_may_have_it_too(mine: Api, everything: Everything) -> None:
    john, jane = person(mine), person(mine, "Jane")
    for owner in (john, jane):
        mine.post(CONTAINERS, new(customer_id=owner))
    before = everything()
    spelled = new(iban="de37 5032 4000 1000 0005 24", customer={"id": john})
    assert mine.refused("POST", CONTAINERS, spelled) == KNOWN
    assert everything() == before
    for body in (new(OTHER_IBAN, customer_id=john), new(), new()):
        mine.post(CONTAINERS, body)
    assert mine.get(CONTAINERS)["count"] == 5


def test_the_same_paypal_account_is_known_again(mine: Api) -> None:
    body = {"type": "paypal", "customer_id": person(mine), "private": {"email": "John@example.net"}}
    mine.post(CONTAINERS, body)
    assert mine.refused("POST", CONTAINERS, body | {"private": {"email": "john@EXAMPLE.net"}}) == KNOWN


@ON_BOTH
def test_of_many_at_once_one_is_kept(mine: Api) -> None:
    body = new(customer_id=person(mine))
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: mine.request("POST", CONTAINERS, json=body).status_code, range(8)))
    assert sorted(statuses) == [200, *[409] * 7]
    assert mine.get(CONTAINERS)["count"] == 1


def test_neither_error_nor_log_nor_index_holds_the_iban(
    mine: Api, database: Database, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    body = new(customer_id=person(mine))
    mine.post(CONTAINERS, body)
    with caplog.at_level(logging.DEBUG):
        answer = mine.request("POST", CONTAINERS, json=body)
    assert answer.status_code == 409
    assert IBAN not in answer.text + caplog.text + "".join(capsys.readouterr())
    with database.view() as view:
        [container] = view.containers.all()
    assert container.fingerprint
    assert len(container.fingerprint) == 64


def test_paying_again_with_what_is_stored_makes_no_second_container(mine: Api) -> None:
    customer = {"id": person(mine)}
    stored = mine.post(CONTAINERS, new(OTHER_IBAN, customer=customer))
    for _ in range(2):
        assert bought(mine, "debit", customer=customer)["container"]["id"] == stored["id"]
    cards = {bought(mine, "creditcard", customer=customer)["container"]["id"] for _ in range(2)}
    assert len(cards) == 1
    assert mine.get(CONTAINERS)["count"] == 2


def test_a_stored_account_pays(mine: Api) -> None:
    made = mine.post(CONTAINERS, new())
    path = f"Smart/Transactions/{mine.buy()['id']}/start/debit"
    paid = mine.post(path, {"container": {"id": made["id"]}})
    assert paid["status"] == "ok"
    assert paid["container"] == {"object": "payment.containers", "id": made["id"], "type": "bank_account"}


def test_a_change_keeps_what_is_not_said(mine: Api, clock: StoppedClock) -> None:
    customer = person(mine)
    made = mine.post(CONTAINERS, new(customer_id=customer))
    path = f"{CONTAINERS}/{made['id']}"
    clock.advance(hours=1)
    changed = mine.put(path, {"private": {"owner": "Jane Doe", "iban": IBAN}})
    bank = BANK | {"owner": "Jane Doe"}
    assert changed == made | {"public": bank, "private": bank, "updated": "2026-02-04T11:30:00+01:00"}
    assert mine.get(path) == changed
    assert "customer" not in mine.put(path, {"customer": {}})
    assert mine.put(path, {"customer": {"id": customer}})["customer"]["id"] == customer
    assert mine.put(path, changed)["private"] == bank


def test_another_number_needs_another_mandate_and_must_not_be_known(mine: Api) -> None:
    customer = person(mine)
    made, other = (mine.post(CONTAINERS, new(iban, customer_id=customer)) for iban in (IBAN, OTHER_IBAN))
    path = f"{CONTAINERS}/{made['id']}"
    assert mine.refused("PUT", path, new(OTHER_IBAN)) == KNOWN
    assert mine.get(path) == made
    mine.request("DELETE", f"{CONTAINERS}/{other['id']}")
    changed = mine.put(path, new(OTHER_IBAN))
    assert changed["mandate"]["iban"] == changed["private"]["iban"] == OTHER_IBAN
    assert changed["mandate"]["identification"] != made["mandate"]["identification"]
    paypal = {"type": "paypal", "private": {"email": "john@example.net"}}
    assert mine.refused("PUT", path, paypal) == (400, "ProductFormatException", 3033)


def test_what_has_paid_stays_the_same_account(mine: Api) -> None:
    id = bought(mine, "debit")["container"]["id"]
    assert mine.refused("PUT", f"{CONTAINERS}/{id}", new()) == (403, "ProductNotAllowedException", 4043)
    assert mine.put(f"{CONTAINERS}/{id}", new(OTHER_IBAN))["private"]["owner"] == "John Doe"


def test_deleting_answers_a_list_with_what_was_there(mine: Api, database: Database) -> None:
    made = mine.post(CONTAINERS, new(customer_id=person(mine)))
    assert mine.request("DELETE", f"{CONTAINERS}/{made['id']}").json() == [made]
    for verb in ("GET", "PUT", "DELETE"):
        assert mine.refused(verb, f"{CONTAINERS}/{made['id']}") == UNKNOWN
    assert mine.get(CONTAINERS) == {"count": 0, "data": []}
    with database.view() as view:
        assert view.containers.all() == []


def test_what_has_paid_vanishes_from_sight_and_can_still_be_paid_back(mine: Api) -> None:
    paid = bought(mine, "debit")
    id = paid["container"]["id"]
    [gone] = mine.request("DELETE", f"{CONTAINERS}/{id}").json()
    assert gone["id"] == id
    assert mine.refused("GET", f"{CONTAINERS}/{id}") == UNKNOWN
    assert mine.get(CONTAINERS)["count"] == 0
    body = {"container": {"id": id}}
    assert mine.refused("POST", f"Smart/Transactions/{mine.buy()['id']}/prepare/debit", body) == UNKNOWN
    assert mine.get(f"Smart/Transactions/{paid['id']}") == paid
    assert mine.post(f"Smart/Transactions/{paid['id']}/cancel")["status"] == "cancelled"
    assert bought(mine, "debit", customer={"id": paid["customer"]["id"]})["container"]["id"] != id


def test_what_is_put_away_can_be_seen_but_no_longer_pays(mine: Api, clock: StoppedClock) -> None:
    customer = person(mine)
    made = mine.post(CONTAINERS, new(customer_id=customer))
    path = f"{CONTAINERS}/{made['id']}"
    for _ in range(2):
        assert mine.put(f"{path}/archive", {}) == {"result": True}
        clock.advance(hours=1)
    archived = made | {"token_status": {"status": "archived", "last_modified": "2026-02-04T10:30:00+01:00"}}
    assert mine.get(path) == archived
    assert mine.get(CONTAINERS)["data"] == [archived]
    body = {"container": {"id": made["id"]}}
    assert mine.refused("POST", f"Smart/Transactions/{mine.buy()['id']}/prepare/debit", body) == PUT_AWAY
    assert mine.refused("PUT", path, new()) == PUT_AWAY
    assert mine.refused("POST", f"{path}/assign/{customer}") == PUT_AWAY
    assert mine.post(CONTAINERS, new(customer_id=customer))["id"] != made["id"]
    assert mine.request("DELETE", path).json() == [archived]


def test_a_reservation_on_a_card_that_was_put_away_can_be_collected(mine: Api) -> None:
    case = prepared(mine)
    mine.put(f"{CONTAINERS}/{case['container']['id']}/archive", {})
    assert mine.post(f"Smart/Transactions/{case['id']}/start")["status"] == "ok"


def test_an_instrument_is_given_to_a_customer_and_taken_away(mine: Api) -> None:
    john, jane = person(mine), person(mine, "Jane")
    made = mine.post(CONTAINERS, new())
    path = f"{CONTAINERS}/{made['id']}/assign"
    assert mine.post(f"{path}/{john}")["customer"]["id"] == john
    assert mine.refused("POST", CONTAINERS, new(customer_id=john)) == KNOWN
    assert mine.refused("DELETE", f"{path}/{jane}") == (403, "ProductNotAllowedException", 4044)
    assert "customer" not in mine.request("DELETE", f"{path}/{john}").json()
    mine.post(CONTAINERS, new(customer_id=john))
    assert mine.refused("POST", f"{path}/{john}") == KNOWN
    assert mine.refused("POST", f"{path}/PCU_NOBODY") == UNKNOWN


def test_a_mandate_of_a_company_is_not_to_be_had(mine: Api, stranger: Api) -> None:
    path = f"{CONTAINERS}/{mine.post(CONTAINERS, new())['id']}"
    for action, body in (
        ("mandate", {"customer_id": "PCU_KNOWN", "type": "B2B"}),
        ("Uploadmandate", {"document_id": "DUP_7"}),
    ):
        assert mine.refused("POST", f"{path}/{action}", body) == (403, "ProductNotAllowedException", 4045)
        assert stranger.refused("POST", f"{path}/{action}", body) == NOT_YOURS
        assert mine.refused("POST", f"{CONTAINERS}/PCT_NONE/{action}", body) == UNKNOWN


def test_an_iban_is_checked(mine: Api) -> None:
    path = f"{CONTAINERS}/me/validateSingleIban"
    bank = {name: BANK[name] for name in ("iban", "bic", "bankname")}
    spelled = "DE37 5032 4000 1000 0005 24"
    assert mine.post(path, {"id": 1, "iban": spelled}) == {"id": 1, "valid": True, **bank}
    for wrong in ("DE37503240001000000525", "", "x" * 255):
        assert mine.post(path, {"id": 7, "iban": wrong}) == {"id": 7, "valid": False, "iban": wrong}
    for body in ({}, {"iban": 7}, {"iban": IBAN, "id": -1}, {"iban": IBAN, "id": 10**30}):
        assert mine.refused("POST", path, body) == (400, "ProductFormatException", 3001)


def test_a_stranger_meets_none_of_them(mine: Api, stranger: Api, everything: Everything) -> None:
    path = f"{CONTAINERS}/{mine.post(CONTAINERS, new())['id']}"
    before = everything()
    assert stranger.get(CONTAINERS) == {"count": 0, "data": []}
    for verb, rest in (
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("PUT", "/archive"),
        ("POST", "/assign/PCU_KNOWN"),
        ("DELETE", "/assign/PCU_KNOWN"),
    ):
        assert stranger.refused(verb, path + rest) == NOT_YOURS
    assert everything() == before


def test_a_platform_sees_the_numbers_of_its_sellers_masked(mine: Api, seller: Api) -> None:
    made = seller.post(CONTAINERS, new())
    seen = mine.get(f"{CONTAINERS}/{made['id']}")
    hidden = IBAN[:4] + "X" * 14 + IBAN[-4:]
    assert seen["private"] == seen["public"] == BANK | {"iban": hidden}
    assert seen["mandate"] == made["mandate"] | {"iban": hidden}
    kept = mine.post(CONTAINERS, new(merchant_id="MRC_SELLER"))
    assert kept["private"]["iban"] == hidden
    assert seller.get(f"{CONTAINERS}/{kept['id']}")["private"] == BANK


def racing(*calls: Callable[[], int]) -> list[int]:
    """The statuses of requests that run together."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call(), calls))


def test_paying_and_deleting_at_once_leaves_a_payment_that_can_be_read(mine: Api) -> None:
    for _ in range(8):
        id = mine.post(CONTAINERS, new())["id"]
        path = f"Smart/Transactions/{mine.buy()['id']}"
        paid, deleted = racing(
            lambda path=path, id=id: (
                mine.request(  # type: ignore[misc]
                    "POST", f"{path}/start/debit", json={"container": {"id": id}}
                ).status_code
            ),
            lambda id=id: mine.request("DELETE", f"{CONTAINERS}/{id}").status_code,  # type: ignore[misc]
        )
        assert deleted == 200
        assert paid in (200, 404)
        assert mine.get(path)["status"] == ("ok" if paid == 200 else "created")


@ON_BOTH
def test_a_customer_who_pays_twice_at_once_pays_from_one_container(mine: Api) -> None:
    customer = {"id": person(mine)}
    paths = [f"Smart/Transactions/{mine.buy(customer=customer)['id']}/start/debit" for _ in range(6)]
    with ThreadPoolExecutor(4) as pool:
        paid = list(pool.map(lambda path: mine.post(path, account()), paths))
    assert {case["status"] for case in paid} == {"ok"}
    assert len({case["container"]["id"] for case in paid}) == 1


def test_a_challenged_card_can_be_tried_twice(mine: Api) -> None:
    case = mine.buy()
    path = f"Smart/Transactions/{case['id']}/prepare/creditcard"
    first, second = (mine.post(path, CHALLENGED) for _ in range(2))
    assert first["container"] == second["container"]
    assert first["iframe_url"] != second["iframe_url"]
    assert mine.post(f"Smart/Transactions/{case['id']}/prepare/debit", account())["status"] == "approved"
