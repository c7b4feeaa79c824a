"""Whoever migrates gets the tables of the code, on both databases."""

import ast
import itertools
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, MetaData, Table, func, inspect, select

from pfennig.clock import system_clock
from pfennig.domain.ledger import LedgerAccount
from pfennig.domain.parties import Key
from pfennig.domain.payment import Payment, State
from pfennig.operations.checks import reconciliation
from pfennig.storage import migrations, tables
from pfennig.storage.database import Database
from pfennig.storage.queries import lookups
from pfennig.storage.shelf import Fact, row
from pfennig.storage.unit import Unit
from pfennig.twin.simulator import scenarios
from pfennig.twin.simulator.scenarios import KeptScenario
from scripts.tables import migrated, script
from tests.conftest import BOTH, MORNING, ON_BOTH
from tests.postgres import Cluster
from tests.storage.facts import a_case, a_payment, an_attempt

numbers = itertools.count()


FORMS = Key(id="forms", value="0" * 64, created=MORNING)
WAITING, PAID, INVOICE = (
    a_payment(method=method, state=state)
    for method, state in (("prepaid", State.PENDING), ("prepaid", State.ACCEPTED), ("invoice", State.ACCEPTED))
)


@pytest.fixture(params=BOTH)
def nothing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a table; the test runs once on each kind."""
    store = empty(request, tmp_path)
    yield store
    store.close()


@pytest.fixture(scope="module", params=BOTH)
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with rows from the time of the first revision, after all migrations; only looked at."""
    store = empty(request, tmp_path_factory.mktemp("grown"))
    with pytest.MonkeyPatch.context() as earlier:
        earlier.setattr(migrations, "NEWEST", "0001")
        migrations.migrate(store)
    write_held_back(store)
    insert(store, tables.keys, FORMS)
    write_bank_lines(store)
    assert migrations.migrate(store)
    yield store
    store.close()


def empty(request: pytest.FixtureRequest, folder: Path) -> Database:
    """An empty database of the kind that is asked for."""
    address = str(folder / "pfennig.db")
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        address = cluster.create(f"empty_{next(numbers)}")
    return Database(address, system_clock)


def test_an_empty_database_has_no_revision(nothing: Database) -> None:
    assert migrations.revision(nothing) is None


@ON_BOTH
def test_migrating_twice_does_nothing(database: Database) -> None:
    assert migrations.revision(database) == migrations.NEWEST
    assert not migrations.migrate(database)


def test_the_newest_migration_is_the_one_that_the_program_needs() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.NEWEST]


@pytest.fixture(scope="module")
def step_by_step(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file on which every migration was run."""
    return migrated(tmp_path_factory.mktemp("steps") / "steps.db")


def test_the_script_for_a_new_sqlite_file_is_what_all_migrations_make_of_it(step_by_step: Path) -> None:
    assert migrations.SCRIPT.read_text(encoding="utf-8") == script(step_by_step), "run `make docs`"


def test_a_file_made_by_the_script_is_as_if_each_migration_had_been_run(step_by_step: Path, tmp_path: Path) -> None:
    store = Database(str(tmp_path / "new.db"), system_clock)
    assert migrations.new_tables()
    assert migrations.migrate(store)
    store.close()
    assert contents(tmp_path / "new.db") == contents(step_by_step)


def contents(file: Path) -> dict[str, list[Any]]:
    """Everything in an SQLite file, without its order, and without the random word of its version."""
    connection = sqlite3.connect(file)
    connection.execute("UPDATE versions SET created = '', value = ''")
    made = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    names = [name for type, name, *_ in made if type == "table" and name != "sqlite_sequence"]
    rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608 - our own
    asked = {name: connection.execute(f"PRAGMA {name}").fetchall() for name in ("user_version", "application_id")}
    connection.close()
    return rows | asked | {"made": sorted(made, key=str)}


def test_a_script_of_another_revision_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "NEWEST", "0001")
    assert migrations.new_tables() == []


def test_migrations_import_nothing_of_ours_but_what_they_share() -> None:
    folder = Path(migrations.__file__).parent
    found = {
        (path.name, module)
        for path in [folder / "env.py", folder / "frozen.py", *(folder / "versions").glob("*.py")]
        for module in imports(path)
        if module.startswith(("pfennig", "."))
    }
    assert {(name, module) for name, module in found if module != "pfennig.storage.migrations.frozen"} == set()


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, or from which."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def test_the_numbers_of_migrations_have_no_gaps_but_two_that_were_never_used() -> None:
    numbers = {int(path.name[:4]) for path in (Path(migrations.__file__).parent / "versions").glob("0*.py")}
    assert set(range(1, int(migrations.NEWEST) + 1)) - numbers == {6, 11}


@pytest.mark.filterwarnings("ignore:autogenerate skipping:UserWarning")  # of expressions, which SQLite does not tell
def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.metadata) == []


def test_migrations_make_the_constraints_of_the_code(database: Database) -> None:
    inspector = inspect(database.engine)
    for table in tables.metadata.sorted_tables:
        there = {check["name"] for check in inspector.get_check_constraints(table.name)}
        assert there == {check.name for check in table.constraints if isinstance(check, CheckConstraint)}


def write_held_back(store: Database) -> None:
    """Payments that a contract's context holds back, frees, or does not mention."""
    for name, context in (("HELD", {"accrual": True}), ("FREE", {"accrual": False}), ("USUAL", {})):
        insert(store, tables.smart_transactions, a_case(id=f"STX_{name}", data={"payment_context": context}))
        insert(store, tables.payments, a_payment(id=f"PCI_{name}", smart_transaction_id=f"STX_{name}"))


def test_what_was_to_be_held_back_before_there_was_a_column_for_it_still_is(grown: Database) -> None:
    with grown.view() as view:
        held = {payment.id: payment.is_held for payment in view.payments.all()}
    assert {held[f"PCI_{name}"] for name in ("FREE", "USUAL")} == {False}
    assert held["PCI_HELD"] is True


def insert(store: Database, table: Table, fact: Fact) -> None:
    """Writes those fields of a fact for which the table has a column already."""
    there = {column["name"] for column in inspect(store.engine).get_columns(table.name)} - {"seq"}
    with store.unit() as unit:
        unit.connection.execute(table.insert().values({n: v for n, v in row(fact).items() if n in there}))


def test_keys_are_the_same_after_their_table_was_made_anew(grown: Database) -> None:
    with grown.unit() as unit:
        assert unit.keys.get("forms") == replace(FORMS, seq=1)
        assert lookups.if_unique(unit, lambda: unit.keys.add(FORMS)) is None
        assert unit.keys.add(replace(FORMS, id="long", value="0" * 2000)).seq > 1
        unit.connection.rollback()


def test_a_migration_that_stumbles_leaves_nothing(nothing: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "NEWEST", "9999")
    with pytest.raises(Exception, match="9999"):
        migrations.migrate(nothing)
    assert migrations.revision(nothing) is None
    assert not inspect(nothing.engine).get_table_names()


def test_what_the_simulated_rail_was_told_is_known_to_the_twin_afterwards(
    nothing: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(migrations, "NEWEST", "0033")
        migrations.migrate(nothing)
    told: dict[str, Any] = {"outcome": "silence", "after_seconds": 30, "choice": "fail", "months": 12}
    with nothing.unit() as unit:
        for id, script in (("ATT_TOLD", told), ("ATT_CHOSEN", {"choice": "succeed"}), ("ATT_USUAL", {})):
            put_attempt(unit, id, script)
        put(unit, "outcomes", id="OUT_ONE", verb="start", script={"after_seconds": 5}, is_open=True)
        put(unit, "outcomes", id="OUT_TWO", verb="refund", script={"outcome": "error"}, is_open=False)
    migrations.migrate(nothing)
    with nothing.view() as view:
        kept = {each.id: each for each in scenarios.scenarios(view).all()}
        assert kept == {
            "ATT_TOLD": KeptScenario(id="ATT_TOLD", created=MORNING, seq=1, **told),
            "ATT_CHOSEN": KeptScenario(id="ATT_CHOSEN", created=MORNING, seq=2, choice="succeed"),
        }
        queued = [(each.id, each.outcome, each.after_seconds) for each in scenarios.outcomes(view).all()]
        assert queued == [("OUT_ONE", None, 5), ("OUT_TWO", "error", None)]


def put_attempt(unit: Unit, id: str, script: dict[str, Any]) -> None:
    """An attempt as it was when it knew what the simulated rail was told."""
    attempt = an_attempt(id=id)
    values = {name: value for name, value in row(attempt).items() if name not in ("seq", "details")}
    put(unit, "attempts", **values, script=script)


def put(unit: Unit, table: str, **values: Any) -> None:
    """Writes a row as the table is just now."""
    there = Table(table, MetaData(), autoload_with=unit.connection)
    usual = {"id": f"{table}-{next(numbers)}", "merchant_id": "MRC_MINE", "currency": "EUR", "created": MORNING}
    known = {name: value for name, value in (usual | values).items() if name in there.c}
    unit.connection.execute(there.insert().values(known))


def put_move(unit: Unit, payment: Payment, before: State, after: State) -> None:
    """A line of the history of a payment."""
    what = {"object_id": payment.id, "smart_transaction_id": payment.smart_transaction_id}
    put(unit, "moves", before=before.value, after=after.value, why="", by="", **what)


def put_entry(unit: Unit, payment: Payment, why: str = "transfer", **amounts: int) -> None:
    """One entry for a payment."""
    same = {"contract_id": payment.contract_id, "payment_id": payment.id, "smart_transaction_id": "STX_ONE"}
    entry_id = f"entry-{next(numbers)}"
    for account, amount in amounts.items():
        put(unit, "postings", entry_id=entry_id, account=account, amount=amount, why=why, **same)


def put_line(unit: Unit, amount: int, payment: Payment | None = None) -> None:
    """A line of the bank's statement, assigned to a payment or to none."""
    owner = {"payment_id": payment.id, "smart_transaction_id": "STX_ONE"} if payment else {}
    put(unit, "receipts", amount=amount, purpose="TA", iban="", owner="", **owner)


def balance(view: Unit, about_id: str) -> dict[LedgerAccount, int]:
    """What the postings of a payment or bank line add up to, by account."""
    table = tables.postings.c
    query = select(table.account, func.sum(table.amount)).where(table.payment_id == about_id)
    return {
        LedgerAccount(account): int(amount)
        for account, amount in view.connection.execute(query.group_by(table.account))
    }


def write_bank_lines(store: Database) -> None:
    """Transfers to three payments as they were posted once, and one to none."""
    with store.unit() as unit:
        contract = {"methods": [], "payment_context": {}, "fees": {}, "has_mixed_baskets": False, "bank_account": {}}
        for id in ("GCR_FIRST", "GCR_MINE"):
            put(unit, "contracts", id=id, **contract)
        put(unit, "smart_transactions", **row(a_case(id="STX_ONE")) | {"seq": 101})
        for number, payment in enumerate((WAITING, PAID, INVOICE), start=1):
            put(unit, "payments", **row(payment) | {"seq": 100 + number})
            put_move(unit, payment, State.CREATED, State.PENDING if payment.method == "prepaid" else payment.state)
        put_move(unit, PAID, State.PENDING, State.ACCEPTED)
        for amount, payment in ((200, WAITING), (300, PAID), (300, PAID)):
            put_line(unit, amount, payment)
            put_entry(unit, payment, bank_clearing=-amount, in_transit=amount)
        put_entry(unit, PAID, "accepted", in_transit=-500, merchant_payable=500)
        put_entry(unit, INVOICE, "accepted", payer=-500, merchant_payable=500)
        put_line(unit, 300, INVOICE)
        put_entry(unit, INVOICE, bank_clearing=-300, payer=300)
        put_line(unit, 700)


def test_bank_lines_from_before_are_posted_and_given_to_their_payments(grown: Database) -> None:
    with grown.view() as view:
        assert reconciliation.check_all(view) == (6, [])  # with those that are held back or not
        lines, parts = view.receipts.all(), view.allocations.all()
        balances = {line.id: balance(view, line.id) for line in lines}
    assert [line.contract_id for line in lines] == ["GCR_MINE"] * 4 + ["GCR_FIRST"]
    assert [part.receipt_id for part in parts] == [line.id for line in lines[:4]]
    assert [(part.payment_id, part.smart_transaction_id, part.amount) for part in parts] == [
        (WAITING.id, "STX_ONE", 200),
        (PAID.id, "STX_ONE", 300),
        (PAID.id, "STX_ONE", 300),
        (INVOICE.id, "STX_ONE", 300),
    ]
    assert [balances[line.id] for line in lines] == [
        {LedgerAccount.BANK: -amount, LedgerAccount.UNASSIGNED: amount} for amount in (200, 300, 300, 300, 700)
    ]
