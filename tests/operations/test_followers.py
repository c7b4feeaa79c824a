"""What follows when a Smart Transaction moves: in the order that is written down, in the unit of the move."""

import ast
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from pfennig import application
from pfennig.domain.payment import Payment
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.domain.states import WrongState
from pfennig.operations.core import transactions
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay import attempts, payments
from pfennig.storage.unit import Unit
from tests.api.conftest import card
from tests.conftest import MINE, PUBLIC_URL, Api

OTHERS = {"mails", "network_tokens", "subscriptions", "tokens"}


class Follower:
    """Writes down what it follows, and refuses if it shall."""

    def __init__(self, name: str, heard: list[tuple[str, str, bool]], refuses: bool = False) -> None:
        self.name, self.heard, self.refuses = name, heard, refuses

    def __call__(self, call: Call, unit: Unit, case: SmartTransaction, payment: Payment | None, /) -> None:
        self.heard.append((self.name, case.status.value, payment is not None))
        if self.refuses:
            raise WrongState("a follower refuses")


def shop(platform: Platform) -> Api:
    """My shop there."""
    transport = httpx.WSGITransport(application.create(platform))
    return Api(httpx.Client(transport=transport, base_url=PUBLIC_URL), MINE)


def test_followers_follow_in_their_order_and_hear_which_payment_it_was(platform: Platform) -> None:
    heard: list[tuple[str, str, bool]] = []
    mine = shop(replace(platform, followers=(Follower("one", heard), Follower("two", heard))))
    paid = mine.buy()["id"]
    mine.post(f"Smart/Transactions/{paid}/start/creditcard", card())
    left = mine.buy()["id"]
    mine.post(f"Smart/Transactions/{left}/abort")
    assert heard == [("one", "ok", True), ("two", "ok", True), ("one", "aborted", False), ("two", "aborted", False)]


def test_nothing_has_moved_where_a_follower_refuses(platform: Platform) -> None:
    heard: list[tuple[str, str, bool]] = []
    mine = shop(replace(platform, followers=(Follower("one", heard, refuses=True),)))
    id = mine.buy()["id"]
    assert mine.request("POST", f"Smart/Transactions/{id}/abort").status_code == 403
    assert mine.get(f"Smart/Transactions/{id}")["status"] == "created"


@pytest.mark.parametrize("module", [attempts, payments, transactions], ids=lambda module: module.__name__[-12:])
def test_what_moves_a_case_names_nobody_who_follows(module: object) -> None:
    tree = ast.parse(Path(getattr(module, "__file__", "")).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported & OTHERS == set()
