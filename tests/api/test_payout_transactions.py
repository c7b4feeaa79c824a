"""Money that a merchant pays to others: it waits for the money, then goes to each of them; or nothing is written."""

from typing import Any

import pytest

from pfennig.domain.ledger import LedgerAccount
from pfennig.operations import calendar
from pfennig.operations.core.call import Call, Platform
from pfennig.storage.database import Database
from tests import marketplace
from tests.api.conftest import Everything, Refuses, account, bought, payment_of, transfer, waiting
from tests.conftest import Api, Json, StoppedClock

AT = "Payment/Secupaypayout"
DAYS = ("2026-02-06", "2026-02-06 00:00:00")
IBAN = "DE35500105175418493188"


def by_container(mine: Api, **fields: Any) -> Json:
    """A payout of 3.50 to two instruments."""
    kept = [mine.post("Payment/Containers", account()["container"])["id"] for _ in range(2)]
    lines = [
        {"reference_id": "2000.1", "name": "Max Mustermann", "container_id": kept[0], "total": "100"},
        {"reference_id": "2000.2", "name": "Erika Musterfrau", "container_id": kept[1], "total": 250},
    ]
    customer = {"contact": {"forename": "Max", "surname": "Mustermann"}}
    payout = {"customer": customer, "amount": "350", "currency": "EUR", "purpose": "Payout Test #1", "order_id": 7}
    return payout | {"transaction_list": lines} | fields


def entry(**fields: Any) -> Json:
    """A line with an account."""
    bank_account = {"owner": "Max Mustermann", "iban": IBAN}
    return {"amount": 350, "purpose": "Interest", "reference": "1", "bank_account": bank_account} | fields


def without_customer(*entries: Json, **fields: Any) -> Json:
    """A payout to accounts that are named."""
    total = sum(each["amount"] for each in entries)
    return {"amount": total, "currency": "EUR", "purpose": "Interest 2025", "payout_list": list(entries)} | fields


@pytest.mark.usefixtures("books")
def test_a_payout_waits_for_its_money_and_then_goes_out(mine: Api, database: Database) -> None:
    payout = mine.post(AT, by_container(mine, redirect_url={"url_push": "https://shop.example.test/push"}))
    assert (payout["object"], payout["status"], payout["transaction_status"]) == (
        "payment.secupaypayout",
        "pending",
        "25",
    )
    assert [line["total"] for line in payout["transaction_list"]] == [100, 250]
    assert payout["transfer_purpose"] == f"TA {payout['trans_id']}"
    transfer(mine, 300, payout["transfer_purpose"])
    assert mine.get(f"{AT}/{payout['id']}")["status"] == "pending"
    transfer(mine, 70, payout["transfer_purpose"])
    after = mine.get(f"{AT}/{payout['payment_id']}")
    assert (after["status"], after["transaction_status"]) == ("accepted", "17")
    paid = mine.get(f"Payment/Transactions/{payout['payment_id']}")
    assert (paid["details"]["status_simple"], paid["details"]["cleared"]) == (1, "cleared")
    child = paid["related_transactions"][0]
    assert (child["hierarchy"], child["ref_type_id"], child["ref_type_raw"]) == ("child", 75, "API Auszahlung")
    line = mine.get(f"Payment/Transactions/{child['id']}")
    assert (line["product_id"], line["status"], line["reference_id"]) == (401, 17, "2000.1")
    assert mine.get("General/Contracts/me/transferBalance")["balances"] == {"EUR": 20}
    assert marketplace.accounts(database) == {LedgerAccount.BANK: -20, LedgerAccount.UNASSIGNED: 20}
    with database.view() as view:
        told = view.events.all(target="payment.secupaypayout", object_id=payout["id"])
        sent = [(each.amount, each.account["owner"], each.purpose) for each in view.remittances.all()]
    assert len(told) == 2
    assert sent == [(100, "Max Mustermann", "Payout Test #1"), (250, "Erika Musterfrau", "Payout Test #1")]


@pytest.mark.usefixtures("books")
def test_a_payout_without_a_customer_names_accounts_or_earlier_payers(mine: Api) -> None:
    debited = payment_of(mine, bought(mine, "debit"))
    lines = (
        entry(recipient="MRC_1"),
        entry(reference="2", bank_account=None, origin_transaction=debited["trans_id"]),
    )
    answer = mine.post(f"{AT}/me/PayoutWithoutCustomer", without_customer(*lines, contract_id="GCR_MINE"))
    first, second = answer["payout_list"]
    assert (first["recipient"], first["bank_account"]["bic"]) == ("MRC_1", "INGDDEFFXXX")
    assert (second["origin_transaction"], "bank_account" in second) == (debited["trans_id"], False)
    assert second["trans_id"] == first["trans_id"] + 1 == answer["trans_id"] + 2
    assert answer["transfer_account"]["iban"] == "DE81850400611005523759"


def test_both_addresses_take_both_bodies(mine: Api) -> None:
    assert mine.post(AT, without_customer(entry()))["transaction_list"][0]["name"] == "Max Mustermann"
    debited = payment_of(mine, bought(mine, "debit"))
    for named in ({"transaction_id": debited["id"]}, {"transaction_hash": debited["transaction_hash"]}):
        lines = [{"name": "Max", "total": 350} | named]
        answer = mine.post(f"{AT}/me/PayoutWithoutCustomer", by_container(mine, transaction_list=lines))
        [line] = answer["payout_list"]
        assert (line["origin_transaction"], line["purpose"]) == (debited["trans_id"], "Payout Test #1")


@pytest.mark.usefixtures("books")
def test_a_payout_goes_out_on_its_day(mine: Api, database: Database, clock: StoppedClock, platform: Platform) -> None:
    payout, late = (mine.post(AT, without_customer(entry(), execution_date=day)) for day in DAYS)
    transfer(mine, 350, payout["transfer_purpose"])
    operator = Call(platform, None, "de", role="operator")
    for hours, status in ((0, "pending"), (37, "pending"), (1, "accepted")):  # from half past ten
        clock.advance(hours=hours)
        calendar.run_due(operator)
        assert mine.get(f"{AT}/{payout['id']}")["status"] == status
    assert mine.get(f"{AT}/{late['id']}")["status"] == "pending"
    transfer(mine, 350, late["transfer_purpose"])
    assert mine.get(f"{AT}/{late['id']}")["status"] == "accepted"


def test_of_a_named_account_and_a_transaction_the_account_is_paid(mine: Api, database: Database) -> None:
    line = entry(origin_transaction=payment_of(mine, bought(mine, "debit"))["trans_id"])
    body = without_customer(line, execution_date="2026-02-14")
    answer = mine.post(f"{AT}/me/PayoutWithoutCustomer", body)
    [shown] = answer["payout_list"]
    assert (shown["origin_transaction"], answer["execution_date"]) == (line["origin_transaction"], "2026-02-14")
    assert shown["bank_account"]["iban"] == line["bank_account"]["iban"]
    with database.view() as view:
        [sent] = view.remittances.all()
    assert sent.account["owner"] == line["bank_account"]["owner"]


def test_a_repeated_request_makes_one_payout(mine: Api, everything: Everything) -> None:
    mine.headers["Idempotency-Key"] = "7"
    for path in (AT, f"{AT}/me/PayoutWithoutCustomer"):
        mine.headers["Idempotency-Key"] = path
        first = mine.post(path, without_customer(entry()))
        assert mine.post(path, without_customer(entry())) == first
    assert everything().count("'PCI_") >= 4


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (without_customer(entry(), amount=349), 400, 3143),
        (without_customer(entry(), payout_list=[]), 400, 3141),
        (without_customer(entry(), transaction_list=[{"name": "Max", "total": 1}]), 400, 3141),
        (without_customer(entry(), entry()), 400, 3142),
        (without_customer(entry(), entry(reference="2", bank_account={"owner": "Max", "iban": "DE00"})), 400, 3142),
        (without_customer(entry(bank_account=None)), 400, 3142),
        (without_customer(entry(bank_account=None, origin_transaction=40000001)), 400, 3142),
        (without_customer(entry(), execution_date="tomorrow"), 400, 3142),
        (without_customer(entry(), currency="XYZ"), 400, 3014),
        (without_customer(entry(), contract_id="GCR_STRANGER"), 404, 3002),
        (without_customer(entry(amount=0)), 400, 3001),
        (without_customer(entry(), purpose="p" * 141), 400, 3001),
        (without_customer(*(entry(reference=str(n), amount=1) for n in range(201))), 400, 3001),
    ],
)
def test_what_cannot_be_paid_out_is_refused_as_a_whole(refuses: Refuses, body: Json, status: int, code: int) -> None:
    refuses(f"{AT}/me/PayoutWithoutCustomer", body, status, code)


def test_the_refusal_names_the_line(mine: Api) -> None:
    bad = entry(reference="2", bank_account={"owner": "Max", "iban": "DE00500105175418493188"})
    answer = mine.request("POST", AT, json=without_customer(entry(), bad)).json()
    assert answer["error_details"] == "payout_list[1]: iban is not a valid IBAN"


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"purpose": "\U0001f389"}, "purpose has no letter or digit that a bank can write"),
        ({"purpose": "."}, "purpose has no letter or digit that a bank can write"),
        (
            {"bank_account": {"owner": "\U0001f389", "iban": IBAN}},
            "the owner of the account has no letter or digit that a bank can write",
        ),
        ({"amount": 999_999_999_99 + 1}, "100000000000 is more than one transfer can be, 99999999999"),
    ],
)
def test_a_line_that_no_bank_can_write_is_refused(mine: Api, bad: Json, why: str) -> None:
    answer = mine.request("POST", AT, json=without_customer(entry(), entry(reference="2", **bad)))
    assert (answer.status_code, answer.json()["error_details"]) == (400, f"payout_list[1]: {why}")


def test_a_purpose_for_all_lines_and_a_name_are_letters_that_a_bank_can_write(mine: Api, refuses: Refuses) -> None:
    refuses(AT, by_container(mine, purpose="\U0001f389"), 400, 3142)
    refuses(AT, by_container(mine, purpose="Interest\n"), 400, 3001)
    debited = payment_of(mine, bought(mine, "debit"))
    line = {"name": "\U0001f389", "total": 350, "transaction_id": debited["id"]}
    refuses(AT, by_container(mine, transaction_list=[line]), 400, 3142)


def test_an_earlier_payer_whose_name_the_bank_did_not_say_is_not_paid(mine: Api) -> None:
    case = waiting(mine)
    transfer(mine, 500, f"TA {case['trans_id']}", iban=IBAN)
    line = entry(bank_account=None, origin_transaction=case["trans_id"])
    answer = mine.request("POST", AT, json=without_customer(line)).json()
    assert answer["error_details"].startswith("payout_list[0]: the owner of the account")


@pytest.mark.parametrize("named", [{}, {"container_id": "PCT_NONE"}, {"transaction_id": "PCI_NONE"}])
def test_a_line_whose_account_is_unknown_is_refused(mine: Api, refuses: Refuses, named: Json) -> None:
    refuses(AT, by_container(mine, transaction_list=[{"name": "Max", "total": 350} | named]), 400, 3142)


def test_a_payout_is_called_off_as_long_as_no_money_has_come(mine: Api, refuses: Refuses) -> None:
    payout = mine.post(AT, without_customer(entry()))
    assert mine.post(f"{AT}/{payout['id']}/cancel")["result"]["remaining_amount"] == 0
    assert mine.get(f"{AT}/{payout['id']}")["status"] == "void"
    refuses(f"{AT}/{payout['id']}/cancel", None, 403, 4001)
    payout = mine.post(AT, without_customer(entry()))
    transfer(mine, 100, payout["transfer_purpose"])
    refuses(f"{AT}/{payout['id']}/cancel", None, 403, 4145)
    refuses(f"Payment/Transactions/{payout['payment_id']}/cancel", None, 403, 4142)
    refuses(f"Payment/Transactions/{payout['payment_id']}/revokeAccrual", None, 403, 4142)


@pytest.mark.parametrize("is_paid", [False, True], ids=["awaited", "paid"])
def test_a_payout_is_refused_as_any_payment_that_cannot_be_collected_or_raised(
    mine: Api, refuses: Refuses, is_paid: bool
) -> None:
    payout = mine.post(AT, without_customer(entry()))
    if is_paid:
        transfer(mine, payout["amount"], payout["transfer_purpose"])
    lines = mine.get(f"Payment/Transactions/{payout['payment_id']}")["related_transactions"]
    for id in (payout["payment_id"], *(line["id"] for line in lines)):
        refuses(f"Payment/Transactions/{id}/capture", {}, 403, 1003)
        refuses(f"Payment/Transactions/{id}/IncreaseAmount", {"amount": 99_999}, 403, 4055)


def test_nobody_sees_the_payouts_of_others(mine: Api, stranger: Api) -> None:
    payout = mine.post(AT, without_customer(entry()))
    assert stranger.refused("GET", f"{AT}/{payout['id']}")[::2] == (404, 3002)
    assert stranger.refused("POST", f"{AT}/{payout['id']}/cancel")[::2] == (404, 3002)
    paid = bought(mine)["transactions"][0]["id"]
    assert mine.refused("GET", f"{AT}/{paid}")[::2] == (404, 3002)


@pytest.mark.usefixtures("books")
def test_the_transfer_balance_pays_a_payout(mine: Api, refuses: Refuses) -> None:
    transfer(mine, 200, "in advance")
    payout = mine.post(AT, without_customer(entry()))
    path = f"Payment/Transactions/{payout['payment_id']}/assignTransferBalance"
    refuses(path, None, 403, 4144)
    transfer(mine, 500, "in advance, too")
    balance = mine.get("General/Contracts/me/transferBalance")
    assert balance == {"id": "GCR_MINE", "balances": {"EUR": 700}}
    paid = mine.post(path)
    assert (paid["status"], paid["remaining_payment_amount"], len(paid["related_transactions"])) == (17, 350, 1)
    assert mine.get("General/Contracts/me/transferBalance")["balances"] == {"EUR": 350}
    refuses(path, None, 403, 4053)
    refuses(f"Payment/Transactions/{bought(mine)['transactions'][0]['id']}/assignTransferBalance", None, 403, 4011)
    assert mine.refused("GET", "General/Contracts/GCR_STRANGER/transferBalance")[::2] == (404, 3002)
