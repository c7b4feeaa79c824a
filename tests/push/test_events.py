"""Which changes others are told of, and where."""

from collections.abc import Callable
from threading import Event as Signal

import httpx
import pytest

from pfennig.operations.worlds import world
from pfennig.storage.database import Database
from tests.conftest import SELLER, SMALL_WORLD, Api, Json
from tests.push.conftest import outbox

CARD = {"container": {"private": {"pan": "411111XXXXXX1111"}}}
REFUSED = {"container": {"private": {"pan": "400000XXXXXX9995"}}}
CHALLENGED = {"container": {"private": {"pan": "463544XXXXXX2298"}}}
SHOP = "https://shop.example.test/push"


@pytest.fixture
def told(mine: Api, database: Database) -> Callable[..., list[tuple[str, str]]]:
    """Carries out steps on a new transaction, and answers what was told: which payment, and what of it."""

    def carry_out(*steps: tuple[str, Json | None]) -> list[tuple[str, str]]:
        path = f"Smart/Transactions/{mine.buy()['id']}"
        for action, body in steps:
            mine.post(f"{path}/{action}", body)
        with database.view() as view:
            names = {payment.id: f"{payment.kind} {n}" for n, payment in enumerate(view.payments.all(), 1)}
        return [(names[event.object_id], event.type.value) for event in outbox(database)]

    return carry_out


Told = Callable[..., list[tuple[str, str]]]
CHANGED = ("payment 1", "changed")


def test_making_a_transaction_is_no_event(told: Told, woken: Signal) -> None:
    assert told() == []
    assert not woken.is_set()


def test_a_reservation_is_one_event_and_the_collection_another(told: Told, woken: Signal) -> None:
    assert told(("prepare/creditcard", CARD)) == [CHANGED]
    assert woken.is_set()


def test_each_change_of_the_simple_status_is_one_event(told: Told) -> None:
    assert told(("prepare/creditcard", CARD), ("start", None)) == [CHANGED, CHANGED]


def test_paying_at_once_is_one_event(told: Told) -> None:
    assert told(("start/creditcard", CARD)) == [CHANGED]


def test_a_transfer_that_is_awaited_is_an_event(told: Told) -> None:
    assert told(("start/prepaid", None)) == [CHANGED]


def test_a_refusal_is_an_event(told: Told) -> None:
    assert told(("prepare/creditcard", REFUSED)) == [CHANGED]


def test_the_way_to_the_bank_is_none(told: Told) -> None:
    assert told(("prepare/creditcard", CHALLENGED)) == []


def test_letting_go_of_a_reservation_is_an_event(told: Told) -> None:
    assert told(("prepare/creditcard", CARD), ("abort", None)) == [CHANGED, CHANGED]


def test_of_a_refund_that_the_shop_asked_for_its_payment_alone_is_told(told: Told) -> None:
    assert told(("start/creditcard", CARD), ("cancel", None)) == [CHANGED, CHANGED]


def test_a_request_that_was_refused_tells_nobody(told: Told, mine: Api, database: Database, woken: Signal) -> None:
    told(("start/creditcard", CARD))
    before = outbox(database)
    woken.clear()
    [case] = mine.get("Smart/Transactions")["data"]
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/start")[0] == 403
    assert outbox(database) == before
    assert not woken.is_set()


def test_an_event_carries_the_address_of_its_transaction(told: Told, database: Database) -> None:
    told(("start/creditcard", CARD))
    [event] = outbox(database)
    assert (event.url, event.receiver, event.target) == (SHOP, "https://shop.example.test", "payment.transactions")
    assert (event.is_open, event.is_delivered, event.tries) == (True, False, 0)


def test_without_an_address_nobody_is_told(mine: Api, database: Database) -> None:
    case = mine.buy(application_context={})
    mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", CARD)
    assert outbox(database) == []


def test_without_an_address_of_its_own_the_contract_is_told(http: httpx.Client, database: Database) -> None:
    changed = world.read(SMALL_WORLD)
    changed.merchants[1].contracts[0].url_push = "https://seller.example.test/all"
    world.seed(database, changed, update=True)
    seller = Api(http, SELLER)
    for context in ({}, {"return_urls": {"url_push": SHOP}}):
        case = seller.buy(application_context=context)
        seller.post(f"Smart/Transactions/{case['id']}/start/creditcard", CARD)
    assert [event.url for event in outbox(database)] == ["https://seller.example.test/all", SHOP]
