"""Whoever changes, removes or adds a row of money behind our back is found by the check of the books.

What is changed comes from the tables themselves, so a new column fails here until somebody has decided about it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, Table, delete, insert, select, update
from sqlalchemy.exc import DatabaseError

from pfennig.domain.calendar import Occasion
from pfennig.operations import calendar
from pfennig.operations.books import settlement
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Call, Platform
from pfennig.storage import tables
from pfennig.storage.database import Database
from pfennig.storage.integrity import chain
from pfennig.storage.tables.columns import Moment
from pfennig.storage.unit import Unit
from tests import marketplace
from tests.api.conftest import bought, payment_of, payment_path, transfer, waiting
from tests.api.test_payout_transactions import AT, by_container
from tests.api.test_settlement import CONTRACTS, FEES, change, give_back, hold, sold
from tests.conftest import Api
from tests.tampering import drop_guards, finds, unguarded

MONEY = ["postings", "payments", "moves", "audit", "receipts", "allocations", "returns"]
MONEY += ["payouts", "invoices", "remittances"]
TABLES = [*MONEY, "links"]

ECHOED = "It is echoed or shown, and nothing is decided by it."
PROCESS = "It says how the process goes on; no money moves by it."
PEOPLE = "It says who people are. It is emptied after its time, so nothing can be sealed of it."
ACCOUNT_OF_PAYER = (
    "It is emptied after its time. Where there are data keys it is marked (tests/operations/test_marks.py)."
)
MARK = "It is made with the data keys, and this database has none (tests/operations/test_marks.py)."

HARMLESS: Mapping[tuple[str, str], str] = {
    ("payments", "container_id"): PROCESS,
    ("payments", "given_hash"): "Only a twin's world file gives one, where no money moves.",
    ("payments", "is_abandoned"): PROCESS,
    ("payments", "is_reduced"): "It only keeps a reservation from being lowered twice.",
    ("payments", "reason"): ECHOED,
    ("payments", "shipping"): ECHOED,
    ("payments", "instalments"): ECHOED,
    ("payments", "completed"): ECHOED,
    ("payments", "updated"): ECHOED,
    ("receipts", "purpose"): PEOPLE,
    ("receipts", "iban"): ACCOUNT_OF_PAYER,
    ("receipts", "owner"): ACCOUNT_OF_PAYER,
    ("remittances", "purpose"): PEOPLE,
    (
        "remittances",
        "batch_id",
    ): "The database lets it be written once; which file a bank has got, only the bank knows.",
    ("remittances", "batched"): "It is written with the batch; the bank's file says it.",
    ("remittances", "paid"): "That it was paid is checked; at which moment, only the bank knows.",
    **{(noun, "mark"): MARK for noun in ("audit", "receipts", "remittances")},
    ("links", "created"): "It only says of which day a seal is; its number stands in what was printed.",
    ("links", "id"): "Links are known by their numbers.",
    ("links", "seq"): "Links are known by their numbers.",
}
"""Columns of which the check may overlook a change, and why that is all right."""

MAY_BE_ADDED: Mapping[str, str] = {
    "audit": "Without data keys a line more, behind the last seal, is like one that we wrote, and can let go what "
    "is held back. Where there are keys it bears no mark, and is found (tests/operations/test_marks.py).",
    "links": "The database numbers them, and two of one number cannot be.",
}
"""Where a row that was added behind the last seal may be overlooked, and why that is all right."""


KINDS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "payments": lambda row: (row["kind"], bool(row["refund_id"])),
    "postings": lambda row: row["account"],
    "remittances": lambda row: row["about_id"][:3],
}
"""What kinds of rows there are in a table."""


class Undone(Exception):
    """Takes everything back."""


@pytest.fixture
def market(two_sellers: None, database: Database) -> Database:
    """Anna and Bert sell below my shop; all have accounts and fees."""
    for id in CONTRACTS:
        change(database, id, payout_account=marketplace.ACCOUNT, fees=FEES)
    return database


@pytest.fixture
def lived(mine: Api, platform: Platform, market: Database) -> Database:
    """A marketplace on which everything has happened that moves money, and that was sealed."""
    operator = Call(platform, None, "de", role="operator")
    _, anna, _ = sold(mine)
    disputed = payment_of(mine, bought(mine))["id"]
    settlement.run(operator)
    give_back(mine, anna, 1000)
    calendar.report(operator, disputed, Occasion.CHARGED_BACK)
    _, other, _ = sold(mine)
    give_back(mine, other, 500)
    for _ in range(2):
        sold(mine)
    held = payment_of(mine, bought(mine))["id"]
    assert hold(mine, held) == 200
    case = waiting(mine)
    transfer(mine, 200, f"TA {case['trans_id']}")
    late = waiting(mine)
    mine.post(f"Smart/Transactions/{late['id']}/cancel")
    transfer(mine, 700, f"TA {late['trans_id']}", iban=marketplace.ACCOUNT["iban"], owner="Max")
    mine.post(payment_path(late, "/unassignPayment"), {"amount": 300})
    mine.post(payment_path(late, "/returnPayment"), {"amount": 100})
    line = transfer(mine, 50, "thank you", iban=marketplace.ACCOUNT["iban"], owner="Max")
    mine.post(f"Payment/Transactions/me/returnTransfer/{line['id']}")
    payout = mine.post(AT, by_container(mine))
    transfer(mine, 350, f"TA {payout['trans_id']}")
    mine.post(AT, by_container(mine))
    settlement.run(operator)
    bought(mine)
    sealed(market)
    drop_guards(market)
    return market


def sealed(database: Database) -> None:
    """Seals everything that is there."""
    for noun in chain.SEALED:
        with database.unit() as unit:
            chain.extend(unit, noun)


def check(unit: Unit) -> list[str]:
    """What the check has to say."""
    return [str(difference) for difference in reconciliation.check_all(unit)[1]]


def rows(database: Database, table: Table, is_everything: bool) -> list[dict[str, Any]]:
    """Rows to be changed: all of them, or one of each kind."""
    with database.view() as view:
        found = [dict(row) for row in view.connection.execute(select(table).order_by(table.c.seq)).mappings()]
    kind = KINDS.get(table.name)
    first = {kind(row) if kind else "": row for row in reversed(found)}
    return found if is_everything else list(first.values())


def others(column: Column[Any], value: Any, row: Mapping[str, Any]) -> Iterator[Any]:
    """Other values that a column could have."""
    if column.nullable and value is not None:
        yield None
    if isinstance(column.type, Boolean):
        yield not value
    elif isinstance(column.type, Integer):
        yield (value or 0) + 1
    elif isinstance(column.type, Moment):
        yield (value or datetime.fromisoformat("2026-02-04T09:30:00+00:00")) + timedelta(hours=1)
    elif isinstance(column.type, JSON) or isinstance(value, dict):
        yield {"owner": "A Thief", "iban": "DE02120300000000202051"}
    elif column.name == "currency":
        yield "CHF"
    else:
        known = {"merchant_id": "MRC_STRANGER", "contract_id": "GCR_STRANGER", "account": "refunds", "kind": "part"}
        usual = f"{value or ''}X"
        other = known.get(column.name, usual)
        yield usual if other == value else other


def differs(database: Database, statement: Any) -> bool | None:
    """Whether the check finds what a statement does, which is taken back; None where the database refuses it."""
    found: bool | None = None
    try:
        with unguarded(database) as unit:
            try:
                unit.connection.execute(statement)
            except DatabaseError:
                raise Undone from None
            found = finds(unit)
            raise Undone
    except Undone:
        return found


def test_every_table_of_money_is_listed_or_has_none() -> None:
    amounts = {table.name for table in tables.metadata.sorted_tables if {*table.c.keys()} & {"amount", "payout_id"}}
    assert amounts - {*TABLES} == {"attempts", "smart_transactions"}  # what was asked for, and what is to be paid
    assert {chain.table_of(noun).name for noun in chain.SEALED} == set(MONEY)


def in_turn(found: list[dict[str, Any]], place: int | None) -> list[dict[str, Any]]:
    """All rows, or for each column another one, so that every kind of row has its turn."""
    return found if place is None or not found else [found[place % len(found)]]


def test_the_check_finds_whatever_is_changed_removed_or_added(
    request: pytest.FixtureRequest, lived: Database, subtests: pytest.Subtests
) -> None:
    is_everything = request.config.getoption("everything")
    with lived.view() as view:
        assert check(view) == []
    with subtests.test("a case follows a payment of another"):
        assert is_found_of_cases(lived)
    with subtests.test("changed"):
        assert changes_overlooked(lived, is_everything) == []
    with subtests.test("removed or added"):
        assert rows_overlooked(lived, is_everything) == []


def changes_overlooked(lived: Database, is_everything: bool) -> list[str]:
    """What the check does not find of changed values."""
    return [
        f"{table.name}.{column.name} {row[column.name]!r} -> {value!r} of {row['id']}"
        for table in (tables.metadata.tables[name] for name in TABLES)
        for place, column in enumerate(table.c)
        if (table.name, column.name) not in HARMLESS
        for row in in_turn(rows(lived, table, is_everything), None if is_everything else place)
        for value in islice(others(column, row[column.name], row), None if is_everything else 1)
        if differs(lived, update(table).where(table.c.seq == row["seq"]).values({column.name: value})) is False
    ]


def is_found_of_cases(lived: Database) -> bool | None:
    """Whether the check finds a case that follows a payment of another."""
    cases = tables.smart_transactions
    with lived.view() as view:
        [one, other, *_] = [case for case in view.smart_transactions.all() if case.payment_id]
    return differs(lived, update(cases).where(cases.c.id == one.id).values(payment_id=other.payment_id))


def rows_overlooked(lived: Database, is_everything: bool) -> list[str]:
    """What the check does not find of rows that were removed or added."""
    overlooked = []
    for table in (tables.metadata.tables[name] for name in TABLES):
        for row in rows(lived, table, is_everything):
            if differs(lived, delete(table).where(table.c.seq == row["seq"])) is False:
                overlooked.append(f"{table.name} without {row}")
            new = {name: value for name, value in row.items() if name != "seq"} | {"id": f"{row['id']}X"}
            if table.name not in MAY_BE_ADDED and differs(lived, insert(table).values(new)) is False:
                overlooked.append(f"{table.name} with another {row}")
    return overlooked


def test_what_is_harmless_has_a_reason_and_a_column() -> None:
    columns = {(table.name, column.name) for table in tables.metadata.sorted_tables for column in table.c}
    assert set(HARMLESS) <= columns
    assert all([*HARMLESS.values(), *MAY_BE_ADDED.values()])
