"""While the books differ no money leaves by any door; what comes is booked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from pfennig.domain.payment import Kind, State
from pfennig.operations import calendar
from pfennig.operations.books import remittances, returns, settlement
from pfennig.operations.checks import reconciliation
from pfennig.operations.checks.reconciliation import BooksDiffer
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Call, Platform
from pfennig.storage.database import Database
from tests.api.conftest import bought, payment_path, transfer, waiting
from tests.api.test_payout_transactions import AT, by_container
from tests.conftest import Api, StoppedClock
from tests.marketplace import ACCOUNT, PLATFORM
from tests.tampering import unguarded

THIEF = {"owner": "A Thief", "iban": "DE02120300000000202051", "bic": "BYLADEM1001", "bankname": "DKB"}


@dataclass
class Shop:
    """A shop that has something of everything that could leave. late: what has too much. line: what nobody owns."""

    api: Api
    operator: Call
    database: Database
    batch: str
    waits: str
    late: dict[str, Any]
    line: str


@pytest.fixture
def shop(mine: Api, platform: Platform, database: Database) -> Shop:
    """A shop with an operator's bank: a transfer in a file, one in none, money that belongs to no order."""
    operator = Call(replace(platform, can=Abilities()), None, "de", role="operator")
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, payout_account=ACCOUNT))
    bought(mine)
    settlement.run(operator)
    batch = remittances.new_batch(operator)
    remittances.book(operator, batch)
    bought(mine)
    settlement.run(operator)
    with database.view() as view:
        [waits] = view.remittances.all(batch_id=None)
    bought(mine)
    late = waiting(mine)
    mine.post(f"Smart/Transactions/{late['id']}/cancel")
    payer = {"iban": ACCOUNT["iban"], "owner": "Max"}
    transfer(mine, 500, f"TA {late['trans_id']}", **payer)
    line = transfer(mine, 50, "thank you", **payer)
    return Shop(mine, operator, database, batch.id, waits.id, late, line["id"])


@contextmanager
def doubted(database: Database) -> Iterator[None]:
    """The last look has found something."""
    with database.unit() as unit:
        reconciliation.note_check(unit, 1)
    yield
    with database.unit() as unit:
        reconciliation.note_check(unit, 0)


DOORS: dict[str, Callable[[Shop], Any]] = {
    "a new file": lambda shop: remittances.new_batch(shop.operator),
    "an earlier file": lambda shop: remittances.earlier_batch(shop.operator, shop.batch),
    "one is made": lambda shop: remittances.confirm_all(shop.operator, shop.waits),
    "a file is made": lambda shop: remittances.confirm_all(shop.operator, shop.batch),
    "what is too much": lambda shop: returns.send_back(shop.operator, shop.late["transactions"][0]["id"]),
    "what nobody owns": lambda shop: returns.send_line_back(shop.operator, shop.line),
}


def test_no_door_lets_money_out_and_each_is_open_again_later(shop: Shop, subtests: pytest.Subtests) -> None:
    batch = remittances.new_batch(shop.operator)
    with doubted(shop.database):
        for name, leave in DOORS.items():
            with subtests.test(name), pytest.raises(BooksDiffer):
                leave(shop)
        with pytest.raises(BooksDiffer):
            remittances.book(shop.operator, batch)
        for path in (
            payment_path(shop.late, "/returnPayment"),
            f"Payment/Transactions/me/returnTransfer/{shop.line}",
        ):
            assert shop.api.refused("POST", path) == (403, "ProductNotAllowedException", BooksDiffer.code)
        assert not any(result.payout for result in settlement.run(shop.operator))
        with shop.database.view() as view:
            assert view.returns.all() == []
            assert [each.id for each in view.remittances.all(is_open=True, batch_id=None)] == [shop.waits]
    for leave in DOORS.values():
        leave(shop)
    assert any(result.payout for result in settlement.run(shop.operator))


def test_a_payout_transaction_waits_and_its_money_is_booked(
    mine: Api, platform: Platform, database: Database, clock: StoppedClock
) -> None:
    payout = mine.post(AT, by_container(mine))
    worker = Call(platform, None, "de", role="worker")
    with doubted(database):
        transfer(mine, 350, f"TA {payout['trans_id']}")
        for _ in range(3):
            clock.now += timedelta(minutes=20)
            calendar.run_due(worker)
        with database.view() as view:
            assert sum(part.amount for part in view.allocations.all()) == 350
            assert [each.paid for each in view.remittances.all()] == [None, None]
    clock.now += timedelta(minutes=20)
    calendar.run_due(worker)
    with database.view() as view:
        [case] = view.payments.all(kind=Kind.PAYOUT)
        assert case.state is State.ACCEPTED
        assert all(each.paid for each in view.remittances.all())
        assert reconciliation.check_all(view)[1] == []


def divert(database: Database, id: str, **values: Any) -> None:
    """Changes a transfer behind our back."""
    with unguarded(database) as unit:
        known = unit.remittances.get(id)
        unit.remittances.change(known, replace(known, **values))


@pytest.mark.parametrize("account", [THIEF, [1], "x"])
def test_a_transfer_that_was_diverted_is_in_no_file_and_is_named(shop: Shop, account: Any) -> None:
    settlement.run(shop.operator)
    divert(shop.database, shop.waits, account=account)
    batch = remittances.new_batch(shop.operator)
    assert shop.waits not in {each.id for each in batch.transfers}
    assert shop.waits in batch.left_out


def test_one_that_was_diverted_later_is_not_written_again(shop: Shop) -> None:
    with shop.database.view() as view:
        [sent] = view.remittances.all(batch_id=shop.batch)
    divert(shop.database, sent.id, account=THIEF)
    with pytest.raises(remittances.NothingToSend, match=sent.id):
        remittances.earlier_batch(shop.operator, shop.batch)


@pytest.mark.parametrize(("hours", "has_lab", "waits"), [(25, False, True), (23, False, False), (25, True, False)])
def test_money_leaves_only_after_a_look_at_the_books_that_is_not_old(
    database: Database, clock: StoppedClock, hours: int, has_lab: bool, waits: bool
) -> None:
    with database.unit() as unit:
        reconciliation.note_check(unit, 0)
    clock.advance(hours=hours)
    with database.view() as view:
        why = reconciliation.doubt(replace(view, has_lab=has_lab))
    assert ("pfennig ledger check" in why if why else False) is waits
