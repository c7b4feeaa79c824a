"""Settlement: what contracts are owed is paid out once, all of it, and the books say so."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pfennig.domain.calendar import Occasion
from pfennig.domain.ledger import OWED_TO_OWNER, LedgerAccount
from pfennig.domain.payment import Kind
from pfennig.domain.settlement import net_of
from pfennig.errors import Refusal
from pfennig.operations import calendar
from pfennig.operations.books import remittances, settlement
from pfennig.operations.core import audit
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Call, Platform
from pfennig.storage.database import Database
from pfennig.storage.shelf import UnknownId
from tests import marketplace
from tests.api.conftest import bought, card, payment_of
from tests.conftest import ON_BOTH, ON_SQLITE, Api, StoppedClock
from tests.marketplace import ANNA, BERT, MIXED, PLATFORM
from tests.tampering import unguarded

FEES = {"creditcard": {"basis_points": 150, "fixed": 25}}
CONTRACTS = (PLATFORM, ANNA, BERT)


@pytest.fixture
def operator(platform: Platform) -> Call:
    """Whoever sits at the command line."""
    return Call(platform, None, "de", role="operator")


@pytest.fixture
def bankless(platform: Platform, operator: Call) -> Call:
    """The same, where a real bank has to make the transfers."""
    return replace(operator, platform=replace(platform, can=Abilities()))


@pytest.fixture
def market(two_sellers: None, database: Database) -> Database:
    """Anna and Bert sell below my shop; all have accounts, the sellers pay fees."""
    for id in CONTRACTS:
        change(database, id, payout_account=marketplace.ACCOUNT, fees={} if id == PLATFORM else FEES)
    return database


def change(database: Database, id: str, **fields: Any) -> None:
    """Changes a contract."""
    with database.unit() as unit:
        contract = unit.contracts.get(id)
        unit.contracts.change(contract, replace(contract, **fields))


def sold(mine: Api) -> list[str]:
    """A mixed basket that was paid: the ids of the whole, and of each part."""
    case = mine.buy(**MIXED)
    case = mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", card())
    return [each["id"] for each in case["transactions"]]


def paid(results: list[settlement.Result]) -> dict[str, int]:
    """What each contract got by a run."""
    return {each.contract_id: each.amount for each in results if each.payout}


def test_a_contract_without_an_account_waits(mine: Api, operator: Call, database: Database) -> None:
    bought(mine)
    [result] = settlement.run(operator)
    assert (result.payout, result.amount, result.why) == (None, 500, "it has no payout account")
    change(database, PLATFORM, payout_account=marketplace.ACCOUNT)
    assert paid(settlement.run(operator)) == {PLATFORM: 500}


def test_a_contract_whose_owner_no_bank_can_write_waits(mine: Api, operator: Call, database: Database) -> None:
    bought(mine)
    change(database, PLATFORM, payout_account=marketplace.ACCOUNT | {"owner": "\U0001f389"})
    [result] = settlement.run(operator)
    assert (result.payout, result.has_failed) == (None, False)
    assert "no letter or digit" in result.why


@ON_BOTH
def test_two_runs_at_once_pay_once(mine: Api, operator: Call, market: Database) -> None:
    for _ in range(3):
        sold(mine)
    with ThreadPoolExecutor(4) as pool:
        runs = [paid(run) for run in pool.map(settlement.run, [operator] * 4)]
    totals = {id: sum(run.get(id, 0) for run in runs) for id in CONTRACTS}
    assert totals == {PLATFORM: 3 * 261, ANNA: 3 * 5084, BERT: 3 * 1845}
    assert marketplace.balances(market) == {}


@ON_BOTH
def test_what_was_given_back_after_a_payout_is_taken_from_the_next(
    mine: Api, operator: Call, market: Database
) -> None:
    _, anna, _ = sold(mine)
    settlement.run(operator)
    mine.request("POST", f"Payment/Transactions/{anna}/cancel")
    assert marketplace.balances(market) == {PLATFORM: (-161, 0), ANNA: (-5189, 0)}
    assert paid(settlement.run(operator)) == {}
    for _ in range(2):
        sold(mine)
    assert paid(settlement.run(operator)) == {PLATFORM: 2 * 261 - 161, ANNA: 2 * 5084 - 5189, BERT: 2 * 1845}
    with market.view() as view:
        last = view.payouts.all(contract_id=ANNA)[-1]
    assert (last.volume, last.refunds, last.shares, last.fees) == (10700, 5350, 322 - 161, 210)


def test_a_charge_back_is_a_claim(mine: Api, operator: Call, database: Database) -> None:
    change(database, PLATFORM, payout_account=marketplace.ACCOUNT)
    payment = payment_of(mine, bought(mine))
    bought(mine)
    calendar.report(operator, payment["id"], Occasion.CHARGED_BACK)
    settlement.run(operator)
    with database.view() as view:
        [payout] = view.payouts.all()
    assert (payout.volume, payout.claims, payout.amount) == (1000, 500, 500)


def hold(mine: Api, payment: str, is_held: bool = True) -> int:
    """Holds back what a payment has brought in, or lets it go; the status of the answer."""
    return mine.request("PUT", f"Payment/Secupaycreditcards/{payment}/accrual", json={"accrual": is_held}).status_code


def give_back(mine: Api, payment: str, amount: int) -> None:
    """A refund."""
    mine.request("POST", f"Payment/Transactions/{payment}/cancel", json={"reduce_amount_by": amount})


def test_what_was_paid_out_cannot_be_held_back(mine: Api, operator: Call, market: Database) -> None:
    whole, anna, _ = sold(mine)
    settlement.run(operator)
    refusal = (403, "ProductNotAllowedException", 4165)
    for id in (whole, anna):
        assert mine.refused("PUT", f"Payment/Secupaycreditcards/{id}/accrual", {"accrual": True}) == refusal
    assert not mine.get(f"Payment/Transactions/{anna}")["accrual"]


def test_a_debt_is_not_held_back_even_where_its_payment_is(mine: Api, operator: Call, database: Database) -> None:
    change(database, PLATFORM, payout_account=marketplace.ACCOUNT, fees=FEES)
    payment = payment_of(mine, bought(mine))["id"]
    settlement.run(operator)
    with database.unit() as unit:  # whoever came to hold it back
        held = unit.payments.get(payment)
        unit.payments.change(held, replace(held, is_held=True))
        audit.note(unit, operator, "hold back", "payment", payment, held.merchant_id)
    give_back(mine, payment, 500)
    assert marketplace.balances(database) == {PLATFORM: (-500, 0)}
    bought(mine)
    assert marketplace.balances(database) == {PLATFORM: (-33, 0)}
    assert paid(settlement.run(operator)) == {}
    bought(mine)
    assert paid(settlement.run(operator)) == {PLATFORM: 467 - 33}


@ON_BOTH
def test_a_held_payment_keeps_what_is_left_of_it_and_no_debt(mine: Api, operator: Call, market: Database) -> None:
    _, anna, bert = sold(mine)
    assert {hold(mine, id) for id in (anna, bert)} == {200}
    give_back(mine, anna, 1000)
    give_back(mine, bert, 2000)
    shared = 161 - 30
    assert marketplace.balances(market) == {
        ANNA: (0, 5350 - 105 - 1000 - shared),
        BERT: (-55, 0),
        PLATFORM: (0, shared),
    }
    assert paid(settlement.run(operator)) == {}
    assert hold(mine, anna, False) == 200
    assert paid(settlement.run(operator)) == {ANNA: 5350 - 105 - 1000 - shared, PLATFORM: shared}


def test_a_charge_back_of_a_held_payment_leaves_its_fee_as_a_debt(
    mine: Api, operator: Call, database: Database
) -> None:
    change(database, PLATFORM, payout_account=marketplace.ACCOUNT, fees=FEES)
    first, second = payment_of(mine, bought(mine))["id"], payment_of(mine, bought(mine))["id"]
    for id in (first, second):
        assert hold(mine, id) == 200
    calendar.report(operator, first, Occasion.CHARGED_BACK)
    assert marketplace.balances(database) == {PLATFORM: (-33, 467)}
    assert paid(settlement.run(operator)) == {}
    calendar.report(operator, first, Occasion.RESOLVED)
    assert marketplace.balances(database) == {PLATFORM: (0, 2 * 467)}


@ON_BOTH
def test_a_transfer_is_in_one_file_and_noted_once(mine: Api, bankless: Call, market: Database) -> None:
    sold(mine)
    settlement.run(bankless)
    planned = remittances.new_batch(bankless)
    batch, transfers = planned.id, planned.transfers
    remittances.book(bankless, planned)
    with pytest.raises(remittances.Overtaken):
        remittances.book(bankless, planned)
    assert sorted(each.amount for each in transfers) == [261, 1845, 5084]
    with pytest.raises(remittances.NothingToSend):
        remittances.new_batch(bankless)
    again = remittances.earlier_batch(bankless, batch)
    assert (again.id, again.made) == (planned.id, planned.made)
    assert [each.id for each in again.transfers] == [each.id for each in transfers]
    assert marketplace.accounts(market)[LedgerAccount.PAYOUT] == 7190
    remittances.confirm_all(bankless, transfers[0].id)
    assert remittances.confirm_all(bankless, batch) == 2
    with pytest.raises(remittances.NotOpen):
        remittances.confirm_all(bankless, transfers[0].id)
    for unknown, refusal in (("RMT_NONE", UnknownId), ("BAT_NONE", remittances.NothingToSend)):
        with pytest.raises(refusal):
            remittances.confirm_all(bankless, unknown)
    assert LedgerAccount.PAYOUT not in marketplace.accounts(market)


@ON_BOTH
def test_a_payout_that_took_too_little_or_was_sent_twice_is_found(
    mine: Api, operator: Call, market: Database
) -> None:
    sold(mine)
    settlement.run(operator)
    with unguarded(market) as unit:
        payout = unit.payouts.one(contract_id=ANNA)
        assert payout
        [first, *_] = unit.postings.all(payout_id=payout.id)
        unit.postings.change(first, replace(first, payout_id=None))
        transfer = unit.remittances.one(about_id=payout.id)
        assert transfer
        remittances.mark_made(unit, transfer, payout)
    found = marketplace.differences(market)
    assert any(payout.id in text and "what is in it" in text for text in found)
    assert any(payout.id in text and "bank_clearing" in text for text in found)
    with unguarded(market) as unit:  # for the check at the end of the test
        unit.postings.change(replace(first, payout_id=None), first)
        for posting in unit.postings.all(payment_id=payout.id, why="paid out")[2:]:
            unit.postings.remove(id=posting.id)


def test_the_platform_pays_out_each_day_by_itself(mine: Api, operator: Call, market: Database) -> None:
    operator = replace(operator, platform=replace(operator.platform, settle_at=time(4, 30)))
    clock = market.clock
    assert isinstance(clock, StoppedClock)
    settlement.plan(operator)
    settlement.plan(operator)
    sold(mine)
    assert calendar.run_due(operator) == 0
    clock.now = datetime(2026, 2, 5, 3, 30, tzinfo=UTC)
    assert calendar.run_due(operator) == 1
    assert marketplace.balances(market) == {}
    sold(mine)
    clock.now += timedelta(hours=23)
    assert calendar.run_due(operator) == 0
    clock.now += timedelta(hours=1)
    assert calendar.run_due(operator) == 1
    assert marketplace.balances(market) == {}


@given(st.integers(0, 10**9), st.integers(0, 100))
def test_net_and_tax_are_the_fee(total: int, percent: int) -> None:
    net = net_of(total, percent)
    assert 0 <= net <= total
    assert abs(net * (100 + percent) - total * 100) * 2 <= 100 + percent


@dataclass(frozen=True)
class Step:
    """Something that happens at the marketplace, to the nth of what was sold."""

    what: str
    nth: int
    amount: int


HAPPENS = ["sell", "sell", "sell alone", "hold", "hold", "let go", "refund", "refund", "charge back", "resolve"]
steps = st.lists(
    st.builds(Step, st.sampled_from([*HAPPENS, "settle", "settle"]), st.integers(0, 20), st.integers(1, 6000)),
    min_size=6,
    max_size=14,
)


@ON_SQLITE
def test_whatever_happens_settlement_conserves_money(
    request: pytest.FixtureRequest, mine: Api, operator: Call, market: Database
) -> None:
    @given(steps)
    @hypothesis_settings(max_examples=60 if request.config.getoption("everything") else 4)
    def day(steps: list[Step]) -> None:
        play(mine, operator, market, steps)

    day()


def play(mine: Api, operator: Call, market: Database, steps: list[Step]) -> None:
    """Lets all of it happen, and looks at the money after each step."""
    ids: list[str] = []
    for step in steps:
        owed_before, paid_before = owed(market), paid_out(market)
        if step.what == "settle":
            look_at_run(operator, market)
            assert owed(market) + paid_out(market) == owed_before + paid_before
        elif step.what == "sell":
            ids += sold(mine)
        elif step.what == "sell alone":
            ids.append(payment_of(mine, bought(mine))["id"])
        elif ids:
            happen(mine, operator, step, ids[step.nth % len(ids)])
        assert sum(marketplace.accounts(market).values()) == 0
    look_at_run(operator, market)
    assert marketplace.differences(market) == []
    assert all(available <= 0 for available, _ in marketplace.balances(market).values())


def happen(mine: Api, operator: Call, step: Step, id: str) -> None:
    """One step with what was sold, as far as it is possible."""
    if step.what in ("hold", "let go"):
        hold(mine, id, step.what == "hold")
    elif step.what == "refund":
        give_back(mine, id, step.amount)
    else:
        with suppress(Refusal):
            what = Occasion.CHARGED_BACK if step.what == "charge back" else Occasion.RESOLVED
            calendar.report(operator, id, what)


def look_at_run(operator: Call, market: Database) -> None:
    """A run pays to each exactly what is available, to nobody who owes us, and nothing that is held back."""
    before, kept = marketplace.balances(market), left_of_held(market)
    got = paid(settlement.run(operator))
    assert got == {id: available for id, (available, _) in before.items() if available > 0}
    after = marketplace.balances(market)
    assert left_of_held(market) == kept
    assert {id: pending for id, (_, pending) in after.items() if pending} == kept
    assert all(after.get(id, (0, 0))[0] == 0 for id in got)


def left_of_held(database: Database) -> dict[str, int]:
    """What is left of payments that are held back and was not paid out, by contract: added up one by one."""
    with database.view() as view:
        payments = {payment.id: payment for payment in view.payments.all()}
        postings = view.postings.all(account=list(OWED_TO_OWNER), payout_id=None)
    left: Counter[tuple[str, str]] = Counter()
    for posting in postings:
        payment = payments[posting.payment_id]
        while payment.kind in (Kind.SHARE, Kind.REFUND):
            payment = payments[payment.parent_id or ""]
        if payment.is_held:
            left[posting.contract_id, payment.id] += posting.amount
    kept: Counter[str] = Counter()
    for (contract, _), amount in left.items():
        kept[contract] += max(amount, 0)
    return {contract: amount for contract, amount in kept.items() if amount}


def owed(database: Database) -> int:
    """What all contracts together are owed."""
    return sum(sum(money) for money in marketplace.balances(database).values())


def paid_out(database: Database) -> int:
    """What the bank has transferred to them."""
    return marketplace.accounts(database).get(LedgerAccount.BANK, 0)
