"""Payments of a world file: everything knows them by the hash that its author wrote down."""

from pathlib import Path

import pytest

from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Platform
from pfennig.operations.worlds import world
from pfennig.operations.worlds.world import BadWorld
from pfennig.storage.database import Database
from pfennig.twin.abilities import TWIN
from tests.conftest import ON_BOTH, SMALL_WORLD, Api

DEBIT, PREPAY, MIXED = "xoevuoacybse5221103", "kfycfbaxnmxp4972796", "abcdefghijkl40000001"
PAYMENTS = f"""
        payments:
          - hash: {DEBIT}
            method: debit
            amount: 995
            purpose: Order 7
            container: {{type: bank_account, private: {{owner: Max Mustermann, iban: DE35500105175418493188}}}}
            opt_data: {{has_accepted_disclaimer: true}}
          - {{hash: {PREPAY}, method: prepaid, amount: 500}}
          - {{hash: {MIXED}, method: creditcard, amount: 300}}
"""


def seed(database: Database, platform: Platform, folder: Path, payments: str = PAYMENTS) -> list[str]:
    """What seeding the small world with payments of mine found to be new."""
    file = folder / "world.yaml"
    text = SMALL_WORLD.read_text(encoding="utf-8")
    file.write_text(text.replace("        clients:", f"{payments.rstrip()}\n        clients:", 1), encoding="utf-8")
    wanted = world.read(file, TWIN)
    return [str(difference) for difference in world.seed(database, wanted, False, platform)]


@ON_BOTH
def test_a_payment_of_a_world_file_has_its_hash_and_is_paid_where_its_payer_has_agreed(
    mine: Api, database: Database, platform: Platform, tmp_path: Path
) -> None:
    assert seed(database, platform, tmp_path) == [f"{hash}: new" for hash in (DEBIT, PREPAY, MIXED)]
    paid = mine.get(f"Payment/Secupaydebits/{DEBIT}")
    assert (paid["id"], paid["status"], paid["amount"], paid["purpose"]) == (DEBIT, "accepted", 995, "Order 7")
    assert mine.get(f"Payment/Secupayprepays/{PREPAY}")["transaction_status"] == 25
    assert mine.get(f"Payment/Secupaycreditcards/{MIXED}")["status"] == "internal_server_status"
    assert mine.get(f"Payment/Transactions/{DEBIT}")["transaction_hash"] == DEBIT
    found = mine.get("Payment/Transactions", q=f"transaction_hash:{DEBIT.upper()}")
    assert [each["transaction_hash"] for each in found["data"]] == [DEBIT]

    cancelled = mine.post(f"Payment/Secupaydebits/{DEBIT}/cancel", {"amount": 95})
    assert cancelled["result"]["remaining_amount"] == 900
    assert seed(database, platform, tmp_path) == []
    assert mine.get(f"Payment/Transactions/{DEBIT}/checkStatus")["amount"] == 900
    with database.view() as view:
        assert reconciliation.check_all(view)[1] == []


def test_nothing_of_a_file_is_written_if_a_payment_of_it_cannot_be_made(
    mine: Api, database: Database, platform: Platform, tmp_path: Path
) -> None:
    for payments, problem in (
        (PAYMENTS.replace("amount: 500", "currency: EUR"), f"{PREPAY}: amount is missing"),
        (PAYMENTS.replace("method: creditcard", "method: sofort"), f"{MIXED}: "),
        (PAYMENTS.replace(PREPAY, DEBIT), f"{DEBIT} is there twice"),
        (PAYMENTS.replace(DEBIT, "short5221103"), "must be twelve lower-case letters and 5 to 15 digits"),
        (PAYMENTS.replace("amount: 500", "amount: 500, sum: 1"), "sum is not known here"),
    ):
        with pytest.raises(BadWorld, match=problem):
            seed(database, platform, tmp_path, payments)
    assert mine.refused("GET", f"Payment/Secupaydebits/{DEBIT}") == (404, "ProductNotFoundException", 3002)


def test_outside_of_the_twin_a_file_names_no_payments(database: Database, platform: Platform, tmp_path: Path) -> None:
    seed(database, platform, tmp_path)
    with pytest.raises(BadWorld, match="payments are for the twin"):
        world.read(tmp_path / "world.yaml")


def test_a_hash_belongs_to_one_payment(database: Database, platform: Platform, tmp_path: Path) -> None:
    seed(database, platform, tmp_path)
    other = world.read(tmp_path / "world.yaml", TWIN)
    [mine, *_] = other.merchants[0].contracts
    payments, mine.payments = mine.payments, []
    other.merchants[1].contracts[0].payments = payments
    with pytest.raises(BadWorld, match="another contract has a payment with this hash"):
        world.seed(database, other, False, platform)
