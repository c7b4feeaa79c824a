"""Abort and cancel: how a transaction ends, and its money goes back."""

from itertools import pairwise

import pytest

from pfennig.storage.database import Database
from tests.api.conftest import CHALLENGED, REFUSED, AtTheBank, Everything, bought, payment_of, prepared
from tests.conftest import Api, Json, StoppedClock

WRONG_STATE = (403, "ProductNotAllowedException", 4001)


def events(database: Database) -> list[tuple[str, str]]:
    """What others are told: the object, and what happened to it."""
    with database.view() as view:
        return [(event.object_id, event.type.value) for event in view.events.all()]


def test_an_abort_ends_what_was_not_paid(mine: Api, everything: Everything) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}"
    assert mine.post(f"{path}/abort")["status"] == "aborted"
    aborted = mine.get(path)
    assert aborted["status"] == "aborted"
    before = everything()
    for verb in ("abort", "cancel", "prepare/prepaid"):
        assert mine.refused("POST", f"{path}/{verb}") == WRONG_STATE
    for verb in ("start", "start/prepaid"):
        assert mine.refused("POST", f"{path}/{verb}") == (403, "ProductNotAllowedException", 1003)
    assert everything() == before


def test_an_abort_lets_go_of_the_reservation(mine: Api) -> None:
    case = prepared(mine)
    assert mine.post(f"Smart/Transactions/{case['id']}/abort")["status"] == "aborted"
    assert payment_of(mine, case)["details"]["status_simple"] == 5


def test_an_abort_leaves_a_refused_payment_as_it_is(mine: Api) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", REFUSED)
    assert mine.post(f"Smart/Transactions/{case['id']}/abort")["status"] == "aborted"
    assert payment_of(mine, case)["details"]["status_simple"] == 3


def test_after_an_abort_the_bank_is_too_late(mine: Api, at_the_bank: AtTheBank) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", CHALLENGED)
    mine.post(f"Smart/Transactions/{case['id']}/abort")
    with pytest.raises(Exception, match="given up"):
        at_the_bank(case, "succeed")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "aborted"


@pytest.mark.parametrize("method", ["creditcard", "debit", "prepaid"])
def test_what_was_started_is_not_aborted(mine: Api, everything: Everything, method: str) -> None:
    case = bought(mine, method)
    before = everything()
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/abort") == WRONG_STATE
    assert everything() == before


def test_what_was_not_started_is_not_cancelled(mine: Api, everything: Everything) -> None:
    failed = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", REFUSED)
    cases = [mine.buy(), prepared(mine), failed]
    before = everything()
    for case in cases:
        assert mine.refused("POST", f"Smart/Transactions/{case['id']}/cancel") == WRONG_STATE
    assert everything() == before


def test_a_cancelled_prepayment_is_no_longer_waited_for(mine: Api, database: Database) -> None:
    case = bought(mine, "prepaid")
    cancelled = mine.post(f"Smart/Transactions/{case['id']}/cancel")
    assert cancelled["status"] == "cancelled"
    payment = payment_of(mine, case)
    assert (payment["details"]["status_simple"], payment["details"]["amount"]) == (5, 0)
    assert "related_transactions" not in payment
    assert events(database) == [(payment["id"], "changed")] * 2


@pytest.mark.parametrize(("method", "product", "number"), [("creditcard", 92, 26), ("debit", 910, 16)])
def test_a_cancelled_payment_is_given_back_by_a_refund(
    mine: Api, clock: StoppedClock, method: str, product: int, number: int
) -> None:
    case = bought(mine, method, is_demo=True)
    clock.advance(days=1)
    cancelled = mine.post(f"Smart/Transactions/{case['id']}/cancel")
    assert cancelled["status"] == "cancelled"
    assert cancelled["transactions"] == case["transactions"]

    payment = payment_of(mine, case)
    assert payment["amount"] == 500
    assert payment["product_id"] == number
    assert (payment["details"]["status_simple"], payment["details"]["amount"]) == (5, 0)
    [child] = payment["related_transactions"]
    refund = mine.get(f"Payment/Transactions/{child['id']}")
    assert child == {
        "object": "payment.transactions",
        "id": refund["id"],
        "trans_id": refund["trans_id"],
        "ref_type_id": 19,
        "ref_type_raw": "Erstattung",
        "hierarchy": "child",
    }
    assert refund["parents"] == [
        child | {"id": payment["id"], "trans_id": payment["trans_id"], "hierarchy": "parent"}
    ]
    assert (refund["amount"], refund["details"]["amount"], refund["currency"]) == (-500, -500, "EUR")
    assert (refund["status"], refund["details"]["status_simple"]) == (6, 1)
    assert (refund["product_id"], refund["product_raw"]) == (product, "Erstattung (Demo)")
    text = f"TA-Code {payment['trans_id']} (04.02.26)|Refund TA-Code {refund['trans_id']}"
    assert refund["description_raw"] == refund["details"]["description"] == text
    assert refund["created"] == "2026-02-05T10:30:00+01:00"


def test_of_a_refund_that_the_shop_asked_for_its_payment_is_told_as_changed(mine: Api, database: Database) -> None:
    case = bought(mine)
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    payment = payment_of(mine, case)
    assert events(database) == [(payment["id"], "changed")] * 2  # accepted, void; of the refund the answer has told


def test_nothing_is_given_back_twice(mine: Api, everything: Everything) -> None:
    case = bought(mine)
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    before = everything()
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/cancel") == WRONG_STATE
    assert everything() == before


@pytest.mark.parametrize("steps", [["abort"], ["prepare", "abort"], ["prepare", "start", "cancel"]])
def test_every_move_is_a_row_that_says_by_whom(mine: Api, database: Database, steps: list[str]) -> None:
    case: Json = mine.buy()
    for step in steps:
        path = f"Smart/Transactions/{case['id']}/{step}"
        case = prepared_again(mine, case) if step == "prepare" else mine.post(path)
    with database.view() as view:
        moves = [(move.before, move.after) for move in view.moves.all(object_id=case["id"])]
        assert {move.by for move in view.moves.all()} == {"client-mine"}
    end = {"abort": "aborted", "cancel": "cancelled", "prepare": "approved", "start": "ok"}
    statuses = ["created", *(end[step] for step in steps)]
    assert moves == list(pairwise(statuses))


def prepared_again(api: Api, case: Json) -> Json:
    """A reservation for a transaction that is there already."""
    body = {"container": {"private": {"pan": "411111XXXXXX1111"}}}
    return api.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", body)
