"""The books: every entry sums to zero, and they say the same as the payments after whatever happened."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain import ledger as rules
from pfennig.domain.ledger import Fee, LedgerAccount
from pfennig.domain.payment import State
from pfennig.operations.checks import reconciliation
from pfennig.storage.database import Database
from tests.api.conftest import transfer, waiting
from tests.conftest import ON_BOTH, Api, Json
from tests.tampering import unguarded

CARD = {"container": {"private": {"owner": "Max", "pan": "411111XXXXXX1111"}}}


def balances(database: Database) -> dict[str, int]:
    """What each account holds; accounts with nothing are left out."""
    found: dict[str, int] = {}
    with database.view() as view:
        for posting in view.postings.all():
            found[posting.account] = found.get(posting.account, 0) + posting.amount
    return {account: amount for account, amount in found.items() if amount}


def differences(database: Database) -> list[str]:
    """What the check has to say."""
    with database.view() as view:
        return [str(difference) for difference in reconciliation.check_all(view)[1]]


def prepared(api: Api) -> Json:
    """A Smart Transaction with a reservation on a card."""
    case = api.buy()
    return api.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", CARD)


def payment_path(case: Json) -> str:
    """The address of its leading payment."""
    return f"Payment/Transactions/{case['transactions'][0]['id']}"


@given(amount=st.integers(0, 10**12), points=st.integers(0, 10**4), fixed=st.integers(0, 10**4))
def test_a_fee_is_rounded_half_up_and_never_above_the_payment(amount: int, points: int, fixed: int) -> None:
    fee = Fee(points, fixed, minimum=7).of(amount)
    assert 0 <= fee <= amount
    if 7 < fee < amount:
        assert abs(10_000 * (fee - fixed) - amount * points) <= 5_000


OTHER_ENTRIES = (
    *(rules.PROMISED, rules.TAKEN_BACK, rules.CHARGED, rules.RELEASED),
    *(rules.RAISED, rules.ARRIVED, rules.RECEIVED, rules.SETTLED, rules.SHARED, rules.UNSHARED),
    *(rules.SETTLED_OUT, rules.SHARED_BEFORE, rules.SENT, rules.PASSED_ON),
)


@pytest.mark.parametrize("lines", [*rules.ENTRIES.values(), *OTHER_ENTRIES])
def test_every_kind_of_entry_sums_to_zero(lines: rules.Lines) -> None:
    assert rules.is_balanced(lines)


def test_a_reservation_is_in_transit_until_it_is_captured(mine: Api, database: Database) -> None:
    case = prepared(mine)
    assert balances(database) == {LedgerAccount.PAYER: -500, LedgerAccount.IN_TRANSIT: 500}
    mine.post(f"Smart/Transactions/{case['id']}/start")
    assert balances(database) == {LedgerAccount.PAYER: -500, LedgerAccount.MERCHANT: 500}
    assert differences(database) == []


def test_an_abort_lets_the_reservation_go(mine: Api, database: Database) -> None:
    mine.post(f"Smart/Transactions/{prepared(mine)['id']}/abort")
    assert balances(database) == {}
    assert differences(database) == []


@ON_BOTH
def test_refunds_in_parts_add_up_and_end_in_void(mine: Api, database: Database) -> None:
    case = prepared(mine)
    mine.post(f"Smart/Transactions/{case['id']}/start")
    answer = mine.request("POST", f"{payment_path(case)}/cancel", json={"reduce_amount_by": 200}).json()
    assert [item["amount"] for item in answer] == [500, -200]
    assert answer[1]["parents"][0]["id"] == answer[0]["id"]
    assert balances(database) == {LedgerAccount.PAYER: -300, LedgerAccount.MERCHANT: 300}
    assert mine.get(f"{payment_path(case)}/checkStatus")["amount"] == 300
    assert mine.refused("POST", f"{payment_path(case)}/cancel", {"reduce_amount_by": 301})[0] == 400
    mine.request("POST", f"{payment_path(case)}/cancel", json={"reduce_amount_by": 0})
    assert balances(database) == {}
    assert mine.get(f"{payment_path(case)}/checkStatus")["status_simple"] == 5
    assert mine.refused("POST", f"{payment_path(case)}/cancel") == (403, "ProductNotAllowedException", 4009)
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"
    assert differences(database) == []


def test_a_reservation_is_lowered_once_and_captured_for_what_is_left(mine: Api, database: Database) -> None:
    case = prepared(mine)
    mine.request("POST", f"{payment_path(case)}/cancel", json={"reduce_amount_by": 100})
    assert balances(database) == {LedgerAccount.PAYER: -400, LedgerAccount.IN_TRANSIT: 400}
    assert mine.refused("POST", f"{payment_path(case)}/cancel", {"reduce_amount_by": 100})[2] == 4010
    assert mine.post(f"{payment_path(case)}/capture")["details"]["status_simple"] == 1
    assert balances(database) == {LedgerAccount.PAYER: -400, LedgerAccount.MERCHANT: 400}
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"
    assert differences(database) == []


def test_the_platforms_fee_is_taken_from_the_merchant(mine: Api, database: Database) -> None:
    with database.unit() as unit:
        contract = unit.contracts.get("GCR_MINE")
        unit.contracts.change(contract, replace(contract, fees={"creditcard": {"basis_points": 150, "fixed": 25}}))
    case = prepared(mine)
    mine.post(f"Smart/Transactions/{case['id']}/start")
    assert balances(database) == {LedgerAccount.PAYER: -500, LedgerAccount.MERCHANT: 467, LedgerAccount.FEES: 33}
    assert differences(database) == []


def test_a_payment_that_was_tampered_with_is_found(mine: Api, database: Database) -> None:
    case = prepared(mine)
    with database.unit() as unit:
        payment = unit.payments.get(case["transactions"][0]["id"])
        unit.payments.change(payment, replace(payment, state=State.ACCEPTED))
    assert any(payment.id in text and "merchant_payable" in text for text in differences(database))


@ON_BOTH
def test_a_posting_that_is_missing_is_found(mine: Api, database: Database) -> None:
    prepared(mine)
    with unguarded(database) as unit:
        unit.postings.remove(account=LedgerAccount.PAYER)
    assert any("does not sum to zero" in text for text in differences(database))


def test_a_transfer_is_unassigned_until_it_is_given_to_a_payment(mine: Api, database: Database) -> None:
    line = transfer(mine, 500, "thank you")
    assert balances(database) == {LedgerAccount.BANK: -500, LedgerAccount.UNASSIGNED: 500}
    mine.post(f"{payment_path(waiting(mine))}/assignPayment/{line['id']}")
    assert balances(database) == {LedgerAccount.BANK: -500, LedgerAccount.MERCHANT: 500}
    assert differences(database) == []


@ON_BOTH
def test_a_transfer_that_is_not_posted_or_given_away_twice_is_found(mine: Api, database: Database) -> None:
    case = waiting(mine)
    line = transfer(mine, 200, f"TA {case['trans_id']}")
    with unguarded(database) as unit:
        part = unit.allocations.one(receipt_id=line["id"])
        assert part
        unit.allocations.add(replace(part, id="BKA_TWICE"))
        unit.postings.remove(payment_id=line["id"], account=LedgerAccount.UNASSIGNED)
    assert [text for text in differences(database) if text.startswith(line["id"])] == [
        f"{line['id']}: unassigned is 0.00 EUR, the bank line asks for 2.00 EUR",
        f"{line['id']}: 4.00 EUR is given to payments, 2.00 EUR arrived",
        f"{line['id']}: an entry does not sum to zero",
    ]


@ON_BOTH
def test_the_check_goes_on_until_payments_and_bank_lines_are_at_their_end(
    mine: Api, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "PAGE", 2)
    lines = [transfer(mine, 100, "thank you")["id"] for _ in range(5)]
    payments = [waiting(mine)["transactions"][0]["id"] for _ in range(3)]
    with unguarded(database) as unit:
        unit.postings.remove()
        for id in payments:
            unit.payments.change(unit.payments.get(id), replace(unit.payments.get(id), state=State.ACCEPTED))
    found = {text.partition(":")[0] for text in differences(database)}
    assert found == {*lines, *payments}
    assert len(set(differences(database))) == len(differences(database))
