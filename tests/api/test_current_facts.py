"""What another process has changed, the next request sees, though reference data is kept in memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from pfennig.domain.approval import Approval
from pfennig.domain.calendar import SERVER, Shift
from pfennig.domain.ledger import LedgerAccount
from pfennig.domain.parties import Template
from pfennig.operations.core import contracts
from pfennig.operations.core.audit import OPERATOR
from pfennig.operations.parties import clients
from pfennig.storage.database import Database
from pfennig.storage.unit import Unit
from tests.api.conftest import bought, card
from tests.conftest import MINE, MORNING, ON_BOTH, Api, Json, StoppedClock, order

pytestmark = ON_BOTH

HERE = "GCR_MINE"
NO_TOKEN = (401, "ProductSecurityException", 2003)


@pytest.fixture
def elsewhere(database: Database) -> Iterator[Database]:
    """The same database, as another process has it: with a memory of its own."""
    other = Database(database.url.render_as_string(hide_password=False), StoppedClock())
    yield other
    other.close()


@pytest.fixture
def case(mine: Api) -> Json:
    """A Smart Transaction; whatever is needed to make, read and pay one has been read."""
    bought(mine)
    found = mine.buy()
    mine.get(f"Smart/Transactions/{found['id']}")
    return found


def change_contract(unit: Unit, **fields: object) -> None:
    """Changes what was agreed with me."""
    before = unit.contracts.hold(HERE)
    unit.contracts.change(before, replace(before, **fields))  # type: ignore[arg-type]


def test_a_contract_that_ends_elsewhere_cannot_be_paid_with(mine: Api, elsewhere: Database, case: Json) -> None:
    with elsewhere.unit() as unit:
        contracts.move_contract(unit, OPERATOR, unit.contracts.hold(HERE), Approval.TERMINATED, "terminate")
    status, _, code = mine.refused("POST", f"Smart/Transactions/{case['id']}/start/creditcard", card())
    assert (status, code) == (403, 4100)


def test_a_client_that_is_revoked_elsewhere_gets_no_answer(mine: Api, elsewhere: Database, case: Json) -> None:
    path = f"Smart/Transactions/{case['id']}"
    with elsewhere.unit() as unit:
        clients.revoke(unit, MINE[0])
    assert mine.refused("GET", path) == NO_TOKEN
    assert mine.refused("POST", "Smart/Transactions", order()) == NO_TOKEN


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("POST", "Smart/Transactions", {"intent": 7}),
        ("GET", "Smart/Nothing", None),
        ("DELETE", "Smart/Transactions", None),
        ("GET", "Smart/Transactions?count=many", None),
    ],
)
def test_a_client_that_is_revoked_learns_nothing_from_a_refusal_either(
    mine: Api, elsewhere: Database, case: Json, verb: str, path: str, body: Json | None
) -> None:
    with elsewhere.unit() as unit:
        clients.revoke(unit, MINE[0])
    assert mine.refused(verb, path, body) == NO_TOKEN


def test_a_secret_that_ends_elsewhere_ends_its_tokens(mine: Api, elsewhere: Database, case: Json) -> None:
    with elsewhere.unit() as unit:
        [secret] = clients.secrets_of(unit, MINE[0])
        clients.end_secret(unit, secret, MORNING)
    assert mine.refused("GET", f"Smart/Transactions/{case['id']}") == NO_TOKEN


def test_a_fee_that_changes_elsewhere_is_taken_from_the_next_payment(
    mine: Api, database: Database, elsewhere: Database, case: Json
) -> None:
    with elsewhere.unit() as unit:
        change_contract(unit, fees={"creditcard": {"basis_points": 0, "fixed": 123}})
    mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", card())
    with database.view() as view:
        fees = view.postings.all(account=LedgerAccount.FEES)
    assert abs(fees[-1].amount) == 123


def test_a_template_is_known_as_soon_as_another_has_added_it_and_no_longer_than_it_is_there(
    mine: Api, elsewhere: Database, case: Json
) -> None:
    body = order(application_context={"checkout_template": "SUMMER"})
    assert mine.refused("POST", "Smart/Transactions", body)[2] == 3015
    with elsewhere.unit() as unit:
        unit.templates.add(Template(id="SUMMER", title="Summer", created=MORNING))
    assert mine.post("Smart/Transactions", body)["id"]
    with elsewhere.unit() as unit:
        unit.templates.remove(id="SUMMER")
    assert mine.refused("POST", "Smart/Transactions", body)[2] == 3015


def test_a_clock_that_is_moved_elsewhere_is_shown_by_the_next_answer(
    mine: Api, elsewhere: Database, case: Json
) -> None:
    with elsewhere.unit() as unit:
        unit.clocks.add(Shift(id=SERVER, by_ms=timedelta(days=2) // timedelta(milliseconds=1), created=MORNING))
    assert mine.buy()["created"][:10] == "2026-02-06"


def test_a_merchant_that_is_renamed_by_hand_is_shown_by_the_next_answer(
    mine: Api, elsewhere: Database, case: Json
) -> None:
    with elsewhere.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE merchants SET companyname = 'Renamed' WHERE id = 'MRC_MINE'")
    assert mine.get(f"Smart/Transactions/{case['id']}")["merchant"]["companyname"] == "Renamed"
