"""Each answer of a rail to each later question, by each method: who has the money then, and who is told."""

from collections.abc import Hashable, Iterable
from typing import Any

import pytest

from pfennig.domain.methods import METHODS
from pfennig.operations.checks import reconciliation
from pfennig.storage.database import Database
from tests.api.conftest import payment_of
from tests.api.test_outcomes import BODIES, by_all, lab, start
from tests.conftest import Api, Json
from tests.pairs import Row, first_of_each, with_rare

IMMEDIATE = [word for word, row in METHODS.items() if row.course.is_immediate]

APART = [method for method in METHODS if method not in IMMEDIATE]
"""Methods whose money can be reserved, or awaited, before it is collected."""

RESERVED = [method for method in APART if method != "prepaid"]


def each(methods: Iterable[str]) -> pytest.MarkDecorator:
    """A test for each of these methods. Of those that go the same course, the first is usual."""
    rows = [(method,) for method in methods]
    return pytest.mark.parametrize("method", with_rare(rows, first_of_each(rows, course)))


def course(row: Row) -> Hashable:
    """What tells a method's payments from those by others: where they can be, who moves the money, where it goes."""
    way = METHODS[row[0]].course
    return way.states, way.transfer, way.refund


NO = (403, "ProductNotAllowedException", 4001)


def reserved(mine: Api, method: str) -> Json:
    """A Smart Transaction whose money is reserved, or awaited."""
    lab(mine, "outcomes", outcome="approved", method=method)
    return mine.post(f"Smart/Transactions/{mine.buy(**by_all(method))['id']}/prepare/{method}", BODIES[method])


def collected(mine: Api, method: str) -> Json:
    """A Smart Transaction whose money is the merchant's."""
    lab(mine, "outcomes", outcome="approved", method=method)
    case = start(mine, method, BODIES[method], **by_all(method))
    if method == "prepaid":
        lab(mine, "bank/transfers", amount=500_00, purpose=f"TA {case['trans_id']}")
    if method == "invoice":
        mine.put(f"{path_of(case)}/ShippingInformation", {"tracking_id": "7"})
    return case


def path_of(case: Json) -> str:
    """The address of its leading payment."""
    return f"Payment/Transactions/{case['transactions'][0]['id']}"


def answered(mine: Api, verb: str, method: str, outcome: str, **more: Any) -> None:
    """Queues an answer to the next question of this kind."""
    lab(mine, "outcomes", verb=verb, method=method, outcome=outcome, **more)


def left(mine: Api, case: Json) -> tuple[str, int, int]:
    """Of the Smart Transaction the status, of its payment the simple one, and what is left of the money."""
    told = mine.get(f"{path_of(case)}/checkStatus")
    return mine.get(f"Smart/Transactions/{case['id']}")["status"], told["status_simple"], told["amount"]


def life(database: Database, case: Json) -> list[str]:
    """Where its payment has been. Each step was told, and the books agree with it."""
    id = case["transactions"][0]["id"]
    with database.view() as view:
        path = [move.after for move in view.moves.all(object_id=id)]
        assert [event.type.value for event in view.events.all(object_id=id)] == ["changed"] * len(path)
        assert reconciliation.check_all(view)[1] == []
    return path


@each(APART)
def test_a_late_answer_after_we_gave_up_leaves_nobody_with_the_money(
    mine: Api, database: Database, method: str
) -> None:
    for outcome, path in (
        ("approved", ["pending" if method == "prepaid" else "authorised", "void"]),
        ("do_not_honour", ["denied"]),
    ):
        answered(mine, "start", method, outcome, after_seconds=30)
        case = mine.post(f"Smart/Transactions/{mine.buy(**by_all(method))['id']}/prepare/{method}", BODIES[method])
        assert mine.post(f"Smart/Transactions/{case['id']}/abort")["status"] == "aborted"
        assert life(database, case) == []
        lab(mine, "clock/advance", minutes=1)
        assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "aborted"
        assert life(database, case) == path


@each(IMMEDIATE)
def test_nobody_gives_up_while_the_money_itself_is_asked_for(mine: Api, database: Database, method: str) -> None:
    answered(mine, "start", method, "approved", after_seconds=30)
    case = mine.post(f"Smart/Transactions/{mine.buy(**by_all(method))['id']}/prepare/{method}")
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/abort") == NO
    lab(mine, "clock/advance", minutes=1)
    assert left(mine, case) == ("ok", 1, 500_00)
    assert life(database, case) == ["accepted"]


@each(RESERVED)
def test_each_answer_to_a_capture_is_followed(mine: Api, database: Database, method: str) -> None:
    yes, state = (("ok", 14, 500_00), "ordered") if method == "invoice" else (("ok", 1, 500_00), "accepted")
    no = ("failed", 3, 0), "denied"
    for outcome, at_once, end in (
        ("approved", yes, (yes, state)),
        ("do_not_honour", no[0], no),
        ("silence", ("approved", 2, 500_00), no),
        ("error", ("approved", 2, 500_00), (yes, state)),
    ):
        case = reserved(mine, method)
        answered(mine, "capture", method, outcome)
        mine.post(f"Smart/Transactions/{case['id']}/start")
        assert left(mine, case) == at_once, outcome
        lab(mine, "clock/advance", minutes=2)
        assert (left(mine, case), life(database, case)[-1]) == end, outcome


@each(APART)
def test_each_answer_to_a_cancel_is_followed(mine: Api, database: Database, method: str) -> None:
    before, after = (
        (("pending", 10, 500_00), "cancelled") if method == "prepaid" else (("approved", 2, 500_00), "created")
    )
    case = reserved(mine, method)
    for outcome in ("do_not_honour", "silence"):
        answered(mine, "cancel", method, outcome)
        mine.request("POST", f"{path_of(case)}/cancel")
        lab(mine, "clock/advance", minutes=2)
        assert left(mine, case) == before, outcome
    answered(mine, "cancel", method, "error")
    mine.request("POST", f"{path_of(case)}/cancel")
    assert mine.refused("POST", f"{path_of(case)}/cancel") == NO
    lab(mine, "clock/advance", minutes=2)
    assert left(mine, case) == (after, 5, 0)
    assert life(database, case)[1:] == ["void"]


@each(METHODS)
def test_each_answer_to_a_refund_is_followed(mine: Api, database: Database, method: str) -> None:
    case = collected(mine, method)
    before = life(database, case)
    for outcome, amount in (("approved", 400_00), ("do_not_honour", 400_00), ("silence", 400_00), ("error", 300_00)):
        answered(mine, "refund", method, outcome)
        mine.request("POST", f"{path_of(case)}/cancel", json={"reduce_amount_by": 100_00})
        lab(mine, "clock/advance", minutes=2)
        assert left(mine, case) == ("ok", 1, amount), outcome
        assert life(database, case) == before
    answered(mine, "refund", method, "approved", after_seconds=3600)
    mine.request("POST", f"{path_of(case)}/cancel")
    assert left(mine, case) == ("ok", 1, 0), "the rest is promised, so nobody gets it twice"
    lab(mine, "clock/advance", hours=1)
    assert left(mine, case) == ("ok", 5, 0)
    refunds = [
        mine.get(f"Payment/Transactions/{child['id']}") for child in payment_of(mine, case)["related_transactions"]
    ]
    assert sorted((refund["details"]["status_simple"], refund["amount"]) for refund in refunds) == [
        (1, -300_00),
        (1, -100_00),
        (1, -100_00),
        (3, -100_00),
        (3, -100_00),
    ]
    assert life(database, case) == [*before, "void"]
