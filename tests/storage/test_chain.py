"""The chain that seals the books: no row can be changed behind it, however rows came, and heads can be compared."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, update

from pfennig.clock import Clock
from pfennig.domain import chain as rules
from pfennig.operations.checks import reconciliation
from pfennig.operations.core import audit
from pfennig.storage import tables
from pfennig.storage.database import Database
from pfennig.storage.integrity import chain
from tests.conftest import ON_BOTH, ON_POSTGRESQL, StoppedClock
from tests.tampering import unguarded


def note(database: Database, number: int = 1) -> None:
    """So many lines of the audit trail."""
    with database.unit() as unit:
        for each in range(number):
            audit.note(unit, audit.OPERATOR, "count", "beans", f"BNS_{each}")


def seal(database: Database, clock: StoppedClock) -> None:
    """Minutes go by until everything that is there is sealed."""
    for noun in chain.SEALED:
        for _ in range(200):
            with database.unit() as unit:
                if not chain.extend(unit, noun) and is_sealed(unit, noun):
                    break
            clock.advance(minutes=1)
        else:
            raise AssertionError(f"{noun} was never sealed")


def is_sealed(unit: Any, noun: str) -> bool:
    """Whether all rows of a noun are."""
    shelf = getattr(unit, chain.table_of(noun).name)
    return bool(chain.sealed_upto(unit)[noun] >= shelf.newest())


def differences(database: Database) -> list[str]:
    """What the check says of seals."""
    with database.view() as view:
        return [
            str(each) for each in reconciliation.check_all(view)[1] if "seal" in each.text or "chain" in str(each)
        ]


@ON_BOTH
def test_a_row_that_is_changed_is_named_and_the_first_of_several(database: Database, clock: StoppedClock) -> None:
    note(database, 5)
    seal(database, clock)
    assert differences(database) == []
    with unguarded(database) as unit:
        rows = unit.audit.all(verb="count")
        for row in rows[1:3]:
            unit.audit.change(row, replace(row, by="nobody"))
    [text] = differences(database)
    assert text.endswith(f"row {rows[1].seq} of audit was changed after it was sealed")


@ON_BOTH
def test_a_row_that_is_removed_or_pushed_in_is_named(database: Database, clock: StoppedClock) -> None:
    note(database, 3)
    with database.unit() as unit:
        [first, second, third] = unit.audit.all(verb="count")
    with unguarded(database) as unit:
        unit.audit.remove(id=second.id)
    seal(database, clock)
    with unguarded(database) as unit:
        unit.connection.execute(tables.audit.insert().values(vars(second)))
    assert [text.partition(": ")[2] for text in differences(database)] == [
        f"row {second.seq} of audit was added later after it was sealed"
    ]
    with unguarded(database) as unit:
        unit.audit.remove(id={second.id, third.id})
    assert [text.partition(": ")[2] for text in differences(database)] == [
        f"row {third.seq} of audit was removed after it was sealed"
    ]
    assert first.seq < second.seq


@ON_BOTH
def test_a_link_that_is_changed_or_removed_is_found(database: Database, clock: StoppedClock) -> None:
    note(database)
    seal(database, clock)
    note(database)
    seal(database, clock)
    with database.view() as view:
        last = chain.newest(view)
    assert last
    for statement in (
        update(tables.links).where(tables.links.c.number == last.number).values(digest="0" * 64),
        delete(tables.links).where(tables.links.c.number == last.number),
        delete(tables.links).where(tables.links.c.number == 1),
    ):
        with unguarded(database) as unit:
            unit.connection.execute(statement)
        assert differences(database) != []


@ON_BOTH
def test_a_long_table_has_many_links(
    database: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "WINDOW", 2)
    note(database, 7)
    seal(database, clock)
    with database.view() as view:
        made = view.links.all(noun="audit")
    assert [link.number for link in made] == sorted(link.number for link in made)
    assert len(made) >= 4
    assert differences(database) == []


@ON_POSTGRESQL
def test_a_row_whose_transaction_ends_later_is_sealed_in_its_order(
    database: Database, postgresql_url: str, clock: Clock
) -> None:
    assert isinstance(clock, StoppedClock)
    late = Database(postgresql_url, clock)
    with late.unit() as unit:
        audit.note(unit, audit.OPERATOR, "count", "beans", "BNS_LATE")
        unit.writes.flush()  # so that it has its number
        note(database)
        for _ in range(5):
            clock.advance(minutes=2)
            with database.unit() as other:
                chain.extend(other, "audit")
        with database.view() as view:
            assert view.links.all(noun="audit") == []
    late.close()
    seal(database, clock)
    assert differences(database) == []
    with database.view() as view:
        [line] = view.audit.all(object_id="BNS_LATE")
        assert any(f"{line.seq}:" in link.marks for link in view.links.all(noun="audit"))


@ON_BOTH
def test_each_day_has_a_head(database: Database, clock: StoppedClock) -> None:
    for _ in range(3):
        note(database)
        seal(database, clock)
        clock.advance(days=2)
    with database.view() as view:
        heads = chain.heads(view, None)
        assert [day for day, _ in heads] == sorted(day for day, _ in heads)
        assert len(heads) >= 3
        assert heads[-1][1] == chain.newest(view)
        assert chain.heads(view, heads[1][0]) == heads[1:]


def test_every_column_is_sealed_or_may_change() -> None:
    changes = {
        "postings": {"payout_id"},
        "payments": {
            *("state", "amount", "refunded", "container_id", "is_abandoned", "is_reduced", "is_held", "is_split"),
            *("given_hash", "reason", "shipping", "instalments", "fee_rate", "completed", "updated"),
        },
        "receipts": {"purpose", "iban", "owner"},
        "remittances": {"account", "salt", "purpose", "batch_id", "batched", "is_open", "paid"},
    }
    sealed: dict[str, set[str]] = {}
    for noun, names in chain.SEALED.items():
        sealed.setdefault(chain.table_of(noun).name, set()).update(names)
    for table, columns in sealed.items():
        assert {*tables.metadata.tables[table].c.keys()} - {"seq", "mark"} == columns | changes.get(table, set())


def test_a_digest_depends_on_all_before_it() -> None:
    rows = [rules.row_digest(1, ["a"]), rules.row_digest(2, ["b"])]
    first = rules.digest(rules.START, 1, "moves", 0, 2, rows)
    assert rules.digest(first, 2, "moves", 2, 2, []) != rules.digest(rules.START, 2, "moves", 2, 2, [])
    assert rules.row_digest(1, ["a", "b"])[1] != rules.row_digest(1, ["ab"])[1]
