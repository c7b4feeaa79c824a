"""Everything that is held about a person can be handed out, and taken out as soon as nobody needs it any more."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from pfennig.domain.payment import State
from pfennig.operations.checks import reconciliation
from pfennig.operations.privacy import access_and_erasure
from pfennig.operations.privacy.access_and_erasure import StillNeeded
from pfennig.storage.database import Database
from pfennig.storage.shelf import UnknownId
from tests.api.conftest import transfer
from tests.api.test_onboarding import ASKED
from tests.api.test_payout_transactions import by_container
from tests.conftest import Api, Json, StoppedClock
from tests.operations.test_audit import DEBIT, done
from tests.storage.facts import a_payment, an_attempt

OWNERS = ["Max Mustermann", "Erika Musterfrau"]
ANNA: Json = {"forename": "Anna", "surname": "Geheimrat", "email": "anna@example.net"}
BERTA: Json = {"forename": "Berta", "surname": "Beschenkt", "email": "berta@example.net"}


def bought(api: Api, **fields: Any) -> Json:
    """A Smart Transaction that was paid by Anna."""
    case = api.buy(**{"customer": {"contact": ANNA}} | fields)
    api.post(f"Smart/Transactions/{case['id']}/prepare/debit", DEBIT)
    return api.post(f"Smart/Transactions/{case['id']}/start")


def found(database: Database, who: str) -> access_and_erasure.PersonalData:
    """What is held about somebody."""
    with database.view() as view:
        return access_and_erasure.personal_data(view, who)


def erase(database: Database, id: str) -> access_and_erasure.Erased:
    """Takes somebody out."""
    with database.unit() as unit:
        return access_and_erasure.erase(unit, id)


def test_a_person_is_found_by_address_and_by_id_with_all_that_belongs_to_him(database: Database, mine: Api) -> None:
    case = bought(mine)
    mine.buy()
    for who in ("Anna@Example.net", case["customer"]["id"]):
        held = found(database, who)
        assert [customer.contact["surname"] for customer in held.customers] == ["Geheimrat"]
        assert [one.id for one in held.transactions] == [case["id"]]
        assert [payment.id for payment in held.payments] == [case["transactions"][0]["id"]]
        assert [one.private["iban"] for one in held.containers] == [DEBIT["container"]["private"]["iban"]]
        assert {mail.smart_transaction_id for mail in held.mails} == {case["id"]}


def test_who_speaks_for_a_merchant_gets_what_is_held_of_it_but_no_secret(database: Database, mine: Api) -> None:
    made = mine.post("Payment/Contracts/me/requestId", ASKED)
    secret = {"paypal": {"live": {"client_id": "id", "client_secret": "hush"}}}
    with database.unit() as unit:
        contract = unit.contracts.get(made["contract"]["id"])
        unit.contracts.change(contract, replace(contract, third_parties=secret))
        held = access_and_erasure.personal_data(unit, "Erika@Example.net")
        access_and_erasure.note_export(unit, held)
    [merchant], [contract] = held.merchants, held.contracts
    assert merchant.contact is not None
    assert (merchant.contact["surname"], contract.id) == ("Musterfrau", made["contract"]["id"])
    assert b"hush" not in msgspec.json.encode(held)
    assert done(database, merchant.id) == [("operator", "export merchant")]


def test_what_is_handed_out_is_json_and_leaves_a_line(database: Database, mine: Api) -> None:
    case = bought(mine)
    with database.unit() as unit:
        held = access_and_erasure.personal_data(unit, "anna@example.net")
        access_and_erasure.note_export(unit, held)
    assert msgspec.json.decode(msgspec.json.encode(held))["customers"][0]["contact"]["surname"] == "Geheimrat"
    assert done(database, case["customer"]["id"]) == [("operator", "export customer")]


def paid_out(database: Database, api: Api) -> str:
    """Anna's id, after 3.50 were paid out for her to two others."""
    payout = api.post("Payment/Secupaypayout", by_container(api, customer={"contact": ANNA}))
    transfer(api, 350, payout["transfer_purpose"])
    [customer] = found(database, ANNA["email"]).customers
    return customer.id


def test_transfers_of_a_payout_are_handed_out_and_emptied(database: Database, mine: Api, clock: StoppedClock) -> None:
    customer = paid_out(database, mine)
    assert [one.account["owner"] for one in found(database, customer).remittances] == OWNERS
    clock.advance(days=400)
    erase(database, customer)
    assert [(one.amount, one.account) for one in found(database, customer).remittances] == [(100, {}), (250, {})]


def test_a_transfer_that_the_bank_has_not_made_is_waited_for(database: Database, mine: Api) -> None:
    customer = paid_out(database, mine)
    with database.unit() as unit:
        [first, _] = access_and_erasure.personal_data(unit, customer).remittances
        unit.remittances.change(first, replace(first, is_open=True, paid=None))
    with pytest.raises(StillNeeded, match=f"{first.id} is not over yet"):
        erase(database, customer)
    assert [one.account["owner"] for one in found(database, customer).remittances] == OWNERS


def test_a_stranger_is_not_found(database: Database, mine: Api) -> None:
    bought(mine)
    assert not found(database, "nobody@example.net").transactions
    with pytest.raises(UnknownId):
        found(database, "PCU_NOBODY")


def test_nothing_says_who_a_person_was_after_it_was_erased(
    database: Database, mine: Api, clock: StoppedClock
) -> None:
    case = bought(mine)
    customer = case["customer"]["id"]
    clock.advance(days=400)
    done_by = erase(database, customer)
    assert (done_by.transactions, done_by.containers) == (1, 1)
    held = found(database, customer)
    said = msgspec.json.encode(held).decode()
    for word in ("Anna", "Geheimrat", "anna@example.net", DEBIT["container"]["private"]["iban"]):
        assert word not in said
    assert held.mails
    with database.view() as view:
        assert reconciliation.check_all(view) == (1, [])
        assert view.payments.get(held.payments[0].id).amount == 500
    assert done(database, customer) == [("operator", "erase customer")]
    again = Api(mine.http, mine.credentials)
    assert again.get(f"Smart/Transactions/{case['id']}")["customer"]["contact"] == {}
    assert again.get(f"Payment/Containers/{held.containers[0].id}")["token_status"]["status"] == "archived"
    erase(database, customer)


def test_others_are_left_alone(database: Database, mine: Api, clock: StoppedClock) -> None:
    case, other = bought(mine), bought(mine, customer={"contact": BERTA})
    clock.advance(days=400)
    erase(database, case["customer"]["id"])
    [customer] = found(database, other["customer"]["id"]).customers
    assert customer.contact["surname"] == "Beschenkt"
    assert found(database, "berta@example.net").containers[0].private["iban"]


def test_what_is_still_needed_is_kept_and_the_reason_said(database: Database, mine: Api) -> None:
    case = bought(mine)
    with pytest.raises(StillNeeded, match=f"{case['transactions'][0]['id']}.*mandate"):
        erase(database, case["customer"]["id"])
    assert found(database, case["customer"]["id"]).customers[0].contact["surname"] == "Geheimrat"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"method": "creditcard", "state": State.AUTHORISED}, "not over"),
        ({"method": "prepaid", "state": State.PENDING}, "not over"),
        ({"method": "invoice", "state": State.ORDERED}, "not over"),
        ({"method": "debit", "state": State.ISSUE}, "not over"),
        ({"method": "invoice", "state": State.ACCEPTED}, "to be paid"),
        ({"method": "debit", "state": State.VOID}, "mandate"),
        ({"method": "debit", "state": State.DENIED}, None),
        ({"method": "creditcard", "state": State.CREATED, "is_abandoned": True}, None),
        ({"method": "creditcard", "state": State.ACCEPTED}, None),
        ({"method": "prepaid", "state": State.VOID}, None),
    ],
)
def test_a_payment_says_for_how_long_it_must_be_known_who_paid(
    database: Database, clock: StoppedClock, fields: Json, why: str | None
) -> None:
    with database.unit() as unit:
        payment = unit.payments.add(a_payment(**fields))
        reason = access_and_erasure.reason_to_keep(unit, payment, clock.now)
        later = access_and_erasure.reason_to_keep(unit, payment, clock.now + access_and_erasure.CONTESTABLE_FOR)
        unit.attempts.add(an_attempt(payment_id=payment.id))
        assert "not over" in str(access_and_erasure.reason_to_keep(unit, payment, clock.now))
    assert (why in (reason or "")) if why else reason is None
    assert later == (None if why == "mandate" else reason)


def test_a_recipient_is_taken_out_without_the_payer(database: Database, mine: Api, clock: StoppedClock) -> None:
    case = bought(mine, shipping_address={"contact": BERTA})
    berta = found(database, "berta@example.net").customers[0].id
    erase(database, berta)
    shown = mine.get(f"Smart/Transactions/{case['id']}")
    assert shown["shipping_address"]["contact"] == {}
    assert shown["customer"]["contact"]["surname"] == "Geheimrat"


def test_with_a_payer_goes_whom_he_sent_goods_to_and_the_other_customer_is_named(
    database: Database, mine: Api, clock: StoppedClock
) -> None:
    case = bought(mine, shipping_address={"contact": BERTA})
    berta = found(database, "berta@example.net").customers[0].id
    clock.advance(days=400)
    assert erase(database, case["customer"]["id"]).recipients == [berta]
    again = Api(mine.http, mine.credentials)
    assert again.get(f"Smart/Transactions/{case['id']}")["shipping_address"]["contact"] == {}


def identified(api: Api, *contacts: Json) -> Json:
    """A request to identify people, with a paper for each."""
    request = api.post("Services/Identrequests", {"provider": "idnow", "person": [{"contact": c} for c in contacts]})
    for person in request["person"]:
        at = f"Services/Identcases/{request['identcase']['id']}/task/{person['transaction_id']}"
        api.put(at, {"assign": [{"id": api.post("Document/Uploads", {"content": PDF})["id"]}]})
    return request


PDF = "JVBERi0xLjQKJSVFT0YK"


def test_identifications_papers_and_invoices_are_handed_out(database: Database, mine: Api) -> None:
    case = bought(mine)
    request = identified(mine, ANNA, BERTA)
    identified(mine, BERTA)
    invoice = mine.post("Document/Uploads", {"content": PDF})["id"]
    hash = case["transactions"][0]["transaction_hash"]
    mine.post(f"Payment/Secupaydebits/{hash}/assignExternalInvoicePdf/{invoice}")
    for who in ("anna@example.net", case["customer"]["id"]):
        held = found(database, who)
        assert [one.id for one in held.idents] == [request["id"]]
        assert len(held.uploads) == 2
        assert invoice in {upload.id for upload in held.uploads}
    assert found(database, "max@example.net").idents == []


def test_of_an_identification_only_the_person_who_is_erased_goes(database: Database, mine: Api) -> None:
    customer = mine.post("Payment/Customers", {"contact": ANNA})["id"]
    request = identified(mine, ANNA, BERTA)
    with pytest.raises(StillNeeded, match=request["id"]):
        erase(database, customer)
    mine.http.post(f"/lab/v1/idents/{request['id']}", json={"status": "ok"}, headers=mine.headers)
    erase(database, customer)
    with database.view() as view:
        anna, berta = view.ident_requests.get(request["id"]).persons
        assert anna.keys() == {"transaction_id", "provider_id", "status"}
        assert berta["found"]["userdata"]["surname"]["value"] == "Beschenkt"
        assert [document.object_id for document in view.documents.all()] == [berta["transaction_id"]]
        assert {piece.upload_id for piece in view.pieces.all()} == {upload.id for upload in view.uploads.all()}
        assert len(view.uploads.all()) == 1
    assert len(mine.get("Services/Identresults")["data"][0]["person"]) == 2
