"""Money that belongs to no order: it is told, goes back to where it came from, or to another payment; once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pfennig.domain.ledger import LedgerAccount
from pfennig.errors import Malformed, NotAllowed
from pfennig.operations.books import bank, remittances, returns
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Call, Caller, Platform
from pfennig.operations.privacy import access_and_erasure
from pfennig.storage.database import Database
from tests import marketplace
from tests.api.conftest import (
    Refuses,
    SilentBank,
    bought,
    payment_of,
    payment_path,
    transfer,
    waiting,
)
from tests.conftest import ON_BOTH, Api, Json, StoppedClock

pytestmark = pytest.mark.usefixtures("books")

IBAN = "DE37503240001000000524"
PAYER = {"iban": IBAN, "owner": "Max Mustermann"}
PUSHED = {"application_context": {"return_urls": {"url_push": "https://shop.example.test/push"}}}


def paid(mine: Api, *amounts: int, **case: Any) -> Json:
    """A prepayment of 500 for which these transfers came."""
    made = waiting(mine, **case) if case else waiting(mine)
    for amount in amounts:
        transfer(mine, amount, f"TA {made['trans_id']}", **PAYER)
    return made


def cancelled(mine: Api, *amounts: int) -> Json:
    """The same, called off before it was paid."""
    made = paid(mine, *amounts)
    mine.post(f"Smart/Transactions/{made['id']}/cancel")
    return made


def late(mine: Api, amount: int) -> Json:
    """A prepayment that was called off before the money for it came."""
    made = cancelled(mine)
    transfer(mine, amount, f"TA {made['trans_id']}", **PAYER)
    return made


def pending(api: Api) -> int:
    """What is in transit."""
    answer = api.http.get("/lab/v1/balances", headers=api.headers).json()["data"]
    return sum(balance["pending"] for balance in answer)


def sent(database: Database) -> list[tuple[int, str, str]]:
    """What went back: how much, to whom and what for."""
    with database.view() as view:
        back = {each.id for each in view.returns.all()}
        return [
            (each.amount, str(each.account["iban"]), each.purpose) for each in view.remittances.all(about_id=back)
        ]


@pytest.mark.parametrize(
    ("make", "amounts", "over"),
    [(paid, (700,), 200), (paid, (500, 200), 200), (cancelled, (300,), 300), (cancelled, (200, 100), 300)],
    ids=["too much", "twice", "in part", "in parts"],
)
def test_what_a_payment_does_not_need_goes_back_to_where_it_came_from(
    mine: Api, database: Database, make: Any, amounts: tuple[int, ...], over: int
) -> None:
    case = make(mine, *amounts)
    before = payment_of(mine, case)
    assert before["surplus_amount"] == over
    answer = mine.post(payment_path(case, "/returnPayment"))
    assert sum(each["amount"] for each in answer["transfers"]) == over
    assert all(each["remaining_payment_amount"] == 0 for each in answer["transfers"])
    assert "surplus_amount" not in answer
    assert answer["details"]["status_simple"] == before["details"]["status_simple"]
    assert sum(amount for amount, *_ in sent(database)) == over
    assert {(iban, purpose) for _, iban, purpose in sent(database)} == {(IBAN, f"RETURN TA {case['trans_id']}")}
    assert pending(mine) == 0
    assert LedgerAccount.PAYOUT not in marketplace.accounts(database)
    assert mine.refused("POST", payment_path(case, "/returnPayment")) == (403, "ProductNotAllowedException", 4171)


def test_money_that_came_too_late_goes_back_in_parts(mine: Api, database: Database, refuses: Refuses) -> None:
    case = late(mine, 500)
    path = payment_path(case, "/returnPayment")
    for wrong, code in ((501, 3186), (0, 3001), (-1, 3001), ("x", 3001)):
        refuses(path, {"amount": wrong}, 400, code)
    assert mine.post(path, {"amount": 200})["surplus_amount"] == 300
    refuses(path, {"amount": 301}, 400, 3186)
    assert "surplus_amount" not in mine.post(path)
    refuses(path, None, 403, 4171)
    assert [amount for amount, *_ in sent(database)] == [200, 300]


def test_a_return_with_a_key_is_made_once(mine: Api, database: Database) -> None:
    case = late(mine, 500)
    mine.headers["Idempotency-Key"] = "back"
    first = mine.post(payment_path(case, "/returnPayment"), {"amount": 200})
    assert mine.post(payment_path(case, "/returnPayment"), {"amount": 200}) == first
    assert [amount for amount, *_ in sent(database)] == [200]


def test_the_newest_transfers_go_back_first_each_to_its_own_account(mine: Api, database: Database) -> None:
    case = cancelled(mine, 100)
    transfer(mine, 200, f"TA {case['trans_id']}", iban="DE35500105175418493188", owner="Erika")
    mine.post(payment_path(case, "/returnPayment"), {"amount": 250})
    assert [(amount, iban) for amount, iban, _ in sent(database)] == [(200, "DE35500105175418493188"), (50, IBAN)]
    assert payment_of(mine, case)["incoming_payment_iban"] == IBAN


def test_what_is_not_needed_becomes_unassigned_and_pays_another_payment(mine: Api, refuses: Refuses) -> None:
    case, other = paid(mine, 1100), waiting(mine)
    answer = mine.post(payment_path(case, "/unassignPayment"))
    [line] = answer["transfers"]
    assert (line["amount"], line["remaining_payment_amount"]) == (600, 600)
    assert mine.get("General/Contracts/me/transferBalance")["balances"] == {"EUR": 600}
    refuses(payment_path(case, "/unassignPayment"), None, 403, 4171)
    after = mine.post(payment_path(other, f"/assignPayment/{line['accounting_id']}"))
    assert (after["details"]["status_simple"], after["remaining_payment_amount"]) == (1, 100)
    path = f"Payment/Transactions/me/returnTransfer/{line['accounting_id']}"
    refuses(path, {"amount": 101}, 400, 3186)
    back = mine.post(path, {"amount": 60})
    assert back == {"accounting_id": line["accounting_id"], "amount": 60, "remaining_payment_amount": 40}
    assert mine.post(path)["remaining_payment_amount"] == 0
    refuses(path, None, 403, 4052)
    assert pending(mine) == 0


def test_an_invoice_that_was_given_back_before_its_payer_paid_returns_all_of_it(
    mine: Api, clock: StoppedClock, database: Database
) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/invoice")
    mine.put(payment_path(case, "/ShippingInformation"), {"tracking_id": "7"})
    mine.request("POST", payment_path(case, "/cancel"))
    transfer(mine, 500, f"TA {case['trans_id']}", **PAYER)
    assert payment_of(mine, case)["surplus_amount"] == 500
    mine.post(payment_path(case, "/returnPayment"))
    paid_first = mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/invoice")
    mine.put(payment_path(paid_first, "/ShippingInformation"), {"tracking_id": "7"})
    transfer(mine, 500, f"TA {paid_first['trans_id']}", **PAYER)
    mine.request("POST", payment_path(paid_first, "/cancel"))
    assert "surplus_amount" not in payment_of(mine, paid_first)
    assert [amount for amount, *_ in sent(database)] == [500]


@pytest.mark.parametrize(
    "sender",
    [{}, {"owner": "Max"}, {"iban": IBAN}, {"iban": IBAN, "owner": "\U0001f389"}, {"iban": "DE00", "owner": "Max"}],
)
def test_money_without_a_usable_account_does_not_go_back(mine: Api, refuses: Refuses, sender: Json) -> None:
    case = cancelled(mine)
    line = transfer(mine, 300, f"TA {case['trans_id']}", **sender)
    nobodys = transfer(mine, 300, "thank you", **sender)
    refuses(payment_path(case, "/returnPayment"), None, 403, 4172)
    refuses(f"Payment/Transactions/me/returnTransfer/{nobodys['id']}", None, 403, 4172)
    mine.post(payment_path(case, "/unassignPayment"))
    assert mine.get("General/Contracts/me/transferBalance")["balances"] == {"EUR": 600}
    assert mine.post(payment_path(waiting(mine), f"/assignPayment/{line['id']}"))["remaining_payment_amount"] == 0


def test_nothing_goes_back_that_a_payment_needs_or_that_is_not_ones_own(
    mine: Api, stranger: Api, platform: Platform, refuses: Refuses
) -> None:
    part, line = paid(mine, 300), transfer(mine, 200, "thank you", **PAYER)
    for action in ("returnPayment", "unassignPayment"):
        refuses(payment_path(part, f"/{action}"), None, 403, 4171)
        refuses(payment_path(bought(mine), f"/{action}"), None, 403, 4011)
        assert stranger.refused("POST", payment_path(part, f"/{action}"))[::2] == (404, 3002)
    assert stranger.refused("POST", f"Payment/Transactions/me/returnTransfer/{line['id']}")[::2] == (404, 3002)
    refuses("Payment/Transactions/me/returnTransfer/BKL_NONE", None, 404, 3002)
    platform.rails["simulator"] = SilentBank()  # type: ignore[index]
    over = late(mine, 700)
    refuses(payment_path(over, "/returnPayment"), None, 403, 4001)


def test_a_payout_that_got_a_part_of_its_money_gives_it_up_and_is_called_off(mine: Api, refuses: Refuses) -> None:
    line = {"amount": 350, "purpose": "Interest", "reference": "1", "bank_account": {"owner": "Max", "iban": IBAN}}
    payout = mine.post(
        "Payment/Secupaypayout", {"amount": 350, "currency": "EUR", "purpose": "Interest", "payout_list": [line]}
    )
    transfer(mine, 100, payout["transfer_purpose"], **PAYER)
    refuses(f"Payment/Secupaypayout/{payout['id']}/cancel", None, 403, 4145)
    answer = mine.post(f"Payment/Transactions/{payout['payment_id']}/unassignPayment")
    assert [each["amount"] for each in answer["transfers"]] == [100]
    assert mine.post(f"Payment/Secupaypayout/{payout['id']}/cancel")["result"]["remaining_amount"] == 0


def test_shop_and_payer_are_told_of_what_is_not_needed(mine: Api, database: Database) -> None:
    customer = {"contact": {"forename": "Max", "surname": "Muster", "email": "max@example.test"}}
    made = mine.buy(customer=customer, **PUSHED)
    case = mine.post(f"Smart/Transactions/{made['id']}/start/prepaid")
    payment = case["transactions"][0]["id"]
    transfer(mine, 700, f"TA {case['trans_id']}", **PAYER)
    transfer(mine, 100, f"TA {case['trans_id']}", **PAYER)
    mine.post(payment_path(case, "/returnPayment"), {"amount": 50})
    with database.view() as view:
        told = [event.type for event in view.events.all(object_id=payment)]
        letters = {mail.kind: mail for mail in view.mails.all(smart_transaction_id=case["id"])}
    assert len(told) == 4  # waits; accepted; a hundred more; fifty less
    notice = letters["surplus_notice"]  # type: ignore[index]
    assert notice.recipient == "max@example.test"
    assert "2,00" in notice.subject
    assert "2,00" in letters["merchant_surplus_notice"].text  # type: ignore[index]
    path = f"/lab/v1/transactions/{case['id']}/timeline"
    entries = mine.http.get(path, headers=mine.headers).json()["data"]
    arrivals = [entry["text"].split(" EUR")[0] for entry in entries if entry["kind"] == "bank"]
    assert arrivals == ["+7.00", "+1.00", "-0.50", "0.50", "0.50"]


@ON_BOTH
def test_of_several_at_once_nobody_gets_the_same_money(mine: Api, platform: Platform, database: Database) -> None:
    case, other = late(mine, 500), waiting(mine)
    payment, free = case["transactions"][0]["id"], other["transactions"][0]["id"]
    call = Call(platform, Caller("client-mine", "MRC_MINE", "GCR_MINE"), "de")
    line = transfer(mine, 500, "thank you", **PAYER)["id"]
    jobs = [
        lambda: returns.send_back(call, payment, 300),
        lambda: returns.unassign(call, payment, 300),
        lambda: returns.send_back(call, payment),
        lambda: returns.send_line_back(call, line),
        lambda: returns.send_line_back(call, line, 100),
        lambda: bank.assign(call, free, line),
    ]

    def tried(job: Any) -> None:
        try:
            call.insist(job)
        except (NotAllowed, Malformed):
            return

    with ThreadPoolExecutor(6) as pool:
        [*pool.map(tried, jobs * 2)]
    with database.view() as view:
        for receipt in view.receipts.all():
            parts = view.allocations.all(receipt_id=receipt.id)
            assert receipt.amount - sum(part.amount for part in parts) >= 0
        left = sum(part.amount for part in view.allocations.all(payment_id=payment))
    assert left >= 0


def test_a_return_waits_for_the_operators_bank_and_is_noted_once(
    mine: Api, platform: Platform, database: Database
) -> None:
    case = late(mine, 500)
    operator = Call(replace(platform, can=Abilities()), None, "de", role="operator")
    returns.send_back(operator, case["transactions"][0]["id"])
    assert marketplace.accounts(database)[LedgerAccount.PAYOUT] == 500
    batch = remittances.new_batch(operator)
    remittances.book(operator, batch)
    assert remittances.confirm_all(operator, batch.id) == 1
    assert marketplace.accounts(database) == {}


def test_the_lab_sends_back_and_takes_off(mine: Api) -> None:
    case = paid(mine, 700)
    at = f"/lab/v1/bank/payments/{case['transactions'][0]['id']}"

    def asked(path: str, body: Json, status: int = 200) -> Json:
        answer = mine.http.post(path, json=body, headers=mine.headers)
        assert answer.status_code == status, answer.text
        said: Json = answer.json()
        return said

    [back] = asked(f"{at}/return", {"amount": 50})["data"]
    assert (back["amount"], back["currency"], back["unassigned"]) == (50, "EUR", 0)
    [free] = asked(f"{at}/unassign", {})["data"]
    assert (free["amount"], free["unassigned"]) == (150, 150)
    assert asked(f"/lab/v1/bank/transfers/{free['id']}/return", {"amount": 100})["unassigned"] == 50
    assert asked(f"{at}/return", {}, 403)["code"] == 4171
    [line] = mine.http.get("/lab/v1/bank/transfers", headers=mine.headers).json()["data"]
    assert (line["assigned"][0]["amount"], line["unassigned"], line["returned"]) == (500, 50, 150)


def test_who_has_money_with_us_is_not_forgotten_before_it_is_back(mine: Api, database: Database) -> None:
    customer = {"contact": {"forename": "Max", "surname": "Muster", "email": "max@example.test"}}
    made = mine.buy(customer=customer)
    case = mine.post(f"Smart/Transactions/{made['id']}/start/prepaid")
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    transfer(mine, 500, f"TA {case['trans_id']}", **PAYER)
    id = case["customer"]["id"]
    with pytest.raises(access_and_erasure.StillNeeded, match="belongs to no order"), database.unit() as unit:
        access_and_erasure.erase(unit, id)
    mine.post(payment_path(case, "/returnPayment"))
    with database.unit() as unit:
        [sent_back] = access_and_erasure.personal_data(unit, id).remittances
        assert (sent_back.account["owner"], sent_back.amount) == ("Max Mustermann", 500)
        access_and_erasure.erase(unit, id)
    with database.view() as view:
        [emptied] = access_and_erasure.personal_data(view, id).remittances if view.returns.count() else []
        assert not emptied.account.get("iban")


@ON_BOTH
@pytest.mark.parametrize("table", ["allocations", "returns"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET amount = amount + 1", "DELETE FROM {0}"])
def test_what_was_given_and_sent_back_is_never_changed(
    mine: Api, database: Database, table: str, change: str
) -> None:
    case = waiting(mine)
    transfer(mine, 700, f"TA {case['trans_id']}", iban="DE89370400440532013000", owner="Eva")
    payment = payment_of(mine, case)["id"]
    assert (
        mine.request("POST", f"Payment/Transactions/{payment}/returnPayment", json={"amount": 100}).status_code == 200
    )
    with pytest.raises(DBAPIError, match="append-only"), database.unit() as unit:
        unit.connection.execute(text(change.format(table)))
