"""The count of a list is the same before and after a worker has counted its rows for good."""

import time
from threading import Event as Signal

import pytest
from sqlalchemy import func, select

from pfennig.operations.core.call import Platform
from pfennig.push.worker import Worker
from pfennig.resources import RESOURCES
from pfennig.resources.rows import is_visible
from pfennig.storage import tables
from pfennig.storage.lists import search, tallies
from tests.api.conftest import bought
from tests.api.test_customers import CONTACT, CUSTOMERS
from tests.conftest import ON_BOTH, Api, StoppedClock

pytestmark = ON_BOTH

TRANSACTIONS = "Smart/Transactions"
LISTS = (TRANSACTIONS, "Payment/Transactions", CUSTOMERS, "Payment/Mandates")


def counts(*callers: Api, **asked: str) -> list[int]:
    """What the lists of these callers count."""
    return [caller.get(path, **asked)["count"] for caller in callers for path in LISTS]


def fold(platform: Platform, clock: StoppedClock) -> None:
    """Lets a worker do its chores until it has counted everything."""
    worker = Worker(platform, Signal())
    worker.chores()
    clock.advance(minutes=1)
    worker.chores()
    for _ in range(500):
        worker.fold()
        with platform.database.view() as view:
            newest = {noun: getattr(view, noun).newest() for noun in tallies.SHOWN}
            folded = {fold.id: fold.folded for fold in view.watermarks.all(id=[*tallies.SHOWN])}
        if newest == folded:
            return
        time.sleep(0.005)
    raise AssertionError("it was never counted")


def test_lists_count_the_same_before_and_after_a_worker_has_counted(
    platform: Platform, clock: StoppedClock, mine: Api, seller: Api, stranger: Api
) -> None:
    older = {"amount": 500, "customer": "PCU_KNOWN", "redirect_url": {"url_success": "https://shop.example.test/"}}
    mine.post("Payment/Secupaydebits", older)  # has a Smart Transaction that lists do not show
    for api in (mine, mine, seller, stranger):
        bought(api)
    gone = mine.post(CUSTOMERS, {"contact": CONTACT})["id"]
    before, own = counts(mine, seller, stranger), counts(mine, preset="own")
    assert (before[:2], own[:2]) == ([3, 4], [2, 3])
    fold(platform, clock)
    assert counts(mine, seller, stranger) == before
    assert counts(mine, preset="own") == own
    assert counts(mine, q="NOT id:NOBODY") == before[: len(LISTS)]
    mine.request("DELETE", f"{CUSTOMERS}/{gone}")
    bought(seller)
    changed = [before[0] + 1, before[1] + 1, before[2], before[3]]
    assert counts(mine) == changed
    fold(platform, clock)
    assert counts(mine) == changed
    page = mine.get(TRANSACTIONS, count="3", scroll_expire="5m")
    assert (page["count"], len(page["data"])) == (4, 3)
    bought(mine)
    assert mine.get(TRANSACTIONS, scroll_id=page["scroll_id"])["count"] == 4


def test_a_list_takes_from_the_worker_what_it_has_counted(platform: Platform, clock: StoppedClock, mine: Api) -> None:
    mine.buy()
    fold(platform, clock)
    number = tables.tallies.c.number
    with platform.database.unit() as unit:
        assert unit.connection.execute(select(func.sum(number))).scalar_one() >= 1
        unit.connection.execute(tables.tallies.update().values(number=number + 1_000_000))
    mine.buy()
    assert mine.get(TRANSACTIONS)["count"] == 1_000_002
    assert mine.get(TRANSACTIONS, q="status:created")["count"] == 2


def test_what_a_worker_counts_is_what_lists_show(platform: Platform) -> None:
    with platform.database.view() as view:
        listed = {rows.shelf(view).table.name: rows for noun in RESOURCES if (rows := noun.rows)}
    assert {noun: listed[noun].shown for noun in tallies.SHOWN} == tallies.SHOWN
    assert {listed[noun].visible for noun in tallies.SHOWN} == {is_visible}


@pytest.mark.parametrize("few", [10_000, 1, 0])
def test_a_search_finds_the_same_whether_matches_are_few_or_many(
    mine: Api, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    made = [mine.buy(merchantRef="sought", transactionRef=word)["id"] for word in ("b", "a", "c")]
    mine.buy(merchantRef="other")
    monkeypatch.setattr(search, "FEW", few)
    for sort, order in (("created:desc", made[::-1]), ("transactionRef:asc", [made[1], made[0], made[2]])):
        for offset in range(len(made) + 1):
            found = mine.get(TRANSACTIONS, q="merchantRef:sought", sort=sort, count=2, offset=offset)
            assert found["count"] == len(made)
            assert [each["id"] for each in found["data"]] == order[offset : offset + 2]
