"""The arithmetic of payouts: what they are made of, the tax in a sum, and transfers that go where they were meant."""

from datetime import UTC, datetime
from fractions import Fraction
from math import floor
from typing import Any

import pytest

from pfennig.domain.ledger import FEE, LedgerAccount
from pfennig.domain.payment import Kind, State
from pfennig.domain.settlement import Invoice, Payout, Remittance, Sums, add_up, mark_of, net_of, part

NOW = datetime(2026, 2, 4, 9, 30, tzinfo=UTC)
ACCOUNT = {"owner": "Müller", "iban": "DE35500105175418493188"}


def test_what_is_left_is_what_came_in_without_all_else() -> None:
    assert Sums(volume=100_000, refunds=20_000, shares=3_000, claims=400, fees=50, misc=6).to_pay_out == 76_544
    assert Sums(volume=100, refunds=-5, shares=-4, claims=-3, fees=-2, misc=-1).to_pay_out == 115


@pytest.mark.parametrize(
    ("account", "kind", "why", "name"),
    [
        (LedgerAccount.SHARES, Kind.SHARE, "accepted", "shares"),
        (LedgerAccount.SHARES, Kind.REFUND, FEE, "shares"),
        (LedgerAccount.MERCHANT, Kind.PAYMENT, FEE, "fees"),
        (LedgerAccount.MERCHANT, Kind.PAYMENT, State.ISSUE.value, "claims"),
        (LedgerAccount.MERCHANT, None, State.RESOLVED.value, "claims"),
        (LedgerAccount.MERCHANT, None, "paid out", "misc"),
        (LedgerAccount.MERCHANT, Kind.REFUND, "accepted", "refunds"),
        (LedgerAccount.MERCHANT, Kind.PAYMENT, "accepted", "volume"),
        (LedgerAccount.MERCHANT, Kind.PART, "accepted", "volume"),
    ],
)
def test_each_posting_belongs_to_one_of_the_sums(
    account: LedgerAccount, kind: Kind | None, why: str, name: str
) -> None:
    assert part(account, kind, why) == name


def test_lines_add_up_to_sums_in_which_all_but_the_volume_is_taken_off() -> None:
    lines = [
        (LedgerAccount.MERCHANT, Kind.PAYMENT, "accepted", 500),
        (LedgerAccount.MERCHANT, Kind.PART, "accepted", 250),
        (LedgerAccount.MERCHANT, Kind.PAYMENT, FEE, -30),
        (LedgerAccount.MERCHANT, Kind.PART, FEE, -12),
        (LedgerAccount.MERCHANT, Kind.REFUND, "accepted", -100),
    ]
    assert add_up(lines) == Sums(volume=750, fees=42, refunds=100)
    assert add_up([]) == Sums()


@pytest.mark.parametrize(
    ("total", "tax_percent", "net"),
    [
        (119, 19, 100),
        (0, 19, 0),
        (100, 0, 100),
        (1, 19, 1),
        (3, 100, 2),
        (1, 100, 1),
        (107, 7, 100),
        (-119, 19, -100),
    ],
)
def test_the_tax_in_a_sum_is_taken_out_and_rounded_half_up(total: int, tax_percent: int, net: int) -> None:
    assert net_of(total, tax_percent) == net


@pytest.mark.parametrize("tax_percent", [7, 19])
def test_no_sum_is_off_by_a_cent(tax_percent: int) -> None:
    for total in range(-250, 250):
        assert net_of(total, tax_percent) == floor(Fraction(100 * total, 100 + tax_percent) + Fraction(1, 2))


def test_payouts_and_invoices_have_numbers() -> None:
    whose: dict[str, Any] = {"id": "x", "merchant_id": "x", "contract_id": "x", "currency": "EUR", "created": NOW}
    sums: dict[str, Any] = dict.fromkeys(("volume", "refunds", "shares", "claims", "fees", "misc", "amount"), 1)
    payout = Payout(**whose, **sums, number=1, seq=12)
    assert (payout.trans_id, payout.purpose, payout.smart_transaction_id) == (70_000_012, "PO 70000012", "")
    invoice = Invoice(**whose, payout_id="PYO_ONE", amount=100, tax=19, tax_percent=19, seq=7)
    assert (invoice.number, invoice.total) == ("2026-000007", 119)


def a_remittance(**fields: Any) -> Remittance:
    """A transfer of five euros."""
    usual: dict[str, Any] = {"id": "x", "merchant_id": "MRC_MINE", "contract_id": "GCR_MINE", "about_id": "PYO_ONE"}
    usual |= {
        "amount": 500,
        "currency": "EUR",
        "account": ACCOUNT,
        "purpose": "PO 1",
        "is_open": True,
        "created": NOW,
    }
    return Remittance(**(usual | fields))


def test_a_transfer_that_goes_to_another_account_than_was_meant_is_found() -> None:
    meant = mark_of(ACCOUNT, "salt")
    assert len(meant) == 64
    assert not a_remittance(account_mark=meant, salt="salt").is_diverted
    assert not a_remittance(account_mark=mark_of(ACCOUNT, ""), salt=None).is_diverted
    other = ACCOUNT | {"iban": "DE89370400440532013000"}
    for wrong in ({"account": other, "salt": "salt"}, {"salt": "pepper"}, {"account": ["x"]}, {"account": None}):
        assert a_remittance(**({"account_mark": meant} | wrong)).is_diverted


def test_of_a_transfer_that_was_forgotten_or_never_marked_nobody_knows() -> None:
    assert not a_remittance(account={}, account_mark=mark_of(ACCOUNT, "salt")).is_diverted
    assert not a_remittance(account_mark=None).is_diverted


def test_a_mark_is_for_ever_the_same() -> None:
    assert mark_of(ACCOUNT, "salt") == "6a3b0df5c0aa0fa82f67020cd9bc2cf5f4f2f8fe858f3b61a50ae8adfbf758a0"


def test_the_order_of_the_words_of_an_account_does_not_matter() -> None:
    assert mark_of(dict(reversed(ACCOUNT.items())), "salt") == mark_of(ACCOUNT, "salt")
