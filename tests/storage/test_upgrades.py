"""Whatever was written under an earlier revision is there after the migration, as it was."""

import itertools
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event as Signal
from typing import Any

import httpx
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, column, inspect, select
from sqlalchemy import table as clause

from pfennig import application, foundation
from pfennig.operations.checks import reconciliation
from pfennig.settings import Settings
from pfennig.storage import migrations, tables
from pfennig.storage.database import Database
from tests.api.conftest import bought, payment_path
from tests.conftest import MINE, PUBLIC_URL, Api, StoppedClock
from tests.pairs import with_rare
from tests.postgres import Cluster

Rows = Mapping[str, list[dict[str, Any]]]

TOLD_ELSEWHERE = {"receipts", "allocations"}
"""What a migration made anew: a test of its own follows a bank line from one table into two."""

GONE: Mapping[str, Mapping[str, Any]] = {"attempts": {"script": {}}}
"""What a row had to say once and no longer does."""

numbers = itertools.count()


def revisions() -> list[str]:
    """Every revision before the newest, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return [one.revision for one in reversed([*ScriptDirectory.from_config(config).walk_revisions()][1:])]


@pytest.fixture(scope="module")
def lived(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """The rows of a shop that has sold, refunded, and called off."""
    store = Database(str(shutil.copy(sqlite_template, tmp_path_factory.mktemp("lived") / "shop.db")), StoppedClock())
    platform = foundation.platform(Settings(public_url=PUBLIC_URL), store, Signal())
    with httpx.Client(transport=httpx.WSGITransport(application.create(platform)), base_url=PUBLIC_URL) as http:
        mine = Api(http, MINE)
        for method in ("creditcard", "debit"):
            mine.request("POST", payment_path(bought(mine, method), "cancel"), json={"reduce_amount_by": 200})
        mine.post(f"Smart/Transactions/{mine.buy()['id']}/abort")
    rows = read(store)
    store.close()
    return {name: found for name, found in rows.items() if name not in TOLD_ELSEWHERE}


@pytest.fixture
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of a kind without a table."""
    address = str(tmp_path / "earlier.db")
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        address = cluster.create(f"earlier_{next(numbers)}")
    store = Database(address, StoppedClock())
    yield store
    store.close()


REVISIONS = revisions()
WAYS = [(kind, each) for kind in ("sqlite", "postgresql") for each in REVISIONS]
USUAL = [(kind, each) for kind, each in WAYS if each in (REVISIONS[0], REVISIONS[-1])]
"""From the first revision all migrations are walked; the newest one is the one that may still be wrong."""


@pytest.mark.parametrize(("earlier", "revision"), with_rare(WAYS, USUAL), indirect=["earlier"])
def test_what_an_earlier_revision_kept_is_there_afterwards_and_the_books_agree(
    earlier: Database, lived: Rows, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(migrations, "NEWEST", revision)
        migrations.migrate(earlier)
    kept = write(earlier, lived)
    assert migrations.migrate(earlier)
    after = read(earlier)
    for name, rows in kept.items():
        assert [{column: new[column] for column in old} for old, new in zip(rows, after[name], strict=True)] == rows
    with earlier.view() as view:
        assert reconciliation.check_all(view) == (len(kept["payments"]), [])


def write(store: Database, rows: Rows) -> Rows:
    """Writes what the tables have room for already, and answers that."""
    inspector = inspect(store.engine)
    there = {
        name: {column["name"] for column in inspector.get_columns(name)} - {"seq"}
        for name in inspector.get_table_names()
    }
    kept = {
        name: [{column: value for column, value in row.items() if column in there[name]} for row in found]
        for name, found in rows.items()
        if name in there and found and name != "versions"  # its only row comes with the table
    }
    with store.unit() as unit:
        for name, found in kept.items():
            table = tables.metadata.tables[name]
            more = {label: value for label, value in GONE.get(name, {}).items() if label in there[name]}
            names = [*found[0], *more]
            then = clause(name, *(column(each, table.c[each].type if each in table.c else JSON()) for each in names))
            for row in found:
                unit.connection.execute(then.insert().values({**row, **more}))
    return kept


def read(store: Database) -> Rows:
    """Everything that is there, in the order in which it was written."""
    with store.view() as view:
        return {
            table.name: [dict(row) for row in view.connection.execute(select(table).order_by(table.c.seq)).mappings()]
            for table in tables.metadata.sorted_tables
        }
