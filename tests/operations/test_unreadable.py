"""A row that cannot be read is a difference that names it; it ends no check, and stops neither seals nor chores."""

from contextlib import suppress
from dataclasses import replace
from math import inf
from threading import Event as Signal

import pytest

from pfennig.operations import idempotency
from pfennig.operations.books import settlement
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.privacy import retention
from pfennig.push.worker import Worker
from pfennig.storage.database import Database, TooSlow
from pfennig.storage.integrity import chain
from pfennig.storage.unit import Unit
from tests.api.conftest import bought, transfer
from tests.conftest import ON_BOTH, ON_SQLITE, Api, Past, StoppedClock
from tests.marketplace import ACCOUNT, PLATFORM
from tests.storage.test_chain import seal
from tests.tampering import finds, unguarded

pytestmark = ON_BOTH

NO_KEY = "sealed:gAAAAAx"

HOUR = 3600


class Undone(Exception):
    """Takes everything back."""


UNREADABLE: list[tuple[str, str, str | dict[str, str]]] = [
    ("payments", "fee_rate", '{"basis_points": 1e400}'),
    ("payments", "shipping", "[1]"),
    ("payments", "created", {"postgresql": "infinity", "sqlite": "soon"}),
    ("payments", "updated", {"postgresql": "4000-01-01 BC", "sqlite": "-4000-01-01"}),
    ("postings", "created", {"postgresql": "infinity", "sqlite": "soon"}),
    ("moves", "created", {"postgresql": "infinity", "sqlite": "soon"}),
    ("audit", "created", {"postgresql": "infinity", "sqlite": "soon"}),
    ("remittances", "created", {"postgresql": "4000-01-01 BC", "sqlite": "soon"}),
    ("remittances", "account", "[1]"),
    ("remittances", "account", '"x"'),
    ("remittances", "account", f'"{NO_KEY}"'),
    ("remittances", "salt", NO_KEY),
    ("receipts", "iban", NO_KEY),
    ("contracts", "payout_account", f'"{NO_KEY}"'),
    ("contracts", "fees", '{"creditcard": {"fixed": 1e400}}'),
]

DIFFERENT = [UNREADABLE[0], UNREADABLE[1], *(each for each in UNREADABLE if isinstance(each[2], dict))]
"""Of moments, and of JSON, PostgreSQL has types of its own; the rest is text, which we read alike."""

ONLY_SQLITE = [
    ("payments", "amount", "'much'"),
    ("payments", "reason", "CAST(x'ff' AS TEXT)"),
    ("postings", "amount", "'much'"),
    ("postings", "why", "x'00ff'"),
    ("postings", "id", "CAST(x'ff' AS TEXT)"),
    ("audit", "verb", "CAST(x'ff' AS TEXT)"),
    ("receipts", "amount", "1.5"),
    ("links", "marks", "CAST(x'ff' AS TEXT)"),
]
"""What SQLite takes for a value of any column."""


@pytest.fixture
def operator(platform: Platform) -> Call:
    """Whoever sits at the command line."""
    return Call(platform, None, "de", role="operator")


@pytest.fixture
def lived(mine: Api, operator: Call, database: Database, clock: StoppedClock, past: Past) -> Database:
    """A database in which there is a little of everything, sealed, and something to be paid out."""
    past.relive("a little of everything", database, clock, lambda: live(mine, operator, database, clock))
    return database


def live(mine: Api, operator: Call, database: Database, clock: StoppedClock) -> None:
    """Lets all of that come about."""
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, payout_account=ACCOUNT))
    bought(mine)
    transfer(mine, 50, "thank you")
    settlement.run(operator)
    seal(database, clock)
    bought(mine)


def spoil(unit: Unit, table: str, column: str, value: str) -> None:
    """Puts something into a column of one row, whatever its type is."""
    row = f"(SELECT max(seq) FROM {table})"  # noqa: S608 - words of ours
    unit.connection.exec_driver_sql(f"UPDATE {table} SET {column} = {value} WHERE seq = {row}")  # noqa: S608


def is_named(database: Database, table: str, column: str, value: str) -> bool:
    """Whether the check names a row that says that, which is taken back."""
    found = False
    with suppress(Undone), unguarded(database) as unit:
        spoil(unit, table, column, value)
        found = finds(unit, lambda difference: f" of {table}" in str(difference))
        raise Undone
    return found


def test_a_row_that_cannot_be_read_is_a_difference_that_names_it(
    request: pytest.FixtureRequest, lived: Database, subtests: pytest.Subtests
) -> None:
    name = lived.engine.dialect.name
    is_all = lived.is_sqlite or request.config.getoption("everything")
    for table, column, value in UNREADABLE if is_all else DIFFERENT:
        with subtests.test(table=table, column=column, value=value):
            assert is_named(lived, table, column, f"'{value if isinstance(value, str) else value[name]}'")
    with lived.view() as view:
        assert reconciliation.check_all(view)[1] == []


@ON_SQLITE
def test_what_only_sqlite_takes_for_a_value_is_named_too(lived: Database, subtests: pytest.Subtests) -> None:
    for table, column, value in ONLY_SQLITE:
        with subtests.test(table=table, column=column, value=value):
            assert is_named(lived, table, column, value)


def test_the_worker_goes_on_and_nobody_is_paid(
    lived: Database, operator: Call, clock: StoppedClock, mine: Api
) -> None:
    worker = Worker(operator.platform, Signal())
    with unguarded(lived) as unit:
        spoil(unit, "payments", "fee_rate", """'{"basis_points": 1e400}'""")
        broken = unit.payments.newest()
        before = chain.sealed_upto(unit)
        spoil(unit, "payments", "created", "'infinity'")
    bought(mine)
    for _ in range(6):
        worker.sealed_at = -inf
        worker.chores()
        clock.advance(minutes=1)
    with lived.view() as view:
        check = reconciliation.last_check(view)
        assert check is not None
        assert check.differences > 0
        assert (clock() - check.updated).total_seconds() < HOUR
        assert chain.sealed_upto(view)["payments"] == broken - 1
        assert all(chain.sealed_upto(view)[noun] > before[noun] for noun in ("postings", "moves"))
    assert [result.payout for result in settlement.run(operator) if result.payout] == []


@ON_SQLITE
def test_what_fails_keeps_no_other_chore_from_being_done(
    lived: Database, operator: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, done = Worker(operator.platform, Signal()), list[str]()
    worker.purged = {"customers": 0, "mails": 0}

    def fail(*given: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(reconciliation, "check", fail)
    monkeypatch.setattr(retention, "purge", fail)
    monkeypatch.setattr(idempotency, "purge", fail)
    monkeypatch.setattr(chain, "extend", lambda unit, noun: done.append(noun))
    worker.chores()
    assert done == [*chain.SEALED]
    assert [result.payout for result in settlement.run(operator) if result.payout] == []


@ON_SQLITE
def test_a_look_that_could_not_be_finished_stops_payouts_until_one_could(
    lived: Database, operator: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(operator.platform, Signal())

    def fail(*given: object) -> None:
        raise TooSlow

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(reconciliation, "check", fail)
        worker.chores()
    assert not any(result.payout for result in settlement.run(operator))
    for _ in range(2):
        worker.check_books()
        while worker.checked is not None:
            worker.check_books()
    assert any(result.payout for result in settlement.run(operator))
