"""Whoever migrates gets the tables of the code, on both databases."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Table, inspect

from pfennig.clock import system_clock
from pfennig.storage import migrations, tables
from pfennig.storage.database import Database
from pfennig.storage.shelf import Fact, row
from tests.postgres import Cluster
from tests.storage.facts import a_case, a_payment

numbers = itertools.count()


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a table; the test runs once on each kind."""
    if request.param == "sqlite":
        address = str(tmp_path / "pfennig.db")
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        address = cluster.create(f"empty_{next(numbers)}")
    store = Database(address, system_clock)
    yield store
    store.close()


def test_migrating_twice_does_nothing(nothing: Database) -> None:
    assert migrations.revision(nothing) is None
    assert migrations.migrate(nothing)
    assert migrations.revision(nothing) == migrations.NEWEST
    assert not migrations.migrate(nothing)


def test_the_newest_migration_is_the_one_that_the_program_needs() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.NEWEST]


def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.metadata) == []


def test_migrations_make_the_constraints_of_the_code(database: Database) -> None:
    inspector = inspect(database.engine)
    for table in tables.metadata.sorted_tables:
        there = {check["name"] for check in inspector.get_check_constraints(table.name)}
        assert there == {check.name for check in table.constraints if isinstance(check, CheckConstraint)}


def test_what_was_to_be_held_back_before_there_was_a_column_for_it_still_is(
    nothing: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(migrations, "NEWEST", "0001")
        migrations.migrate(nothing)
    for name, context in (("HELD", {"accrual": True}), ("FREE", {"accrual": False}), ("USUAL", {})):
        insert(nothing, tables.smart_transactions, a_case(id=f"STX_{name}", data={"payment_context": context}))
        insert(nothing, tables.payments, a_payment(id=f"PCI_{name}", smart_transaction_id=f"STX_{name}"))
    migrations.migrate(nothing)
    with nothing.view() as view:
        assert {payment.id: payment.is_held for payment in view.payments.all()} == {
            "PCI_HELD": True,
            "PCI_FREE": False,
            "PCI_USUAL": False,
        }


def insert(store: Database, table: Table, fact: Fact) -> None:
    """Writes those fields of a fact for which the table has a column already."""
    there = {column["name"] for column in inspect(store.engine).get_columns(table.name)} - {"seq"}
    with store.unit() as unit:
        unit.connection.execute(table.insert().values({n: v for n, v in row(fact).items() if n in there}))


def test_a_migration_that_stumbles_leaves_nothing(nothing: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "NEWEST", "9999")
    with pytest.raises(Exception, match="9999"):
        migrations.migrate(nothing)
    assert migrations.revision(nothing) is None
    assert not inspect(nothing.engine).get_table_names()
