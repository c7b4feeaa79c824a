"""What is not needed for ever goes in its time, bit by bit; money and its history stay."""

from dataclasses import replace
from threading import Event as Signal

import pytest

from pfennig import ids
from pfennig.domain.approval import Approval
from pfennig.domain.attempt import Result
from pfennig.domain.calendar import Occasion
from pfennig.domain.history import Delivery
from pfennig.domain.notice import Report
from pfennig.domain.retention import RULES, BadRetention, periods
from pfennig.operations.checks import reconciliation
from pfennig.operations.core import audit, contracts
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.privacy import retention
from pfennig.push.worker import Worker
from pfennig.storage.database import Database
from tests.api.test_onboarding import ASKED
from tests.conftest import ON_BOTH, Api, Past, StoppedClock
from tests.operations.test_audit import DEBIT
from tests.storage.facts import an_attempt

IBAN = DEBIT["container"]["private"]["iban"]


@pytest.fixture
def paid(mine: Api, database: Database, clock: StoppedClock, past: Past) -> str:
    """A Smart Transaction that was paid by debit, told of and written about."""
    return past.relive("told", database, clock, lambda: pay(mine, database, clock))


def pay(mine: Api, database: Database, clock: StoppedClock) -> str:
    """Lets all of that come about."""
    case = mine.buy()["id"]
    mine.post(f"Smart/Transactions/{case}/prepare/debit", DEBIT)
    mine.post(f"Smart/Transactions/{case}/start")
    with database.unit() as unit:
        for event in unit.events.all():
            unit.events.change(event, replace(event, is_open=False, is_delivered=True))
            unit.deliveries.add(
                Delivery(
                    id=ids.new("DLV"),
                    merchant_id="MRC_MINE",
                    event_id=event.id,
                    status=200,
                    duration_ms=5,
                    answer="ok",
                    created=clock.now,
                )
            )
    return str(case)


def chores(platform: Platform) -> None:
    """What a worker does now and then."""
    Worker(platform, Signal()).chores()


def counted(database: Database) -> dict[str, int]:
    """How much of each noun is old."""
    with database.view() as view:
        return {due.noun: due.count for due in retention.due(view, periods("")) if due.count}


def test_nothing_is_old_on_the_first_day(platform: Platform, database: Database, paid: str) -> None:
    assert counted(database) == {}
    with database.view() as view:
        before = [view.mails.all(), view.events.all(), view.deliveries.all(), view.attempts.all()]
    assert all(before)
    chores(platform)
    with database.view() as view:
        assert [view.mails.all(), view.events.all(), view.deliveries.all(), view.attempts.all()] == before


@ON_BOTH
def test_after_three_months_nothing_is_left_of_pushes_and_only_the_fact_of_mails(
    platform: Platform, database: Database, paid: str, clock: StoppedClock
) -> None:
    clock.advance(days=91)
    found = counted(database)
    assert found.keys() == {"events", "mails"}
    chores(platform)
    assert counted(database) == {}
    with database.view() as view:
        assert (view.events.all(), view.deliveries.all()) == ([], [])
        mails = view.mails.all(smart_transaction_id=paid)
        assert [(mail.recipient, mail.subject, mail.text, mail.html) for mail in mails] == [("",) * 4] * found[
            "mails"
        ]
        assert view.smart_transactions.get(paid).data["customer"]["contact"]["surname"] == "Mustermann"


def test_a_mail_that_was_emptied_is_not_written_again(
    platform: Platform, database: Database, paid: str, clock: StoppedClock
) -> None:
    clock.advance(days=91)
    chores(platform)
    with database.view() as view:
        kinds = [mail.kind for mail in view.mails.all(smart_transaction_id=paid)]
    assert len(kinds) == len(set(kinds)) > 0


def test_what_is_still_to_be_sent_is_not_taken_away(
    platform: Platform, database: Database, mine: Api, clock: StoppedClock
) -> None:
    case = mine.buy()["id"]
    mine.post(f"Smart/Transactions/{case}/prepare/debit", DEBIT)
    mine.post(f"Smart/Transactions/{case}/start")
    clock.advance(days=91)
    chores(platform)
    with database.view() as view:
        open_ones = [event.is_open for event in view.events.all()]
    assert set(open_ones) == {True}


@ON_BOTH
def test_of_what_a_rail_has_reported_is_left_what_has_happened(
    platform: Platform, database: Database, paid: str, clock: StoppedClock
) -> None:
    with database.unit() as unit:
        [first, *_] = unit.attempts.all(smart_transaction_id=paid)
        report = Report(
            id=ids.new("RPT"),
            merchant_id="MRC_MINE",
            smart_transaction_id=paid,
            payment_id=first.payment_id,
            attempt_id=first.id,
            rail="acquirer",
            word="evt_1",
            what=Occasion.CHARGED_BACK,
            reason="Max Mustermann does not know of it",
            happened=clock.now,
            created=clock.now,
        )
        report = unit.reports.add(report)
    chores(platform)
    with database.view() as view:
        assert view.reports.get(report.id) == report
    clock.advance(days=91)
    assert counted(database)["reports"] == 1
    chores(platform)
    with database.view() as view:
        assert view.reports.get(report.id) == replace(report, reason="")
    assert counted(database) == {}


@ON_BOTH
def test_an_instrument_is_emptied_when_its_mandate_need_not_be_shown_any_more(
    platform: Platform, database: Database, mine: Api, paid: str, clock: StoppedClock
) -> None:
    with database.view() as view:
        [container] = view.containers.all()
    mine.request("PUT", f"Payment/Containers/{container.id}/archive")
    clock.advance(days=400)
    chores(platform)
    with database.view() as view:
        assert view.containers.get(container.id).private["iban"] == IBAN
    clock.advance(days=27)
    chores(platform)
    with database.view() as view:
        assert set(view.containers.get(container.id).private.values()) == {""}
    shown = Api(mine.http, mine.credentials).get(f"Payment/Containers/{container.id}")
    assert (shown["private"]["iban"], shown["mandate"]["iban"]) == ("", "")


@ON_BOTH
def test_a_customer_is_forgotten_four_years_after_the_last_transaction_and_not_before(
    platform: Platform, database: Database, mine: Api, clock: StoppedClock
) -> None:
    first = mine.buy()["customer"]["id"]
    other = mine.buy()["customer"]["id"]
    clock.advance(days=1400)
    again = Api(mine.http, mine.credentials)
    again.post("Smart/Transactions", {"intent": "sale", "customer": {"id": first}, "basket_info": {"sum": 100}})
    clock.advance(days=100)
    chores(platform)
    with database.view() as view:
        assert view.customers.get(other).contact == {}
        assert view.customers.get(first).contact["surname"] == "Mustermann"
    assert Api(mine.http, mine.credentials).get(f"Payment/Customers/{other}")["contact"] == {}


@ON_BOTH
def test_after_eleven_years_amounts_and_books_are_left_of_a_payment_and_no_name(
    platform: Platform, database: Database, mine: Api, paid: str, clock: StoppedClock
) -> None:
    clock.advance(days=RULES["transactions"].days + 1)
    chores(platform)
    with database.view() as view:
        case = view.smart_transactions.get(paid)
        assert case.data["customer"] == {"id": case.customer_id, "contact": {}}
        assert (case.amount, reconciliation.check_all(view)[1]) == (500, [])
        assert len(view.moves.all(smart_transaction_id=paid)) > 2
    assert Api(mine.http, mine.credentials).get(f"Smart/Transactions/{paid}")["customer"]["contact"] == {}


@ON_BOTH
def test_what_was_said_of_a_seller_goes_six_years_after_his_contract_has_ended(
    platform: Platform, database: Database, mine: Api, clock: StoppedClock
) -> None:
    ended, living = (
        mine.post("Payment/Contracts/me/requestId", ASKED | {"project": project}) for project in ("Kaffee", "Tee")
    )
    with database.unit() as unit:
        contracts.decide(unit, audit.OPERATOR, ended["contract"]["id"], Approval.REJECTED)
    clock.advance(days=RULES["contracts"].days + 1)
    chores(platform)
    with database.view() as view:
        gone = view.contracts.get(ended["contract"]["id"])
        assert (gone.payout_account, gone.details, gone.project) == (None, None, "Kaffee")
        merchant = view.merchants.get(ended["merchant"]["id"])
        assert (merchant.contact, merchant.email, merchant.companyname) == (None, None, "Kaffeewerk GmbH")
        assert view.contracts.get(living["contract"]["id"]).payout_account
        assert view.merchants.get(living["merchant"]["id"]).contact
        assert view.merchants.get("MRC_MINE").email


@ON_BOTH
def test_a_pass_goes_on_where_it_was_and_begins_anew_at_the_end(
    platform: Platform, database: Database, mine: Api, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pfennig.storage.queries.retention.WINDOW", 2)
    customers = [mine.buy()["customer"]["id"] for _ in range(3)]
    clock.advance(days=RULES["customers"].days + 1)
    worker, seq, seen = Call(platform, None, "de", role="worker"), 0, []
    while seq := retention.purge(worker, "customers", seq):
        seen.append(seq)
    assert len(seen) >= 2
    assert seen == sorted(set(seen))
    with database.view() as view:
        assert [view.customers.get(id).contact for id in customers] == [{}] * 3


def test_an_operator_says_how_long_things_are_kept() -> None:
    assert periods(" mails=7, events=1")["mails"] == 7
    assert periods("")["mails"] == RULES["mails"].days
    for wrong in ("mails", "mails=0", "mails=x", "postings=5", "mails=99999999"):
        with pytest.raises(BadRetention):
            periods(wrong)


@ON_BOTH
def test_files_that_nothing_took_are_gone_after_a_day_and_all_others_in_their_time(
    platform: Platform, database: Database, mine: Api, clock: StoppedClock
) -> None:
    content = {"content": "JVBERi0xLjQKJSVFT0YK"}
    mine.post("Document/Uploads", content)
    paper, invoice = (mine.post("Document/Uploads", content)["id"] for _ in range(2))
    mine.post("Services/Uploadidents", {"contract_id": "me", "document_ids": [paper]})
    payment = mine.post("Payment/Secupaydebits", {"amount": 500})["id"]
    mine.post(f"Payment/Secupaydebits/{payment}/assignExternalInvoicePdf/{invoice}")
    request = mine.post("Services/Identrequests", {"provider": "idnow", "person": [{"custom1": "secret"}]})["id"]
    for days, left in ((2, {paper, invoice}), (RULES["papers"].days, {invoice}), (RULES["invoices"].days, set())):
        clock.advance(days=days)
        chores(platform)
        with database.view() as view:
            assert {upload.id for upload in view.uploads.all()} == left
            assert {piece.upload_id for piece in view.pieces.all()} == left
            assert {document.upload_id for document in view.documents.all()} == left
    with database.view() as view:
        assert "custom1" not in view.ident_requests.get(request).persons[0]


@ON_BOTH
def test_of_an_attempt_the_rails_name_for_it_stays(
    platform: Platform, database: Database, clock: StoppedClock
) -> None:
    said = {"page": "https://acquirer.example/p?session=7", "details": {"name": "Max"}, "reference": "PSP-1"}
    with database.unit() as unit:
        unit.attempts.add(an_attempt(id="ATT_OLD", is_open=False, result=Result.CAPTURED, **said))
    clock.advance(days=91)
    assert counted(database)["attempts"] == 1
    chores(platform)
    assert "attempts" not in counted(database)
    with database.view() as view:
        old = view.attempts.get("ATT_OLD")
    assert (old.page, old.details, old.reference) == (None, None, "PSP-1")
