"""Payouts and invoices as merchants see them, and their documents behind addresses that expire."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader

from pfennig.operations.books import settlement
from pfennig.operations.core.call import Call, Platform
from pfennig.storage.database import Database
from tests import marketplace
from tests.api.conftest import bought
from tests.conftest import Api, Json, StoppedClock

FEES = {"creditcard": {"basis_points": 150, "fixed": 25}}
"""Of five euros 0.33, as 32.5 cents are rounded half up."""


@pytest.fixture
def payout(mine: Api, platform: Platform, database: Database) -> Json:
    """My shop's payout of two payments, one of which was given back in part."""
    with database.unit() as unit:
        contract = unit.contracts.get("GCR_MINE")
        url = "https://shop.example.test/payouts"
        account: dict[str, Any] = {"payout_account": marketplace.ACCOUNT, "url_push": url, "fees": FEES}
        unit.contracts.change(contract, replace(contract, **account))
    first = bought(mine)["transactions"][0]["id"]
    bought(mine)
    mine.request("POST", f"Payment/Transactions/{first}/cancel", json={"reduce_amount_by": 100})
    settlement.run(Call(platform, None, "de", role="operator"))
    [found] = mine.get("Payment/Payouts")["data"]
    payout: Json = found
    return payout


def test_a_payout_says_what_it_is_made_of(mine: Api, payout: Json) -> None:
    assert {name: value for name, value in payout.items() if name.endswith(("amount", "volume"))} == {
        "amount": 834,
        "transaction_volume": 1000,
        "refund_amount": 100,
        "stakeholder_amount": 0,
        "claim_amount": 0,
        "invoice_amount": 66,
        "misc_amount": 0,
        "payout_amount": 834,
    }
    assert (payout["receiver"], payout["purpose"]) == ("Anna & Bert GbR", f"PO {payout['trans_id']}")
    assert (payout["simple_status_id"], payout["trans_status_id"]) == (1, 17)
    assert mine.get(f"Payment/Payouts/{payout['id']}") == payout


def test_lists_of_payouts_and_invoices_can_be_searched(mine: Api, payout: Json) -> None:
    for noun, names in (("Payouts", ("trans_id", "payout_amount")), ("Invoices", ("total_amount",))):
        [item] = mine.get(f"Payment/{noun}")["data"]
        for name in names:
            assert mine.get(f"Payment/{noun}", q=f"{name}:{item[name]}")["count"] == 1
            assert mine.get(f"Payment/{noun}", q=f"{name}:{item[name] + 1}", sort=f"{name}:asc")["count"] == 0


def test_a_payout_is_told_of(database: Database, payout: Json) -> None:
    with database.view() as view:
        [event] = view.events.all(target="payment.payouts")
    assert (event.object_id, event.type, event.url) == (payout["id"], "added", "https://shop.example.test/payouts")


@pytest.mark.parametrize("noun", ["Payouts", "Invoices"])
def test_nobody_reads_what_others_were_paid(mine: Api, stranger: Api, payout: Json, noun: str) -> None:
    [item] = mine.get(f"Payment/{noun}")["data"]
    assert stranger.get(f"Payment/{noun}")["count"] == 0
    assert stranger.refused("GET", f"Payment/{noun}/{item['id']}") == (404, "ProductNotFoundException", 3002)
    assert stranger.refused("GET", f"Payment/{noun}/PPO_NONE")[::2] == (404, 3002)


def test_the_table_of_a_payout_adds_up_to_it(mine: Api, payout: Json) -> None:
    table = mine.http.get(link(payout, "csv"))
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [(row["amount"], row["fee"], row["kind"]) for row in rows] == [
        ("500", "33", "payment"),
        ("500", "33", "payment"),
        ("-100", "0", "refund"),
    ]
    assert sum(int(row["amount"]) - int(row["fee"]) for row in rows) == payout["payout_amount"]


def link(payout: Json, kind: str) -> str:
    """The address of a document."""
    return str(next(each["url"] for each in payout["documents"] if each["type"] == kind))


def test_payouts_and_invoices_are_there_on_paper(mine: Api, payout: Json) -> None:
    [invoice] = mine.get("Payment/Invoices")["data"]
    assert (invoice["amount"], invoice["tax_amount"], invoice["total_amount"]) == (55, 11, 66)
    for address in (link(payout, "pdf"), invoice["document_url"]):
        answer = mine.http.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        paper = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(answer.content)).pages)
        assert "TEST – Es fließt kein Geld." in paper
        assert "Seite 1 von 1" in paper
        assert "Mein Laden GmbH" in paper
        assert paper.count("0,33\N{NO-BREAK SPACE}€") == 2, "each payment with its fee"


def test_an_address_that_was_changed_or_is_old_leads_nowhere(mine: Api, payout: Json, clock: StoppedClock) -> None:
    address = link(payout, "pdf")
    others = [address.replace("PPO_", "PIV_"), address.replace("lang=de", "lang=en"), address.replace(".pdf", ".csv")]
    others += [address.replace("until=", "until=9"), address.partition("?")[0], f"{address[:-1]}ä"]
    for other in others:
        assert (mine.http.get(other).status_code, mine.http.get(other).json()["code"]) == (404, 3140), other
    clock.advance(hours=24)
    assert mine.http.get(address).json()["code"] == 3140


def test_what_is_written_for_a_spreadsheet_is_no_formula(mine: Api, payout: Json) -> None:
    from pfennig.documents.statement import harmless

    assert [harmless(text) for text in ("=1+1", "-7", "7")] == ["'=1+1", "'-7", "7"]
