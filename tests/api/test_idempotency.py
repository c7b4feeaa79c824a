"""Idempotency-Key: a request that is repeated does its work once, whatever happened in between."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from pfennig import application
from pfennig.gateways import Request
from pfennig.operations import idempotency
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Call, Platform
from pfennig.storage.database import Database
from pfennig.twin.simulator import Simulator
from tests.api.conftest import Everything, bought, card
from tests.banks import served_by
from tests.conftest import MINE, ON_BOTH, PUBLIC_URL, Api, Json, StoppedClock, order

Keyed = Callable[..., httpx.Response]


class Killed(BaseException):
    """The process ends here."""


class DyingBank(Simulator):
    """The simulated bank, during whose first answer to a verb the process ends."""

    def __init__(self, verb: str) -> None:
        self.verb: str | None = verb

    def outcome_of(self, request: Request, is_repeated: bool) -> Any:
        """The answer, or the end."""
        if request.attempt.verb == self.verb:
            self.verb = None
            raise Killed
        return super().outcome_of(request, is_repeated)


def keyed(api: Api, path: str, body: Json | None = None, key: str = "one", verb: str = "POST") -> httpx.Response:
    """A request with a key."""
    headers = api.headers | {"Idempotency-Key": key}
    return api.http.request(verb, f"/api/v2/{path}", json=body, headers=headers)


def dying(platform: Platform, verb: str) -> Api:
    """My shop, at a server that dies while the bank is asked."""
    dead = served_by(platform, DyingBank(verb))
    transport = httpx.WSGITransport(application.create(dead))
    return Api(httpx.Client(transport=transport, base_url=PUBLIC_URL), MINE)


@ON_BOTH
def test_the_same_request_has_the_same_answer_and_one_object(mine: Api, database: Database) -> None:
    first, second = (keyed(mine, "Smart/Transactions", order()) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.headers["Content-Type"] == second.headers["Content-Type"]
    with database.view() as view:
        assert view.smart_transactions.count() == 1


def test_the_answer_stays_that_of_the_first_time(mine: Api) -> None:
    case = mine.buy()
    path = f"Smart/Transactions/{case['id']}/prepare/creditcard"
    prepared = keyed(mine, path, card()).json()
    mine.post(f"Smart/Transactions/{case['id']}/start")
    assert keyed(mine, path, card()).json() == prepared
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"


def test_a_key_belongs_to_one_request(mine: Api, everything: Everything) -> None:
    keyed(mine, "Smart/Transactions", order())
    before = everything()
    other = order(transactionRef="another one")
    for path, body in (("Smart/Transactions", other), ("Payment/Customers", order())):
        answer = keyed(mine, path, body)
        assert (answer.status_code, answer.json()["code"]) == (422, 4071)
    assert everything() == before


def test_a_key_belongs_to_one_client(mine: Api, colleague: Api, stranger: Api) -> None:
    ids = {keyed(api, "Smart/Transactions", order()).json()["id"] for api in (mine, colleague, stranger)}
    assert len(ids) == 3


@ON_BOTH
def test_what_was_refused_may_be_asked_again(mine: Api) -> None:
    case = mine.buy()
    path = f"Smart/Transactions/{case['id']}/start"
    assert keyed(mine, path).status_code == 403
    mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", card())
    assert keyed(mine, path).json()["status"] == "ok"


def test_without_the_header_nothing_changes(mine: Api, database: Database) -> None:
    mine.post("Smart/Transactions", order())
    with database.view() as view:
        assert view.idempotency_keys.count() == 0


def test_a_request_that_reads_needs_no_key(mine: Api, database: Database) -> None:
    case = mine.buy()
    for _ in range(2):
        assert keyed(mine, f"Smart/Transactions/{case['id']}", verb="GET").json()["id"] == case["id"]
    path = f"Payment/Transactions/me/getPaymentInstructions/{bought(mine, 'prepaid')['id']}"
    assert keyed(mine, path).json() == keyed(mine, path).json()
    with database.view() as view:
        assert view.idempotency_keys.count() == 0


@pytest.mark.parametrize("key", ["", "k" * 256, "tab\there"])
def test_a_key_has_a_sensible_length_and_can_be_printed(mine: Api, everything: Everything, key: str) -> None:
    before = everything()
    answer = keyed(mine, "Smart/Transactions", order(), key)
    assert (answer.status_code, answer.json()["code"]) == (400, 3056)
    assert everything() == before


@ON_BOTH
def test_while_the_first_one_runs_the_second_is_told_to_wait(mine: Api, platform: Platform) -> None:
    case = mine.buy()
    path = f"Smart/Transactions/{case['id']}/start/creditcard"
    with pytest.raises(Killed):
        keyed(dying(platform, "start"), path, card())
    answer = keyed(mine, path, card())
    assert (answer.status_code, answer.json()["code"]) == (409, 4070)


def test_after_a_crash_the_repetition_takes_up_what_was_begun(
    mine: Api, platform: Platform, clock: StoppedClock, database: Database
) -> None:
    case = mine.buy()
    path = f"Smart/Transactions/{case['id']}/start/creditcard"
    with pytest.raises(Killed):
        keyed(dying(platform, "start"), path, card())
    clock.advance(seconds=idempotency.RUNS_AT_MOST.total_seconds())
    first, second = keyed(mine, path, card()), keyed(mine, path, card())
    assert first.json()["status"] == "ok"
    assert second.json() == first.json()
    with database.view() as view:
        assert view.payments.count() == 1
        assert reconciliation.check_all(view) == (1, [])


@ON_BOTH
def test_a_refund_that_a_crash_interrupted_is_not_made_twice(
    mine: Api, platform: Platform, clock: StoppedClock, database: Database
) -> None:
    path = f"Payment/Transactions/{bought(mine)['transactions'][0]['id']}/cancel"
    with pytest.raises(Killed):
        keyed(dying(platform, "refund"), path, {"reduce_amount_by": 200})
    clock.advance(seconds=idempotency.RUNS_AT_MOST.total_seconds())
    payment, refund = keyed(mine, path, {"reduce_amount_by": 200}).json()
    assert (payment["details"]["amount"], refund["amount"]) == (300, -200)
    with database.view() as view:
        assert view.payments.count() == 2
        assert reconciliation.check_all(view)[1] == []


@ON_BOTH
def test_of_many_at_once_one_does_the_work(mine: Api, database: Database) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: keyed(mine, "Smart/Transactions", order()), range(6)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 200}) == 1
    with database.view() as view:
        assert view.smart_transactions.count() == 1


@ON_BOTH
def test_after_a_day_a_key_is_free_again(mine: Api, platform: Platform, clock: StoppedClock) -> None:
    first = keyed(mine, "Smart/Transactions", order()).json()
    clock.advance(hours=25)
    idempotency.purge(Call(platform, None, "de"))
    again = Api(mine.http, MINE)
    assert keyed(again, "Smart/Transactions", order()).json()["id"] != first["id"]
