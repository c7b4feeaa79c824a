"""A shop that answers the news of its money by giving it back, before it has answered the push."""

import pytest

from pfennig.domain.payment import Kind
from pfennig.operations.checks import reconciliation
from pfennig.push.push_worker import Courier
from pfennig.storage.database import Database
from tests.conftest import Api, Change, StoppedClock
from tests.push.conftest import Push, Receiver, deliver, outbox, paid


def refunds(database: Database) -> list[tuple[int, int]]:
    """Amount and simple status of what goes back; the books agree with it."""
    with database.view() as view:
        assert reconciliation.check_all(view)[1] == []
        return [(refund.amount, refund.simple) for refund in view.payments.all(kind=Kind.REFUND.value)]


@pytest.mark.parametrize("noun", ["Payment", "Smart"])
def test_a_push_that_is_answered_with_a_refund_gives_the_money_back_once(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, noun: str
) -> None:
    payment = paid(mine, receiver.url)
    [case] = mine.get("Smart/Transactions")["data"]
    path = f"Smart/Transactions/{case['id']}" if noun == "Smart" else f"Payment/Transactions/{payment}"
    answers = []

    def give_back(push: Push) -> None:
        if push.object_id == payment:
            answers.append(mine.request("POST", f"{path}/cancel").status_code)

    receiver.reacts = give_back
    assert deliver(courier) == 2  # accepted; then the payment is void, and of its refund the answer has told
    assert answers == [200, 403]  # the second is about the news that it is void
    assert refunds(database) == [(-500, 1)]
    assert all(event.is_delivered for event in outbox(database))


def test_a_shop_that_fails_after_its_refund_is_told_again_and_cannot_give_back_twice(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, clock: StoppedClock
) -> None:
    payment = paid(mine, receiver.url)
    answers = []

    def give_back(push: Push) -> None:
        if push.object_id == payment:
            answers.append(mine.request("POST", f"Payment/Transactions/{payment}/cancel").status_code)

    receiver.reacts = give_back
    receiver.by_object[payment] = 500
    deliver(courier)
    clock.advance(minutes=1)
    deliver(courier)
    receiver.by_object.clear()
    clock.advance(minutes=5)
    deliver(courier)
    assert answers == [200, 403, 403, 403]
    assert refunds(database) == [(-500, 1)]
    assert all(event.is_delivered for event in outbox(database))
    told = [push.event["id"] for push in receiver.pushes if push.object_id == payment]
    assert told == [told[0]] * 3 + [told[3]], "nobody hears of the end before the beginning"


def test_each_push_may_be_answered_with_a_part_until_nothing_is_left(
    mine: Api, courier: Courier, receiver: Receiver, database: Database, contract: Change
) -> None:
    contract(url_push=receiver.url)  # it hears of the refunds that it asked for
    payment = paid(mine, receiver.url)

    def give_back_a_part(push: Push) -> None:
        mine.request("POST", f"Payment/Transactions/{payment}/cancel", json={"reduce_amount_by": 200})

    receiver.reacts = give_back_a_part
    deliver(courier)
    assert refunds(database) == [(-200, 1), (-200, 1)], "for a third there is not enough left"
    assert mine.get(f"Payment/Transactions/{payment}/checkStatus")["amount"] == 100
