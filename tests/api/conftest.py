"""What the tests of the API share: instruments to pay with, the payer at the bank, and a look at every row."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import event

from pfennig.domain.attempt import Outcome, Result, Verb
from pfennig.gateways import Request
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Call, Platform
from pfennig.storage import tables
from pfennig.storage.database import Database
from pfennig.twin import payer
from pfennig.twin.simulator import Simulator
from tests import marketplace
from tests.conftest import COLLEAGUE, NAMES, Api, Json, known

Everything = Callable[[], str]
AtTheBank = Callable[[Json, str], None]
Refuses = Callable[[str, Json | None, int, int], None]
Has = Callable[[], marketplace.Money]


def card(pan: str = "411111XXXXXX1111", **private: Any) -> Json:
    """The body that pays by card; without a word about it, one that asks nothing and works."""
    return {"container": {"type": "credit_card", "private": {"owner": "Max Mustermann", "pan": pan} | private}}


CHALLENGED = card("463544XXXXXX2298")
"""A card for which the payer has to confirm at the bank."""

REFUSED = card("400000XXXXXX9995")
"""A card without money behind it."""


def account(iban: str = "DE35500105175418493188") -> Json:
    """The body that pays by direct debit; without a word about it, from an account that works."""
    return {"container": {"type": "bank_account", "private": {"owner": "Max Mustermann", "iban": iban}}}


INSTRUMENTS: dict[str, Json | None] = {"creditcard": card(), "debit": account(), "prepaid": None}
"""One method of each kind, by card, by account and by transfer, with a body that works."""


def bought(api: Api, method: str = "creditcard", **fields: Any) -> Json:
    """A Smart Transaction that was paid, or that waits for its transfer."""
    return api.post(f"Smart/Transactions/{api.buy(**fields)['id']}/start/{method}", INSTRUMENTS[method])


def prepared(api: Api, method: str = "creditcard", **fields: Any) -> Json:
    """A Smart Transaction with a reservation."""
    return api.post(f"Smart/Transactions/{api.buy(**fields)['id']}/prepare/{method}", INSTRUMENTS[method])


def waiting(api: Api) -> Json:
    """A prepayment over five euros."""
    return bought(api, "prepaid")


def transfer(api: Api, amount: int, purpose: str, **more: str) -> Json:
    """Lets a transfer arrive."""
    body = {"amount": amount, "purpose": purpose, **more}
    answer = api.http.post("/lab/v1/bank/transfers", json=body, headers=api.headers)
    assert answer.status_code == 200, answer.text
    line: Json = answer.json()
    return line


def payment_of(api: Api, case: Json) -> Json:
    """The payment that a Smart Transaction follows."""
    return api.get(f"Payment/Transactions/{case['transactions'][0]['id']}")


def payment_path(case: Json, action: str = "") -> str:
    """The address of the payment that a Smart Transaction follows, or of something to do with it."""
    return f"Payment/Transactions/{case['transactions'][0]['id']}{action}"


class SilentBank(Simulator):
    """The simulated bank, which does not say whether it cancelled until it is told what to say."""

    says = Outcome(Result.UNSURE)

    def cancel(self, request: Request) -> Outcome:
        """What it is told to."""
        return self.says

    def ask(self, request: Request) -> Outcome:
        """What it is told to, also when it is asked again."""
        return self.says if request.attempt.verb is Verb.CANCEL else super().ask(request)


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How often a race is run that may end in more than one way."""
    return 8 if request.config.getoption("everything") else 2


@pytest.fixture
def books(database: Database) -> Iterator[None]:
    """At the end of the test the books agree with the payments and the bank's lines."""
    yield
    with database.view() as view:
        assert reconciliation.check_all(view)[1] == []


@pytest.fixture
def colleague(http: Any) -> Api:
    """Another client of my shop."""
    return known(http, COLLEAGUE)


@pytest.fixture
def everything(database: Database) -> Iterator[Everything]:
    """Writes out every row of every table but the tokens, which requests may buy.

    SQLite says by a number whether anybody has written since; as long as nobody has, nothing is read again.
    """
    if not database.is_sqlite:
        yield lambda: rows_of_all(database)
        return
    seen: dict[int, str] = {}

    def dump() -> str:
        [(version,)] = watcher.execute("PRAGMA data_version")
        if version not in seen:
            seen[version] = rows_of_all(database)
        return seen[version]

    with closing(sqlite3.connect(str(database.url.database))) as watcher:
        yield dump


def rows_of_all(database: Database) -> str:
    """Every row of every table but the tokens."""
    with database.view() as view:
        return "\n".join(
            f"{name}: {tuple(row)}"
            for name in NAMES
            if name != tables.tokens.name
            for row in view.connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY seq")  # noqa: S608 - ours
        )


@pytest.fixture
def refuses(mine: Api, everything: Everything) -> Refuses:
    """Checks that a POST of mine is refused with that status and code, and that nothing is written."""

    def check(path: str, body: Json | None, status: int, code: int) -> None:
        before = everything()
        assert mine.refused("POST", path, body)[::2] == (status, code)
        assert everything() == before

    return check


@pytest.fixture
def at_the_bank(platform: Platform) -> AtTheBank:
    """The payer's choice on the bank's page: succeed, fail or cancel."""

    def choose(case: Json, choice: str) -> None:
        payer.answer(Call(platform, None, "de"), case["iframe_url"].rpartition("/")[2], choice)

    return choose


@pytest.fixture
def two_sellers(database: Database) -> Iterator[None]:
    """Anna and Bert sell below my shop; at the end the books agree."""
    marketplace.open_second_shop(database)
    yield
    assert marketplace.differences(database) == []


@pytest.fixture
def has(database: Database) -> Has:
    """Answers what everybody has."""
    return lambda: marketplace.balances(database)


@pytest.fixture
def questions(database: Database) -> Iterator[list[str]]:
    """What the database is asked."""
    asked: list[str] = []

    def watch(connection: Any, *more: object) -> None:
        connection.set_trace_callback(lambda text: asked.append(re.sub(r"'[^']*'|\d+", "?", text)))

    event.listen(database.engine, "checkout", watch)
    yield asked
    event.remove(database.engine, "checkout", watch)
