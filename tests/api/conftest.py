"""What the tests of the API share: instruments to pay with, the payer at the bank, and a look at every row."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from pfennig.operations import payments
from pfennig.operations.call import Call, Platform
from pfennig.storage import tables
from pfennig.storage.database import Database
from tests.conftest import COLLEAGUE, Api, Json

Everything = Callable[[], str]
AtTheBank = Callable[[Json, str], None]


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
"""Every method that has a rail, with a body that works."""


def bought(api: Api, method: str = "creditcard", **fields: Any) -> Json:
    """A Smart Transaction that was paid, or that waits for its transfer."""
    return api.post(f"Smart/Transactions/{api.buy(**fields)['id']}/start/{method}", INSTRUMENTS[method])


def prepared(api: Api, method: str = "creditcard", **fields: Any) -> Json:
    """A Smart Transaction with a reservation."""
    return api.post(f"Smart/Transactions/{api.buy(**fields)['id']}/prepare/{method}", INSTRUMENTS[method])


def payment_of(api: Api, case: Json) -> Json:
    """The payment that a Smart Transaction follows."""
    return api.get(f"Payment/Transactions/{case['transactions'][0]['id']}")


@pytest.fixture
def colleague(http: Any) -> Api:
    """Another client of my shop."""
    return Api(http, COLLEAGUE)


@pytest.fixture
def everything(database: Database) -> Everything:
    """Writes out every row of every table but the tokens, which requests may buy."""

    def dump() -> str:
        with database.view() as view:
            return "\n".join(
                f"{table.name}: {tuple(row)}"
                for table in tables.metadata.sorted_tables
                if table is not tables.tokens
                for row in view.connection.execute(select(table).order_by(table.c.seq))
            )

    return dump


@pytest.fixture
def at_the_bank(platform: Platform) -> AtTheBank:
    """The payer's choice on the bank's page: succeed, fail or cancel."""

    def choose(case: Json, choice: str) -> None:
        payments.answer(Call(platform, None, "de"), case["iframe_url"].rpartition("/")[2], choice)

    return choose
