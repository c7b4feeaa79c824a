"""What the operations that a shop waits for ask of the database: nobody makes one of them dearer unawares.

The counts are in tests/costs.yaml, from which docs/reference/costs.md is written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from pfennig.push.push_worker import Courier
from pfennig.storage.database import Database
from tests.api.conftest import card, payment_path, prepared
from tests.checkout.conftest import Payer, payer
from tests.conftest import ON_BOTH, Api, Json, order
from tests.counting import Watch, watched
from tests.push.conftest import Receiver, courier, paid, receiver, settled, start_receiver

__all__ = ("courier", "payer", "receiver", "start_receiver")

COSTS: Json = yaml.safe_load((Path(__file__).parents[1] / "costs.yaml").read_text(encoding="utf-8"))
CARD = {"number": "4635440000002298", "expiry": "12/39", "cvv": "123", "owner": "Max Mustermann"}
"""The payer has to confirm it at the bank."""

Step = Callable[[], object]


@dataclass
class Town:
    """Who takes part in a payment."""

    shop: Api
    payer: Payer
    courier: Courier
    receiver: Receiver

    def buy(self) -> Json:
        """A new Smart Transaction, which is collected at once and pushed to the shop."""
        urls = order()["application_context"]["return_urls"] | {"url_push": self.receiver.url}
        return self.shop.buy(contract={"id": "GCR_AUTO"}, application_context={"return_urls": urls})


@pytest.fixture
def watch(database: Database) -> Iterator[Watch]:
    """Counts what the database is asked."""
    with watched(database) as watch:
        yield watch


@pytest.fixture
def town(watch: Watch, mine: Api, payer: Payer, courier: Courier, receiver: Receiver) -> Town:
    """Everybody, and what they ask is counted."""
    return Town(mine, payer, courier, receiver)


def token(town: Town) -> Step:
    return town.shop.bearer


def create(town: Town) -> Step:
    return town.shop.buy


def read(town: Town) -> Step:
    path = f"Smart/Transactions/{start(town.shop)['id']}"
    return lambda: town.shop.get(path)


def list_newest(town: Town) -> Step:
    start(town.shop)
    return lambda: town.shop.get("Smart/Transactions", count=50, sort="created:desc")


def search(town: Town) -> Step:
    town.shop.buy(merchantRef="sought")
    return lambda: town.shop.get("Smart/Transactions", count=50, q="merchantRef:sought")


def prepare(town: Town) -> Step:
    path = f"Smart/Transactions/{town.shop.buy()['id']}/prepare/creditcard"
    return lambda: town.shop.post(path, card())


def capture(town: Town) -> Step:
    path = payment_path(prepared(town.shop), "/capture")
    return lambda: town.shop.post(path, {})


def refund(town: Town) -> Step:
    path = payment_path(start(town.shop), "/cancel")
    return lambda: town.shop.request("POST", path, json={"reduce_amount_by": 100})


def page(town: Town) -> Step:
    link = town.buy()["payment_links"]["creditcard"]
    return lambda: town.payer.open(link)


def answer_of_the_bank(town: Town) -> Step:
    town.payer.open(town.buy()["payment_links"]["creditcard"]).send(**CARD)
    return lambda: town.payer.send(choice="succeed")


def push(town: Town) -> Step:
    paid(town.shop, town.receiver.url)
    return lambda: deliver(town)


def flow(town: Town) -> Step:
    return lambda: play(town)


def start(shop: Api) -> Json:
    """A Smart Transaction that was paid by card."""
    return shop.post(f"Smart/Transactions/{shop.buy()['id']}/start/creditcard", card())


def deliver(town: Town) -> None:
    """Brings what is due to the shop."""
    before = len(town.receiver.pushes)
    town.courier.dispatch()
    settled()
    assert len(town.receiver.pushes) == before + 1


def play(town: Town) -> None:
    """A shop and its payer, from the token to the payment that is read when its push has come."""
    town.shop.bearer()
    case = town.buy()
    town.payer.open(case["payment_links"]["creditcard"]).send(**CARD)
    town.payer.send(choice="succeed")
    assert town.payer.sent_to.startswith("https://shop.example.test/success")
    deliver(town)
    payment = town.shop.get(f"Payment/Transactions/{town.receiver.pushes[-1].object_id}")
    assert payment["details"]["status_simple"] == 1


OPERATIONS: dict[str, Callable[[Town], Step]] = {
    "token": token,
    "create": create,
    "read": read,
    "list": list_newest,
    "search": search,
    "page": page,
    "prepare": prepare,
    "capture": capture,
    "refund": refund,
    "answer of the bank": answer_of_the_bank,
    "push": push,
    "flow": flow,
}


def test_every_operation_has_its_costs() -> None:
    assert list(OPERATIONS) == list(COSTS)


@ON_BOTH
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_asks_the_database_so_much(town: Town, watch: Watch, kind_of_database: str, name: str) -> None:
    operation = OPERATIONS[name]
    operation(town)()  # what is known of statements, keys and tokens is found out once
    step = operation(town)
    before = watch.total()
    step()
    found = watch.total() - before
    counts = COSTS[name][kind_of_database]
    assert {what: found[what] for what in counts} == counts
