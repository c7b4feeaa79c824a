"""Transfers that arrive, through the lab's door. After each test the books must say what the bank's lines say."""

import pytest

from pfennig.domain.attempt import Outcome, Result
from pfennig.operations import calendar
from pfennig.operations.core.call import Call, Platform
from pfennig.storage.database import Database
from tests.api.conftest import Everything, SilentBank, bought, payment_of, payment_path, prepared, transfer, waiting
from tests.api.test_outcomes import lab
from tests.conftest import Api, Json, StoppedClock

pytestmark = pytest.mark.usefixtures("books")

PAYER = {"iban": "DE35500105175418493188", "owner": "Max Mustermann"}


def status(mine: Api, case: Json) -> tuple[str, int]:
    """Of the Smart Transaction, and the simple one of its payment."""
    case = mine.get(f"Smart/Transactions/{case['id']}")
    return case["status"], payment_of(mine, case)["details"]["status_simple"]


def balance(database: Database, account: str) -> int:
    """What an account holds."""
    with database.view() as view:
        return sum(posting.amount for posting in view.postings.all(account=account))


def given(case: Json, amount: int) -> Json:
    """That so much of a transfer was given to the payment of a Smart Transaction."""
    return {"payment": case["transactions"][0]["id"], "amount": amount}


@pytest.mark.parametrize("purpose", ["TA {}", "ta{}", "Danke! TA-{} Max Mustermann", "TA  {}/4711"])
def test_a_transfer_with_the_number_pays_the_prepayment(mine: Api, database: Database, purpose: str) -> None:
    case = waiting(mine)
    line = transfer(mine, 500, purpose.format(case["trans_id"]))
    assert line["payment"] == case["transactions"][0]["id"]
    assert (line["assigned"], line["unassigned"]) == ([given(case, 500)], 0)
    assert status(mine, case) == ("ok", 1)
    with database.view() as view:
        assert [event.type for event in view.events.all(object_id=line["payment"])] == ["changed", "changed"]


@pytest.mark.parametrize("gap", [" ", ".", "-", "/"])
def test_a_garbled_number_pays_as_long_as_it_is_clear(mine: Api, gap: str) -> None:
    case = waiting(mine)
    number = str(case["trans_id"])
    transfer(mine, 500, f"vielen dank ta{gap}{number[:4]}{gap}{number[4:].replace('0', 'O')} Max")
    assert status(mine, case) == ("ok", 1)


def test_the_number_decides_and_not_the_amount(mine: Api) -> None:
    meant, named = mine.buy(basket_info={"sum": 700}), waiting(mine)
    meant = mine.post(f"Smart/Transactions/{meant['id']}/start/prepaid")
    assert transfer(mine, 700, f"TA {named['trans_id']}")["assigned"] == [given(named, 700)]
    assert (status(mine, meant), status(mine, named)) == (("pending", 10), ("ok", 1))


def test_too_little_waits_for_the_rest(mine: Api) -> None:
    case = waiting(mine)
    transfer(mine, 200, f"TA {case['trans_id']}")
    assert status(mine, case) == ("pending", 10)
    transfer(mine, 300, f"TA {case['trans_id']}")
    assert status(mine, case) == ("ok", 1)


def test_what_is_too_much_stays_in_transit(mine: Api, database: Database) -> None:
    case = waiting(mine)
    transfer(mine, 700, f"TA {case['trans_id']}")
    assert status(mine, case) == ("ok", 1)
    assert (balance(database, "in_transit"), balance(database, "unassigned")) == (200, 0)


def test_twins_on_one_day_are_two_transfers(mine: Api, database: Database) -> None:
    case = waiting(mine)
    one, other = (transfer(mine, 500, f"TA {case['trans_id']}", **PAYER) for _ in range(2))
    assert one["id"] != other["id"]
    assert one["assigned"] == other["assigned"] == [given(case, 500)]
    assert (balance(database, "bank_clearing"), balance(database, "in_transit")) == (-1000, 500)


@pytest.mark.parametrize("purpose", ["TA {} TA {}", "TA {}, {}", "Bestellungen TA {} und {}"])
def test_two_orders_in_one_transfer_get_each_its_own(mine: Api, purpose: str) -> None:
    one, other = waiting(mine), waiting(mine)
    transfer(mine, 200, f"TA {one['trans_id']}")
    line = transfer(mine, 800, purpose.format(other["trans_id"], one["trans_id"]))
    assert line["assigned"] == [given(one, 300), given(other, 500)]
    assert (line["payment"], line["unassigned"]) == (None, 0)
    assert status(mine, one) == status(mine, other) == ("ok", 1)


def test_orders_of_several_contracts_and_methods_are_paid_by_one_transfer(mine: Api, database: Database) -> None:
    one, other = bought(mine, "prepaid"), mine.buy(contract={"id": "GCR_ALL"})
    other = mine.post(f"Smart/Transactions/{other['id']}/start/invoice")
    transfer(mine, 1000, f"TA {one['trans_id']} TA {other['trans_id']}")
    assert payment_of(mine, one)["details"]["cleared"] == payment_of(mine, other)["details"]["cleared"] == "cleared"
    with database.view() as view:
        for contract in ("GCR_MINE", "GCR_ALL"):
            left = view.postings.all(account="unassigned", contract_id=contract)
            assert sum(posting.amount for posting in left) == 0


def test_two_orders_whose_sum_does_not_fit_belong_to_nobody_yet(mine: Api, database: Database) -> None:
    one, other, over = waiting(mine), waiting(mine), waiting(mine)
    mine.post(f"Smart/Transactions/{over['id']}/cancel")
    for amount, numbers in (
        (999, (one["trans_id"], other["trans_id"])),
        (1001, (one["trans_id"], other["trans_id"])),
        (500, (one["trans_id"], over["trans_id"])),
        (1000, (one["trans_id"], 40_999_999)),
    ):
        line = transfer(mine, amount, "TA {} TA {}".format(*numbers))
        assert (line["payment"], line["assigned"], line["unassigned"]) == (None, [], amount)
    assert status(mine, one) == status(mine, other) == ("pending", 10)
    assert balance(database, "unassigned") == 999 + 1001 + 500 + 1000


def test_what_cannot_be_told_belongs_to_nobody_yet(mine: Api, stranger: Api, database: Database) -> None:
    one, other = waiting(mine), waiting(mine)
    unclear = ("", "thank you", "TA 99999999", "TA 123", f"{one['trans_id']}", f"TA {str(one['trans_id'])[:-1]}")
    for purpose in (*unclear, f"TA {one['trans_id']} TA {other['trans_id']}"):
        assert transfer(mine, 500, purpose)["assigned"] == []
    assert transfer(mine, 500, f"TA {one['trans_id']}", currency="CHF")["assigned"] == []
    assert transfer(stranger, 500, f"TA {one['trans_id']}")["assigned"] == []
    assert status(mine, one) == status(mine, other) == ("pending", 10)
    assert balance(database, "unassigned") == 9 * 500


def test_a_refunds_number_is_not_a_payments(mine: Api) -> None:
    case = waiting(mine)
    transfer(mine, 500, f"TA {case['trans_id']}")
    refund = mine.request("POST", payment_path(case, "/cancel"), json={"reduce_amount_by": 250}).json()[1]
    assert transfer(mine, 500, f"TA {refund['trans_id']}")["payment"] is None


def test_a_transfer_after_the_cancellation_changes_nothing_but_the_books(mine: Api, database: Database) -> None:
    case = waiting(mine)
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    transfer(mine, 500, f"TA {case['trans_id']}")
    assert status(mine, case) == ("cancelled", 5)
    assert balance(database, "in_transit") == 500


def test_a_paid_prepayment_can_be_refunded(mine: Api) -> None:
    case = waiting(mine)
    transfer(mine, 500, f"TA {case['trans_id']}")
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    assert status(mine, case) == ("cancelled", 5)


def test_a_prepayment_lowered_to_what_has_arrived_is_paid(mine: Api) -> None:
    case = waiting(mine)
    transfer(mine, 300, f"TA {case['trans_id']}")
    mine.request("POST", payment_path(case, "/cancel"), json={"reduce_amount_by": 200})
    assert status(mine, case) == ("ok", 1)


@pytest.mark.parametrize(
    ("result", "end"), [(Result.DONE, ("cancelled", 5)), (Result.DENIED, ("ok", 1))], ids=["gone", "kept"]
)
def test_money_that_comes_during_a_cancellation_waits_for_its_end(
    mine: Api, platform: Platform, clock: StoppedClock, result: Result, end: tuple[str, int]
) -> None:
    bank = SilentBank()
    platform.rails["simulator"] = bank  # type: ignore[index]
    case = waiting(mine)
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    transfer(mine, 500, f"TA {case['trans_id']}")
    assert status(mine, case) == ("pending", 10)
    bank.says = Outcome(result)
    clock.advance(minutes=5)
    calendar.run_due(Call(platform, None, "de", role="clock"))
    assert status(mine, case) == end


def test_a_payment_tells_of_the_transfer_that_came_for_it(mine: Api, clock: StoppedClock) -> None:
    case = waiting(mine)
    payment = payment_of(mine, case)
    assert payment["details"]["cleared"] == "open"
    assert not [name for name in payment if name.startswith("incoming") or name == "account_owner"]
    transfer(mine, 200, f"TA {case['trans_id']}")
    payment = payment_of(mine, case)
    assert {name for name in payment if name.startswith("incoming")} == {
        "incoming_payment_date",
        "incoming_payment_purpose",
    }
    clock.advance(hours=2)
    transfer(mine, 300, f"TA {case['trans_id']} rest", **PAYER)
    payment = payment_of(mine, case)
    assert payment["incoming_payment_date"] == "2026-02-04T12:30:00+01:00"
    assert payment["incoming_payment_purpose"] == f"TA {case['trans_id']} rest"
    assert payment["incoming_payment_iban"] == PAYER["iban"]
    assert payment["incoming_payment_bic"] == "INGDDEFFXXX"
    assert payment["account_owner"] == "Max Mustermann"
    assert payment["details"]["cleared"] == "cleared"


def test_an_invoice_is_cleared_by_its_transfer(mine: Api) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/invoice")
    transfer(mine, 499, f"TA {case['trans_id']}")
    assert payment_of(mine, case)["details"]["cleared"] == "open"
    transfer(mine, 1, f"TA {case['trans_id']}")
    assert payment_of(mine, case)["details"]["cleared"] == "cleared"


def test_a_card_payment_is_not_cleared_by_any_transfer(mine: Api) -> None:
    assert payment_of(mine, bought(mine))["details"]["cleared"] == "open"


def listed(api: Api) -> list[Json]:
    """The transfers that a caller sees."""
    answer = api.http.get("/lab/v1/bank/transfers", headers=api.headers)
    assert answer.status_code == 200
    found: list[Json] = answer.json()["data"]
    return found


def test_transfers_are_listed_newest_first_and_only_ones_own(mine: Api, stranger: Api) -> None:
    case = waiting(mine)
    lines = [transfer(mine, 100, purpose) for purpose in (f"TA {case['trans_id']}", "thank you")]
    assert listed(mine) == lines[::-1]
    assert [line["number"] for line in lines] == [1, 2]
    assert listed(stranger) == []


def test_a_platform_sees_the_transfers_of_its_sellers(mine: Api, seller: Api) -> None:
    line = transfer(seller, 500, "thank you")
    assert listed(mine) == listed(seller) == [line]


def test_a_transfer_needs_a_token_and_an_amount(mine: Api, everything: Everything) -> None:
    body = {"amount": 500, "purpose": "TA 40000001"}
    before = everything()
    assert mine.http.post("/lab/v1/bank/transfers", json=body).status_code == 401
    assert mine.http.get("/lab/v1/bank/transfers").status_code == 401
    for wrong in ({"purpose": "x"}, {"amount": 0, "purpose": "x"}, {"amount": "5", "purpose": "x"}):
        assert mine.http.post("/lab/v1/bank/transfers", json=wrong, headers=mine.headers).status_code == 400
    for broken in (b'{"amount": 5, "purpose": "\\u0000"}', b'{"amount": 5, "purpose": "\xff"}', b"{", b"[]"):
        assert mine.http.post("/lab/v1/bank/transfers", content=broken, headers=mine.headers).status_code == 400
    assert everything() == before


def test_the_timeline_tells_what_happened_in_order(mine: Api, stranger: Api) -> None:
    case = waiting(mine)
    line = transfer(mine, 500, f"TA {case['trans_id']}")
    path = f"/lab/v1/transactions/{case['id']}/timeline"
    entries = mine.http.get(path, headers=mine.headers).json()["data"]
    assert {entry["kind"] for entry in entries} == {"request", "move", "attempt", "posting", "bank", "push", "mail"}
    moves = [entry["text"].partition(":")[0] for entry in entries if entry["kind"] == "move"]
    assert moves == ["created > pending", "created > pending", "pending > accepted", "pending > ok"]
    [arrival] = [entry["text"] for entry in entries if entry["kind"] == "bank"]
    assert arrival == f"+5.00 EUR of transfer {line['number']}"
    assert mine.http.get(path, headers=stranger.headers).status_code == 404


def test_the_timeline_says_of_what_comes_by_itself_whether_it_is_over(mine: Api) -> None:
    case = prepared(mine)
    path = f"/lab/v1/transactions/{case['id']}/timeline"

    def appointments() -> list[str]:
        """What comes by itself."""
        entries = mine.http.get(path, headers=mine.headers).json()["data"]
        return [entry["text"] for entry in entries if entry["kind"] == "appointment"]

    [open_one] = appointments()
    lab(mine, "clock/advance", days=8)
    assert appointments()[0] == f"{open_one}: over"
