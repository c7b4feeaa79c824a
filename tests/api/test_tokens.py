"""Tokens of card networks: asked for by a shop, told to its address, given up."""

from collections.abc import Callable

import pytest

from pfennig.storage.database import Database
from tests.api.conftest import REFUSED, Refuses, account, card
from tests.api.recurring import advance
from tests.api.test_outcomes import lab
from tests.conftest import Api, Json
from tests.journey import WALLET

URL = "https://shop.example.test/tokens?order=12345"
WANTED = {"payment_context": {"container_instructions": {"request_token": True, "notification_url": URL}}}
Told = Callable[[str], int]


@pytest.fixture
def told(database: Database) -> Told:
    """Answers how often somebody was told of a container."""

    def count(id: str) -> int:
        with database.view() as view:
            events = view.events.all(object_id=id)
        assert {(event.target, event.type, event.url) for event in events} <= {
            ("payment.containers", "changed", URL),
        }
        return len(events)

    return count


def paid(api: Api, instrument: Json, **fields: Json) -> Json:
    """A Smart Transaction after its payment was prepared."""
    method = "debit" if instrument == account() else "creditcard"
    return api.post(f"Smart/Transactions/{api.buy(**fields)['id']}/prepare/{method}", instrument)


def status(api: Api, id: str) -> str:
    """The status of a container's token."""
    found: str = api.get(f"Payment/Containers/{id}")["token_status"]["status"]
    return found


def test_a_token_is_asked_for_with_the_first_payment_and_active_soon(mine: Api, told: Told) -> None:
    case = paid(mine, card(), **WANTED)
    id = case["container"]["id"]
    first = case["token_status"]
    assert first == {
        "created": "2026-02-04T10:30:00+01:00",
        "version": "1",
        "status": "requested",
        "last_modified": "2026-02-04T10:30:00+01:00",
    }
    assert told(id) == 1
    advance(mine, seconds=5)
    assert (status(mine, id), told(id)) == ("inquiry", 2)
    advance(mine, seconds=5)
    assert (status(mine, id), told(id)) == ("active", 3)
    last = {"status": "active", "last_modified": "2026-02-04T10:30:10+01:00", "version": "3"}
    assert mine.get(f"Smart/Transactions/{case['id']}")["token_status"] == first | last


def test_who_wants_none_gets_none(mine: Api, told: Told) -> None:
    case = paid(mine, card())
    assert case["token_status"] == {"status": "not requested"}
    debit = paid(mine, account(), **WANTED)
    assert "token_status" not in debit, "a bank account is nothing that a card network knows"
    refused = paid(mine, REFUSED, **WANTED)
    assert refused["token_status"] == {"status": "not requested"}
    advance(mine, days=1)
    assert [told(each["container"]["id"]) for each in (case, debit, refused)] == [0, 0, 0]


def test_a_token_can_be_wanted_with_the_card_itself(mine: Api, told: Told) -> None:
    body = card()
    body["container"] |= {"request_token": True, "notification_url": URL}
    id = paid(mine, body)["container"]["id"]
    assert (status(mine, id), told(id)) == ("requested", 1)


def test_a_container_can_be_kept_with_a_token(mine: Api, told: Told) -> None:
    made = mine.post("Payment/Containers", WALLET | {"request_token": True, "notification_url": URL})
    assert (made["token_status"]["status"], told(made["id"])) == ("requested", 1)
    later = mine.post("Payment/Containers", WALLET)
    assert later["token_status"] == {"status": "not requested"}
    asked = mine.put(f"Payment/Containers/{later['id']}", {"request_token": True, "notification_url": URL})
    assert (asked["token_status"]["status"], told(later["id"])) == ("requested", 1)


def test_who_gave_no_address_is_not_told(mine: Api, told: Told) -> None:
    wanted = {"payment_context": {"container_instructions": {"request_token": True}}}
    id = paid(mine, card(), **wanted)["container"]["id"]
    assert (status(mine, id), told(id)) == ("requested", 0)


def test_a_token_is_given_up_and_stays_on_its_way_until_the_lab_says_more(mine: Api, told: Told) -> None:
    id = paid(mine, card(), **WANTED)["container"]["id"]
    advance(mine, seconds=10)
    assert mine.put(f"Payment/Containers/{id}/archive", {}) == {"result": True}
    assert (status(mine, id), told(id)) == ("archivePending", 4)
    mine.put(f"Payment/Containers/{id}/archive", {})
    advance(mine, days=30)
    assert (status(mine, id), told(id)) == ("archivePending", 4)
    again = f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard"
    assert mine.refused("POST", again, {"container": {"id": id}})[::2] == (403, 4042)
    answer = lab(mine, "tokens", container=id, status="archived")
    assert answer["token_status"]["status"] == status(mine, id) == "archived"
    assert told(id) == 5


def test_a_token_that_is_asked_for_still_can_be_given_up(mine: Api) -> None:
    id = paid(mine, card(), **WANTED)["container"]["id"]
    mine.put(f"Payment/Containers/{id}/archive", {})
    advance(mine, seconds=10)
    assert status(mine, id) == "archivePending"


def test_the_lab_lets_a_token_fail(mine: Api, told: Told) -> None:
    id = paid(mine, card(), **WANTED)["container"]["id"]
    lab(mine, "tokens", container=id, status="failed")
    advance(mine, days=1)
    assert (status(mine, id), told(id)) == ("failed", 2)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, 3000)),
        ({"container": "PCT_NONE", "status": "active"}, (404, 3002)),
        ({"status": "asleep"}, (400, 3000)),
        ({"status": "active"}, (403, 4001)),
        ({"status": "archivePending"}, (403, 4001)),
        ({"status": "archived"}, (403, 4001)),
    ],
)
def test_the_lab_refuses_what_no_network_would_say(mine: Api, body: Json, expected: tuple[int, int]) -> None:
    id = paid(mine, card(), **WANTED)["container"]["id"]
    sent = {"container": id} | body if body else {}
    answer = mine.http.post("/lab/v1/tokens", json=sent, headers=mine.headers)
    assert (answer.status_code, answer.json()["code"]) == expected


def test_the_lab_refuses_a_container_without_a_token_or_of_others(mine: Api, stranger: Api) -> None:
    for instrument, api, code in ((card(), mine, 4001), (card(), stranger, 3002)):
        body = {"container": paid(mine, instrument)["container"]["id"], "status": "active"}
        assert mine.http.post("/lab/v1/tokens", json=body, headers=api.headers).json()["code"] == code


@pytest.mark.parametrize("url", ["no address", "ftp://shop.example.test/", "https://x/" + "y" * 2000])
def test_an_address_that_is_none_is_refused(mine: Api, refuses: Refuses, url: str) -> None:
    code = 3001 if len(url) > 2000 else 3016
    said = {"container_instructions": {"notification_url": url}}
    refuses("Smart/Transactions", {"payment_context": said}, 400, code)
    refuses("Payment/Containers", WALLET | {"notification_url": url}, 400, code)
    path = f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard"
    refuses(path, {"container": card()["container"] | {"notification_url": url}}, 400, code)
