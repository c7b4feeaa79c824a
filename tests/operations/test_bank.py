"""Whatever transfers come, and whoever they are given to: no money is made, lost or given away twice."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event as Signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig import foundation
from pfennig.domain.ledger import LedgerAccount
from pfennig.domain.methods import by_transfer
from pfennig.domain.payment import State
from pfennig.errors import Refusal
from pfennig.operations.books import bank, returns
from pfennig.operations.books.bank import Credit
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Call, Caller
from pfennig.operations.pay import increase, payments, refunds, smart_transactions, surplus
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.operations.pay.smart_transactions import BasketInfo, StxRequest
from pfennig.settings import Settings
from pfennig.storage.database import Database
from tests.conftest import PUBLIC_URL, StoppedClock

SENDER = {"iban": "DE37503240001000000524", "owner": "Max Mustermann"}

Step = Callable[[Call, list[str]], object]
"""Something that somebody does with these payments."""

WHICH = st.integers(0, 2)
AMOUNT = st.sampled_from([1, 200, 300, 500, 800, 1000])


@pytest.fixture(scope="module")
def shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Call]:
    """A shop, whose database keeps what each example leaves in it."""
    file = tmp_path_factory.mktemp("bank") / "pfennig.db"
    database = Database(str(shutil.copy(sqlite_template, file)), StoppedClock())
    platform = foundation.platform(Settings(public_url=PUBLIC_URL), database, Signal())
    yield Call(platform, Caller("client-mine", "MRC_MINE", "GCR_MINE"), "de")
    database.close()


def numbers(call: Call, ids: list[str]) -> list[int]:
    """The numbers of payments."""
    with call.view() as view:
        return [view.payments.get(id).trans_id for id in ids]


def transfer(amount: int, which: set[int]) -> Step:
    """A payer transfers money for some of the payments."""

    def step(call: Call, ids: list[str]) -> object:
        purpose = " ".join(f"TA {number}" for number in numbers(call, [ids[nth] for nth in which]))
        return bank.book(call, Credit(amount=amount, purpose=purpose, **SENDER))

    return step


def assign(line: int, nth: int) -> Step:
    """Somebody gives one of the last lines to a payment."""
    return lambda call, ids: bank.assign(call, ids[nth], bank.lines(call)[line].receipt.id)


def give_back(nth: int, amount: int) -> Step:
    """The shop lowers or refunds a payment."""
    return lambda call, ids: refunds.cancel(call, ids[nth], refunds.RefundRequest(reduce_amount_by=amount))


def raise_amount(nth: int, amount: int) -> Step:
    """The shop asks for more."""
    return lambda call, ids: increase.increase(call, ids[nth], amount)


def take_off(nth: int, amount: int | None) -> Step:
    """The shop takes off a payment what that does not need."""
    return lambda call, ids: returns.unassign(call, ids[nth], amount)


def send_back(nth: int, amount: int | None) -> Step:
    """The shop sends it back."""
    return lambda call, ids: returns.send_back(call, ids[nth], amount)


def send_line_back(line: int, amount: int | None) -> Step:
    """The shop sends back what is unassigned."""
    return lambda call, ids: returns.send_line_back(call, bank.lines(call)[line].receipt.id, amount)


PART = st.sampled_from([None, None, 1, 200])
STEPS = st.lists(
    st.one_of(
        st.builds(transfer, AMOUNT, st.sets(WHICH)),
        st.builds(assign, WHICH, WHICH),
        st.builds(give_back, WHICH, AMOUNT),
        st.builds(raise_amount, WHICH, AMOUNT),
        st.builds(take_off, WHICH, PART),
        st.builds(send_back, WHICH, PART),
        st.builds(send_line_back, WHICH, PART),
    ),
    max_size=10,
)


@given(methods=st.lists(st.sampled_from(by_transfer()), min_size=3, max_size=3), steps=STEPS)
def test_transfers_are_given_away_once_and_the_books_agree(shop: Call, methods: list[str], steps: list[Step]) -> None:
    ids = []
    for method in methods:
        with shop.unit() as unit:
            case = smart_transactions.open_transaction(shop, unit, StxRequest(basket_info=BasketInfo(sum=500)))
        ids.append(payments.start(shop, case.id, method, PaymentRequest()).payment_id or "")
    bank.book(shop, Credit(amount=700, purpose="thank you"))
    for step in steps:
        with suppress(Refusal, IndexError):
            step(shop, ids)
    with shop.view() as view:
        assert reconciliation.check_all(view)[1] == []
        for line in bank.lines(shop):
            assert 0 <= line.rest <= line.receipt.amount
            assert all(amount > 0 for amount in line.owners.values())
        over = surplus.amounts(view, view.payments.all(id=set(ids)))
        transit = sum(
            posting.amount for posting in view.postings.all(payment_id=set(ids), account=LedgerAccount.IN_TRANSIT)
        )
        waits = sum(
            part.amount
            for payment in view.payments.all(id=set(ids), method="prepaid", state=State.PENDING)
            for part in view.allocations.all(payment_id=payment.id)
        )
        reserved = sum(
            payment.amount
            for payment in view.payments.all(id=set(ids), method="invoice", state=[State.ORDERED, State.AUTHORISED])
        )
        prepaid = {payment.id for payment in view.payments.all(id=set(ids), method="prepaid")}
        assert transit == waits + reserved + sum(over[id] for id in over.keys() & prepaid)
        for payment in view.payments.all(id=set(ids), method="prepaid", state=State.PENDING):
            assert sum(part.amount for part in view.allocations.all(payment_id=payment.id)) < payment.amount
