"""What somebody who owns the database may try with the books: it is refused, or found, and nobody is paid."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from pfennig.domain.ledger import FEE, LedgerAccount
from pfennig.operations.books import settlement
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Call, Platform
from pfennig.storage import tables
from pfennig.storage.database import Database
from pfennig.storage.integrity import chain
from pfennig.storage.unit import Unit
from tests import marketplace
from tests.api.conftest import bought, payment_of
from tests.conftest import ON_BOTH, ON_SQLITE, Api
from tests.marketplace import ACCOUNT, PLATFORM
from tests.tampering import unguarded

pytestmark = ON_BOTH

postings, payments = tables.postings, tables.payments


@pytest.fixture
def operator(platform: Platform) -> Call:
    """Whoever sits at the command line."""
    return Call(platform, None, "de", role="operator")


@pytest.fixture
def platform(platform: Platform, database: Database) -> Platform:
    """The platform, with its own bank, and a contract that has fees and is paid out."""
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        fees = {"creditcard": {"basis_points": 150, "fixed": 25}}
        unit.contracts.change(contract, replace(contract, fees=fees, payout_account=ACCOUNT))
    return platform


def to_another_merchant(unit: Unit, payment: str) -> None:
    """A posting moves to another merchant."""
    mine = (postings.c.payment_id == payment, postings.c.account == LedgerAccount.MERCHANT)
    unit.connection.execute(
        update(postings).where(*mine).values(merchant_id="MRC_STRANGER", contract_id="GCR_STRANGER")
    )


def to_another_currency(unit: Unit, payment: str) -> None:
    """One line of an entry is in another currency."""
    unit.connection.execute(
        update(postings)
        .where(postings.c.payment_id == payment, postings.c.account == LedgerAccount.PAYER)
        .values(currency="CHF")
    )


def to_another_fee(unit: Unit, payment: str) -> None:
    """A fee of 499 in 500, in both of its lines."""
    fee = (postings.c.payment_id == payment, postings.c.why == FEE)
    unit.connection.execute(update(postings).where(*fee, postings.c.amount > 0).values(amount=499))
    unit.connection.execute(update(postings).where(*fee, postings.c.amount < 0).values(amount=-499))


def without_fee(unit: Unit, payment: str) -> None:
    """Both lines of a fee are gone."""
    unit.connection.execute(delete(postings).where(postings.c.payment_id == payment, postings.c.why == FEE))


def to_no_payout(unit: Unit, payment: str) -> None:
    """It was settled by a payout that is none."""
    unit.connection.execute(update(postings).where(postings.c.payment_id == payment).values(payout_id="PPO_NONE"))


def without_payment(unit: Unit, payment: str) -> None:
    """A payment is gone, and its postings stay."""
    unit.connection.execute(delete(payments).where(payments.c.id == payment))


def from_nowhere(unit: Unit, payment: str) -> None:
    """10,000 EUR for a payment that never was."""
    line = dict(
        unit.connection.execute(select(postings).where(postings.c.payment_id == payment)).mappings().first() or {}
    )
    del line["seq"]
    for account, amount in ((LedgerAccount.PAYER, -1_000_000), (LedgerAccount.MERCHANT, 1_000_000)):
        new = {"id": f"POS_{account}", "entry_id": "ENT_NEW", "payment_id": "PCI_NEVER", "account": account.value}
        unit.connection.execute(insert(postings).values(line | new | {"amount": amount, "why": "accepted"}))


def before_the_first(unit: Unit, payment: str) -> None:
    """10,000 EUR for a payment that is there, by a posting whose number is below all that a look goes through."""
    found = unit.connection.execute(select(postings).where(postings.c.payment_id == payment)).mappings().first()
    new = {
        "seq": -7,
        "id": "POS_NEW",
        "entry_id": "ENT_NEW",
        "account": LedgerAccount.MERCHANT.value,
        "why": "accepted",
    }
    # the payment itself is before the first page, too, so that nobody compares it with its postings
    unit.connection.execute(update(payments).where(payments.c.id == payment).values(seq=-7))
    unit.connection.execute(insert(postings).values(dict(found or {}) | new | {"amount": 1_000_000}))


TRICKS = (
    before_the_first,
    to_another_merchant,
    to_another_currency,
    to_another_fee,
    without_fee,
    to_no_payout,
    without_payment,
    from_nowhere,
)


@ON_SQLITE
@pytest.mark.parametrize("trick", TRICKS)
def test_the_check_finds_it_and_then_nobody_is_paid(
    mine: Api, operator: Call, database: Database, trick: Callable[[Unit, str], None]
) -> None:
    payment = payment_of(mine, bought(mine))["id"]
    with unguarded(database) as unit:
        trick(unit, payment)
    assert marketplace.differences(database) != []
    with database.unit() as unit:
        reconciliation.note_check(unit, len(marketplace.differences(database)))
    bought(mine)
    assert [result.payout for result in settlement.run(operator) if result.payout] == []


@ON_SQLITE
def test_no_row_stands_where_no_look_goes(mine: Api, operator: Call, database: Database) -> None:
    bought(mine)
    settlement.run(operator)
    with unguarded(database) as unit:
        while chain.extend(unit, "postings"):
            pass
        for step in reconciliation.CHECKS:
            column, undone = step.number, unit.connection.begin_nested()
            first = unit.connection.execute(select(func.min(column))).scalar_one()
            unit.connection.execute(update(column.table).where(column == first).values({column.name: 0}))
            found, _ = step.take(unit, 0, reconciliation.PAGE)
            assert (first is None) is not any("was added otherwise" in each.text for each in found)
            undone.rollback()


@pytest.mark.parametrize("trick", [to_another_merchant, to_another_currency, without_payment, from_nowhere])
def test_what_no_payment_is_a_reason_for_is_not_paid_even_before_anybody_has_checked(
    mine: Api, operator: Call, database: Database, trick: Callable[[Unit, str], None]
) -> None:
    payment = payment_of(mine, bought(mine))["id"]
    with unguarded(database) as unit:
        if trick is to_another_currency:
            unit.connection.execute(update(postings).values(currency="CHF"))
        trick(unit, payment)
    results = settlement.run(operator)
    assert results
    assert {result.payout for result in results} == {None}


@pytest.mark.parametrize("values", [{"amount": 1}, {"why": "x"}, {"payout_id": None}, {"payout_id": "PPO_OTHER"}])
def test_the_database_lets_a_posting_only_be_settled_and_only_once(
    mine: Api, operator: Call, database: Database, values: dict[str, Any]
) -> None:
    bought(mine)
    assert any(result.payout for result in settlement.run(operator))
    for statement in (update(postings).where(postings.c.payout_id.is_not(None)).values(values), delete(postings)):
        with pytest.raises(DBAPIError, match="append-only"), database.unit() as unit:
            unit.connection.execute(statement)


def test_settling_a_posting_changes_nothing_else_of_it(mine: Api, database: Database) -> None:
    bought(mine)
    with pytest.raises(DBAPIError, match="append-only"), database.unit() as unit:
        unit.connection.execute(update(postings).values(payout_id="PPO_ONE", amount=1))


@pytest.mark.parametrize("noun", ["payouts", "invoices", "remittances"])
def test_what_was_paid_out_is_not_removed(mine: Api, operator: Call, database: Database, noun: str) -> None:
    bought(mine)
    settlement.run(operator)
    with pytest.raises(DBAPIError, match="append-only"), database.unit() as unit:
        unit.connection.execute(delete(tables.metadata.tables[noun]))


@ON_SQLITE
@pytest.mark.parametrize("noun", ["postings", "moves", "audit", "links", "payouts", "remittances"])
def test_what_only_grows_is_not_replaced(mine: Api, operator: Call, database: Database, noun: str) -> None:
    bought(mine)
    settlement.run(operator)
    for sealed in chain.SEALED:
        with database.unit() as unit:
            chain.extend(unit, sealed)
    table = tables.metadata.tables[noun]
    with database.view() as view:
        row = dict(view.connection.execute(select(table)).mappings().first() or {})
    for new in (row | {"id": "AN_OTHER"}, {name: value for name, value in row.items() if name != "seq"}):
        with pytest.raises(DBAPIError, match="append-only"), database.unit() as unit:
            unit.connection.execute(insert(table).prefix_with("OR REPLACE").values(new))


def test_a_word_that_nobody_knows_is_a_difference_and_stops_no_check(mine: Api, database: Database) -> None:
    payment = payment_of(mine, bought(mine))["id"]
    with unguarded(database) as unit:
        unit.connection.execute(update(payments).where(payments.c.id == payment).values(state="paid"))
        unit.connection.execute(
            update(postings).where(postings.c.account == LedgerAccount.PAYER).values(account="pocket")
        )
    assert any(f"{payment}: it cannot be read" in text for text in marketplace.differences(database))


def test_a_rate_is_kept_with_the_payment_whatever_the_contract_says_later(mine: Api, database: Database) -> None:
    payment = payment_of(mine, bought(mine))["id"]
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, fees={}))
        assert unit.payments.get(payment).fee_rate == {"basis_points": 150, "fixed": 25}
    assert marketplace.differences(database) == []


@pytest.mark.databases("postgresql")
def test_no_table_of_what_only_grows_is_emptied_as_a_whole(database: Database) -> None:
    growing = {chain.table_of(noun).name for noun in chain.SEALED} | {"links"}
    with database.view() as view:
        query = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_no_delete'"
        growing |= set(view.connection.exec_driver_sql(query.replace("%", "%%")).scalars())
    assert len(growing) > 10
    for name in growing:
        with pytest.raises(DBAPIError, match="append-only"), database.unit() as unit:
            unit.connection.exec_driver_sql(f"TRUNCATE {name} CASCADE")
