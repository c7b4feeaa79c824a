"""Payers who leave: the page of a bank without deciding there, and a payment for their shop."""

import pytest

from pfennig.storage.database import Database
from tests.api.conftest import CHALLENGED
from tests.checkout.conftest import Payer
from tests.conftest import Api, Json

SHOP = "https://shop.example.test"
CARD = {"number": "4635440000002298", "expiry": "12/39", "cvv": "123", "owner": "Max"}


def pushes(database: Database) -> int:
    """How often the shop was told something."""
    with database.view() as view:
        return len(view.events.all())


def status(api: Api, case: Json) -> str:
    """Where the transaction stands."""
    return str(api.get(f"Smart/Transactions/{case['id']}")["status"])


def at_the_bank(payer: Payer, case: Json) -> Payer:
    """A payer who typed in a card and is asked by its bank."""
    return payer.open(case["payment_links"]["creditcard"]).send(**CARD)


def test_who_leaves_the_bank_is_back_at_the_choice_and_the_shop_hears_nothing(
    mine: Api, payer: Payer, database: Database
) -> None:
    case = mine.buy()
    bank = at_the_bank(payer, case).answer
    payer.send(choice="cancel")
    assert payer.sent_to.startswith("/pay?stx=")
    assert 'id="methods"' in payer.page
    assert "Sie haben die Bestätigung abgebrochen. Es wurde nichts abgebucht." in payer.page
    assert (status(mine, case), pushes(database)) == ("created", 0)
    payer.open(bank.request.url.raw_path.decode())
    assert 'id="methods"' in payer.page, "the page of the bank has had its answer"
    at_the_bank(payer, case).send(choice="succeed")
    assert payer.sent_to == f"{SHOP}/success?order=7"
    assert (status(mine, case), pushes(database)) == ("approved", 1)


def test_who_leaves_the_bank_and_then_the_payment_goes_where_the_shop_wants_them(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    at_the_bank(payer, case).send(choice="cancel")
    payer.go("POST", f"/pay/abort?stx={case['id']}", data={"token": token(payer)})
    assert payer.sent_to == f"{SHOP}/abort?order=7"
    assert status(mine, case) == "aborted"


def token(payer: Payer) -> str:
    """What the form that gives up brings back; it is the last one on the page."""
    return payer.page.rpartition('name="token" value="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("callbacks", "end"),
    [
        ({"failure_url": f"{SHOP}/no"}, f"{SHOP}/no"),
        ({"success_url": f"{SHOP}/yes", "failure_url": f"{SHOP}/no"}, f"{SHOP}/no"),
        ({"success_url": f"{SHOP}/yes"}, f"{SHOP}/abort?order=7"),
    ],
    ids=["failure", "both", "success"],
)
def test_who_was_sent_to_the_bank_by_the_shop_goes_back_to_it_and_may_be_sent_again(
    mine: Api, payer: Payer, database: Database, callbacks: Json, end: str
) -> None:
    case = mine.buy()
    path = f"Smart/Transactions/{case['id']}/prepare/creditcard"
    waiting = mine.post(path, CHALLENGED | {"callback_urls": callbacks})
    payer.open(waiting["iframe_url"]).send(choice="cancel")
    assert payer.sent_to == end
    assert (status(mine, case), pushes(database)) == ("created", 0)
    again = mine.post(path, CHALLENGED)
    payer.open(again["iframe_url"]).send(choice="succeed")
    assert status(mine, case) == "approved"


def test_a_refusal_at_the_bank_is_one_and_leaving_after_it_does_not_hide_it(
    mine: Api, payer: Payer, database: Database
) -> None:
    case = mine.buy()
    at_the_bank(payer, case).send(choice="fail")
    assert 'id="retry"' in payer.page
    assert (status(mine, case), pushes(database)) == ("failed", 1)
    at_the_bank(payer, case).send(choice="cancel")
    assert 'id="methods"' in payer.page
    assert (status(mine, case), pushes(database)) == ("failed", 1)
