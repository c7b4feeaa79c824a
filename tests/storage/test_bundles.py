"""A bundle answers what its tables would answer one by one, by one statement, and without a transaction."""

from collections.abc import Iterator
from typing import Any

import pytest

from pfennig import ids
from pfennig.domain.attempt import Result
from pfennig.domain.bank import Allocation
from pfennig.domain.container import Container, Type
from pfennig.domain.ledger import LedgerAccount, Posting
from pfennig.domain.payment import Kind, Payment
from pfennig.domain.settlement import Payout
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.domain.upload import Document, Purpose
from pfennig.storage import bundles
from pfennig.storage.bundles import Bundle, Gathering
from pfennig.storage.database import Database
from pfennig.storage.gathered import Gathered
from pfennig.storage.unit import Unit, UnitShelf
from tests.conftest import MORNING, ON_BOTH
from tests.counting import COMMITS, STATEMENTS, Watch, watched
from tests.storage.facts import a_case, a_payment, a_refund, an_attempt

pytestmark = ON_BOTH

NOUNS: dict[str, UnitShelf[Any]] = {
    each.table.name: each for each in vars(Unit).values() if isinstance(each, UnitShelf)
}
BUNDLES = {
    "Smart Transaction": bundles.SMART_TRANSACTION,
    "order": bundles.ORDER,
    "attempt": bundles.ATTEMPT,
    "payment": bundles.PAYMENT,
    "payments": bundles.PAYMENTS,
}
SEVERAL = 4


@pytest.fixture
def watch(database: Database) -> Iterator[Watch]:
    """Counts what the database is asked."""
    with watched(database) as watch:
        yield watch


@pytest.fixture
def case(database: Database) -> SmartTransaction:
    """A Smart Transaction with everything that may hang on one, next to one with nothing."""
    card = Container(
        id="PCT_ONE",
        merchant_id="MRC_MINE",
        contract_id="GCR_MINE",
        type=Type.CREDIT_CARD,
        private={"pan": "4…"},
        created=MORNING,
    )
    leading = a_payment(id="PCI_ONE", kind=Kind.MIXED, container_id=card.id)
    case = a_case(id="STX_ONE", payment_id=leading.id)
    invoice = Document(
        id="DOC_ONE",
        merchant_id="MRC_MINE",
        object_id=leading.id,
        upload_id="UPL_ONE",
        purpose=Purpose.INVOICE,
        created=MORNING,
    )
    with database.unit() as unit:
        unit.containers.add(card)
        unit.smart_transactions.add(case)
        unit.smart_transactions.add(a_case(id="STX_TWO"))
        unit.payments.add(leading)
        unit.payments.add(a_payment(id="PCI_TWO"))
        unit.documents.add(invoice)
        unit.attempts.add(an_attempt(id="ATT_ONE", is_open=False, result=Result.AUTHORISED))
        unit.attempts.add(an_attempt(id="ATT_TWO", result=Result.REDIRECT))
        for number in range(SEVERAL):
            add_around(unit, leading, number)
    return case


def add_around(unit: Unit, leading: Payment, number: int) -> None:
    """A part, a refund, a credit and a posting of a payment, of which some were paid out."""
    own: dict[str, Any] = {"merchant_id": "MRC_MINE", "contract_id": "GCR_MINE", "created": MORNING}
    unit.payments.add(a_payment(id=f"PCI_PART{number}", parent_id=leading.id, kind=Kind.PART))
    unit.payments.add(a_refund(id=f"PCI_BACK{number}", parent_id=leading.id))
    unit.allocations.add(
        Allocation(
            id=ids.new("ALC"),
            merchant_id="MRC_MINE",
            receipt_id="RCP_ONE",
            payment_id=leading.id,
            smart_transaction_id="STX_ONE",
            amount=100,
            created=MORNING,
        )
    )
    unit.postings.add(
        Posting(
            id=ids.new("POS"),
            payment_id=leading.id,
            smart_transaction_id="STX_ONE",
            entry_id=ids.new("ENT"),
            account=LedgerAccount.MERCHANT,
            amount=100,
            currency="EUR",
            why="captured",
            payout_id=f"PAY_{number}" if number % 2 else None,
            **own,
        )
    )
    sums: dict[str, Any] = {"volume": 1, "refunds": 0, "shares": 0, "claims": 0, "fees": 0, "misc": 0, "amount": 1}
    unit.payouts.add(Payout(id=f"PAY_{number}", number=number + 1, currency="EUR", **own, **sums))


def gather(unit: Unit, gathering: Gathering) -> Gathered:
    """What a bundle brings."""
    gathering.read(unit.references, None, unit.gathered)
    return unit.gathered


def gatherings(bundle: Bundle, view: Unit) -> list[Gathering]:
    """One row by its id, all by their numbers, and one that nobody has."""
    rows = NOUNS[bundle.table.name].of(view).all()
    return [bundle.with_id(rows[0].id), bundle.with_numbers([row.seq for row in rows]), bundle.with_id("NONE")]


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_answers_what_its_tables_would(database: Database, name: str) -> None:
    with database.view() as plain:
        for gathering in gatherings(BUNDLES[name], plain):
            with database.view() as view:
                answers = gather(view, gathering).answers
                assert answers
                for table, equal in answers:
                    question, noun = dict(equal), NOUNS[table]
                    assert noun.of(view).all(**question) == noun.of(plain).read_equal(question, None)


def test_what_is_gathered_is_not_read_again_and_needs_no_transaction(
    database: Database, watch: Watch, case: SmartTransaction
) -> None:
    before = watch.total()
    with database.view() as view:
        gather(view, bundles.SMART_TRANSACTION.with_id(case.id))
        assert view.smart_transactions.find_stored(case.id) is view.smart_transactions.get(case.id)
        leading = view.payments.get("PCI_ONE")
        assert len(view.payments.all(parent_id={leading.id}, kind=Kind.PART)) == SEVERAL
        assert view.payments.by_id([leading.id, None]) == {leading.id: leading}
        assert [each.id for each in view.attempts.all(payment_id={leading.id}, is_open=True, result=Result.REDIRECT)]
        assert view.smart_transactions.find_stored(case.id)
    asked = watch.total() - before
    assert (asked[STATEMENTS], asked[COMMITS]) == (1, 0)


def test_what_is_not_gathered_is_read_in_one_transaction(
    database: Database, watch: Watch, case: SmartTransaction
) -> None:
    before = watch.total()
    with database.view() as view:
        gather(view, bundles.SMART_TRANSACTION.with_id(case.id))
        assert len(view.payments.all(parent_id="PCI_ONE")) == 2 * SEVERAL
        assert len(view.payments.by_id(["PCI_ONE", "PCI_TWO"])) == 2
    asked = watch.total() - before
    assert (asked[STATEMENTS], asked[COMMITS]) == (3, 1)


@pytest.mark.usefixtures("case")
def test_many_rows_of_several_kinds_are_as_many_as_their_sum(database: Database) -> None:
    with database.view() as view:
        statement = bundles.gathering(view.writes.line.dialect, bundles.PAYMENT, "id", 1)
        found = view.writes.line.lone_rows(statement, {"root_0": "PCI_ONE", "token": None})
    children, allocations, postings = 2 * SEVERAL, SEVERAL, SEVERAL
    assert len(found) == children + allocations + postings


def test_an_id_that_no_database_knows_is_nobodys(database: Database) -> None:
    with database.view() as view:
        gather(view, bundles.ORDER.with_id("STX_\0"))
        assert view.smart_transactions.find_stored("STX_\0") is None


def test_with_a_bundle_comes_when_a_token_expires_and_what_is_current(database: Database) -> None:
    with database.view() as view:
        [token, *_] = view.tokens.all()
    with database.view() as view:
        assert bundles.ORDER.with_id("STX_NONE").read(view.references, token.id, view.gathered) == token.expires
        assert view.references.snapshot is database.memory.latest
    with database.view() as view:
        assert bundles.ORDER.with_id("STX_NONE").read(view.references, "none", view.gathered) is None


def test_a_view_that_asks_for_nothing_takes_no_connection(database: Database, watch: Watch) -> None:
    before = watch.total()
    with database.view() as view:
        assert view.real_now == database.clock()
    assert watch.total() == before
