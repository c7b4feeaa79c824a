"""Money that is given to payments by hand, and where refunds go."""

from dataclasses import replace

import pytest

from pfennig.operations.core.call import Platform
from pfennig.storage.database import Database
from tests.api.conftest import (
    Refuses,
    SilentBank,
    bought,
    payment_of,
    payment_path,
    prepared,
    transfer,
    waiting,
)
from tests.conftest import Api, Json

pytestmark = pytest.mark.usefixtures("books")

IBAN = "DE35500105175418493188"


def assign(line: Json, case: Json) -> str:
    """The address that gives a transfer to a payment."""
    return payment_path(case, f"/assignPayment/{line['id']}")


def remaining(answer: Json) -> list[int]:
    """Of an assignment: what is left of the transfer and of the payment, each with what was left before."""
    return [
        answer[f"remaining_{what}_amount{when}"] for what in ("payment", "transaction") for when in ("", "_before")
    ]


@pytest.mark.parametrize("word", ["id", "number"])
def test_a_transfer_is_given_to_a_payment_by_hand(mine: Api, word: str) -> None:
    case = waiting(mine)
    line = transfer(mine, 500, "my mugs")
    answer = mine.post(payment_path(case, f"/assignPayment/{line[word]}"))
    assert remaining(answer) == [0, 500, 0, 500]
    assert (answer["id"], answer["details"]["status_simple"]) == (case["transactions"][0]["id"], 1)
    assert answer["incoming_payment_purpose"] == "my mugs"
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"


def test_one_transfer_is_given_to_several_payments_until_nothing_is_left(mine: Api) -> None:
    cases = [waiting(mine) for _ in range(3)]
    line = transfer(mine, 1200, "for everything")
    assert [remaining(mine.post(assign(line, case))) for case in cases] == [
        [700, 1200, 0, 500],
        [200, 700, 0, 500],
        [0, 200, 300, 500],
    ]
    assert [payment_of(mine, case)["details"]["status_simple"] for case in cases] == [1, 1, 10]
    assert mine.refused("POST", assign(line, cases[2])) == (403, "ProductNotAllowedException", 4052)


def test_a_payment_takes_from_several_transfers_what_it_needs(mine: Api) -> None:
    case = waiting(mine)
    lines = [transfer(mine, 300, "first half"), transfer(mine, 300, "second half")]
    assert remaining(mine.post(assign(lines[0], case))) == [0, 300, 200, 500]
    assert remaining(mine.post(assign(lines[1], case))) == [100, 300, 0, 200]
    assert mine.refused("POST", assign(lines[1], case)) == (403, "ProductNotAllowedException", 4053)


def test_an_invoice_is_paid_by_hand_before_and_after_its_delivery(mine: Api) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy(intent='order')['id']}/start/invoice")
    line = transfer(mine, 600, "invoice 7")
    assert remaining(mine.post(assign(transfer(mine, 100, "part"), case))) == [0, 100, 400, 500]
    mine.put(payment_path(case, "/ShippingInformation"), {"tracking_id": "7"})
    answer = mine.post(assign(line, case))
    assert remaining(answer) == [200, 600, 0, 400]
    assert (answer["details"]["status"], answer["details"]["cleared"]) == (86, "cleared")


def test_money_is_given_only_where_it_fits(mine: Api, stranger: Api, seller: Api, refuses: Refuses) -> None:
    case, over, approved = waiting(mine), waiting(mine), prepared(mine)
    mine.post(f"Smart/Transactions/{over['id']}/cancel")
    ordered = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/invoice")
    line, francs = transfer(mine, 500, "my mugs"), transfer(mine, 500, "my mugs", currency="CHF")
    used = transfer(mine, 500, f"TA {over['trans_id']}")
    for other, code in ((francs, 4051), (used, 4052), (transfer(seller, 500, "x"), 2101)):
        refuses(assign(other, case), None, 403, code)
    for other, code in ((over, 4053), (ordered, 4053), (approved, 4011)):
        refuses(assign(line, other), None, 403, code)
    refuses(assign(transfer(stranger, 500, "x"), case), None, 404, 3002)
    for word in ("BKL_NONE", "99", "0", "9" * 30, "-1", "x"):
        refuses(payment_path(case, f"/assignPayment/{word}"), None, 404, 3002)
    strange = stranger.refused("POST", assign(line, case))
    assert strange == (404, "ProductNotFoundException", 3002)


def test_a_refund_takes_no_transfer(mine: Api, refuses: Refuses) -> None:
    case = waiting(mine)
    transfer(mine, 500, f"TA {case['trans_id']}")
    refund = mine.request("POST", payment_path(case, "/cancel"), json={"reduce_amount_by": 250}).json()[1]
    line = transfer(mine, 250, "x")
    refuses(f"Payment/Transactions/{refund['id']}/assignPayment/{line['id']}", None, 403, 4011)


def test_while_a_payment_is_being_cancelled_it_is_neither_paid_nor_raised(
    mine: Api, platform: Platform, refuses: Refuses
) -> None:
    platform.rails["simulator"] = SilentBank()  # type: ignore[index]
    case, line = waiting(mine), transfer(mine, 500, "x")
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    refuses(assign(line, case), None, 403, 4001)
    refuses(payment_path(case, "/IncreaseAmount"), {"amount": 600}, 403, 4001)


def refund_account(api: Api, trans_id: int) -> Json:
    """Where a refund would go."""
    answer = api.post("Payment/Transactions/me/getRefundBankAccount", {"trans_id": trans_id})
    assert answer["trans_id"] == trans_id
    account: Json = answer["bank_account"]
    return account


def test_a_refund_goes_to_the_account_that_was_debited(mine: Api) -> None:
    case = bought(mine, "debit")
    account = refund_account(mine, case["trans_id"])
    assert account == {"owner": "Max Mustermann", "iban": IBAN, "bic": "INGDDEFFXXX", "bankname": account["bankname"]}
    assert account["bankname"]
    refund = mine.request("POST", payment_path(case, "/cancel"), json={"reduce_amount_by": 250}).json()[1]
    assert refund_account(mine, refund["trans_id"]) == account


def test_a_refund_goes_to_the_account_of_the_last_transfer(mine: Api) -> None:
    case = waiting(mine)
    transfer(mine, 200, f"TA {case['trans_id']}", iban="DE37503240001000000524", owner="Max")
    transfer(mine, 300, f"TA {case['trans_id']}", iban="DE35 5001 0517 5418 4931 88", owner="Erika")
    account = refund_account(mine, case["trans_id"])
    assert (account["owner"], account["iban"], account["bic"]) == ("Erika", IBAN, "INGDDEFFXXX")
    refund = mine.request("POST", payment_path(case, "/cancel"), json={"reduce_amount_by": 250}).json()[1]
    assert refund_account(mine, refund["trans_id"]) == account


def test_where_no_account_is_known_there_is_none_for_a_refund(mine: Api, stranger: Api, refuses: Refuses) -> None:
    address = "Payment/Transactions/me/getRefundBankAccount"
    unpaid, nameless, odd = waiting(mine), waiting(mine), waiting(mine)
    transfer(mine, 500, f"TA {nameless['trans_id']}")
    transfer(mine, 500, f"TA {odd['trans_id']}", iban="GB00 WRONG")
    for case in (unpaid, nameless, odd, bought(mine)):
        refuses(address, {"trans_id": case["trans_id"]}, 403, 4054)
    refuses(address, {"trans_id": 40_999_999}, 404, 3002)
    for wrong in ({}, {"trans_id": 0}, {"trans_id": "x"}, {"trans_id": 2**60}):
        refuses(address, wrong, 400, 3001)
    body = {"trans_id": bought(mine, "debit")["trans_id"]}
    assert stranger.refused("POST", address, body) == (404, "ProductNotFoundException", 3002)


def test_a_platform_sees_its_sellers_payers_accounts_masked(mine: Api, seller: Api, database: Database) -> None:
    with database.unit() as unit:
        contract = unit.contracts.get("GCR_SELLER")
        unit.contracts.change(contract, replace(contract, methods=["prepaid"]))
    case = waiting(seller)
    transfer(seller, 500, f"TA {case['trans_id']}", iban=IBAN)
    assert payment_of(seller, case)["incoming_payment_iban"] == IBAN
    assert refund_account(seller, case["trans_id"])["iban"] == IBAN
    masked = "DE35XXXXXXXXXXXXXX3188"
    assert payment_of(mine, case)["incoming_payment_iban"] == masked
    assert refund_account(mine, case["trans_id"])["iban"] == masked
