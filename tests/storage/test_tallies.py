"""What lists count is exact, however much of it was counted before, whatever is added or removed, and by how many."""

import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from pfennig.storage import tables
from pfennig.storage.database import Database
from pfennig.storage.lists import tallies
from pfennig.storage.shelf import Shelf
from pfennig.storage.unit import Unit
from tests.conftest import ON_BOTH, ON_POSTGRESQL, StoppedClock
from tests.pairs import with_rare
from tests.storage.facts import a_case, a_customer, a_payment

pytestmark = ON_BOTH

OWNERS = [
    {"merchant_id": "MRC_MINE", "contract_id": "GCR_MINE"},
    {"merchant_id": "MRC_MINE", "contract_id": "GCR_OTHER"},
    {"merchant_id": "MRC_MINE", "contract_id": "GCR_SELLER"},
    {"merchant_id": "MRC_SELLER", "contract_id": "GCR_SELLER"},
    {"merchant_id": "MRC_STRANGER", "contract_id": "GCR_STRANGER"},
]
"""A row that is mine and under a contract below mine is still one row."""

VIEWS: list[tuple[str, set[str]]] = [
    ("MRC_MINE", {"GCR_SELLER", "GCR_NONE"}),
    ("MRC_MINE", set()),
    ("MRC_SELLER", set()),
    ("MRC_STRANGER", {"GCR_MINE"}),
    ("MRC_NONE", {"GCR_NONE"}),
]

MAKE: dict[str, Callable[..., Any]] = {"customers": a_customer, "smart_transactions": a_case}


def shelf(unit: Unit, noun: str) -> Shelf[Any]:
    """Where that noun is kept."""
    found: Shelf[Any] = getattr(unit, noun)
    return found


def differences(database: Database, noun: str) -> list[tuple[int, int]]:
    """For each view in which both differ, what a list counts and what is there."""
    with database.view() as view:
        rows = shelf(view, noun)
        asked = [[rows.is_owned_by(*whose), *tallies.SHOWN[noun]] for whose in VIEWS]
        pairs = [(tallies.count(rows, where), rows.count(*where)) for where in asked]
    return [(counted, there) for counted, there in pairs if counted != there]


def folded(database: Database, noun: str = "customers") -> int:
    """Up to where rows were counted for good."""
    with database.view() as view:
        fold = view.watermarks.find(noun)
    return fold.folded if fold else 0


def step(database: Database, noun: str = "customers") -> bool:
    """What a worker does for a noun in one unit."""
    with database.unit() as unit:
        return tallies.count_on(unit, noun)


def fold_all(database: Database, clock: StoppedClock, noun: str = "customers") -> None:
    """Minutes go by until everything that is there now was counted for good.

    The database's own housekeeping is a transaction, too, and may have to be waited for.
    """
    with database.view() as view:
        newest = shelf(view, noun).newest()
    for _ in range(500):
        if folded(database, noun) >= newest:
            return
        clock.advance(minutes=1)
        if not step(database, noun):
            time.sleep(0.005)
    raise AssertionError("it was never counted")


def add(database: Database, facts: Iterable[Any], noun: str = "customers") -> list[str]:
    """Writes them in one unit. Answers their ids."""
    with database.unit() as unit:
        return [shelf(unit, noun).add(fact).id for fact in facts]


def undone(database: Database, work: Callable[[Unit], object]) -> None:
    """Does something in a unit that is given up."""
    with database.unit() as unit:
        work(unit)
        unit.connection.rollback()


def counted(database: Database, **whose: str) -> int:
    """How many rows are in the tallies, of everybody or of one owner."""
    table = tables.tallies.c
    query = select(func.coalesce(func.sum(table.number), 0)).where(*(table[name] == id for name, id in whose.items()))
    with database.view() as view:
        return int(view.connection.execute(query).scalar_one())


@pytest.mark.parametrize(("noun", "seed"), with_rare([*product(MAKE, "01")], [("customers", "0")]))
def test_a_list_counts_what_is_there_whatever_happens_in_which_order(
    request: pytest.FixtureRequest,
    database: Database,
    clock: StoppedClock,
    noun: str,
    seed: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tallies, "WINDOW", 3)
    dice, known, steps = random.Random(int(seed)), list[str](), 0
    for _ in range(100 if request.config.getoption("everything") else 50):
        chance = dice.random()
        if chance < 0.4:
            origins = {"origin": dice.choice([None, "older"])} if noun == "smart_transactions" else {}
            made = [MAKE[noun](**dice.choice(OWNERS), **origins) for _ in range(dice.randrange(1, 4))]
            known += add(database, made, noun)
        elif chance < 0.6 and known:
            gone = set(dice.sample(known, dice.randrange(1, min(len(known), 3) + 1)))
            known = [id for id in known if id not in gone]
            with database.unit() as unit:
                shelf(unit, noun).remove(id=gone)
        else:
            clock.advance(seconds=dice.choice([0, 20, 70]))
            steps += step(database, noun)
        assert differences(database, noun) == []
    fold_all(database, clock, noun)
    assert steps > 5
    assert differences(database, noun) == []


def test_many_rows_are_counted_window_by_window(
    database: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "WINDOW", 10)
    add(database, (a_payment(**OWNERS[n % 3]) for n in range(35)), "payments")
    sums = [0]
    while sums[-1] < 35:
        clock.advance(minutes=1)
        if step(database, "payments"):
            sums.append(counted(database))
            assert differences(database, "payments") == []
    assert sums == [0, 10, 20, 30, 35]
    assert not step(database, "payments")


def test_nothing_is_counted_before_its_time(database: Database, clock: StoppedClock) -> None:
    add(database, [a_customer()])
    for _ in range(3):
        assert not step(database)
        clock.advance(seconds=19)
    assert folded(database) == 0
    fold_all(database, clock)
    assert folded(database) > 0


@ON_POSTGRESQL
def test_a_row_with_a_lower_number_that_comes_later_is_not_lost(database: Database, clock: StoppedClock) -> None:
    with database.unit() as late:
        late.customers.add(a_customer())
        add(database, [a_customer(), a_customer()])
        for _ in range(10):
            clock.advance(hours=1)
            step(database)
        assert folded(database) == 0
    fold_all(database, clock)
    assert differences(database, "customers") == []


@ON_POSTGRESQL
def test_a_number_that_was_drawn_and_never_used_holds_up_nobody(database: Database, clock: StoppedClock) -> None:
    undone(database, lambda unit: unit.customers.add(a_customer()))
    add(database, [a_customer()])
    fold_all(database, clock)
    assert differences(database, "customers") == []


@ON_POSTGRESQL
def test_who_counts_waits_for_who_removes(database: Database, clock: StoppedClock) -> None:
    [gone, _] = add(database, [a_customer(), a_customer()])
    step(database)
    clock.advance(minutes=1)
    step(database)
    begun = Event()

    def count() -> bool:
        begun.set()
        return step(database)

    with ThreadPoolExecutor(1) as pool:
        with database.unit() as unit:
            unit.customers.remove(id=gone)
            counting = pool.submit(count)
            begun.wait()
            time.sleep(0.1)
            assert not counting.done()
        counting.result()
    fold_all(database, clock)
    assert differences(database, "customers") == []


def test_many_add_remove_and_count_at_once(
    request: pytest.FixtureRequest, database: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    trades, counts = (25, 40) if request.config.getoption("everything") else (10, 16)
    monkeypatch.setattr(tallies, "WINDOW", 7)
    shared = add(database, (a_customer(**OWNERS[n % 5]) for n in range(60)))
    line = Barrier(4)

    def trade(seed: int) -> None:
        dice, left = random.Random(int(seed)), list(shared)
        line.wait()
        for _ in range(trades):
            dice.shuffle(left)
            with database.unit() as unit:  # both remove what the other may just be removing
                unit.customers.remove(id=left.pop())
            add(database, [a_customer(**dice.choice(OWNERS))])

    def count(_: int) -> None:
        line.wait()
        for _ in range(counts):
            clock.advance(minutes=1)
            step(database)
            assert differences(database, "customers") == []

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, n) for n, work in enumerate((trade, trade, count, count))]:
            done.result()
    fold_all(database, clock)
    assert differences(database, "customers") == []


@pytest.mark.parametrize(
    ("noun", "change"),
    [
        ("customers", {"merchant_id": "MRC_STRANGER"}),
        ("customers", {"contract_id": "GCR_STRANGER"}),
        ("smart_transactions", {"origin": "older"}),
    ],
)
def test_the_database_refuses_to_give_a_row_to_somebody_else(
    database: Database, noun: str, change: dict[str, str]
) -> None:
    add(database, [MAKE[noun]()], noun)
    with pytest.raises(DBAPIError), database.unit() as unit:
        unit.connection.execute(tables.metadata.tables[noun].update().values(change))


@pytest.mark.parametrize("noun", tallies.SHOWN)
def test_each_noun_that_is_counted_has_its_guards(database: Database, noun: str) -> None:
    catalogue = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if not database.is_sqlite:
        catalogue = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with database.view() as view:
        guards = set(view.connection.execute(text(catalogue)).scalars())
    assert {f"{noun}_leave_tally", f"{noun}_keep_tally"} <= guards


@ON_POSTGRESQL
def test_a_backup_that_comes_to_a_server_with_lower_numbers_is_counted_on(
    database: Database, clock: StoppedClock
) -> None:
    add(database, [a_customer()])
    fold_all(database, clock)
    add(database, [a_customer()])
    step(database)
    with database.unit() as unit:
        unit.connection.execute(tables.folds.update().values(barrier=2**60))
    fold_all(database, clock)
    assert differences(database, "customers") == []


def test_what_was_counted_can_be_thrown_away(database: Database, clock: StoppedClock) -> None:
    add(database, [a_customer(**owner) for owner in OWNERS])
    fold_all(database, clock)
    with database.unit() as unit:
        for table in (tables.folds, tables.tallies):
            unit.connection.execute(table.delete())
    assert differences(database, "customers") == []
    fold_all(database, clock)
    assert differences(database, "customers") == []


def test_a_removed_row_leaves_its_tally_unless_that_is_undone(database: Database, clock: StoppedClock) -> None:
    ids = add(database, [a_customer(**OWNERS[4]) for _ in range(3)])
    fold_all(database, clock)
    undone(database, lambda unit: unit.customers.remove(id=ids[0]))
    assert counted(database, **OWNERS[4]) == 3
    with database.unit() as unit:
        unit.customers.remove(id=ids[0])
        unit.customers.remove(id=unit.customers.add(a_customer(**OWNERS[4])).id)
    assert counted(database, **OWNERS[4]) == 2
