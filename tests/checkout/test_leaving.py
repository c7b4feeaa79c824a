"""Payers who leave: the page of a bank without deciding there, and a payment for their shop."""

import httpx
import pytest

from pfennig.storage.database import Database
from tests.api.conftest import CHALLENGED, card
from tests.api.recurring import advance, plan, subscribed
from tests.api.test_outcomes import lab
from tests.checkout.conftest import Payer
from tests.conftest import Api, Dress, Json

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
    assert 'class="box calm"' in payer.page
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


# After a refusal


def refused(payer: Payer, case: Json) -> Payer:
    """A payer whose card was refused."""
    return payer.open(case["payment_links"]["creditcard"]).send(**CARD | {"number": "4000000000009995"})


def test_who_goes_back_to_the_shop_after_a_refusal_has_ended_the_payment(
    mine: Api, payer: Payer, database: Database
) -> None:
    case = mine.buy()
    refused(payer, case).send()
    assert payer.sent_to == f"{SHOP}/error?order=7"
    assert (status(mine, case), pushes(database)) == ("aborted", 1)
    payer.open(case["payment_links"]["creditcard"])
    assert "Diese Zahlung ist beendet" in payer.page
    assert 'id="pay"' not in payer.page
    assert f'href="{SHOP}/abort?order=7"' in payer.page
    for verb in ("prepare", "start"):
        path = f"Smart/Transactions/{case['id']}/{verb}/creditcard"
        assert mine.refused("POST", path, card())[::2] == (403, 4001 if verb == "prepare" else 1003)


def test_a_form_to_leave_by_that_is_older_than_a_payment_ends_nothing(mine: Api, http: httpx.Client) -> None:
    case, early, late = mine.buy(), Payer(http), Payer(http)
    refused(early, case)
    at_the_bank(late, case).send(choice="succeed")
    early.send()
    assert early.sent_to.startswith("/pay/result")
    assert status(mine, case) == "approved"


def test_nobody_leaves_for_another(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    refused(payer, case).send(token="0" * 64)
    assert (payer.status, status(mine, case)) == (403, "failed")
    assert payer.open(f"/pay/leave?stx={case['id']}").status == 200
    assert status(mine, case) == "failed"


@pytest.mark.parametrize("hours", [24, 2])
def test_a_refused_payment_can_be_tried_again_for_as_long_as_the_contract_says(
    mine: Api, payer: Payer, dress: Dress, database: Database, hours: int
) -> None:
    if hours != 24:
        dress(hours_for_retry=hours)
    case = mine.buy()
    refused(payer, case)
    advance(mine, hours=hours - 1)
    refused(payer, case)
    advance(mine, hours=hours - 1)
    assert status(mine, case) == "failed", "it counts from the last refusal"
    assert 'id="creditcard-number"' in payer.open(case["payment_links"]["creditcard"]).page
    told = pushes(database)
    advance(mine, hours=1)
    assert (status(mine, case), pushes(database)) == ("aborted", told)
    assert "Diese Zahlung ist beendet" in payer.open(case["payment_links"]["general"]).page


def test_a_link_that_nobody_has_tried_lives_on(mine: Api, payer: Payer) -> None:
    fresh, left = mine.buy(), mine.buy()
    at_the_bank(payer, left).send(choice="cancel")
    advance(mine, days=100)
    for case in (fresh, left):
        at_the_bank(payer, case).send(choice="succeed")
        assert status(mine, case) == "approved"


def test_who_is_at_the_bank_at_the_last_moment_may_finish(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    refused(payer, case)
    advance(mine, hours=23, minutes=45)
    at_the_bank(payer, case)
    advance(mine, minutes=30)
    assert status(mine, case) == "failed"
    assert payer.send(choice="succeed").sent_to == f"{SHOP}/success?order=7"
    advance(mine, days=3)
    assert status(mine, case) == "approved"


def test_who_stays_at_the_bank_for_ever_does_not_keep_a_payment_open(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    refused(payer, case)
    at_the_bank(payer, case)
    advance(mine, days=2)
    assert status(mine, case) == "aborted"
    payer.send(choice="succeed")
    assert "Diese Zahlung ist beendet" in payer.page
    assert status(mine, case) == "aborted"


def test_what_the_shop_changed_after_a_refusal_is_as_new(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    refused(payer, case)
    mine.put(f"Smart/Transactions/{case['id']}", {"basket_info": {"sum": 400, "currency": "EUR"}})
    advance(mine, days=30)
    at_the_bank(payer, case).send(choice="succeed")
    assert status(mine, case) == "approved"


def test_a_cycle_that_was_not_collected_stays_open_for_its_payer(mine: Api, payer: Payer, database: Database) -> None:
    id = subscribed(mine, plan(mine), start_at="2026-02-10T00:00:00+01:00")
    for _ in range(2):
        lab(mine, "outcomes", outcome="insufficient_funds")
    advance(mine, days=6)
    with database.view() as view:
        [cycle] = view.smart_transactions.all(subscription_id=id, cycle=1)
    assert cycle.status == "failed"
    payer.open(f"/pay/result?stx={cycle.id}")
    assert 'id="retry"' in payer.page
    payer.go("POST", f"/pay/leave?stx={cycle.id}", data={"token": token(payer.open(f"/pay?stx={cycle.id}"))})
    with database.view() as view:
        assert view.smart_transactions.get(cycle.id).status == "failed"
        assert not view.appointments.all(what="end")
