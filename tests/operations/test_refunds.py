"""How much is given back, in which state, and by which question to the rail."""

from datetime import UTC, datetime

import pytest

from pfennig import ids
from pfennig.domain.attempt import Verb
from pfennig.domain.container import BankAccount
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.smart_transaction import StxStatus
from pfennig.domain.states import WrongState
from pfennig.errors import Refusal
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.core.shares import OnlyAShare
from pfennig.operations.pay import refunds
from pfennig.operations.pay.refunds import RefundRequest
from pfennig.storage.database import Database
from tests.api.conftest import account, bought, card, payment_of, prepared, transfer
from tests.banks import ScriptedBank
from tests.conftest import Api, Json

NOW = datetime(2026, 2, 4, 9, 30, tzinfo=UTC)


def payment(**fields: object) -> Payment:
    """A card payment over 1,000, collected, of which nothing went back yet."""
    plain = {"method": "creditcard", "state": State.ACCEPTED, "amount": 1000, "currency": "EUR"}
    whose = {"merchant_id": "MRC_MINE", "contract_id": "GCR_MINE", "smart_transaction_id": "STX_ONE"}
    made = {"id": ids.new("PCI"), "hash_word": "abc", "is_demo": True, "created": NOW, "updated": NOW}
    return Payment(**(plain | whose | made | fields))  # type: ignore[arg-type]


@pytest.fixture
def shop(platform: Platform) -> Call:
    """Somebody who may do everything."""
    return Call(platform, None, "de", role="operator")


@pytest.mark.parametrize(
    ("wish", "of_a_card", "of_an_invoice"),
    [
        (RefundRequest(), 0, 0),
        (RefundRequest(reduce_amount_by=0), 0, 0),
        (RefundRequest(amount=None), 0, 0),
        (RefundRequest(reduce_amount_by=300), 300, 300),
        (RefundRequest(amount=0), 0, 0),
        (RefundRequest(amount=300), 300, 700),  # of an invoice it is what shall remain
        (RefundRequest(reduce_amount_by=200, amount=300), 200, 200),
        (RefundRequest(reduce_amount_by=0, amount=300), 300, 700),
    ],
)
def test_both_names_of_the_amount_say_how_much_goes_back(
    wish: RefundRequest, of_a_card: int, of_an_invoice: int
) -> None:
    assert refunds.asked_reduction(payment(), wish) == of_a_card
    assert refunds.asked_reduction(payment(method="invoice"), wish) == of_an_invoice


@pytest.mark.parametrize("remaining", [1000, 1001])
def test_an_invoice_cannot_keep_all_it_has(remaining: int) -> None:
    with pytest.raises(refunds.TooMuch):
        refunds.asked_reduction(payment(method="invoice"), RefundRequest(amount=remaining))


def test_what_an_invoice_keeps_counts_from_what_is_left_of_it() -> None:
    assert refunds.asked_reduction(payment(method="invoice", refunded=400), RefundRequest(amount=500)) == 100


@pytest.mark.parametrize(
    ("fields", "wished", "refusal"),
    [
        ({"kind": Kind.SHARE, "parent_id": "PCI_WHOLE"}, 0, OnlyAShare),
        ({"kind": Kind.REFUND, "amount": -300, "refund_id": "PCI_OTHER"}, 0, OnlyAShare),
        ({"kind": Kind.REFUND, "amount": -300}, 0, refunds.NothingLeft),
        ({"state": State.CREATED}, 0, refunds.NothingLeft),
        ({"state": State.DENIED}, 0, refunds.NothingLeft),
        ({"state": State.VOID}, 0, refunds.NothingLeft),
        ({"refunded": 1000}, 0, refunds.NothingLeft),
        ({}, 1001, refunds.TooMuch),
        ({"refunded": 400}, 601, refunds.TooMuch),
        ({"state": State.AUTHORISED}, 1001, refunds.TooMuch),
        ({"state": State.ISSUE}, 0, WrongState),
        ({"state": State.ISSUE}, 100, WrongState),
        ({"kind": Kind.MIXED}, 999, refunds.WhosePart),
    ],
)
def test_what_cannot_be_given_back_is_refused_before_anybody_is_asked(
    shop: Call, database: Database, fields: Json, wished: int, refusal: type[Refusal]
) -> None:
    about = payment(**fields)
    with database.view() as view, pytest.raises(refusal):
        refunds.add_refund_attempts(shop, view, about, about, wished, shares_first=False)


@pytest.mark.parametrize("method", ["creditcard", "debit"])
def test_a_reservation_is_cancelled_and_its_transaction_can_be_paid_again(
    mine: Api, shop: Call, bank: ScriptedBank, method: str
) -> None:
    body = {"creditcard": card(), "debit": account()}[method]
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/{method}", body)
    [after] = refunds.cancel(shop, payment_of(mine, case)["id"], RefundRequest())
    assert (after.state, after.effective.amount) == (State.VOID, 0)
    assert bank.asked[-1] is Verb.CANCEL
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == StxStatus.CREATED


def test_of_a_reservation_by_card_a_part_can_be_let_go_once(mine: Api, shop: Call) -> None:
    id = payment_of(mine, prepared(mine))["id"]
    [after] = refunds.cancel(shop, id, RefundRequest(reduce_amount_by=200))
    assert (after.state, after.amount) == (State.AUTHORISED, 300)
    with pytest.raises(refunds.AlreadyReduced):
        refunds.cancel(shop, id, RefundRequest(reduce_amount_by=100))
    [after] = refunds.cancel(shop, id, RefundRequest())  # all of it can still go
    assert after.state is State.VOID


@pytest.mark.parametrize("parts", [(500,), (0,), (200, 300), (1, 499), (200, 0), (100, 100, 100, 100, 100), (499, 1)])
def test_refunds_never_exceed_the_payment_and_the_last_one_ends_it(
    mine: Api, shop: Call, database: Database, parts: tuple[int, ...]
) -> None:
    id = payment_of(mine, bought(mine))["id"]
    left = 500
    for part in parts:
        with pytest.raises(refunds.TooMuch):
            refunds.cancel(shop, id, RefundRequest(reduce_amount_by=left + 1))
        taken = part or left
        after, refund = refunds.cancel(shop, id, RefundRequest(reduce_amount_by=part))
        left -= taken
        assert (after.effective.amount, refund.kind, refund.amount) == (left, Kind.REFUND, -taken)
    assert after.state is State.VOID
    with pytest.raises(refunds.NothingLeft):
        refunds.cancel(shop, id, RefundRequest())
    with database.view() as view:
        assert sum(each.amount for each in view.payments.all(kind=Kind.REFUND)) == -500
        assert reconciliation.check_all(view)[1] == []


def test_another_account_is_refused_and_nothing_is_written(mine: Api, shop: Call, bank: ScriptedBank) -> None:
    id = payment_of(mine, bought(mine))["id"]
    asked = [*bank.asked]
    with pytest.raises(refunds.OtherAccount):
        refunds.cancel(shop, id, RefundRequest(container_id="PCT_OTHER"))
    assert bank.asked == asked
    assert mine.get(f"Payment/Transactions/{id}")["amount"] == 500


def test_a_refund_goes_to_the_account_that_the_money_came_from(mine: Api, shop: Call) -> None:
    debit = payment_of(mine, bought(mine, "debit"))
    _, known = refunds.bank_account(shop, debit["trans_id"])
    assert isinstance(known, BankAccount)
    assert known.iban == "DE35500105175418493188"
    waiting = payment_of(mine, bought(mine, "prepaid"))
    with pytest.raises(refunds.NoRefundAccount):
        refunds.bank_account(shop, waiting["trans_id"])
    transfer(mine, 500, f"TA {waiting['trans_id']}", iban="DE89370400440532013000", owner="Eva")
    assert refunds.bank_account(shop, waiting["trans_id"])[1].iban == "DE89370400440532013000"
    with pytest.raises(refunds.NoRefundAccount):
        refunds.bank_account(shop, payment_of(mine, bought(mine))["trans_id"])
