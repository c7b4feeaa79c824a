"""An earlier row of a contract, put back with the marks of its time, stays known, whatever is changed in it later."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import RowMapping, delete, select, type_coerce, update

from pfennig.domain.approval import Approval
from pfennig.operations.acquiring import creditors
from pfennig.operations.books import settlement
from pfennig.operations.core import contracts
from pfennig.operations.core.call import Call
from pfennig.storage import tables
from pfennig.storage.database import Database
from tests.api.conftest import bought
from tests.conftest import ON_BOTH, Api, StoppedClock
from tests.marketplace import ACCOUNT, PLATFORM
from tests.operations.test_marks import as_stored, database, differences, operator, paid, set_rail
from tests.operations.test_no_money_leaves import THIEF
from tests.tampering import unguarded

__all__ = ["database", "operator", "paid"]

Later = Callable[[Call, Database], Any]


def take_account(operator: Call, database: Database, account: dict[str, str]) -> None:
    """The operator takes the account that was asked for."""
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, asked_account=account, updated=unit.now))
        contracts.decide_account(unit, operator, PLATFORM, is_taken=True)


def stored(database: Database) -> RowMapping:
    """The contract as it is in the database."""
    columns = tables.contracts.c
    query = select(*(type_coerce(each, as_stored(each)).label(each.name) for each in columns))
    with database.view() as view:
        return view.connection.execute(query.where(columns.id == PLATFORM)).mappings().one()


def put_back(database: Database, earlier: RowMapping) -> None:
    """Puts the contract back as it was."""
    columns = tables.contracts.c
    raw = {name: type_coerce(value, as_stored(columns[name])) for name, value in earlier.items()}
    with unguarded(database) as unit:
        unit.connection.execute(update(tables.contracts).where(columns.id == PLATFORM).values(raw))


def end(operator: Call, database: Database) -> None:
    """Changes something that no mark is about."""
    with database.unit() as unit:
        contract = unit.contracts.hold(PLATFORM)
        contracts.move_contract(unit, operator, contract, Approval.TERMINATED, "terminate")


def ask_account(operator: Call, database: Database) -> None:
    """Asks for another account, as merchants do by the API."""
    with database.unit() as unit:
        contract = unit.contracts.hold(PLATFORM)
        unit.contracts.change(contract, replace(contract, asked_account=ACCOUNT, updated=unit.now))


def set_creditor(operator: Call, database: Database) -> None:
    """Changes another of the terms."""
    with database.unit() as unit:
        creditors.assign(unit, operator, PLATFORM, None)


@ON_BOTH
@pytest.mark.parametrize(
    "change",
    [end, ask_account, set_creditor, lambda operator, database: set_rail(operator, "ours")],
    ids=["state", "asked account", "creditor", "rail"],
)
def test_who_changes_an_earlier_row_that_was_put_back_does_not_make_it_current(
    mine: Api, paid: str, operator: Call, clock: StoppedClock, database: Database, change: Later
) -> None:
    clock.advance(seconds=1)
    take_account(operator, database, THIEF)
    earlier = stored(database)
    clock.advance(seconds=1)
    take_account(operator, database, ACCOUNT)
    assert differences(database) == []
    bought(mine)
    put_back(database, earlier)
    clock.advance(seconds=1)
    change(operator, database)
    assert any(each.startswith(f"{PLATFORM}: ") for each in differences(database))
    results = settlement.run(operator)
    assert results
    assert not any(result.payout for result in results)


def test_who_changes_the_terms_again_and_again_finds_them_right(
    operator: Call, clock: StoppedClock, database: Database
) -> None:
    for account in (THIEF, ACCOUNT):
        clock.advance(seconds=1)
        take_account(operator, database, account)
        set_rail(operator, "ours")
        set_creditor(operator, database)
    assert differences(database) == []


@ON_BOTH
def test_who_takes_away_that_all_is_marked_gets_no_money_sent_before_anybody_has_checked(
    mine: Api, paid: str, operator: Call, clock: StoppedClock, database: Database
) -> None:
    bought(mine)
    assert differences(database) == []
    with unguarded(database) as unit:
        unit.connection.execute(delete(tables.keys).where(tables.keys.c.id.in_(["marks", "marks 2"])))
        thief = type_coerce(THIEF, tables.contracts.c.payout_account.type)
        values = {"payout_account": thief, "mark": None, "terms_mark": None}
        unit.connection.execute(update(tables.contracts).values(values))
    results = settlement.run(operator)
    assert results
    assert not any(result.payout for result in results)
