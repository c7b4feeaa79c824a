"""Two want the same money: to collect it and to let it go, to give it back twice, to be paid and to be cancelled.

What the calendar lets happen takes part, with two workers that look at it at the same time.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import httpx
import pytest

from pfennig.domain.attempt import Verb
from pfennig.domain.calendar import RESERVED_FOR
from pfennig.domain.payment import Kind
from pfennig.operations import calendar
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay.attempts import NoLongerOpen
from pfennig.storage.database import Database
from pfennig.twin import payer
from tests.api.conftest import CHALLENGED, bought, card, prepared
from tests.api.test_races import (
    LOST,
    LOST_START,
    RUNNERS,
    asked,
    at_once,
    in_order,
    money_left,
    posting,
    together,
    told,
)
from tests.banks import HesitantBank, served_by
from tests.conftest import ON_BOTH, Api, Json, StoppedClock

pytestmark = ON_BOTH

DONE = (200, "", 0)
NOTHING_LEFT = (403, "ProductNotAllowedException", 4009)
TOO_MUCH = (400, "ProductFormatException", 3018)

DISPUTED = card("400000XXXXXX2206")
"""A card whose payment is charged back ten days later."""


@pytest.fixture
def bank() -> HesitantBank:
    """The bank behind every method."""
    return HesitantBank()


@pytest.fixture
def platform(platform: Platform, bank: HesitantBank) -> Platform:
    """The platform with that bank."""
    return served_by(platform, bank)


@pytest.fixture
def worker(platform: Platform) -> Callable[[], int]:
    """A worker that lets happen what is due."""
    return lambda: calendar.run_due(Call(platform, None, "de", role="worker"))


def asking(api: Api, case: Json, action: str, body: Json | None = None) -> Callable[[], httpx.Response]:
    """A request about the payment of a Smart Transaction that is yet to be made."""
    return lambda: api.request("POST", f"{payment(case)}/{action}", json=body)


def amid(request: Callable[[], httpx.Response], *others: Callable[[], object]) -> tuple[int, str, int]:
    """The answer to a request that sets out together with what others do."""
    answer, *_ = together(request, *others)
    assert isinstance(answer, httpx.Response)
    return told(answer)


def payment(case: Json) -> str:
    """The address of the payment that a Smart Transaction follows."""
    return f"Payment/Transactions/{case['transactions'][0]['id']}"


def status(api: Api, case: Json) -> tuple[str, int]:
    """Of the Smart Transaction, and the simple one of its payment."""
    simple = api.get(f"{payment(case)}/checkStatus")["status_simple"]
    return api.get(f"Smart/Transactions/{case['id']}")["status"], simple


def confirm(platform: Platform, case: Json) -> None:
    """The payer says yes at the bank, if he does not come too late."""
    with suppress(NoLongerOpen):
        payer.answer(Call(platform, None, "de"), case["iframe_url"].rpartition("/")[2], "succeed")


def refunds(database: Database) -> list[int]:
    """What goes back, in the order in which it was asked for."""
    with database.view() as view:
        return [-refund.amount for refund in view.payments.all(kind=Kind.REFUND.value)]


def transferring(api: Api, case: Json) -> Callable[[], httpx.Response]:
    """A transfer of all that is awaited, which is yet to arrive."""
    body = {"amount": 500, "purpose": f"TA {case['trans_id']}"}
    return lambda: api.http.post("/lab/v1/bank/transfers", json=body, headers=api.headers)


def test_while_a_reservation_is_collected_it_is_not_cancelled(
    mine: Api, database: Database, bank: HesitantBank
) -> None:
    case = prepared(mine)
    with bank.holding(Verb.CAPTURE, asking(mine, case, "capture")) as captured:
        assert mine.refused("POST", f"{payment(case)}/cancel") == LOST
        assert mine.refused("POST", f"{payment(case)}/cancel", {"reduce_amount_by": 100}) == LOST
        assert mine.refused("POST", f"{payment(case)}/capture") == LOST_START
    assert told(captured.result()) == DONE
    assert status(mine, case) == ("ok", 1)
    assert asked(database, Verb.CANCEL) == 0
    assert in_order(database)


@pytest.mark.parametrize("amount", [100, 500])
def test_while_a_reservation_is_cancelled_it_is_not_collected(
    mine: Api, database: Database, bank: HesitantBank, amount: int
) -> None:
    case = prepared(mine)
    with bank.holding(Verb.CANCEL, asking(mine, case, "cancel", {"reduce_amount_by": amount})):
        assert mine.refused("POST", f"{payment(case)}/capture") == LOST_START
        assert mine.refused("POST", f"Smart/Transactions/{case['id']}/start") == LOST_START
        assert mine.refused("POST", f"{payment(case)}/cancel") == LOST
    assert status(mine, case) == (("created", 5) if amount == 500 else ("approved", 2))
    assert asked(database, Verb.CAPTURE) == 0
    assert money_left(database) == 500 - amount
    assert in_order(database)


def test_of_a_capture_and_a_cancel_at_once_the_money_has_one_owner(
    mine: Api, database: Database, rounds: int
) -> None:
    for _ in range(rounds):
        before, case = money_left(database), prepared(mine)
        captured, cancelled = at_once(asking(mine, case, "capture"), asking(mine, case, "cancel"))
        ends = {
            (DONE, LOST): (("ok", 1), 500),
            (LOST_START, DONE): (("created", 5), 0),
            (DONE, DONE): (("ok", 5), 0),  # collected at first, and then given back
        }
        assert (status(mine, case), money_left(database) - before) == ends[captured, cancelled]
    assert in_order(database)


def test_of_full_refunds_at_once_one_is_made(mine: Api, database: Database) -> None:
    case = bought(mine)
    answers = at_once(*[asking(mine, case, "cancel")] * RUNNERS)
    assert sorted(answers) == [DONE] + [NOTHING_LEFT] * (RUNNERS - 1)
    assert refunds(database) == [500]
    assert status(mine, case) == ("ok", 5)
    assert in_order(database)


def test_of_refunds_at_once_as_many_are_made_as_there_is_money_for(mine: Api, database: Database) -> None:
    case = bought(mine)
    answers = at_once(*[asking(mine, case, "cancel", {"reduce_amount_by": 200})] * RUNNERS)
    assert sorted(answers) == [DONE] * 2 + [TOO_MUCH] * (RUNNERS - 2)
    assert refunds(database) == [200, 200]
    assert money_left(database) == 100
    assert in_order(database)


def test_while_a_part_goes_back_the_rest_can_and_the_whole_cannot(
    mine: Api, database: Database, bank: HesitantBank
) -> None:
    case = bought(mine)
    with bank.holding(Verb.REFUND, asking(mine, case, "cancel", {"reduce_amount_by": 200})):
        assert mine.refused("POST", f"{payment(case)}/cancel", {"reduce_amount_by": 301}) == TOO_MUCH
        assert mine.refused("POST", f"Smart/Transactions/{case['id']}/cancel") == LOST
        assert told(asking(mine, case, "cancel", {"reduce_amount_by": 300})()) == DONE
        assert mine.refused("POST", f"{payment(case)}/cancel") == NOTHING_LEFT
        assert status(mine, case) == ("ok", 1), "the first refund may still fail"
    assert status(mine, case) == ("ok", 5)
    assert refunds(database) == [200, 300]
    assert in_order(database)


@pytest.mark.parametrize("action", ["prepare", "start"])
def test_what_is_only_being_asked_for_cannot_be_cancelled(
    mine: Api, database: Database, bank: HesitantBank, action: str
) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}"
    with bank.holding(Verb.START, lambda: mine.post(f"{path}/{action}/creditcard", card())) as first:
        case = mine.get(path)
        assert mine.refused("POST", f"{path}/cancel") == LOST
        assert mine.refused("POST", f"{payment(case)}/cancel") == NOTHING_LEFT
        assert mine.refused("POST", f"{payment(case)}/capture") == LOST_START
    assert first.result()["status"] == ("approved" if action == "prepare" else "ok")
    assert (asked(database, Verb.CANCEL), money_left(database)) == (0, 500)
    assert in_order(database)


def test_of_the_payers_yes_and_an_abort_nothing_is_left_reserved(
    mine: Api, database: Database, platform: Platform, rounds: int
) -> None:
    for _ in range(rounds):
        case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", CHALLENGED)
        assert amid(posting(mine, case, "abort"), partial(confirm, platform, case)) == DONE
        assert status(mine, case) in (("aborted", 0), ("aborted", 5))  # nothing was reserved, or it was let go
    assert money_left(database) == 0
    assert in_order(database)


def test_a_transfer_that_arrives_while_its_payment_is_cancelled_stays_in_transit(
    mine: Api, database: Database, bank: HesitantBank
) -> None:
    case = bought(mine, "prepaid")
    with bank.holding(Verb.CANCEL, asking(mine, case, "cancel")):
        assert told(transferring(mine, case)()) == DONE
        assert mine.refused("POST", f"Smart/Transactions/{case['id']}/cancel") == LOST
    assert status(mine, case) == ("cancelled", 5)
    assert in_transit(database) == 500
    assert in_order(database)


def test_of_a_transfer_and_a_cancel_at_once_the_money_goes_back_or_stays_in_transit(
    mine: Api, database: Database, rounds: int
) -> None:
    for _ in range(rounds):
        case, before, kept = bought(mine, "prepaid"), sum(refunds(database)), in_transit(database)
        answers = at_once(transferring(mine, case), posting(mine, case, "cancel"))
        assert answers == [DONE, DONE]
        assert status(mine, case) == ("cancelled", 5)
        assert sum(refunds(database)) - before + in_transit(database) - kept == 500
    assert in_order(database)


def in_transit(database: Database) -> int:
    """What arrived and is nobody's yet, with what is reserved."""
    with database.view() as view:
        return sum(posting.amount for posting in view.postings.all(account="in_transit"))


def moves(database: Database, case: Json) -> list[str]:
    """Where the payment of a Smart Transaction has been."""
    with database.view() as view:
        return [move.after for move in view.moves.all(object_id=case["transactions"][0]["id"])]


def test_of_workers_at_once_one_lets_a_thing_happen(
    mine: Api, database: Database, clock: StoppedClock, worker: Callable[[], int]
) -> None:
    reserved = [prepared(mine) for _ in range(3)]
    disputed = [mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/creditcard", DISPUTED) for _ in range(3)]
    clock.advance(days=10)
    together(*[worker] * RUNNERS)
    assert [moves(database, case) for case in reserved] == [["authorised", "void"]] * 3
    assert [moves(database, case) for case in disputed] == [["accepted", "issue"]] * 3
    with database.view() as view:
        assert len(view.events.all()) == 12
        assert view.appointments.all(is_open=True) == []
    assert in_order(database)


def test_a_reservation_does_not_expire_while_it_is_collected(
    mine: Api, database: Database, bank: HesitantBank, clock: StoppedClock, worker: Callable[[], int]
) -> None:
    case = prepared(mine)
    clock.advance(seconds=RESERVED_FOR.total_seconds())
    with bank.holding(Verb.CAPTURE, asking(mine, case, "capture")):
        together(worker, worker)
        assert status(mine, case) == ("approved", 2)
    clock.advance(days=1)
    together(worker, worker)
    assert moves(database, case) == ["authorised", "accepted"]
    assert in_order(database)


@pytest.mark.parametrize("action", ["capture", "cancel"])
def test_of_an_expiry_and_what_is_asked_for_a_reservation_one_comes_first(
    mine: Api, database: Database, clock: StoppedClock, worker: Callable[[], int], action: str, rounds: int
) -> None:
    refusal = {"capture": LOST_START, "cancel": NOTHING_LEFT}[action]
    for _ in range(rounds):
        before, case = money_left(database), prepared(mine)
        clock.advance(seconds=RESERVED_FOR.total_seconds())
        answer = amid(asking(mine, case, action), worker, worker)
        if answer == DONE and action == "capture":
            assert (status(mine, case), money_left(database) - before) == (("ok", 1), 500)
        else:
            assert answer in (DONE, refusal)
            assert (status(mine, case), money_left(database) - before) == (("created", 5), 0)
        assert len(moves(database, case)) == 2
    assert in_order(database)


def test_of_a_charge_back_and_a_refund_the_payer_gets_the_money_once(
    mine: Api, database: Database, clock: StoppedClock, worker: Callable[[], int], rounds: int
) -> None:
    for _ in range(rounds):
        case, before = (
            mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/creditcard", DISPUTED),
            refunds(database),
        )
        clock.advance(days=10)
        answer = amid(asking(mine, case, "cancel"), worker, worker)
        if answer == DONE:
            assert (moves(database, case), refunds(database)) == (["accepted", "void"], [*before, 500])
        else:
            assert answer == LOST
            assert (moves(database, case), refunds(database)) == (["accepted", "issue"], before)
    assert money_left(database) == 0
    assert in_order(database)


def test_a_charge_back_waits_while_a_part_goes_back_and_takes_the_rest(
    mine: Api, database: Database, bank: HesitantBank, clock: StoppedClock, worker: Callable[[], int]
) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/creditcard", DISPUTED)
    clock.advance(days=10)
    with bank.holding(Verb.REFUND, asking(mine, case, "cancel", {"reduce_amount_by": 200})):
        together(worker, worker)
        assert status(mine, case) == ("ok", 1)
    clock.advance(days=1)
    together(worker, worker)
    assert (status(mine, case), refunds(database)) == (("ok", 4), [200])
    with database.view() as view:
        assert sum(posting.amount for posting in view.postings.all(account="merchant_payable")) == 0
    assert in_order(database)
