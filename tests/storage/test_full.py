"""A disk that is full, or a database that can only be read: what would write is a 503, and nothing is half done."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import event

from pfennig.storage.database import Database
from tests.api.conftest import Everything, everything
from tests.conftest import Api, order

__all__ = ["everything"]

Trouble = Callable[[Database], AbstractContextManager[None]]

FULL = (
    "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$",
    "CREATE TRIGGER full_disk AFTER INSERT OR UPDATE ON smart_transactions FOR EACH ROW EXECUTE FUNCTION full_disk()",
)
"""PostgreSQL says so when some of a unit is written already."""

MORE_THAN_A_PAGE = ["x" * 240] * 38


@contextmanager
def full(store: Database) -> Iterator[None]:
    """There is no room for another page."""
    if store.is_sqlite:
        with connected(store, "PRAGMA max_page_count = 1"):
            yield
    else:
        run(store, *FULL)
        yield
        run(store, "DROP FUNCTION full_disk CASCADE")


@contextmanager
def read_only(store: Database) -> Iterator[None]:
    """Nothing may be written: the file is another's, or the server stands by for another one now."""
    with connected(store, "PRAGMA query_only = ON" if store.is_sqlite else "SET default_transaction_read_only = on"):
        yield


@contextmanager
def connected(store: Database, statement: str) -> Iterator[None]:
    """Every connection begins with this statement."""

    def begin(connection: object, record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute(statement)
        cursor.close()
        connection.commit()  # type: ignore[attr-defined]

    store.engine.dispose()
    event.listen(store.engine, "connect", begin)
    try:
        yield
    finally:  # the way to the database is that of all tests
        event.remove(store.engine, "connect", begin)
        store.engine.dispose()


def run(store: Database, *statements: str) -> None:
    """Changes the database itself."""
    with store.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("trouble", [full, read_only])
def test_what_cannot_be_written_is_refused_for_now_and_leaves_nothing(
    mine: Api, database: Database, everything: Everything, trouble: Trouble
) -> None:
    case, before = mine.buy(), everything()
    path = f"Smart/Transactions/{case['id']}"
    with trouble(database):
        for verb, address in (("POST", "Smart/Transactions"), ("PUT", path)):
            answer = mine.request(verb, address, json=order(idents=MORE_THAN_A_PAGE))
            assert (answer.status_code, answer.json()["code"]) == (503, 1091)
            assert int(answer.headers["Retry-After"]) > 0
        assert mine.get(path) == case
    assert everything() == before
    assert mine.put(path, order(idents=MORE_THAN_A_PAGE))["idents"] == MORE_THAN_A_PAGE
