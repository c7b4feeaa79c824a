"""Two at the same time: one wins, the other is told so, and money moves once.

Some races are run freely, many times at once. In others the bank holds its answer back until the second has come.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import httpx
import pytest

from pfennig.domain.attempt import Verb
from pfennig.domain.payment import Kind
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Platform
from pfennig.storage.database import Database
from tests.api.conftest import account, bought, card, payment_of, payment_path, prepared, transfer, waiting
from tests.banks import HesitantBank, served_by
from tests.conftest import MINE, ON_BOTH, Api, Json
from tests.patience import PATIENCE_SECONDS

pytestmark = ON_BOTH

RUNNERS = 4

T = TypeVar("T")

LOST_START = (403, "ProductNotAllowedException", 1003)
LOST = (403, "ProductNotAllowedException", 4001)


@pytest.fixture
def bank() -> HesitantBank:
    """The bank behind every method."""
    return HesitantBank()


@pytest.fixture
def platform(platform: Platform, bank: HesitantBank) -> Platform:
    """The platform with that bank."""
    return served_by(platform, bank)


def together(*calls: Callable[[], T]) -> list[T]:
    """What calls answer that set out together."""
    line = Barrier(len(calls))

    def set_out(call: Callable[[], T]) -> T:
        line.wait(PATIENCE_SECONDS)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(set_out, calls))


def at_once(*calls: Callable[[], httpx.Response]) -> list[tuple[int, str, int]]:
    """The answers to requests that set out together: status, exception name and code."""
    return [told(answer) for answer in together(*calls)]


def told(answer: httpx.Response) -> tuple[int, str, int]:
    """Status, exception name and code of an answer."""
    body = answer.json()
    is_good = answer.status_code == 200  # then it may be a list, too
    return (200, "", 0) if is_good else (answer.status_code, body["error"], body["code"])


def posting(api: Api, case: Json, action: str, body: Json | None = None) -> Callable[[], httpx.Response]:
    """A request that is yet to be made."""
    return lambda: api.request("POST", f"Smart/Transactions/{case['id']}/{action}", json=body)


def asked(database: Database, verb: Verb) -> int:
    """How often the bank was asked to do something."""
    with database.view() as view:
        return len(view.attempts.all(verb=verb.value))


def simples(database: Database) -> list[int]:
    """The simple statuses of all payments, in their order; refunds are left out."""
    with database.view() as view:
        return [payment.simple.value for payment in view.payments.all(kind=Kind.PAYMENT.value)]


def in_order(database: Database) -> bool:
    """Whether the books agree with the payments."""
    with database.view() as view:
        return reconciliation.check_all(view)[1] == []


def money_left(database: Database) -> int:
    """What merchants hold of all payments: collected, or reserved."""
    with database.view() as view:
        paid = view.payments.all(kind=Kind.PAYMENT.value)
        return sum(payment.effective.amount for payment in paid if payment.simple.value in (1, 2, 10))


def test_of_starts_at_once_one_collects(mine: Api, database: Database) -> None:
    case = prepared(mine)
    answers = at_once(*[posting(mine, case, "start")] * RUNNERS)
    assert sorted(answers) == [(200, "", 0)] + [LOST_START] * (RUNNERS - 1)
    assert asked(database, Verb.CAPTURE) == 1
    assert payment_of(mine, case)["details"]["status_simple"] == 1


def test_while_one_start_waits_for_the_bank_another_is_refused(
    mine: Api, database: Database, bank: HesitantBank
) -> None:
    case = prepared(mine)
    with bank.holding(Verb.CAPTURE, lambda: mine.post(f"Smart/Transactions/{case['id']}/start")) as started:
        for action in ("start", "start/creditcard"):
            assert mine.refused("POST", f"Smart/Transactions/{case['id']}/{action}") == LOST_START
        for action in ("abort", "cancel", "prepare/prepaid"):
            assert mine.refused("POST", f"Smart/Transactions/{case['id']}/{action}") == LOST
        assert mine.refused("PUT", f"Smart/Transactions/{case['id']}", {"merchantRef": "8"}) == LOST
    assert started.result()["status"] == "ok"
    assert asked(database, Verb.CAPTURE) == 1
    assert asked(database, Verb.CANCEL) == 0


def test_of_prepares_at_once_one_reservation_is_left(mine: Api, database: Database) -> None:
    case = mine.buy()
    answers = at_once(
        *[posting(mine, case, "prepare/creditcard", card())] * 2,
        *[posting(mine, case, "prepare/debit", account())] * 2,
    )
    assert {answer[0] for answer in answers} == {200}
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"
    assert sorted(simples(database)) == [2, 5, 5, 5]
    assert money_left(database) == 500


def test_a_late_reservation_of_an_abandoned_payment_is_given_back(
    mine: Api, database: Database, bank: HesitantBank
) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}"
    with bank.holding(Verb.START, lambda: mine.post(f"{path}/prepare/creditcard", card())):
        second = mine.post(f"{path}/prepare/debit", account())
        assert second["status"] == "approved"
    assert mine.get(path) == second
    assert simples(database) == [5, 2]


def test_while_a_rail_is_asked_for_the_money_nothing_else_begins(
    mine: Api, database: Database, bank: HesitantBank
) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}"
    refusal = (403, "ProductNotAllowedException", 4001)
    with bank.holding(Verb.START, lambda: mine.post(f"{path}/start/creditcard", card())):
        assert mine.refused("POST", f"{path}/start/debit", account()) == refusal
        assert mine.refused("POST", f"{path}/prepare/debit", account()) == refusal
        assert mine.refused("POST", f"{path}/abort") == refusal
        assert mine.refused("PUT", path, {"merchantRef": "7"}) == refusal
    assert mine.get(path)["status"] == "ok"
    assert simples(database) == [1]
    assert money_left(database) == 500
    assert in_order(database)


def test_goods_are_not_delivered_while_their_payment_is_being_cancelled(
    mine: Api, database: Database, bank: HesitantBank
) -> None:
    case = mine.buy(intent="order")
    path = f"Smart/Transactions/{case['id']}"
    case = mine.post(f"{path}/start/invoice")
    payment = f"Payment/Transactions/{case['transactions'][0]['id']}"
    with bank.holding(Verb.CANCEL, lambda: mine.request("POST", f"{payment}/cancel").json()):
        assert mine.refused("PUT", f"{payment}/ShippingInformation", {"tracking_id": "7"})[0] == 403
        assert mine.refused("POST", f"{path}/setDelivery", {"delivery_options": {"tracking_code": "7"}})[0] == 403
    assert (mine.get(path)["status"], simples(database)) == ("cancelled", [5])
    assert in_order(database)


def test_an_order_is_not_shipped_while_its_money_goes_back(mine: Api, database: Database, bank: HesitantBank) -> None:
    path = f"Smart/Transactions/{mine.buy(intent='order')['id']}"
    mine.post(f"{path}/start/creditcard", card())
    with bank.holding(Verb.REFUND, lambda: mine.post(f"{path}/cancel")):
        assert mine.refused("POST", f"{path}/setDelivery", {"delivery_options": {"tracking_code": "7"}})[0] == 403
    assert (mine.get(path)["status"], simples(database)) == ("cancelled", [5])
    assert in_order(database)


@pytest.mark.parametrize("ending", ["abort", "prepare/debit"])
def test_a_reservation_is_let_go_once_whoever_asks_for_it(
    mine: Api, database: Database, bank: HesitantBank, ending: str
) -> None:
    case = prepared(mine)
    path = f"Smart/Transactions/{case['id']}"
    payment = f"Payment/Transactions/{case['transactions'][0]['id']}"
    with bank.holding(Verb.CANCEL, lambda: mine.request("POST", f"{payment}/cancel").json()):
        after = mine.post(f"{path}/{ending}", account() if "debit" in ending else None)
    assert mine.get(path)["status"] == after["status"] == ("aborted" if ending == "abort" else "approved")
    assert mine.get(f"{payment}/checkStatus")["status_simple"] == 5
    assert asked(database, Verb.CANCEL) == 1
    with database.view() as view:
        assert view.attempts.one(is_open=True) is None
    assert in_order(database)


def test_of_payments_at_once_one_is_left(mine: Api, database: Database) -> None:
    case = mine.buy()
    answers = at_once(*[posting(mine, case, "start/creditcard", card())] * RUNNERS)
    assert {answer[0] for answer in answers} <= {200, 403}
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"
    assert simples(database).count(1) == 1
    assert money_left(database) == 500


def test_of_an_abort_and_a_start_one_wins(mine: Api, database: Database, rounds: int) -> None:
    for _ in range(rounds):
        case = prepared(mine)
        answers = at_once(posting(mine, case, "start"), posting(mine, case, "abort"))
        assert sorted(answer[0] for answer in answers) == [200, 403]
        ends = {"ok": 1, "aborted": 5}
        status = mine.get(f"Smart/Transactions/{case['id']}")["status"]
        assert answers[0][0] == (200 if status == "ok" else 403)
        assert payment_of(mine, case)["details"]["status_simple"] == ends[status]


def test_an_abort_that_comes_before_the_banks_answer_ends_the_payment_too(
    mine: Api, database: Database, bank: HesitantBank
) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}"
    with bank.holding(Verb.START, lambda: mine.post(f"{path}/prepare/creditcard", card())) as reserved:
        assert mine.post(f"{path}/abort")["status"] == "aborted"
    assert reserved.result()["status"] == "aborted"
    assert simples(database) == [5]


@pytest.mark.parametrize(("method", "verb"), [("creditcard", Verb.REFUND), ("prepaid", Verb.CANCEL)])
def test_of_cancels_at_once_one_gives_back(mine: Api, database: Database, method: str, verb: Verb) -> None:
    case = bought(mine, method)
    answers = at_once(*[posting(mine, case, "cancel")] * RUNNERS)
    assert sorted(answers) == [(200, "", 0)] + [LOST] * (RUNNERS - 1)
    assert asked(database, verb) == 1
    assert money_left(database) == 0


@pytest.mark.parametrize(("method", "verb"), [("creditcard", Verb.REFUND), ("prepaid", Verb.CANCEL)])
def test_while_one_cancel_waits_for_the_bank_another_is_refused(
    mine: Api, database: Database, bank: HesitantBank, method: str, verb: Verb
) -> None:
    case = bought(mine, method)
    with bank.holding(verb, lambda: mine.post(f"Smart/Transactions/{case['id']}/cancel")) as cancelled:
        assert mine.refused("POST", f"Smart/Transactions/{case['id']}/cancel") == LOST
    assert cancelled.result()["status"] == "cancelled"
    assert asked(database, verb) == 1


def assigning(api: Api, line: Json, case: Json) -> Callable[[], httpx.Response]:
    """A transfer that is yet to be given to a payment."""
    return lambda: api.request("POST", payment_path(case, f"/assignPayment/{line['id']}"))


def sending(api: Api, amount: int, purpose: str) -> Callable[[], httpx.Response]:
    """A transfer that is yet to arrive."""
    body = {"amount": amount, "purpose": purpose}
    return lambda: api.http.post("/lab/v1/bank/transfers", json=body, headers=api.headers)


def assigned(database: Database) -> int:
    """How much of all transfers was given to payments."""
    with database.view() as view:
        return sum(part.amount for part in view.allocations.all())


def test_of_assignments_at_once_each_gets_what_the_one_before_left(mine: Api, database: Database) -> None:
    cases = [waiting(mine) for _ in range(RUNNERS)]
    line = transfer(mine, 1200, "for everything")
    answers = at_once(*[assigning(mine, line, case) for case in cases])
    assert sorted(answers) == [(200, "", 0)] * 3 + [(403, "ProductNotAllowedException", 4052)]
    assert assigned(database) == 1200
    assert sorted(simples(database)) == [1, 1, 10, 10]
    assert in_order(database)


def test_of_assignments_of_one_transfer_to_one_payment_one_is_made(mine: Api, database: Database) -> None:
    case, line = waiting(mine), transfer(mine, 1200, "my mugs")
    answers = at_once(*[assigning(mine, line, case)] * RUNNERS)
    assert sorted(answers) == [(200, "", 0)] + [(403, "ProductNotAllowedException", 4053)] * (RUNNERS - 1)
    assert assigned(database) == 500
    assert in_order(database)


def test_of_an_assignment_and_a_transfer_and_a_cancellation_no_money_is_lost(
    mine: Api, database: Database, rounds: int
) -> None:
    for _ in range(rounds):
        case, line = waiting(mine), transfer(mine, 500, "my mugs")
        answers = at_once(
            assigning(mine, line, case),
            sending(mine, 500, f"TA {case['trans_id']}"),
            posting(mine, case, "cancel"),
        )
        assert {answer[0] for answer in answers} <= {200, 403}
        assert in_order(database)


def test_transfers_for_the_same_orders_in_any_sequence_do_not_wait_in_a_circle(
    mine: Api, database: Database, rounds: int
) -> None:
    for _ in range(rounds):
        numbers = [waiting(mine)["trans_id"] for _ in range(2)]
        purposes = [f"TA {one} TA {other}" for one, other in (numbers, numbers[::-1])]
        assert at_once(*[sending(mine, 1000, purpose) for purpose in purposes * 2]) == [(200, "", 0)] * 4
    assert assigned(database) == rounds * 1000
    assert in_order(database)


def test_many_clients_at_once_do_not_disturb_each_other(http: httpx.Client, database: Database) -> None:
    shops = [Api(http, MINE) for _ in range(RUNNERS)]
    with ThreadPoolExecutor(RUNNERS) as pool:
        cases = [case for shop in shops for case in pool.map(lambda _, shop=shop: bought(shop), range(2))]
    numbers = [case["trans_id"] for case in cases]
    assert {case["status"] for case in cases} == {"ok"}
    assert len(set(numbers)) == len(cases)
    assert money_left(database) == 500 * len(cases)
