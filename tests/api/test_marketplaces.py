"""Mixed baskets and stakeholder payments: who gets what, when, and how it goes back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pfennig.domain.calendar import RESERVED_FOR, Occasion
from pfennig.domain.payment import State
from pfennig.operations import calendar
from pfennig.operations.core.call import Call, Platform
from pfennig.storage.database import Database
from tests.api.conftest import CHALLENGED, INSTRUMENTS, AtTheBank, Has, transfer
from tests.api.test_outcomes import lab
from tests.conftest import Api, Change, Json, StoppedClock
from tests.marketplace import ANNA, BERT, MIXED, PLATFORM, Money, article, basket, share

TRANSACTIONS, PAYMENTS = "Smart/Transactions", "Payment/Transactions"
ALL_OF_IT: Money = {PLATFORM: (261, 0), ANNA: (5189, 0), BERT: (1900, 0)}
RESERVED: Money = {ANNA: (0, 5350), BERT: (0, 2000)}
NOBODY: Money = {}


pytestmark = pytest.mark.usefixtures("two_sellers")


def pay(api: Api, method: str = "creditcard", verb: str = "start", **fields: Any) -> Json:
    """A Smart Transaction after that."""
    case = api.buy(**(MIXED | fields))
    return api.post(f"{TRANSACTIONS}/{case['id']}/{verb}/{method}", INSTRUMENTS.get(method))


def path(case: Json, nth: int = 0, action: str = "") -> str:
    """The address of a payment of a case: the leading one, or that of a seller."""
    return f"{PAYMENTS}/{case['transactions'][nth]['id']}{action}"


def give_back(api: Api, case: Json, nth: int = 0, **body: Any) -> list[Json]:
    """What a cancellation answers."""
    answer = api.request("POST", path(case, nth, "/cancel"), json=body)
    assert answer.status_code == 200, answer.text
    data: list[Json] = answer.json()
    return data


def status(api: Api, case: Json, nth: int = 0) -> tuple[int, int]:
    """The simple status, and what is left."""
    answer = api.get(path(case, nth, "/checkStatus"))
    return answer["status_simple"], answer["amount"]


# What there is to see


def test_the_transactions_are_the_leading_one_and_one_for_each_seller(mine: Api) -> None:
    case = pay(mine)
    whole, anna, bert = case["transactions"]
    assert (case["status"], case["trans_id"], case["basket"]["type"]) == ("ok", whole["trans_id"], "mixed")
    assert "reference_id" not in whole
    assert (anna["reference_id"], bert["reference_id"]) == ("1002", "1003")
    assert anna["transaction_hash"] == f"{whole['transaction_hash']}_{anna['trans_id']}"
    assert mine.get(f"{PAYMENTS}/{anna['transaction_hash']}")["id"] == anna["id"]


def test_a_sellers_payment_names_the_seller_the_marketplace_and_the_whole(mine: Api) -> None:
    case = pay(mine)
    whole, anna = mine.get(path(case)), mine.get(path(case, 1))
    assert (whole["amount"], anna["amount"], anna["product_id"]) == (7350, 5350, 26)
    assert (anna["merchant"]["id"], anna["platform"]["id"]) == ("MRC_SELLER", "MRC_MINE")
    assert (anna["contract"]["id"], anna["reference_id"]) == (ANNA, "1002")
    relation = {"ref_type_id": 901, "ref_type_raw": "Teilzahlung", "object": "payment.transactions"}
    above = relation | {"id": whole["id"], "trans_id": whole["trans_id"], "hierarchy": "parent"}
    assert anna["parents"] == [above]
    assert [each["trans_id"] for each in whole["related_transactions"]] == [
        each["trans_id"] for each in case["transactions"][1:]
    ]
    assert {"parents", "platform"}.isdisjoint(whole)
    above_again, below = anna["related_transactions"]
    assert (above_again, below["hierarchy"], below["ref_type_id"]) == (above, "child", 902)
    fee = mine.get(f"{PAYMENTS}/{below['id']}")
    assert (fee["product_id"], fee["amount"], fee["merchant"]["id"]) == (397, 161, "MRC_MINE")


def test_a_seller_sees_what_is_his_and_no_more(mine: Api, seller: Api, stranger: Api) -> None:
    case = pay(mine)
    for api, count in ((mine, 5), (seller, 1), (stranger, 0)):
        assert api.get(PAYMENTS)["count"] == count
    assert seller.get(path(case, 1))["id"] == case["transactions"][1]["id"]
    for address in (path(case), path(case, 2), f"{TRANSACTIONS}/{case['id']}"):
        assert seller.refused("GET", address)[2] == 3002
    assert stranger.refused("GET", path(case, 1))[2] == 3002


def test_every_attempt_makes_a_fresh_set(mine: Api, has: Has) -> None:
    case = pay(mine, verb="prepare")
    again = mine.post(f"{TRANSACTIONS}/{case['id']}/prepare/creditcard", INSTRUMENTS["creditcard"])
    assert {each["id"] for each in case["transactions"]}.isdisjoint(each["id"] for each in again["transactions"])
    assert [status(mine, case, nth)[0] for nth in range(3)] == [5, 5, 5]
    assert has() == RESERVED


def test_pushes_tell_of_the_whole_and_of_refunds(mine: Api, database: Database, contract: Change) -> None:
    contract(refund_push="both")
    case = pay(mine)
    [_, refund] = give_back(mine, case, 1, reduce_amount_by=1000)
    with database.view() as view:
        told = [(event.object_id, event.type) for event in view.events.all()]
        assert {event.merchant_id for event in view.events.all()} == {"MRC_MINE"}
    whole = case["transactions"][0]["id"]
    assert told == [(whole, "changed"), (refund["id"], "added")]


# Who gets what, by method and event


def captured(method: str) -> Callable[[Api], Json]:
    """Pays at once."""
    return lambda mine: pay(mine, method)


def reserved(method: str) -> Callable[[Api], Json]:
    """Reserves."""
    return lambda mine: pay(mine, method, "prepare")


def and_then(verb: str) -> Callable[[Api, Json], object]:
    """Something that the marketplace does with the whole."""
    return lambda mine, case: mine.post(f"{TRANSACTIONS}/{case['id']}/{verb}")


def refund_of(nth: int, **body: Any) -> Callable[[Api, Json], object]:
    """Gives something back."""
    return lambda mine, case: give_back(mine, case, nth, **body)


def transferred(amount: int) -> Callable[[Api, Json], object]:
    """The payer transfers so much."""
    return lambda mine, case: transfer(mine, amount, f"TA {case['trans_id']}")


def shipped(nth: int) -> Callable[[Api, Json], object]:
    """The goods of a payment are on their way."""
    return lambda mine, case: mine.put(path(case, nth, "/ShippingInformation"), {"tracking_id": "7"})


TABLE: list[tuple[str, Callable[[Api], Json], list[Callable[[Api, Json], object]], Money, int]] = [
    ("a reservation", reserved("creditcard"), [], RESERVED, 2),
    ("a reservation collected", reserved("creditcard"), [and_then("start")], ALL_OF_IT, 1),
    ("a reservation let go", reserved("creditcard"), [and_then("abort")], NOBODY, 5),
    ("a reservation given back", reserved("creditcard"), [refund_of(0)], NOBODY, 5),
    ("one part of a reservation let go", reserved("debit"), [refund_of(1)], {BERT: (0, 2000)}, 2),
    ("each part of a reservation let go", reserved("debit"), [refund_of(1), refund_of(2)], NOBODY, 5),
    (
        "a reservation lowered by a seller and collected",
        reserved("debit"),
        [refund_of(1, reduce_amount_by=2675), and_then("start")],
        {PLATFORM: (81 + 100, 0), ANNA: (2675 - 81, 0), BERT: (1900, 0)},
        1,
    ),
    ("a card", captured("creditcard"), [], ALL_OF_IT, 1),
    ("a debit", captured("debit"), [], ALL_OF_IT, 1),
    ("a card cancelled", captured("creditcard"), [and_then("cancel")], NOBODY, 5),
    ("a card given back", captured("creditcard"), [refund_of(0)], NOBODY, 5),
    (
        "one seller's payment given back",
        captured("creditcard"),
        [refund_of(1)],
        {PLATFORM: (100, 0), BERT: (1900, 0)},
        1,
    ),
    ("each seller's payment given back", captured("creditcard"), [refund_of(1), refund_of(2)], NOBODY, 5),
    (
        "a part of one given back, the share in proportion",
        captured("creditcard"),
        [refund_of(1, reduce_amount_by=1000)],
        {PLATFORM: (261 - 30, 0), ANNA: (5189 - 970, 0), BERT: (1900, 0)},
        1,
    ),
    (
        "a part of one given back, the share first",
        captured("creditcard"),
        [refund_of(1, reduce_amount_by=1000, reduce_stakeholder_payment=True)],
        {PLATFORM: (100, 0), ANNA: (5350 - 1000, 0), BERT: (1900, 0)},
        1,
    ),
    ("a prepayment", captured("prepaid"), [], NOBODY, 10),
    ("a prepayment in part", captured("prepaid"), [transferred(7000)], NOBODY, 10),
    ("a prepayment in two", captured("prepaid"), [transferred(7000), transferred(350)], ALL_OF_IT, 1),
    (
        "a prepayment of which a seller takes off his part",
        captured("prepaid"),
        [transferred(5350), refund_of(2)],
        {PLATFORM: (161, 0), ANNA: (5189, 0)},
        1,
    ),
    ("an invoice", captured("invoice"), [], RESERVED, 14),
    ("an invoice shipped", captured("invoice"), [shipped(0)], ALL_OF_IT, 1),
    (
        "an invoice shipped by one seller",
        captured("invoice"),
        [shipped(1)],
        {PLATFORM: (161, 0), ANNA: (5189, 0), BERT: (0, 2000)},
        14,
    ),
    ("an invoice shipped by both", captured("invoice"), [shipped(1), shipped(2)], ALL_OF_IT, 1),
    ("an invoice shipped by one and cancelled", captured("invoice"), [shipped(1), and_then("cancel")], NOBODY, 5),
    (
        "an invoice shipped by one, the other called off",
        captured("invoice"),
        [shipped(1), refund_of(2)],
        {PLATFORM: (161, 0), ANNA: (5189, 0)},
        1,
    ),
]


def test_everybody_has_what_the_table_says(mine: Api, has: Has, subtests: pytest.Subtests) -> None:
    for name, begin, steps, money, simple in TABLE:
        with subtests.test(name):
            before = has()
            case = begin(mine)
            for step in steps:
                step(mine, case)
            assert more(before, has()) == money
            assert status(mine, case)[0] == simple


def more(before: Money, after: Money) -> Money:
    """What everybody has more than before."""
    found = {}
    for contract in before.keys() | after.keys():
        (available, pending), (now, then) = before.get(contract, (0, 0)), after.get(contract, (0, 0))
        found[contract] = now - available, then - pending
    return {contract: amounts for contract, amounts in found.items() if amounts != (0, 0)}


@pytest.mark.parametrize("method", ["creditcard", "debit"])
def test_a_charge_back_takes_from_everybody_and_its_end_gives_again(
    mine: Api, platform: Platform, has: Has, method: str
) -> None:
    case = pay(mine, method)
    give_back(mine, case, 1)
    rest: Money = {PLATFORM: (100, 0), BERT: (1900, 0)}
    for what, money in ((Occasion.CHARGED_BACK, NOBODY), (Occasion.RESOLVED, rest), (Occasion.RETURNED, NOBODY)):
        calendar.report(Call(platform, None, "de"), case["transactions"][0]["id"], what)
        assert has() == money
    assert [status(mine, case, nth)[0] for nth in range(3)] == [4, 5, 4]


def test_a_reservation_expires_for_everybody(mine: Api, platform: Platform, clock: StoppedClock, has: Has) -> None:
    case = pay(mine, verb="prepare")
    clock.now += RESERVED_FOR
    calendar.run_due(Call(platform, None, "de"))
    assert has() == NOBODY
    assert [status(mine, case, nth)[0] for nth in range(3)] == [5, 5, 5]


def test_a_refused_payment_is_refused_for_everybody(mine: Api, at_the_bank: AtTheBank) -> None:
    case = mine.post(f"{TRANSACTIONS}/{mine.buy(**MIXED)['id']}/start/creditcard", CHALLENGED)
    at_the_bank(case, "fail")
    assert [status(mine, case, nth) for nth in range(3)] == [(3, 0)] * 3


def test_each_seller_pays_the_fee_of_his_contract(mine: Api, database: Database, has: Has) -> None:
    with database.unit() as unit:
        for id, points in ((PLATFORM, 1000), (ANNA, 200)):
            contract = unit.contracts.get(id)
            unit.contracts.change(contract, replace(contract, fees={"creditcard": {"basis_points": points}}))
    pay(mine)
    assert has() == ALL_OF_IT | {ANNA: (5189 - 107, 0)}


def test_a_refund_that_the_rail_refuses_takes_nothing_from_anybody(mine: Api, has: Has) -> None:
    case = pay(mine)
    lab(mine, "outcomes", outcome="card_expired", verb="refund")
    [payment, refund] = give_back(mine, case, 1, reduce_amount_by=1000)
    assert (payment["details"]["amount"], refund["details"]["status_simple"]) == (5350, 3)
    assert has() == ALL_OF_IT
    assert status(mine, case) == (1, 7350)


# One merchant, with shares for others


def test_a_share_is_taken_out_of_an_ordinary_basket(mine: Api, seller: Api, has: Has) -> None:
    case = pay(mine, **basket(article(500), share(45, ANNA), share(5, BERT)))
    assert (len(case["transactions"]), case["basket"]["type"]) == (1, "default")
    assert has() == {PLATFORM: (450, 0), ANNA: (45, 0), BERT: (5, 0)}
    [shown] = seller.get(PAYMENTS)["data"]
    assert (shown["amount"], shown["product_id"]) == (45, 397)
    give_back(mine, case, reduce_amount_by=100)
    assert has() == {PLATFORM: (360, 0), ANNA: (36, 0), BERT: (4, 0)}
    give_back(mine, case)
    assert has() == NOBODY
    [taken] = [item for item in seller.get(PAYMENTS)["data"] if item["amount"] == -9]
    assert (taken["product_id"], taken["parents"][0]["id"]) == (437, shown["id"])


def test_a_platform_takes_its_share_of_what_a_merchant_below_it_sells(seller: Api, has: Has) -> None:
    pay(seller, **basket(article(500), share(50)))
    assert has() == {ANNA: (450, 0), PLATFORM: (50, 0)}


def test_a_prepayment_with_a_share_is_in_transit_until_it_is_whole(mine: Api, has: Has) -> None:
    case = pay(mine, "prepaid", **basket(article(500), share(50, ANNA)))
    transfer(mine, 400, f"TA {case['trans_id']}")
    assert has() == {PLATFORM: (0, 400)}
    mine.post(f"{PAYMENTS}/{case['transactions'][0]['id']}/IncreaseAmount", {"amount": 600})
    transfer(mine, 200, f"TA {case['trans_id']}")
    assert has() == {PLATFORM: (550, 0), ANNA: (50, 0)}


@pytest.mark.parametrize("amount", [100, 5350])
def test_what_a_refund_takes_back_from_shares_is_done_when_the_refund_is(
    mine: Api, database: Database, amount: int
) -> None:
    case = pay(mine)
    give_back(mine, case, 1, amount=amount)
    with database.view() as view:
        recalls = [each for each in view.payments.all(kind="refund") if each.refund_id]
        assert {each.state for each in recalls} == {State.ACCEPTED}
