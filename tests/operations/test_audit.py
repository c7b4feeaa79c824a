"""Who did what to credentials, contracts and money, in a trail that only grows."""

from dataclasses import replace

import httpx
import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from pfennig import application
from pfennig.operations.core import audit
from pfennig.operations.core.call import Platform
from pfennig.operations.parties import clients
from pfennig.operations.worlds import world
from pfennig.storage import tables
from pfennig.storage.database import Database
from pfennig.storage.shelf import UnknownId
from tests.conftest import MINE, ON_BOTH, PUBLIC_URL, SMALL_WORLD, Api, Change, Json, StoppedClock


def done(database: Database, object_id: str | None = None) -> list[tuple[str, str]]:
    """Who did what, to everything or to one object."""
    with database.view() as view:
        return [(line.by, line.text) for line in audit.trail(view, None, object_id)]


def test_credentials_leave_a_line_for_each_change(database: Database) -> None:
    with database.unit() as unit:
        client, _ = clients.add(unit, "GCR_MINE", "till 7")
        clients.rotate(unit, client.id)
        clients.revoke(unit, client.id)
    changes = [("operator", f"{verb} client") for verb in ("add", "rotate", "revoke")]
    assert done(database, client.id) == changes


@ON_BOTH
def test_what_is_undone_leaves_no_line(database: Database) -> None:
    before = done(database)
    with pytest.raises(UnknownId), database.unit() as unit:
        _ = [clients.add(unit, contract_id, "") for contract_id in ("GCR_MINE", "GCR_NOBODY")]
    assert done(database) == before


def test_contracts_leave_a_line_for_each_change(database: Database, mine: Api, contract: Change) -> None:
    assert done(database, "GCR_MINE") == [("operator", "create contract")]
    contract(url_push="https://shop.example.test/other")
    world.seed(database, world.read(SMALL_WORLD), update=False)
    mine.put(
        "General/Contracts/GCR_MINE",
        {"checkout_configuration": {"notifications": {"customer_order_mail": False}}},
    )
    mine.post("General/Contracts/me/savePaymentLinkConfiguration", {"background": {"enabled": False}})
    assert done(database, "GCR_MINE")[1:] == [
        ("operator", "change contract"),
        (MINE[0], "change notifications of contract"),
        (MINE[0], "change look of contract"),
    ]


@ON_BOTH
def test_money_leaves_its_moves_and_a_line_for_what_is_no_move(database: Database, mine: Api) -> None:
    case = mine.buy()
    paid = mine.post(f"Smart/Transactions/{case['id']}/prepare/debit", DEBIT)
    mine.post(f"Smart/Transactions/{case['id']}/start")
    payment = paid["transactions"][0]["id"]
    mine.post(f"Payment/Transactions/{payment}/cancel", {"reduce_amount_by": 100})
    lines = done(database, payment)
    assert {by for by, _ in lines} == {MINE[0]}
    assert [text for _, text in lines if "->" not in text] == ["refund from payment"]
    assert lines[0][1].startswith("created -> ")


DEBIT: Json = {
    "container": {
        "type": "bank_account",
        "private": {"owner": "Max Mustermann", "iban": "DE02120300000000202051"},
    }
}


def test_a_client_is_known_by_its_address_and_a_payer_by_none(database: Database, platform: Platform) -> None:
    transport = httpx.WSGITransport(application.create(platform), remote_addr="203.0.113.9")
    with httpx.Client(transport=transport, base_url=PUBLIC_URL) as http:
        Api(http, MINE).post("General/Contracts/me/savePaymentLinkConfiguration", {"background": {"enabled": False}})
    with database.view() as view:
        addresses = {entry.by: entry.address for entry in view.audit.all()}
    assert addresses == {"operator": "", MINE[0]: "203.0.113.9"}


@ON_BOTH
@pytest.mark.parametrize("table", ["audit", "moves"])
def test_the_database_itself_refuses_to_change_or_remove_a_line(database: Database, mine: Api, table: str) -> None:
    mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/debit", DEBIT)
    kept = tables.metadata.tables[table]
    for statement in (update(kept).values(by="nobody"), delete(kept)):
        with pytest.raises(DBAPIError, match="append-only"), database.unit() as unit:
            unit.connection.execute(statement)


@ON_BOTH
def test_the_trail_is_read_page_by_page_from_a_moment_on(
    database: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pfennig.storage.queries.lookups.PAGE", 2)
    clock.advance(days=1)
    with database.unit() as unit:
        for number in range(5):
            audit.note(unit, replace(audit.OPERATOR, by=f"clerk {number}"), "count", "beans", "BNS_1")
    with database.view() as view:
        lines = list(audit.trail(view, clock.now, None))
    assert [line.by for line in lines] == [f"clerk {number}" for number in range(5)]
